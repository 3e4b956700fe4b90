//! Times in words and figures, read in Berlin on Monday 2026-02-16 at 13:00 and said back with UTC.

use calltriage::call::{Reading, Window, parse};
use jiff::tz::TimeZone;

use super::{check, context};

/// What was understood of the time, said in the zone of the context.
#[track_caller]
fn check_window(time: &str, expected: &str) {
    let context = context();
    let text = format!("203.0.113.9 {time}");
    match parse(&text, &context) {
        Reading::Query(query) => {
            let said = query
                .window
                .map_or("none".to_owned(), |w| w.said(&context.zone));
            assert_eq!(said, expected, "for {time:?}");
            assert_eq!(query.terms.len(), 1, "for {time:?}: {query}");
        }
        other => panic!("{time:?} was read as {other:?}"),
    }
}

#[test]
fn stretches() {
    let two_hours = "2026-02-16 11:00–13:00 Europe/Berlin (10:00–12:00 UTC)";
    for text in [
        "since 2h",
        "last 2h",
        "since 2 hours",
        "in the last 2 hours",
        "past two hours",
        "for the last 120 min",
        "since 1h60m",
    ] {
        check_window(text, two_hours);
    }
    check_window(
        "last 90 min",
        "2026-02-16 11:30–13:00 Europe/Berlin (10:30–12:00 UTC)",
    );
    check_window(
        "since 1h30",
        "2026-02-16 11:30–13:00 Europe/Berlin (10:30–12:00 UTC)",
    );
    check_window(
        "over the last hour",
        "2026-02-16 12:00–13:00 Europe/Berlin (11:00–12:00 UTC)",
    );
    check_window(
        "past 3 days",
        "2026-02-13 13:00 – 2026-02-16 13:00 Europe/Berlin (2026-02-13 12:00 – 2026-02-16 12:00 UTC)",
    );
    check_window(
        "since half an hour",
        "2026-02-16 12:30–13:00 Europe/Berlin (11:30–12:00 UTC)",
    );
    check_window("nothing said", "none");
}

#[test]
fn days() {
    check_window(
        "today",
        "2026-02-16 00:00–13:00 Europe/Berlin (2026-02-15 23:00 – 2026-02-16 12:00 UTC)",
    );
    check_window(
        "yesterday",
        "2026-02-15 00:00 – 2026-02-16 00:00 Europe/Berlin (2026-02-14 23:00 – 2026-02-15 23:00 UTC)",
    );
    check_window(
        "this morning",
        "2026-02-16 06:00–12:00 Europe/Berlin (05:00–11:00 UTC)",
    );
    check_window(
        "since this morning",
        "2026-02-16 06:00–13:00 Europe/Berlin (05:00–12:00 UTC)",
    );
    check_window(
        "yesterday evening",
        "2026-02-15 18:00 – 2026-02-16 00:00 Europe/Berlin (2026-02-15 17:00–23:00 UTC)"
            .replace("2026-02-15 17:00–23:00", "17:00–23:00")
            .as_str(),
    );
    let sixteenth =
        "2026-02-16 00:00–13:00 Europe/Berlin (2026-02-15 23:00 – 2026-02-16 12:00 UTC)";
    for text in [
        "2026-02-16",
        "on 16 Feb",
        "Feb 16",
        "16th february 2026",
        "16.02.2026",
        "16/02/2026",
        "on Monday",
    ] {
        check_window(text, sixteenth);
    }
    check_window(
        "since friday",
        "2026-02-13 00:00 – 2026-02-16 13:00 Europe/Berlin (2026-02-12 23:00 – 2026-02-16 12:00 UTC)",
    );
    check_window(
        "on 24 Dec",
        "2025-12-24 00:00 – 2025-12-25 00:00 Europe/Berlin (2025-12-23 23:00 – 2025-12-24 23:00 UTC)",
    );
}

