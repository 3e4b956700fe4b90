//! A day of 100 000 calls with three incidents at once and the usual noise, on a virtual clock: the real adapter reads them
//! from the fake platform, the real diagnosis looks at a few of them. What is posted, when, and what is not.

pub mod network;
mod restarts;

use std::time::Duration;

use calltriage::demo::{Behaviour, Endpoint, World};
use calltriage::incidents::Settings;
use calltriage::incidents::life::Incident;
use calltriage::incidents::watch::Watch;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use self::network::{CALLS, CARRIER, CUSTOMER, LISTED, REGION, traffic};
use super::house::{House, orders};
use super::{Message, NOC, midnight, minute, transcript, watch};

/// The day of the page.
pub const SEED: u64 = 20_260_216;

/// Two other days. A day takes the better part of a minute: they are lived where `CALLTRIAGE_DAYS` is set.
const OTHERS: [u64; 2] = [41, 977];

pub fn watches() -> Vec<Watch> {
    vec![
        watch("all", "all", "failures >= 12 in 5m"),
        watch("silence", "all", "no traffic in 10m"),
    ]
}

/// The status page at this minute.
fn page(minute: i64) -> Value {
    let (begun, over) = (minute >= LISTED.start, minute >= LISTED.end);
    let at = |minute: i64| super::minute(minute).to_string();
    let incident = json!({
        "name": "Degraded SIP service in Paris", "status": if over { "resolved" } else { "identified" },
        "impact": "major", "created_at": at(LISTED.start), "started_at": at(REGION.start),
        "updated_at": at(minute), "resolved_at": over.then(|| at(LISTED.end)),
        "shortlink": "https://status.example.com/incidents/1",
        "components": [{ "name": "fr1js3 SIP" }],
        "incident_updates": [{
            "status": "identified", "created_at": at(LISTED.start),
            "body": "We are replacing a switch in Paris; calls through fr1js3 may fail.",
        }],
    });
    json!({
        "status": { "indicator": "none", "description": "All Systems Operational" }, "components": [],
        "incidents": if begun { vec![incident] } else { Vec::new() }, "scheduled_maintenances": [],
    })
}

/// A day that begins at midnight.
async fn begin(seed: u64, troubled: bool) -> House {
    let world = World::of_traffic(traffic(seed, troubled), midnight());
    let settings = Settings {
        most_posts: 12,
        ..Settings::default()
    };
    House::over(world, midnight(), orders(settings, watches())).await
}

/// Lets a minute of the day pass.
async fn live(house: &House, at: i64, troubled: bool) {
    if troubled && (at == LISTED.start || at == LISTED.end) {
        house
            .fake
            .always(Endpoint::Status, Behaviour::Json(page(at)));
    }
    house.pass(Duration::from_secs(60)).await;
}

/// Lives through a whole day.
pub async fn day(seed: u64, troubled: bool) -> House {
    let house = begin(seed, troubled).await;
    for at in 1..=24 * 60 {
        live(&house, at, troubled).await;
    }
    house
}

/// The incidents of a day, those that are over among them.
async fn incidents(house: &House) -> Vec<Incident> {
    house
        .keeper
        .read(|board| board.incidents().cloned().collect())
        .await
}

/// The troubled day of the page, lived through once for all tests that look at it.
async fn whole() -> &'static Lived {
    static WHOLE: OnceCell<Lived> = OnceCell::const_new();
    WHOLE.get_or_init(|| troubled(SEED)).await
}

/// What is left of a day.
struct Lived {
    noc: Vec<Message>,
    incidents: Vec<Incident>,
    /// How many traces were asked for.
    traced: usize,
}

async fn troubled(seed: u64) -> Lived {
    let house = day(seed, true).await;
    Lived {
        noc: house.noc(),
        incidents: incidents(&house).await,
        traced: house.fake.platform.seen().of(Endpoint::Trace).len(),
    }
}

/// What each of the three is called, and when it truly was.
const TRULY: [(&str, &str, std::ops::Range<i64>); 3] = [
    ("Acme (#12)", "calls through Acme (#12) failed", CARRIER),
    (
        "ExampleTel (#105)",
        "calls of ExampleTel (#105) failed",
        CUSTOMER,
    ),
    ("", " calls failed, mostly 408", REGION),
];

/// A troubled day is three messages, each in time and right.
fn is_three_messages(seed: u64, lived: &Lived) -> String {
    let Lived {
        noc,
        incidents,
        traced,
    } = lived;
    let text = transcript(noc);
    assert_eq!(noc.len(), 3, "seed {seed}\n{text}");
    for (value, headline, truly) in TRULY {
        // Within two windows of five minutes.
        let told = noc.iter().find(|it| it.first[0].contains(headline));
        let told = told.unwrap_or_else(|| panic!("seed {seed}: nothing of {headline}\n{text}"));
        let late = told.at.unwrap().duration_since(minute(truly.start));
        assert!(
            late <= SignedDuration::from_mins(10),
            "seed {seed}: {headline} after {late:#}"
        );
        // When it began and ended, give or take five minutes.
        let its = incidents.iter().find(|it| it.cause.value == value).unwrap();
        for (told, truly) in [(its.began, truly.start), (its.last_sign, truly.end)] {
            let off = told.duration_since(minute(truly)).abs();
            assert!(
                off <= SignedDuration::from_mins(5),
                "seed {seed}: {headline}: {told} is off by {off:#}\n{text}"
            );
        }
        assert!(!its.is_open(), "{headline}");
        assert_eq!(its.announced.is_some(), value.is_empty(), "{headline}");
    }
    let rules: Vec<&str> = incidents
        .iter()
        .filter_map(|it| Some(it.rule()?.rule.as_str()))
        .collect();
    assert_eq!(
        rules,
        ["carrier-no-circuit", "wrong-credentials", "no-response"],
        "seed {seed}\n{text}"
    );
    let threads: usize = noc.iter().map(|it| it.thread.len()).sum();
    assert!(threads <= 12, "{threads} replies, seed {seed}\n{text}");
    let edits: usize = noc.iter().map(|it| it.edits.len()).sum();
    assert!(edits <= 120, "{edits} edits, seed {seed}");
    assert!(*traced <= 80, "{traced} traces asked for, seed {seed}");
    text
}

/// A day without trouble says nothing.
async fn is_silent(seed: u64) {
    let house = day(seed, false).await;
    assert_eq!(transcript(&house.noc()), "", "seed {seed}");
    assert_eq!(incidents(&house).await.len(), 0, "seed {seed}");
    assert_eq!(house.fake.platform.seen().of(Endpoint::Trace).len(), 0);
}

#[tokio::test]
async fn three_incidents_in_a_hundred_thousand_calls_are_three_messages() {
    check_page(&is_three_messages(SEED, whole().await));
}

#[tokio::test]
async fn a_quiet_day_says_nothing() {
    is_silent(SEED).await;
}

#[tokio::test]
async fn so_it_is_on_other_days() {
    if std::env::var_os("CALLTRIAGE_DAYS").is_none() {
        println!("skipped: other days are lived where CALLTRIAGE_DAYS is set");
        return;
    }
    for seed in OTHERS {
        is_three_messages(seed, &troubled(seed).await);
        is_silent(seed).await;
    }
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
fn the_day_ends_as_the_network_was() {
    let calls = network::all(SEED, true);
    assert_eq!(calls.len(), CALLS);
    let lost = calls
        .iter()
        .filter(|it| matches!(it.code, 401 | 404 | 408 | 500 | 503))
        .count();
    assert!((6000..12_000).contains(&lost), "{lost}");
}
