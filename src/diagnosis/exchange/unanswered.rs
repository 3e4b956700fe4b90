//! A challenge that nothing answered: what it offered, and how far the evidence reaches past it.
//! Says how sure the silence is, not whose it is.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{Exchange, credentials};
use crate::diagnosis::case::Case;
use crate::sip::{Certainty, Signal, Transaction};

/// How long a client may take to answer a challenge: the life of a transaction, 64*T1.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_secs(32);
/// Less than this after the challenge tells nearly nothing about what the client did next.
const TELLS_SOMETHING: SignedDuration = SignedDuration::from_secs(2);

/// The challenge at which an exchange ended, which no credentials answered: the first of them where the same was asked
/// again.
pub struct Unanswered<'c> {
    /// The request that was challenged.
    pub challenged: &'c Arc<Transaction>,
    /// The answer that holds the challenge.
    pub challenge: &'c Arc<Signal>,
    /// The request carried credentials for a challenge that was not seen.
    pub had_credentials: bool,
}

/// How far the evidence reaches past a challenge.
pub struct View {
    /// How sure it is that nothing came.
    pub certainty: Certainty,
    /// ` within 32 s`, or what was seen less.
    pub words: String,
}

impl<'c> Unanswered<'c> {
    pub(super) fn of(
        challenged: &'c Arc<Transaction>,
        challenge: &'c Arc<Signal>,
    ) -> Unanswered<'c> {
        Unanswered {
            challenged,
            challenge,
            had_credentials: !credentials(challenged).is_empty(),
        }
    }

    /// The realm of the challenge, the first where there are several.
    pub fn realm(&self) -> String {
        let first = self.challenge.message().challenges().into_iter().next();
        first.map(|challenge| challenge.realm).unwrap_or_default()
    }

    /// Why the client may have stopped, where the trace hints at an earlier attempt.
    pub fn gave_up_before(&self) -> Option<&'static str> {
        self.had_credentials.then_some(
            "It had answered an earlier challenge that is not in the trace, so it may have given \
             up after wrong credentials.",
        )
    }

    /// The algorithms of a challenge that offers nothing which every device knows.
    pub fn modern_only(&self) -> Option<String> {
        let mut offered: Vec<String> = self
            .challenge
            .message()
            .challenges()
            .into_iter()
            .filter(|challenge| !challenge.nonce.is_empty())
            .map(|challenge| challenge.algorithm)
            .collect();
        offered.dedup();
        let modern = !offered.is_empty() && offered.iter().all(|one| one.starts_with("SHA"));
        modern.then(|| offered.join(" or "))
    }

    /// How far the evidence reaches past it.
    pub fn view(&self, case: &Case<'_>, exchange: &Exchange<'_>) -> View {
        let challenge = self.challenge;
        // A node that answers its caller, or tries elsewhere, has given this attempt up.
        let before = exchange.hop.and_then(|hop| case.call.upstream(hop));
        let gave_up = before.is_some_and(|before| {
            before
                .final_response()
                .is_some_and(|told| told.at() >= challenge.at() && before.cancel().is_none())
        });
        if gave_up && !exchange.was_handed_on(case.call) {
            return View {
                certainty: Certainty::Certain,
                words: " before the call was given up".into(),
            };
        }
        if case.watched_for(challenge, ANSWER_WITHIN) {
            return View {
                certainty: Certainty::Certain,
                words: " within 32 s".into(),
            };
        }
        let until = case.seen_until.or(case.call.ended());
        let seen = until.map_or(SignedDuration::ZERO, |until| {
            until.duration_since(challenge.at())
        });
        View {
            certainty: if seen >= TELLS_SOMETHING {
                Certainty::Likely
            } else {
                Certainty::Possible
            },
            words: format!(
                " in the {} that the trace still shows, which is less than the 32 s it may take",
                case.lasting(seen)
            ),
        }
    }
}
