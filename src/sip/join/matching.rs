//! Which setups are legs of one call: by what they name of each other, else by the one call that
//! was waiting to be passed on and is most like them. Works on keys alone; reads no message.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::Tie;
use super::setup::Setup;
use super::shared::Shared;
use crate::sip::certainty::Certainty;
use crate::sip::order::{CLOCK_SKEW, DISORDER, skew};

/// A platform sends its own INVITE while the caller still waits, at the latest this long after
/// the caller's INVITE (timer C of RFC 3261 section 16.6 is above three minutes).
const LONGEST_SETUP: SignedDuration = SignedDuration::from_secs(180);

/// A platform that asks nobody sends its INVITE this soon after the caller's.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(500);

/// A leg that names another call long after it was answered, as a queue does, names it within this.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// How many calls that wait to be passed on are compared with a leg.
const MOST_WAITING: usize = 64;

/// What shows that two setups belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchBy {
    /// The same Session-ID.
    Session,
    /// A header of the second names the Call-ID of the first: its place among the headers that no
    /// RFC defines.
    Header(u16),
    /// The same From tag or SDP origin.
    PassedOn,
    /// The same numbers through the same node.
    Numbers,
}

/// Two setups that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The place of the one nearer to the caller.
    pub a: usize,
    /// The place of the other.
    pub b: usize,
    /// What shows it.
    pub by: MatchBy,
    /// How sure it is.
    pub certainty: Certainty,
}

/// More calls than this are not named for one leg.
const MOST_NAMED: usize = 8;

/// A setup of which several others are equally like what it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its place.
    pub leg: usize,
    /// The places of those, ascending.
    pub of: Vec<usize>,
}

impl Open {
    /// The same in words, by what gives the Call-ID of a place; nothing where that has fewer than two of them.
    #[must_use]
    pub fn named(&self, call_id: impl Fn(usize) -> Option<String>) -> Option<Tie> {
        let of: Vec<String> = self.of.iter().filter_map(|at| call_id(*at)).collect();
        let leg = call_id(self.leg).filter(|_| of.len() > 1)?;
        Some(Tie { leg, of })
    }
}

/// What was found among setups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Those that belong together.
    pub matches: Vec<Match>,
    /// Those that may belong to one of several.
    pub ties: Vec<Open>,
}

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
    /// The same tag, and a number.
    tag: bool,
    through: Through,
    content: bool,
    called: bool,
    caller: bool,
    origin: bool,
    /// It stands behind the other, not only near it.
    in_order: bool,
}

/// A setup with its place among all threads and the key of its Call-ID.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// Its place; threads are in the order in which they begin.
    pub place: usize,
    /// The key of its Call-ID.
    pub call_id: u64,
    /// The file in which it opens: two files may have clocks of their own.
    pub file: u32,
    /// What it shows of itself.
    pub setup: &'a Setup,
}

/// The setups by everything under which another leg may look for them. Lists that are sorted, since
/// there may be very many.
struct Index<'a> {
    candidates: &'a [Candidate<'a>],
    /// By Call-ID: its key, and the place among the candidates.
    by_call_id: Vec<(u64, u32)>,
    /// By Session-ID.
    by_session: Vec<(u64, u32)>,
    called: Shared,
    /// By the called number too, all of them, where any leg says that it was diverted from one.
    by_called: Vec<(u64, u32)>,
    tag: Shared,
    origin: Shared,
}

