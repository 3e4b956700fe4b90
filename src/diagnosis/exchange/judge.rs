//! Judges each request of an exchange by its credentials, the challenges seen before it and its
//! answer. Says what became of it, not whose fault that is.

use std::sync::Arc;

use crate::diagnosis::said;
use crate::sip::header::Credentials;
use crate::sip::{Name, Transaction};

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// No final answer was seen.
    Pending,
    /// It was answered by something else than authentication.
    Passed,
    /// It was asked for credentials that it did not carry, or that no challenge seen explains.
    Challenged,
    /// Its credentials were called stale.
    Stale,
    /// Its credentials were refused.
    Refused(Fault),
}

/// Why credentials were refused, as far as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// User name or password: nothing else is visible.
    Credentials,
    /// The server says that it is the credentials, in words.
    Said,
    /// They were made for another realm than the one that asked.
    Realm { asked: String, given: String },
    /// They stand in the header for the other code.
    Header { code: u16 },
    /// A 403 without a word followed them: mostly they are wrong.
    Forbidden,
    /// They were made with an algorithm that was not offered.
    Algorithm { offered: Vec<String>, used: String },
}

/// What became of each of these requests, in order. `mute_is_fault`: a 403 without a word is about
/// the credentials.
pub(super) fn judged<'c>(
    turns: &[&'c Arc<Transaction>],
    mute_is_fault: bool,
) -> Vec<(&'c Arc<Transaction>, Turn)> {
    let mut issued: Vec<Issued> = Vec::new();
    let mut judged = Vec::new();
    for turn in turns {
        let result = judge(turn, &issued, mute_is_fault);
        if result == Turn::Passed {
            for credentials in credentials(turn) {
                let of_this = |i: &&mut Issued| i.nonce == credentials.nonce;
                for seen in issued.iter_mut().filter(of_this) {
                    seen.accepted = true;
                }
            }
        }
        issued.extend(issues(turn));
        judged.push((*turn, result));
    }
    judged
}

/// The credentials that a request carried.
pub fn credentials(turn: &Transaction) -> Vec<Credentials> {
    turn.request()
        .map(|request| request.message().credentials())
        .unwrap_or_default()
}

/// The nonces of the challenges that answered a request.
pub fn issued_nonces(turn: &Transaction) -> Vec<String> {
    issues(turn)
        .into_iter()
        .map(|issued| issued.nonce)
        .collect()
}

/// Whether a request was answered with a challenge.
pub(super) fn is_challenge(turn: &Transaction) -> bool {
    !issues(turn).is_empty()
}

/// Whether a challenge seen on one hop was seen on the other too: its nonce tells.
pub(super) fn share_challenge(a: &[Arc<Transaction>], b: &[Arc<Transaction>]) -> bool {
    let nonces = |turns: &[Arc<Transaction>]| -> Vec<String> {
        turns
            .iter()
            .flat_map(|turn| issued_nonces(turn))
            .filter(|nonce| !nonce.is_empty())
            .collect()
    };
    let theirs = nonces(b);
    nonces(a).iter().any(|nonce| theirs.contains(nonce))
}

/// A challenge that was seen.
struct Issued {
    nonce: String,
    realm: String,
    code: u16,
    offered: Vec<String>,
    accepted: bool,
}

/// The challenges that answered a request.
fn issues(turn: &Transaction) -> Vec<Issued> {
    let Some((code @ (401 | 407), answer)) = turn
        .final_response()
        .and_then(|answer| Some((answer.message().code()?, answer)))
    else {
        return Vec::new();
    };
    let challenges = answer.message().challenges();
    let offered = |realm: &str| {
        challenges
            .iter()
            .filter(|challenge| challenge.realm == realm)
            .map(|challenge| challenge.algorithm.clone())
            .collect()
    };
    challenges
        .iter()
        .map(|challenge| Issued {
            nonce: challenge.nonce.clone(),
            realm: challenge.realm.clone(),
            code,
            offered: offered(&challenge.realm),
            accepted: false,
        })
        .collect()
}

fn judge(turn: &Transaction, issued: &[Issued], mute_is_fault: bool) -> Turn {
    let Some(answer) = turn.final_response() else {
        // Ringing or being sent on is as good as being let in.
        return match turn.progress().next() {
            Some(_) => Turn::Passed,
            None => Turn::Pending,
        };
    };
    let used = credentials(turn);
    let code = answer.message().code().unwrap_or(0);
    let answers_one = |given: &Credentials| {
        issued
            .iter()
            .rev()
            .find(|seen| !seen.nonce.is_empty() && seen.nonce == given.nonce && !seen.accepted)
    };
    let challenges = answer.message().challenges();
    if !matches!(code, 401 | 407) || challenges.is_empty() {
        let answered = used.iter().any(|given| answers_one(given).is_some());
        return if answered && said::blames_credentials(answer) {
            Turn::Refused(Fault::Said)
        } else if answered && mute_is_fault && code == 403 && said::is_mute(answer) {
            Turn::Refused(Fault::Forbidden)
        } else {
            Turn::Passed
        };
    }
    if !used.is_empty() && challenges.iter().any(|challenge| challenge.stale) {
        return Turn::Stale;
    }
    for given in &used {
        let Some(asked) = answers_one(given) else {
            continue;
        };
        // Another realm, or a 401 after a 407, is the next node's first challenge.
        let again = challenges.iter().any(|c| c.realm == asked.realm) && asked.code == code;
        if !again {
            continue;
        }
        let header = match code {
            407 => Name::ProxyAuthorization,
            _ => Name::Authorization,
        };
        let has_header = turn
            .request()
            .is_some_and(|request| request.message().header(header).is_some());
        return Turn::Refused(if given.realm != asked.realm {
            Fault::Realm {
                asked: asked.realm.clone(),
                given: given.realm.clone(),
            }
        } else if !has_header {
            Fault::Header { code }
        } else if !asked.offered.contains(&given.algorithm) {
            Fault::Algorithm {
                offered: asked.offered.clone(),
                used: given.algorithm.clone(),
            }
        } else if said::blames_credentials(answer) {
            Fault::Said
        } else {
            Fault::Credentials
        });
    }
    Turn::Challenged
}
