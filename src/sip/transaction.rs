//! Requests with their responses (RFC 3261 section 17), one transaction a hop. Repetitions are
//! kept apart from capture duplicates, which are dropped here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::name::Method;
use super::signal::{Repeat, Signal};

/// One request between two nodes with everything that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Which leg of the call it belongs to, counted from 0.
    pub leg: usize,
    /// The node that sends the request.
    pub client: SocketAddr,
    /// The node that answers.
    pub server: SocketAddr,
    /// The CSeq method.
    pub method: Method,
    /// The CSeq number.
    pub cseq: u32,
    /// The From tag: who asks.
    pub from_tag: Option<String>,
    /// Whether the request stands inside a dialog (has a To tag).
    pub in_dialog: bool,
    /// The request and its retransmissions; empty where only answers were seen.
    pub requests: Vec<Arc<Signal>>,
    /// The responses and their retransmissions, in time order.
    pub responses: Vec<Arc<Signal>>,
    /// For an INVITE: the ACKs seen on this hop.
    pub acks: Vec<Arc<Signal>>,
    /// For an INVITE: the CANCEL requests seen on this hop.
    pub cancels: Vec<Arc<Signal>>,
}

impl Transaction {
    /// The first message seen of it.
    #[must_use]
    pub fn first(&self) -> Option<&Arc<Signal>> {
        let first = [self.requests.first(), self.responses.first()];
        first
            .into_iter()
            .flatten()
            .min_by_key(|signal| signal.number)
    }

    /// The request as first seen.
    #[must_use]
    pub fn request(&self) -> Option<&Arc<Signal>> {
        self.requests.first()
    }

    /// When the request was first seen, else when the first answer was.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        self.first().map(|signal| signal.at())
    }

    /// The first response of any kind.
    #[must_use]
    pub fn first_response(&self) -> Option<&Arc<Signal>> {
        self.responses.first()
    }

    /// The final response that counts: the first 2xx, else the last final one.
    #[must_use]
    pub fn final_response(&self) -> Option<&Arc<Signal>> {
        let code = |signal: &&Arc<Signal>| signal.message.code().unwrap_or(0);
        let success = self
            .responses
            .iter()
            .find(|s| (200..300).contains(&code(s)));
        let first_of_last = || {
            let last = self.responses.iter().rfind(|s| code(s) >= 200)?;
            self.responses.iter().find(|s| code(s) == code(&last))
        };
        success.or_else(first_of_last)
    }

    /// The code of [`Transaction::final_response`].
    #[must_use]
    pub fn final_code(&self) -> Option<u16> {
        self.final_response()?.message.code()
    }

    /// The provisional responses from 101 to 199.
    pub fn progress(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.responses
            .iter()
            .filter(|s| matches!(s.message.code(), Some(101..=199)))
    }

    /// The first 180: the called side said that it rings. A 183 does not say so.
    #[must_use]
    pub fn ringing(&self) -> Option<&Arc<Signal>> {
        self.responses
            .iter()
            .find(|s| s.message.code() == Some(180))
    }

    /// Whether it was answered 401 or 407.
    #[must_use]
    pub fn is_challenged(&self) -> bool {
        matches!(self.final_code(), Some(401 | 407))
    }

    /// How often a message with this code was sent, retransmissions included.
    #[must_use]
    pub fn times_answered(&self, code: u16) -> usize {
        self.responses
            .iter()
            .filter(|s| s.message.code() == Some(code))
            .count()
    }

    /// The last message seen of it, ACK and CANCEL included.
    #[must_use]
    pub fn last(&self) -> Option<&Arc<Signal>> {
        [&self.requests, &self.responses, &self.acks, &self.cancels]
            .into_iter()
            .filter_map(|list| list.last())
            .max_by_key(|signal| signal.number)
    }
}

/// What identifies a transaction on a hop (RFC 3261 sections 17.1.3 and 17.2.3). Without a
/// branch, as RFC 2543 devices send, the rest has to do.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Key {
    leg: usize,
    client: SocketAddr,
    server: SocketAddr,
    method: Method,
    cseq: u32,
    branch: Option<String>,
}