/// Finds which setups belong together, in the order in which the second begins, each pair once: a
/// second reason for the same pair adds nothing. The candidates come in the order of their places;
/// those in `taken` are not looked for.
#[must_use]
pub fn matches(candidates: &[Candidate<'_>], taken: &HashSet<usize>) -> Found {
    let index = Index::of(candidates);
    let mut pairs: HashSet<(usize, usize)> = HashSet::new();
    let mut found = Found::default();
    let mut tried = Tried::new();
    for (it, at) in candidates.iter().zip(0_u32..) {
        if taken.contains(&it.place) {
            continue;
        }
        let named = it.by_session(&index).or_else(|| it.by_header(&index));
        let one = match named.map_or_else(|| it.by_likeness(at, &index, &tried), Alike::One) {
            Alike::One(one) => one,
            Alike::Several(open) => {
                found.ties.push(open);
                continue;
            }
            Alike::None => continue,
        };
        let ended = tried.entry(one.a).or_insert(it.setup.settled);
        *ended = it.setup.settled.max(*ended);
        if pairs.insert((one.a.min(one.b), one.a.max(one.b))) {
            found.matches.push(one);
        }
    }
    found
}

/// When the last leg of a call ended that was tried, by the place of the call.
type Tried = HashMap<usize, Timestamp>;

/// What a setup that names no other is most like.
enum Alike {
    None,
    One(Match),
    Several(Open),
}

impl<'a> Index<'a> {
    fn of(candidates: &'a [Candidate<'a>]) -> Index<'a> {
        let numbered = || candidates.iter().zip(0_u32..);
        let mut by_call_id: Vec<(u64, u32)> = numbered().map(|(it, at)| (it.call_id, at)).collect();
        let mut by_session: Vec<(u64, u32)> = numbered()
            .filter(|(it, _)| it.setup.session != 0)
            .map(|(it, at)| (it.setup.session, at))
            .collect();
        let has_diverted = candidates.iter().any(|it| !it.setup.diverted.is_empty());
        let mut by_called: Vec<(u64, u32)> = numbered()
            .filter(|_| has_diverted)
            .map(|(it, at)| (it.setup.called.key(), at))
            .collect();
        by_call_id.sort_unstable();
        by_called.sort_unstable();
        by_session.sort_unstable();
        let shared = |of: fn(&Setup) -> u64| Shared::of(candidates, of);
        Index {
            candidates,
            by_call_id,
            by_session,
            by_called,
            called: shared(|it| it.called.key()),
            tag: shared(|it| it.tag),
            origin: shared(|it| it.origin),
        }
    }

    fn at(&self, place: u32) -> Option<&'a Candidate<'a>> {
        self.candidates.get(place as usize)
    }

    /// The latest that called this number and began before the one at a place.
    fn having_called(&self, key: u64, place: u32) -> impl Iterator<Item = u32> {
        let end = self.by_called.partition_point(|it| *it < (key, place));
        let before = self.by_called.get(..end).unwrap_or_default().iter().rev();
        before
            .take_while(move |(known, _)| *known == key)
            .take(MOST_WAITING)
            .map(|(_, place)| *place)
    }

    /// The setup of this Call-ID.
    fn call(&self, call_id: u64) -> Option<&'a Candidate<'a>> {
        let at = self.by_call_id.partition_point(|(key, _)| *key < call_id);
        let (_, place) = self.by_call_id.get(at).filter(|(key, _)| *key == call_id)?;
        self.at(*place)
    }

    /// The setups of this Session-ID, as many of them as one call may have legs.
    fn session(&self, session: u64) -> impl Iterator<Item = &'a Candidate<'a>> {
        const MOST: usize = 64;
        let at = self.by_session.partition_point(|(key, _)| *key < session);
        let here = self.by_session.get(at..).unwrap_or_default().iter();
        here.take_while(move |(key, _)| *key == session && session != 0)
            .take(MOST)
            .filter_map(|(_, place)| self.at(*place))
    }

    /// The latest setups that share something with this one and began before it, or so little later
    /// that the clocks may be wrong; the latest first.
    fn sharing<'s>(
        &'s self,
        place: u32,
        setup: &'s Setup,
    ) -> impl Iterator<Item = &'a Candidate<'a>> + use<'s, 'a> {
        let at = setup.opened;
        let began = move |place: u32| {
            self.at(place)
                .is_some_and(|it| it.setup.opened.duration_since(at) <= CLOCK_SKEW)
        };
        let lists = [&self.called, &self.tag, &self.origin].into_iter();
        let diverted = setup.diverted.iter();
        let before = diverted.flat_map(move |user| self.having_called(user.key(), place));
        lists
            .flat_map(move |it| it.with(place, began))
            .chain(before)
            .filter_map(|place| self.at(place))
    }
}

