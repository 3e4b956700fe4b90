//! Requests with their responses (RFC 3261 section 17), one transaction a hop. Repetitions are
//! kept apart from capture duplicates, which are dropped here.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::map::Map;
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
        let code = |signal: &&Arc<Signal>| signal.message().code().unwrap_or(0);
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
        self.final_response()?.message().code()
    }

    /// The ACK that shows that an INVITE was answered 2xx although no final response was seen.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Arc<Signal>> {
        let invite = self.request()?;
        let mut acks = self.acks.iter();
        acks.find(|ack| ack.confirms_success(invite))
            .filter(|_| self.final_response().is_none())
    }

    /// The provisional responses from 101 to 199.
    pub fn progress(&self) -> impl Iterator<Item = &Arc<Signal>> {
        self.responses
            .iter()
            .filter(|s| matches!(s.message().code(), Some(101..=199)))
    }

    /// The first 180: the called side said that it rings. A 183 does not say so.
    #[must_use]
    pub fn ringing(&self) -> Option<&Arc<Signal>> {
        self.responses
            .iter()
            .find(|s| s.message().code() == Some(180))
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
            .filter(|s| s.message().code() == Some(code))
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
    let keyed: Vec<(Key, &Arc<Signal>)> = signals
        .iter()
        .filter(|(_, signal)| signal.repeat != Repeat::CaptureDuplicate)
        .filter_map(|(leg, signal)| Some((Key::of(*leg, signal, &node)?, signal)))
        .collect();
    let mut sorter = Sorter::default();
    // An answer, an ACK or a CANCEL may have been recorded before its request, by another clock.
    let is_ack = |key: &Key, signal: &Signal| key.method == Method::Ack && !is_response(signal);
    for (key, signal) in &keyed {
        if !is_response(signal) && !is_ack(key, signal) {
            sorter.add(key, signal);
        }
    }
    for (key, signal) in keyed.iter().filter(|(_, signal)| is_response(signal)) {
        sorter.add(key, signal);
    }
    for (key, signal) in keyed.iter().filter(|(_, signal)| !is_response(signal)) {
        let tied = match key.method {
            Method::Ack | Method::Cancel => sorter.tie_to_invite(key, signal),
            _ => continue,
        };
        if !tied && key.method == Method::Ack {
            sorter.add(key, signal);
        }
    }
    sorter.finish()
}

fn is_response(signal: &Signal) -> bool {
    signal.message().code().is_some()
}

impl Key {
    fn of(leg: usize, signal: &Signal, node: impl Fn(SocketAddr) -> SocketAddr) -> Option<Key> {
        let (source, destination) = (node(signal.source()), node(signal.destination()));
        let (client, server) = match signal.message().code() {
            Some(_) => (destination, source),
            None => (source, destination),
        };
        Some(Key {
            leg,
            client,
            server,
            method: signal.method()?.clone(),
            cseq: signal.cseq_number(),
            branch: signal.branch.clone(),
        })
    }
}

/// The transactions found so far, and the ways to find one of them again.
#[derive(Default)]
struct Sorter {
    found: Vec<Transaction>,
    by_key: Map<Key, usize>,
    /// Those with a request and a branch, whatever their nodes.
    by_branch: Map<Way, Vec<usize>>,
    /// INVITEs by their nodes, CSeq and From tag, whatever their branch.
    invites: Map<(Key, Option<String>), Vec<usize>>,
}

impl Sorter {
    fn add(&mut self, key: &Key, signal: &Arc<Signal>) {
        let is_response = is_response(signal);
        let at = self.by_key.get(key).copied();
        let at = at.or_else(|| self.other_way_in(key).filter(|_| is_response));
        let at = at.unwrap_or_else(|| self.open(key, signal));
        if let Some(transaction) = self.found.get_mut(at) {
            if is_response {
                transaction.responses.push(signal.clone());
            } else {
                transaction.requests.push(signal.clone());
            }
        }
    }

    fn open(&mut self, key: &Key, signal: &Signal) -> usize {
        let at = self.found.len();
        let is_response = is_response(signal);
        self.by_key.insert(key.clone(), at);
        if key.method == Method::Invite {
            let known_as = (key.any_invite(), signal.from_tag.clone());
            self.invites.entry(known_as).or_default().push(at);
        }
        if let Some(known_as) = key.any_way().filter(|_| !is_response) {
            self.by_branch.entry(known_as).or_default().push(at);
        }
        self.found.push(Transaction {
            leg: key.leg,
            client: key.client,
            server: key.server,
            method: key.method.clone(),
            cseq: key.cseq,
            from_tag: signal.from_tag.clone(),
            in_dialog: !is_response && signal.to_tag.is_some(),
            requests: Vec::new(),
            responses: Vec::new(),
            acks: Vec::new(),
            cancels: Vec::new(),
        });
        at
    }

