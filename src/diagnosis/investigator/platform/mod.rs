//! Asking one platform about a query: the rows of its log, and for each chosen row everything that its
//! API tells of that call, side by side. Judges nothing.

mod agent;
mod allowed;
mod beside;
mod details;
mod owner;
mod registering;
mod rows;
mod scope;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, FutureExt, join_all, select};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;

use self::details::{Depth, Details};
use self::rows::{Rows, Unknown};

pub(super) use self::allowed::rules_for;
pub(super) use self::details::TRACE_KEPT;
pub(super) use self::owner::covering;
pub(super) use self::registering::entry;
pub(super) use self::rows::LOG_KEPT;
pub(super) use self::scope::{Unnamed, carrier, customer};
use super::cancel::Course;
use super::gathered::{Cut, Unasked};
use super::progress::Tick;
use crate::call::{CallQuery, Term};
use crate::diagnosis::common::{Named, Traits};
use crate::knowledge::Knowledge;
use crate::platform::{CallRecord, Records, Registering};
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
    /// The Call-IDs that could not be asked for.
    pub unasked: Vec<Unasked>,
    /// What is missing because somebody cancelled.
    pub cut: Option<Cut>,
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
    /// Why a further look-up of the kind could not be made: what the others found stands.
    pub besides: Vec<String>,
    /// Why nobody had to be asked, where nobody was.
    pub needless: Option<String>,
}

