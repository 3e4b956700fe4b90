//! The rule on one request that reached one server by two ways.

use std::sync::Arc;

use super::{explaining, refused_with};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Method, Signal, Transaction};

pub(super) static MERGED_REQUEST: Rule = Rule {
    id: "merged-request",
    family: "loops",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 482, at a server which had got another one with the same \
            Call-ID, From tag and CSeq under another branch: one call, sent there by two ways.",
    matters: "The server keeps the first and refuses the second; where a proxy passes that refusal on, the \
              call is lost.",
    remedy: "Let the node that forks the call send it to this server once.",
    silent: "Only one INVITE was seen at the server, or the second had passed it before (see routing-loop); only a note where the call was answered.",
    source: "RFC 3261 section 8.2.2.2; catalogue X13",
    explains: &["request-rejected", "refused-by-platform"],
    limits: &[],
    check: Check::Call(|rule, case| merged_request(rule, case).into_iter().collect()),
};

/// So many refused INVITEs are compared with the others of the call: more tell nothing new.
const MOST: usize = 64;

fn merged_request(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (invite, request, answer, other) =
        refused_with(case, 482)
            .take(MOST)
            .find_map(|(invite, request, answer)| {
                Some((invite, request, answer, twin(case, invite, request)?))
            })?;
    let first = other.request()?;
    let forker = forker(case, invite, other);
    let (owner, certainty): (Owner, _) = match forker {
        Some(node) => match case.roles.forwarder(node) {
            Owner::Party(Party::Undecided) => (Party::Undecided.into(), Certainty::Possible),
            owner => (owner, Certainty::Likely),
        },
        None => (Party::Undecided.into(), Certainty::Possible),
    };
    let cause = match forker {
        Some(node) => format!("{} had sent it out both ways.", case.name(node)),
        None => "Which node had sent it out both ways was not seen.".to_owned(),
    };
    let found = rule.finding(
        case,
        [first, request, answer],
        Conclusion {
            fact: format!(
                "The same INVITE reached {} by two ways, from {} ({}) and from {} ({}); the second was \
                 refused with {}.",
                case.name(invite.server),
                case.name(other.client),
                case.when(first),
                case.name(invite.client),
                case.when(request),
                code_and_phrase(answer),
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: forker.is_none().then_some(Side::Platform.into()),
            certainty,
            by: Some(invite.server),
            severity: case.answer().is_some().then_some(Severity::Info),
            next: "Look at the targets that the call is forked to: two of them lead to this server."
                .to_owned(),
        },
    );
    found.map(|found| explaining(case, 482, found))
}

/// The INVITE that the server takes this one for. One whose Via this one bears is no twin: then it came back.
fn twin<'a>(
    case: &Case<'a>,
    invite: &Transaction,
    request: &Signal,
) -> Option<&'a Arc<Transaction>> {
    let vias = request.message().vias();
    let came_back = |first: &Signal| {
        first.branch.is_some()
            && vias
                .iter()
                .any(|via| via.branch() == first.branch.as_deref())
    };
    case.call.with_method(Method::Invite).find(|other| {
        let is_same = (other.leg, other.server, other.cseq, &other.from_tag)
            == (invite.leg, invite.server, invite.cseq, &invite.from_tag);
        let is_other = |first: &Arc<Signal>| first.number < request.number && !came_back(first);
        is_same && other.request().is_some_and(is_other)
    })
}

/// The node that both were sent on by: their sender, or the one that sent them to both senders.
fn forker(
    case: &Case<'_>,
    invite: &Transaction,
    other: &Transaction,
) -> Option<std::net::SocketAddr> {
    if invite.client == other.client {
        return Some(invite.client);
    }
    let before = |of: &Transaction| {
        let is_it = |hop: &&crate::sip::Hop| {
            (hop.leg, hop.client, hop.server) == (of.leg, of.client, of.server)
        };
        let hop = case.call.hops.iter().find(is_it)?;
        Some(case.call.upstream(hop)?.client)
    };
    before(invite).filter(|node| Some(*node) == before(other))
}
