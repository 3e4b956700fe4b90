//! The second pass: the messages of each call, worked on as soon as the call is whole, and what came
//! of it in the order in which calls begin.

use std::collections::HashSet;

use jiff::Timestamp;

use super::held::{Call, Held, Part};
use super::order::Order;
use super::plan::{Plan, Which};
use crate::capture::files::sentence;
use crate::capture::item::Item;
use crate::capture::pool::{Pool, with_pool};
use crate::capture::scan::{Event, Flow};
use crate::sip::join::{Found, Match, key, named};
use crate::sip::{Glance, Joined, Packet, Thread, Tie, threads};

/// Bytes of messages that are worked on at once.
const CHUNK: usize = 256 * 1024;

/// One call that is whole.
#[derive(Debug)]
pub struct Unit {
    packets: Vec<Packet>,
    matches: Vec<Match>,
    members: Vec<u64>,
    ties: Vec<Tie>,
    /// Its number in the order in which the Call-IDs begin, from 0.
    pub number: usize,
    /// Whether it has more messages than are looked at.
    pub is_cut: bool,
}

impl Unit {
    /// The Call-ID of its first message.
    #[must_use]
    pub fn name(&self) -> String {
        let first = self.packets.first();
        first.map_or_else(String::new, |it| {
            Glance::of(&it.bytes).call_id().into_owned()
        })
    }

    /// Its threads, one a Call-ID, what makes them legs of one call, and what may.
    #[must_use]
    pub fn threads(self) -> (Vec<Thread>, Joined) {
        let threads = threads(self.packets);
        let ties = self.ties;
        if self.matches.is_empty() {
            let joins = Vec::new();
            return (threads, Joined { joins, ties });
        }
        let place = |member: usize| {
            let wanted = self.members.get(member)?;
            threads.iter().position(|it| key(&it.call_id) == *wanted)
        };
        let matches: Vec<Match> = self
            .matches
            .iter()
            .filter_map(|it| {
                Some(Match {
                    a: place(it.a)?,
                    b: place(it.b)?,
                    ..*it
                })
            })
            .collect();
        let found = Found {
            matches,
            ties: Vec::new(),
        };
        let joins = named(&threads, &found).joins;
        (threads, Joined { joins, ties })
    }
}

/// What came of a call: a text, and its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When the call begins.
    pub at: Timestamp,
    /// Its Call-ID, which decides between those that begin at the same time.
    pub call_id: String,
    /// The text.
    pub text: String,
}

/// Calls that were worked on.
struct Done {
    places: Vec<usize>,
    lines: Vec<Line>,
}

impl Plan {
    /// Hands each call to `work`, on any thread, and the lines that come of it to `take`, in the
    /// order in which the calls begin, until that says that it is enough. `progress` as for
    /// [`Plan::of`]. Gives what can no longer be read as it was counted, a sentence each.
    pub fn gather(
        &self,
        which: Which,
        work: &(dyn Fn(Unit) -> Vec<Line> + Sync),
        take: &mut dyn FnMut(String) -> bool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Vec<String> {
        let work = |units: Vec<(Vec<usize>, Unit)>| {
            let mut done = Done {
                places: Vec::new(),
                lines: Vec::new(),
            };
            for (places, unit) in units {
                done.places.extend(places);
                done.lines.extend(work(unit));
            }
            done
        };
        let little = self.files.bytes() < CHUNK as u64;
        let lost = with_pool(little, &work, |pool| {
            let mut gathering = Gathering {
                plan: self,
                pool,
                order: Order::new(&self.order, self.limits.waiting),
                units: Vec::new(),
                bytes: 0,
                take,
                goes_on: true,
                lost: Vec::new(),
            };
            gathering.skip(which);
            let mut later = gathering.pass(which, None, progress);
            while !later.is_empty() && gathering.goes_on {
                later = gathering.pass(which, Some(later), progress);
            }
            gathering.finish()
        });
        progress(1, 1);
        lost
    }
}

struct Gathering<'p, 'w, 't> {
    plan: &'p Plan,
    pool: &'t mut Pool<'w, Vec<(Vec<usize>, Unit)>, Done>,
    order: Order<'p>,
    /// Calls that are whole and wait to be handed out together.
    units: Vec<(Vec<usize>, Unit)>,
    bytes: usize,
    take: &'t mut dyn FnMut(String) -> bool,
    goes_on: bool,
    lost: Vec<String>,
}

