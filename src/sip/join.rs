//! Which Call-IDs are one call. A back-to-back platform gives each side its own; they are joined
//! by what both sides share, and each join says how sure it is.

use std::collections::HashMap;
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::certainty::Certainty;
use super::name::{Method, Name};
use super::signal::{Signal, Thread};

/// What showed that two Call-IDs are one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinBy {
    /// The source says so (`callid` and `callidb` of one row).
    Known,
    /// The same Session-ID (RFC 7989).
    SessionId,
    /// A header of one names the Call-ID of the other; which header.
    Header(String),
    /// The same From tag or the same SDP origin, at the same time.
    PassedOn,
    /// The same numbers through the same node at the same time.
    Numbers,
}

/// Two Call-IDs that are one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The Call-ID nearer to the caller.
    pub a: String,
    /// The other one.
    pub b: String,
    /// What showed it.
    pub by: JoinBy,
    /// How sure it is.
    pub certainty: Certainty,
}

/// A platform sends its own INVITE while the caller still waits, at the latest this long after
/// the caller's INVITE (timer C of RFC 3261 section 16.6 is above three minutes).
const LONGEST_SETUP: SignedDuration = SignedDuration::from_secs(180);

/// Clocks of two capture points may differ by this much.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_millis(200);

/// How many waiting calls to one number are compared with a new INVITE.
const MOST_CANDIDATES: usize = 64;

/// What two legs have in common, the weightiest first: compared in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    through: bool,
    tag: bool,
    content: bool,
    called: bool,
    caller: bool,
    origin: bool,
}

/// What a thread shows of itself for joining.
struct Setup<'a> {
    thread: usize,
    call_id: &'a str,
    opening: &'a Signal,
    /// When the caller stopped waiting: the final response, or the last message.
    settled: Timestamp,
    client: SocketAddr,
    server: SocketAddr,
    caller: String,
    called: String,
    origin: Option<String>,
}

/// Finds which threads belong together. `known` are pairs of Call-IDs that the source itself
/// gives. The answer names each joined pair once, the side nearer to the caller first.
#[must_use]
pub fn joins(threads: &[Thread], known: &[(String, String)]) -> Vec<Join> {
    let mut found: Vec<Join> = Vec::new();
    let setups: Vec<Setup<'_>> = threads
        .iter()
        .enumerate()
        .filter_map(|(at, thread)| Setup::of(at, thread))
        .collect();
    let by_call_id: HashMap<&str, &Setup<'_>> = setups.iter().map(|s| (s.call_id, s)).collect();

    for (a, b) in known {
        if by_call_id.contains_key(a.as_str()) && by_call_id.contains_key(b.as_str()) {
            found.push(Join {
                a: a.clone(),
                b: b.clone(),
                by: JoinBy::Known,
                certainty: Certainty::Certain,
            });
        }
    }
    let mut sessions: HashMap<String, &Setup<'_>> = HashMap::new();
    let mut waiting: HashMap<String, Vec<&Setup<'_>>> = HashMap::new();
    for setup in &setups {
        let joined = setup
            .by_session(&mut sessions)
            .or_else(|| setup.by_header(&by_call_id))
            .or_else(|| setup.by_likeness(&waiting));
        found.extend(joined);
        for key in setup.keys() {
            waiting.entry(key).or_default().push(setup);
        }
    }
    // Known pairs come first; a second reason for the same pair adds nothing.
    let mut unique: Vec<Join> = Vec::new();
    for join in found {
        let same = |other: &Join| {
            (other.a == join.a && other.b == join.b) || (other.a == join.b && other.b == join.a)
        };
        if !unique.iter().rev().take(64).any(same) {
            unique.push(join);
        }
    }
    unique
}

impl<'a> Setup<'a> {
    fn of(at: usize, thread: &'a Thread) -> Option<Setup<'a>> {
        let opening = thread
            .signals
            .iter()
            .find(|s| s.is_request(&Method::Invite) && s.to_tag.is_none())?;
        let finals = thread.signals.iter().filter(|s| {
            s.answer_to(&Method::Invite)
                .is_some_and(|code| code >= 200 && code != 401 && code != 407)
        });
        let settled = finals
            .map(Signal::at)
            .next()
            .or(thread.signals.last().map(Signal::at))?;
        let called = opening
            .message
            .request_uri()
            .and_then(|uri| uri.user)
            .unwrap_or_default();
        Some(Setup {
            thread: at,
            call_id: &thread.call_id,
            opening,
            settled,
            client: opening.source(),
            server: opening.destination(),
            caller: number_key(&opening.message.from_user()),
            called: number_key(&called),
            origin: opening.message.sdp().and_then(|sdp| sdp.origin_key()),
        })
    }

    /// Everything under which a later leg may look for this one.
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![format!("called {}", self.called)];
        keys.extend(self.opening.from_tag.iter().map(|tag| format!("tag {tag}")));
        keys.extend(self.origin.iter().map(|origin| format!("sdp {origin}")));
        keys
    }

    /// RFC 7989: the caller's half of Session-ID goes through unchanged.
    fn by_session(&self, seen: &mut HashMap<String, &'a Setup<'a>>) -> Option<Join>
    where
        Self: 'a,
    {
        let value = self.opening.message.header(Name::SessionId)?;
        let local = value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if local.len() < 16 || local.bytes().all(|b| b == b'0') {
            return None;
        }
        let first = *seen.get(&local)?;
        Some(self.join(first, JoinBy::SessionId, Certainty::Certain))
    }

