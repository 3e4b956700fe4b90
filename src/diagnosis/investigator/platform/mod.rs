//! Asking one platform about a query: the rows of its log, and for each chosen row everything that its
//! API tells of that call, side by side. Judges nothing.

mod details;
mod registering;
mod rows;

use futures_util::future::join_all;
use jiff::Timestamp;

use self::details::Details;
use self::rows::Rows;

pub(super) use self::details::TRACE_KEPT;
pub(super) use self::rows::LOG_KEPT;
use crate::call::CallQuery;
use crate::platform::{Records, Registering};
use crate::sip::Packet;
use crate::sources::{ConnexCs, Lookup};

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
}

/// What became of one or several look-ups of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// How much was found.
    pub found: usize,
    /// Why some or all of it could not be asked, each reason once.
    pub unavailable: Vec<String>,
}

impl Asked {
    /// Takes in what became of others of the kind.
    pub fn add(&mut self, other: Asked) {
        self.found = self.found.saturating_add(other.found);
        for why in other.unavailable {
            if !self.unavailable.contains(&why) {
                self.unavailable.push(why);
            }
        }
    }

    /// Takes in a further look-up and gives what it found.
    pub fn take<T>(&mut self, lookup: Lookup<T>, count: impl Fn(&T) -> usize) -> Option<T> {
        match lookup {
            Lookup::Found(found) => {
                self.found = self.found.saturating_add(count(&found));
                Some(found)
            }
            Lookup::Empty => None,
            Lookup::Unavailable(why) => {
                if !self.unavailable.contains(&why) {
                    self.unavailable.push(why);
                }
                None
            }
        }
    }
}

/// Asks a platform about a query, for at most `most` calls.
pub(super) async fn look(
    platform: &ConnexCs,
    query: &CallQuery,
    most: usize,
    now: Timestamp,
) -> Look {
    let mut look = Look::default();
    let mut found = Rows::of(platform, query, now).await;
    look.log = std::mem::take(&mut found.asked);
    look.notes.append(&mut found.notes);
    look.left_out = found.rows.len().saturating_sub(most);
    found.rows.truncate(most);
    let rows = found.rows.into_iter().zip(0_u32..);
    let of_rows = rows.map(|(row, number)| Details::of_row(platform, row, number, query, now));
    let (mut details, registering) = tokio::join!(join_all(of_rows), device(platform, query));
    if let Some((about, unavailable)) = registering {
        // The newest attempt shows the most; its messages are found by its Call-ID.
        if let Some(newest) = about.call_ids().next().map(str::to_owned) {
            let messages = Details::of_call_id(platform, newest, u32::MAX, now).await;
            details.push(messages.of_registration());
        }
        look.unavailable.extend(unavailable);
        look.records.push(Records {
            source: platform.name().to_owned(),
            asked_at: now,
            trace_kept: TRACE_KEPT,
            registering: Some(about),
            ..Records::default()
        });
    }
    // What the log does not know may still be in the trace.
    let of_ids = found.unknown.into_iter().zip(u32::MAX / 2..);
    let without = of_ids.map(|(id, number)| Details::of_call_id(platform, id, number, now));
    details.extend(join_all(without).await);
    for it in details {
        look.take(it);
    }
    look
}

/// What the platform tells of the device that a query is about, where it is about one.
async fn device(platform: &ConnexCs, query: &CallQuery) -> Option<(Registering, Vec<String>)> {
    Some(registering::look(platform, registering::asked(query)?).await)
}

impl Look {
    fn take(&mut self, details: Details) {
        for id in details.call_ids {
            if !self.matched.contains(&id) {
                self.matched.push(id);
            }
        }
        self.packets.extend(details.packets);
        self.records.extend(details.records);
        self.trace.add(details.trace);
        for (list, more) in [
            (&mut self.unavailable, details.unavailable),
            (&mut self.notes, details.notes),
        ] {
            for sentence in more {
                if !list.contains(&sentence) {
                    list.push(sentence);
                }
            }
        }
    }
}
