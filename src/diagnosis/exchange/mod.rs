//! The digest exchanges of a call: what one node asked of another, which challenges it got, and
//! whether that ended it. The evidence that the rules on authentication and on registrations
//! share; it names no rule.

mod find;
mod judge;
mod unanswered;

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::sync::Arc;

use super::case::Case;
use super::finding::Owner;
use super::party::{Party, Side};
use crate::sip::{Call, Hop, Method, Signal, Transaction};

pub use find::{exchanges, registration};
pub use judge::{Fault, Turn, credentials, issued_nonces};
pub use unanswered::Unanswered;

/// So many stale answers in a row are no lapse any more.
pub const STALE_LOOP: usize = 3;

/// The requests of one method from one node to another, in order.
#[derive(Debug, Clone)]
pub struct Exchange<'c> {
    /// Who asks.
    pub client: SocketAddr,
    /// Who challenges.
    pub server: SocketAddr,
    /// INVITE or REGISTER.
    pub method: Method,
    /// The requests with their answers.
    pub turns: Vec<&'c Arc<Transaction>>,
    /// Whether the call, or the registration, ended with it.
    pub decides: bool,
    /// The hop, for an INVITE.
    pub hop: Option<&'c Hop>,
    /// Whether the server sent the INVITE on: then a refusal may come from further down.
    pub sent_on: bool,
    judged: OnceCell<Vec<(&'c Arc<Transaction>, Turn)>>,
}

/// How an exchange ended, where authentication ended it.
pub enum Ended<'c> {
    /// The last challenge was not answered.
    Unanswered(Unanswered<'c>),
    /// Every attempt was called stale.
    StaleLoop { answers: Vec<&'c Arc<Signal>> },
    /// The credentials were refused.
    Refused(Refused<'c>),
}

/// Credentials that were refused.
pub struct Refused<'c> {
    /// The refused requests and their answers.
    pub proof: Vec<&'c Arc<Signal>>,
    /// How often.
    pub count: usize,
    /// The last of those answers.
    pub answer: &'c Arc<Signal>,
    /// The user name in the credentials.
    pub user: String,
    /// The realm in the credentials.
    pub realm: String,
    /// Why, as far as it can be seen.
    pub fault: Fault,
    /// A From user that differs from the user name: a hint, no more.
    other_from: Option<String>,
}

impl Refused<'_> {
    /// Why, in words, with the hint that the From gives.
    pub fn cause(&self) -> String {
        let why = match self.fault {
            Fault::Said => "It says itself that user or credentials are wrong.",
            Fault::Forbidden => {
                "A 403 straight after the credentials, without a word of anything else, mostly \
                 means that they are wrong."
            }
            _ => "User name or password do not match the account there.",
        };
        match &self.other_from {
            Some(from) => format!(
                "{why} Its From names \"{from}\", its credentials \"{}\": some servers want the \
                 same.",
                self.user
            ),
            None => why.to_owned(),
        }
    }
}

