//! Walks the troubleshooting flow for one query: asks all sources at once, decides in the order of
//! the flow, and leaves an [`Investigation`]. Does the waiting; the judging is the rules'.

mod comparing;
mod complaint;
mod every;
mod gathered;
mod judge;
mod registered;
mod steps;
mod summing;
mod unspoken;

use std::slice;
use std::time::Instant;

use jiff::Timestamp;

pub use self::comparing::Wanted;
use self::gathered::Gathered;
use self::registered::registrations;
use self::steps::{Told, millis};
use super::common::Traits;
use super::investigation::{Diagnosis, Investigation};
use crate::call::{CallQuery, MAX_TERMS};
use crate::peers::Peers;
use crate::sip::Packet;
use crate::sources::{Evidence, Known, Source, Unread};
use crate::wire::Observations;

/// More calls than are diagnosed for one answer: as many as can be named in one question.
const MOST_CALLS: usize = MAX_TERMS;

/// Asks the sources and judges what they give.
#[derive(Debug)]
pub struct Investigator {
    sources: Vec<Source>,
    peers: Peers,
}

/// An investigation with the evidence it rests on.
#[derive(Debug)]
pub struct Investigated {
    /// What came out.
    pub investigation: Investigation,
    /// The messages of its calls and what was seen besides, as they were fetched.
    pub evidence: Evidence,
    /// What could not be read on the way.
    pub unread: Unread,
    /// Whether it was kept for later.
    pub kept: bool,
}

impl Investigator {
    /// With these sources; `peers` say whose addresses are whose.
    #[must_use]
    pub fn new(sources: Vec<Source>, peers: Peers) -> Investigator {
        Investigator { sources, peers }
    }

    /// The sources it asks.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Whose addresses are whose.
    #[must_use]
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// Investigates one query. `typed` is what the person wrote, `id` names the result.
    pub async fn investigate(
        &self,
        id: String,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
    ) -> Investigated {
        let began = Instant::now();
        let gathered = Gathered::trace(&self.sources, query).await;
        let mut found = gathered.matched_calls(query, &self.peers);
        let left_out = found.len().saturating_sub(MOST_CALLS);
        found.drain(..left_out);
        let trace_ms = millis(began);
        let began = Instant::now();
        let registrations = registrations(&self.sources, &found).await;
        let told = Told {
            found: &found,
            registrations: &registrations,
            register_ms: millis(began),
            gathered: &gathered,
            seen_until: gathered.seen_until,
            trace_ms,
        };
        let mut investigation =
            judge::conclude(&self.peers, id, (typed, &query.to_string()), now, &told);
        investigation.notes.clone_from(&query.notes);
        investigation
            .notes
            .extend(complaint::unknown_peers(&query.scope, &self.peers));
        if left_out > 0 {
            investigation.notes.push(format!(
                "{left_out} older calls match too; add a time or a Call-ID to see them."
            ));
        }
        for call in &mut investigation.calls {
            complaint::answer(call, &query.symptoms);
        }
        investigation.not_found = summing::not_found(query, &gathered);
        let mut investigation = summing::summed_up(investigation, &self.peers, &found);
        if investigation.calls.is_empty() {
            let not_found = unspoken::not_found(&self.sources, query, &gathered).await;
            investigation.calls.push(not_found);
        }
        Investigated {
            investigation,
            evidence: Evidence {
                packets: kept(&found),
                observed: gathered.evidence.observed,
                records: found
                    .into_iter()
                    .filter_map(|known| known.records)
                    .collect(),
            },
            unread: gathered.unread,
            kept: false,
        }
    }

    /// The calls that a query describes, joined, with what could not be read.
    pub async fn matching(&self, query: &CallQuery) -> (Vec<Known>, Unread) {
        let gathered = Gathered::trace(&self.sources, query).await;
        (gathered.matched_calls(query, &self.peers), gathered.unread)
    }

    /// Judges a kept investigation anew from its evidence alone.
    #[must_use]
    pub fn judge_again(&self, kept: Investigation, evidence: &Evidence) -> Investigation {
        let calls = evidence.calls(&[]);
        let judged = |known: &Known| self.diagnose(known, &evidence.observed, kept.seen_until);
        let diagnoses = calls.iter().map(judged).collect();
        let judged = Investigation {
            calls: diagnoses,
            ..kept
        };
        summing::summed_up(judged, &self.peers, &calls)
    }

    /// By what the calls of an investigation are compared, in their order; nothing of what was not
    /// found.
    #[must_use]
    pub fn traits(&self, done: &Investigated) -> Vec<Traits> {
        let seen = done.evidence.calls(&[]);
        let diagnoses = done.investigation.calls.iter();
        let of_diagnosis = |diagnosis: &Diagnosis| {
            let known = diagnosis.find_in(&seen)?;
            Some(summing::traits(&self.peers, known, diagnosis))
        };
        diagnoses.filter_map(of_diagnosis).collect()
    }

    /// Judges one call. `observed` may hold what concerns other calls too.
    #[must_use]
    pub fn diagnose(
        &self,
        known: &Known,
        observed: &Observations,
        seen_until: Option<Timestamp>,
    ) -> Diagnosis {
        judge::diagnose(&self.peers, known, observed, seen_until)
    }
}

/// The messages of these calls, which is what the investigation rests on.
fn kept(found: &[Known]) -> Vec<Packet> {
    found
        .iter()
        .flat_map(|known| {
            known
                .call
                .signals
                .iter()
                .map(|(_, signal)| signal.packet.clone())
        })
        .collect()
}