impl Gathering<'_, '_, '_> {
    /// Says that nothing comes of the calls that are not asked for.
    fn skip(&mut self, which: Which) {
        if which == Which::All {
            return;
        }
        let plan = self.plan;
        for (place, (_, key)) in plan.order.iter().enumerate() {
            if plan.calls.get(key).is_none_or(|it| !it.registers) {
                self.order.done(place);
            }
        }
    }

    /// Reads all captures once; gives the calls that have to wait for another pass.
    fn pass(
        &mut self,
        which: Which,
        only: Option<HashSet<Call>>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> HashSet<Call> {
        let plan = self.plan;
        let (read, all) = (plan.files.bytes_read(), plan.files.bytes());
        let mut held = Held::new(plan, which, only);
        plan.files.scan_by_time(&keyed, &mut |event| {
            match event {
                Event::Items { made: all, .. } => {
                    for (key, packet) in all {
                        if let Some((call, part)) = held.add(key, packet) {
                            self.whole(call, part);
                        }
                    }
                }
                Event::Reached(..) => {
                    let done = plan.files.bytes_read().saturating_sub(read).min(all);
                    progress(all + done, all * 2);
                }
                // The first pass has said what there was to say then.
                Event::Ended(number, Ok(ended)) => {
                    let before = plan.frames.get(&number);
                    if let Some(path) = plan.files.path(number)
                        && before.is_some_and(|before| *before != ended.frames)
                    {
                        self.lose(format!("{}: changed while it was read", path.display()));
                    }
                }
                Event::Ended(_, Err(error)) => self.lose(sentence(&error)),
            }
            if self.goes_on { Flow::On } else { Flow::Enough }
        });
        let (rest, later) = held.finish();
        for (call, part) in rest {
            self.whole(call, part);
        }
        later
    }

    /// Notes what can no longer be read, once.
    fn lose(&mut self, sentence: String) {
        if !self.plan.problems().contains(&sentence) && !self.lost.contains(&sentence) {
            self.lost.push(sentence);
        }
    }

    fn whole(&mut self, call: Call, part: Part) {
        let plan = self.plan;
        let (members, matches) = match call {
            Call::Single(key) => (vec![key], Vec::new()),
            Call::Group(group) => plan
                .groups
                .get(group as usize)
                .map(|it| (it.members.clone(), it.matches.clone()))
                .unwrap_or_default(),
        };
        let places: Vec<usize> = members
            .iter()
            .filter_map(|key| self.order.place(plan.calls.get(key)?.first, *key))
            .collect();
        let is_cut = part.is_cut();
        self.bytes += part.packets.iter().map(|it| it.bytes.len()).sum::<usize>();
        let unit = Unit {
            packets: part.packets,
            matches,
            ties: plan.ties.concerning(&members),
            members,
            number: places.iter().copied().min().unwrap_or_default(),
            is_cut,
        };
        self.units.push((places, unit));
        if self.bytes >= CHUNK {
            self.hand_out();
        }
    }

    fn hand_out(&mut self) {
        self.bytes = 0;
        self.pool.give(std::mem::take(&mut self.units));
        while self.pool.in_hand() > self.pool.depth() {
            self.take_in();
        }
    }

    fn take_in(&mut self) -> bool {
        let Some(done) = self.pool.take() else {
            return false;
        };
        for line in done.lines {
            self.order.add(line);
        }
        for place in done.places {
            self.order.done(place);
        }
        self.tell(false);
        true
    }

    fn tell(&mut self, all: bool) {
        while self.goes_on
            && let Some(text) = self.order.next(all)
        {
            self.goes_on = (self.take)(text);
        }
    }

    /// Hands out what is left; gives what could not be read.
    fn finish(mut self) -> Vec<String> {
        if !self.units.is_empty() {
            self.pool.give(std::mem::take(&mut self.units));
        }
        while self.take_in() {}
        self.tell(true);
        self.lost
    }
}

fn keyed(all: &mut Vec<(u64, Packet)>, item: Item<'_>) {
    if let Item::Message(seen) = item {
        all.push((key(&Glance::of(seen.bytes).call_id()), seen.packet()));
    }
}
