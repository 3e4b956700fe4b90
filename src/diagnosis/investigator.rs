//! Walks the troubleshooting flow for one query: asks all sources at once, decides in the order of
//! the flow, and leaves an [`Investigation`]. Does the waiting; the judging is the rules'.

use std::collections::HashSet;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

use super::case::Case;
use super::investigation::{Diagnosis, Investigation, Outcome, Step, StepName};
use super::party::Party;
use super::peers::Peers;
use super::rules::{self, trace};
use super::verdict::{Verdict, verdict};
use crate::call::{CallQuery, Term};
use crate::sip::{Call, Certainty, Kind, Packet, calls, threads};
use crate::sources::{Lookup, Source, Trace};

/// More calls than a person reads in one answer.
const MOST_CALLS: usize = 20;

/// A registration concerns a call of the same user for so long (design, section 2).
const REGISTRATION_CONCERNS: SignedDuration = SignedDuration::from_mins(10);

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
    /// The messages of its calls, as they were fetched.
    pub packets: Vec<Packet>,
    /// What could not be read on the way, a sentence each.
    pub problems: Vec<String>,
}

/// What all sources together gave.
#[derive(Default)]
struct Gathered {
    packets: Vec<Packet>,
    matched: Vec<String>,
    left_out: usize,
    seen_until: Option<Timestamp>,
    /// Sources that could not be asked, with why.
    unavailable: Vec<String>,
    problems: Vec<String>,
}

impl Gathered {
    fn add(&mut self, source: &str, found: Lookup<Trace>) {
        match found {
            Lookup::Empty => {}
            Lookup::Unavailable(why) => {
                self.problems.push(why.clone());
                self.unavailable.push(format!("{source}: {why}"));
            }
            Lookup::Found(trace) => {
                self.packets.extend(trace.packets);
                self.matched.extend(trace.matched);
                self.left_out += trace.left_out;
                self.seen_until = self.seen_until.max(trace.seen_until);
                self.problems.extend(trace.problems);
            }
        }
    }

    fn calls(&self) -> Vec<Call> {
        calls(threads(self.packets.clone()), &[])
    }

    /// The calls that the query describes, without the neighbours fetched for joining.
    fn matched_calls(&self, query: &CallQuery) -> Vec<Call> {
        let is_matched = |call: &Call| {
            call.legs
                .iter()
                .any(|leg| self.matched.contains(&leg.call_id))
        };
        let has_code = |call: &Call| query.scope.code.is_none_or(|code| ended_with(call, code));
        self.calls()
            .into_iter()
            .filter(is_matched)
            .filter(has_code)
            .collect()
    }
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
        let mut gathered = self.trace(query).await;
        let found: Vec<Call> = gathered
            .calls()
            .into_iter()
            .filter(|call| {
                call.legs
                    .iter()
                    .any(|leg| gathered.matched.contains(&leg.call_id))
            })
            .filter(|call| query.scope.code.is_none_or(|code| ended_with(call, code)))
            .collect();
        let trace_ms = millis(began);
        let began = Instant::now();
        let registrations = self.registrations(&found).await;
        let register_ms = millis(began);

