//! The steps of the flow as they are told: how each ended and in what words. Decides no verdict.

use std::time::Instant;

use jiff::Timestamp;

use super::gathered::Gathered;
use super::registered::Registered;
use crate::diagnosis::investigation::{Diagnosis, Outcome, Step, StepName};
use crate::diagnosis::party::Party;
use crate::sip::Call;
use crate::sources::Known;

/// What the steps of one investigation are told from.
pub(super) struct Told<'a> {
    /// Its calls.
    pub found: &'a [Known],
    /// Registrations near them.
    pub registrations: &'a [Registered],
    /// How long it took to find those.
    pub register_ms: u64,
    /// What the sources gave.
    pub gathered: &'a Gathered,
    /// Until when the sources would have seen anything of the calls.
    pub seen_until: Option<Timestamp>,
    /// How long that took.
    pub trace_ms: u64,
}

/// The steps in the order of the flow.
pub(super) fn steps(told: &Told<'_>, diagnoses: &[Diagnosis]) -> Vec<Step> {
    vec![
        not_checked(StepName::StatusPage, "no status page is configured"),
        register_step(told.found, told.registrations, told.register_ms),
        not_checked(
            StepName::CallLog,
            "captures hold no call log, and no platform is configured",
        ),
        trace_step(diagnoses, told.gathered, told.trace_ms),
        simulate_step(diagnoses),
    ]
}

/// How long it has been since then.
pub(super) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
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
fn register_step(found: &[Known], near: &[Registered], took_ms: u64) -> Step {
    let own: Vec<Registered> = found
        .iter()
        .filter_map(|known| Registered::of(&known.call))
        .collect();
    if found.is_empty() {
        return not_checked(
            StepName::RegisterLog,
            "no call was found whose users could be asked for",
        );
    }
    let (outcome, detail) = if let Some(bad) = own.iter().find(|it| it.failed()) {
        (
            Outcome::CauseFound,
            format!("this is a registration that failed: {}", ended(bad)),
        )
    } else if !own.is_empty() {
        (
            Outcome::Clean,
            "this is a registration, and it was accepted".into(),
        )
    } else if let Some(bad) = near.iter().find(|it| it.failed()) {
        let user = bad.user.as_str();
        let cause = found
            .iter()
            .any(|known| needs_registration(&known.call, user));
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

fn ended(registration: &Registered) -> String {
    let code = registration.code;
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
    let lost = &gathered.unread.lost;
    let unavailable = lost.join("; ");
    let (outcome, detail) = match (diagnoses.first(), lost.is_empty()) {
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
