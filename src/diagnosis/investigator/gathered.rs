//! What all sources together gave, and the asking of them, side by side. Judges nothing.

use std::collections::HashMap;

use futures_util::future::{FutureExt, join_all};
use jiff::Timestamp;

use super::cancel::Course;
use super::platform::{self, Asked, Asking, Look};
use super::steps::millis;
use crate::call::{self, CallQuery, Term, Window};
use crate::diagnosis::common::Traits;
pub(super) use crate::diagnosis::investigation::Unasked;
use crate::diagnosis::party::Direction;
use crate::diagnosis::roles::Roles;
use crate::knowledge::Knowledge;
use crate::peers::Peers;
use crate::platform::CallRecord;
use crate::sip::{Call, Join, Kind, Leg, Packet};
use crate::sources::{
    Captures, ConnexCs, Evidence, Known, Lookup, Source, Trace, Unread, say_once,
};

/// What all sources together gave.
#[derive(Default)]
pub(super) struct Gathered {
    pub evidence: Evidence,
    pub joins: Vec<Join>,
    pub matched: Vec<String>,
    pub seen_until: Option<Timestamp>,
    /// Sources that could not be asked, with why.
    pub unavailable: Vec<String>,
    pub unread: Unread,
    /// What the platforms gave besides calls; nothing where none was asked.
    pub platform: Option<OfPlatforms>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// How many more calls match than were looked at.
    pub left_out: usize,
    /// How many older calls captures hold that may match and were too many to be read.
    pub unlooked: usize,
    /// By what all calls of a scope are compared, diagnosed or not.
    pub traits: Vec<Traits>,
    /// Whether captures were asked.
    pub has_captures: bool,
    /// The Call-IDs that a platform could not be asked for.
    pub unasked: Vec<Unasked>,
    /// Where it was cancelled before all calls were looked at: what was not.
    pub cut: Option<Cut>,
}

/// What is missing because somebody cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cut {
    /// The Call-IDs that were not looked at.
    pub unlooked: Vec<String>,
}

/// What became of the look-ups at all platforms together.
#[derive(Debug, Default)]
pub(super) struct OfPlatforms {
    pub log: Asked,
    pub trace: Asked,
    /// The platforms that told nothing at all, by name, and why.
    pub silent: Vec<(String, String)>,
    /// How long they took together, in milliseconds.
    pub took_ms: u64,
}

impl Gathered {
    /// Asks the captures for the calls that a query describes.
    pub async fn trace_too(&mut self, sources: &[Source], query: &CallQuery) {
        let captures: Vec<&Captures> = sources.iter().filter_map(Source::captures).collect();
        self.has_captures |= !captures.is_empty();
        let found = join_all(captures.iter().map(|it| it.trace(query).boxed())).await;
        for (captures, found) in captures.iter().zip(found) {
            self.add(captures.name(), found);
        }
    }

    /// Asks the captures for the registrations of some users in a window of time.
    pub async fn registrations(&mut self, sources: &[Source], users: &[String], window: Window) {
        let captures: Vec<&Captures> = sources.iter().filter_map(Source::captures).collect();
        let asked = captures.iter();
        let asked = asked.map(|it| it.registrations(users.to_vec(), window).boxed());
        for (captures, found) in captures.iter().zip(join_all(asked).await) {
            self.add(captures.name(), found);
        }
    }

    /// What the platforms tell of at most `most` of the calls that a query describes.
    pub async fn ask_platforms(
        &mut self,
        sources: &[Source],
        (query, knowledge): (&CallQuery, &Knowledge),
        most: usize,
        now: Timestamp,
        course: Course<'_>,
    ) {
        let platforms: Vec<&ConnexCs> = sources.iter().filter_map(Source::platform).collect();
        if platforms.is_empty() {
            return;
        }
        let began = std::time::Instant::now();
        let looks = platforms.iter().map(|platform| {
            let asking = Asking {
                platform,
                query,
                knowledge,
                now,
            };
            platform::look(asking, most, course).boxed()
        });
        let mut all = OfPlatforms::default();
        for (platform, look) in platforms.iter().zip(join_all(looks).await) {
            self.add_look(platform, look, &mut all, now);
        }
        all.took_ms = millis(began);
        self.platform = Some(all);
    }

