//! Rids what is kept of a number or a person: what is about them goes, where they are only mentioned they are masked,
//! and the audit log keeps that something was asked. Does not touch what is on its way.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::{Counts, KEPT, PAGE, WORK};
use crate::archive::{self, Summary};
use crate::chat::{audit, threads};
use crate::report::draft;
use crate::store::{Entry, Expected, Op, Store, StoreError};

/// What stands where they were.
const MASK: &str = "(purged)";

/// A number with fewer digits would be found in too many others.
const LEAST_DIGITS: usize = 5;

/// Values removed at once.
const OPS: usize = 200;

/// Whom or what is purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A telephone number, by its digits; of a longer one they are the end.
    Number(String),
    /// A person, by chat and id, as in "slack:U012AB3CD".
    User(String),
}

impl Target {
    /// A telephone number, however it is written.
    ///
    /// # Errors
    /// One sentence, where it is none or too short.
    pub fn number(text: &str) -> Result<Target, String> {
        let is_written = text
            .chars()
            .all(|c| c.is_ascii_digit() || "+ -().".contains(c));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !is_written || digits.len() < LEAST_DIGITS {
            return Err(format!(
                "{text:?} is no telephone number with {LEAST_DIGITS} digits or more"
            ));
        }
        Ok(Target::Number(digits))
    }

    /// A person.
    ///
    /// # Errors
    /// One sentence, where it is not written with the chat.
    pub fn user(text: &str) -> Result<Target, String> {
        match text.split_once(':') {
            Some((chat, id)) if !chat.is_empty() && !id.is_empty() => {
                Ok(Target::User(text.to_owned()))
            }
            _ => Err(format!(
                "{text:?} names no person: write chat and id, as in slack:U012AB3CD"
            )),
        }
    }

    /// The text without them; nothing where it does not mention them.
    #[must_use]
    pub fn masked(&self, text: &str) -> Option<String> {
        match self {
            Target::Number(digits) => without_number(text, digits),
            Target::User(user) => {
                let id = user.split_once(':').map_or(user.as_str(), |(_, id)| id);
                let masked = without_word(text, user).unwrap_or_else(|| text.to_owned());
                let masked = without_word(&masked, id).unwrap_or(masked);
                (masked != text).then_some(masked)
            }
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// What is gone.
    pub removed: Counts,
    /// In what they are masked.
    pub masked: Counts,
    /// How much is on its way that mentions them, and was left.
    pub left: u64,
}

/// Removes and masks; with `only_look` says only what it would.
///
/// # Errors
/// Those of the store; what was done before stays done.
pub async fn purge(
    store: &Store,
    target: &Target,
    only_look: bool,
    now: Timestamp,
) -> Result<Purged, StoreError> {
    let work = Purge {
        store,
        target,
        only_look,
        now,
    };
    work.all().await
}

struct Purge<'p> {
    store: &'p Store,
    target: &'p Target,
    only_look: bool,
    now: Timestamp,
}

impl Purge<'_> {
    async fn all(&self) -> Result<Purged, StoreError> {
        let mut purged = Purged::default();
        let gone = self.investigations().await?;
        let mut of_reports = BTreeSet::new();
        for (kind, ns) in KEPT {
            let mut after: Option<String> = None;
            while let Some(page) = self.page(ns, &mut after).await? {
                let mut ops = Vec::new();
                for entry in page {
                    match self.outcome(ns, &entry, &gone, &mut of_reports) {
                        Outcome::Stays => continue,
                        Outcome::Goes => {
                            purged.removed.add(kind, 1);
                            ops.push(Op::delete(ns, &entry.key, Expected::Any));
                        }
                        Outcome::Becomes(bytes) => {
                            let Ok(stored) = &entry.stored else { continue };
                            purged.masked.add(kind, 1);
                            let expected = Expected::Version(stored.version);
                            let put = Op::put(ns, &entry.key, expected, bytes);
                            ops.push(put.expiring(stored.expires_at));
                        }
                    }
                }
                self.carry_out(ops).await?;
            }
        }
        for (_, ns) in WORK {
            let mut after: Option<String> = None;
            while let Some(page) = self.page(ns, &mut after).await? {
                let mentions = page.iter().filter_map(|it| text(it));
                let mentions = mentions.filter(|it| self.target.masked(it).is_some());
                purged.left += u64::try_from(mentions.count()).unwrap_or(u64::MAX);
            }
        }
        Ok(purged)
    }

    /// The investigations that are about the number, or were only for the person.
    async fn investigations(&self) -> Result<BTreeSet<String>, StoreError> {
        let (mut found, mut after) = (BTreeSet::new(), None);
        while let Some(page) = self.page(archive::SUMMARIES, &mut after).await? {
            let read = page.iter().filter_map(|entry| entry.stored.as_ref().ok());
            let read = read.filter_map(|it| serde_json::from_slice::<Summary>(&it.bytes).ok());
            let is_theirs = |summary: &Summary| match self.target {
                Target::Number(digits) => summary.is_about(digits),
                Target::User(user) => summary.only_for.as_ref() == Some(user),
            };
            found.extend(read.filter(is_theirs).map(|it| it.id));
        }
        Ok(found)
    }

