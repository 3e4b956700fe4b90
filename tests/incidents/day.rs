//! A day of 100 000 calls with three incidents at once and the usual noise: what is posted, when, and what is not.

use std::collections::BTreeMap;

use calltriage::diagnosis::common::Ended;
use calltriage::incidents::signal::{Example, Seen};
use calltriage::incidents::watch::Watch;
use calltriage::incidents::{Event, Settings};
use calltriage::platform::{self, Progress};
use jiff::{SignedDuration, Timestamp};

use super::{Desk, Dice, NOC, call, example, midnight, minute, named, transcript, watch};

/// So many calls.
const CALLS: usize = 100_000;

/// A carrier has no circuits left: 09:02 to 11:04.
const CARRIER: std::ops::Range<i64> = 542..664;
/// A customer changed its password: 10:15 to 12:40.
const CUSTOMER: std::ops::Range<i64> = 615..760;
/// A region is in trouble: 10:40 to 11:30.
const REGION: std::ops::Range<i64> = 640..690;
/// When the status page lists it, and when that is resolved.
const LISTED: std::ops::Range<i64> = 650..695;

/// How many calls begin in each of the 24 hours, in proportion.
const HOURS: [u64; 24] = [
    8, 6, 5, 5, 6, 10, 20, 40, 70, 95, 100, 98, 85, 90, 96, 94, 88, 80, 62, 48, 36, 26, 18, 12,
];

/// The day's calls, in order.
pub fn calls(troubled: bool) -> Vec<Seen> {
    let mut dice = Dice::new(7);
    let all: u64 = HOURS.iter().sum();
    let mut calls = Vec::with_capacity(CALLS);
    for (hour, part) in HOURS.iter().enumerate() {
        let count = CALLS as u64 * part / all;
        for _ in 0..count {
            let second = hour as i64 * 3600 + dice.below(3600) as i64;
            calls.push((second, dice.below(u64::MAX >> 12)));
        }
    }
    while calls.len() < CALLS {
        calls.push((12 * 3600 + dice.below(3600) as i64, dice.below(1 << 40)));
    }
    calls.sort_unstable();
    let numbered = calls.into_iter().enumerate();
    numbered
        .map(|(n, (second, seed))| one(n, second, seed, troubled))
        .collect()
}

fn one(n: usize, second: i64, seed: u64, troubled: bool) -> Seen {
    const CARRIERS: [(&str, u64); 4] = [
        ("Acme", 12),
        ("Borealis", 13),
        ("Cirrus", 14),
        ("Delta", 15),
    ];
    const CUSTOMERS: [&str; 12] = [
        "ExampleTel",
        "Northwind",
        "Contoso",
        "Fabrikam",
        "Initech",
        "Umbrella",
        "Globex",
        "Hooli",
        "Vandelay",
        "Wonka",
        "Stark",
        "Wayne",
    ];
    const PREFIXES: [&str; 5] = ["4420", "447", "4930", "331", "1212"];
    let mut dice = Dice::new(seed);
    let at = midnight() + SignedDuration::from_secs(second);
    let minute = second / 60;
    let customer = dice.below(12) as usize;
    let carrier = dice.below(4) as usize;
    let server = ["fr1", "am2", "ny1"][dice.below(3) as usize];
    let prefix = PREFIXES[dice.below(5) as usize];
    // Ordinary days: busy, not answered, given up, wrong numbers, now and then a refusal.
    let mut code = match dice.below(1000) {
        0..600 => 200,
        600..720 => 486,
        720..830 => 480,
        830..930 => 487,
        930..965 => 404,
        965..975 => 603,
        975..988 => 503,
        988..995 => 500,
        _ => 408,
    };
    let mut has_carrier = true;
    if troubled {
        if REGION.contains(&minute) && server == "fr1" && dice.below(100) < 70 {
            code = 408;
        }
        if CARRIER.contains(&minute) && carrier == 0 && dice.below(100) < 85 {
            code = 503;
        }
        if CUSTOMER.contains(&minute) && customer == 0 {
            code = 401;
            has_carrier = false;
        }
    }
    let (name, id) = CARRIERS[carrier];
    Seen {
        customer: Some(named(CUSTOMERS[customer], 105 + customer as u64)),
        carrier: has_carrier.then(|| named(name, id)),
        server: Some(server.to_owned()),
        to: format!("{prefix}{:07}", dice.below(10_000_000)),
        pdd_ms: Some(600 + dice.below(1500) as u32),
        ..call(&format!("day-{n}@198.51.100.{customer}"), at, code)
    }
}

