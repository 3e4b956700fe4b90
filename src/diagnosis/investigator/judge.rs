//! Judging calls that were found: each by the rules, all together as one investigation. Fetches
//! nothing.

use std::sync::Arc;

use jiff::Timestamp;

use super::complaint;
use super::steps::{Told, steps};
use super::unspoken;
use crate::diagnosis::audio::audio;
use crate::diagnosis::case::Case;
use crate::diagnosis::investigation::{Diagnosis, Investigation};
use crate::diagnosis::logged::Logged;
use crate::diagnosis::patterns::Entry;
use crate::diagnosis::rules;
use crate::diagnosis::tuning::Tuning;
use crate::diagnosis::undecided;
use crate::diagnosis::verdict::verdict;
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::peers::Peers;
use crate::sip::{Certainty, Granted, Kind};
use crate::sources::{Evidence, Known, Source};

/// What calls are judged with.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    /// Whose addresses are whose.
    pub peers: Peers,
    /// What codes, causes and texts mean.
    pub knowledge: Latest<Knowledge>,
    /// How the catalogue is tuned.
    pub tuning: Arc<Tuning>,
}

impl Judge {
    /// The few facts by which a call is looked at together with others.
    pub fn entry(
        &self,
        known: &Known,
        evidence: &Evidence,
        seen_until: Option<Timestamp>,
    ) -> Option<Entry> {
        let diagnosis = diagnose(self, known, evidence, &evidence.granted, seen_until);
        let case = Case::new(&known.call, &self.peers, seen_until);
        Entry::of(&case.recorded(known.records.as_ref()), &diagnosis)
    }
}

/// Judges one call. `evidence` and `granted` may hold what concerns other calls too.
#[must_use]
pub(super) fn diagnose(
    judge: &Judge,
    known: &Known,
    evidence: &Evidence,
    granted: &[Granted],
    seen_until: Option<Timestamp>,
) -> Diagnosis {
    let (call, knowledge) = (&known.call, judge.knowledge.now());
    let case = Case::new(call, &judge.peers, seen_until)
        .recorded(known.records.as_ref())
        .hearing(&evidence.incidents)
        .expecting(evidence.expected.as_ref())
        .registered(granted)
        .observing(&evidence.observed)
        .knowing(&knowledge)
        .tuned(&judge.tuning);
    let findings = rules::findings(&case);
    let mut verdict = verdict(&case, &findings).unwrap_or_else(|| unspoken::inconclusive(call));
    let mut ruled_out = Vec::new();
    if undecided::is_open(&verdict) {
        ruled_out = undecided::ruled_out(&case);
        verdict.next.extend(undecided::captures(&case));
    }
    let mut not_checked = Vec::new();
    if call.is_timeless() {
        not_checked.push(
            "How long anything took: this trace gives no times. The order is real, every duration in \
             this answer is made up."
                .to_owned(),
        );
    }
    let assumption = case
        .roles
        .assumption()
        .filter(|_| call.kind() == Kind::Call);
    if let Some(assumed) = assumption {
        not_checked.push(format!("Who is who: {assumed}."));
    }
    if call.join_certainty() < Certainty::Certain {
        not_checked.push(format!(
            "That these Call-IDs are one call is {}: nothing in them names the other.",
            call.join_certainty().word()
        ));
    }
    Diagnosis {
        call_ids: known.call_ids(),
        facts: call.legs.iter().map(|leg| leg.facts.clone()).collect(),
        logged: known.records.as_ref().and_then(Logged::of),
        verdict,
        findings,
        media: audio(&case),
        ruled_out,
        scope: None,
        read_more: None,
        correction: None,
        not_checked,
    }
}

/// Sets a diagnosis against what the person said.
fn hear(judge: &Judge, told: &Told<'_>, known: &Known, diagnosis: &mut Diagnosis) {
    let (records, symptoms) = (known.records.as_ref(), &told.query.symptoms);
    complaint::answer(diagnosis, symptoms, &judge.knowledge.now(), records);
    let source = records.map(|it| it.source.as_str());
    let mut platforms = told.sources.iter().filter_map(Source::platform);
    let asked = platforms.find(|it| Some(it.name()) == source);
    let can_tell = asked.is_none_or(|it| it.endpoints().dialogs.is_some());
    complaint::still_up(diagnosis, symptoms, can_tell);
}

/// Judges the calls that were found and tells the steps. What was asked comes as it was typed
/// and as it was read.
pub(super) fn conclude(
    judge: &Judge,
    id: String,
    (typed, read_as): (&str, &str),
    now: Timestamp,
    told: &Told<'_>,
) -> Investigation {
    let granted = told.registered.granted();
    let diagnoses: Vec<Diagnosis> = told
        .found
        .iter()
        .map(|known| {
            let evidence = &told.gathered.evidence;
            let mut diagnosis = diagnose(judge, known, evidence, &granted, told.seen_until);
            diagnosis
                .not_checked
                .extend(told.gathered.unavailable.iter().cloned());
            // Before the steps are told: none of them is clean of what a reopened verdict is about.
            hear(judge, told, known, &mut diagnosis);
            diagnosis
        })
        .collect();
    Investigation {
        id,
        query: typed.to_owned(),
        read_as: read_as.to_owned(),
        asked_at: now,
        lead: None,
        seen_until: told.seen_until,
        steps: steps(told, &diagnoses),
        calls: diagnoses,
        groups: Vec::new(),
        common: None,
        not_found: Vec::new(),
        not_asked: Vec::new(),
        notes: Vec::new(),
        only_for: None,
    }
}
