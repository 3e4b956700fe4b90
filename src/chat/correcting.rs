//! Marking a verdict as wrong, and how often that was done. Changes no rule and no verdict.

use jiff::Timestamp;

use super::Desk;
use super::past::{listed, loaded};
use super::reader::Reader;
use crate::archive::Archive;
use crate::diagnosis::rules;
use crate::diagnosis::{Accuracy, Correction, Diagnosis, Investigated, Investigation, Party};
use crate::nearest::nearest;

/// The parties as they are typed.
const PARTIES: [(&str, Party); 7] = [
    ("customer", Party::Customer),
    ("configuration", Party::Configuration),
    ("platform", Party::Platform),
    ("carrier", Party::Carrier),
    ("far-end", Party::FarEnd),
    ("network", Party::Network),
    ("nobody", Party::Nobody),
];

/// What somebody says of a verdict.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marked<'t> {
    /// The id of an investigation or a Call-ID; nothing for the newest investigation.
    pub call: Option<&'t str>,
    /// Whose the cause truly is.
    pub party: Option<&'t str>,
    /// The rule that would have been right.
    pub rule: Option<&'t str>,
    /// Why.
    pub reason: &'t str,
}

impl Desk {
    /// Keeps that a verdict was wrong.
    ///
    /// # Errors
    /// One sentence: what could not be understood, found or kept.
    pub async fn mark_wrong(
        &self,
        marked: Marked<'_>,
        reader: &Reader,
        now: Timestamp,
    ) -> Result<Correction, String> {
        let archive = self.kept()?;
        let reason = marked
            .reason
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if reason.is_empty() {
            return Err("Say in a line why it is wrong: others will read it.".to_owned());
        }
        let true_party = marked.party.map(party).transpose()?;
        let true_rule = marked.rule.map(rule).transpose()?;
        let about = marked.call.unwrap_or_default();
        let investigation = kept_about(archive, about, reader, now).await?;
        let diagnosis = meant(&investigation, about)?;
        let correction = Correction {
            investigation: investigation.id.clone(),
            call_ids: diagnosis.call_ids.clone(),
            rule: diagnosis.verdict.rule.clone(),
            party: diagnosis.verdict.party,
            true_party,
            true_rule,
            reason,
            at: now,
        };
        let kept = archive.correct(&correction, now).await;
        kept.map_err(said)?;
        Ok(correction)
    }

    /// Everything that was marked as wrong.
    ///
    /// # Errors
    /// One sentence.
    pub async fn corrections(&self, now: Timestamp) -> Result<Vec<Correction>, String> {
        let found = self.kept()?.corrections(now).await;
        found.map_err(said)
    }

    /// How often each rule's verdicts were marked as wrong.
    ///
    /// # Errors
    /// One sentence.
    pub async fn accuracy(&self, now: Timestamp) -> Result<Vec<Accuracy>, String> {
        let counted = self.kept()?.accuracy(now).await;
        counted.map_err(said)
    }

    /// Adds to each call of an investigation what was said of an earlier verdict on it.
    pub(super) async fn recall_corrections(&self, done: &mut Investigated, now: Timestamp) {
        let Some(archive) = &self.archive else { return };
        let corrections = match archive.corrections(now).await {
            Ok(corrections) => corrections,
            Err(error) => {
                tracing::warn!(%error, "corrections could not be read");
                return;
            }
        };
        for diagnosis in &mut done.investigation.calls {
            let of_it = corrections
                .iter()
                .filter(|it| it.is_about(&diagnosis.call_ids));
            diagnosis.correction = of_it.max_by_key(|it| it.at).cloned();
        }
    }

    fn kept(&self) -> Result<&Archive, String> {
        let archive = self.archive.as_ref();
        archive.ok_or_else(|| "Nothing is kept in this session.".to_owned())
    }
}

/// What went wrong, in words.
fn said(error: impl ToString) -> String {
    error.to_string()
}

/// The kept investigation with this id, else the newest about this call; the newest of all where nothing is said.
async fn kept_about(
    archive: &Archive,
    about: &str,
    reader: &Reader,
    now: Timestamp,
) -> Result<Investigation, String> {
    if !about.is_empty()
        && let Some((found, _)) = loaded(archive, about, reader, now).await.map_err(said)?
    {
        return Ok(found);
    }
    let newest = listed(archive, about, reader, now).await.map_err(said)?;
    let none = || format!("No investigation of {about:?} is kept; `history` lists them.");
    let id = &newest.first().ok_or_else(none)?.id;
    let found = archive.load(id, now).await.map_err(said)?;
    found.map(|(found, _)| found).ok_or_else(none)
}

/// The call of an investigation that somebody means: the one with this Call-ID, else its only one.
fn meant<'i>(investigation: &'i Investigation, call_id: &str) -> Result<&'i Diagnosis, String> {
    let id = &investigation.id;
    let has_id = |it: &&Diagnosis| it.call_ids.iter().any(|id| id == call_id);
    match (
        investigation.calls.as_slice(),
        investigation.calls.iter().find(has_id),
    ) {
        (_, Some(named)) => Ok(named),
        ([only], None) => Ok(only),
        ([], None) => Err(format!("The investigation {id} found no call.")),
        (calls, None) => Err(format!(
            "{id} is about {} calls: name the one that is meant by its Call-ID.",
            calls.len()
        )),
    }
}

/// What was marked, as it is said back.
#[must_use]
pub fn marked(correction: &Correction) -> String {
    format!(
        "Kept: the verdict {} of {} is marked as wrong: {}",
        correction.rule, correction.investigation, correction.reason
    )
}

/// The accuracy of the rules, a line each.
#[must_use]
pub fn accuracy_lines(rules: &[Accuracy]) -> Vec<String> {
    if rules.is_empty() {
        return vec!["No verdict is kept yet.".to_owned()];
    }
    let line = |it: &Accuracy| {
        let (verdicts, wrong, rule) = (it.verdicts, it.wrong, &it.rule);
        format!("{rule}: {wrong} of {verdicts} marked as wrong")
    };
    rules.iter().map(line).collect()
}

fn party(word: &str) -> Result<Party, String> {
    let word = word.trim().to_lowercase().replace(' ', "-");
    let found = PARTIES.iter().find(|(name, _)| *name == word);
    found.map(|(_, party)| *party).ok_or_else(|| {
        let names = PARTIES.map(|(name, _)| name);
        format!("{word:?} is no party; one of {}.", names.join(", "))
    })
}

fn rule(id: &str) -> Result<String, String> {
    let found = rules::find(id.trim());
    found.map(|rule| rule.id.to_owned()).ok_or_else(|| {
        let meant = nearest(id, rules::all().map(|rule| rule.id));
        let meant = meant.map_or(String::new(), |it| format!(" Did you mean {it}?"));
        format!("{id:?} is no rule.{meant}")
    })
}
