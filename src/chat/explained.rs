//! What `explain` says of a rule or an entry of the tables, in the neutral form that every chat translates. Pure: says
//! nothing that is not in what it is given.

use std::fmt::Write as _;
use std::time::Duration;

use crate::diagnosis::Tuning;
use crate::diagnosis::party::{self, Direction, Party};
use crate::diagnosis::rules::Rule;
use crate::knowledge::{
    Cause, FailOver, Knowledge, Lifetime, Match, Matched, Reason, ReasonKind, Released, Routing,
    SipCode, Symptom, Timer,
};

/// A rule, and how it is tuned here.
#[must_use]
pub fn rule(rule: &Rule, tuning: &Tuning) -> String {
    let mut text = format!(
        "{} ({}, {})\n\nWhat it finds: {}\nWhy it matters: {}\nWhat to do: {}\nWhen it is silent: \
         {}\nSource: {}",
        rule.id,
        rule.family,
        rule.severity.word(),
        rule.finds,
        rule.matters,
        rule.remedy,
        rule.silent,
        rule.source,
    );
    for limit in rule.limits {
        let _ = write!(
            text,
            "\nLimit {}: {} ({})",
            limit.key, limit.default, limit.what
        );
        if tuning.is_set(limit) {
            let _ = write!(text, ", set to {} here", tuning.figure(limit));
        }
    }
    if let Some(severity) = tuning.severity(rule) {
        let _ = write!(text, "\nIts findings weigh as {} here.", severity.word());
    }
    if tuning.is_off(rule) {
        text.push_str("\nIt is switched off here.");
    }
    text
}

/// A SIP response code, and what it is to the platform.
#[must_use]
pub fn code(code: &SipCode, knowledge: &Knowledge) -> String {
    let reference = if code.reference.is_empty() {
        String::new()
    } else {
        format!(" ({})", code.reference)
    };
    let head = format!("SIP {} {}{reference}", code.code, code.phrase);
    let mut lines = vec![head, String::new(), code.meaning.clone()];
    if !code.next.is_empty() {
        lines.push(format!("Where it refuses a call: {}", code.next));
    }
    lines.extend(on_platform(code.code, knowledge));
    lines.join("\n")
}

/// A code that is not registered and that the platform uses.
#[must_use]
pub fn platform_code(code: u16, knowledge: &Knowledge) -> String {
    let head = format!("{code}, a code of the platform");
    let mut lines = vec![
        head,
        String::new(),
        "It is no registered SIP code.".to_owned(),
    ];
    lines.extend(on_platform(code, knowledge));
    lines.join("\n")
}

/// What a code is to the platform: as its own answer, and as a carrier's.
fn on_platform(code: u16, knowledge: &Knowledge) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(known) = knowledge.platform_code(code) {
        lines.push(format!("From the platform itself: {}", known.meaning));
        lines.extend(owners(&known.parties));
        lines.extend(to_do(&known.next));
    }
    let texts: Vec<String> = knowledge
        .reasons()
        .filter(|reason| reason.codes.contains(&code))
        .map(|reason| format!("{:?}", reason.text))
        .collect();
    if !texts.is_empty() {
        let texts = texts.join(", ");
        lines.push(format!("Texts of the platform seen with it: {texts}."));
    }
    lines.extend(knowledge.fail_over(code).map(from_carrier));
    lines
}

fn from_carrier(fail_over: &FailOver) -> String {
    let stops = match fail_over.routing {
        Routing::Stops => " routing stops.",
        Routing::GoesOn => "",
    };
    let mut line = format!("From a carrier:{stops} {}", fail_over.meaning);
    for next in &fail_over.next {
        line.push(' ');
        line.push_str(next);
    }
    line
}

/// A Q.850 cause.
#[must_use]
pub fn cause(cause: &Cause) -> String {
    let sip = cause.sip.map_or(String::new(), |code| {
        format!(" A gateway turns it into {code} (RFC 3398 section 7.2.4.1).")
    });
    let side = match cause.side.as_str() {
        "" => String::new(),
        "nobody" => " Nobody has to act.".to_owned(),
        side => format!(" Where to look first: {side}."),
    };
    format!(
        "Q.850 cause {}: {}\n\n{}{sip}{side}",
        cause.cause, cause.name, cause.meaning
    )
}

/// A reason text of the platform.
#[must_use]
pub fn reason(found: &Match<'_, Reason>) -> String {
    let reason = found.entry;
    let codes: Vec<String> = reason.codes.iter().map(u16::to_string).collect();
    let codes = match codes.as_slice() {
        [] => String::new(),
        codes => format!(" (mostly with {})", codes.join(" or ")),
    };
    let mut lines = vec![
        format!("Reason text {:?}{codes}", reason.text),
        String::new(),
    ];
    lines.extend(recognised(found.matched));
    lines.push(reason.meaning.clone());
    if reason.platform_only {
        lines.push("Only the platform writes it, so the platform made that answer.".to_owned());
    } else if reason.kind == ReasonKind::Refusal {
        lines.push("Others write it too: the trace shows who made that answer.".to_owned());
    }
    lines.extend(owners(&reason.parties));
    lines.extend(to_do(&reason.next));
    lines.extend(source(&reason.source));
    lines.join("\n")
}