        let mut diagnoses: Vec<Diagnosis> = found
            .iter()
            .map(|call| self.diagnose(call, gathered.seen_until))
            .collect();
        let steps = vec![
            not_checked(StepName::StatusPage, "no status page is configured"),
            register_step(&found, &registrations, register_ms),
            not_checked(
                StepName::CallLog,
                "captures hold no call log, and no platform is configured",
            ),
            trace_step(&diagnoses, &gathered, trace_ms),
            simulate_step(&diagnoses),
        ];
        let mut notes = query.notes.clone();
        if gathered.left_out > 0 {
            notes.push(format!(
                "{} older calls match too; add a time or a Call-ID to see them.",
                gathered.left_out
            ));
        }
        if diagnoses.is_empty() {
            diagnoses.push(self.not_found(query, &gathered).await);
        }
        gathered.packets = kept(&found);
        Investigated {
            investigation: Investigation {
                id,
                query: typed.to_owned(),
                read_as: query.to_string(),
                asked_at: now,
                steps,
                calls: diagnoses,
                notes,
            },
            packets: gathered.packets,
            problems: gathered.problems,
        }
    }

    /// Every call and registration that the sources hold, each as an investigation of its own, in
    /// order of time, and what could not be read. `id` names each.
    pub async fn investigate_all(
        &self,
        mut id: impl FnMut() -> String,
        now: Timestamp,
    ) -> (Vec<Investigation>, Vec<String>) {
        let began = Instant::now();
        let (all, gathered) = self.everything().await;
        let read_ms = millis(began);
        let about = |kind: Kind| all.iter().filter(move |call| call.kind() == kind);
        let registrations: Vec<Call> = about(Kind::Registration).cloned().collect();
        let investigations = all
            .iter()
            .filter(|call| call.kind() != Kind::Other)
            .map(|call| {
                let diagnosis = self.diagnose(call, gathered.seen_until);
                let one = std::slice::from_ref(&diagnosis);
                let near = concerning(call, &registrations);
                let steps = vec![
                    not_checked(StepName::StatusPage, "no status page is configured"),
                    register_step(std::slice::from_ref(call), &near, 0),
                    not_checked(
                        StepName::CallLog,
                        "captures hold no call log, and no platform is configured",
                    ),
                    trace_step(one, &gathered, read_ms),
                    simulate_step(one),
                ];
                let call_id = call.first_leg().map_or("", |leg| leg.call_id.as_str());
                Investigation {
                    id: id(),
                    query: call_id.to_owned(),
                    read_as: call_id.to_owned(),
                    asked_at: now,
                    steps,
                    calls: vec![diagnosis],
                    notes: Vec::new(),
                }
            })
            .collect();
        (investigations, gathered.problems)
    }

    /// Every call that the sources hold, joined, with what could not be read.
    pub async fn all_calls(&self) -> (Vec<Call>, Vec<String>) {
        let (calls, gathered) = self.everything().await;
        (calls, gathered.problems)
    }

    /// The calls that a query describes, joined.
    pub async fn matching(&self, query: &CallQuery) -> Vec<Call> {
        let gathered = self.trace(query).await;
        gathered.matched_calls(query)
    }

    /// Judges a kept investigation anew from its evidence alone.
    #[must_use]
    pub fn judge_again(&self, kept: Investigation, packets: &[Packet]) -> Investigation {
        let calls = calls(threads(packets.to_vec()), &[]);
        let calls = calls.iter().map(|call| self.diagnose(call, None)).collect();
        Investigation { calls, ..kept }
    }

    async fn everything(&self) -> (Vec<Call>, Gathered) {
        let mut gathered = Gathered::default();
        for source in &self.sources {
            gathered.add(source.name(), source.everything().await);
        }
        let packets = std::mem::take(&mut gathered.packets);
        (calls(threads(packets), &[]), gathered)
    }

    async fn trace(&self, query: &CallQuery) -> Gathered {
        let mut gathered = Gathered::default();
        for source in &self.sources {
            gathered.add(source.name(), source.trace(query, MOST_CALLS).await);
        }
        gathered
    }

    /// Judges one call.
    #[must_use]
    pub fn diagnose(&self, call: &Call, seen_until: Option<Timestamp>) -> Diagnosis {
        let case = Case::new(call, &self.peers, seen_until);
        let findings = rules::findings(&case);
        let verdict = verdict(&case, &findings).unwrap_or_else(|| inconclusive(call));
        let mut not_checked = Vec::new();
        if let Some(assumed) = case.roles.assumption() {
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
            not_checked,
        }
    }

    /// The registrations of the users of these calls, near them in time.
    async fn registrations(&self, found: &[Call]) -> Vec<Call> {
        let mut gathered = Gathered::default();
        for call in found
            .iter()
            .filter(|call| call.kind() == Kind::Call)
            .take(MOST_CALLS)
        {
            let Some(window) = near(call) else { continue };
            let query = CallQuery {
                terms: users(call).into_iter().map(Term::SipUser).collect(),
                window: Some(window),
                ..CallQuery::default()
            };
            if query.terms.is_empty() {
                continue;
            }
            for source in &self.sources {
                gathered.add(source.name(), source.trace(&query, MOST_CALLS).await);
            }
        }
        let mut seen = HashSet::new();
        gathered
            .packets
            .retain(|packet| seen.insert((packet.place, packet.at)));
        let all = gathered.calls();
        all.into_iter()
            .filter(|call| call.kind() == Kind::Registration)
            .collect()
    }

    async fn not_found(&self, query: &CallQuery, gathered: &Gathered) -> Diagnosis {
        let mut searched = Vec::new();
        for source in &self.sources {
            searched.push(source.summary().await);
        }
        let asked = if query.terms.is_empty() {
            "this scope".to_owned()
        } else {
            query.to_string()
        };
        let (fact_certainty, mut summary) = if gathered.unavailable.is_empty() {
            (
                Certainty::Certain,
                format!("No message of {asked} was found."),
            )
        } else {
            (
                Certainty::Possible,
                format!("No message of {asked} was found where we could look."),
            )
        };
        if !searched.is_empty() {
            summary = format!("{summary} Searched: {}.", searched.join("; "));
        }
        let call_ids = query.terms.iter().filter_map(|term| match term {
            Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => Some(id.clone()),
            _ => None,
        });
        let mut next = vec![
            "Check the id letter by letter, the number in its other forms, and the day (UTC)."
                .to_owned(),
        ];
        if query.window.is_some() {
            next.push("Ask again without the time, in case the clock or the zone is off.".into());
        }
        next.push(
            "If it is right, the call may never have arrived: a firewall, a wrong address or port. \
             Ask the sender for a capture: tcpdump -ni any -s0 -w call.pcap port 5060."
                .into(),
        );
        Diagnosis {
            call_ids: call_ids.collect(),
            facts: Vec::new(),
            verdict: Verdict {
                rule: trace::CALL_NOT_FOUND.id.into(),
                party: Party::Undecided,
                to_act: Party::Undecided,
                certainty: Certainty::Possible,
                fact_certainty,
                answered_by: None,
                summary,
                next,
            },
            findings: Vec::new(),
            not_checked: gathered.unavailable.clone(),
        }
    }
}

