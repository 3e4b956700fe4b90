//! A carrier whose calls failed for a time.

use calltriage::diagnosis::patterns::Entry;

use super::{answered, found, refused};

/// Forty calls an hour over three hours, from 09:10 on, of which so many of the second hour fail.
fn hours(carrier: &str, number: usize, failed: usize) -> Vec<Entry> {
    let call = |n: usize| {
        let second = (n / 40 * 3600 + n % 40 * 60) as i64;
        let is_lost = n / 40 == 1 && n % 40 < failed;
        let entry = match is_lost {
            true => refused(number + n, second),
            false => answered(number + n, second),
        };
        Entry {
            carrier: Some(carrier.to_owned()),
            ..entry
        }
    };
    (0..120).map(call).collect()
}

#[test]
fn carrier_failed_for_a_time() {
    let rule = "carrier-failed-for-a-time";
    let both = hours("ExampleTel", 0, 20)
        .into_iter()
        .chain(hours("Acme Telecom", 1000, 0));
    insta::assert_debug_snapshot!(found(rule, both), @r#"
    [
        "20 (carrier>configuration possible, error) ExampleTel, 2026-02-16 10:00 to 2026-02-16 11:00 UTC: 20 of 40 calls (50 %) failed, in its other hours 0 of 80 (0 %); 503 in 20 of them. Through the other carriers calls passed in these hours.",
    ]
    "#);
    // Nobody else to compare with, or the others failed too.
    let alone = found(rule, hours("ExampleTel", 0, 20));
    assert!(
        alone[0].contains("(undecided>configuration possible"),
        "{alone:?}"
    );
    let all = hours("ExampleTel", 0, 20)
        .into_iter()
        .chain(hours("Acme Telecom", 1000, 15));
    let all = found(rule, all);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.iter().all(|it| it.contains("(undecided>")), "{all:?}");
    assert_eq!(
        found(rule, hours("ExampleTel", 0, 4)),
        [""; 0],
        "may be chance"
    );
    let one_hour = hours("ExampleTel", 0, 40).into_iter().skip(40).take(40);
    assert_eq!(found(rule, one_hour), [""; 0], "no other hour");
    let timeless = hours("ExampleTel", 0, 20)
        .into_iter()
        .map(|it| Entry { at: None, ..it });
    assert_eq!(found(rule, timeless), [""; 0]);
}
