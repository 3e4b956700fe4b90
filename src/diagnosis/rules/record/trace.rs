//! What the reader has to know of the platform's trace of a call: that there is none, that it goes soon,
//! that the call may still be up.

use jiff::SignedDuration;

use super::{is_row_alone, logged, moment, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::platform::TraceState;
use crate::sip::Certainty;

/// A call that began longer ago and has no end in the log is one that the log lost.
const LONGEST_CALL: SignedDuration = SignedDuration::from_hours(6);

pub(super) static TRACE_NOT_HELD: Rule = Rule {
    id: "trace-not-held",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The platform has the row of a call and not its messages: because they are older than it \
            keeps them, or although they should be there.",
    matters: "Without messages only the log's own words are left; nothing proves what a party sent.",
    remedy: "Ask for a fresh example, or for a capture of the other side.",
    silent: "There are messages, or they could not be asked for.",
    source: "The platform's documentation of logging (messages 7 days, rows 14 days); catalogue Q4, Q5",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| not_held(rule, case).into_iter().collect()),
};

fn not_held(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let records = case.records?;
    let row = row(case).filter(|_| records.trace == TraceState::None && is_row_alone(case))?;
    if row.is_simulated() {
        return None;
    }
    let days = records.trace_kept.as_hours() / 24;
    let is_old = records.age().is_some_and(|age| age > records.trace_kept);
    let (fact, cause, next) = if is_old {
        (
            format!("The trace has expired: the platform keeps messages for {days} days."),
            "Only the row of the log is left, for 14 days in all.",
            "Ask for a fresh example; a verdict on this one rests on the log alone.",
        )
    } else {
        (
            format!("The trace is missing, although the platform keeps messages for {days} days."),
            "Traces can lose messages, seldom a whole call; a call that was refused at once may have \
             none.",
            "Ask for another example, or for a capture of the sender's side.",
        )
    };
    let proof = row.started.map(|at| logged("start_time", moment(at)));
    let proof = proof.or_else(|| row.code.map(|code| logged("sip_code", code)));
    note(
        rule,
        case,
        Proof::fields(proof),
        fact,
        cause.to_owned(),
        next.to_owned(),
    )
}

pub(super) static TRACE_EXPIRES_SOON: Rule = Rule {
    id: "trace-expires-soon",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The platform keeps the messages of this call for less than a day more.",
    matters: "A dispute mostly comes later than that; what is not kept by then is gone.",
    remedy: "Keep the investigation: it holds the messages. Export them where somebody else needs them.",
    silent: "There is more time, or no message.",
    source: "The platform's documentation of logging (messages 7 days)",
    explains: &[],
    limits: &[&SOON],
    check: Check::Call(|rule, case| expires_soon(rule, case).into_iter().collect()),
};

static SOON: Limit = Limit {
    key: "trace-expires-soon.left",
    what: "how little time must be left",
    default: Figure::Time(SignedDuration::from_hours(24)),
};

fn expires_soon(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let left = case
        .records?
        .trace_left()
        .filter(|left| *left < case.tuning.time(&SOON))?;
    let started = row(case)?.started?;
    let left = match left.as_hours() {
        0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    note(
        rule,
        case,
        Proof::fields([logged("start_time", moment(started))]),
        format!("The platform keeps the messages of this call for {left} more."),
        String::new(),
        "Export the messages now (calltriage pcap) if anybody else will need them.".to_owned(),
    )
}

pub(super) static MAY_STILL_BE_UP: Rule = Rule {
    id: "may-still-be-up",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The row has neither an end nor a length, and the messages show no end: the call may still \
            be going on.",
    matters: "Release reason, charges and media figures come only after it; what is missing now proves \
              nothing.",
    remedy: "Ask again in a minute.",
    silent: "An end is in the row or in the messages, or the call began hours ago.",
    source: "The platform's documentation of logging",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| still_up(rule, case).into_iter().collect()),
};

fn still_up(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let records = case.records?;
    let row = row(case).filter(|row| row.may_be_live() && !row.is_simulated())?;
    let is_recent = records.age().is_some_and(|age| age < LONGEST_CALL);
    let is_over = case.own_byes().next().is_some() || case.failure().is_some();
    if !is_recent || is_over {
        return None;
    }
    note(
        rule,
        case,
        Proof::fields([logged("start_time", moment(row.started?))]),
        "The call may still be in progress: the platform's log has no end of it.".to_owned(),
        String::new(),
        "Ask again in 60 s.".to_owned(),
    )
}

/// A remark that accuses nobody.
fn note(
    rule: &Rule,
    case: &Case<'_>,
    proof: Proof,
    fact: String,
    cause: String,
    next: String,
) -> Option<Finding> {
    rule.finding_of(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next,
        },
    )
}