impl Asked {
    /// Takes in what became of others of the kind.
    pub fn add(&mut self, other: Asked) {
        self.found = self.found.saturating_add(other.found);
        self.answered = self.answered.saturating_add(other.answered);
        say_once(&mut self.unavailable, other.unavailable);
        say_once(&mut self.besides, other.besides);
        self.needless = self.needless.take().or(other.needless);
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

/// What is asked of a platform, and by what its answers are understood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    /// Who is asked.
    pub platform: &'a ConnexCs,
    /// What is wanted.
    pub query: &'a CallQuery,
    /// What is known of its texts.
    pub knowledge: &'a Knowledge,
    /// When.
    pub now: Timestamp,
}

/// So many calls are asked about at once: the platform takes no more, and each look-up's deadline
/// begins when it is asked.
const AT_ONCE: usize = 4;

/// Up to so many calls everything is asked; of more, what their verdicts rest on.
const MOST_IN_FULL: usize = 3;

/// Of more rows of a number than this the messages are not asked for.
const MOST_TRACED: usize = 20;

/// A log that has not answered for so long may be dead, and what can be asked without it is asked beside it.
const SLOW: Duration = Duration::from_secs(2);

/// Asks a platform about a query, for at most `most` calls; `course` is told how many are done. Where everything is
/// dead, that is known little later than that the log is.
pub(super) async fn look(asking: Asking<'_>, most: usize, course: Course<'_>) -> Look {
    let is_searched = AtomicBool::new(false);
    let work = Box::pin(in_order(asking, most, course, &is_searched));
    let ahead = Box::pin(ahead(asking, &is_searched));
    match select(work, ahead).await {
        Either::Left((look, _)) => look,
        Either::Right(((), work)) => work.await,
    }
}

/// Asks for the messages of the Call-IDs of a query where the log is slow. Who asks for the same meanwhile waits for
/// this, and soon after gets what came of it.
async fn ahead(asking: Asking<'_>, is_searched: &AtomicBool) {
    asking.platform.sleep(SLOW).await;
    if is_searched.load(Ordering::Relaxed) {
        return;
    }
    let ids = asking.query.terms.iter().filter_map(Term::call_id);
    let asked = ids
        .take(AT_ONCE)
        .map(|id| asking.platform.messages(id, None));
    join_all(asked).await;
}

async fn in_order(
    asking: Asking<'_>,
    most: usize,
    course: Course<'_>,
    is_searched: &AtomicBool,
) -> Look {
    let Asking {
        platform,
        query,
        now,
        ..
    } = asking;
    let mut look = Look::default();
    let running = course.running();
    let searched = Box::pin(rows(platform, query, now));
    let Some((mut found, traits)) = running.unless_cancelled(searched).await else {
        look.cancelled_search(query);
        return look;
    };
    is_searched.store(true, Ordering::Relaxed);
    look.traits = traits;
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
    // By what they are called, in the order in which they are asked for.
    let of_rows = found.rows.iter();
    let of_rows = of_rows.map(|row| row.call_ids().map(str::to_owned).collect());
    let names: Vec<Vec<String>> = of_rows
        .chain(found.unknown.iter().map(|it| vec![it.call_id.clone()]))
        .collect();
    let rows = found.rows.into_iter().enumerate().zip(0_u32..);
    let of_rows =
        rows.map(|((at, row), number)| Details::of_row(asking, row, number, depth(at)).boxed());
    // What the log does not know, or could not be asked for, may still be in the trace.
    let of_ids = found.unknown.into_iter().zip(u32::MAX / 2..);
    let of_ids = of_ids.map(|(unknown, number)| {
        async move {
            let this = rows::called(&unknown.call_id, query);
            Details::of_call_id(platform, (unknown, &this), number, now).await
        }
        .boxed()
    });
    // Collected: a stream over closures that borrow cannot be sent to another thread.
    let asked: Vec<_> = of_rows.chain(of_ids).collect();
    let mut asked = stream::iter(asked).buffered(AT_ONCE);
    let mut done = 0;
    loop {
        match running.unless_cancelled(asked.next()).await {
            Some(Some(details)) => look.take(details),
            Some(None) => break,
            None => {
                look.cancelled_after(done, &names);
                return look;
            }
        }
        done += 1;
        if all > MOST_IN_FULL {
            course.tell(Tick::Counted { done, all });
        }
    }
    if let Some(asked) = registering::asked(query) {
        let device = Box::pin(look.device(platform, asked, now));
        if running.unless_cancelled(device).await.is_none() {
            let why = "the device was not looked up: cancelled";
            look.unavailable.push(why.to_owned());
        }
    }
    look
}

/// The rows that a query describes, and by what all calls of a scope are compared.
async fn rows(platform: &ConnexCs, query: &CallQuery, now: Timestamp) -> (Rows, Vec<Traits>) {
    if !query.terms.is_empty() {
        return (Rows::of(platform, query, now).await, Vec::new());
    }
    let of_scope = scope::look(platform, query, now).await;
    let rows = Rows {
        rows: of_scope.rows,
        unknown: Vec::new(),
        asked: Asked {
            found: of_scope.found,
            // Also that there is nothing, or nobody of that name, is an answer, and so are sums.
            answered: of_scope.found.max(usize::from(
                of_scope.unavailable.is_empty() || of_scope.is_summed,
            )),
            unavailable: of_scope.unavailable,
            needless: of_scope.unnamed,
            ..Asked::default()
        },
        notes: of_scope.notes,
        is_full: false,
    };
    (rows, of_scope.traits)
}

/// What a platform's records hold of a query, to be counted: traits, what could not be asked, notes.
pub(super) struct Counted {
    pub traits: Vec<Traits>,
    pub unavailable: Vec<String>,
    pub notes: Vec<String>,
}

/// Asks for what is to be counted, and for no single call.
pub(super) async fn counted(platform: &ConnexCs, query: &CallQuery, now: Timestamp) -> Counted {
    let (found, mut traits) = rows(platform, query, now).await;
    if !query.terms.is_empty() {
        let named = Named::default();
        traits = found
            .rows
            .iter()
            .map(|row| Traits::of_row(row, named))
            .collect();
    }
    let mut notes = found.notes;
    if found.is_full {
        notes.push(
            "The log gives no more than its newest rows: older calls were not counted.".to_owned(),
        );
    }
    Counted {
        traits,
        unavailable: found.asked.unavailable,
        notes,
    }
}

/// Asks a platform about a call whose row is known.
pub(super) async fn look_at(asking: Asking<'_>, row: CallRecord) -> Look {
    let mut look = Look {
        log: Asked {
            found: 1,
            answered: 1,
            ..Asked::default()
        },
        ..Look::default()
    };
    let details = Details::of_row(asking, row, 0, Depth::Settings);
    look.take(Box::pin(details).await);
    look
}

impl Look {
    /// Takes in what the platform tells of a device that registers.
    async fn device(&mut self, platform: &ConnexCs, asked: Registering, now: Timestamp) {
        let (about, unavailable) = registering::look(platform, asked).await;
        // The newest attempt shows the most; its messages are found by its Call-ID.
        let attempts = about.attempts().unwrap_or_default();
        let newest = attempts.iter().find_map(|entry| entry.call_id.clone());
        if let Some(call_id) = newest {
            let newest = Unknown {
                call_id,
                unsearched: None,
            };
            let messages = Details::of_call_id(platform, (newest, ""), u32::MAX, now).await;
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

    /// Nothing was found yet when somebody cancelled.
    fn cancelled_search(&mut self, query: &CallQuery) {
        let why = "cancelled before the log was searched";
        self.log.unavailable.push(why.to_owned());
        self.notes.push(
            "Cancelled while the log was searched: none of the calls was looked at.".to_owned(),
        );
        let ids = query.terms.iter().filter_map(Term::call_id);
        self.cut = Some(Cut {
            unlooked: ids.map(str::to_owned).collect(),
        });
    }

    /// So many of the calls of these names were looked at when somebody cancelled.
    fn cancelled_after(&mut self, done: usize, names: &[Vec<String>]) {
        let all = names.len();
        self.notes.push(format!(
            "Cancelled after {done} of {all} calls; the others were not looked at."
        ));
        if self.records.is_empty() {
            let why = "cancelled before anything was found";
            self.unavailable.push(why.to_owned());
        }
        self.cut = Some(Cut {
            unlooked: names.iter().skip(done).flatten().cloned().collect(),
        });
    }

    /// Why nothing at all of the calls could be learnt; nothing where anything could, or where somebody
    /// cancelled.
    pub fn silence(&self) -> Option<&str> {
        if self.cut.is_some() {
            return None;
        }
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
        self.log.add(details.log);
        self.trace.add(details.trace);
        self.unasked.extend(details.unasked);
        say_once(&mut self.unavailable, details.unavailable);
        say_once(&mut self.notes, details.notes);
    }
}
