//! A carrier, customer, destination or server that fails, or rings late, more than the rest.

use calltriage::diagnosis::patterns::Entry;
use jiff::SignedDuration;

use super::{answered, found, refused};

/// A call, failed or not, with its places filled in.
fn call(number: usize, fails: bool, change: impl Fn(&mut Entry)) -> Entry {
    let second = number as i64;
    let mut entry = if fails {
        refused(number, second)
    } else {
        answered(number, second)
    };
    entry.customer = Some(["Acme", "Globex"][number % 2].to_owned());
    change(&mut entry);
    entry
}

/// Sixty calls of each, of which so many fail.
fn two(bad: usize, good: usize, change: fn(&mut Entry)) -> Vec<Entry> {
    let changed = (0..60).map(|n| call(n, n < bad, change));
    let rest = (100..160).map(|n| call(n, n < 100 + good, |_| {}));
    changed.chain(rest).collect()
}

#[test]
fn carrier_fails_more() {
    let other: fn(&mut Entry) = |it| it.carrier = Some("Acme Telecom".to_owned());
    insta::assert_debug_snapshot!(found("carrier-fails-more", two(30, 2, other)), @r#"
    [
        "30 (carrier>carrier likely, error) Acme Telecom: 30 of 60 calls (50 %) failed, of comparable ones 2 of 60 (3 %); 503 in 30 of them. 30 numbers of 2 customers are hit.",
    ]
    "#);
    assert_eq!(
        found("carrier-fails-more", two(12, 6, other)),
        [""; 0],
        "may be chance"
    );
    // It alone takes calls to another country: another mix of traffic is no spike.
    let elsewhere: fn(&mut Entry) = |it| {
        it.carrier = Some("Acme Telecom".to_owned());
        it.country = Some("Cuba".to_owned());
    };
    assert_eq!(found("carrier-fails-more", two(60, 0, elsewhere)), [""; 0]);
    // One customer alone suffers: nobody knows whether it is the carrier.
    let mut one = two(30, 2, other);
    one.retain(|it| it.customer.as_deref() == Some("Acme"));
    let found = found("carrier-fails-more", one.clone().into_iter().chain(one));
    assert!(found[0].contains("undecided>carrier possible"), "{found:?}");
}

#[test]
fn customer_fails_more() {
    let other: fn(&mut Entry) = |it| it.customer = Some("Initech".to_owned());
    insta::assert_debug_snapshot!(found("customer-fails-more", two(30, 2, other)), @r#"
    [
        "30 (undecided>configuration possible, error) Initech: 30 of 60 calls (50 %) failed, of comparable ones 2 of 60 (3 %); 503 in 30 of them. They failed behind the platform: what this customer sends or calls differs from the rest.",
    ]
    "#);
    let stopped: fn(&mut Entry) = |it| {
        it.customer = Some("Initech".to_owned());
        it.stopped_here = true;
    };
    insta::assert_debug_snapshot!(found("customer-fails-more", two(30, 2, stopped)), @r#"
    [
        "30 (configuration>configuration possible, error) Initech: 30 of 60 calls (50 %) failed, of comparable ones 2 of 60 (3 %); 503 in 30 of them. Most were refused here, before any carrier was tried.",
    ]
    "#);
    assert_eq!(found("customer-fails-more", two(9, 3, other)), [""; 0]);
}

#[test]
fn destination_fails_more() {
    let other: fn(&mut Entry) = |it| {
        it.country = Some("Cuba".to_owned());
        let even = it.call_id.len() % 2 == 0;
        it.carrier = Some(if even { "ExampleTel" } else { "Acme Telecom" }.to_owned());
    };
    insta::assert_debug_snapshot!(found("destination-fails-more", two(30, 2, other)), @r#"
    [
        "30 (undecided>configuration possible, error) Cuba: 30 of 60 calls (50 %) failed, of comparable ones 2 of 60 (3 %); 503 in 30 of them. Several carriers fail there alike: the networks there, or what we send to all of them.",
    ]
    "#);
    let one_carrier: fn(&mut Entry) = |it| it.country = Some("Cuba".to_owned());
    assert_eq!(
        found("destination-fails-more", two(30, 2, one_carrier)),
        [""; 0]
    );
}

#[test]
fn server_fails_more() {
    let other: fn(&mut Entry) = |it| it.server = Some("192.0.2.6".to_owned());
    insta::assert_debug_snapshot!(found("server-fails-more", two(30, 2, other)), @r#"
    [
        "30 (undecided>configuration possible, error) 192.0.2.6: 30 of 60 calls (50 %) failed, of comparable ones 2 of 60 (3 %); 503 in 30 of them. Calls pass through the other servers.",
    ]
    "#);
    assert_eq!(found("server-fails-more", two(30, 20, other)), [""; 0]);
}

#[test]
fn effectiveness_low() {
    let calls = |bad: usize| (0..100).map(move |n| call(n, n < bad, |_| {}));
    insta::assert_debug_snapshot!(found("effectiveness-low", calls(40)), @r#"
    [
        "40 (undecided>undecided possible, error) 40 of 100 calls were lost (network effectiveness 60 %); 503 in 40 of them.",
    ]
    "#);
    assert_eq!(
        found("effectiveness-low", calls(24)),
        [""; 0],
        "may be chance"
    );
    assert_eq!(
        found("effectiveness-low", calls(40).take(29)),
        [""; 0],
        "too few"
    );
}

#[test]
fn trunk_down() {
    let shut = |number: usize, millis: i64| Entry {
        refused_after: Some(SignedDuration::from_millis(millis)),
        ..refused(number, number as i64)
    };
    insta::assert_debug_snapshot!(found("trunk-down", (0..5).map(|n| shut(n, 49))), @r#"
    [
        "5 (carrier>configuration possible, error) ExampleTel refused all 5 calls with 503 within 0.05 s. It refuses before it tries anything: maintenance there, or it does not know us any more.",
    ]
    "#);
    assert_eq!(found("trunk-down", (0..4).map(|n| shut(n, 49))), [""; 0]);
    assert_eq!(found("trunk-down", (0..5).map(|n| shut(n, 50))), [""; 0]);
    let one_passed = (0..5).map(|n| shut(n, 10)).chain([answered(9, 9)]);
    assert_eq!(found("trunk-down", one_passed), [""; 0]);
}

#[test]
fn carrier_rings_late() {
    let calls = |count: usize, late: i64| {
        let slow = (0..count).map(move |n| Entry {
            carrier: Some("Acme Telecom".to_owned()),
            pdd: Some(SignedDuration::from_millis(900 + late)),
            ..answered(n, n as i64)
        });
        slow.chain((100..120).map(|n| answered(n, n as i64)))
    };
    insta::assert_debug_snapshot!(found("carrier-rings-late", calls(20, 1_000)), @r#"
    [
        "20 (carrier>carrier possible, warning) To United Kingdom it rings after 1.90 s in the middle of 20 calls through Acme Telecom, after 0.90 s of 20 through others.",
    ]
    "#);
    assert_eq!(found("carrier-rings-late", calls(20, 999)), [""; 0]);
    assert_eq!(found("carrier-rings-late", calls(19, 1_000)), [""; 0]);
}

#[test]
fn spikes_take_the_limits_that_are_set() {
    use super::found_tuned;
    use calltriage::diagnosis::Tuning;
    let other: fn(&mut Entry) = |it| it.carrier = Some("Acme Telecom".to_owned());
    let set = |key: &str, figure: &str| {
        let mut tuning = Tuning::default();
        tuning.limit(key, figure).unwrap();
        tuning
    };
    let found = |tuning: &Tuning| found_tuned("carrier-fails-more", two(30, 2, other), tuning);
    assert_eq!(found(&set("carrier-fails-more.times", "10")), [""; 0]);
    assert_eq!(found(&set("carrier-fails-more.calls", "61")), [""; 0]);
    for key in ["carrier-fails-more.numbers", "carrier-fails-more.customers"] {
        let lines = found(&set(key, "31"));
        assert!(lines[0].contains("undecided>carrier possible"), "{lines:?}");
    }
    let stopped: fn(&mut Entry) = |it| {
        it.customer = Some("Initech".to_owned());
        it.stopped_here = it.call_id.len() % 2 == 0;
    };
    let found = |tuning: &Tuning| found_tuned("customer-fails-more", two(30, 2, stopped), tuning);
    assert!(found(Tuning::as_declared())[0].contains("(configuration>"));
    assert!(found(&set("customer-fails-more.stopped-here", "99%"))[0].contains("(undecided>"));
    assert_eq!(found(&set("customer-fails-more.times", "10")), [""; 0]);
    let there: fn(&mut Entry) = |it| it.country = Some("Cuba".to_owned());
    let found = |tuning: &Tuning| found_tuned("destination-fails-more", two(30, 2, there), tuning);
    assert_eq!(found(Tuning::as_declared()), [""; 0], "one carrier alone");
    assert_eq!(found(&set("destination-fails-more.carriers", "1")).len(), 1);
}