    /// What becomes of a value.
    fn outcome(
        &self,
        ns: &str,
        entry: &Entry,
        gone: &BTreeSet<String>,
        of_reports: &mut BTreeSet<String>,
    ) -> Outcome {
        let id = entry.key.split('/').next().unwrap_or_default();
        let of_them = [
            archive::INVESTIGATIONS,
            archive::SUMMARIES,
            archive::EVIDENCE,
            archive::CORRECTIONS,
        ];
        if of_them.contains(&ns) && gone.contains(id) {
            return Outcome::Goes;
        }
        if ns == draft::FILES {
            return match of_reports.contains(id) {
                true => Outcome::Goes,
                false => Outcome::Stays,
            };
        }
        let Some(text) = text(entry) else {
            return Outcome::Stays;
        };
        let is_number = matches!(self.target, Target::Number(_));
        // A report or a thread about a number makes no sense without it.
        if is_number && [draft::NS, threads::NS].contains(&ns) && self.target.masked(text).is_some()
        {
            of_reports.insert(id.to_owned());
            return Outcome::Goes;
        }
        let Ok(mut value) = serde_json::from_str::<Value>(text) else {
            return Outcome::Stays;
        };
        let is_asker = ns == audit::NS && self.has_asked(&value);
        let mut has_changed = self.mask(&mut value);
        if is_asker && let Some(said) = value.get_mut("said") {
            // What somebody wrote is theirs; that they asked stays.
            *said = Value::from(MASK);
            has_changed = true;
        }
        match has_changed {
            true => Outcome::Becomes(value.to_string().into_bytes()),
            false => Outcome::Stays,
        }
    }

    /// Whether an entry of the audit log tells of the person.
    fn has_asked(&self, entry: &Value) -> bool {
        let Target::User(user) = self.target else {
            return false;
        };
        let part = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{}:{}", part("chat"), part("user")) == *user
    }

    /// Masks every text in a value; whether there was one.
    fn mask(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.target.masked(text) {
                Some(masked) => {
                    *text = masked;
                    true
                }
                None => false,
            },
            Value::Array(all) => self.mask_all(all.iter_mut()),
            Value::Object(all) => self.mask_all(all.values_mut()),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn mask_all<'v>(&self, values: impl Iterator<Item = &'v mut Value>) -> bool {
        let masked: Vec<bool> = values.map(|it| self.mask(it)).collect();
        masked.contains(&true)
    }

    /// The page behind the last one; nothing behind the end.
    async fn page(
        &self,
        ns: &str,
        after: &mut Option<String>,
    ) -> Result<Option<Vec<Entry>>, StoreError> {
        let page = self
            .store
            .scan(ns, "", after.as_deref(), PAGE, self.now)
            .await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        *after = Some(last.key.clone());
        Ok(Some(page))
    }

    async fn carry_out(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        if self.only_look {
            return Ok(());
        }
        for some in ops.chunks(OPS) {
            match self.store.apply(some.to_vec(), self.now).await {
                Ok(_) => {}
                Err(StoreError::Conflict { ns, key }) => {
                    return Err(StoreError::Unavailable(format!(
                        "{ns}/{key} is being written; run the command again"
                    )));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

enum Outcome {
    Stays,
    Goes,
    Becomes(Vec<u8>),
}

fn text(entry: &Entry) -> Option<&str> {
    let stored = entry.stored.as_ref().ok()?;
    std::str::from_utf8(&stored.bytes).ok()
}

/// The text with every number masked that ends with these digits, also where spaces or dashes stand in it.
fn without_number(text: &str, digits: &str) -> Option<String> {
    let mut masked = String::new();
    let (mut rest, mut found) = (text, false);
    while let Some((begin, end)) = number_in(rest, digits) {
        masked.push_str(rest.get(..begin).unwrap_or_default());
        masked.push_str(MASK);
        rest = rest.get(end..).unwrap_or_default();
        found = true;
    }
    masked.push_str(rest);
    found.then_some(masked)
}

/// Where the first number begins and ends that ends with these digits.
fn number_in(text: &str, digits: &str) -> Option<(usize, usize)> {
    let runs = runs(text);
    for (last, &(_, stop)) in runs.iter().enumerate() {
        let (mut collected, mut begins) = (String::new(), stop);
        for &(begin, end) in runs.get(..=last)?.iter().rev() {
            // Runs of one number are one separator apart.
            let between = text.get(end..begins)?;
            if !["", " ", "-", ".", ")", ") ", " ("].contains(&between) {
                break;
            }
            collected.insert_str(0, text.get(begin..end)?);
            begins = begin;
            if collected.ends_with(digits) {
                return Some((begins, stop));
            }
            if collected.len() > digits.len() {
                break;
            }
        }
    }
    None
}

/// Where runs of digits begin and end.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let next = at + c.len_utf8();
        match runs.last_mut().filter(|(_, end)| *end == at) {
            Some((_, end)) => *end = next,
            None => runs.push((at, next)),
        }
    }
    runs
}

/// The text with a word masked that stands by itself.
fn without_word(text: &str, word: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut masked = String::new();
    let (mut rest, mut found) = (text, false);
    while let Some((before, after)) = rest.split_once(word) {
        let is_whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        masked.push_str(before);
        masked.push_str(if is_whole { MASK } else { word });
        found |= is_whole;
        rest = after;
    }
    masked.push_str(rest);
    found.then_some(masked)
}
