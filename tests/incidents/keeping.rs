//! The keeper at its work, end to end: digests, the pager, a platform that dies in the middle of an incident, records that
//! show no failure, a watch on a rule.

use std::sync::Arc;
use std::time::Duration;

use calltriage::config::Secret;
use calltriage::demo::{Behaviour, Endpoint, Short, World};
use calltriage::incidents::orders::Orders;
use calltriage::incidents::pager::Pager;
use calltriage::incidents::schedule::Digest;
use calltriage::incidents::{Event, Settings};
use jiff::SignedDuration;
use jiff::civil::time;
use jiff::tz::TimeZone;

use super::day::network;
use super::house::{House, orders};
use super::{midnight, minute, transcript, watch};
use crate::support::http::{Server, answer};

/// Four hours of eight calls a minute, half of them through Acme; those are lost in these minutes. Now and then somebody is
/// busy, or nobody ever is.
fn world(lost: std::ops::Range<i64>, has_busy: bool) -> World {
    let call = |n: i64| {
        let at = midnight() + SignedDuration::from_millis(n * 7500);
        let through_acme = n % 2 == 0;
        let is_lost = through_acme && minute(lost.start) <= at && at < minute(lost.end);
        Short {
            call_id: format!("k{n}.fr1js3@198.51.100.10"),
            at,
            customer: Some(105 + n as u64 / 2 % 5),
            carrier: Some(if through_acme { 12 } else { 13 }),
            from: "441782454123".to_owned(),
            to: format!("4412345{n:05}"),
            code: match n % 16 {
                _ if is_lost => 503,
                5 if has_busy => 486,
                _ => 200,
            },
            pdd_ms: 900,
            seconds: if is_lost || (has_busy && n % 16 == 5) {
                0
            } else {
                30
            },
        }
    };
    let calls = (0..240 * 8).map(call).collect();
    World::of_traffic(network::of(calls), midnight())
}

async fn house(lost: std::ops::Range<i64>, more: impl FnOnce(&mut Orders)) -> House {
    let watches = vec![watch("all", "all", "failures >= 10 in 5m")];
    let mut orders = orders(Settings::default(), watches);
    more(&mut orders);
    House::over(world(lost, true), midnight(), orders).await
}

async fn minutes(house: &House, count: usize) {
    for _ in 0..count {
        house.pass(Duration::from_secs(60)).await;
    }
}

