//! What is posted and what is kept quiet: floods, mutes, quiet hours, planned work, routes, the pager, a dead source.

use std::collections::BTreeMap;

use calltriage::incidents::life::Severity;
use calltriage::incidents::mute::{Mute, Target};
use calltriage::incidents::quiet::{Planned, Quiet};
use calltriage::incidents::routes::Route;
use calltriage::incidents::signal::{Alert, Example, Seen, Status};
use calltriage::incidents::{Event, Settings};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Desk, NOC, call, example, minute, named, transcript, watch};

fn usual() -> Settings {
    Settings {
        channel: NOC.to_owned(),
        ..Settings::default()
    }
}

fn desk(settings: Settings) -> Desk {
    let watches = vec![watch("all", "all", "failures >= 10 in 5m")];
    Desk::new(
        settings,
        watches,
        Box::new(|call| Some(example(call, "carrier"))),
    )
}

/// Two calls every half minute, one through Acme and one through Borealis; those through Acme are lost in these minutes.
pub fn traffic(lost: std::ops::Range<i64>) -> impl FnMut(Timestamp, Timestamp) -> Vec<Seen> {
    move |_, now| {
        let is_lost = minute(lost.start) <= now && now < minute(lost.end);
        let second = now.as_second();
        let of = |n: u64, carrier: &str, id: u64, code: u16| Seen {
            carrier: Some(named(carrier, id)),
            customer: Some(named("Customer", 100 + (second as u64 / 30 + n) % 5)),
            ..call(&format!("{second}-{id}-{n}@x"), now, code)
        };
        (0..3)
            .flat_map(|n| {
                [
                    of(n, "Acme", 12, if is_lost { 503 } else { 200 }),
                    of(n, "Borealis", 13, 200),
                ]
            })
            .collect()
    }
}

fn alert(n: usize, title: &str, status: Status) -> Alert {
    Alert {
        hook: "alertmanager".to_owned(),
        id: n.to_string(),
        status,
        title: title.to_owned(),
        text: format!("instance {n}"),
        severity: "warning".to_owned(),
        starts: None,
        labels: BTreeMap::new(),
    }
}