/// What each call looked at shows.
fn looked_at(call: &Seen) -> Option<Example> {
    let of = |headline: &str, rule: &str, party: &str, next: &str| Example {
        headline: headline.to_owned(),
        rule: rule.to_owned(),
        next: next.to_owned(),
        places: call.server.clone().into_iter().collect(),
        ..example(call, party)
    };
    Some(match call.code {
        Some(503) => of(
            "Acme (#12) refused: 503, Q.850 cause 34 (no circuit).",
            "no-circuits",
            "carrier",
            "Report it to Acme with these calls; move traffic to another carrier meanwhile.",
        ),
        Some(401) => of(
            "The password of user exampletel is wrong.",
            "wrong-password",
            "customer equipment",
            "Tell ExampleTel that its device sends a password that does not match since the change.",
        ),
        Some(408) => of(
            "Nothing answered the INVITE.",
            "no-response",
            "",
            "Look at the status page; simulate a call through another server.",
        ),
        _ => of(
            "The number does not exist.",
            "unknown-number",
            "far end",
            "Nothing.",
        ),
    })
}

pub fn watches() -> Vec<Watch> {
    vec![
        watch("all", "all", "failures >= 12 in 5m"),
        watch("acme", "carrier:12", "failures >= 10 in 5m"),
        watch("silence", "all", "no traffic in 10m"),
    ]
}

fn settings() -> Settings {
    Settings {
        channel: NOC.to_owned(),
        most_posts: 12,
        ..Settings::default()
    }
}

fn listed(minute: i64) -> Vec<platform::Incident> {
    let begun = minute >= LISTED.start;
    let over = minute >= LISTED.end;
    let progress = if over { Progress::Over } else { Progress::Open };
    let it = platform::Incident {
        title: "Degraded SIP service in Paris".to_owned(),
        text: "We are replacing a switch in Paris; calls through fr1 may fail.".to_owned(),
        components: vec!["fr1 SIP".to_owned()],
        progress,
        status: if over { "resolved" } else { "identified" }.to_owned(),
        impact: "major".to_owned(),
        started: Some(super::minute(REGION.start)),
        resolved: over.then(|| super::minute(LISTED.end)),
        updated: None,
        link: Some("https://status.example.com/incidents/1".to_owned()),
    };
    if begun { vec![it] } else { Vec::new() }
}

/// Lives through a day; restarts at these minutes.
pub fn live(troubled: bool, restarts: &[i64]) -> Desk {
    let calls = calls(troubled);
    let mut desk = Desk::new(settings(), watches(), Box::new(looked_at));
    let mut from = 0;
    for at in 0..24 * 60 {
        if restarts.contains(&at) {
            let recalled: Vec<Seen> = calls[..from]
                .iter()
                .filter(|it| desk.now.duration_since(it.at) < SignedDuration::from_hours(1))
                .cloned()
                .collect();
            desk.restart(settings(), watches());
            desk.happen(Event::Recalled(recalled));
        }
        desk.until(minute(at + 1), |_, until| {
            let to = from + calls[from..].partition_point(|it| it.at <= until);
            let new = calls[from..to].to_vec();
            from = to;
            new
        });
        if troubled {
            desk.happen(Event::Announced(listed(at + 1)));
        }
    }
    desk
}

