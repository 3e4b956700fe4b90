//! Legs of which it is open to which of two calls they belong: told as that, with all that may belong together, however
//! the call is asked for.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use calltriage::call::{CallQuery, Term};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Case, Diagnosis, Investigation, Investigator};
use calltriage::sip::{Call, Tie, calls, threads};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;

use super::shown;
use super::verdict::{inbound, outbound};
use crate::support::text_writer::{Dialect, print};
use crate::support::trace::packets;

/// Two calls with the same numbers at the same time, and what the platform sent on for each.
const TWO: &str = "0.000 cust>plat INVITE
    0.005 cust>plat INVITE leg=c
    0.010 plat>cust 100
    0.015 plat>cust 100 leg=c
    0.040 plat>car INVITE leg=b
    0.045 plat>car2 INVITE leg=d
    0.900 car>plat 486 leg=b
    0.910 plat>car ACK leg=b
    0.915 plat>cust 503 leg=c
    0.920 cust>plat ACK leg=c
    1.000 car2>plat 503 leg=d
    1.010 plat>car2 ACK leg=d
    1.020 plat>cust 486
    1.030 cust>plat ACK";

fn id(leg: &str) -> String {
    format!("{leg}@198.51.100.10")
}

fn all(text: &str) -> Vec<Call> {
    calls(threads(packets(text)), &[])
}

/// What is said of the call with a leg: the rule and what it tells.
fn told(text: &str, leg: &str) -> Vec<(String, String)> {
    let calls = all(text);
    let is_it = |call: &&Call| call.legs.iter().any(|it| it.call_id == id(leg));
    let call = calls.iter().find(is_it).unwrap();
    [outbound(), inbound()]
        .iter()
        .map(|peers| {
            let findings = shown::findings(&Case::new(call, peers, None));
            shown::asked(
                "legs-ambiguous",
                findings.iter().all(|it| it.rule != "legs-ambiguous"),
            );
            findings
        })
        .next()
        .unwrap()
        .into_iter()
        .map(|it| (it.rule, format!("{} {}", it.fact, it.cause)))
        .collect()
}

fn ambiguous(text: &str, leg: &str) -> Option<String> {
    let mut told = told(text, leg).into_iter();
    told.find(|(rule, _)| rule == "legs-ambiguous")
        .map(|(_, told)| told)
}

#[test]
fn a_tie_is_told_with_all_that_may_belong_together() {
    let calls = all(TWO);
    assert_eq!(calls.len(), 4, "nothing is joined");
    let of = vec![id("a"), id("c")];
    let tie = |leg: &str| Tie {
        leg: id(leg),
        of: of.clone(),
    };
    assert_eq!(calls[0].ties, [tie("b"), tie("d")]);
    insta::assert_snapshot!(ambiguous(TWO, "a").unwrap(), @"Whose leg is whose does not show: b@198.51.100.10 may belong to this call or to c@198.51.100.10; d@198.51.100.10 may belong to this call or to c@198.51.100.10. They are equally like one another in numbers, nodes and time, and none names the other.");
    insta::assert_snapshot!(ambiguous(TWO, "b").unwrap(), @"Whose leg is whose does not show: b@198.51.100.10 may come from a@198.51.100.10 or c@198.51.100.10. They are equally like one another in numbers, nodes and time, and none names the other.");
    let other = told(TWO, "c");
    let cause = |rule: &str| &other.iter().find(|it| it.0 == rule).unwrap().1;
    insta::assert_snapshot!(cause("refused-by-platform"), @"Switch 192.0.2.5:5060 answered 503 Phrase 0.91 s after the INVITE, without ringing. No INVITE to a route is known to be this call's: the platform tried none, or its own leg is one of those that may be another call's (b@198.51.100.10, d@198.51.100.10).");
    assert!(other.iter().all(|(rule, _)| rule != "one-leg-only"));
}

#[test]
fn what_tells_them_apart_makes_no_tie() {
    // One of the calls is over before the leg begins.
    let later = TWO.replace("0.040", "3.000").replace("0.9", "3.9");
    let later: Vec<&str> = later
        .lines()
        .filter(|line| !line.contains("leg=d"))
        .collect();
    let settled = later
        .join("\n")
        .replace("1.000", "2.0")
        .replace("3.915", "0.915")
        .replace("3.920", "0.920");
    assert_eq!(ambiguous(&settled, "c"), None, "{settled}");
    // Each leg names its call.
    let session = |text: &str, leg: &str, way: &str| {
        let number = if matches!(leg, "a" | "b") { "a" } else { "b" };
        let header = format!("| Session-ID: {};remote=0", number.repeat(32));
        let line = if leg == "a" {
            format!("{way} INVITE")
        } else {
            format!("{way} INVITE leg={leg}")
        };
        text.replacen(&line, &format!("{line} {header}"), 1)
    };
    let mut named = TWO.to_owned();
    for (leg, way) in [
        ("c", "cust>plat"),
        ("a", "cust>plat"),
        ("b", "plat>car"),
        ("d", "plat>car2"),
    ] {
        named = session(&named, leg, way);
    }
    assert_eq!(all(&named).len(), 2, "{named}");
    assert_eq!(ambiguous(&named, "a"), None);
}

fn investigator() -> Investigator {
    let here = "192.0.2.5:5060".parse().unwrap();
    let bytes = Bytes::from(print(Dialect::Sngrep, &packets(TWO), here, false));
    let captures = Captures::in_memory("test", [("two.txt".to_owned(), bytes)], outbound());
    Investigator::new(vec![Source::Captures(Arc::new(captures))], outbound())
}

fn said(call: &Diagnosis) -> String {
    format!("{:#?}", call.findings)
}

#[tokio::test]
async fn whoever_asks_for_one_or_for_all_is_told_the_same() {
    let (investigator, now) = (
        investigator(),
        "2026-12-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    );
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = lines.clone();
    let unread = investigator.investigate_each(
        "id".to_owned(),
        now,
        Arc::new(|one: &Investigation| serde_json::to_string(&one.calls).unwrap()),
        Box::new(move |line| {
            kept.lock().unwrap().push(line);
            true
        }),
    );
    unread.await;
    let swept: Vec<Diagnosis> = lines
        .lock()
        .unwrap()
        .iter()
        .flat_map(|line| serde_json::from_str::<Vec<Diagnosis>>(line).unwrap())
        .collect();
    assert_eq!(swept.len(), 4);
    for leg in ["a", "b", "c", "d"] {
        let query = CallQuery {
            terms: vec![Term::CallId(id(leg))],
            ..CallQuery::default()
        };
        let asked = id(leg);
        let done = investigator.investigate("id".into(), &asked, &query, now, &unwatched);
        let done = done.await;
        let [call] = done.investigation.calls.as_slice() else {
            panic!("{:?}", done.investigation.calls)
        };
        let same = swept
            .iter()
            .find(|it| it.call_ids == call.call_ids)
            .unwrap();
        assert_eq!(said(call), said(same), "{leg}");
        assert!(
            said(call).contains("legs-ambiguous"),
            "{leg}: {}",
            said(call)
        );
        // And from what was kept of it.
        let again = investigator.judge_again(done.investigation.clone(), &done.evidence);
        assert_eq!(said(&again.calls[0]), said(call), "{leg}");
    }
    // Who asks for two that may belong together gets them as they are: not known to.
    let query = CallQuery {
        terms: vec![Term::CallId(id("a")), Term::CallId(id("b"))],
        ..CallQuery::default()
    };
    let done = investigator.investigate("id".into(), "both", &query, now, &unwatched);
    assert_eq!(done.await.investigation.calls.len(), 2);
}