#[test]
fn moments() {
    let ten_past_nine = "2026-02-16 08:55–09:25 Europe/Berlin (07:55–08:25 UTC)";
    for text in [
        "at 09:10",
        "around 9:10",
        "~09:10",
        "at 9:10 am",
        "2026-02-16 09:10",
        "2026-02-16T09:10",
        "today at 09:10",
        "09:10 today",
        "2026-02-16 08:10Z",
        "2026-02-16T08:10:00Z",
        "2026-02-16 10:10+02:00",
        "2026-02-16 10:10 +02:00",
        "08:10 UTC",
        "16 Feb 09:10",
        "at 1771229400",
        "at 1771229400000",
        "<t:1771229400:R>",
    ] {
        check_window(text, ten_past_nine);
    }
    check_window(
        "2026-02-16 09:10:02",
        "2026-02-16 08:55:02–09:25:02 Europe/Berlin (07:55:02–08:25:02 UTC)",
    );
    // The nearest past: three in the afternoon was yesterday.
    check_window(
        "around 15:00",
        "2026-02-15 14:45–15:15 Europe/Berlin (13:45–14:15 UTC)",
    );
    check_window(
        "around 14:00 yesterday",
        "2026-02-15 13:45–14:15 Europe/Berlin (12:45–13:15 UTC)",
    );
    check_window(
        "yesterday, calls at about 14:00",
        "2026-02-15 13:45–14:15 Europe/Berlin (12:45–13:15 UTC)",
    );
    check_window(
        "at 2pm yesterday",
        "2026-02-15 13:45–14:15 Europe/Berlin (12:45–13:15 UTC)",
    );
    check_window(
        "2h ago",
        "2026-02-16 10:45–11:15 Europe/Berlin (09:45–10:15 UTC)",
    );
    check_window(
        "at noon",
        "2026-02-16 11:45–12:15 Europe/Berlin (10:45–11:15 UTC)",
    );
}

#[test]
fn ranges() {
    let morning = "2026-02-16 09:00–10:30 Europe/Berlin (08:00–09:30 UTC)";
    for text in [
        "between 09:00 and 10:30",
        "from 09:00 to 10:30",
        "09:00-10:30",
        "09:00–10:30",
        "09:00 - 10:30",
        "between 9 and 10:30",
        "2026-02-16 09:00-10:30",
        "between 08:00 and 09:30 UTC",
        "from 2026-02-16 09:00 until 2026-02-16 10:30",
    ] {
        check_window(text, morning);
    }
    check_window(
        "between 09:00 and 10:30 yesterday",
        "2026-02-15 09:00–10:30 Europe/Berlin (08:00–09:30 UTC)",
    );
    check_window(
        "between 23:00 and 01:00",
        "2026-02-15 23:00 – 2026-02-16 01:00 Europe/Berlin (2026-02-15 22:00 – 2026-02-16 00:00 UTC)",
    );
    check_window(
        "since yesterday 14:00",
        "2026-02-15 14:00 – 2026-02-16 13:00 Europe/Berlin (2026-02-15 13:00 – 2026-02-16 12:00 UTC)",
    );
    check_window(
        "before 10:00",
        "2026-02-16 00:00–10:00 Europe/Berlin (2026-02-15 23:00 – 2026-02-16 09:00 UTC)",
    );
}

#[test]
fn clocks_that_change() {
    // Set forward at 02:00 on 29 March 2026: 02:30 does not exist and is read as 03:30.
    let mut spring = context();
    spring.now = "2026-04-01T12:00:00Z".parse().unwrap();
    super::check_in(
        &spring,
        "203.0.113.9 2026-03-29 02:30",
        "203.0.113.9 from 2026-03-29T01:15:00Z to 2026-03-29T01:45:00Z",
    );
    // Set back at 03:00 on 25 October 2026: 02:30 comes twice, and both are meant.
    let mut autumn = context();
    autumn.now = "2026-11-01T12:00:00Z".parse().unwrap();
    super::check_in(
        &autumn,
        "203.0.113.9 2026-10-25 02:30",
        "203.0.113.9 from 2026-10-25T00:15:00Z to 2026-10-25T01:45:00Z",
    );
}

#[test]
fn saying_it_back() {
    let window = Window::new(
        "2026-02-16T12:45:00Z".parse().unwrap(),
        "2026-02-16T13:15:00Z".parse().unwrap(),
    );
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(
        window.said(&berlin),
        "2026-02-16 13:45–14:15 Europe/Berlin (12:45–13:15 UTC)"
    );
    assert_eq!(window.said(&TimeZone::UTC), "2026-02-16 12:45–13:15 UTC");
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    let late = Window::around("2026-02-16T20:00:00Z".parse().unwrap());
    assert_eq!(
        late.said(&tokyo),
        "2026-02-17 04:45–05:15 Asia/Tokyo (2026-02-16 19:45–20:15 UTC)"
    );
}

#[test]
fn the_future_is_noted() {
    check(
        "203.0.113.9 on 2027-01-01",
        "203.0.113.9 from 2026-12-31T23:00:00Z to 2027-01-01T23:00:00Z (that time is still to come)",
    );
}

/// The window as it is said in the zone of the context, asked at that time of UTC.
#[track_caller]
fn check_at(now: &str, zone: &TimeZone, time: &str, expected: &str) {
    let mut context = context();
    context.now = now.parse().unwrap();
    context.zone = zone.clone();
    let Reading::Query(query) = parse(&format!("203.0.113.9 {time}"), &context) else {
        panic!("{time:?} is no query");
    };
    let said = query.window.map(|w| w.said(zone)).unwrap_or_default();
    assert_eq!(said, expected, "for {time:?} at {now}");
    assert!(query.notes.is_empty(), "for {time:?}: {:?}", query.notes);
}