    /// What a platform tells of a call whose row it has just given.
    pub async fn ask_of_row(&mut self, asking: Asking<'_>, row: CallRecord) {
        let began = std::time::Instant::now();
        let look = platform::look_at(asking, row).await;
        let mut all = OfPlatforms::default();
        self.add_look(asking.platform, look, &mut all, asking.now);
        all.took_ms = millis(began);
        self.platform = Some(all);
    }

    fn add_look(&mut self, platform: &ConnexCs, look: Look, all: &mut OfPlatforms, now: Timestamp) {
        if let Some(why) = look.silence() {
            all.silent
                .push((platform.name().to_owned(), why.to_owned()));
        }
        let reasons = look.log.unavailable.iter().chain(&look.trace.unavailable);
        let of_platform = |why: &String| format!("{}: {why}", platform.name());
        let reasons = reasons.chain(&look.unavailable).map(of_platform);
        say_once(&mut self.unavailable, reasons);
        if !look.packets.is_empty() {
            // The platform sees every message of its calls until now.
            self.seen_until = self.seen_until.max(Some(now));
        }
        self.add_packets(look.packets);
        self.evidence.records.extend(look.records);
        self.matched.extend(look.matched);
        self.left_out = self.left_out.saturating_add(look.left_out);
        self.traits.extend(look.traits);
        self.unasked.extend(look.unasked);
        if let Some(cut) = look.cut {
            self.cut
                .get_or_insert_default()
                .unlooked
                .extend(cut.unlooked);
        }
        all.log.add(look.log);
        all.trace.add(look.trace);
        say_once(&mut self.notes, look.notes);
    }

    /// Each file is a capture point of its own, whichever source it is of.
    fn add_packets(&mut self, packets: Vec<Packet>) {
        let files = self.evidence.packets.iter().map(|it| it.place.file);
        let mut free = files.max().map_or(0, |file| file.saturating_add(1))..;
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        let packets = packets.into_iter().map(|mut packet| {
            let number = numbers.entry(packet.place.file);
            packet.place.file = *number.or_insert_with(|| free.next().unwrap_or(u32::MAX));
            packet
        });
        self.evidence.packets.extend(packets);
    }

    /// Takes in what others gave.
    pub fn merge(&mut self, other: Gathered) {
        self.add_packets(other.evidence.packets);
        self.evidence.records.extend(other.evidence.records);
        say_once(&mut self.evidence.ties, other.evidence.ties);
        self.matched.extend(other.matched);
        self.seen_until = self.seen_until.max(other.seen_until);
        self.unavailable.extend(other.unavailable);
        self.notes.extend(other.notes);
        self.left_out = self.left_out.saturating_add(other.left_out);
        self.unlooked = self.unlooked.saturating_add(other.unlooked);
        self.platform = other.platform;
        self.traits.extend(other.traits);
        self.unasked.extend(other.unasked);
        if let Some(cut) = other.cut {
            self.cut
                .get_or_insert_default()
                .unlooked
                .extend(cut.unlooked);
        }
    }

    /// The captures were not read to the end.
    pub fn lose_captures(&mut self) {
        let why = "captures: cancelled before they were read";
        self.unavailable.push(why.to_owned());
        self.cut.get_or_insert_default();
        self.notes
            .push("Cancelled before the captures were read.".to_owned());
    }

    /// The calls in it, joined.
    pub fn calls(&self) -> Vec<Known> {
        self.evidence.calls(&self.joins)
    }

