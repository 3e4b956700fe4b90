//! Where a response was first made: walks the way of the INVITE downstream while each node only
//! passed on what it got. Says which node answered by itself, and after what; not whose fault.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::sip::{Call, Hop, Signal};

/// A node passes an answer on at once; a final of its own may come this much before the clock of
/// another capture point shows the one it passes on.
const SKEW: SignedDuration = SignedDuration::from_millis(200);

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
    /// The node that made it.
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
            by: hop.server,
            tried,
        };
        let Some(last) = attempts.last() else {
            return Some(made(Tried::Nothing));
        };
        let passed_on = |attempt: &&&Hop| {
            attempt.final_response().is_some_and(|theirs| {
                theirs.at().duration_since(answer.at()) <= SKEW && is_answer(hop, attempt, theirs)
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
        let other = || Some(last).filter(|last| !tells_of_silence && passed_on(last));
        match same.or_else(other) {
            Some(next) => hop = next,
            None if matches!(last.final_code(), Some(401 | 407)) => {
                return Some(made(Tried::LastChallenged));
            }
            None => return Some(made(Tried::LastUnanswered)),
        }
    }
    None
}

/// A 487 to a CANCEL that the node itself sent, while its own caller still waited, answers
/// nothing: the node had given up on that attempt.
fn is_answer(upstream: &Hop, attempt: &Hop, answer: &Signal) -> bool {
    let gave_up = answer.message().code() == Some(487)
        && attempt.cancel().is_some()
        && upstream.cancel().is_none();
    let challenge = matches!(answer.message().code(), Some(401 | 407));
    let other_challenge = challenge && upstream.final_code() != answer.message().code();
    !(gave_up || other_challenge)
}
