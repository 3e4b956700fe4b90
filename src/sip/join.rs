//! Which Call-IDs are one call. A back-to-back platform gives each side its own; they are joined
//! by what both sides share, and each join says how sure it is.

use std::collections::{HashMap, HashSet};
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

/// How many of the latest calls that share a number, a tag or an origin with a new INVITE are
/// compared with it.
const MOST_CANDIDATES: usize = 64;

/// A shorter Call-ID could stand in any header by accident.
const SHORTEST_NAMED: usize = 8;

/// How surely a leg comes from the node that another went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Through {
    Elsewhere,
    /// The same host, another port.
    Host,
    Port,
}

/// What two legs have in common, the weightiest first: compared in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    through: Through,
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
    /// The INVITE, else the first answer to it.
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
    let setups: Vec<Setup<'_>> = threads
        .iter()
        .enumerate()
        .filter_map(|(at, thread)| Setup::of(at, thread))
        .collect();
    let index = Index::of(&setups);
    let mut found = known_joins(threads, known);
    let known: HashSet<String> = found.iter().map(|join| join.b.clone()).collect();
    for setup in setups.iter().filter(|s| !known.contains(s.call_id)) {
        let joined = setup
            .by_session(&index)
            .or_else(|| setup.by_header(&index))
            .or_else(|| setup.by_likeness(&index));
        found.extend(joined);
    }
    // Known pairs come first; a second reason for the same pair adds nothing.
    let mut pairs: HashSet<(String, String)> = HashSet::new();
    found.retain(|join| {
        let (a, b) = (join.a.clone(), join.b.clone());
        pairs.insert((a.clone().min(b.clone()), a.max(b)))
    });
    found
}

fn known_joins(threads: &[Thread], known: &[(String, String)]) -> Vec<Join> {
    if known.is_empty() {
        return Vec::new();
    }
    let seen: HashSet<&str> = threads.iter().map(|t| t.call_id.as_str()).collect();
    known
        .iter()
        .filter(|(a, b)| a != b && seen.contains(a.as_str()) && seen.contains(b.as_str()))
        .map(|(a, b)| Join {
            a: a.clone(),
            b: b.clone(),
            by: JoinBy::Known,
            certainty: Certainty::Certain,
        })
        .collect()
}

/// The setups by everything under which another leg may look for them, each list in time order.
struct Index<'a> {
    by_call_id: HashMap<&'a str, &'a Setup<'a>>,
    by_session: HashMap<String, &'a Setup<'a>>,
    by_trait: HashMap<Trait<'a>, Vec<&'a Setup<'a>>>,
}

/// What the legs of a call may share.
#[derive(PartialEq, Eq, Hash)]
enum Trait<'a> {
    Called(&'a str),
    Tag(&'a str),
    Origin(&'a str),
}

impl<'a> Index<'a> {
    fn of(setups: &'a [Setup<'a>]) -> Index<'a> {
        let mut by_session = HashMap::new();
        let mut by_trait: HashMap<Trait<'a>, Vec<&'a Setup<'a>>> = HashMap::new();
        for setup in setups {
            if let Some(session) = setup.session() {
                by_session.entry(session).or_insert(setup);
            }
            for key in setup.traits() {
                by_trait.entry(key).or_default().push(setup);
            }
        }
        Index {
            by_call_id: setups.iter().map(|s| (s.call_id, s)).collect(),
            by_session,
            by_trait,
        }
    }

    /// The latest setups that share this and began before, or so little later that the clocks
    /// may be wrong; the latest first.
    fn sharing<'s>(
        &'s self,
        key: Trait<'s>,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Setup<'a>> + use<'s, 'a> {
        let list = self
            .by_trait
            .get(&key)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let until = list.partition_point(|s| s.opening.at().duration_since(at) <= CLOCK_SKEW);
        let before = list.get(..until).unwrap_or_default();
        before.iter().rev().take(MOST_CANDIDATES).copied()
    }
}

impl<'a> Setup<'a> {
    fn of(at: usize, thread: &'a Thread) -> Option<Setup<'a>> {
        // What has no Call-ID is many calls, not one.
        if thread.call_id.is_empty() {
            return None;
        }
        let opening = opening(thread)?;
        let (client, server) = match opening.message.code() {
            Some(_) => (opening.destination(), opening.source()),
            None => (opening.source(), opening.destination()),
        };
        let called = match opening.message.request_uri() {
            Some(uri) => uri.user.unwrap_or_default(),
            None => opening.message.to_user(),
        };
        Some(Setup {
            thread: at,
            call_id: &thread.call_id,
            opening,
            settled: settled(thread, client)?,
            client,
            server,
            caller: number_key(&opening.message.from_user()),
            called: number_key(&called),
            origin: opening.message.sdp().and_then(|sdp| sdp.origin_key()),
        })
    }

    fn traits(&self) -> impl Iterator<Item = Trait<'_>> {
        let called = Some(self.called.as_str()).filter(|called| !called.is_empty());
        let tag = self.opening.from_tag.as_deref();
        [
            called.map(Trait::Called),
            tag.map(Trait::Tag),
            self.origin.as_deref().map(Trait::Origin),
        ]
        .into_iter()
        .flatten()
    }

    /// RFC 7989: the caller's half of Session-ID, which goes through unchanged.
    fn session(&self) -> Option<String> {
        let value = self.opening.message.header(Name::SessionId)?;
        let local = value.split(';').next()?.trim().to_ascii_lowercase();
        let is_null = local.bytes().all(|b| b == b'0');
        (local.len() >= 16 && !is_null).then_some(local)
    }