    /// The calls that the query describes, without the neighbours fetched for joining.
    pub fn matched_calls(&self, query: &CallQuery, peers: &Peers) -> Vec<Known> {
        let is_about_device = |known: &Known| {
            let records = known.records.as_ref();
            records.is_some_and(|it| it.registering.is_some())
        };
        let is_matched = |known: &Known| {
            is_about_device(known) || known.call_ids().iter().any(|id| self.matched.contains(id))
        };
        let has_code = |known: &Known| query.scope.code.is_none_or(|code| ended_with(known, code));
        let goes_there = |known: &Known| {
            let wanted = query.scope.direction;
            wanted.is_none_or(|wanted| may_go(&known.call, wanted, peers))
        };
        // The calls of a device do not say why it is not registered.
        let user = query.terms.iter().find_map(Term::user);
        let is_theirs = |leg: &Leg| {
            let name = leg.facts.to.trim_start_matches('+');
            user.is_none_or(|user| user.eq_ignore_ascii_case(name))
        };
        let is_wanted = |known: &Known| {
            !query.is_about_registration()
                || is_about_device(known)
                || known.call.kind() == Kind::Registration
                    && known.call.first_leg().is_some_and(is_theirs)
        };
        self.calls()
            .into_iter()
            .filter(is_matched)
            .filter(is_wanted)
            .filter(has_code)
            .filter(goes_there)
            .collect()
    }

    /// How many older calls match besides those that were found; where it takes their messages to know whether they
    /// match, that they were not looked at is said instead.
    pub fn older(&mut self, query: &CallQuery, found: &[Known]) -> usize {
        let is_narrower = query.scope.code.is_some() || query.scope.direction.is_some();
        if self.unlooked == 0 || !(is_narrower || found.is_empty()) {
            return self.left_out.saturating_add(self.unlooked);
        }
        let calls = match self.unlooked {
            1 => "1 older call was".to_owned(),
            many => format!("{many} older calls were"),
        };
        let why = format!(
            "{calls} not looked at in the captures, since they are too many for one question: add a time"
        );
        if found.is_empty() {
            // That none of the others matches proves nothing of these.
            self.unavailable.push(why.clone());
        }
        self.unread.lost.push(why);
        self.left_out
    }

    fn add(&mut self, source: &str, found: Lookup<Trace>) {
        match found {
            Lookup::Empty => {}
            Lookup::Unavailable(why) => {
                self.unread.add(Unread {
                    lost: vec![why.clone()],
                    damaged: Vec::new(),
                });
                self.unavailable.push(format!("{source}: {why}"));
            }
            Lookup::Found(trace) => {
                self.add_packets(trace.evidence.packets);
                self.evidence.observed.add(trace.evidence.observed);
                self.evidence.records.extend(trace.evidence.records);
                say_once(&mut self.evidence.ties, trace.evidence.ties);
                self.joins.extend(trace.joins);
                self.matched.extend(trace.matched);
                self.unlooked = self.unlooked.saturating_add(trace.left_out);
                self.seen_until = self.seen_until.max(trace.seen_until);
                self.unread.add(trace.unread);
            }
        }
    }
}

/// Whether any leg, or the row of the log, ended with a code.
fn ended_with(known: &Known, code: u16) -> bool {
    let call = &known.call;
    let row = known.records.as_ref().and_then(|it| it.row.as_ref());
    let of_leg = |leg: &crate::sip::Leg| leg.facts.final_code == Some(code);
    row.is_some_and(|row| row.code == Some(code))
        || call.legs.iter().any(of_leg)
        || call.hops.iter().any(|hop| hop.final_code() == Some(code))
}

/// Whether a call goes in a direction, or may: without known peers that cannot be told.
fn may_go(call: &Call, wanted: call::Direction, peers: &Peers) -> bool {
    match Roles::of(call, peers).direction {
        Direction::Outbound => wanted == call::Direction::Outbound,
        Direction::Inbound => wanted == call::Direction::Inbound,
        Direction::AssumedOutbound | Direction::OneLeg => true,
    }
}