/// Sorts the signals of a call into transactions, in the order in which they begin. Each signal
/// comes with its leg; `node` names the node behind an address.
#[must_use]
pub fn transactions(
    signals: &[(usize, Arc<Signal>)],
    node: impl Fn(SocketAddr) -> SocketAddr,
) -> Vec<Transaction> {
    let mut found: Vec<Transaction> = Vec::new();
    let mut index: HashMap<Key, usize> = HashMap::new();
    for (leg, signal) in signals {
        if signal.repeat == Repeat::CaptureDuplicate {
            continue;
        }
        let (source, destination) = (node(signal.source()), node(signal.destination()));
        let Some(method) = signal.method().cloned() else {
            continue;
        };
        let is_response = signal.message.code().is_some();
        let (client, server) = if is_response {
            (destination, source)
        } else {
            (source, destination)
        };
        let key = Key {
            leg: *leg,
            client,
            server,
            method,
            cseq: signal.cseq_number(),
            branch: signal.branch.clone(),
        };
        let tied = attach_to_invite(&mut found, &index, &key, signal);
        if tied && key.method == Method::Ack {
            continue;
        }
        let at = index.get(&key).copied().or_else(|| {
            is_response
                .then(|| other_way_in(&found, &index, &key))
                .flatten()
        });
        let at = at.unwrap_or_else(|| {
            index.insert(key.clone(), found.len());
            found.push(Transaction {
                leg: key.leg,
                client,
                server,
                method: key.method.clone(),
                cseq: key.cseq,
                from_tag: signal.from_tag.clone(),
                in_dialog: !is_response && signal.to_tag.is_some(),
                requests: Vec::new(),
                responses: Vec::new(),
                acks: Vec::new(),
                cancels: Vec::new(),
            });
            found.len() - 1
        });
        if let Some(transaction) = found.get_mut(at) {
            if is_response {
                transaction.responses.push(signal.clone());
            } else {
                transaction.requests.push(signal.clone());
            }
        }
    }
    found
}

/// Ties an ACK or a CANCEL to the INVITE it belongs to: the same branch where there is one (ACK
/// to a non-2xx, CANCEL), else the same CSeq number between the same nodes (ACK to a 2xx, which
/// has a branch of its own). Says whether there was one.
fn attach_to_invite(
    found: &mut [Transaction],
    index: &HashMap<Key, usize>,
    key: &Key,
    signal: &Arc<Signal>,
) -> bool {
    if signal.message.code().is_some() || !matches!(key.method, Method::Ack | Method::Cancel) {
        return false;
    }
    let exact = Key {
        method: Method::Invite,
        ..key.clone()
    };
    let at = index.get(&exact).copied().or_else(|| {
        found.iter().rposition(|transaction| {
            transaction.method == Method::Invite
                && (transaction.leg, transaction.cseq) == (key.leg, key.cseq)
                && (transaction.client, transaction.server) == (key.client, key.server)
                && transaction.from_tag == signal.from_tag
        })
    });
    let Some(invite) = at.and_then(|at| found.get_mut(at)) else {
        return false;
    };
    if key.method == Method::Ack {
        invite.acks.push(signal.clone());
    } else {
        invite.cancels.push(signal.clone());
    }
    true
}

/// Finds the transaction of a response that came back by other ports than its request went out
/// (NAT, responses to the Via port): the same branch on the same leg.
fn other_way_in(found: &[Transaction], index: &HashMap<Key, usize>, key: &Key) -> Option<usize> {
    key.branch.as_ref()?;
    index
        .iter()
        .filter(|(other, _)| {
            other.leg == key.leg
                && other.method == key.method
                && other.cseq == key.cseq
                && other.branch == key.branch
                && (other.client.ip() == key.client.ip() || other.server.ip() == key.server.ip())
        })
        .map(|(_, at)| *at)
        .filter(|at| found.get(*at).is_some_and(|t| !t.requests.is_empty()))
        .min()
}