/// How long after it began each incident was posted.
fn after(desk: &Desk, about: &str, began: i64) -> SignedDuration {
    let message = desk.noc().iter().find(|it| it.first[0].contains(about));
    let message = message.unwrap_or_else(|| panic!("nothing about {about}"));
    message.at.unwrap().duration_since(minute(began))
}

#[test]
fn three_incidents_in_a_hundred_thousand_calls_are_three_messages() {
    let desk = live(true, &[]);
    let text = transcript(desk.noc());
    assert_eq!(desk.noc().len(), 3, "{text}");
    // Within two windows of five minutes.
    for (about, began) in [
        ("Acme (#12)", CARRIER.start),
        ("ExampleTel (#105)", CUSTOMER.start),
        ("fr1", REGION.start),
    ] {
        let late = after(&desk, about, began);
        assert!(
            late <= SignedDuration::from_mins(10),
            "{about} after {late:#}"
        );
    }
    // When it began and ended, give or take five minutes.
    for (about, truly) in [
        ("Acme (#12)", CARRIER),
        ("ExampleTel (#105)", CUSTOMER),
        ("fr1", REGION),
    ] {
        let mut all = desk.board.incidents();
        let it = all
            .find(|it| it.cause.value == about)
            .unwrap_or_else(|| panic!("{about}\n{text}"));
        for (told, truly) in [(it.began, truly.start), (it.last_sign, truly.end)] {
            let off = told.duration_since(minute(truly)).abs();
            assert!(
                off <= SignedDuration::from_mins(5),
                "{about}: {told} is off by {off:#}"
            );
        }
    }
    let listed = desk.board.incidents().find(|it| it.announced.is_some());
    assert_eq!(listed.map(|it| it.cause.value.as_str()), Some("fr1"));
    let threads: usize = desk.noc().iter().map(|it| it.thread.len()).sum();
    assert!(threads <= 12, "{text}");
    let edits: usize = desk.noc().iter().map(|it| it.edits.len()).sum();
    assert!(edits <= 120, "{edits} edits");
    assert!(
        desk.diagnosed <= 36,
        "{} calls were looked at",
        desk.diagnosed
    );
    assert!(desk.board.incidents().all(|it| !it.is_open()));
    check_page(&text);
}

/// Compares the page with the day; with `UPDATE_DOCS` set, writes it.
fn check_page(text: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/incidents.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once("<!-- day -->").unwrap();
    let (_, after) = rest.split_once("<!-- end of day -->").unwrap();
    let fresh = format!(
        "{before}<!-- day -->\n```text\n{}\n```\n<!-- end of day -->{after}",
        text.trim_end()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap();
    assert!(
        page == fresh,
        "docs/incidents.md is stale: run `UPDATE_DOCS=1 cargo test incidents::day`"
    );
}

#[test]
fn a_quiet_day_says_nothing() {
    let desk = live(false, &[]);
    assert_eq!(transcript(desk.noc()), "");
    assert_eq!(desk.board.incidents().count(), 0);
}

#[test]
fn a_restart_at_any_point_posts_nothing_twice() {
    let desk = live(
        true,
        &[
            100, 544, 548, 600, 617, 641, 645, 655, 664, 672, 690, 700, 770, 780,
        ],
    );
    let whole = live(true, &[]);
    let of = |desk: &Desk| -> BTreeMap<String, Option<Timestamp>> {
        desk.noc()
            .iter()
            .map(|it| (it.incident.clone(), it.at))
            .collect()
    };
    assert_eq!(of(&desk), of(&whole), "{}", transcript(desk.noc()));
    let last = |desk: &Desk| -> Vec<String> {
        desk.noc()
            .iter()
            .filter_map(|it| it.edits.last())
            .map(|(_, it)| it[1].clone())
            .collect()
    };
    assert_eq!(last(&desk), last(&whole));
}

#[test]
fn the_day_ends_as_the_network_was() {
    let calls = calls(true);
    assert_eq!(calls.len(), CALLS);
    let lost = calls.iter().filter(|it| it.ended == Ended::Failed).count();
    assert!((6000..12_000).contains(&lost), "{lost}");
}
