//! The dialogs that several answers to one INVITE made (RFC 3261 sections 12 and 13.2.2.4), and which of them the
//! caller kept. Says nothing of whose fault it is where more than one stays up.

use std::borrow::Borrow;

use jiff::{SignedDuration, Timestamp};

use super::name::Method;
use super::signal::Signal;

/// More places than these are not told one by one.
pub const MOST: usize = 16;

/// So soon after an answer a caller hangs up what it does not keep.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(4);

/// One dialog that a 2xx made.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a, S> {
    /// The first 2xx with its To tag.
    pub answer: &'a S,
    /// Whether an ACK with its tags was seen.
    pub is_acked: bool,
    /// The first BYE with its tags, from either side.
    pub bye: Option<&'a S>,
}

impl<S: Borrow<Signal>> Branch<'_, S> {
    fn has(&self, request: &Signal) -> bool {
        let tag = &self.answer.borrow().to_tag;
        request.to_tag == *tag || request.from_tag == *tag
    }

    /// What speaks for its being kept: it was not hung up by the caller at once, it was confirmed, it was up longest.
    fn kept(&self) -> (bool, bool, Timestamp) {
        let answer: &Signal = self.answer.borrow();
        let bye: Option<&Signal> = self.bye.map(Borrow::borrow);
        let is_dropped = bye.is_some_and(|bye| {
            bye.from_tag == answer.from_tag && bye.at().duration_since(answer.at()) <= AT_ONCE
        });
        let until = bye.map_or(Timestamp::MAX, Signal::at);
        (!is_dropped, self.is_acked, until)
    }
}

/// The dialogs that these 2xx to one INVITE made, the one that was kept first, the others as they were answered.
/// `signals` are all messages of the leg in time order.
pub fn branches<'a, S: Borrow<Signal> + 'a>(
    answers: impl Iterator<Item = &'a S>,
    signals: impl Iterator<Item = &'a S>,
) -> Vec<Branch<'a, S>> {
    let mut found: Vec<Branch<'a, S>> = Vec::new();
    for answer in answers {
        let tag = &answer.borrow().to_tag;
        let is_known = found.iter().any(|it| it.answer.borrow().to_tag == *tag);
        if tag.is_some() && !is_known && found.len() < MOST {
            found.push(Branch {
                answer,
                is_acked: false,
                bye: None,
            });
        }
    }
    for one in signals {
        let signal: &Signal = one.borrow();
        let (is_ack, is_bye) = (
            signal.is_request(&Method::Ack),
            signal.is_request(&Method::Bye),
        );
        if !(is_ack || is_bye) {
            continue;
        }
        if let Some(branch) = found.iter_mut().find(|it| it.has(signal)) {
            branch.is_acked |= is_ack;
            branch.bye = branch.bye.or(is_bye.then_some(one));
        }
    }
    let kept = found.iter().enumerate().max_by_key(|(_, it)| it.kept());
    if let Some(kept) = kept.map(|(at, _)| at)
        && let Some(front) = found.get_mut(..=kept)
    {
        front.rotate_right(1);
    }
    found
}
