//! Tables that go by a number: lifetimes, fail-over, timers.

use std::time::Duration;

use calltriage::knowledge::{Knowledge, Routing};

use super::known;

/// The ids of what fits a life of so many milliseconds.
fn lives(milliseconds: u64) -> Vec<&'static str> {
    let fitting = known().lifetimes_of(Duration::from_millis(milliseconds));
    fitting.map(|it| it.id.as_str()).collect()
}

#[test]
fn a_life_suggests_what_the_documentation_names() {
    for (seconds, expected) in [
        (0, &["missing-ack"][..]),
        (3, &["missing-ack"]),
        (7, &["missing-ack"]),
        (8, &[]),
        (17, &[]),
        (18, &["ping-unanswered"]),
        (25, &["ping-unanswered"]),
        (28, &["ping-unanswered", "no-media"]),
        (31, &["ping-unanswered", "transaction-timeout", "no-media"]),
        (32, &["ping-unanswered", "transaction-timeout", "no-media"]),
        (34, &["transaction-timeout", "no-media"]),
        (35, &["no-media"]),
        (57, &["no-media"]),
        (58, &["no-media", "balance-used-up"]),
        (65, &["no-media", "balance-used-up"]),
        (66, &[]),
        (90, &[]),
        (115, &["balance-used-up"]),
        (300, &["refresh-unanswered", "balance-used-up"]),
        (306, &[]),
        (895, &["session-expired", "balance-used-up"]),
        (1800, &["session-expired", "balance-used-up"]),
        (1806, &[]),
        (3600, &["max-duration", "balance-used-up"]),
        (3594, &[]),
        (86_400, &["balance-used-up"]),
    ] {
        assert_eq!(lives(seconds * 1000), expected, "{seconds} s");
    }
}

/// 2 s below a minute, 5 s from there on.
#[test]
fn the_tolerance_has_edges() {
    assert_eq!(lives(7_000), ["missing-ack"]);
    assert_eq!(lives(7_001), [""; 0]);
    assert_eq!(lives(57_999), ["no-media"]);
    assert_eq!(lives(58_000), ["no-media", "balance-used-up"]);
    assert_eq!(lives(125_000), ["balance-used-up"]);
    assert_eq!(lives(125_001), [""; 0]);
    assert_eq!(lives(114_999), [""; 0]);
    // No length overflows.
    let _ = known().lifetimes_of(Duration::MAX).count();
}

#[test]
fn no_length_speaks_for_what_ends_calls_at_any() {
    let any: Vec<&str> = known()
        .lifetimes()
        .filter(|it| it.is_of_any_length())
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(any, ["other-limit", "hung-up", "all-at-once"]);
}

#[test]
fn lengths_in_a_file_are_checked() {
    let entry = |length: &str| {
        let text = format!(
            "[[lifetimes]]\nid = \"x\"\n{length}\ncause = \"C.\"\nproof = \"P.\"\nparties = [\"carrier\"]\nnext = []\n"
        );
        let read = Knowledge::default().with(&text);
        read.map(|known| known.lifetimes_of(Duration::from_secs(45)).count())
            .map_err(|flaws| (flaws[0].key.clone(), flaws[0].said.clone()))
    };
    let wrong = |key: &str, said: &str| Err((format!("lifetimes[0]{key}"), said.to_owned()));
    assert_eq!(entry("every = 45"), Ok(1));
    assert_eq!(entry("at = [45, 90]"), Ok(1));
    assert_eq!(entry("least = 40\nmost = 50"), Ok(1));
    assert_eq!(entry(""), Ok(0));
    assert_eq!(entry("least = 40"), wrong(".least", "stands without most"));
    assert_eq!(entry("most = 40"), wrong(".most", "stands without least"));
    assert_eq!(
        entry("least = 50\nmost = 40"),
        wrong(".most", "40 is less than 50")
    );
    assert_eq!(
        entry("every = 0"),
        wrong(
            ".every",
            "0 is too short: nearly every call lasts a multiple of it"
        )
    );
    assert_eq!(
        entry("every = 60\nat = [5]"),
        wrong(".id", "has more than one of: least with most, at, every")
    );
    assert!(entry("every = -1").is_err());
    assert!(entry("least = 1.5\nmost = 2").is_err());
    assert!(entry("every = 99999999999999").is_err());
}

#[test]
fn routing_stops_on_what_the_documentation_names() {
    let stops: Vec<u16> = (300..700)
        .filter(|code| known().fail_over(*code).unwrap().routing == Routing::Stops)
        .collect();
    let expected: Vec<u16> = (300..400).chain([404, 480, 486]).collect();
    assert_eq!(stops, expected);
    assert_eq!(known().fail_over(302).unwrap().told, Some(503));
    assert_eq!(known().fail_over(503).unwrap().told, None);
    assert_eq!(known().fail_over(200), None);
    let tried: Vec<(&str, bool)> = known()
        .gateway_fail_overs()
        .map(|it| (it.event.as_str(), it.tried))
        .collect();
    assert_eq!(tried.iter().filter(|(_, tried)| *tried).count(), 3);
    assert!(tried.contains(&("404", false)));
}

#[test]
fn timers_are_found_by_their_names() {
    let seconds = |name: &str| {
        let timer = known()
            .timer(name)
            .unwrap_or_else(|| panic!("{name}"))
            .entry;
        timer.length().map(|it| it.as_secs_f64())
    };
    for (name, expected) in [
        ("First Reply Timeout", Some(3.0)),
        ("first reply time-out", Some(3.0)),
        ("PDD Timeout", Some(5.0)),
        ("Ring Timeout", Some(60.0)),
        ("Max Duration", Some(3600.0)),
        ("max call duration", Some(3600.0)),
        ("SIP Ping", Some(30.0)),
        ("NAT/SIP Ping", Some(60.0)),
        ("SST", Some(300.0)),
        ("RTP inactivity", None),
        ("balance check", Some(60.0)),
        ("T1", Some(0.5)),
        ("T2", Some(4.0)),
        ("T4", Some(5.0)),
        ("Timer F", Some(32.0)),
        ("Timer D", Some(32.0)),
        ("Timer K", Some(5.0)),
    ] {
        assert_eq!(seconds(name), expected, "{name}");
    }
    for unknown in ["T3", "Timer Z", "Timeout", ""] {
        assert_eq!(known().timer(unknown), None, "{unknown}");
    }
}

#[test]
fn every_symptom_has_an_id_of_its_letter() {
    let ids: Vec<&str> = known().symptoms().map(|it| it.id.as_str()).collect();
    let counts: Vec<usize> = ('A'..='J')
        .map(|letter| ids.iter().filter(|id| id.starts_with(letter)).count())
        .collect();
    // D is told by release reasons and lifetimes.
    assert_eq!(counts, [19, 9, 7, 0, 7, 7, 1, 4, 1, 1]);
    assert_eq!(known().symptom("a2").unwrap().id, "A2");
    assert_eq!(known().symptom("A20"), None);
    assert_eq!(known().pictures().count(), 12);
}