    /// A header whose value is another Call-ID, whatever its name.
    fn by_header(&self, by_call_id: &HashMap<&str, &Setup<'_>>) -> Option<Join> {
        self.opening
            .message
            .all_headers()
            .find_map(|(name, value)| {
                let other = by_call_id.get(value.as_ref())?;
                let is_other =
                    other.thread != self.thread && other.opening.at() <= self.opening.at();
                (is_other
                    && !name.eq_ignore_ascii_case("call-id")
                    && !name.eq_ignore_ascii_case("i"))
                .then(|| self.join(other, JoinBy::Header(name.into_owned()), Certainty::Certain))
            })
    }

    /// Looks for the one call that was waiting to be passed on: the one that is most like this.
    /// Where two are equally like it, which of them it was cannot be known.
    fn by_likeness(&self, waiting: &HashMap<String, Vec<&Setup<'_>>>) -> Option<Join> {
        let mut candidates: Vec<&Setup<'_>> = Vec::new();
        for key in self.keys() {
            for other in waiting
                .get(&key)
                .into_iter()
                .flatten()
                .rev()
                .take(MOST_CANDIDATES)
            {
                let known = candidates.iter().any(|c| c.thread == other.thread);
                if !known && self.follows(other) {
                    candidates.push(other);
                }
            }
        }
        let likeness = |other: &&Setup<'_>| self.likeness(other);
        let most = candidates.iter().filter_map(likeness).max()?;
        let mut best = candidates
            .iter()
            .filter(|other| likeness(other) == Some(most));
        let (Some(one), None) = (best.next(), best.next()) else {
            return None;
        };
        let by = if most.content {
            JoinBy::PassedOn
        } else {
            JoinBy::Numbers
        };
        let sure = most.content || most.caller;
        let certainty = if sure {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        Some(self.join(one, by, certainty))
    }

    /// Whether this INVITE was sent while the other was waiting for its answer, and not on the
    /// same way or back into the node that the other came from.
    fn follows(&self, other: &Setup<'_>) -> bool {
        let (at, since) = (self.opening.at(), other.opening.at());
        at.duration_since(since) >= -CLOCK_SKEW
            && at.duration_since(since) <= LONGEST_SETUP
            && at.duration_since(other.settled) <= CLOCK_SKEW
            && self.client != other.client
            && self.server != other.client
            && self.server != other.server
    }

    /// Whether this INVITE came from the node that the other went to. Where several nodes share
    /// an address, only the port tells them apart.
    fn is_through(&self, other: &Setup<'_>) -> bool {
        if other.server.ip() == other.client.ip() {
            return other.server == self.client;
        }
        other.server.ip() == self.client.ip()
    }

    /// How much this is like the other; nothing where it is not enough to be the same call.
    fn likeness(&self, other: &Setup<'_>) -> Option<Likeness> {
        let tag =
            self.opening.from_tag.is_some() && self.opening.from_tag == other.opening.from_tag;
        let origin = self.origin.is_some() && self.origin == other.origin;
        let called = !self.called.is_empty() && self.called == other.called;
        let caller = !self.caller.is_empty() && self.caller == other.caller;
        // Test tools write the same SDP origin, and some devices the same tags, into every call.
        let content = (tag || origin) && (called || caller);
        let through = self.is_through(other);
        (content || (through && called)).then_some(Likeness {
            through,
            tag,
            content,
            called,
            caller,
            origin,
        })
    }

    fn join(&self, other: &Setup<'_>, by: JoinBy, certainty: Certainty) -> Join {
        let (a, b) = (other.call_id.to_owned(), self.call_id.to_owned());
        Join {
            a,
            b,
            by,
            certainty,
        }
    }
}

/// The end of a number, which survives prefixes being added or taken off; other users as they are.
fn number_key(user: &str) -> String {
    const KEPT: usize = 7;
    let digits: String = user.chars().filter(char::is_ascii_digit).collect();
    let other = user.chars().any(|c| c.is_ascii_alphabetic());
    match digits.len().checked_sub(KEPT) {
        Some(from) if !other => digits.get(from..).unwrap_or_default().to_owned(),
        _ => user.to_ascii_lowercase(),
    }
}

/// Groups threads into calls: the places in `threads` of those that belong together, in order.
#[must_use]
pub fn groups(threads: &[Thread], joins: &[Join]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> = threads
        .iter()
        .enumerate()
        .map(|(at, t)| (t.call_id.as_str(), at))
        .collect();
    let mut parent: Vec<usize> = (0..threads.len()).collect();
    fn root(parent: &[usize], mut at: usize) -> usize {
        while let Some(up) = parent.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    }
    for join in joins {
        let ends = (index.get(join.a.as_str()), index.get(join.b.as_str()));
        let (Some(a), Some(b)) = ends else { continue };
        let (a, b) = (root(&parent, *a), root(&parent, *b));
        if let Some(slot) = parent.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    for at in 0..threads.len() {
        let group = *group_of.entry(root(&parent, at)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        if let Some(members) = groups.get_mut(group) {
            members.push(at);
        }
    }
    groups
}
