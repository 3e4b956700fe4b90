//! Dates and times of day in other spellings, and those that lack a part: what is read, what is said to be missing,
//! and that the order of the lines holds.

use calltriage::sip::facts::facts;
use calltriage::sip::threads;

use super::{UTC, busy, invite, message, read};

const AMBIGUOUS: &str = "ambiguous dates: nothing tells the day from the month, so that times of day count from 1972-01-01";
const NO_YEAR: &str = "dates without a year: taken as of 1971 or 1972";
const WHOLE: &str = "times in whole seconds: nothing shorter is known";

/// A message a time, as sngrep prints it.
fn trace(times: &[&str]) -> String {
    let line = |at: &&str| format!("{at} 198.51.100.10:5060 -> 192.0.2.5:5060\n{}\n", invite());
    times.iter().map(line).collect()
}

/// Where the reader puts each of these times, and what it says.
fn moments(times: &[&str]) -> (Vec<String>, Vec<String>) {
    let (packets, warnings) = read(trace(times));
    assert_eq!(packets.len(), times.len());
    (
        packets.iter().map(|it| it.at.to_string()).collect(),
        warnings,
    )
}

/// A call of 20 seconds, its answer after the ringing.
fn call(at: [&str; 5]) -> String {
    let messages = [
        invite(),
        message("SIP/2.0 180 Ringing", "1 INVITE"),
        message("SIP/2.0 200 OK", "1 INVITE"),
        message("ACK sip:192.0.2.5 SIP/2.0", "1 ACK"),
        message("BYE sip:192.0.2.5 SIP/2.0", "2 BYE"),
    ];
    let [ring, answer, ack] = [1, 2, 3].map(|it| &messages[it]);
    format!(
        "[{}] VERBOSE[1] res_pjsip_logger.c: <--- Received SIP request (400 bytes) from UDP:198.51.100.10:5060 --->\n{}\n\
         [{}] VERBOSE[1] res_pjsip_logger.c: <--- Transmitting SIP response (300 bytes) to UDP:198.51.100.10:5060 --->\n{ring}\n\
         [{}] VERBOSE[1] res_pjsip_logger.c: <--- Transmitting SIP response (300 bytes) to UDP:198.51.100.10:5060 --->\n{answer}\n\
         [{}] VERBOSE[1] res_pjsip_logger.c: <--- Received SIP request (300 bytes) from UDP:198.51.100.10:5060 --->\n{ack}\n\
         [{}] VERBOSE[1] res_pjsip_logger.c: <--- Received SIP request (300 bytes) from UDP:198.51.100.10:5060 --->\n{}\n",
        at[0], messages[0], at[1], at[2], at[3], at[4], messages[4],
    )
}

/// Post-dial delay, set-up and talk of the only call, in milliseconds.
fn figures(text: &str) -> [Option<i64>; 3] {
    let threads = threads(read(text).0);
    assert_eq!(threads.len(), 1);
    let facts = facts(&threads[0]).unwrap();
    [facts.pdd_ms, facts.setup_ms, facts.talk_ms]
}

#[test]
fn halves_of_a_day() {
    for (written, read) in [
        ("02/16/2026 12:59:57.000000 PM", "2026-02-16T12:59:57Z"),
        ("02/16/2026 01:00:02.500000 PM", "2026-02-16T13:00:02.5Z"),
        ("02/16/2026 12:00:00 AM", "2026-02-16T00:00:00Z"),
        ("2026-02-16 11:59:59pm", "2026-02-16T23:59:59Z"),
        ("2026-02-16 01:00:02 a.m.", "2026-02-16T01:00:02Z"),
        ("2/16/2026, 1:00:22\u{202f}PM", "2026-02-16T13:00:22Z"),
        ("2026-02-16 01:00:02 PM +0100", "2026-02-16T12:00:02Z"),
        ("Mon Feb 16 01:00:02 PM 2026", "2026-02-16T13:00:02Z"),
        // No half of a day has that hour, and no mark goes on so.
        ("2026-02-16 13:00:02 PM", "2026-02-16T13:00:02Z"),
        ("2026-02-16 01:00:02 pmtu", "2026-02-16T01:00:02Z"),
    ] {
        assert_eq!(moments(&[written]).0, [read], "{written}");
    }
}

#[test]
fn dates_that_do_not_begin_with_the_year() {
    for written in [
        "16/02/2026",
        "02/16/2026",
        "16.02.2026",
        "16.2.2026",
        "16-02-2026",
        "2026.02.16",
        "2/16/2026,",
    ] {
        let (at, warnings) = moments(&[&format!("{written} 09:00:00.5")]);
        assert_eq!(at, ["2026-02-16T09:00:00.5Z"], "{written}");
        assert_eq!(warnings, [UTC], "{written}");
    }
    // Numbers that are no date: no month, mixed marks, the end of something longer.
    for written in [
        "13/13/2026",
        "31.04.2026",
        "16/02-2026",
        "1.16.02.2026",
        "16/02/3026",
    ] {
        let (at, _) = moments(&[&format!("{written} 09:00:00.5")]);
        assert_eq!(at, ["1972-01-01T09:00:00.5Z"], "{written}");
    }
}

