//! What other calls to the same number say of one that failed.

use calltriage::diagnosis::verdict::verdict;
use calltriage::diagnosis::{Case, Finding, Party, Peers};
use calltriage::platform::{Answered, Attempt, CallRecord, Carrier, Records};
use calltriage::sip::{Call, Certainty};
use jiff::{SignedDuration, Timestamp};

/// A call to the same number through a carrier: answered, or refused with a code.
fn row(id: &str, carrier: u64, code: Option<u16>, hours_ago: i64) -> CallRecord {
    let at = Timestamp::from_second(1_771_250_000).unwrap();
    CallRecord {
        call_id: Some(id.into()),
        code: code.or(Some(200)),
        started: Some(at - SignedDuration::from_hours(hours_ago)),
        to: Some("441234567890".into()),
        attempts: vec![Attempt {
            carrier_id: Some(carrier),
            code,
            ..Attempt::default()
        }],
        answered: code.is_none().then(|| Answered {
            carrier_id: Some(carrier),
            ..Answered::default()
        }),
        ..CallRecord::default()
    }
}

/// The finding that explains a call through carrier 1 beside others.
fn explaining(code: u16, others: Vec<CallRecord>) -> Finding {
    let records = Records {
        row: Some(row("this", 1, Some(code), 0)),
        siblings: others,
        carriers: [(1, "One"), (2, "Two")]
            .map(|(id, name)| Carrier {
                id,
                name: Some(name.into()),
                ..Carrier::default()
            })
            .into(),
        ..Records::default()
    };
    let call = Call::unseen();
    let case = Case::new(&call, &Peers::default(), None).recorded(Some(&records));
    let findings = super::shown::findings(&case);
    let rule = verdict(&case, &findings).unwrap().rule;
    for of_siblings in [
        "reached-through-another-carrier",
        "fails-through-every-carrier",
    ] {
        super::shown::asked(of_siblings, rule != of_siblings);
    }
    findings.into_iter().find(|it| it.rule == rule).unwrap()
}

#[test]
fn a_number_that_another_carrier_reaches_is_not_at_fault() {
    let finding = explaining(404, vec![row("other", 2, None, 3)]);
    assert_eq!(finding.rule, "reached-through-another-carrier");
    assert_eq!(
        (finding.party, finding.certainty),
        (Party::Carrier, Certainty::Likely)
    );
    assert_eq!(
        finding.fact,
        "One (#1) refused the call with 404, and a call to 441234567890 was answered through Two (#2) \
         (2026-02-16 10:53:20 UTC)."
    );
}

#[test]
fn the_same_carrier_or_another_day_says_nothing() {
    for other in [row("other", 1, None, 3), row("other", 2, None, 30)] {
        assert_eq!(explaining(404, vec![other]).rule, "carriers-failed-in-log");
    }
}

#[test]
fn a_busy_line_may_be_free_in_another_call() {
    let finding = explaining(486, vec![row("other", 2, None, 1)]);
    assert_eq!(finding.rule, "carriers-failed-in-log");
}

#[test]
fn carriers_that_agree_speak_of_what_is_behind_them() {
    let finding = explaining(404, vec![row("other", 2, Some(404), 3)]);
    assert_eq!(finding.rule, "fails-through-every-carrier");
    assert_eq!(
        (finding.party, finding.certainty),
        (Party::FarEnd, Certainty::Likely)
    );
}

#[test]
fn carriers_that_differ_do_not() {
    let finding = explaining(404, vec![row("other", 2, Some(503), 3)]);
    assert_eq!(finding.rule, "carriers-failed-in-log");
}
