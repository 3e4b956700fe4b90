//! The steps of the flow as they are told: how each ended and in what words. Decides no verdict.

use std::time::Instant;

use jiff::Timestamp;

use super::gathered::Gathered;
use super::registered::{RegisterLook, Registered};
use super::simulation;
use super::status::Announced;
use crate::call::CallQuery;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::investigation::{Diagnosis, Outcome, Step, StepName};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{self, Bearing, record, trace};
use crate::sip::{Call, Granted};
use crate::sources::{Known, Source, say_once};

/// What the steps of one investigation are told from.
pub(super) struct Told<'a> {
    /// Where was asked.
    pub sources: &'a [Source],
    /// What was asked.
    pub query: &'a CallQuery,
    /// Its calls.
    pub found: &'a [Known],
    /// Registrations near them, and what became of asking for them.
    pub registered: &'a RegisterLook,
    /// What the status page says.
    pub announced: &'a Announced,
    /// What the sources gave.
    pub gathered: &'a Gathered,
    /// Until when the sources would have seen anything of the calls.
    pub seen_until: Option<Timestamp>,
    /// How long that took.
    pub trace_ms: u64,
    /// When it was asked.
    pub now: Timestamp,
}

/// The steps in the order of the flow.
pub(super) fn steps(told: &Told<'_>, diagnoses: &[Diagnosis]) -> Vec<Step> {
    vec![
        told.announced.step(diagnoses, told.now),
        register_step(told),
        log_step(told, diagnoses),
        trace_step(told, diagnoses),
        simulation::step(told.sources, told.query, told.found, diagnoses),
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

/// The register log: the platform's where it can be asked, and the REGISTERs that captures show.
fn register_step(told: &Told<'_>) -> Step {
    let (found, look) = (told.found, told.registered);
    let near = &look.registrations;
    let own: Vec<Registered> = found
        .iter()
        .filter_map(|known| Registered::of(&known.call))
        .collect();
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
    } else if let Some(gone) = run_out(told) {
        (
            Outcome::CauseFound,
            format!("the registration of {} had run out by then", gone.user),
        )
    } else if let Some(why) = look.unavailable.first() {
        (Outcome::NotChecked, why.clone())
    } else if found.is_empty() && look.searched == 0 {
        return not_checked(
            StepName::RegisterLog,
            "no call was found whose users could be asked for",
        );
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
        took_ms: look.took_ms,
    }
}

/// The registration that a call needed and that had run out before it.
fn run_out(told: &Told<'_>) -> Option<Granted> {
    let granted = told.registered.granted();
    told.found.iter().find_map(|known| {
        let facts = &known.call.first_leg()?.facts;
        let gone = Granted::run_out(&granted, &facts.to, known.call.started()?)?;
        needs_registration(&known.call, &gone.user).then(|| gone.clone())
    })
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

/// The platform's log.
fn log_step(told: &Told<'_>, diagnoses: &[Diagnosis]) -> Step {
    let Some(platform) = &told.gathered.platform else {
        return not_checked(
            StepName::CallLog,
            "captures hold no call log, and no platform is configured",
        );
    };
    let log = &platform.log;
    // What a scope means is asked of the records that bills are made of: the log's search knows neither customer nor
    // time.
    let is_scope = told.query.terms.is_empty();
    let one = if is_scope {
        "call detail record"
    } else {
        "row"
    };
    let rows = match log.found {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    let lost: Vec<&str> = log
        .unavailable
        .iter()
        .chain(&log.besides)
        .map(String::as_str)
        .collect();
    let (outcome, detail) = if !lost.is_empty() {
        let also = if log.found > 0 {
            format!("; elsewhere {rows}")
        } else {
            String::new()
        };
        (Outcome::NotChecked, format!("{}{also}", lost.join("; ")))
    } else if let Some(why) = &log.needless {
        (
            Outcome::NotChecked,
            format!("not asked: {}", lower(why.trim_end_matches('.'))),
        )
    } else if log.found == 0 && is_scope {
        (
            Outcome::NothingFound,
            "no call detail record lies in this scope".to_owned(),
        )
    } else if log.found == 0 {
        (
            Outcome::NothingFound,
            "the platform's log has no row of this call".to_owned(),
        )
    } else if told.query.is_about_registration() {
        (
            Outcome::NothingFound,
            format!("{rows} of calls, which say nothing of a registration"),
        )
    } else {
        of_rows(diagnoses, rows, log.found == 1)
    };
    Step {
        step: StepName::CallLog,
        outcome,
        detail,
        took_ms: platform.took_ms,
    }
}

/// How the log ends that has these rows: with a cause where they tell what the calls failed of, and never clean beside a
/// call that failed.
fn of_rows(diagnoses: &[Diagnosis], rows: String, is_one: bool) -> (Outcome, String) {
    // That nobody has to do anything about it makes a refusal no good call.
    let is_refused = |it: &Diagnosis| {
        let code = it.logged.as_ref().and_then(|it| it.code);
        it.facts.is_empty() && code.is_some_and(|code| code >= 400)
    };
    let mut bad = diagnoses
        .iter()
        .filter(|it| it.verdict.party != Party::Nobody || is_refused(it))
        .filter(|it| it.logged.is_some())
        .peekable();
    if bad.peek().is_none() {
        return (Outcome::Clean, rows);
    }
    if bad.any(|it| it.findings.iter().any(|finding| tells(it, finding))) {
        return (Outcome::CauseFound, rows);
    }
    let why = if is_one {
        "which does not say why"
    } else {
        "none of which says why"
    };
    (Outcome::NothingFound, format!("{rows}, {why}"))
}

/// Whether something in the log's row tells what a call failed of: the verdict rests on it, or it says the same as the
/// messages do.
fn tells(diagnosis: &Diagnosis, finding: &Finding) -> bool {
    let is_outcome = rules::find(&finding.rule).is_some_and(|it| it.bearing == Bearing::Outcome);
    let is_of_row = finding.fields.iter().any(|it| it.record == record::LOG);
    let is_verdict = finding.rule == diagnosis.verdict.rule;
    let code = diagnosis.logged.as_ref().and_then(|it| it.code);
    let is_same = code.is_some_and(|code| code >= 400)
        && diagnosis
            .facts
            .first()
            .is_some_and(|facts| facts.final_code == code);
    (is_verdict && !finding.fields.is_empty())
        || is_same
        || (is_of_row && (is_outcome || finding.severity > Severity::Info))
}

/// A sentence as the rest of another one.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|it| it.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn trace_step(told: &Told<'_>, diagnoses: &[Diagnosis]) -> Step {
    let gathered = told.gathered;
    let messages: usize = diagnoses
        .iter()
        .flat_map(|d| &d.facts)
        .map(|facts| facts.messages)
        .sum();
    let call_ids: usize = diagnoses.iter().map(|d| d.facts.len()).sum();
    let ids = if call_ids == 1 { "Call-ID" } else { "Call-IDs" };
    let many = if messages == 1 { "" } else { "s" };
    let found = format!("{messages} message{many} under {call_ids} {ids}");
    // Without the log nobody knows whose messages to ask for.
    let of_platforms = gathered.platform.iter().flat_map(|it| {
        let unsearched = it.log.unavailable.iter().filter(|_| it.trace.found == 0);
        it.trace.unavailable.iter().chain(unsearched)
    });
    let mut lost: Vec<String> = Vec::new();
    let reasons = gathered.unread.lost.iter().chain(of_platforms);
    say_once(&mut lost, reasons.cloned());
    let (outcome, detail) = if !lost.is_empty() {
        let also = if messages == 0 {
            String::new()
        } else {
            format!("; elsewhere {found}")
        };
        (Outcome::NotChecked, format!("{}{also}", lost.join("; ")))
    } else if messages == 0
        && !gathered.has_captures
        && gathered
            .platform
            .as_ref()
            .is_some_and(|it| it.trace.answered == 0)
    {
        let why = "not asked: nothing was found that has messages to ask for";
        (Outcome::NotChecked, why.to_owned())
    } else if messages == 0 {
        (
            Outcome::NothingFound,
            "no message of this call in any source".into(),
        )
    } else {
        let tells = |d: &Diagnosis| {
            d.verdict.party != Party::Nobody && d.verdict.rule != trace::INCONCLUSIVE.id
        };
        let cause = diagnoses.iter().any(tells);
        let outcome = if cause {
            Outcome::CauseFound
        } else {
            Outcome::Clean
        };
        (outcome, found)
    };
    Step {
        step: StepName::SipTrace,
        outcome,
        detail,
        took_ms: told.trace_ms,
    }
}
