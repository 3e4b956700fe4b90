//! What can honestly be said of a call whose cause nothing shows: what the trace rules out, and what to
//! capture where, with a filter that is ready to be sent. Names no party.

use std::net::SocketAddr;

use super::case::Case;
use super::verdict::Verdict;
use crate::diagnosis::party::Party;
use crate::sip::{Call, Hop, Kind};

/// Whether a verdict leaves open whose the cause is and who has to act.
#[must_use]
pub fn is_open(verdict: &Verdict) -> bool {
    verdict.party == Party::Undecided && verdict.to_act == Party::Undecided
}

/// What the messages of a call show to be as it should, a sentence each. Only what was seen counts: a
/// message that is missing rules nothing out.
#[must_use]
pub fn ruled_out(case: &Case<'_>) -> Vec<String> {
    let call = case.call;
    if call.kind() != Kind::Call || call.legs.is_empty() {
        return Vec::new();
    }
    let mut said = Vec::new();
    let slowest = call.hops.iter().map(Hop::first_response_delay);
    let slowest: Option<Vec<_>> = slowest.collect();
    if let Some(slowest) = slowest.and_then(|all| all.into_iter().max())
        && !call.is_timeless()
    {
        let slowest = case.lasting(slowest);
        said.push(format!(
            "A silent hop: each INVITE was answered within {slowest}."
        ));
    }
    let exchanges = case.exchanges();
    let challenged = exchanges.iter().any(|it| it.has_challenge());
    if challenged && exchanges.iter().all(|it| it.was_accepted()) {
        said.push(
            "Authentication: each challenge was answered, and the credentials were taken."
                .to_owned(),
        );
    }
    if case.quality.missing.is_empty() && case.quality.cut.is_empty() {
        said.push("Gaps in the trace: none that the messages themselves show.".to_owned());
    }
    if case.answer().is_some() {
        let acked = |hop: &&Hop| hop.decisive().is_some_and(|it| !it.acks.is_empty());
        if case.way().iter().all(acked) {
            said.push("A lost ACK: each answer was acknowledged.".to_owned());
        }
        let mut byes = case.own_byes().peekable();
        if byes.peek().is_some() && byes.all(|bye| matches!(bye.final_code(), Some(200..=299))) {
            said.push("A lost BYE: each was answered with 2xx.".to_owned());
        }
    }
    said
}

/// What to capture, and where: the side that was not seen, else both ends of the call.
#[must_use]
pub fn captures(case: &Case<'_>) -> Vec<String> {
    let call = case.call;
    let (Some(first), Some(last)) = (call.ingress(), case.way().into_iter().next_back()) else {
        return Vec::new();
    };
    let beyond = |node: SocketAddr, towards: &str| {
        format!(
            "Capture at {}, {towards}, while the call is made again: tcpdump -ni any -s0 -w call.pcap 'host {} and port \
             {}' (to look at once: sngrep -d any host {} and port {}).",
            case.name(node),
            node.ip(),
            node.port(),
            node.ip(),
            node.port()
        )
    };
    let one_leg = call.hops.len() == 1;
    let mut said = vec![beyond(
        last.server,
        if one_leg {
            "and on its other side"
        } else {
            "the last node that was seen"
        },
    )];
    if !one_leg || has_other_end(call, first) {
        said.push(beyond(first.client, "where the call begins"));
    }
    said
}

/// Whether the caller's end is another machine than the one captured last.
fn has_other_end(call: &Call, first: &Hop) -> bool {
    call.hops
        .iter()
        .all(|hop| hop.server.ip() != first.client.ip())
}
