//! Rules on many calls: for each a ledger that shows the pattern and one at its edge that does not. What is
//! asserted is the whole pattern as people read it.

mod attacks;
mod costly;
mod hours;
mod lengths;
mod registrations;
mod spikes;

use std::net::IpAddr;

use calltriage::diagnosis::Tuning;
use calltriage::diagnosis::common::Ended;
use calltriage::diagnosis::patterns::{Entry, Ledger, patterns};
use calltriage::sip::{EndedBy, Kind};
use jiff::{SignedDuration, Timestamp};

/// An answered call of a minute from a customer's address, `second` seconds after the beginning.
pub fn answered(number: usize, second: i64) -> Entry {
    Entry {
        call_id: format!("{number}@198.51.100.10"),
        kind: Kind::Call,
        at: Timestamp::from_second(1_771_233_000 + second).ok(),
        source: Some(IpAddr::from([198, 51, 100, 10])),
        agent: Some("pbx".to_owned()),
        customer: Some("Acme".to_owned()),
        carrier: Some("ExampleTel".to_owned()),
        server: Some("192.0.2.5".to_owned()),
        caller: "442079460018".to_owned(),
        called: format!("4416329601{:02}", number % 100),
        country: Some("United Kingdom".to_owned()),
        user: None,
        registered_for: None,
        refused_credentials: 0,
        code: Some(200),
        refusal: None,
        refused_after: None,
        stopped_here: false,
        answered: true,
        rang: true,
        pdd: Some(SignedDuration::from_millis(900)),
        setup: Some(SignedDuration::from_secs(4)),
        talk: Some(SignedDuration::from_millis(
            60_000 + 7_300 * (number as i64 % 19),
        )),
        tried_for: None,
        ended_by: Some(EndedBy::Caller),
        ended: Ended::Good,
    }
}

/// The same, refused by the carrier with 503.
pub fn refused(number: usize, second: i64) -> Entry {
    Entry {
        code: Some(503),
        refusal: Some(503),
        refused_after: Some(SignedDuration::from_millis(400)),
        answered: false,
        rang: false,
        pdd: None,
        setup: None,
        talk: None,
        tried_for: Some(SignedDuration::from_millis(500)),
        ended_by: None,
        ended: Ended::Failed,
        ..answered(number, second)
    }
}

/// A registration that was refused at the end, and had sent credentials so often.
pub fn registration(number: usize, second: i64, user: &str, refusals: usize) -> Entry {
    Entry {
        kind: Kind::Registration,
        carrier: None,
        customer: None,
        called: user.to_owned(),
        country: None,
        user: (refusals > 0).then(|| user.to_owned()),
        refused_credentials: refusals,
        code: Some(401),
        ..refused(number, second)
    }
}

/// What one rule finds in these, a line each.
pub fn found(rule: &str, entries: impl IntoIterator<Item = Entry>) -> Vec<String> {
    found_tuned(rule, entries, Tuning::as_declared())
}

/// The same where the catalogue is tuned.
pub fn found_tuned(
    rule: &str,
    entries: impl IntoIterator<Item = Entry>,
    tuning: &Tuning,
) -> Vec<String> {
    let mut ledger = Ledger::default();
    entries.into_iter().for_each(|entry| ledger.add(entry));
    let found = patterns(&ledger, tuning).into_iter();
    let lines = found.filter(|it| it.rule == rule).map(|it| {
        format!(
            "{} ({}>{} {}, {}) {} {}",
            it.count,
            it.party.label(),
            it.to_act.label(),
            it.certainty.word(),
            it.severity.word(),
            it.fact,
            it.cause
        )
        .trim()
        .to_owned()
    });
    let lines: Vec<String> = lines.collect();
    super::shown::asked(rule, lines.is_empty());
    lines
}
