//! Calls compared with one another: out of rows of a platform, counted once, and what failing ones
//! share.

use calltriage::diagnosis::Traits;
use calltriage::diagnosis::common::{Aspect, Ended, Named, common, groups};
use calltriage::platform::{Answered, Attempt, CallRecord, Carrier, Cdr, Customer};
use jiff::Timestamp;

const BEGAN: i64 = 1_771_233_000;

fn at(minute: i64) -> Option<Timestamp> {
    Timestamp::from_second(BEGAN + 60 * minute).ok()
}

/// A row of the log: its number, the carrier that was tried, and the code.
fn row(number: i64, carrier: u64, code: u16) -> CallRecord {
    let answered = (code == 200).then(|| Answered {
        duration_ms: Some(9000),
        release_reason: Some("Downstream BYE".into()),
        carrier_id: Some(carrier),
        outgoing_call_id: None,
    });
    CallRecord {
        call_id: Some(format!("{number}@192.0.2.1")),
        outgoing_call_id: Some(format!("CNX1_{number}")),
        code: Some(code),
        started: at(number),
        ended: at(number + 1),
        from: Some("441632960001".into()),
        to: Some(format!("44207946{number:04}")),
        attempts: vec![Attempt {
            carrier_id: Some(carrier),
            ..Attempt::default()
        }],
        answered,
        customer_id: Some(12),
        ..CallRecord::default()
    }
}

fn traits(rows: &[CallRecord]) -> Vec<Traits> {
    let carriers = [Carrier {
        id: 105,
        name: Some("Acme".into()),
        ..Carrier::default()
    }];
    let customers = [Customer {
        id: 12,
        name: Some("Shop".into()),
        ..Customer::default()
    }];
    let known = Named {
        customers: &customers,
        carriers: &carriers,
    };
    rows.iter().map(|row| Traits::of_row(row, known)).collect()
}

fn sentences(rows: &[CallRecord]) -> Vec<String> {
    let shared = common(&traits(rows)).shared;
    shared.into_iter().map(|it| it.sentence).collect()
}

#[test]
fn what_failing_rows_share_and_good_ones_do_not() {
    let bad = (0..12).map(|n| row(n, 105, 503));
    let good = (20..60).map(|n| row(n, 7, 200));
    let rows: Vec<CallRecord> = bad.chain(good).collect();
    let found = common(&traits(&rows));
    assert_eq!((found.calls, found.failed, found.good), (52, 12, 40));
    assert_eq!((found.first_failing, found.last_good), (at(0), at(59)));
    assert_eq!(
        found.shared[0].sentence,
        "All 12 failing calls went through Acme (#105); none of the 40 good ones did."
    );
    // The customer, the caller and the country are those of all calls.
    let aspects: Vec<Aspect> = found.shared.iter().map(|it| it.aspect).collect();
    assert!(!aspects.contains(&Aspect::Customer), "{aspects:?}");
    assert!(!aspects.contains(&Aspect::Destination), "{aspects:?}");
}

#[test]
fn few_calls_may_agree_by_chance_and_that_is_said() {
    let rows: Vec<CallRecord> = vec![
        row(0, 105, 503),
        row(1, 105, 503),
        row(2, 105, 503),
        row(3, 7, 200),
        row(4, 7, 200),
    ];
    let said = sentences(&rows);
    let sentence = "All 3 failing calls went through Acme (#105); none of the 2 good ones did; so \
                    few calls may agree by chance.";
    assert_eq!(said[0], sentence);
    let without_good = sentences(&rows[..3]);
    assert!(
        without_good.contains(
            &"All 3 failing calls went through Acme (#105); there is no good call \
                                to compare with."
                .to_owned()
        ),
        "{without_good:?}"
    );
    // One call shares nothing with itself, and two are said to be two.
    assert_eq!(sentences(&rows[..1]), Vec::<String>::new());
    assert!(sentences(&rows[..2])[0].starts_with("Both failing calls "));
    // Two of five are too few to tell.
    let mixed: Vec<CallRecord> = (0..5)
        .map(|n| row(n, if n < 2 { 105 } else { 50 + n as u64 }, 503))
        .collect();
    assert!(sentences(&mixed).iter().all(|it| !it.contains("Acme")));
}

