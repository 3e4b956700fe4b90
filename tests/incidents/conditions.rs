//! Conditions and scopes as people write them, and what each finds in its window.

use calltriage::incidents::signal::Seen;
use calltriage::incidents::watch::{Condition, Scope};
use jiff::SignedDuration;

use super::{Desk, call, minute, named, watch};

#[test]
fn conditions_are_read_as_people_write_them() {
    let read = |text: &str| match text.parse::<Condition>() {
        Ok(it) => it.to_string(),
        Err(why) => why,
    };
    for (written, means) in [
        ("failures >= 10 in 5m", "failures >= 10 in 5m"),
        ("failures>=10 in 5m", "failures >= 10 in 5m"),
        ("failures > 10 in 5m", "failures >= 11 in 5m"),
        ("ASR < 40% in 15m", "asr below 40% in 15m"),
        ("asr below 40 in 1h", "asr below 40% in 1h"),
        ("ner below 90% in 15m", "ner below 90% in 15m"),
        ("pdd above 6s in 15m", "pdd above 6s in 15m"),
        ("code 503 rising in 15m", "code 503 rising 3x in 15m"),
        ("failures rising 5x in 30m", "failures rising 5x in 30m"),
        (
            "rule no-circuits rising in 1h",
            "rule no-circuits rising 3x in 1h",
        ),
        ("no traffic in 10m", "no traffic in 10m"),
    ] {
        assert_eq!(read(written), means);
        assert_eq!(read(means), means);
    }
    insta::assert_snapshot!(read("too many calls"), @r#""too many calls" is no condition; write one of "failures >= 10 in 5m", "asr below 40% in 15m", "ner below 90% in 15m", "pdd above 6s in 15m", "code 503 rising in 15m", "failures rising 3x in 15m", "rule no-circuits rising in 1h", "no traffic in 10m""#);
    insta::assert_snapshot!(read("failures >= 10 in 3d"), @"a window of 72h is not watched; write one between 1m and 6h");
    assert_eq!(read("failures >= 0 in 5m"), read("failures >= 0 in 5m"));
    for wrong in [
        "",
        "failures >= 0 in 5m",
        "asr below 400% in 5m",
        "code 99 rising in 5m",
        "failures >= ten in 5m",
        "failures rising 1x in 5m",
    ] {
        assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
    }
}

#[test]
fn scopes_are_read_as_people_write_them() {
    let of = |text: &str| text.parse::<Scope>().map(|it| it.to_string());
    assert_eq!(
        of("carrier:#12 prefix:+44"),
        Ok("carrier:12 prefix:44".to_owned())
    );
    assert_eq!(of("ALL"), Ok("all".to_owned()));
    insta::assert_snapshot!(of("trunk:12").unwrap_err(), @r#""trunk:12" is no scope; write all, or one or more of number:441632960001, prefix:44, customer:105, carrier:12, server:fr1, with blanks between"#);
    let seen = call("1", minute(0), 503);
    let holds = |text: &str| text.parse::<Scope>().unwrap().holds(&seen);
    for yes in [
        "all",
        "carrier:12",
        "carrier:acme",
        "customer:105",
        "prefix:4412",
        "number:441234567890",
        "number:441782454123",
        "carrier:12 customer:ExampleTel",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in [
        "carrier:1",
        "customer:12",
        "prefix:49",
        "server:fr1",
        "carrier:12 prefix:49",
    ] {
        assert!(!holds(no), "{no}");
    }
}

/// Calls every ten seconds from one minute to another.
fn stream(from: i64, to: i64, code: impl Fn(i64) -> u16) -> Vec<Seen> {
    let begin = minute(from);
    (0..(to - from) * 6)
        .map(|n| {
            call(
                &format!("s{from}-{n}"),
                begin + SignedDuration::from_secs(n * 10),
                code(n),
            )
        })
        .collect()
}

/// The headlines after these calls came in, each when it did.
fn headlines(when: &str, calls: Vec<Seen>, until: i64) -> Vec<String> {
    let mut desk = Desk::usual(vec![watch("w", "all", when)]);
    let mut left = calls.into_iter().peekable();
    desk.until(minute(until), |_, now| {
        std::iter::from_fn(|| left.next_if(|it| it.at <= now)).collect()
    });
    desk.noc().iter().map(|it| it.first[0].clone()).collect()
}

#[test]
fn a_low_asr_needs_enough_calls_to_be_sure() {
    let bad = |n: i64| if n % 4 == 0 { 200 } else { 480 };
    assert_eq!(
        headlines("asr below 40% in 15m", stream(0, 4, bad), 5),
        Vec::<String>::new()
    );
    insta::assert_snapshot!(headlines("asr below 40% in 15m", stream(0, 14, bad), 15).join("\n"), @"▲ Watch w: ASR 25 % of 52 calls");
    let fair = |n: i64| if n % 2 == 0 { 200 } else { 480 };
    assert_eq!(
        headlines("asr below 40% in 15m", stream(0, 14, fair), 15),
        Vec::<String>::new()
    );
}

#[test]
fn slow_ringing_names_the_carrier_where_the_others_are_quick() {
    let mut calls = stream(0, 20, |_| 200);
    for (n, call) in calls.iter_mut().enumerate() {
        if n % 2 == 0 {
            call.carrier = Some(named("Borealis", 13));
            call.pdd_ms = Some(9000);
        }
    }
    insta::assert_snapshot!(headlines("pdd above 6s in 15m", calls, 20).join("\n"), @"▲ Watch w: half of the calls through Borealis (#13) ring after more than 9.0 s");
}

#[test]
fn a_code_that_never_came_is_a_rise() {
    let calls = stream(0, 30, |n| if n > 120 && n % 2 == 0 { 503 } else { 200 });
    insta::assert_snapshot!(headlines("code 503 rising in 10m", calls, 30).join("\n"), @"▲ 19 of 38 calls failed, mostly 503");
}

#[test]
fn what_comes_every_monday_at_nine_is_no_rise() {
    // Three weeks in which a third of the calls from nine to ten are lost, then the fourth.
    let mut calls = Vec::new();
    for week in 0..4 {
        for hour in [8, 9, 10] {
            let from = week * 7 * 24 * 60 + hour * 60;
            calls.extend(stream(from, from + 59, |n| {
                if hour == 9 && n % 3 == 0 { 503 } else { 200 }
            }));
        }
    }
    let mut worse = calls.clone();
    let when = "failures rising in 30m";
    assert_eq!(
        headlines(when, calls, 3 * 7 * 24 * 60 + 660).len(),
        1,
        "only the first week, when nothing was known yet"
    );
    let last = minute(3 * 7 * 24 * 60 + 600);
    for call in worse.iter_mut().filter(|it| it.at >= last) {
        *call = self::call(&call.call_id, call.at, 503);
    }
    assert_eq!(headlines(when, worse, 3 * 7 * 24 * 60 + 660).len(), 2);
}

#[test]
fn silence_is_told_where_calls_are_usual() {
    let calls = stream(0, 60, |_| 200);
    insta::assert_snapshot!(headlines("no traffic in 10m", calls, 90).join("\n"), @"● No call at all: watch w");
    // Where there never were any, none are missed.
    assert_eq!(
        headlines("no traffic in 10m", Vec::new(), 90),
        Vec::<String>::new()
    );
}