/// The verdict where no rule spoke.
fn inconclusive(call: &Call) -> Verdict {
    let facts = call.first_leg().map(|leg| &leg.facts);
    let last = facts
        .and_then(|facts| facts.final_code)
        .map_or("no final answer".to_owned(), |code| {
            format!("the final answer {code}")
        });
    let messages = call.signals.len();
    Verdict {
        rule: trace::INCONCLUSIVE.id.into(),
        party: Party::Undecided,
        to_act: Party::Undecided,
        certainty: Certainty::Possible,
        fact_certainty: Certainty::Certain,
        answered_by: None,
        summary: format!("{messages} messages with {last}; no rule has anything to say of them."),
        next: vec!["Read the ladder, and say what was noticed and when.".into()],
    }
}

/// Whether any leg ended with a code.
fn ended_with(call: &Call, code: u16) -> bool {
    call.legs
        .iter()
        .any(|leg| leg.facts.final_code == Some(code))
        || call.hops.iter().any(|hop| hop.final_code() == Some(code))
}

/// The users whose registration may matter to a call: as they call themselves, as they are
/// called, and as they authenticate.
fn users(call: &Call) -> Vec<String> {
    let mut users: Vec<String> = Vec::new();
    for hop in &call.hops {
        let Some(invite) = hop.decisive().and_then(|invite| invite.request()) else {
            continue;
        };
        users.extend(invite.message.credentials().into_iter().map(|c| c.username));
        users.push(invite.message.from_user());
        users.push(invite.message.to_user());
    }
    users.retain(|user| !user.is_empty());
    users.sort();
    users.dedup();
    users
}

fn near(call: &Call) -> Option<crate::call::Window> {
    let at = call.started()?;
    let from = at.checked_sub(REGISTRATION_CONCERNS).ok()?;
    Some(crate::call::Window::new(
        from,
        at.checked_add(REGISTRATION_CONCERNS).ok()?,
    ))
}

/// The registrations of a call's users near it in time.
fn concerning(call: &Call, registrations: &[Call]) -> Vec<Call> {
    let (users, window) = (users(call), near(call));
    let of_user = |other: &&Call| {
        other
            .first_leg()
            .is_some_and(|leg| users.contains(&leg.facts.to))
            && other
                .started()
                .zip(window)
                .is_some_and(|(at, window)| window.contains(at))
    };
    registrations.iter().filter(of_user).cloned().collect()
}