#[test]
fn a_total_outage_from_beginning_to_end() {
    let mut desk = desk(usual());
    desk.until(minute(90), traffic(20..60));
    assert_eq!(desk.noc().len(), 1);
    insta::assert_snapshot!(transcript(desk.noc()), @r"
    [00:21] message 1
        ● 12 of 12 calls through Acme (#12) failed, mostly 503
        Open since 00:20 UTC · major
        Only there? 100 % lost there; of all other calls when it was noticed 0 of 30 (0 %)
        Customers: Customer (#102) 3×, Customer (#103) 3×, Customer (#100) 2×, 2 more
        Dialled: 4412… 12×
        Codes: 503 12×
        Party: likely carrier (3 of 12 looked at)
        To act: carrier
        │     ██│ lost calls a minute, 00:15 UTC to 00:21 UTC
        · 1771201290-12-0@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        · 1771201290-12-1@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        · 1771201290-12-2@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        1. Report it to Acme with these calls; move traffic to another carrier meanwhile.
        inc-0216-0021 · watch all (failures >= 10 in 5m)
        └ [00:24] Now total: 30 of 30 calls through Acme (#12) failed, mostly 503.
        └ [01:17] Over since 00:59 UTC: all 108 calls since went well. It lasted 39 min, since 00:20 UTC; 240 of 240 calls were lost.
      edited 20 times; since 01:17 it reads
        ✓ 240 of 240 calls through Acme (#12) failed, mostly 503
        Over since 00:59 UTC: all 108 calls since went well. It lasted 39 min, since 00:20 UTC; 240 of 240 calls were lost.
        Only there? 100 % lost there; of all other calls when it was noticed 0 of 30 (0 %)
        Customers: Customer (#100) 48×, Customer (#101) 48×, Customer (#102) 48×, 2 more
        Dialled: 4412… 240×
        Codes: 503 240×
        Party: likely carrier (12 of 240 looked at)
        To act: carrier
        │  ████████████████████████████████████████                  │ lost calls a minute, 00:18 UTC to 01:17 UTC
        · 1771201290-12-0@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        · 1771201290-12-1@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        · 1771201290-12-2@x  Acme (#12) refused: 503, Q.850 cause 34 (no circuit). [no-circuits]
        inc-0216-0021 · watch all (failures >= 10 in 5m)
    ");
}

#[test]
fn what_flaps_is_one_message() {
    let mut desk = desk(usual());
    // Lost for five minutes in every twenty-five, which ends it each time.
    for round in 0..6 {
        let from = 20 + round * 25;
        desk.until(minute(from + 25), traffic(from..from + 5));
    }
    assert_eq!(desk.noc().len(), 1);
    let told = &desk.noc()[0].thread;
    let back = told
        .iter()
        .filter(|(_, text)| text.contains("It is back"))
        .count();
    assert_eq!(back, 5, "{told:?}");
}

#[test]
fn quiet_hours_hold_what_can_wait_until_they_end() {
    let quiet = Quiet {
        from: time(0, 0, 0, 0),
        to: time(7, 0, 0, 0),
        zone: TimeZone::UTC,
    };
    let mut settings = usual();
    settings.quiet = Some(quiet);
    let mut desk = desk(settings);
    // Two of three calls through Acme: bad, and no total outage.
    let mut source = traffic(400..470);
    desk.until(minute(450), move |a, b| {
        let mut calls = source(a, b);
        let spared = calls.len() / 2;
        calls[0] = call(&format!("spared-{}", b.as_second()), b, 200);
        assert!(spared > 0);
        calls
    });
    let [message] = desk.noc() else {
        panic!("{}", transcript(desk.noc()))
    };
    assert_eq!(message.at, Some(minute(420)));
}

#[test]
fn quiet_hours_do_not_hold_a_total_outage() {
    let quiet = Quiet {
        from: time(0, 0, 0, 0),
        to: time(7, 0, 0, 0),
        zone: TimeZone::UTC,
    };
    let mut desk = desk(Settings {
        quiet: Some(quiet),
        ..usual()
    });
    desk.until(minute(60), traffic(20..60));
    let at = desk.noc()[0].at.unwrap();
    assert!(at < minute(30), "{at}");
}

#[test]
fn planned_work_is_not_told_unless_it_lasts_too_long() {
    let planned = |to: i64| Planned {
        scope: "carrier:12".parse().unwrap(),
        from: minute(15),
        to: minute(to),
        what: "maintenance".to_owned(),
    };
    let mut within = desk(Settings {
        planned: vec![planned(100)],
        ..usual()
    });
    within.until(minute(90), traffic(20..60));
    assert_eq!(within.noc().len(), 0);
    let mut longer = desk(Settings {
        planned: vec![planned(40)],
        ..usual()
    });
    longer.until(minute(90), traffic(20..60));
    assert_eq!(longer.noc().len(), 1);
    assert_eq!(longer.noc()[0].at, Some(minute(40)));
}

#[test]
fn an_outage_that_nobody_takes_note_of_calls_the_pager_once() {
    let paged = |acknowledged: bool| {
        let mut desk = desk(Settings {
            page_after: Some(SignedDuration::from_mins(10)),
            ..usual()
        });
        desk.until(minute(25), traffic(20..80));
        let id = desk.noc()[0].incident.clone();
        if acknowledged {
            desk.happen(Event::Acknowledged {
                incident: id,
                by: "slack:ANN".to_owned(),
            });
        }
        desk.until(minute(80), traffic(20..80));
        desk.pages
    };
    let pages = paged(false);
    assert_eq!(pages.len(), 1);
    let late = pages[0].0.duration_since(minute(20));
    // It is total from 00:24 on.
    assert!((14..16).contains(&late.as_mins()), "{late:#}");
    assert_eq!(paged(true), []);
}

#[test]
fn what_comes_back_is_told_as_such_and_calls_the_pager_anew() {
    let mut desk = desk(Settings {
        page_after: Some(SignedDuration::from_mins(10)),
        ..usual()
    });
    desk.until(minute(25), traffic(20..30));
    let id = desk.noc()[0].incident.clone();
    desk.happen(Event::Acknowledged {
        incident: id,
        by: "slack:ANN".to_owned(),
    });
    desk.until(minute(60), traffic(20..30));
    assert_eq!(desk.pages, []);
    desk.until(minute(80), traffic(60..80));
    assert_eq!(desk.noc().len(), 1);
    assert_eq!(desk.pages.len(), 1);
    let last = desk.noc()[0].edits.last().unwrap().1.clone();
    assert_eq!(
        last[1],
        "Open again since 01:00 UTC, first since 00:20 UTC · total"
    );
    desk.until(minute(110), traffic(60..80));
    let told = &desk.noc()[0].thread.last().unwrap().1;
    assert!(
        told.contains("It lasted 28 min in all, with pauses, since 00:20 UTC"),
        "{told}"
    );
}

/// Calls of five customers through Acme, lost in the first minutes; then one of the customers is refused before any
/// carrier.
fn then_one_customer(_: Timestamp, now: Timestamp) -> Vec<Seen> {
    let second = now.as_second();
    let is_lost = minute(20) <= now && now < minute(30);
    let is_refused = minute(35) <= now;
    let of = |customer: u64| {
        let refused = is_refused && customer == 101;
        Seen {
            carrier: (!refused).then(|| named("Acme", 12)),
            customer: Some(named("Customer", customer)),
            ..call(
                &format!("{second}-{customer}@x"),
                now,
                match (is_lost, refused) {
                    (true, _) => 503,
                    (_, true) => 403,
                    _ => 200,
                },
            )
        }
    };
    let quick = Seen {
        carrier: Some(named("Borealis", 13)),
        ..call(&format!("{second}-b@x"), now, 200)
    };
    (100..105).map(of).chain([quick]).collect()
}

#[test]
fn what_joined_and_is_lost_for_another_reason_later_is_an_incident_of_its_own() {
    let watches = vec![
        watch("all", "all", "failures >= 10 in 5m"),
        watch("one", "customer:101", "failures >= 5 in 5m"),
    ];
    let mut desk = Desk::usual(watches);
    desk.until(minute(50), then_one_customer);
    let noc = desk.noc();
    assert_eq!(noc.len(), 2, "{}", transcript(noc));
    let headline = |it: &super::Message| it.edits.last().map_or(&it.first, |it| &it.1)[0].clone();
    assert!(headline(&noc[0]).contains("calls through Acme (#12) failed, mostly 503"));
    assert!(
        headline(&noc[1]).contains("calls of Customer (#101) failed, mostly 403"),
        "{}",
        transcript(noc)
    );
    // Nothing of what the carrier never saw is among its figures.
    let first = desk.board.incidents().next().unwrap();
    assert_eq!(first.codes.keys().copied().collect::<Vec<_>>(), [503]);
    assert_eq!(first.share().part, 100);
}

#[test]
fn a_mute_ends_visibly() {
    let mut desk = desk(usual());
    desk.until(minute(25), traffic(20..200));
    let id = desk.noc()[0].incident.clone();
    let mute = |target: Target, until: i64| Mute {
        id: "m1".to_owned(),
        target,
        until: Some(minute(until)),
        by: "slack:ANN".to_owned(),
        at: minute(25),
        channel: NOC.to_owned(),
    };
    desk.happen(Event::Muted(mute(Target::Incident(id), 85)));
    let before = desk.noc()[0].thread.len();
    desk.until(minute(84), traffic(20..200));
    assert_eq!(desk.noc()[0].thread.len(), before);
    let (_, shown) = desk.noc()[0].edits.last().unwrap();
    assert!(
        shown
            .iter()
            .any(|it| it.contains("Muted by slack:ANN until 01:25 UTC")),
        "{shown:?}"
    );
    desk.until(minute(90), traffic(20..200));
    let (at, said) = desk.noc()[0].thread.last().unwrap().clone();
    assert_eq!(at, minute(85));
    insta::assert_snapshot!(said, @"The mute by slack:ANN is over; it still goes on: 393 lost calls by now.");
    // One on a carrier, with nothing to tell meanwhile, ends with a line of its own.
    let mut calm = self::desk(usual());
    calm.happen(Event::Muted(mute(
        Target::Scope("carrier:12".parse().unwrap()),
        60,
    )));
    calm.until(minute(70), traffic(0..0));
    insta::assert_snapshot!(transcript(calm.noc()), @r"
    [01:00] message 1
        The mute of carrier:12 by slack:ANN is over.
    ");
    // What it kept quiet and goes on is posted then.
    let mut kept = self::desk(usual());
    kept.happen(Event::Muted(mute(
        Target::Scope("carrier:12".parse().unwrap()),
        60,
    )));
    kept.until(minute(70), traffic(20..200));
    let [message] = kept.noc() else {
        panic!("{}", transcript(kept.noc()))
    };
    assert_eq!(message.at, Some(minute(60)));
}

#[test]
fn five_hundred_alerts_at_once_are_one_message() {
    let mut desk = desk(usual());
    let alerts = |status| {
        (0..500)
            .map(|n| alert(n, &format!("Rule {} fires", n % 100), status))
            .collect()
    };
    desk.happen(Event::Alerts(alerts(Status::Firing)));
    desk.now += SignedDuration::from_secs(30);
    desk.happen(Event::Tick);
    // And once more, as such senders repeat themselves.
    desk.happen(Event::Alerts(alerts(Status::Firing)));
    desk.now += SignedDuration::from_mins(10);
    desk.happen(Event::Tick);
    desk.happen(Event::Alerts(alerts(Status::Resolved)));
    desk.now += SignedDuration::from_mins(10);
    desk.happen(Event::Tick);
    assert_eq!(desk.noc().len(), 1, "{}", transcript(desk.noc()));
    insta::assert_snapshot!(transcript(desk.noc()), @r"
    [00:00] message 1
        ▲ Storm of alertmanager: 500 alerts
        Open since 00:00 UTC · minor
        Alerts: Rule 0 fires 5×, Rule 1 fires 5×, Rule 10 fires 5×, 97 more
        inc-0216-0000 · watch alertmanager (a hook)
        └ [00:10] All alerts are resolved. It lasted 10 min, since 00:00 UTC.
      edited 1 times; since 00:10 it reads
        ✓ Storm of alertmanager: 500 alerts
        All alerts are resolved. It lasted 10 min, since 00:00 UTC.
        inc-0216-0000 · watch alertmanager (a hook)
    ");
}

#[test]
fn alerts_one_by_one_are_a_storm_too() {
    let mut desk = desk(usual());
    for n in 0..500 {
        desk.happen(Event::Alerts(vec![alert(
            n,
            &format!("Rule {n} fires"),
            Status::Firing,
        )]));
        desk.now += SignedDuration::from_millis(5);
    }
    desk.now += SignedDuration::from_secs(30);
    desk.happen(Event::Tick);
    assert_eq!(desk.noc().len(), 1, "{}", transcript(desk.noc()));
    assert!(
        desk.noc()[0].first[0].contains("500 alerts"),
        "{:?}",
        desk.noc()[0].first
    );
}

#[test]
fn an_alert_about_a_carrier_that_is_told_of_joins_it() {
    let mut desk = desk(usual());
    desk.until(minute(30), traffic(20..60));
    let mut about = alert(1, "Carrier down", Status::Firing);
    about.labels.insert("carrier".to_owned(), "12".to_owned());
    desk.happen(Event::Alerts(vec![about]));
    desk.until(minute(32), traffic(20..60));
    assert_eq!(desk.noc().len(), 1);
    let (_, shown) = desk.noc()[0].edits.last().unwrap();
    assert!(
        shown
            .iter()
            .any(|it| it.starts_with("Alerts: Carrier down")),
        "{shown:?}"
    );
    assert!(shown.contains(&"About: carrier:12".to_owned()), "{shown:?}");
}

#[test]
fn a_source_that_dies_in_the_middle_is_one_message_and_ends_nothing() {
    let mut desk = desk(usual());
    desk.until(minute(30), traffic(20..80));
    let dead = || Event::Trouble {
        source: "main".to_owned(),
        why: Some("the platform's API could not be reached".to_owned()),
    };
    for _ in 0..40 {
        desk.now += SignedDuration::from_secs(30);
        desk.happen(dead());
    }
    assert_eq!(desk.noc().len(), 2, "{}", transcript(desk.noc()));
    // Nobody knows whether it is over.
    assert!(desk.board.incidents().all(|it| it.is_open()));
    desk.happen(Event::Trouble {
        source: "main".to_owned(),
        why: None,
    });
    // What came meanwhile is read in one go.
    let mut source = traffic(20..80);
    let missed: Vec<Seen> = (60..100)
        .flat_map(|half| source(minute(0), minute(0) + SignedDuration::from_secs(half * 30)))
        .collect();
    desk.look(missed);
    desk.until(minute(110), traffic(20..80));
    assert_eq!(desk.noc().len(), 2);
    insta::assert_snapshot!(transcript(&desk.noc()[1..]), @r"
    [00:33] message 1
        ● The API of main does not answer
        Open since 00:30 UTC · total
        Says: the platform's API could not be reached
        1. Look whether the platform's API answers: `calltriage doctor`. Until then nothing is watched there.
        inc-0216-0033
        └ [00:50] It answers again. It was away for 19 min, since 00:30 UTC.
      edited 1 times; since 00:50 it reads
        ✓ The API of main does not answer
        It answers again. It was away for 19 min, since 00:30 UTC.
        Says: the platform's API could not be reached
        inc-0216-0033
    ");
    assert!(desk.board.incidents().all(|it| !it.is_open()));
    let lasted = desk.board.incidents().next().unwrap().lasted();
    assert!((58..61).contains(&lasted.as_mins()), "{lasted:#}");
}

#[test]
fn a_bot_that_was_away_says_so_once() {
    let mut desk = desk(usual());
    desk.now = minute(40);
    desk.happen(Event::Slept { since: minute(2) });
    desk.until(minute(50), traffic(0..0));
    insta::assert_snapshot!(transcript(desk.noc()), @r"
    [00:40] message 1
        ✓ calltriage was not running
        It was away for 38 min, from 00:02 UTC to 00:40 UTC.
        Says: Nothing was watched in this time; calls of it are looked through now.
        inc-0216-0040
    ");
}

#[test]
fn each_channel_hears_of_what_it_has_a_route_for() {
    let route = |channel: &str, least| Route {
        channel: channel.to_owned(),
        least,
        scope: None,
    };
    let routes = vec![
        route("slack:BOSS", Severity::Total),
        route("slack:OTHER", Severity::Minor),
    ];
    let mut desk = desk(Settings { routes, ..usual() });
    desk.until(minute(90), traffic(20..60));
    let counts: BTreeMap<&str, usize> = desk
        .messages
        .iter()
        .map(|(it, all)| (it.as_str(), all.len()))
        .collect();
    assert_eq!(
        counts,
        BTreeMap::from([("slack:NOC", 1), ("slack:BOSS", 1), ("slack:OTHER", 1)])
    );
}

#[test]
fn a_party_is_named_only_where_three_calls_agree() {
    let watches = || vec![watch("all", "all", "failures >= 10 in 5m")];
    let with = |party: fn(&Seen) -> &'static str| {
        let mut desk = Desk::new(
            usual(),
            watches(),
            Box::new(move |call| Some(example(call, party(call)))),
        );
        desk.until(minute(30), traffic(20..60));
        let shown = desk.noc()[0].first.clone();
        shown
            .into_iter()
            .find(|it| it.starts_with("Party"))
            .unwrap()
    };
    let agreed = with(|_| "carrier");
    assert!(
        agreed.starts_with("Party: likely carrier (3 of "),
        "{agreed}"
    );
    let doubted = with(|call| {
        if call.call_id.contains("-1@") {
            "far end"
        } else {
            "carrier"
        }
    });
    assert!(doubted.starts_with("Party: not certain"), "{doubted}");
    let unknown = with(|_| "");
    assert!(unknown.starts_with("Party: not known"), "{unknown}");
}

/// Calls through three carriers to two countries; those to one of them are lost in these minutes, or all of them.
fn of_three_carriers(
    is_lost: fn(&str) -> bool,
    lost: std::ops::Range<i64>,
) -> impl FnMut(Timestamp, Timestamp) -> Vec<Seen> {
    move |_, now| {
        let in_time = minute(lost.start) <= now && now < minute(lost.end);
        let second = now.as_second();
        let carriers = [("Acme", 12), ("Borealis", 13), ("Cirrus", 14)];
        let of = |(name, id): (&str, u64), to: &str, n: u64| Seen {
            carrier: Some(named(name, id)),
            customer: Some(named("Customer", 100 + (second as u64 / 30 + n) % 5)),
            to: to.to_owned(),
            ..call(
                &format!("{second}-{id}-{to}-{n}@x"),
                now,
                if in_time && is_lost(to) { 503 } else { 200 },
            )
        };
        let each = carriers.into_iter().flat_map(|it| {
            ["493012345678", "441632960001"]
                .into_iter()
                .flat_map(move |to| (0..3).map(move |n| of(it, to, n)))
        });
        each.collect()
    }
}

#[test]
fn where_several_carriers_fail_alike_none_is_accused() {
    let told = |is_lost: fn(&str) -> bool| {
        let watches = vec![watch("all", "all", "failures >= 10 in 5m")];
        let looked_at = |call: &Seen| Example {
            places: vec!["192.0.2.5".to_owned(), "fr1js3".to_owned()],
            ..example(call, "carrier")
        };
        let mut desk = Desk::new(
            usual(),
            watches,
            Box::new(move |call| Some(looked_at(call))),
        );
        desk.until(minute(30), of_three_carriers(is_lost, 20..60));
        desk.noc()[0].first.join("\n")
    };
    let everywhere = told(|_| true);
    assert!(
        everywhere.contains("Party: no single carrier: 3 of them fail alike"),
        "{everywhere}"
    );
    assert!(!everywhere.contains("To act"), "{everywhere}");
    assert!(
        everywhere.contains("All looked at used: fr1js3"),
        "{everywhere}"
    );
    let first = "1. 3 carriers fail alike: look at what these calls share, fr1js3 and its way out, before you ask any of \
                 them.";
    assert!(everywhere.contains(first), "{everywhere}");

    // What they share is the number, not a server of ours.
    let to_one_country = told(|to| to.starts_with("4930"));
    assert!(to_one_country.contains("4930"), "{to_one_country}");
    assert!(!to_one_country.contains("fr1js3"), "{to_one_country}");
    assert!(
        to_one_country.contains("1. 3 carriers fail alike: ask one of them"),
        "{to_one_country}"
    );
}

#[test]
fn a_flood_of_causes_is_capped() {
    let mut desk = desk(Settings {
        most_posts: 3,
        ..usual()
    });
    for n in 0..20 {
        let mut one = alert(n, &format!("Disk {n} is full"), Status::Firing);
        one.hook = format!("hook{n}");
        desk.happen(Event::Alerts(vec![one]));
    }
    desk.now += SignedDuration::from_secs(30);
    desk.happen(Event::Tick);
    assert_eq!(desk.noc().len(), 3);
}