impl<'a> Candidate<'a> {
    /// A setup in the file that it was read from.
    #[must_use]
    pub fn of((place, call_id, setup): &'a (usize, u64, Box<Setup>)) -> Candidate<'a> {
        Candidate {
            place: *place,
            call_id: *call_id,
            file: setup.place.file,
            setup,
        }
    }

    /// The nearest in time that has the same Session-ID: it names what people take part in, which may be many calls.
    fn by_session(&self, index: &Index<'a>) -> Option<Match> {
        let apart = |other: &Candidate<'_>| {
            let apart = self.setup.opened.duration_since(other.setup.opened);
            apart.abs()
        };
        let may_be = |other: &&Candidate<'_>| {
            let at_once = self.file != other.file || apart(other) <= LONGEST_SETUP;
            other.place != self.place && at_once && self.goes_on_from(other)
        };
        let other = index
            .session(self.setup.session)
            .filter(may_be)
            .min_by_key(|it| apart(it))?;
        let is_before =
            self.through(other) == Through::Elsewhere && other.through(self) > Through::Elsewhere;
        Some(match is_before {
            true => other.with(self, MatchBy::Session, Certainty::Certain),
            false => self.with(other, MatchBy::Session, Certainty::Certain),
        })
    }

    /// A header whose value is another Call-ID, whatever its name.
    fn by_header(&self, index: &Index<'a>) -> Option<Match> {
        self.setup.named.iter().find_map(|(value, header)| {
            let other = index.call(*value)?;
            let certainty = self.is_named_by(other)?;
            Some(self.with(other, MatchBy::Header(*header), certainty))
        })
    }

    /// How sure it is that a call which this leg names is the one it is a leg of, and not one that was before it, the
    /// agent's own, or one whose Call-ID only reads like the value.
    fn is_named_by(&self, other: &Candidate<'_>) -> Option<Certainty> {
        let (this, that) = (self.setup, other.setup);
        let after = this.opened.duration_since(that.opened);
        let is_in_order = self.file != other.file || after >= -DISORDER;
        let is_through = self.through(other) > Through::Elsewhere;
        let is_related = is_through || this.called.is(that.called) || this.has_caller_of(that);
        if self.place == other.place || !is_in_order || !is_related || !self.goes_on_from(other) {
            return None;
        }
        if self.finds_waiting(other) && after <= LONGEST_SETUP {
            return Some(Certainty::Certain);
        }
        let is_queued = is_through && this.has_caller_of(that) && after <= LONGEST_WAIT;
        is_queued.then_some(Certainty::Likely)
    }

    /// Looks for the one call that was waiting to be passed on: the one that is most like this.
    /// Where two are equally like it, which of them it was cannot be known.
    fn by_likeness(&self, at: u32, index: &Index<'a>, tried: &Tried) -> Alike {
        let mut most: Option<Likeness> = None;
        let mut alike: Vec<&Candidate<'_>> = Vec::new();
        let waiting = index
            .sharing(at, self.setup)
            .filter(|other| self.follows(other));
        for other in waiting.take(MOST_WAITING) {
            let Some(likeness) = self.likeness(other, tried) else {
                continue;
            };
            if most.is_none_or(|most| likeness > most) {
                most = Some(likeness);
                alike.clear();
            }
            if most == Some(likeness) && alike.iter().all(|known| known.place != other.place) {
                alike.push(other);
            }
        }
        let (Some(most), Some(one)) = (most, alike.first()) else {
            return Alike::None;
        };
        if alike.len() > 1 {
            let mut of: Vec<usize> = alike.iter().map(|it| it.place).collect();
            of.sort_unstable();
            of.truncate(MOST_NAMED);
            let leg = self.place;
            return Alike::Several(Open { leg, of });
        }
        let by = if most.content {
            MatchBy::PassedOn
        } else {
            MatchBy::Numbers
        };
        let certainty = if most.content || most.caller {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        Alike::One(self.with(one, by, certainty))
    }

    /// Whether this INVITE was sent while the other was waiting for its answer.
    fn follows(&self, other: &Candidate<'_>) -> bool {
        let (this, that) = (self.setup, other.setup);
        self.place != other.place
            && (self.comes_after(other) || self.order_proves_nothing(other))
            && this.opened.duration_since(that.opened) <= LONGEST_SETUP
            && self.finds_waiting(other)
            && self.goes_on_from(other)
    }

    /// Whether the other one was not settled before: without a final response, its last message tells that no surer
    /// than two clocks would.
    fn finds_waiting(&self, other: &Candidate<'_>) -> bool {
        let late = match other.setup.is_final {
            true => skew(self.file, other.file),
            false => CLOCK_SKEW,
        };
        self.setup.opened.duration_since(other.setup.settled) <= late
    }

    /// Whether this INVITE was sent neither on the same way as the other nor, unless it was refused as a loop or says that
    /// the other was diverted, back into the node that the other came from. Behind a proxy it may go by it again. What a
    /// recorder gets goes on from nothing.
    fn goes_on_from(&self, other: &Candidate<'_>) -> bool {
        let (this, that) = (self.setup, other.setup);
        !this.is_recording
            && !that.is_recording
            && this.client != that.client
            && (this.server != that.client || this.is_loop || this.is_diverted_from(that))
            && (this.server != that.server || that.passed.contains(&this.client))
    }

    fn comes_after(&self, other: &Candidate<'_>) -> bool {
        (self.setup.opened, self.place) > (other.setup.opened, other.place)
    }

    /// Whether the order of the two proves nothing, so near are they. Then the way has to show which comes first.
    fn order_proves_nothing(&self, other: &Candidate<'_>) -> bool {
        let ahead = other.setup.opened.duration_since(self.setup.opened);
        ahead <= skew(self.file, other.file) && self.through(other) > Through::Elsewhere
    }

    /// Whether this INVITE came from the node that the other went to. Where several nodes share
    /// an address, only the port tells them apart.
    fn through(&self, other: &Candidate<'_>) -> Through {
        let (this, that) = (self.setup, other.setup);
        if that.server == this.client || that.passed.contains(&this.client) {
            return Through::Port;
        }
        let one_host = that.server.host() == that.client.host();
        if !one_host && that.server.host() == this.client.host() {
            return Through::Host;
        }
        Through::Elsewhere
    }

    /// How much this is like the other; nothing where it is not enough to be the same call.
    fn likeness(&self, other: &Candidate<'_>, tried: &Tried) -> Option<Likeness> {
        let (this, that) = (self.setup, other.setup);
        let same = |a: u64, b: u64| a != 0 && a == b;
        let (tag, origin) = (same(this.tag, that.tag), same(this.origin, that.origin));
        let called = this.called.is(that.called);
        let caller = this.has_caller_of(that);
        let through = self.through(other);
        let passes = through > Through::Elsewhere;
        // Test tools write the same SDP origin, and some devices the same tags, into every call.
        let tag = tag && (called || caller);
        let content = tag || (origin && (called || caller));
        let is_diverted = passes && caller && this.is_diverted_from(that);
        // A platform that puts another number in place of the caller's does so at once, or once a try has failed; later
        // it is another caller's leg.
        let before = tried.get(&other.place).copied();
        let before = before
            .filter(|it| *it <= this.opened)
            .unwrap_or(that.opened);
        let is_at_once = this.opened.duration_since(before) <= AT_ONCE;
        let speaks_against = !tag && !is_at_once && this.has_another_caller_than(that);
        let is_enough = content || (passes && called) || is_diverted;
        (is_enough && !speaks_against).then_some(Likeness {
            tag,
            through,
            content,
            called,
            caller,
            origin,
            in_order: self.comes_after(other),
        })
    }

    fn with(&self, other: &Candidate<'_>, by: MatchBy, certainty: Certainty) -> Match {
        Match {
            a: other.place,
            b: self.place,
            by,
            certainty,
        }
    }
}
