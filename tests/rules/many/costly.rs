//! New countries, bait of one ring, false answers, loops.

use calltriage::diagnosis::Tuning;
use calltriage::diagnosis::patterns::Entry;
use calltriage::sip::EndedBy;
use jiff::SignedDuration;

use super::{answered, found, found_tuned, refused};

const DAY: i64 = 24 * 3600;

/// A day of calls home, then so many abroad within the hour, to so many countries.
fn abroad(calls: usize, countries: usize) -> Vec<Entry> {
    let home = (0..48).map(|n| answered(n, n as i64 * 1800));
    let away = (0..calls).map(|n| Entry {
        country: Some(format!("Country {}", n % countries)),
        ..answered(100 + n, DAY + n as i64 * 60)
    });
    home.chain(away).collect()
}

#[test]
fn new_countries() {
    insta::assert_debug_snapshot!(found("new-countries", abroad(20, 3)), @r#"
    [
        "20 (undecided>customer equipment possible, error) Acme made 20 calls within an hour to 3 countries that it had not called before: Country 0, Country 1, Country 2. A stolen account, or a new campaign.",
    ]
    "#);
    assert_eq!(found("new-countries", abroad(19, 3)), [""; 0]);
    assert_eq!(found("new-countries", abroad(20, 2)), [""; 0]);
    // Without a day before it, nothing is known to be new.
    let only: Vec<Entry> = abroad(20, 3).split_off(48);
    assert_eq!(found("new-countries", only), [""; 0]);
    let mut tuning = Tuning::default();
    tuning.limit("new-countries.countries", "2").unwrap();
    assert_eq!(
        found_tuned("new-countries", abroad(20, 2), &tuning).len(),
        1
    );
}

#[test]
fn missed_call_bait() {
    let ring = |number: usize, long: i64| Entry {
        rang: true,
        code: Some(487),
        ended_by: Some(EndedBy::Canceled),
        tried_for: Some(SignedDuration::from_secs(long)),
        ..refused(number, number as i64)
    };
    insta::assert_debug_snapshot!(found("missed-call-bait", (0..20).map(|n| ring(n, 6))), @r#"
    [
        "20 (undecided>customer equipment possible, warning) 20 of 20 calls from 198.51.100.10, to 20 numbers, were given up within 6.00 s while they rang. Bait for people who call back, or a dialler that drops what it cannot serve.",
    ]
    "#);
    assert_eq!(
        found("missed-call-bait", (0..19).map(|n| ring(n, 6))),
        [""; 0]
    );
    assert_eq!(
        found("missed-call-bait", (0..20).map(|n| ring(n, 7))),
        [""; 0]
    );
    let busy_office = (0..20)
        .map(|n| ring(n, 6))
        .chain((0..10).map(|n| answered(n, 500)));
    assert_eq!(found("missed-call-bait", busy_office), [""; 0]);
}

/// Calls that are answered at once and ended soon, to five numbers.
fn at_once(number: usize) -> Entry {
    Entry {
        rang: false,
        called: format!("44163296010{}", number % 5),
        setup: Some(SignedDuration::from_millis(1_500)),
        talk: Some(SignedDuration::from_secs(8)),
        pdd: None,
        ..answered(number, number as i64)
    }
}

#[test]
fn false_answers() {
    let elsewhere = |number: usize| Entry {
        carrier: Some("Acme Telecom".to_owned()),
        called: format!("44163296010{}", number % 5),
        ..answered(100 + number, 100)
    };
    let calls = (0..10).map(at_once).chain((0..5).map(elsewhere));
    insta::assert_debug_snapshot!(found("false-answers", calls), @r#"
    [
        "10 (carrier>carrier likely, warning) ExampleTel answered 10 calls to 5 numbers within 2.00 s without ringing, and the callers ended them within 10.0 s; 5 of these numbers never answered so through other carriers. Answers that are none: the carrier, or one behind it, bills what nobody took.",
    ]
    "#);
    let fewer = (0..9).map(at_once).chain((0..5).map(elsewhere));
    assert_eq!(found("false-answers", fewer), [""; 0]);
    assert_eq!(
        found("false-answers", (0..10).map(at_once)),
        [""; 0],
        "nothing to compare with"
    );
    // A menu that answers at once through every carrier.
    let menu = (0..5).map(|number| Entry {
        carrier: Some("Acme Telecom".to_owned()),
        ..at_once(number)
    });
    assert_eq!(
        found("false-answers", (0..10).map(at_once).chain(menu)),
        [""; 0]
    );
}

#[test]
fn call_loop() {
    let round = |number: usize, second: i64| Entry {
        called: "441632960100".to_owned(),
        setup: Some(SignedDuration::from_secs(20)),
        ..answered(number, second)
    };
    insta::assert_debug_snapshot!(found("call-loop", (0..3).map(|n| round(n, n as i64))), @r#"
    [
        "3 (undecided>configuration possible, error) 441632960100 was called by 442079460018 3 times, each while the call before was still being set up. The call comes back as a new one: somebody behind us forwards it to where it came from.",
    ]
    "#);
    assert_eq!(
        found("call-loop", (0..2).map(|n| round(n, n as i64))),
        [""; 0]
    );
    assert_eq!(
        found("call-loop", (0..3).map(|n| round(n, n as i64 * 3))),
        [""; 0]
    );
    // Dialled again, each time after the call before had failed.
    let again = (0..5).map(|n| Entry {
        called: "441632960100".to_owned(),
        ..refused(n, n as i64)
    });
    assert_eq!(found("call-loop", again), [""; 0]);
}
