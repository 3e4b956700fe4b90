//! Reports as they are kept: drafts that survive a restart, what was sent, and what became of it. Keeps and finds;
//! sends nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::attachments::File;
use super::{Report, Screen};
use crate::store::{Expected, Op, Store, StoreError};

/// Reports lie there, by their ids.
pub const NS: &str = "reports";
/// Their files lie there, in pieces, by id and number.
pub const FILES: &str = "report-files";

/// As long as the investigations that reports are made from: disputes arrive after a month.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How much of the files goes into one value of the store, in bytes.
const PIECE: usize = 512 * 1024;

/// More pieces than this no report has.
const MOST_PIECES: usize = 1000;

/// How many pieces go into one change of the store.
const PIECES_AT_ONCE: usize = 4;

/// Ids of reports begin with it, so that they are no investigation's.
pub const ID_PREFIX: &str = "r-";

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody submitted it yet.
    Draft,
    /// It was submitted and is on its way, or waits to be tried again.
    Waiting,
    /// It was taken by who it was sent to.
    Sent,
    /// Somebody there looks at it.
    Acknowledged,
    /// They say that it is fixed.
    Fixed,
    /// It was seen to be fixed.
    Verified,
    /// It cannot be delivered as it is: a dead letter.
    Failed,
    /// It may have been sent, or not: a dead letter until a person looks.
    Unsure,
}

impl State {
    /// All with their words, as they are typed.
    pub const ALL: [(&'static str, State); 8] = [
        ("draft", State::Draft),
        ("waiting", State::Waiting),
        ("sent", State::Sent),
        ("acknowledged", State::Acknowledged),
        ("fixed", State::Fixed),
        ("verified", State::Verified),
        ("failed", State::Failed),
        ("unsure", State::Unsure),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = State::ALL.iter().find(|(_, state)| *state == self);
        found.map_or("draft", |(word, _)| word)
    }

    /// Whether it lies where nobody will deliver it unless a person does something.
    #[must_use]
    pub fn is_dead_letter(self) -> bool {
        matches!(self, State::Failed | State::Unsure)
    }

    /// Whether somebody has it.
    #[must_use]
    pub fn is_out(self) -> bool {
        matches!(
            self,
            State::Sent | State::Acknowledged | State::Fixed | State::Verified
        )
    }
}

/// Something that happened to a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who did it, as in "slack:U012AB3CD"; empty where it was the program.
    pub by: String,
    /// What, in a sentence.
    pub what: String,
    /// Whether the reader of the report is told it too.
    #[serde(default)]
    pub is_told: bool,
}

/// What a report became where it was sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number there, or the id of the message.
    pub id: String,
    /// Where a person can look at it.
    pub link: Option<String>,
}

/// How far it is that a ticket is told that the problem is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    /// It waits to be written.
    Waiting,
    /// It is being written, and nobody knows yet how that ended.
    UnderWay,
    /// It stands in the ticket.
    Written,
    /// It does not, or perhaps; a person has to look.
    Undelivered,
}

/// A report with everything that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// The report.
    pub report: Report,
    /// What everything that is added has to pass.
    pub screen: Screen,
    /// Who gets it, by the name in the configuration; nothing where a person takes it there.
    pub contact: Option<String>,
    /// What became of it.
    pub state: State,
    /// When it was first taken by who it was sent to, or handed over to be sent.
    #[serde(default)]
    pub sent_at: Option<Timestamp>,
    /// What happened to it, in order.
    pub events: Vec<Event>,
    /// The ids of the messages that were sent of it, in order.
    #[serde(default)]
    pub messages: Vec<String>,
    /// What it became where it was sent to.
    #[serde(default)]
    pub ticket: Option<Ticket>,
    /// Whether a delivery was begun of which nobody knows yet how it ended.
    #[serde(default)]
    pub is_under_way: bool,
    /// Whether the ticket was told that the problem is gone.
    #[serde(default)]
    pub remark: Option<Remark>,
    /// Who alone may know of it; nothing where everybody may.
    #[serde(default)]
    pub only_for: Option<String>,
    #[serde(skip)]
    version: Option<u64>,
}

impl Draft {
    /// A new one.
    #[must_use]
    pub fn new(id: String, report: Report, screen: Screen, contact: Option<String>) -> Draft {
        Draft {
            id,
            report,
            screen,
            contact,
            state: State::Draft,
            sent_at: None,
            events: Vec::new(),
            messages: Vec::new(),
            ticket: None,
            is_under_way: false,
            remark: None,
            only_for: None,
            version: None,
        }
    }

    /// Somebody has it now.
    pub fn is_taken(&mut self, at: Timestamp) {
        self.state = State::Sent;
        self.sent_at.get_or_insert(at);
    }

    /// Notes what happened.
    pub fn note(&mut self, at: Timestamp, by: &str, what: impl Into<String>) {
        self.events.push(Event {
            at,
            by: by.to_owned(),
            what: what.into(),
            is_told: false,
        });
    }

