//! Where a response was first made: walks the way of the INVITE downstream while each node only
//! passed on what it got. Says which node answered by itself, and after what; not whose fault.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::said::is_mute;
use super::unheard::Unheard;
use crate::sip::order::{CLOCK_SKEW, skew};
use crate::sip::{Call, Hop, Signal};

/// Codes that say only that the way ended there: whoever asks again elsewhere may get further.
const OF_THE_WAY: std::ops::RangeInclusive<u16> = 500..=599;

/// What a node had tried before it answered by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It sent no INVITE on: it decided alone, or it is the end of the way.
    Nothing,
    /// It sent the INVITE on and its last attempt got no final answer that it could pass on.
    LastUnanswered,
    /// It sent the INVITE on and was asked for credentials, which it could not pass on either.
    LastChallenged,
}

/// The answer where it was made.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'c> {
    /// The hop on which it was first seen.
    pub hop: &'c Hop,
    /// The answer itself.
    pub answer: &'c Arc<Signal>,
    /// The node that made it. It may be another one than was asked.
    pub by: SocketAddr,
    /// What that node had tried.
    pub tried: Tried,
}

/// Finds where the final answer on `hop` was made. Gives nothing where there is none.
#[must_use]
pub fn origin<'c>(call: &'c Call, hop: &'c Hop) -> Option<Origin<'c>> {
    let mut hop = hop;
    // Each hop is visited once at most, whatever the links say.
    for _ in 0..=call.hops.len() {
        let answer = hop.final_response()?;
        let attempts: Vec<&Hop> = call.downstream(hop).collect();
        let made = |tried| Origin {
            hop,
            answer,
            by: maker(call, hop, answer),
            tried,
        };
        let Some(last) = attempts.last() else {
            return Some(made(Tried::Nothing));
        };
        let passed_on = |attempt: &&&Hop| {
            let is_unheard = Unheard::on(call, attempt).is_some();
            attempt.final_response().is_some_and(|theirs| {
                !is_unheard
                    && may_be_before(theirs, answer)
                    && is_answer(call, hop, attempt, theirs)
            })
        };
        let code = answer.message().code();
        let same = attempts
            .iter()
            .rev()
            .filter(passed_on)
            .find(|a| a.final_code() == code);
        // Where one branch stayed silent, a 408 tells of that one, whatever the others answered.
        let tells_of_silence =
            code == Some(408) && attempts.iter().any(|a| a.final_response().is_none());
        let other = || {
            Some(last)
                .filter(|last| !tells_of_silence && passed_on(last))
                .filter(|last| !attempts.iter().any(|it| outlived(it, last)))
        };
        match same.or_else(other) {
            Some(next) => hop = settled_before(&attempts, next).unwrap_or(next),
            None if matches!(last.final_code(), Some(401 | 407)) => {
                return Some(made(Tried::LastChallenged));
            }
            None => return Some(made(Tried::LastUnanswered)),
        }
    }
    None
}

/// Whether one attempt went on for long after another one was answered, until it was given up: of several phones that
/// are rung at once, the one that refuses is not what the call ends for.
fn outlived(attempt: &Hop, answered: &Hop) -> bool {
    const LONG: SignedDuration = SignedDuration::from_secs(3);
    let began_before = attempt.started() <= answered.final_response().map(|it| it.at());
    let given_up = attempt.cancel().zip(answered.final_response());
    began_before
        && given_up.is_some_and(|(cancel, theirs)| cancel.at().duration_since(theirs.at()) >= LONG)
}

/// Whether one answer may have come before another one that was made of it: a node passes an answer on at once. Two
/// captures may have clocks of their own: where both say the same, which stands first there proves nothing; and one
/// capture may have been put together of two.
fn may_be_before(theirs: &Signal, answer: &Signal) -> bool {
    let later = theirs.at().duration_since(answer.at());
    let files = (theirs.packet.place.file, answer.packet.place.file);
    match theirs.message().code() == answer.message().code() {
        true => files.0 != files.1 || later <= CLOCK_SKEW,
        false => later <= skew(files.0, files.1),
    }
}

/// The node that sent an answer: the one that was asked, unless it came from another machine.
fn maker(call: &Call, hop: &Hop, answer: &Signal) -> SocketAddr {
    let source = answer.source();
    if source.ip() == hop.server.ip() {
        hop.server
    } else {
        call.node(source)
    }
}

/// The attempt that had said what the call fails for, where a node then tried another one all the same, which only did
/// not get further: what the first one said of the called user, of the number or of the caller holds for both
/// (RFC 3261 section 16.7, step 6).
fn settled_before<'c>(attempts: &[&'c Hop], last: &Hop) -> Option<&'c Hop> {
    let mute = last.final_response()?;
    let is_mute =
        OF_THE_WAY.contains(&mute.message().code()?) && mute.message().reasons().is_empty();
    let began = last.started()?;
    let settles = |attempt: &&&Hop| {
        attempt
            .final_response()
            .is_some_and(|theirs| theirs.at() <= began && settles_the_call(theirs))
    };
    attempts.iter().filter(|_| is_mute).find(settles).copied()
}

/// Whether an answer is about the called user, the number or the caller, in its code, its Q.850 cause or its text, and
/// not about the one who answered.
fn settles_the_call(answer: &Signal) -> bool {
    let cause = answer.message().q850().and_then(|reason| reason.cause);
    match answer.message().code() {
        Some(486 | 600..=699) => true,
        Some(404 | 410 | 480 | 484) => matches!(cause, Some(1 | 17..=20 | 22 | 28)),
        Some(403) => !is_mute(answer),
        _ => false,
    }
}

/// A 487 to a CANCEL that the node itself sent, while its own caller still waited, answers
/// nothing: the node had given up on that attempt.
fn is_answer(call: &Call, upstream: &Hop, attempt: &Hop, answer: &Signal) -> bool {
    let gave_up = answer.message().code() == Some(487)
        && attempt.cancel().is_some()
        && call.withdrawal(upstream).is_none();
    let challenge = matches!(answer.message().code(), Some(401 | 407));
    let other_challenge = challenge && upstream.final_code() != answer.message().code();
    !(gave_up || other_challenge)
}