    fn by_session(&self, index: &Index<'_>) -> Option<Join> {
        let first = *index.by_session.get(&self.session()?)?;
        let is_other = first.thread != self.thread;
        is_other.then(|| self.join(first, JoinBy::SessionId, Certainty::Certain))
    }

    /// A header whose value is another Call-ID, whatever its name. Those that the RFCs define
    /// mean something else: In-Reply-To names a call that is over.
    fn by_header(&self, index: &Index<'_>) -> Option<Join> {
        self.opening
            .message
            .all_headers()
            .filter(|(name, value)| {
                value.len() >= SHORTEST_NAMED && Name::parse(name.as_bytes()) == Name::Other
            })
            .find_map(|(name, value)| {
                let other = *index.by_call_id.get(value.as_ref())?;
                let ahead = other.opening.at().duration_since(self.opening.at());
                (other.thread != self.thread && ahead <= CLOCK_SKEW).then(|| {
                    self.join(other, JoinBy::Header(name.into_owned()), Certainty::Certain)
                })
            })
    }

    /// Looks for the one call that was waiting to be passed on: the one that is most like this.
    /// Where two are equally like it, which of them it was cannot be known.
    fn by_likeness(&self, index: &Index<'_>) -> Option<Join> {
        let mut best: Option<(Likeness, &Setup<'_>)> = None;
        let mut is_unique = true;
        for other in self
            .traits()
            .flat_map(|key| index.sharing(key, self.opening.at()))
        {
            let Some(likeness) = self.follows(other).then(|| self.likeness(other)).flatten() else {
                continue;
            };
            match best {
                Some((_, known)) if known.thread == other.thread => {}
                Some((most, _)) if likeness < most => {}
                Some((most, _)) if likeness == most => is_unique = false,
                _ => (best, is_unique) = (Some((likeness, other)), true),
            }
        }
        let (most, one) = best.filter(|_| is_unique)?;
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
        self.thread != other.thread
            && (self.comes_after(other) || self.clocks_differ(other))
            && at.duration_since(since) <= LONGEST_SETUP
            && at.duration_since(other.settled) <= CLOCK_SKEW
            && self.client != other.client
            && self.server != other.client
            && self.server != other.server
    }

    fn comes_after(&self, other: &Setup<'_>) -> bool {
        (self.opening.at(), self.thread) > (other.opening.at(), other.thread)
    }

    /// Whether the order of the two proves nothing: they were recorded at two places. Then the
    /// way has to show which comes first.
    fn clocks_differ(&self, other: &Setup<'_>) -> bool {
        let ahead = other.opening.at().duration_since(self.opening.at());
        ahead <= CLOCK_SKEW
            && self.opening.packet.place.file != other.opening.packet.place.file
            && self.through(other) > Through::Elsewhere
    }

    /// Whether this INVITE came from the node that the other went to. Where several nodes share
    /// an address, only the port tells them apart.
    fn through(&self, other: &Setup<'_>) -> Through {
        if other.server == self.client {
            return Through::Port;
        }
        let one_host = other.server.ip() == other.client.ip();
        if !one_host && other.server.ip() == self.client.ip() {
            return Through::Host;
        }
        Through::Elsewhere
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
        let through = self.through(other);
        (content || (through > Through::Elsewhere && called)).then_some(Likeness {
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

/// The INVITE that opens a thread; where only the way back was captured, its first answer.
fn opening(thread: &Thread) -> Option<&Signal> {
    let invites = || {
        thread
            .signals
            .iter()
            .filter(|s| s.is_request(&Method::Invite))
    };
    let first = invites().find(|s| s.to_tag.is_none());
    first.or_else(|| {
        let answer = thread
            .signals
            .iter()
            .find(|s| s.answer_to(&Method::Invite).is_some())?;
        let is_inside = invites().any(|s| s.cseq == answer.cseq);
        (!is_inside).then_some(answer)
    })
}

/// When the caller had its answer; where nothing was seen sent there, when any hop had; else the
/// last message. A challenge is no answer, and a proxy may try others after a refusal.
fn settled(thread: &Thread, client: SocketAddr) -> Option<Timestamp> {
    let sees_client = thread.signals.iter().any(|s| s.destination() == client);
    let is_final = |s: &&Signal| {
        s.answer_to(&Method::Invite)
            .is_some_and(|code| code >= 200 && code != 401 && code != 407)
            && (!sees_client || s.destination() == client)
    };
    let answer = thread.signals.iter().find(is_final);
    answer.or(thread.signals.last()).map(Signal::at)
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

/// Groups threads into calls: the places in `threads` of those that belong together, each after
/// the one that it was joined to, otherwise in order.
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
    for at in upstream_first(threads.len(), joins, &index) {
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

/// All places, each after the one it was joined to: a clock that is late may have recorded the far
/// side of a call before the caller's.
fn upstream_first(count: usize, joins: &[Join], index: &HashMap<&str, usize>) -> Vec<usize> {
    let mut upstream: HashMap<usize, usize> = HashMap::new();
    for join in joins {
        if let (Some(a), Some(b)) = (index.get(join.a.as_str()), index.get(join.b.as_str())) {
            upstream.entry(*b).or_insert(*a);
        }
    }
    let mut placed = vec![false; count];
    let mut order = Vec::with_capacity(count);
    for at in 0..count {
        let mut way = Vec::new();
        let mut next = Some(at);
        while let Some(here) = next {
            match placed.get_mut(here) {
                Some(done) if !*done => *done = true,
                _ => break,
            }
            way.push(here);
            next = upstream.get(&here).copied();
        }
        order.extend(way.into_iter().rev());
    }
    order
}