/// A release reason.
#[must_use]
pub fn release(found: &Released<'_>) -> String {
    let release = found.entry;
    let mut lines = vec![
        format!("Release reason {:?}", release.text),
        String::new(),
        release.meaning.clone(),
    ];
    let by = |direction| labels(&party::of_release(found, direction));
    let (outbound, inbound) = (by(Direction::Outbound), by(Direction::Inbound));
    lines.push(if outbound == inbound {
        format!("Who may own it: {outbound}.")
    } else {
        format!("Who may own it: outbound {outbound}; inbound {inbound}.")
    });
    lines.extend(to_do(&release.next));
    lines.extend(source(&release.source));
    lines.join("\n")
}

/// A timer.
#[must_use]
pub fn timer(found: &Match<'_, Timer>) -> String {
    let timer = found.entry;
    let names: Vec<&str> = [&timer.name]
        .into_iter()
        .chain(&timer.also)
        .map(String::as_str)
        .collect();
    let length = timer.length().map(|it| format!("{} unless set", said(it)));
    let recommended = timer
        .recommended
        .as_ref()
        .map(|it| format!("recommended: {it}"));
    let figures: Vec<String> = length.into_iter().chain(recommended).collect();
    let head = match figures.as_slice() {
        [] => names.join(", "),
        figures => format!("{}: {}", names.join(", "), figures.join("; ")),
    };
    let mut lines = vec![head, String::new()];
    lines.extend(recognised(found.matched));
    lines.push(timer.note.clone());
    lines.extend(source(&timer.source));
    lines.join("\n")
}

/// What may have ended a call that lasted so long.
#[must_use]
pub fn lifetime(life: Duration, knowledge: &Knowledge) -> String {
    let fitting: Vec<&Lifetime> = knowledge.lifetimes_of(life).collect();
    let mut lines = vec![
        format!("A call that lasted {}, from answer to end", said(life)),
        String::new(),
    ];
    lines.push(match fitting.as_slice() {
        [] => "No known cause ends calls after just this long.".to_owned(),
        _ => "What ends calls after about this long; none of it is so until the trace shows its proof:"
            .to_owned(),
    });
    lines.extend(fitting.into_iter().map(hypothesis));
    let mut any = knowledge
        .lifetimes()
        .filter(|it| it.is_of_any_length())
        .peekable();
    if any.peek().is_some() {
        lines.push("What ends calls at any length:".to_owned());
    }
    lines.extend(any.map(hypothesis));
    lines.join("\n")
}

fn hypothesis(lifetime: &Lifetime) -> String {
    let mut line = format!("- {} Proof: {}", lifetime.cause, lifetime.proof);
    for more in owners(&lifetime.parties)
        .into_iter()
        .chain(to_do(&lifetime.next))
    {
        line.push(' ');
        line.push_str(&more);
    }
    line
}

/// A symptom.
#[must_use]
pub fn symptom(symptom: &Symptom) -> String {
    let mut lines = vec![
        format!("{}: {}", symptom.id, symptom.symptom),
        String::new(),
        format!("What is seen: {}", symptom.evidence),
    ];
    // A symptom has a direction of its own.
    lines.extend(owners_said(&symptom.parties, &symptom.parties));
    lines.extend(to_do(&symptom.next));
    lines.join("\n")
}

/// Says how a text was recognised where it is not the same.
fn recognised(matched: Matched) -> Option<String> {
    let how = match matched {
        Matched::Exact => return None,
        Matched::Spelling => "Recognised in spite of its spelling.",
        Matched::Beginning => "What you wrote begins with it and goes on; the rest is not known.",
        Matched::Within => "It stands in what you wrote.",
    };
    Some(how.to_owned())
}

/// Who may own something, and who on an inbound call where that is somebody else.
fn owners(parties: &[Party]) -> Option<String> {
    owners_said(parties, &party::turned(parties, Direction::Inbound))
}

fn owners_said(outbound: &[Party], inbound: &[Party]) -> Option<String> {
    let (parties, outbound, inbound) = (outbound, labels(outbound), labels(inbound));
    Some(match parties {
        [Party::Nobody] => "Nobody has to act.".to_owned(),
        [Party::Undecided] => "Who owns it, it does not say.".to_owned(),
        [] => return None,
        _ if outbound == inbound => format!("Who may own it: {outbound}."),
        _ => format!("Who may own it: outbound {outbound}; inbound {inbound}."),
    })
}

fn labels(parties: &[Party]) -> String {
    let labels: Vec<&str> = parties.iter().map(|party| party.label()).collect();
    match labels.as_slice() {
        [] => Party::Undecided.label().to_owned(),
        [one] => (*one).to_owned(),
        [first, others @ ..] => format!("{first}, else {}", others.join(", else ")),
    }
}

fn to_do(next: &[String]) -> Option<String> {
    (!next.is_empty()).then(|| format!("What to do: {}", next.join(" ")))
}

fn source(source: &str) -> Option<String> {
    (!source.is_empty()).then(|| format!("Source: {source}"))
}

/// A length in seconds, as short as it is.
fn said(length: Duration) -> String {
    format!("{} s", length.as_secs_f64())
}
