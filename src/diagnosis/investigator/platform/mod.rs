//! Asking one platform about a query: the rows of its log, and for each chosen row everything that its
//! API tells of that call, side by side. Judges nothing.

mod details;
mod registering;
mod rows;
mod scope;

use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;

use self::details::{Depth, Details};
use self::rows::Rows;

pub(super) use self::details::TRACE_KEPT;
pub(super) use self::rows::LOG_KEPT;
use super::progress::{Tick, Watch};
use crate::call::{CallQuery, Term};
use crate::diagnosis::common::Traits;
use crate::platform::{Records, Registering};
use crate::sip::Packet;
use crate::sources::{ConnexCs, Lookup, say_once};

/// What one platform gave on a query.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// The calls, the failing ones first, then the newest.
    pub records: Vec<Records>,
    /// Their messages.
    pub packets: Vec<Packet>,
    /// The Call-IDs that the query describes.
    pub matched: Vec<String>,
    /// What became of the search of the log: how many rows, or why it could not be searched.
    pub log: Asked,
    /// What became of the traces.
    pub trace: Asked,
    /// Other look-ups that failed, a sentence each.
    pub unavailable: Vec<String>,
    /// What the reader should know besides.
    pub notes: Vec<String>,
    /// How many more calls match.
    pub left_out: usize,
    /// By what all calls of a scope are compared, diagnosed or not.
    pub traits: Vec<Traits>,
}

/// What became of one or several look-ups of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// How much was found.
    pub found: usize,
    /// How many look-ups got an answer, be it that there is nothing.
    pub answered: usize,
    /// Why some or all of it could not be asked, each reason once.
    pub unavailable: Vec<String>,
}

impl Asked {
    /// Takes in what became of others of the kind.
    pub fn add(&mut self, other: Asked) {
        self.found = self.found.saturating_add(other.found);
        self.answered = self.answered.saturating_add(other.answered);
        say_once(&mut self.unavailable, other.unavailable);
    }

    /// Takes in a further look-up and gives what it found.
    pub fn take<T>(&mut self, lookup: Lookup<T>, count: impl Fn(&T) -> usize) -> Option<T> {
        if !matches!(lookup, Lookup::Unavailable(_)) {
            self.answered = self.answered.saturating_add(1);
        }
        match lookup {
            Lookup::Found(found) => {
                self.found = self.found.saturating_add(count(&found));
                Some(found)
            }
            Lookup::Empty => None,
            Lookup::Unavailable(why) => {
                say_once(&mut self.unavailable, [why]);
                None
            }
        }
    }
}

/// So many calls are asked about at once: the platform takes no more, and each look-up's deadline
/// begins when it is asked.
const AT_ONCE: usize = 4;

/// Up to so many calls everything is asked; of more, what their verdicts rest on.
const MOST_IN_FULL: usize = 3;

/// Of more rows of a number than this the messages are not asked for.
const MOST_TRACED: usize = 20;

/// Asks a platform about a query, for at most `most` calls; `watch` is told how many are done.
pub(super) async fn look(
    platform: &ConnexCs,
    query: &CallQuery,
    most: usize,
    now: Timestamp,
    watch: Watch<'_>,
) -> Look {
    let mut look = Look::default();
    let mut found = if query.terms.is_empty() {
        let of_scope = scope::look(platform, query, now).await;
        look.traits = of_scope.traits;
        Rows {
            rows: of_scope.rows,
            unknown: Vec::new(),
            asked: Asked {
                found: of_scope.found,
                answered: of_scope.found,
                unavailable: of_scope.unavailable,
            },
            notes: of_scope.notes,
            is_full: false,
        }
    } else {
        Rows::of(platform, query, now).await
    };
    look.log = std::mem::take(&mut found.asked);
    look.notes.append(&mut found.notes);
    look.left_out = found.rows.len().saturating_sub(most);
    found.rows.truncate(most);
    let all = found.rows.len().saturating_add(found.unknown.len());
    let names_ids = query.terms.iter().all(Term::is_call_id);
    let depth = |at: usize| match all {
        0..=MOST_IN_FULL => Depth::Full,
        _ if names_ids || at < MOST_TRACED => Depth::Trace,
        _ => Depth::Row,
    };
    let rows = found.rows.into_iter().enumerate().zip(0_u32..);
    let of_rows = rows.map(|((at, row), number)| {
        Details::of_row(platform, row, number, depth(at), query, now).boxed()
    });
    // What the log does not know, or could not be asked for, may still be in the trace.
    let searched = look.log.unavailable.is_empty();
    let of_ids = found.unknown.into_iter().zip(u32::MAX / 2..);
    let of_ids =
        of_ids.map(|(id, number)| Details::of_call_id(platform, id, number, searched, now).boxed());
    let mut asked = stream::iter(of_rows.chain(of_ids)).buffered(AT_ONCE);
    let mut done = 0;
    while let Some(details) = asked.next().await {
        look.take(details);
        done += 1;
        if all > MOST_IN_FULL {
            watch(Tick::Counted { done, all });
        }
    }
    if let Some(asked) = registering::asked(query) {
        look.device(platform, asked, now).await;
    }
    look
}

impl Look {
    /// Takes in what the platform tells of a device that registers.
    async fn device(&mut self, platform: &ConnexCs, asked: Registering, now: Timestamp) {
        let (about, unavailable) = registering::look(platform, asked).await;
        // The newest attempt shows the most; its messages are found by its Call-ID.
        if let Some(newest) = about.call_ids().next().map(str::to_owned) {
            let messages = Details::of_call_id(platform, newest, u32::MAX, true, now).await;
            self.take(messages.of_registration());
        }
        self.unavailable.extend(unavailable);
        self.records.push(Records {
            source: platform.name().to_owned(),
            asked_at: now,
            trace_kept: TRACE_KEPT,
            registering: Some(about),
            ..Records::default()
        });
    }

    /// Why nothing at all of the calls could be learnt; nothing where anything could.
    pub fn silence(&self) -> Option<&str> {
        let answered = self.log.answered.saturating_add(self.trace.answered);
        let why = self.log.unavailable.first().filter(|_| answered == 0)?;
        Some(why)
    }

    fn take(&mut self, details: Details) {
        for id in details.call_ids {
            if !self.matched.contains(&id) {
                self.matched.push(id);
            }
        }
        self.packets.extend(details.packets);
        self.records.extend(details.records);
        self.trace.add(details.trace);
        say_once(&mut self.unavailable, details.unavailable);
        say_once(&mut self.notes, details.notes);
    }
}