fn not_checked(step: StepName, why: &str) -> Step {
    Step {
        step,
        outcome: Outcome::NotChecked,
        detail: why.into(),
        took_ms: 0,
    }
}

/// The register log, as captures show it: the REGISTERs themselves.
fn register_step(found: &[Call], near: &[Call], took_ms: u64) -> Step {
    let failed = |call: &&Call| {
        let code = call.first_leg().and_then(|leg| leg.facts.final_code);
        !matches!(code, Some(200..=299))
    };
    let own: Vec<&Call> = found
        .iter()
        .filter(|call| call.kind() == Kind::Registration)
        .collect();
    let (outcome, detail) = if let Some(bad) = own.iter().copied().find(failed) {
        (
            Outcome::CauseFound,
            format!("this is a registration that failed: {}", ended(bad)),
        )
    } else if !own.is_empty() {
        (
            Outcome::Clean,
            "this is a registration, and it was accepted".into(),
        )
    } else if let Some(bad) = near.iter().find(failed) {
        let user = bad.first_leg().map_or("", |leg| leg.facts.to.as_str());
        let cause = found.iter().any(|call| needs_registration(call, user));
        let outcome = if cause {
            Outcome::CauseFound
        } else {
            Outcome::Clean
        };
        let bearing = if cause {
            ""
        } else {
            ", which this call did not need"
        };
        (
            outcome,
            format!("the registration of {user} failed: {}{bearing}", ended(bad)),
        )
    } else if near.is_empty() {
        (
            Outcome::NothingFound,
            "no REGISTER of these users within ten minutes".into(),
        )
    } else {
        (
            Outcome::Clean,
            "the registrations of these users within ten minutes were accepted".into(),
        )
    };
    Step {
        step: StepName::RegisterLog,
        outcome,
        detail,
        took_ms,
    }
}

fn ended(registration: &Call) -> String {
    let code = registration
        .first_leg()
        .and_then(|leg| leg.facts.final_code);
    code.map_or("no answer".to_owned(), |code| format!("last answer {code}"))
}

/// Whether a call failed the way calls fail when a user is not registered: the called user could
/// not be found, or the calling user was not let in.
fn needs_registration(call: &Call, user: &str) -> bool {
    let Some(facts) = call.first_leg().map(|leg| &leg.facts) else {
        return false;
    };
    let as_called = facts.to == user && matches!(facts.final_code, Some(404 | 408 | 430 | 480));
    let as_caller = facts.from == user && matches!(facts.final_code, Some(401 | 403 | 407));
    as_called || as_caller
}

fn trace_step(diagnoses: &[Diagnosis], gathered: &Gathered, took_ms: u64) -> Step {
    let messages: usize = diagnoses
        .iter()
        .flat_map(|d| &d.facts)
        .map(|facts| facts.messages)
        .sum();
    let call_ids: usize = diagnoses.iter().map(|d| d.call_ids.len()).sum();
    let found = format!("{messages} messages under {call_ids} Call-IDs");
    let unavailable = gathered.unavailable.join("; ");
    let (outcome, detail) = match (diagnoses.first(), gathered.unavailable.is_empty()) {
        (_, false) => {
            let also = if diagnoses.is_empty() {
                String::new()
            } else {
                format!("; elsewhere {found}")
            };
            (Outcome::NotChecked, format!("{unavailable}{also}"))
        }
        (None, true) => (
            Outcome::NothingFound,
            "no message of this call in any source".into(),
        ),
        (Some(_), true) => {
            let cause = diagnoses.iter().any(|d| d.verdict.party != Party::Nobody);
            (
                if cause {
                    Outcome::CauseFound
                } else {
                    Outcome::Clean
                },
                found,
            )
        }
    };
    Step {
        step: StepName::SipTrace,
        outcome,
        detail,
        took_ms,
    }
}

fn simulate_step(diagnoses: &[Diagnosis]) -> Step {
    if diagnoses.is_empty() {
        not_checked(StepName::Simulate, "no endpoint is configured")
    } else {
        not_checked(StepName::Simulate, "not needed: the call was found")
    }
}

/// The messages of these calls, which is what the investigation rests on.
fn kept(found: &[Call]) -> Vec<Packet> {
    found
        .iter()
        .flat_map(|call| call.signals.iter().map(|(_, signal)| signal.packet.clone()))
        .collect()
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