impl<'c> Exchange<'c> {
    /// What became of each request, in order.
    pub fn judged(&self) -> &[(&'c Arc<Transaction>, Turn)] {
        self.judged.get_or_init(|| {
            let mute_is_fault = self.method == Method::Invite && !self.sent_on;
            judge::judged(&self.turns, mute_is_fault)
        })
    }

    /// How it ended, where authentication ended it.
    pub fn ended(&self) -> Option<Ended<'c>> {
        if self.method == Method::Invite && self.was_accepted() {
            return None;
        }
        let mut judged = self.judged().to_vec();
        let refused = |(_, turn): &&(_, Turn)| matches!(turn, Turn::Refused(_));
        if judged.last()?.1 == Turn::Pending && judged.iter().filter(refused).count() >= 2 {
            judged.pop();
        }
        // What was before the last success has nothing to do with the end.
        let after = judged
            .iter()
            .rposition(|(_, turn)| *turn == Turn::Passed)
            .map_or(0, |at| at + 1);
        let tail = judged.get(after..)?;
        let (last, result) = tail.last()?;
        let answer = last.final_response()?;
        match result {
            Turn::Pending | Turn::Passed => None,
            Turn::Challenged => {
                // Asked again without credentials, it had not answered the first of them either.
                let is_same = |(turn, result): &&(&Arc<Transaction>, Turn)| {
                    *result == Turn::Challenged
                        && credentials(turn).is_empty() == credentials(last).is_empty()
                };
                let first = tail.iter().rev().take_while(is_same).last();
                let (turn, answer) = first
                    .and_then(|(turn, _)| Some((*turn, turn.final_response()?)))
                    .unwrap_or((*last, answer));
                Some(Ended::Unanswered(Unanswered::of(turn, answer)))
            }
            Turn::Stale => {
                let answers: Vec<_> = tail
                    .iter()
                    .rev()
                    .take_while(|(_, turn)| *turn == Turn::Stale)
                    .filter_map(|(turn, _)| turn.final_response())
                    .collect();
                Some(if answers.len() >= STALE_LOOP {
                    Ended::StaleLoop { answers }
                } else {
                    Ended::Unanswered(Unanswered::of(last, answer))
                })
            }
            Turn::Refused(fault) => {
                let refusals: Vec<_> = tail.iter().filter(refused).map(|(turn, _)| *turn).collect();
                let used = credentials(last).into_iter().next()?;
                let from = last.request()?.message().from_user();
                let user_part = used.username.split('@').next().unwrap_or_default();
                let other_from = (!from.is_empty() && from != user_part && from != used.username)
                    .then_some(from);
                Some(Ended::Refused(Refused {
                    proof: request_and_answer(&refusals),
                    count: refusals.len(),
                    answer,
                    realm: used.realm,
                    user: used.username,
                    fault: fault.clone(),
                    other_from,
                }))
            }
        }
    }

    /// Whether any request was answered 2xx.
    pub fn was_accepted(&self) -> bool {
        self.turns.iter().any(|turn| is_accepted(turn))
    }

    /// Whether any request was answered with a challenge.
    pub fn has_challenge(&self) -> bool {
        self.turns.iter().any(|turn| judge::is_challenge(turn))
    }

    /// Whether our own node is the one that asks: on the leg towards a carrier.
    pub fn is_ours(&self, case: &Case<'_>) -> bool {
        case.roles.side(self.client) == Side::Platform
    }

    /// The client and the server in words.
    pub fn names(&self, case: &Case<'_>) -> (String, String) {
        (case.name(self.client), case.name(self.server))
    }

    /// Whose the missing or wrong credentials are: the client's, unless it only handed the
    /// challenge on to the node before it.
    pub fn client_owner(&self, case: &Case<'_>) -> Owner {
        if self.was_handed_on(case.call) {
            return Party::Undecided.into();
        }
        case.roles.side(self.client).into()
    }

    /// The side of the node that answers; a lone registrar or server is nobody's far end.
    pub fn server_owner(&self, case: &Case<'_>) -> Owner {
        let side = case.roles.side(self.server);
        match case.roles.party(side) {
            Party::FarEnd => Party::Undecided.into(),
            _ => side.into(),
        }
    }

    /// Whether the node before got this very challenge too.
    pub fn was_handed_on(&self, call: &Call) -> bool {
        let Some(before) = self.hop.and_then(|hop| call.upstream(hop)) else {
            return false;
        };
        judge::share_challenge(&before.invites, self.hop.map_or(&[], |hop| &hop.invites))
    }
}

/// Whether a request was answered 2xx.
pub fn is_accepted(turn: &Transaction) -> bool {
    matches!(turn.final_code(), Some(200..=299))
}

/// The requests with their final answers, as far as they were seen.
pub fn request_and_answer<'c>(turns: &[&'c Arc<Transaction>]) -> Vec<&'c Arc<Signal>> {
    turns
        .iter()
        .flat_map(|turn| [turn.request(), turn.final_response()])
        .flatten()
        .collect()
}
