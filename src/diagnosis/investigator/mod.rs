//! Walks the troubleshooting flow for one query: asks all sources at once, decides in the order of
//! the flow, and leaves an [`Investigation`]. Does the waiting; the judging is the rules'.

mod complaint;
mod gathered;
mod registered;
mod steps;
mod unspoken;

use std::slice;
use std::time::Instant;

use jiff::Timestamp;

use self::gathered::Gathered;
use self::registered::{concerning, registrations};
use self::steps::{Told, millis, steps};
use super::audio::audio;
use super::case::Case;
use super::investigation::{Diagnosis, Investigation};
use super::rules;
use super::verdict::verdict;
use crate::call::CallQuery;
use crate::peers::Peers;
use crate::sip::{Call, Certainty, Kind, Packet, calls, threads};
use crate::sources::{Evidence, Source, Unread};
use crate::wire::Observations;

/// More calls than a person reads in one answer.
const MOST_CALLS: usize = 20;

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
            trace_ms,
        };
        let mut investigation = self.conclude(id, (typed, &query.to_string()), now, &told);
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
        if investigation.calls.is_empty() {
            let not_found = unspoken::not_found(&self.sources, query, &gathered).await;
            investigation.calls.push(not_found);
        }
        Investigated {
            investigation,
            evidence: Evidence {
                packets: kept(&found),
                observed: gathered.evidence.observed,
            },
            unread: gathered.unread,
            kept: false,
        }
    }

    /// Every call and registration that the sources hold, each as an investigation of its own, in
    /// order of time, and what could not be read. `id` names each.
    pub async fn investigate_all(
        &self,
        mut id: impl FnMut() -> String,
        now: Timestamp,
    ) -> (Vec<Investigation>, Unread) {
        let began = Instant::now();
        let (all, gathered) = self.everything().await;
        let trace_ms = millis(began);
        let about = |kind: Kind| all.iter().filter(move |call| call.kind() == kind);
        let registrations: Vec<Call> = about(Kind::Registration).cloned().collect();
        let investigations = all
            .iter()
            .filter(|call| call.kind() != Kind::Other)
            .map(|call| {
                let told = Told {
                    found: slice::from_ref(call),
                    registrations: &concerning(call, &registrations),
                    register_ms: 0,
                    gathered: &gathered,
                    trace_ms,
                };
                let call_id = call.first_leg().map_or("", |leg| leg.call_id.as_str());
                self.conclude(id(), (call_id, call_id), now, &told)
            })
            .collect();
        (investigations, gathered.unread)
    }

    /// Every call that the sources hold, joined, with what could not be read.
    pub async fn all_calls(&self) -> (Vec<Call>, Unread) {
        let (calls, gathered) = self.everything().await;
        (calls, gathered.unread)
    }

    /// The calls that a query describes, joined, with what could not be read.
    pub async fn matching(&self, query: &CallQuery) -> (Vec<Call>, Unread) {
        let gathered = Gathered::trace(&self.sources, query).await;
        (gathered.matched_calls(query, &self.peers), gathered.unread)
    }

    /// Judges a kept investigation anew from its evidence alone.
    #[must_use]
    pub fn judge_again(&self, kept: Investigation, evidence: &Evidence) -> Investigation {
        let calls = calls(threads(evidence.packets.clone()), &[]);
        let judged = |call: &Call| self.diagnose(call, &evidence.observed, kept.seen_until);
        let calls = calls.iter().map(judged).collect();
        Investigation { calls, ..kept }
    }

    /// Judges one call. `observed` may hold what concerns other calls too.
    #[must_use]
    pub fn diagnose(
        &self,
        call: &Call,
        observed: &Observations,
        seen_until: Option<Timestamp>,
    ) -> Diagnosis {
        let case = Case::new(call, &self.peers, seen_until).observing(observed);
        let findings = rules::findings(&case);
        let verdict = verdict(&case, &findings).unwrap_or_else(|| unspoken::inconclusive(call));
        let mut not_checked = Vec::new();
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
            call_ids: call.legs.iter().map(|leg| leg.call_id.clone()).collect(),
            facts: call.legs.iter().map(|leg| leg.facts.clone()).collect(),
            verdict,
            findings,
            media: audio(&case),
            not_checked,
        }
    }

    /// Judges the calls that were found and tells the steps. What was asked comes as it was typed
    /// and as it was read.
    fn conclude(
        &self,
        id: String,
        (typed, read_as): (&str, &str),
        now: Timestamp,
        told: &Told<'_>,
    ) -> Investigation {
        let diagnoses: Vec<Diagnosis> = told
            .found
            .iter()
            .map(|call| {
                let observed = &told.gathered.evidence.observed;
                let mut diagnosis = self.diagnose(call, observed, told.gathered.seen_until);
                diagnosis
                    .not_checked
                    .extend(told.gathered.unread.lost.iter().cloned());
                diagnosis
            })
            .collect();
        Investigation {
            id,
            query: typed.to_owned(),
            read_as: read_as.to_owned(),
            asked_at: now,
            seen_until: told.gathered.seen_until,
            steps: steps(told, &diagnoses),
            calls: diagnoses,
            notes: Vec::new(),
        }
    }

    async fn everything(&self) -> (Vec<Call>, Gathered) {
        let mut gathered = Gathered::everything(&self.sources).await;
        let packets = std::mem::take(&mut gathered.evidence.packets);
        (calls(threads(packets), &[]), gathered)
    }
}

/// The messages of these calls, which is what the investigation rests on.
fn kept(found: &[Call]) -> Vec<Packet> {
    found
        .iter()
        .flat_map(|call| call.signals.iter().map(|(_, signal)| signal.packet.clone()))
        .collect()
}
