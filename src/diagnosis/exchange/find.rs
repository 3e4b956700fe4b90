//! Finds the digest exchanges of a call: which hops a challenge could have been made on, and
//! which of them the call ended with. Does not judge what happened in them.

use std::cell::OnceCell;

use super::Exchange;
use super::judge::{credentials, issued_nonces, share_challenge};
use crate::diagnosis::case::Case;
use crate::sip::{Call, Hop, Kind, Method, Signal, Transaction};

/// Every exchange of the call in which a challenge could have been made: hops that only handed
/// on a challenge from further down are left out.
pub fn exchanges<'c>(case: &Case<'c>) -> Vec<Exchange<'c>> {
    let call = case.call;
    let decides = deciding(case);
    let hops = call.hops.iter().filter(|hop| {
        let only_handed_on = call
            .downstream(hop)
            .any(|next| share_challenge(&hop.invites, &next.invites));
        !only_handed_on && !is_answered_elsewhere(call, hop)
    });
    hops.map(|hop| Exchange {
        client: hop.client,
        server: hop.server,
        method: Method::Invite,
        turns: hop.invites.iter().collect(),
        decides: decides == Some(hop.id),
        hop: Some(hop),
        sent_on: call.downstream(hop).next().is_some(),
        judged: OnceCell::new(),
    })
    .chain(registration(call))
    .collect()
}

/// The REGISTERs of a registration as its client sent them, to the server it asked last.
pub fn registration(call: &Call) -> Option<Exchange<'_>> {
    if call.kind() != Kind::Registration {
        return None;
    }
    let all: Vec<_> = call.with_method(Method::Register).collect();
    // A node that got REGISTERs itself only hands them on.
    let hands_on = |turn: &Transaction, request: &Signal| {
        let is_inner = request.message().vias().len() > 1;
        all.iter().any(|other| {
            other.server == turn.client || (is_inner && other.server.ip() == turn.client.ip())
        })
    };
    let last = all.iter().rfind(|turn| {
        turn.request()
            .is_some_and(|request| !hands_on(turn, request))
    })?;
    let (client, server) = (last.client, last.server);
    let turns = all
        .iter()
        .filter(|turn| turn.client.ip() == client.ip() && turn.server == server)
        .copied()
        .collect();
    Some(Exchange {
        client,
        server,
        method: Method::Register,
        turns,
        decides: true,
        hop: None,
        sent_on: false,
        judged: OnceCell::new(),
    })
}

/// The hop with which a call that was not answered ended: where the answer was made, or the last
/// attempt of a node that gave up by itself.
fn deciding(case: &Case<'_>) -> Option<usize> {
    if case.answer().is_some() {
        return None;
    }
    let call = case.call;
    let mut hop = case.origin().map(|origin| origin.hop).or(call.ingress())?;
    for _ in 0..call.hops.len() {
        match call.downstream(hop).last() {
            Some(next) => hop = next,
            None => break,
        }
    }
    Some(hop.id)
}

/// Whether a later attempt between the same nodes, under another Call-ID, answers a challenge of
/// this hop.
fn is_answered_elsewhere(call: &Call, hop: &Hop) -> bool {
    let issued: Vec<String> = hop
        .invites
        .iter()
        .flat_map(|turn| issued_nonces(turn))
        .collect();
    let same_way = |other: &&Hop| {
        other.id > hop.id && other.client.ip() == hop.client.ip() && other.server == hop.server
    };
    call.hops
        .iter()
        .filter(same_way)
        .flat_map(|other| other.invites.iter().flat_map(|turn| credentials(turn)))
        .any(|given| !given.nonce.is_empty() && issued.contains(&given.nonce))
}