#[tokio::test]
async fn a_digest_is_posted_once_at_its_time_also_across_a_restart() {
    let digest = Digest {
        channel: "slack:BOSS".to_owned(),
        weekly: false,
        at: time(2, 0, 0, 0),
        zone: TimeZone::UTC,
    };
    let mut house = house(20..60, |orders| orders.digests = vec![digest]).await;
    minutes(&house, 119).await;
    // What was before the first run is nobody's news.
    assert_eq!(transcript(&house.chat.of("slack:BOSS")), "");
    minutes(&house, 3).await;
    house.restart().await;
    minutes(&house, 10).await;
    insta::assert_snapshot!(transcript(&house.chat.of("slack:BOSS")), @r"
    [02:00] message 1
        From Sun 2026-02-15 02:00 UTC to Mon 2026-02-16 02:00 UTC: 1 incident, 0 of them open; 12 calls looked into.
    956 calls: 736 answered, 160 lost. ITU-T E.425: ASR 77 %, NER 83 %. RFC 6076: SER 77 %, SEER 83 %, ISA 17 %.
    · 160 of 160 calls through Acme (#12) failed, mostly 503 (inc-0216-0023, 39 min)
    Causes of the calls looked into: carrier-no-circuit 12×.
    Likely parties: carrier 1×.
    Carriers by share of lost calls: Acme (#12) 160 of 478 (33 %), Borealis (#13) 0 of 478 (0 %).
    Time to fix: 39 min in the middle, of 1 that are over.
    ");
}

/// A hundred good calls a minute, for a hundred minutes.
fn busy_world() -> World {
    let call = |n: i64| Short {
        call_id: format!("b{n}.fr1js3@198.51.100.10"),
        at: midnight() + SignedDuration::from_millis(n * 600),
        customer: Some(105),
        carrier: Some(12),
        from: "441782454123".to_owned(),
        to: format!("4412345{n:05}"),
        code: 200,
        pdd_ms: 900,
        seconds: 150,
    };
    World::of_traffic(network::of((0..10_000).map(call).collect()), midnight())
}

#[tokio::test]
async fn more_calls_than_are_given_at_once_are_counted_once_across_a_restart() {
    let mut digests = Vec::new();
    for restarts in [false, true] {
        let digest = Digest {
            channel: "slack:BOSS".to_owned(),
            weekly: false,
            at: time(1, 0, 0, 0),
            zone: TimeZone::UTC,
        };
        let mut orders = orders(
            Settings::default(),
            vec![watch("all", "all", "failures >= 10 in 5m")],
        );
        orders.digests = vec![digest];
        let mut house = House::over(busy_world(), midnight(), orders).await;
        // Within the hour there are over 5000 calls: more than one request gives.
        minutes(&house, 58).await;
        if restarts {
            house.restart().await;
        }
        minutes(&house, 10).await;
        let told = transcript(&house.chat.of("slack:BOSS"));
        assert!(told.contains(" calls: "), "{told}");
        digests.push(told);
    }
    assert_eq!(digests[0], digests[1]);
}

/// A pager that takes each call, and the orders that call it after ten minutes.
async fn paged(orders: &mut Orders) -> Arc<Server> {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let token = Some(Secret::new("page-me".to_owned()));
    let pager = Pager::new(server.url().parse().unwrap(), token).unwrap();
    orders.pager = Some(Arc::new(pager));
    orders.settings.page_after = Some(SignedDuration::from_mins(10));
    server
}

#[tokio::test]
async fn a_total_outage_that_nobody_takes_note_of_calls_the_pager_once() {
    let watches = vec![watch("all", "all", "failures >= 10 in 10m")];
    let mut orders = orders(Settings::default(), watches);
    let server = paged(&mut orders).await;
    let mut house = House::over(world(20..90, true), midnight(), orders).await;
    minutes(&house, 31).await;
    assert_eq!(server.asked().len(), 0, "{}", transcript(&house.noc()));
    minutes(&house, 10).await;
    house.restart().await;
    minutes(&house, 30).await;
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "{}", transcript(&house.noc()));
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer page-me"));
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    let noc = house.noc();
    assert_eq!(body["id"].as_str(), Some(&*noc[0].incident));
    assert!(
        body["headline"].as_str().unwrap().contains("Acme (#12)"),
        "{body}"
    );
    let thread: Vec<&str> = noc[0].thread.iter().map(|(_, it)| it.as_str()).collect();
    assert!(
        thread.contains(&"Nobody took note: the pager was called."),
        "{thread:?}"
    );
}

#[tokio::test]
async fn a_total_outage_that_somebody_is_at_calls_nobody() {
    let watches = vec![watch("all", "all", "failures >= 10 in 10m")];
    let mut orders = orders(Settings::default(), watches);
    let server = paged(&mut orders).await;
    let house = House::over(world(20..90, true), midnight(), orders).await;
    minutes(&house, 30).await;
    let incident = house.noc()[0].incident.clone();
    let by = "Ann".to_owned();
    house.happen(Event::Acknowledged { incident, by }).await;
    minutes(&house, 40).await;
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_platform_that_dies_in_the_middle_is_one_message_and_ends_nothing() {
    let house = house(20..80, |_| {}).await;
    minutes(&house, 40).await;
    house.fake.always(Endpoint::Cdr, Behaviour::forbidden());
    minutes(&house, 20).await;
    let noc = house.noc();
    assert_eq!(noc.len(), 2, "{}", transcript(&noc));
    let open = house
        .keeper
        .read(|board| board.incidents().all(|it| it.is_open()))
        .await;
    assert!(open, "nobody knows whether it is over");
    house.fake.platform.script().clear();
    minutes(&house, 60).await;
    let noc = house.noc();
    assert_eq!(noc.len(), 2, "{}", transcript(&noc));
    insta::assert_snapshot!(transcript(&noc[1..]), @r"
    [00:44] message 1
        ● The API of main does not answer
        Open since 00:41 UTC · total
        Says: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied
        1. Look whether the platform's API answers: `calltriage doctor`. Until then nothing is watched there.
        inc-0216-0044
        └ [01:01] It answers again. It was away for 20 min, since 00:41 UTC.
      edited 1 times; since 01:01 it reads
        ✓ The API of main does not answer
        It answers again. It was away for 20 min, since 00:41 UTC.
        Says: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied
        inc-0216-0044
    ");
    let (of_calls, open) = house
        .keeper
        .read(|board| {
            let first = board.incidents().next().unwrap();
            (
                first.lasted(),
                board.incidents().filter(|it| it.is_open()).count(),
            )
        })
        .await;
    assert_eq!(open, 0);
    // The missed minutes were gone through afterwards.
    assert!((58..=61).contains(&of_calls.as_mins()), "{of_calls:#}");
}

#[tokio::test]
async fn records_of_answered_calls_only_are_said_once_to_those_who_watch_for_failures() {
    let watches = vec![
        watch("all", "all", "failures >= 10 in 5m"),
        super::Watch {
            channel: "slack:QUIET".to_owned(),
            ..watch("silence", "all", "no traffic in 10m")
        },
    ];
    let orders = orders(Settings::default(), watches);
    let mut house = House::over(world(0..0, false), midnight(), orders).await;
    minutes(&house, 40).await;
    house.restart().await;
    minutes(&house, 60).await;
    insta::assert_snapshot!(transcript(&house.noc()), @r"
    [00:26] message 1
        main: this platform's records hold answered calls only: failures cannot be counted. Watches on failures, codes, ASR and NER find nothing there; `no traffic`, `pdd`, hooks and the status page go on.
    ");
    assert_eq!(transcript(&house.chat.of("slack:QUIET")), "");
}

#[tokio::test]
async fn where_somebody_was_busy_once_nothing_is_said_of_the_records() {
    let house = house(0..0, |_| {}).await;
    minutes(&house, 90).await;
    assert_eq!(transcript(&house.noc()), "");
}

#[tokio::test]
async fn a_watch_on_a_rule_has_calls_looked_at_and_tells_when_it_rises() {
    let watches = vec![watch(
        "circuits",
        "carrier:12",
        "rule carrier-no-circuit rising in 20m",
    )];
    let mut orders = orders(Settings::default(), watches);
    // Twelve calls in twenty minutes cost more than one watch usually may.
    (orders.pace.requests, orders.pace.requests_each) = (3000, 600);
    let house = House::over(world(60..120, true), midnight(), orders).await;
    minutes(&house, 58).await;
    // Good calls are looked at too, a few at a time.
    let traced = || house.fake.platform.seen().of(Endpoint::Trace).len();
    assert!((5..30).contains(&traced()), "{} traces", traced());
    assert_eq!(transcript(&house.noc()), "");
    minutes(&house, 102).await;
    insta::assert_snapshot!(transcript(&house.noc()), @r"
    [01:12] message 1
        ▲ Watch circuits: 6 of 10 calls looked at are carrier-no-circuit
        Open since 01:00 UTC · minor
        Party: likely carrier (6 of 6 looked at)
        To act: carrier
        · k486.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        · k484.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        · k526.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        1. Report it to the one who answered with this call as example, and compare our calls at that time with the channels agreed.
        inc-0216-0112 · watch circuits (rule carrier-no-circuit rising 3x in 20m)
      edited 17 times; since 02:26 it reads
        ▲ Watch circuits: 7 of 11 calls looked at are carrier-no-circuit
        Open since 01:00 UTC · minor
        Party: likely carrier (32 of 32 looked at)
        To act: carrier
        · k486.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        · k484.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        · k526.fr1js3@198.51.100.10  Acme (#12) 203.0.113.12:5060 answered 503 Phrase with Q.850 cause 34 (No circuit/channel available) 0.57 s after the INVITE, without ringing. [carrier-no-circuit]
        1. Report it to the one who answered with this call as example, and compare our calls at that time with the channels agreed.
        inc-0216-0112 · watch circuits (rule carrier-no-circuit rising 3x in 20m)
    ");
}
