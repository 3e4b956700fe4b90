//! What the two sides of an answered hop agreed on anew: by re-INVITE or UPDATE. Looks at no stream.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::described::is_both_ways;
use crate::diagnosis::case::Case;
use crate::sip::sdp::{Media, Sdp};
use crate::sip::{Hop, Method, Signal, Transaction};

/// More changes of one call are not looked at.
const MOST: usize = 64;

/// An offer after the answer of the call that was accepted.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// By which method.
    pub method: &'a Method,
    /// The message with the offer.
    pub offer: &'a Arc<Signal>,
    /// The message with the answer to it.
    pub answer: &'a Arc<Signal>,
    /// Where the calling side awaits audio from then on.
    pub caller: Option<SocketAddr>,
    /// Where the called side does.
    pub called: Option<SocketAddr>,
    /// Whether both sides want to send and to receive from then on.
    pub is_both_ways: bool,
    /// Until when that holds: the next change, the BYE, the end of the evidence.
    pub until: Timestamp,
}

impl Change<'_> {
    /// The request as people call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.method {
            Method::Update => "UPDATE",
            _ => "re-INVITE",
        }
    }
}

/// The changes of a hop after its answer, in order; the last one holds until the call is over.
pub(super) fn changes<'a>(
    case: &Case<'a>,
    hop: &Hop,
    answer: &Signal,
    over: Timestamp,
) -> Vec<Change<'a>> {
    let between = |it: &Transaction| {
        let nodes = (case.call.node(it.client), case.call.node(it.server));
        nodes == (hop.client, hop.server) || nodes == (hop.server, hop.client)
    };
    let agreed = case.call.transactions.iter().filter(|it| {
        it.leg == hop.leg
            && it.in_dialog
            && matches!(it.method, Method::Invite | Method::Update)
            && matches!(it.final_code(), Some(200..=299))
            && between(it)
    });
    let mut changes: Vec<Change<'a>> = agreed
        .take(MOST)
        .filter_map(|it| change(case, hop, it, over))
        .filter(|change| change.offer.number > answer.number)
        .collect();
    changes.sort_by_key(|change| change.answer.number);
    let ends: Vec<Timestamp> = changes.iter().skip(1).map(|it| it.offer.at()).collect();
    for (change, end) in changes.iter_mut().zip(ends) {
        change.until = end;
    }
    changes
}

fn change<'a>(
    case: &Case<'a>,
    hop: &Hop,
    transaction: &'a Transaction,
    over: Timestamp,
) -> Option<Change<'a>> {
    let exchange = transaction.offer_answer()?;
    let answer = exchange.answer?;
    let by_caller = case.call.node(exchange.offer.signal.source()) == hop.client;
    let at = |sdp: &Sdp| sdp.audio().and_then(Media::endpoint);
    let (offered, answered) = (at(&exchange.offer.sdp), at(&answer.sdp));
    let (caller, called) = match by_caller {
        true => (offered, answered),
        false => (answered, offered),
    };
    Some(Change {
        method: &transaction.method,
        offer: exchange.offer.signal,
        answer: answer.signal,
        caller,
        called,
        is_both_ways: is_both_ways(&exchange.offer.sdp) && is_both_ways(&answer.sdp),
        until: over,
    })
}