    /// Finds the transaction of a response that came back by other ports than its request went
    /// out (NAT, responses to the Via port): the same branch on the same leg.
    fn other_way_in(&self, key: &Key) -> Option<usize> {
        let same_branch = self.by_branch.get(&key.any_way()?)?;
        let is_near = |at: &usize| {
            self.found.get(*at).is_some_and(|t| {
                t.client.ip() == key.client.ip() || t.server.ip() == key.server.ip()
            })
        };
        same_branch
            .iter()
            .take(MOST_COMPARED)
            .copied()
            .find(is_near)
    }

    /// Ties an ACK or a CANCEL to the INVITE it belongs to: the same branch where there is one
    /// (ACK to a non-2xx, CANCEL), else the same CSeq number between the same nodes (ACK to a
    /// 2xx, which has a branch of its own). Says whether there was one.
    fn tie_to_invite(&mut self, key: &Key, signal: &Arc<Signal>) -> bool {
        let exact = Key {
            method: Method::Invite,
            ..key.clone()
        };
        let at = self.by_key.get(&exact).copied();
        let at = at.or_else(|| self.same_cseq(key, signal));
        let Some(invite) = at.and_then(|at| self.found.get_mut(at)) else {
            return false;
        };
        if key.method == Method::Ack {
            invite.acks.push(signal.clone());
        } else {
            invite.cancels.push(signal.clone());
        }
        true
    }

    /// The INVITE with this CSeq between these nodes: the one whose answer made the dialog of
    /// an ACK, else the last.
    fn same_cseq(&self, key: &Key, signal: &Signal) -> Option<usize> {
        let known_as = (key.any_invite(), signal.from_tag.clone());
        let invites = self.invites.get(&known_as)?;
        let answered = |at: &&usize| {
            let answers = self.found.get(**at).map(|invite| &invite.responses);
            let is_its = |s: &Arc<Signal>| {
                matches!(s.message().code(), Some(200..=299)) && s.to_tag == signal.to_tag
            };
            answers.is_some_and(|answers| answers.iter().any(is_its))
        };
        let mut newest = invites.iter().rev().take(MOST_COMPARED);
        let last = newest.clone().next();
        newest.find(answered).or(last).copied()
    }

    fn finish(mut self) -> Vec<Transaction> {
        let dialogs = dialogs(&self.found);
        for transaction in &mut self.found {
            // An INVITE of which only answers were seen, in a dialog that was up before it.
            if let (Method::Invite, [], Some(answer)) = (
                &transaction.method,
                transaction.requests.as_slice(),
                transaction.responses.first(),
            ) {
                let up = dialog(transaction.leg, answer).and_then(|it| dialogs.get(&it));
                let cseq = (&transaction.from_tag, transaction.cseq);
                transaction.in_dialog =
                    up.is_some_and(|(number, by)| *number < answer.number && (&by.0, by.1) != cseq);
            }
        }
        self.found
            .sort_by_key(|transaction| transaction.first().map(|signal| signal.number));
        self.found
    }
}

/// How many transactions that look alike are compared with one message: more than any call
/// forks into.
const MOST_COMPARED: usize = 64;

impl Key {
    /// What all INVITEs between these nodes with this CSeq number have in common.
    fn any_invite(&self) -> Key {
        Key {
            method: Method::Invite,
            branch: None,
            ..self.clone()
        }
    }

    /// What stays the same whichever way a response takes; nothing without a branch.
    fn any_way(&self) -> Option<Way> {
        let branch = self.branch.clone()?;
        Some((self.leg, self.method.clone(), self.cseq, branch))
    }
}

/// Leg, method, CSeq number and branch.
type Way = (usize, Method, u32, String);

/// The leg and both tags of a dialog, the same from either side (RFC 3261 section 12).
type Dialog = (usize, String, String);

fn dialog(leg: usize, signal: &Signal) -> Option<Dialog> {
    let (from, to) = (signal.from_tag.clone()?, signal.to_tag.clone()?);
    Some((leg, from.clone().min(to.clone()), from.max(to)))
}

/// For each dialog the number of the 2xx that made it, with the From tag and CSeq of its INVITE.
fn dialogs(found: &[Transaction]) -> Map<Dialog, (usize, (Option<String>, u32))> {
    let mut dialogs = Map::default();
    let invites = found.iter().filter(|t| t.method == Method::Invite);
    for transaction in invites {
        for answer in &transaction.responses {
            if let (Some(200..=299), Some(dialog)) =
                (answer.message().code(), dialog(transaction.leg, answer))
            {
                let made = (
                    answer.number,
                    (transaction.from_tag.clone(), transaction.cseq),
                );
                let first = dialogs.entry(dialog).or_insert_with(|| made.clone());
                if made.0 < first.0 {
                    *first = made;
                }
            }
        }
    }
    dialogs
}