#[test]
fn one_date_tells_the_order_of_day_and_month_for_all() {
    let later = [
        "03/02/2026 09:00:00.5",
        "02/03/2026 09:00:00.5",
        "13/02/2026 09:00:00.5",
    ];
    let expected = [
        "2026-02-03T09:00:00.5Z",
        "2026-03-02T09:00:00.5Z",
        "2026-02-13T09:00:00.5Z",
    ];
    let (at, warnings) = moments(&later);
    assert_eq!(at, expected);
    assert_eq!(warnings, [UTC]);
    let reversed: Vec<_> = later.into_iter().rev().collect();
    assert_eq!(
        moments(&reversed).0,
        expected.into_iter().rev().collect::<Vec<_>>()
    );
    // So does a line between the messages, and a date of the other spelling just before.
    let text = format!(
        "03/02/2026 09:00:00.5 started\n02/16/2026 09:00:00.5 noted\n\n\n{}",
        trace(&["03/02/2026 09:00:01.5"])
    );
    assert_eq!(read(text).0[0].at.to_string(), "2026-03-02T09:00:01.5Z");
    assert_eq!(
        moments(&["2026-02-03 09:00:00.5", "03/02/2026 09:00:01.5"]).0[1],
        "2026-02-03T09:00:01.5Z"
    );
    // With a zone, too.
    let (at, warnings) = moments(&["03/02/2026 09:00:00.5 +0100", "13/02/2026 09:00:00.5 +0100"]);
    assert_eq!(at, ["2026-02-03T08:00:00.5Z", "2026-02-13T08:00:00.5Z"]);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_date_that_may_be_of_either_order_is_not_guessed() {
    let (at, warnings) = moments(&["03/02/2026 09:00:00.5", "03/02/2026 09:00:25.5"]);
    assert_eq!(at, ["1972-01-01T09:00:00.5Z", "1972-01-01T09:00:25.5Z"]);
    assert_eq!(warnings, [AMBIGUOUS, UTC]);
    // Over midnight, and whichever number is the day.
    for times in [
        ["03/02/2026 23:59:59.5", "04/02/2026 00:00:01.5"],
        ["02/03/2026 23:59:59.5", "02/04/2026 00:00:01.5"],
    ] {
        assert_eq!(
            moments(&times).0,
            ["1972-01-01T23:59:59.5Z", "1972-01-02T00:00:01.5Z"]
        );
    }
    // Where both numbers are the same, there is nothing to tell apart.
    assert_eq!(
        moments(&["02/02/2026 09:00:00.5"]),
        (
            vec!["2026-02-02T09:00:00.5Z".to_owned()],
            vec![UTC.to_owned()]
        )
    );
}

/// Asterisk's default: neither a year nor fractions.
#[test]
fn whole_seconds_without_a_year_are_times() {
    let days = [
        "Feb 16 23:59:50",
        "Feb 16 23:59:52",
        "Feb 16 23:59:55",
        "Feb 16 23:59:55",
        "Feb 17 00:00:15",
    ];
    for text in [
        call(days),
        call(days.map(|it| {
            it.trim_start_matches("Feb 16 ")
                .trim_start_matches("Feb 17 ")
        })),
        call([
            "Feb 28 23:59:50",
            "Feb 28 23:59:52",
            "Feb 28 23:59:55",
            "Feb 28 23:59:55",
            "Feb 29 00:00:15",
        ]),
        call([
            "Dec 31 23:59:50",
            "Dec 31 23:59:52",
            "Dec 31 23:59:55",
            "Dec 31 23:59:55",
            "Jan  1 00:00:15",
        ]),
    ] {
        assert_eq!(
            figures(&text),
            [Some(2000), Some(5000), Some(20_000)],
            "{text}"
        );
    }
    let (_, warnings) = read(call(days));
    assert_eq!(warnings[..3], [NO_YEAR, UTC, WHOLE]);
}

#[test]
fn the_year_is_that_which_keeps_the_order() {
    for (times, expected) in [
        (
            &[
                "Dec 31 23:59:59.5",
                "Jan  1 00:00:00.5",
                "Feb 29 00:00:00.5",
            ][..],
            "1971-12-31 1972-01-01 1972-02-29",
        ),
        // A line that was late, or a log whose newest line comes first.
        (
            &["Jan  1 00:00:00.5", "Dec 31 23:59:59.5"],
            "1972-01-01 1971-12-31",
        ),
        (
            &["Feb 16 00:00:00.5", "Feb 15 23:59:59.5"],
            "1972-02-16 1972-02-15",
        ),
        (
            &["Jan  5 00:00:00.5", "Aug 10 00:00:00.5"],
            "1972-01-05 1972-08-10",
        ),
        (
            &["2026-12-31 23:59:59.5", "Jan  1 00:00:00.5"],
            "2026-12-31 2027-01-01",
        ),
        (
            &["Dec 31 23:59:59.5", "2027-01-01 00:00:00.5"],
            "2026-12-31 2027-01-01",
        ),
        (
            &["2026-02-28 23:59:59.5", "Feb 29 00:00:00.5"],
            "2026-02-28 2028-02-29",
        ),
    ] {
        let days: Vec<_> = moments(times)
            .0
            .iter()
            .map(|it| it[..10].to_owned())
            .collect();
        assert_eq!(days.join(" "), expected, "{times:?}");
    }
    // The last message of a text may be the only one that has a time.
    let (packets, _) = read(format!("{}{}", busy(), trace(&["Feb 16 09:00:00"])));
    assert_eq!(packets[0].at.to_string(), "1972-02-16T09:00:00Z");
}
