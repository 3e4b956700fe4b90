//! Lengths that repeat, and calls that end as soon as they begin.

use calltriage::diagnosis::patterns::Entry;
use calltriage::sip::EndedBy;
use jiff::SignedDuration;

use super::{answered, found};

fn lasting(number: usize, millis: i64) -> Entry {
    Entry {
        talk: Some(SignedDuration::from_millis(millis)),
        ..answered(number, number as i64)
    }
}

#[test]
fn periodic_drop() {
    let same = |count: usize| (0..count).map(|n| lasting(n, 1_799_000 + 900 * n as i64));
    insta::assert_debug_snapshot!(found("periodic-drop", same(3)), @r#"
    [
        "3 (undecided>undecided possible, error) 3 answered calls of Acme ended after 1800 s, 2 s more or less. A timer; after this time usually a session that is not refreshed.",
        "3 (undecided>undecided possible, error) 3 answered calls of ExampleTel ended after 1800 s, 2 s more or less. A timer; after this time usually a session that is not refreshed.",
    ]
    "#);
    assert_eq!(found("periodic-drop", same(2)), [""; 0]);
    let off = (0..3).map(|n| lasting(n, 1_802_001 + n as i64));
    assert_eq!(found("periodic-drop", off), [""; 0]);
    // Calls of any length: three of them near a minute are chance.
    let any = (0..24).map(|n| lasting(n, 48_000 + 1_000 * n as i64));
    assert_eq!(found("periodic-drop", any), [""; 0]);
}

fn short(number: usize, carrier: &str) -> Entry {
    Entry {
        carrier: Some(carrier.to_owned()),
        talk: Some(SignedDuration::from_secs(2)),
        ended_by: Some(EndedBy::Caller),
        ..answered(number, number as i64)
    }
}

fn long(number: usize, carrier: &str) -> Entry {
    Entry {
        carrier: Some(carrier.to_owned()),
        ..answered(number, number as i64)
    }
}

#[test]
fn short_calls_of_a_carrier() {
    let calls = |shorts: usize| {
        let bad = (0..shorts).map(|n| short(n, "ExampleTel"));
        let rest = (shorts..40).map(|n| long(n, "ExampleTel"));
        bad.chain(rest)
            .chain((50..110).map(|n| long(n, "Acme Telecom")))
    };
    insta::assert_debug_snapshot!(found("short-calls", calls(20)), @r#"
    [
        "20 (undecided>carrier possible, warning) 20 of 40 answered calls of ExampleTel (50 %) were ended by the caller within 6.00 s. Through other carriers calls last longer: false answers or dead air on this one are likely causes.",
    ]
    "#);
    assert_eq!(
        found("short-calls", calls(12)),
        [""; 0],
        "30 % may be chance"
    );
}

#[test]
fn short_calls_with_nothing_to_compare_with_name_nobody() {
    let alone = |count: usize| (0..count).map(|n| short(n, "ExampleTel"));
    insta::assert_debug_snapshot!(found("short-calls", alone(25)), @r#"
    [
        "25 (undecided>configuration possible, warning) 25 of 25 answered calls of ExampleTel (100 %) were ended by the caller within 6.00 s. Too few calls went through other carriers to compare with: the carrier, the caller or what is called may be why.",
    ]
    "#);
    assert_eq!(found("short-calls", alone(19)), [""; 0], "too few");
    // The other carrier has calls enough, and as many of them are short.
    let both = alone(30).chain((100..130).map(|n| short(n, "Acme Telecom")));
    let both = both.map(|it| Entry {
        customer: None,
        ..it
    });
    assert_eq!(found("short-calls", both), [""; 0]);
}

#[test]
fn short_calls_of_a_customer_on_every_carrier() {
    let everywhere = || {
        (0..60).map(|n| {
            short(
                n,
                if n % 2 == 0 {
                    "ExampleTel"
                } else {
                    "Acme Telecom"
                },
            )
        })
    };
    insta::assert_debug_snapshot!(found("short-calls", everywhere()), @r#"
    [
        "60 (customer equipment>customer equipment possible, warning) 60 of 60 answered calls of Acme (100 %) were ended by the caller within 6.00 s. So it is on every carrier: what is called, or the caller itself, is why.",
    ]
    "#);
    let few = everywhere().take(30);
    assert_eq!(found("short-calls", few), [""; 0]);
}