#[test]
fn parts_of_the_day_are_those_that_have_begun() {
    let utc = TimeZone::UTC;
    let (four, noon, late) = (
        "2026-02-16T04:00:00Z",
        "2026-02-16T12:00:00Z",
        "2026-02-16T22:00:00Z",
    );
    let night_so_far = "2026-02-15 18:00 – 2026-02-16 04:00 UTC";
    let whole_night = "2026-02-15 18:00 – 2026-02-16 06:00 UTC";
    let evening = "2026-02-15 18:00 – 2026-02-16 00:00 UTC";
    for (now, time, expected) in [
        (four, "this morning", "2026-02-16 00:00–04:00 UTC"),
        (four, "since this morning", "2026-02-16 00:00–04:00 UTC"),
        (four, "last night", night_so_far),
        (four, "since last night", night_so_far),
        (four, "tonight", night_so_far),
        (four, "yesterday night", night_so_far),
        (four, "this evening", evening),
        (four, "this afternoon", "2026-02-15 12:00–18:00 UTC"),
        (four, "last night at 02:00", "2026-02-16 01:45–02:15 UTC"),
        (four, "last night at 22:00", "2026-02-15 21:45–22:15 UTC"),
        (noon, "this morning", "2026-02-16 06:00–12:00 UTC"),
        (noon, "last night", whole_night),
        (noon, "tonight", whole_night),
        (noon, "yesterday evening", evening),
        (late, "tonight", "2026-02-16 18:00–22:00 UTC"),
        (late, "this afternoon", "2026-02-16 12:00–18:00 UTC"),
        (late, "last night", whole_night),
    ] {
        check_at(now, &utc, time, expected);
    }
}

#[test]
fn what_cannot_be_read_is_noted() {
    for time in [
        "25:00",
        "31/02/2026",
        "31/02",
        "31.02.2026",
        "2026-02-31",
        "30 Feb",
        "Feb 31 2026",
        "tomorrow",
        "tomorrow at 14:00",
        "next monday",
        "in 2 hours",
        "at 14.99",
        "at 14",
        "since 99999999999h",
        "last 99999999999 hours",
        "since 0h",
        "last 0 minutes",
    ] {
        check(
            &format!("203.0.113.9 {time}"),
            &format!("203.0.113.9 (\"{time}\" was not read as a time; all times were searched)"),
        );
    }
    check(
        "203.0.113.9 since 2h 25:00",
        "203.0.113.9 from 2026-02-16T10:00:00Z to 2026-02-16T12:00:00Z (\"25:00\" was not read as a time)",
    );
    check("203.0.113.9 down 24/7", "203.0.113.9");
    check("203.0.113.9 2/3 of calls", "203.0.113.9");
    check_window(
        "since -2h",
        "2026-02-16 11:00–13:00 Europe/Berlin (10:00–12:00 UTC)",
    );
    check_window(
        "at 09.10",
        "2026-02-16 08:55–09:25 Europe/Berlin (07:55–08:25 UTC)",
    );
    check_window(
        "2026/02/16 09:10",
        "2026-02-16 08:55–09:25 Europe/Berlin (07:55–08:25 UTC)",
    );
    check_window(
        "on Sunday afternoon",
        "2026-02-15 12:00–18:00 Europe/Berlin (11:00–17:00 UTC)",
    );
    check_window(
        "on Sun",
        "2026-02-15 00:00 – 2026-02-16 00:00 Europe/Berlin (2026-02-14 23:00 – 2026-02-15 23:00 UTC)",
    );
}

#[test]
fn day_and_month_by_the_home_country() {
    let march = "from 2025-03-11T23:00:00Z to 2025-03-12T23:00:00Z";
    let december = "from 2025-12-02T23:00:00Z to 2025-12-03T23:00:00Z";
    let november = "from 2025-11-22T23:00:00Z to 2025-11-23T23:00:00Z";
    let mut american = context();
    american.home_country = Some("US".to_owned());
    for (text, here, there) in [
        ("12/03", Some(march), Some(december)),
        ("12/03/2025", Some(march), Some(december)),
        ("12/03/25", Some(march), Some(december)),
        ("23/11", None, None),
    ] {
        let said = |window: Option<&str>, day| match window {
            Some(window) => format!("203.0.113.9 {window} ({text} was read as {day})"),
            None => format!("203.0.113.9 {november}"),
        };
        check(&format!("203.0.113.9 {text}"), &said(here, "12 March"));
        super::check_in(
            &american,
            &format!("203.0.113.9 {text}"),
            &said(there, "3 December"),
        );
    }
    check("441632960106 23/11", &format!("+441632960106 {november}"));
}
