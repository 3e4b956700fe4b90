//! Whole calls that failed to be set up: which finding wins, and with which party, to act, and
//! certainty. One line a case: a name, the call, `rule party>to_act certainty`.

use calltriage::diagnosis::rules::{self, Bearing};
use calltriage::diagnosis::verdict::{Verdict, verdict};
use calltriage::diagnosis::{Case, Finding, Party, Peer, PeerKind, Peers};

use crate::support::trace::call;

/// Nobody is named.
fn nobody() -> Peers {
    Peers::default()
}

fn peers(named: &[(&str, PeerKind, &str)]) -> Peers {
    Peers::new(
        named
            .iter()
            .map(|(name, kind, address)| Peer {
                name: (*name).into(),
                kind: *kind,
                addresses: vec![address.parse().unwrap()],
            })
            .collect(),
    )
}

/// The customer calls out over two carriers.
pub fn outbound() -> Peers {
    peers(&[
        ("Acme", PeerKind::Customer, "198.51.100.10"),
        ("Switch", PeerKind::Platform, "192.0.2.5"),
        ("One", PeerKind::Carrier, "203.0.113.9"),
        ("Two", PeerKind::Carrier, "203.0.113.19"),
    ])
}

/// The carrier hands the call in; the customer's device is called.
pub fn inbound() -> Peers {
    peers(&[
        ("One", PeerKind::Carrier, "198.51.100.10"),
        ("Switch", PeerKind::Platform, "192.0.2.5"),
        ("Acme", PeerKind::Customer, "203.0.113.9"),
    ])
}

pub fn platform_named() -> Peers {
    peers(&[("Switch", PeerKind::Platform, "192.0.2.5")])
}

fn judged(peers: &Peers, text: &str) -> (Vec<Finding>, Option<Verdict>) {
    let call = call(text);
    let case = Case::new(&call, peers, None);
    let findings = super::shown::findings(&case);
    let verdict = verdict(&case, &findings);
    (findings, verdict)
}

/// The verdict on a call among these peers: `rule party>to_act certainty`.
#[track_caller]
pub fn by(peers: &Peers, text: &str) -> String {
    short(&judged(peers, text).1.expect("a verdict"))
}

fn word(party: Party) -> String {
    let word = serde_json::to_value(party).unwrap();
    word.as_str().unwrap().to_owned()
}

/// A verdict in one line: `rule party>to_act certainty`.
pub fn short(verdict: &Verdict) -> String {
    let (party, to_act) = (word(verdict.party), word(verdict.to_act));
    format!(
        "{} {party}>{to_act} {}",
        verdict.rule,
        verdict.certainty.word()
    )
}