#[test]
fn what_is_not_known_is_not_taken_for_different() {
    let mut rows: Vec<CallRecord> = (0..6).map(|n| row(n, 105, 503)).collect();
    rows.extend((10..16).map(|n| row(n, 7, 200)));
    for row in &mut rows[7..] {
        row.attempts.clear();
        row.answered.as_mut().unwrap().carrier_id = None;
    }
    rows[0].attempts.clear();
    let said = sentences(&rows);
    let sentence = "5 of 6 failing calls (it is not known of 1) went through Acme (#105); none of the 1 \
                    good ones of which it is known did; so few calls may agree by chance.";
    assert!(said.contains(&sentence.to_owned()), "{said:?}");
}

#[test]
fn both_legs_of_a_call_are_counted_once() {
    let incoming = row(1, 105, 503);
    let outgoing = CallRecord {
        call_id: Some("CNX1_1".into()),
        outgoing_call_id: None,
        ..row(1, 105, 503)
    };
    let all = traits(&[incoming, outgoing, row(2, 105, 503)]);
    let found = groups(&all);
    assert_eq!((found.len(), found[0].count), (1, 2));
    assert_eq!(found[0].words, "ended with 503 through Acme (#105)");
    assert_eq!(common(&all).calls, 2);
    assert_eq!(found[0].example, "2@192.0.2.1", "the newest");
}

#[test]
fn how_rows_and_bills_ended() {
    let ended = |row: &CallRecord| Traits::of_row(row, Named::default()).ended;
    for (code, expected) in [
        (200, Ended::Good),
        (486, Ended::Undecided),
        (487, Ended::Undecided),
        (407, Ended::Undecided),
        (404, Ended::Failed),
        (503, Ended::Failed),
    ] {
        assert_eq!(ended(&row(1, 7, code)), expected, "{code}");
    }
    let live = CallRecord {
        ended: None,
        ..row(1, 7, 503)
    };
    assert_eq!(ended(&live), Ended::Undecided, "it may go on");
    let mut silent = row(1, 7, 200);
    silent.answered.as_mut().unwrap().release_reason = Some("RTP Timeout".into());
    assert_eq!(ended(&silent), Ended::Undecided);
    assert_eq!(ended(&CallRecord::default()), Ended::Undecided);

    let bill = |duration_ms, code| Cdr {
        duration_ms,
        code,
        carrier_id: Some(7),
        ..Cdr::default()
    };
    let of = |cdr: &Cdr| Traits::of_cdr(cdr, Named::default());
    assert_eq!(of(&bill(Some(1000), None)).ended, Ended::Good);
    assert_eq!(of(&bill(Some(0), Some(503))).ended, Ended::Failed);
    assert_eq!(of(&bill(None, None)).ended, Ended::Undecided);
    assert_eq!(of(&bill(None, None)).carrier.as_deref(), Some("carrier #7"));
}

#[test]
fn the_order_of_the_calls_changes_nothing() {
    let mut rows: Vec<CallRecord> = (0..9)
        .map(|n| row(n, 100 + n as u64 % 3, if n % 2 == 0 { 503 } else { 200 }))
        .collect();
    let (before, named) = (common(&traits(&rows)), groups(&traits(&rows)));
    rows.reverse();
    assert_eq!(common(&traits(&rows)), before);
    let names = |groups: &[calltriage::diagnosis::Group]| -> Vec<(String, usize, String)> {
        groups
            .iter()
            .map(|it| (it.words.clone(), it.count, it.example.clone()))
            .collect()
    };
    assert_eq!(names(&groups(&traits(&rows))), names(&named));
}