    /// Notes what its reader is told too.
    pub fn tell(&mut self, at: Timestamp, by: &str, what: impl Into<String>) {
        self.note(at, by, what);
        if let Some(event) = self.events.last_mut() {
            event.is_told = true;
        }
    }

    /// Whether it is about the same problem: the same rule, for the same reader.
    #[must_use]
    pub fn is_about_the_same(&self, report: &Report) -> bool {
        self.report.rule == report.rule
            && self.report.audience == report.audience
            && self.report.to == report.to
            && shares_number(&self.report, report)
    }
}

/// Without a name for who gets it, a number tells whether it is the same problem.
fn shares_number(a: &Report, b: &Report) -> bool {
    let numbers = |report: &Report| -> Vec<String> {
        report.calls.iter().map(|it| it.to.to_string()).collect()
    };
    !a.to.is_empty() || numbers(a).iter().any(|it| numbers(b).contains(it))
}

/// The reports in a store.
#[derive(Debug, Clone)]
pub struct Drafts {
    store: Store,
}

impl Drafts {
    /// Over this store.
    #[must_use]
    pub fn new(store: Store) -> Drafts {
        Drafts { store }
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A report by its id.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load(&self, id: &str, now: Timestamp) -> Result<Option<Draft>, StoreError> {
        if id.is_empty() || id.len() > 100 {
            return Ok(None);
        }
        let stored = self.store.get(NS, id, now).await?;
        Ok(stored.and_then(|it| {
            let mut draft: Draft = serde_json::from_slice(&it.bytes).ok()?;
            draft.version = Some(it.version);
            Some(draft)
        }))
    }

    /// The change that keeps a report as it is now. It conflicts where somebody else changed it meanwhile.
    #[must_use]
    pub fn put(&self, draft: &Draft, now: Timestamp) -> Op {
        let expected = draft.version.map_or(Expected::Absent, Expected::Version);
        // Plain data with string keys always has a JSON form.
        let bytes = serde_json::to_vec(draft).unwrap_or_default();
        Op::put(NS, &draft.id, expected, bytes).expiring(now.checked_add(KEPT_FOR).ok())
    }

    /// Keeps a report as it is now.
    ///
    /// # Errors
    /// Those of the store; a conflict where somebody else changed it meanwhile.
    pub async fn save(&self, draft: &mut Draft, now: Timestamp) -> Result<(), StoreError> {
        self.save_with(draft, Vec::new(), now).await
    }

    /// Keeps a report together with other changes: all of them or none.
    ///
    /// # Errors
    /// As [`Drafts::save`].
    pub async fn save_with(
        &self,
        draft: &mut Draft,
        mut others: Vec<Op>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        others.insert(0, self.put(draft, now));
        draft.version = Some(self.store.apply(others, now).await?);
        Ok(())
    }

    /// All reports, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn all(&self, now: Timestamp) -> Result<Vec<Draft>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.store.scan(NS, "", after.as_deref(), 100, now).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            found.extend(page.into_iter().filter_map(|entry| {
                let stored = entry.stored.ok()?;
                let mut draft: Draft = serde_json::from_slice(&stored.bytes).ok()?;
                draft.version = Some(stored.version);
                Some(draft)
            }));
        }
        found.reverse();
        Ok(found)
    }

    /// Keeps the files of a report.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_files(
        &self,
        id: &str,
        files: &[File],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(files).unwrap_or_default();
        let until = now.checked_add(KEPT_FOR).ok();
        let pieces: Vec<Op> = bytes
            .chunks(PIECE)
            .enumerate()
            .map(|(at, piece)| {
                let key = format!("{id}/{at:06}");
                Op::put(FILES, &key, Expected::Any, piece.to_vec()).expiring(until)
            })
            .collect();
        let left = format!("{id}/{:06}", pieces.len());
        for some in pieces.chunks(PIECES_AT_ONCE) {
            self.store.apply(some.to_vec(), now).await?;
        }
        // What was longer before has pieces behind the last one.
        let prefix = format!("{id}/");
        let known = self
            .store
            .scan(FILES, &prefix, None, MOST_PIECES, now)
            .await?;
        let behind = known.into_iter().filter(|it| it.key >= left);
        let gone: Vec<Op> = behind
            .map(|it| Op::delete(FILES, &it.key, Expected::Any))
            .collect();
        match gone.is_empty() {
            true => Ok(()),
            false => self.store.apply(gone, now).await.map(|_| ()),
        }
    }

    /// The files of a report.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn files(&self, id: &str, now: Timestamp) -> Result<Vec<File>, StoreError> {
        let (mut bytes, prefix, mut after) = (Vec::new(), format!("{id}/"), None::<String>);
        loop {
            let page = self
                .store
                .scan(FILES, &prefix, after.as_deref(), 8, now)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for entry in page {
                bytes.extend_from_slice(&entry.stored?.bytes);
            }
        }
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| StoreError::Corrupt(format!("the files of {id}: {error}")))
    }
}