#[track_caller]
pub fn check(peers: &Peers, cases: &[(&str, String, &str)]) {
    let mut wrong = String::new();
    for (name, text, expected) in cases {
        let (findings, verdict) = judged(peers, text);
        let verdict = verdict.unwrap_or_else(|| panic!("{name}: no verdict"));
        if std::env::var("SHOW_VERDICTS").is_ok() {
            println!(
                "{name}: {}\n    {}\n    {:?}",
                short(&verdict),
                verdict.summary,
                verdict.next
            );
        }
        if short(&verdict) != *expected {
            let rules: Vec<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
            wrong.push_str(&format!(
                "{name}: {} instead of {expected}\n    {}\n    {rules:?}\n",
                short(&verdict),
                verdict.summary,
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A call over one carrier that refuses with `answer` (`404 | Reason: …`) after `after` seconds.
pub fn refused(after: f64, answer: &str) -> String {
    let (code, headers) = answer.split_once('|').unwrap_or((answer, ""));
    let headers = if headers.is_empty() {
        String::new()
    } else {
        format!("| {headers}")
    };
    let (code, options) = code.split_once(' ').unwrap_or((code, ""));
    let end = 0.02 + after;
    format!(
        "0.000 cust>plat INVITE
         0.001 plat>cust 100
         0.020 plat>car INVITE leg=b
         {end:.3} car>plat {code} leg=b {options} {headers}
         {:.3} plat>car ACK leg=b
         {:.3} plat>cust {code} {options} {headers}
         {:.3} cust>plat ACK",
        end + 0.001,
        end + 0.002,
        end + 0.003,
    )
}

/// The same, after ringing from 1 s on.
pub fn refused_ringing(ringing: f64, answer: &str) -> String {
    let call = refused(1.0 + ringing, answer);
    let mut lines: Vec<String> = call.lines().map(str::to_owned).collect();
    lines.insert(3, "1.000 car>plat 180 leg=b".into());
    lines.insert(4, "1.001 plat>cust 180".into());
    lines.join("\n")
}

/// One leg: nothing of what lies behind the one who answers.
pub fn one_leg(after: f64, answer: &str) -> String {
    format!(
        "0.000 cust>plat INVITE
         0.001 plat>cust 100
         {after:.3} plat>cust {answer}
         {:.3} cust>plat ACK",
        after + 0.01,
    )
}

/// Two carriers one after the other, and what the caller is told; no answer where it is empty.
pub fn two_routes(first: &str, second: &str, told: &str) -> String {
    let mut text =
        String::from("0.00 cust>plat INVITE\n0.01 plat>cust 100\n0.02 plat>car INVITE leg=b\n");
    if first.is_empty() {
        text.push_str("0.52 plat>car INVITE leg=b\n1.52 plat>car INVITE leg=b\n");
    } else {
        text.push_str(&format!("2.00 car>plat {first}\n2.01 plat>car ACK leg=b\n"));
    }
    text.push_str("3.00 plat>car2 INVITE leg=c\n");
    if second.is_empty() {
        text.push_str("3.50 plat>car2 INVITE leg=c\n4.50 plat>car2 INVITE leg=c\n");
    } else {
        text.push_str(&format!(
            "5.00 car2>plat {second}\n5.01 plat>car2 ACK leg=c\n"
        ));
    }
    text.push_str(&format!("6.00 plat>cust {told}\n6.01 cust>plat ACK"));
    if !second.is_empty() {
        text = text.replace("6.00", "5.02").replace("6.01", "5.03");
    }
    text
}

#[test]
fn codes_over_one_route() {
    check(
        &nobody(),
        &[
            (
                "400",
                refused(0.5, "400"),
                "request-rejected undecided>configuration possible",
            ),
            (
                "402",
                refused(0.5, "402"),
                "other-refusal configuration>configuration likely",
            ),
            (
                "403 fast",
                refused(0.05, "403"),
                "call-forbidden undecided>configuration possible",
            ),
            (
                "403 slow",
                refused(0.5, "403"),
                "call-forbidden carrier>configuration possible",
            ),
            (
                "403 CLI",
                refused(0.05, "403 phrase=CLI_not_allowed"),
                "call-forbidden customer>customer likely",
            ),
            (
                "403 client",
                refused(0.05, "403 phrase=Client_declined"),
                "call-forbidden undecided>configuration possible",
            ),
            (
                "403 limit",
                refused(0.05, "403 phrase=Channel_limit_exceeded"),
                "call-forbidden configuration>configuration likely",
            ),
            (
                "403 no rate",
                refused(0.5, "403 phrase=Corporate_policy"),
                "call-forbidden carrier>configuration possible",
            ),
            (
                "403 stale",
                refused(0.05, "403 phrase=Stale_Date"),
                "call-forbidden undecided>configuration possible",
            ),
            (
                "404 fast",
                refused(0.05, "404"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "404 slow",
                refused(0.5, "404"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "405",
                refused(0.5, "405"),
                "request-rejected carrier>configuration possible",
            ),
            (
                "408",
                refused(8.0, "408"),
                "request-timeout carrier>carrier likely",
            ),
            (
                "410",
                refused(0.05, "410"),
                "number-not-found far-end>customer likely",
            ),
            (
                "433",
                refused(0.5, "433"),
                "other-refusal undecided>configuration possible",
            ),
            (
                "433 to a hidden caller",
                refused(0.5, "433").replace("INVITE leg=b", "INVITE leg=b | Privacy: id"),
                "other-refusal customer>customer likely",
            ),
            (
                "480 at once",
                refused(0.05, "480"),
                "called-unavailable undecided>configuration possible",
            ),
            (
                "480 slow",
                refused(1.5, "480"),
                "called-unavailable undecided>configuration possible",
            ),
            (
                "480 rang 20 s",
                refused_ringing(20.0, "480"),
                "no-answer far-end>nobody likely",
            ),
            (
                "480 rang 2 s",
                refused_ringing(2.0, "480"),
                "no-answer far-end>nobody likely",
            ),
            (
                "482",
                refused(0.5, "482"),
                "request-rejected undecided>configuration possible",
            ),
            (
                "484 fast",
                refused(0.05, "484"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "484 slow",
                refused(0.5, "484"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "484 slow, cut by the caller",
                refused(0.5, "484").replace(" INVITE", " INVITE to=44163296"),
                "number-not-found customer>customer likely",
            ),
            (
                "484 slow, cut by the platform",
                refused(0.5, "484").replace(
                    "INVITE leg=b",
                    "INVITE leg=b to=44163296 | X-Leg: a@198.51.100.10",
                ),
                "number-not-found configuration>configuration likely",
            ),
            (
                "484 slow, cut by the caller and by the platform",
                refused(0.5, "484")
                    .replace(" INVITE", " INVITE to=44163296")
                    .replace(
                        "to=44163296 leg=b",
                        "leg=b to=163296 | X-Leg: a@198.51.100.10",
                    ),
                "number-not-found undecided>configuration possible",
            ),
            (
                "486 fast",
                refused(0.05, "486"),
                "called-busy far-end>nobody possible",
            ),
            (
                "486 slow",
                refused(0.5, "486"),
                "called-busy far-end>nobody likely",
            ),
            (
                "487 nobody cancelled",
                refused(0.5, "487"),
                "cancel-unseen undecided>carrier possible",
            ),
            (
                "488 fast",
                refused(0.05, "488"),
                "media-not-acceptable undecided>configuration possible",
            ),
            (
                "488 slow",
                refused(0.5, "488"),
                "media-not-acceptable undecided>configuration possible",
            ),
            (
                "491",
                refused(0.5, "491"),
                "other-refusal undecided>configuration possible",
            ),
            (
                "500",
                refused(0.05, "500"),
                "server-failure carrier>carrier likely",
            ),
            (
                "501",
                refused(0.5, "501"),
                "request-rejected carrier>configuration possible",
            ),
            (
                "502",
                refused(0.5, "502"),
                "server-failure carrier>carrier likely",
            ),
            (
                "503 fast",
                refused(0.05, "503"),
                "server-failure undecided>configuration possible",
            ),
            (
                "503 slow",
                refused(0.5, "503"),
                "server-failure carrier>carrier likely",
            ),
            (
                "503 fast, retry",
                refused(0.05, "503 | Retry-After: 30"),
                "server-failure undecided>configuration possible",
            ),
            (
                "503 slow, retry",
                refused(0.5, "503 | Retry-After: 30"),
                "server-failure carrier>carrier likely",
            ),
            (
                "503 limit",
                refused(0.05, "503 phrase=Max_CPS_reached"),
                "carrier-no-circuit configuration>configuration likely",
            ),
            (
                "504",
                refused(6.0, "504"),
                "request-timeout carrier>carrier likely",
            ),
            (
                "600",
                refused(0.5, "600"),
                "called-busy far-end>nobody likely",
            ),
            (
                "603 without ringing",
                refused(0.5, "603"),
                "call-declined undecided>configuration possible",
            ),
            (
                "603 after ringing",
                refused_ringing(6.0, "603"),
                "call-declined far-end>nobody likely",
            ),
            (
                "603 analytics",
                refused(
                    0.5,
                    "603 phrase=Network_Blocked | Reason: SIP;cause=603;text=\"v=analytics1;url=https://example.net\"",
                ),
                "call-declined customer>customer likely",
            ),
            (
                "604",
                refused(0.5, "604"),
                "number-not-found far-end>customer likely",
            ),
            (
                "606",
                refused(0.5, "606"),
                "media-not-acceptable undecided>configuration possible",
            ),
            (
                "607",
                refused(0.5, "607"),
                "call-declined far-end>customer likely",
            ),
            (
                "608",
                refused(0.5, "608"),
                "call-declined customer>customer likely",
            ),
            (
                "302",
                refused(0.5, "302 | Contact: <sip:1@203.0.113.77>"),
                "call-redirected carrier>configuration likely",
            ),
            (
                "408 after ringing",
                refused_ringing(30.0, "408"),
                "no-answer far-end>nobody likely",
            ),
            (
                "500 after ringing",
                refused_ringing(30.0, "500"),
                "server-failure carrier>carrier likely",
            ),
        ],
    );
}

fn with_cause(code: u16, cause: &str) -> String {
    format!("{code} | Reason: Q.850;cause={cause}")
}

#[test]
fn causes_outrank_codes() {
    let slow = |code, cause: &str| refused(0.5, &with_cause(code, cause));
    let fast = |code, cause: &str| refused(0.05, &with_cause(code, cause));
    check(
        &nobody(),
        &[
            (
                "404, 1",
                slow(404, "1"),
                "number-not-found far-end>customer likely",
            ),
            (
                "404 fast, 1",
                fast(404, "1"),
                "number-not-found far-end>customer possible",
            ),
            (
                "503, 1",
                fast(503, "1"),
                "number-not-found far-end>customer likely",
            ),
            (
                "404, 2",
                fast(404, "2"),
                "number-not-found carrier>carrier likely",
            ),
            (
                "404, 3",
                fast(404, "3"),
                "number-not-found carrier>carrier likely",
            ),
            (
                "503 fast, 16",
                fast(503, "16"),
                "server-failure undecided>configuration possible",
            ),
            (
                "480, 17",
                fast(480, "17"),
                "called-busy far-end>nobody likely",
            ),
            (
                "480, 18",
                slow(480, "18"),
                "no-answer far-end>nobody likely",
            ),
            (
                "480 fast, 18 adds nothing",
                fast(480, "18"),
                "called-unavailable undecided>configuration possible",
            ),
            (
                "408, 18",
                slow(408, "18"),
                "no-answer far-end>nobody likely",
            ),
            (
                "480, 19",
                fast(480, "19"),
                "no-answer far-end>nobody likely",
            ),
            (
                "404, 20",
                slow(404, "20"),
                "called-unavailable far-end>far-end likely",
            ),
            (
                "480, 20",
                fast(480, "20"),
                "called-unavailable far-end>far-end likely",
            ),
            (
                "603, 21 U",
                slow(603, "21;location=U"),
                "call-declined far-end>carrier likely",
            ),
            (
                "480, 21 RLN",
                slow(480, "21;location=RLN"),
                "call-declined far-end>carrier likely",
            ),
            (
                "480, 21 LN",
                slow(480, "21;location=LN"),
                "call-declined carrier>carrier likely",
            ),
            (
                "480, 21 BI",
                slow(480, "21;location=BI"),
                "call-declined undecided>configuration possible",
            ),
            (
                "403 fast, 21 adds nothing",
                fast(403, "21"),
                "call-forbidden undecided>configuration possible",
            ),
            (
                "403, 21 U",
                fast(403, "21;location=U"),
                "call-forbidden far-end>carrier likely",
            ),
            (
                "404, 22",
                fast(404, "22"),
                "number-not-found far-end>customer likely",
            ),
            (
                "404, 1 in the carrier's network",
                slow(404, "1;location=LN"),
                "number-not-found carrier>carrier possible",
            ),
            (
                "502, 27",
                fast(502, "27"),
                "server-failure far-end>carrier likely",
            ),
            (
                "404, 28",
                slow(404, "28"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "480, 31",
                slow(480, "31"),
                "called-unavailable undecided>configuration possible",
            ),
            (
                "480, 34",
                fast(480, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "404, 34",
                fast(404, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "503, 34",
                fast(503, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "486, 34",
                fast(486, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "403, 34",
                fast(403, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "488, 34",
                fast(488, "34"),
                "carrier-no-circuit carrier>carrier likely",
            ),
            (
                "503, 34 U",
                fast(503, "34;location=U"),
                "carrier-no-circuit far-end>carrier likely",
            ),
            (
                "503, 38",
                fast(503, "38"),
                "server-failure carrier>carrier likely",
            ),
            (
                "503 fast, 41 adds nothing",
                fast(503, "41"),
                "server-failure undecided>configuration possible",
            ),
            (
                "404, 41",
                fast(404, "41"),
                "server-failure carrier>carrier likely",
            ),
            (
                "603, 41",
                fast(603, "41"),
                "server-failure carrier>carrier likely",
            ),
            (
                "500, 88",
                fast(500, "88"),
                "media-not-acceptable undecided>configuration possible",
            ),
            (
                "500, 57",
                slow(500, "57"),
                "call-forbidden carrier>configuration possible",
            ),
            (
                "500, 102",
                slow(500, "102"),
                "request-timeout carrier>carrier likely",
            ),
            (
                "404, 26",
                slow(404, "26"),
                "answered-elsewhere nobody>nobody likely",
            ),
            (
                "404, 127",
                fast(404, "127"),
                "number-not-found undecided>configuration possible",
            ),
        ],
    );
}

#[test]
fn two_routes_alike_and_different() {
    check(
        &nobody(),
        &[
            (
                "403 twice",
                two_routes("403 leg=b", "403 leg=c", "403"),
                "call-forbidden customer>customer likely",
            ),
            (
                "403, 404",
                two_routes("403 leg=b", "404 leg=c", "404"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "404 twice",
                two_routes("404 leg=b", "404 leg=c", "404"),
                "number-not-found far-end>customer likely",
            ),
            (
                "480 twice",
                two_routes("480 leg=b", "480 leg=c", "480"),
                "called-unavailable far-end>far-end likely",
            ),
            (
                "603 twice",
                two_routes("603 leg=b", "603 leg=c", "603"),
                "call-declined customer>customer likely",
            ),
            (
                "503, 603",
                two_routes("503 leg=b", "603 leg=c", "603"),
                "call-declined undecided>configuration possible",
            ),
            (
                "503, 486",
                two_routes("503 leg=b", "486 leg=c", "486"),
                "called-busy far-end>nobody likely",
            ),
            (
                "503 becomes 500",
                two_routes("503 leg=b", "503 leg=c", "500"),
                "server-failure carrier>carrier likely",
            ),
            (
                "503, then silence, told 408",
                two_routes("503 leg=b", "", "408"),
                "no-response network>undecided likely",
            ),
            (
                "503, then silence, told 500",
                two_routes("503 leg=b", "", "500"),
                "no-response network>undecided likely",
            ),
            (
                "503, then silence, told 503",
                two_routes("503 leg=b", "", "503"),
                "server-failure carrier>carrier likely",
            ),
            (
                "silence, then 404",
                two_routes("", "404 leg=c", "404"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "silence twice",
                two_routes("", "", "480"),
                "no-response network>undecided likely",
            ),
        ],
    );
    let (_, verdict) = judged(&nobody(), &two_routes("503 leg=b", "", "503"));
    let next = &verdict.unwrap().next[0];
    assert!(
        next.ends_with("Also see why carrier 203.0.113.19:5060 sent nothing back."),
        "{next}"
    );
    // Two addresses of one carrier are one carrier.
    let one = peers(&[
        ("Acme", PeerKind::Customer, "198.51.100.10"),
        ("One", PeerKind::Carrier, "203.0.113.0/24"),
    ]);
    check(
        &one,
        &[
            (
                "404 twice",
                two_routes("404 leg=b", "404 leg=c", "404"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "403 twice",
                two_routes("403 leg=b", "403 leg=c", "403"),
                "call-forbidden carrier>configuration possible",
            ),
        ],
    );
}

#[test]
fn caller_id_changed_by_the_platform() {
    let text = refused(0.5, "403 phrase=Invalid_caller_ID")
        .replace("INVITE leg=b", "INVITE leg=b from=15550001");
    check(
        &nobody(),
        &[(
            "changed",
            text,
            "call-forbidden configuration>configuration possible",
        )],
    );
}

#[test]
fn the_platform_alone() {
    check(
        &platform_named(),
        &[
            (
                "own phrase",
                one_leg(0.03, "503 phrase=No_Routes_Available_(Pre)"),
                "refused-by-platform configuration>configuration likely",
            ),
            (
                "vendor's phrase",
                one_leg(0.03, "500 phrase=Unidentified_Internal_Switch"),
                "refused-by-platform platform>platform likely",
            ),
            (
                "404 without a phrase",
                one_leg(0.03, "404"),
                "refused-by-platform configuration>configuration likely",
            ),
            (
                "400",
                one_leg(0.03, "400"),
                "refused-by-platform customer>customer likely",
            ),
            (
                "402",
                one_leg(0.03, "402"),
                "refused-by-platform configuration>configuration likely",
            ),
            (
                "480",
                one_leg(0.03, "480"),
                "refused-by-platform undecided>configuration possible",
            ),
            (
                "503 late",
                one_leg(5.0, "503"),
                "refused-by-platform undecided>configuration possible",
            ),
            (
                "408",
                one_leg(0.5, "408"),
                "refused-by-platform undecided>configuration possible",
            ),
            (
                "302",
                one_leg(0.03, "302"),
                "call-redirected configuration>customer likely",
            ),
            (
                "rang, then 500",
                one_leg(9.0, "500").replace("100\n", "180\n"),
                "server-failure undecided>configuration possible",
            ),
            (
                "rang, then 486",
                one_leg(9.0, "486").replace("100\n", "180\n"),
                "called-busy far-end>nobody likely",
            ),
        ],
    );
    check(
        &nobody(),
        &[
            (
                "one leg, own phrase",
                one_leg(0.03, "503 phrase=No_Routes_Available_(Pre)"),
                "refused-by-platform configuration>configuration likely",
            ),
            (
                "one leg, 404",
                one_leg(0.03, "404"),
                "number-not-found far-end>customer possible",
            ),
            (
                "one leg, 503",
                one_leg(0.5, "503"),
                "server-failure undecided>undecided possible",
            ),
            (
                "one leg, 403",
                one_leg(0.03, "403"),
                "call-forbidden far-end>far-end possible",
            ),
            (
                "one leg, 486",
                one_leg(0.03, "486"),
                "called-busy far-end>nobody likely",
            ),
            (
                "one leg, 480",
                one_leg(0.03, "480"),
                "called-unavailable far-end>far-end possible",
            ),
            (
                "one leg, 603",
                one_leg(0.03, "603"),
                "call-declined undecided>far-end possible",
            ),
            (
                "one leg, 408",
                one_leg(8.0, "408"),
                "stalled-after-trying far-end>far-end likely",
            ),
            (
                "own phrase from a carrier",
                refused(0.05, "503 phrase=No_Routes_Available_(Pre)"),
                "server-failure undecided>configuration possible",
            ),
        ],
    );
    check(
        &outbound(),
        &[(
            "own phrase from a named carrier",
            refused(0.5, "503 phrase=No_Routes_Available_(Pre)"),
            "server-failure carrier>carrier likely",
        )],
    );
    check(
        &inbound(),
        &[(
            "480 by the platform",
            one_leg(0.03, "480"),
            "refused-by-platform customer>customer possible",
        )],
    );
}

#[test]
fn peers_decide_the_direction() {
    check(
        &inbound(),
        &[
            (
                "480 at the device",
                refused(0.05, "480"),
                "called-unavailable customer>customer likely",
            ),
            (
                "486 at the device",
                refused(0.05, "486"),
                "called-busy customer>nobody likely",
            ),
            (
                "503 at the device",
                refused(0.5, "503"),
                "server-failure customer>customer likely",
            ),
            (
                "484 at the device",
                refused(0.5, "484"),
                "number-not-found undecided>configuration possible",
            ),
            (
                "603 at the device",
                refused(0.5, "603"),
                "call-declined customer>customer likely",
            ),
            (
                "503, TN",
                refused(0.5, &with_cause(503, "41;location=TN")),
                "server-failure customer>customer likely",
            ),
        ],
    );
    check(
        &outbound(),
        &[
            (
                "503",
                refused(0.5, "503"),
                "server-failure carrier>carrier likely",
            ),
            (
                "404 twice",
                two_routes("404 leg=b", "404 leg=c", "404"),
                "number-not-found far-end>customer likely",
            ),
        ],
    );
    let on_net = peers(&[
        ("Acme", PeerKind::Customer, "198.51.100.10"),
        ("Bolt", PeerKind::Customer, "203.0.113.9"),
    ]);
    check(
        &on_net,
        &[(
            "500",
            refused(0.5, "500"),
            "server-failure customer>customer likely",
        )],
    );
    let (_, verdict) = judged(&on_net, &refused(0.5, "500"));
    // Between customers there is no other route to take.
    assert_eq!(
        verdict.expect("one").next.first().map(String::as_str),
        Some("Report it to the one who answered, with its Call-ID and the time.")
    );
}

#[test]
fn who_cancelled() {
    let cancelled = |ring: &str, reason: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.01 plat>cust 100
             0.02 plat>car INVITE leg=b
             0.03 car>plat 100 leg=b
             {ring}
             9.00 cust>plat CANCEL {reason}
             9.01 plat>cust 200 CANCEL
             9.02 plat>car CANCEL leg=b
             9.03 car>plat 200 CANCEL leg=b
             9.04 car>plat 487 leg=b
             9.05 plat>car ACK leg=b
             9.06 plat>cust 487
             9.07 cust>plat ACK"
        )
    };
    let rang = "1.00 car>plat 180 leg=b\n1.01 plat>cust 180";
    let by_platform = |ring: &str, told: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.01 plat>cust 100
             0.02 plat>car INVITE leg=b
             0.03 car>plat 100 leg=b
             {ring}
             30.00 plat>cust {told}
             30.00 plat>car CANCEL leg=b
             30.01 car>plat 200 CANCEL leg=b
             30.02 car>plat 487 leg=b
             30.03 plat>car ACK leg=b
             30.04 cust>plat ACK"
        )
    };
    check(
        &nobody(),
        &[
            (
                "caller, after ringing",
                cancelled(rang, ""),
                "caller-gave-up nobody>nobody likely",
            ),
            (
                "caller, 183 only",
                cancelled("1.00 car>plat 183 leg=b", ""),
                "caller-gave-up nobody>nobody likely",
            ),
            (
                "caller, nothing rang",
                cancelled("", ""),
                "stalled-after-trying carrier>carrier likely",
            ),
            (
                "caller, at once",
                cancelled("", "").replace("9.0", "1.0"),
                "caller-gave-up nobody>nobody likely",
            ),
            (
                "another phone",
                cancelled(rang, "| Reason: SIP;cause=200"),
                "answered-elsewhere nobody>nobody likely",
            ),
            (
                "ring timer, 408",
                by_platform(rang, "408"),
                "no-answer far-end>nobody likely",
            ),
            (
                "ring timer, 487",
                by_platform(rang, "487"),
                "platform-gave-up far-end>nobody likely",
            ),
            (
                "ring timer, 480",
                by_platform(rang, "480"),
                "no-answer far-end>nobody likely",
            ),
            (
                "ring timer, 503",
                by_platform(rang, "503"),
                "no-answer far-end>nobody likely",
            ),
            (
                "nothing rang, 408",
                by_platform("", "408"),
                "stalled-after-trying carrier>carrier likely",
            ),
            (
                "183 only, 408",
                by_platform("1.0 car>plat 183 leg=b", "408"),
                "platform-gave-up undecided>configuration possible",
            ),
            (
                "183 only, 487",
                by_platform("1.0 car>plat 183 leg=b", "487"),
                "platform-gave-up undecided>configuration possible",
            ),
            (
                "soon, 487",
                by_platform("", "487").replace("30.0", "2.0"),
                "platform-gave-up undecided>configuration possible",
            ),
            (
                "487, no CANCEL",
                refused_ringing(9.0, "487"),
                "cancel-unseen undecided>carrier possible",
            ),
            (
                "busy crosses the CANCEL",
                "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             2.00 car>plat 486 leg=b
             2.01 cust>plat CANCEL
             2.02 plat>cust 486
             2.03 plat>car ACK leg=b
             2.04 cust>plat ACK"
                    .into(),
                "called-busy far-end>nobody likely",
            ),
            (
                "the CANCEL is answered 603",
                "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             1.00 car>plat 180 leg=b
             1.01 plat>cust 180
             2.00 cust>plat CANCEL
             2.01 plat>car CANCEL leg=b
             2.02 car>plat 603 leg=b
             2.03 plat>cust 603"
                    .into(),
                "caller-gave-up nobody>nobody likely",
            ),
        ],
    );
}

#[test]
fn an_answer_crosses_the_cancel() {
    let start = "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             1.00 car>plat 180 leg=b
             1.01 plat>cust 180
             5.00 cust>plat CANCEL
             5.01 plat>cust 200 CANCEL
             5.02 plat>car CANCEL leg=b
             5.02 plat>cust 487
             5.03 cust>plat ACK
             5.04 car>plat 200 leg=b\n";
    check(
        &nobody(),
        &[
            (
                "closed",
                format!(
                    "{start} 5.05 plat>car ACK leg=b\n5.06 plat>car BYE leg=b\n5.07 car>plat 200 BYE leg=b"
                ),
                "caller-gave-up nobody>nobody likely",
            ),
            (
                "left open",
                format!(
                    "{start} 5.05 plat>car ACK leg=b\n20.0 car>plat OPTIONS leg=b by=callee\n20.1 plat>car 200 OPTIONS leg=b by=callee"
                ),
                "answer-crossed-cancel configuration>configuration likely",
            ),
        ],
    );
}

#[test]
fn a_parallel_fork() {
    let fork = |told: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             0.02 plat>car2 INVITE leg=c
             0.50 car>plat 486 leg=b
             0.51 plat>car ACK leg=b
             0.52 plat>car2 INVITE leg=c
             1.52 plat>car2 INVITE leg=c
             8.00 plat>cust {told}
             8.01 cust>plat ACK"
        )
    };
    check(
        &nobody(),
        &[
            (
                "one busy, one silent, told busy",
                fork("486"),
                "called-busy far-end>nobody likely",
            ),
            (
                "one busy, one silent, told 408",
                fork("408"),
                "no-response network>undecided likely",
            ),
        ],
    );
}

#[test]
fn nothing_came_back() {
    let seven = "0.0 cust>plat INVITE
        0.5 cust>plat INVITE
        1.5 cust>plat INVITE
        3.5 cust>plat INVITE
        7.5 cust>plat INVITE
        15.5 cust>plat INVITE
        31.5 cust>plat INVITE";
    check(
        &nobody(),
        &[
            (
                "seven over UDP",
                seven.into(),
                "no-response network>undecided likely",
            ),
            (
                "carrier silent, CANCEL",
                "0.00 cust>plat INVITE
            0.01 plat>cust 100
            0.02 plat>car INVITE leg=b
            0.52 plat>car INVITE leg=b
            1.52 plat>car INVITE leg=b
            3.00 plat>cust 408
            3.01 cust>plat ACK"
                    .into(),
                "no-response network>undecided likely",
            ),
        ],
    );
}

/// Every code with some causes and every cause with some codes, in every shape of call.
#[test]
fn every_refusal_has_one_outcome() {
    let mut answers: Vec<(u16, Option<u16>)> = Vec::new();
    for code in 300..=699 {
        answers.extend([None, Some(1), Some(16), Some(34)].map(|cause| (code, cause)));
    }
    for cause in 0..=127 {
        for code in [400, 403, 404, 408, 433, 480, 486, 487, 488, 500, 503, 603] {
            answers.push((code, Some(cause)));
        }
    }
    for (at, (code, cause)) in answers.into_iter().enumerate() {
        let answer = match cause {
            Some(cause) => with_cause(code, &cause.to_string()),
            None => code.to_string(),
        };
        let (a, b) = (nobody(), platform_named());
        let shapes = [
            (&a, refused(0.05, &answer)),
            (&a, refused_ringing(9.0, &answer)),
            (&a, one_leg(0.05, &answer)),
            (&a, one_leg(9.0, &answer).replace("cust 100", "cust 180")),
            (&b, one_leg(0.05, &answer)),
            (&b, one_leg(9.0, &answer).replace("cust 100", "cust 180")),
        ];
        // Neighbours among the answers take turns, so that each shape meets each kind of answer.
        for (peers, text) in shapes.into_iter().skip(at % 3).step_by(3) {
            let (findings, verdict) = judged(peers, &text);
            let of_setup = |finding: &&Finding| {
                rules::find(&finding.rule)
                    .is_some_and(|r| r.family == "setup" && r.bearing == Bearing::Outcome)
            };
            let outcomes = findings
                .iter()
                .filter(|f| rules::find(&f.rule).is_some_and(|r| r.bearing == Bearing::Outcome));
            assert!(outcomes.count() >= 1, "{answer}: no outcome\n{text}");
            assert!(
                findings.iter().filter(of_setup).count() <= 1,
                "{answer}: {findings:#?}"
            );
            let verdict = verdict.expect("a verdict");
            assert!(!verdict.next.is_empty() && verdict.next.iter().all(|n| n.ends_with('.')));
            assert!(!verdict.summary.contains("  "), "{}", verdict.summary);
            let follows = match (code, cause) {
                (487, _) => verdict.rule == "cancel-unseen",
                (300..=399, _) => verdict.rule == "call-redirected",
                (_, Some(34)) if !text.contains("plat>cust 100") || text.contains("leg=b") => {
                    verdict.rule == "carrier-no-circuit" || verdict.rule == "source-refused"
                }
                _ => true,
            };
            assert!(follows, "{answer}: {}", short(&verdict));
        }
    }
}

#[test]
fn another_machine_of_the_platform_refused() {
    let own = peers(&[
        ("Acme", PeerKind::Customer, "203.0.113.9"),
        ("Switch", PeerKind::Platform, "192.0.2.5"),
        ("Mailbox", PeerKind::Platform, "192.0.2.60"),
        ("One", PeerKind::Carrier, "198.51.100.10"),
    ]);
    let text = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        0.50 car>plat 180 leg=b
        0.51 plat>cust 180
        20.0 plat>car CANCEL leg=b
        20.01 car>plat 487 leg=b
        20.02 plat>192.0.2.60:5060 INVITE leg=v
        20.12 192.0.2.60:5060>plat 500 leg=v
        20.13 plat>cust 480";
    let verdict = judged(&own, text).1.unwrap();
    assert_eq!(
        short(&verdict),
        "refused-by-platform undecided>configuration possible"
    );
    let words = "The platform had sent the call on to Mailbox 192.0.2.60:5060, a machine of its own, and that refused it.";
    assert!(verdict.summary.contains(words), "{}", verdict.summary);
    assert_eq!(
        verdict.next,
        ["Look at the log of Mailbox 192.0.2.60:5060 for this call."]
    );
}

#[test]
fn a_phone_of_a_ring_group_that_refuses_is_not_what_the_call_ends_for() {
    let text = |refused_at: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             0.03 plat>car2 INVITE leg=c
             {refused_at} car2>plat 503 leg=c
             0.60 car>plat 180 leg=b
             0.61 plat>cust 180
             20.0 plat>car CANCEL leg=b
             20.01 car>plat 487 leg=b
             20.02 plat>cust 480"
        )
    };
    check(
        &outbound(),
        &[
            ("at once", text("0.30"), "no-answer far-end>nobody likely"),
            (
                "at the end",
                text("19.9"),
                "server-failure carrier>carrier likely",
            ),
        ],
    );
}
