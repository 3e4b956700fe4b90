//! Which setups are legs of one call: by what they name of each other, else by the one call that
//! was waiting to be passed on and is most like them. Works on keys alone; reads no message.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::Tie;
use super::setup::Setup;
use super::shared::Shared;
use crate::sip::certainty::Certainty;

/// A platform sends its own INVITE while the caller still waits, at the latest this long after
/// the caller's INVITE (timer C of RFC 3261 section 16.6 is above three minutes).
const LONGEST_SETUP: SignedDuration = SignedDuration::from_secs(180);

/// Clocks of two capture points may differ by this much.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_millis(200);

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
    through: Through,
    tag: bool,
    content: bool,
    called: bool,
    caller: bool,
    origin: bool,
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
    /// By the called number, the From tag and the SDP origin.
    shared: [Shared; 3],
}

/// Finds which setups belong together, in the order in which the second begins, each pair once: a
/// second reason for the same pair adds nothing. The candidates come in the order of their places;
/// those in `taken` are not looked for.
#[must_use]
pub fn matches(candidates: &[Candidate<'_>], taken: &HashSet<usize>) -> Found {
    let index = Index::of(candidates);
    let mut pairs: HashSet<(usize, usize)> = HashSet::new();
    let mut found = Found::default();
    for (it, at) in candidates.iter().zip(0_u32..) {
        if taken.contains(&it.place) {
            continue;
        }
        let named = it.by_session(&index).or_else(|| it.by_header(&index));
        let one = match named.map_or_else(|| it.by_likeness(at, &index), Alike::One) {
            Alike::One(one) => one,
            Alike::Several(open) => {
                found.ties.push(open);
                continue;
            }
            Alike::None => continue,
        };
        if pairs.insert((one.a.min(one.b), one.a.max(one.b))) {
            found.matches.push(one);
        }
    }
    found
}

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
        by_call_id.sort_unstable();
        by_session.sort_unstable();
        let shared = |of: fn(&Setup) -> u64| Shared::of(candidates, of);
        Index {
            candidates,
            by_call_id,
            by_session,
            shared: [
                shared(|it| it.called),
                shared(|it| it.tag),
                shared(|it| it.origin),
            ],
        }
    }

    fn at(&self, place: u32) -> Option<&'a Candidate<'a>> {
        self.candidates.get(place as usize)
    }

    /// The setup of this Call-ID.
    fn call(&self, call_id: u64) -> Option<&'a Candidate<'a>> {
        let at = self.by_call_id.partition_point(|(key, _)| *key < call_id);
        let (_, place) = self.by_call_id.get(at).filter(|(key, _)| *key == call_id)?;
        self.at(*place)
    }

    /// The first setup of this Session-ID.
    fn session(&self, session: u64) -> Option<&'a Candidate<'a>> {
        let at = self.by_session.partition_point(|(key, _)| *key < session);
        let (_, place) = self.by_session.get(at).filter(|(key, _)| *key == session)?;
        self.at(*place)
    }

    /// The latest setups that share something with this one and began before it, or so little later
    /// that the clocks may be wrong; the latest first.
    fn sharing<'s>(
        &'s self,
        place: u32,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Candidate<'a>> + use<'s, 'a> {
        let began = move |place: u32| {
            self.at(place)
                .is_some_and(|it| it.setup.opened.duration_since(at) <= CLOCK_SKEW)
        };
        let lists = self.shared.iter().map(move |it| it.with(place, began));
        lists.flatten().filter_map(|place| self.at(place))
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

    fn by_session(&self, index: &Index<'a>) -> Option<Match> {
        let first = index
            .session(self.setup.session)
            .filter(|_| self.setup.session != 0)?;
        let is_other = first.place != self.place;
        is_other.then(|| self.with(first, MatchBy::Session, Certainty::Certain))
    }

    /// A header whose value is another Call-ID, whatever its name.
    fn by_header(&self, index: &Index<'a>) -> Option<Match> {
        self.setup.named.iter().find_map(|(value, header)| {
            let other = index.call(*value)?;
            let ahead = other.setup.opened.duration_since(self.setup.opened);
            (other.place != self.place && ahead <= CLOCK_SKEW)
                .then(|| self.with(other, MatchBy::Header(*header), Certainty::Certain))
        })
    }

    /// Looks for the one call that was waiting to be passed on: the one that is most like this.
    /// Where two are equally like it, which of them it was cannot be known.
    fn by_likeness(&self, at: u32, index: &Index<'a>) -> Alike {
        let mut most: Option<Likeness> = None;
        let mut alike: Vec<&Candidate<'_>> = Vec::new();
        for other in index.sharing(at, self.setup.opened) {
            let Some(likeness) = self.follows(other).then(|| self.likeness(other)).flatten() else {
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

    /// Whether this INVITE was sent while the other was waiting for its answer, and not on the
    /// same way or, unless it was refused as a loop, back into the node that the other came from.
    fn follows(&self, other: &Candidate<'_>) -> bool {
        let (this, that) = (self.setup, other.setup);
        self.place != other.place
            && (self.comes_after(other) || self.clocks_differ(other))
            && this.opened.duration_since(that.opened) <= LONGEST_SETUP
            && this.opened.duration_since(that.settled) <= CLOCK_SKEW
            && this.client != that.client
            && (this.server != that.client || this.is_loop)
            && this.server != that.server
    }

    fn comes_after(&self, other: &Candidate<'_>) -> bool {
        (self.setup.opened, self.place) > (other.setup.opened, other.place)
    }

    /// Whether the order of the two proves nothing: they were recorded at two places. Then the
    /// way has to show which comes first.
    fn clocks_differ(&self, other: &Candidate<'_>) -> bool {
        let ahead = other.setup.opened.duration_since(self.setup.opened);
        ahead <= CLOCK_SKEW && self.file != other.file && self.through(other) > Through::Elsewhere
    }

    /// Whether this INVITE came from the node that the other went to. Where several nodes share
    /// an address, only the port tells them apart.
    fn through(&self, other: &Candidate<'_>) -> Through {
        let (this, that) = (self.setup, other.setup);
        if that.server == this.client {
            return Through::Port;
        }
        let one_host = that.server.host() == that.client.host();
        if !one_host && that.server.host() == this.client.host() {
            return Through::Host;
        }
        Through::Elsewhere
    }

    /// How much this is like the other; nothing where it is not enough to be the same call.
    fn likeness(&self, other: &Candidate<'_>) -> Option<Likeness> {
        let (this, that) = (self.setup, other.setup);
        let same = |a: u64, b: u64| a != 0 && a == b;
        let tag = same(this.tag, that.tag);
        let origin = same(this.origin, that.origin);
        let called = same(this.called, that.called);
        let caller = same(this.caller, that.caller);
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

    fn with(&self, other: &Candidate<'_>, by: MatchBy, certainty: Certainty) -> Match {
        Match {
            a: other.place,
            b: self.place,
            by,
            certainty,
        }
    }
}
