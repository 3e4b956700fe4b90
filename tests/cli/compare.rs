//! Two calls side by side, the good twin of a call, and the checks of a new interconnect.

use serde_json::{Value, json};

use super::schemas::{document, keeps, refuses_what_it_does_not_know};
use super::{Desk, capture};

const PEERS: &str = "
[[peers]]
name = \"Acme\"
kind = \"carrier\"
addresses = [\"203.0.113.9\"]

[[peers]]
name = \"Beta\"
kind = \"carrier\"
addresses = [\"203.0.113.19\"]

[[peers]]
name = \"Shop\"
kind = \"customer\"
addresses = [\"198.51.100.10\"]

[[peers]]
name = \"Shop North\"
kind = \"customer\"
addresses = [\"198.51.100.20\"]
";

/// What both customers' devices offer.
const OFFER: &str = "|| v=0 || o=- 1 1 IN IP4 198.51.100.10 || c=IN IP4 198.51.100.10 || t=0 0 \
                     || m=audio 4000 RTP/AVP 8 0 101 || a=rtpmap:101 telephone-event/8000 || a=ptime:20";

const ANSWER: &str = "|| v=0 || o=- 1 1 IN IP4 203.0.113.9 || c=IN IP4 203.0.113.9 || t=0 0 \
                      || m=audio 5000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000";

const PRIVATE_OFFER: &str = "|| v=0 || o=- 1 1 IN IP4 192.168.0.2 || c=IN IP4 192.168.0.2 || t=0 0 \
                             || m=audio 4000 RTP/AVP 18 || a=sendrecv";

/// A call at some second from a customer through a carrier, with what its INVITE says besides.
struct Written<'a> {
    at: u32,
    name: &'a str,
    customer: &'a str,
    carrier: &'a str,
    to: &'a str,
    code: u16,
    invite: &'a str,
}

fn written(call: &Written<'_>) -> String {
    let Written {
        at,
        name,
        customer,
        carrier,
        to,
        code,
        invite,
    } = call;
    let answer = if *code == 200 { ANSWER } else { "" };
    let bye = match code {
        200 => format!(
            "{0}.000 {customer}>plat BYE leg={name} to={to}
             {0}.010 plat>{carrier} BYE leg={name}-out to={to}
             {0}.020 {carrier}>plat 200 BYE leg={name}-out to={to}
             {0}.030 plat>{customer} 200 BYE leg={name} to={to}\n",
            at + 9
        ),
        _ => String::new(),
    };
    format!(
        "{at}.000 {customer}>plat INVITE leg={name} to={to} {invite}
         {at}.020 plat>{carrier} INVITE leg={name}-out to={to} {OFFER}
         {at}.300 {carrier}>plat {code} leg={name}-out to={to} {answer}
         {at}.301 plat>{carrier} ACK leg={name}-out to={to}
         {at}.320 plat>{customer} {code} leg={name} to={to} {answer}
         {at}.330 {customer}>plat ACK leg={name} to={to}\n{bye}"
    )
}

/// The call that failed, and calls of which each is a worse twin of it than the one before.
fn traffic(twins: &[&str]) -> String {
    let call = |at, name, customer, carrier, to, code, invite| {
        written(&Written {
            at,
            name,
            customer,
            carrier,
            to,
            code,
            invite,
        })
    };
    let day = 86_400;
    let all = [
        (
            "bad",
            call(
                2 * day,
                "bad",
                "cust",
                "car",
                "442079460001",
                503,
                PRIVATE_OFFER,
            ),
        ),
        (
            "number",
            call(
                2 * day + 300,
                "number",
                "cust2",
                "car",
                "442079460001",
                200,
                OFFER,
            ),
        ),
        (
            "route",
            call(
                2 * day + 400,
                "route",
                "cust",
                "car",
                "442079460077",
                200,
                OFFER,
            ),
        ),
        (
            "other",
            call(
                2 * day + 60,
                "other",
                "cust",
                "car2",
                "33155550100",
                200,
                OFFER,
            ),
        ),
        (
            "old-number",
            call(
                600,
                "old-number",
                "cust2",
                "car",
                "442079460001",
                200,
                OFFER,
            ),
        ),
        (
            "old-route",
            call(700, "old-route", "cust", "car", "442079460078", 200, OFFER),
        ),
        // No twin: it failed too.
        (
            "failed",
            call(
                2 * day + 20,
                "failed",
                "cust2",
                "car",
                "442079460001",
                404,
                OFFER,
            ),
        ),
    ];
    let wanted = all
        .into_iter()
        .filter(|(name, _)| *name == "bad" || twins.contains(name));
    wanted.map(|(_, text)| text).collect()
}

fn desk(text: &str) -> Desk {
    let desk = Desk::new();
    desk.file("calls.pcap", capture(text));
    desk.file("calltriage.toml", PEERS);
    desk
}

const ARGS: [&str; 5] = [
    "--config",
    "calltriage.toml",
    "--capture",
    "calls.pcap",
    "compare",
];

const ALL: &[&str] = &[
    "number",
    "route",
    "other",
    "old-number",
    "old-route",
    "failed",
];

#[test]
fn only_what_differs_is_listed() {
    let desk = desk(&traffic(ALL));
    let args = [
        &ARGS[..],
        &["bad@198.51.100.10", "with", "number@198.51.100.10"],
    ]
    .concat();
    insta::assert_snapshot!(desk.run(&args).answered().out);
}

#[test]
fn the_good_twin_is_found_in_order() {
    let orders: [(&[&str], &str, &str, i64); 5] = [
        (ALL, "number", "same-number", 300_000),
        (
            &["route", "other", "old-number", "old-route"],
            "route",
            "same-route",
            400_000,
        ),
        (
            &["other", "old-number", "old-route"],
            "other",
            "other-carrier",
            60_000,
        ),
        (
            &["old-number", "old-route"],
            "old-number",
            "same-number",
            -172_200_000,
        ),
        (
            &["old-route", "failed"],
            "old-route",
            "same-route",
            -172_100_000,
        ),
    ];
    for (twins, expected, kind, later) in orders {
        let desk = desk(&traffic(twins));
        let args = [&ARGS[..], &["--json", "bad@198.51.100.10"]].concat();
        let value = desk.run(&args).answered().one_json();
        assert_eq!(
            value["b"]["call_ids"][0],
            format!("{expected}@198.51.100.10"),
            "{twins:?}"
        );
        let twin = &value["twin"];
        assert_eq!(
            (&twin["kind"], &twin["later_ms"]),
            (&json!(kind), &json!(later)),
            "{twins:?}"
        );
    }
    let desk = desk(&traffic(&["failed"]));
    let done = desk.run(&[&ARGS[..], &["bad@198.51.100.10"]].concat());
    assert_eq!((done.code, &*done.out), (Some(1), ""));
    assert!(
        done.err
            .starts_with("calltriage: No good call to set bad@198.51.100.10 against"),
        "{done:?}"
    );
}

#[test]
fn a_number_and_two_customers_give_the_latest_call_of_each() {
    let desk = desk(&traffic(ALL));
    for order in [["Shop", "Shop North"], ["shop north", "SHOP"]] {
        let asked = ["442079460001", order[0], "and", order[1]];
        let value = desk
            .run(&[&ARGS[..], &["--json"], &asked[..]].concat())
            .answered()
            .one_json();
        let mut ids =
            ["a", "b"].map(|side| value[side]["call_ids"][0].as_str().unwrap().to_owned());
        if order[0] != "Shop" {
            ids.reverse();
        }
        assert_eq!(ids, ["bad@198.51.100.10", "number@198.51.100.10"]);
    }
}

#[test]
fn what_one_of_them_lacks_is_no_difference() {
    let text = traffic(&["number"]);
    // The leg to the carrier of the good call was not recorded.
    let seen = text
        .lines()
        .filter(|line| !line.contains("number-out"))
        .collect::<Vec<_>>()
        .join("\n");
    let desk = desk(&seen);
    let args = [
        &ARGS[..],
        &["--json", "number@198.51.100.10", "bad@198.51.100.10"],
    ]
    .concat();
    let value = desk.run(&args).answered().one_json();
    let missing = value["missing"].as_array().unwrap();
    assert!(
        missing.contains(&json!({"area": "sent-on", "label": "", "of": "a"})),
        "{missing:?}"
    );
    let differences = value["differences"].as_array().unwrap();
    assert!(
        differences.iter().all(|it| it["area"] != "sent-on"),
        "{differences:?}"
    );
}

#[test]
fn the_json_keeps_to_its_schemas() {
    let text = traffic(ALL);
    let desk = desk(&text);
    let cases: [(&str, &[&str]); 4] = [
        ("compare.schema.json", &["bad@198.51.100.10"]),
        (
            "compare.schema.json",
            &["bad@198.51.100.10", "route@198.51.100.10"],
        ),
        ("turn-up.schema.json", &["198.51.100.10"]),
        ("turn-up.schema.json", &["192.0.2.250"]),
    ];
    for (name, asked) in cases {
        let schema = document(name);
        jsonschema::meta::validate(&schema).unwrap();
        refuses_what_it_does_not_know(&schema);
        let value = desk.run(&[&ARGS[..], &["--json"], asked].concat());
        keeps(
            &jsonschema::validator_for(&schema).unwrap(),
            &value.answered().one_json(),
        );
    }
}

#[test]
fn a_call_is_like_itself() {
    let desk = desk(&traffic(&[]));
    let args = [
        &ARGS[..],
        &["--json", "bad@198.51.100.10", "bad@198.51.100.10"],
    ]
    .concat();
    let value = desk.run(&args).answered().one_json();
    assert_eq!(
        (&value["differences"], &value["missing"]),
        (&json!([]), &json!([]))
    );
    assert!(value["equal"].as_u64().unwrap() > 40, "{value}");
}

#[test]
fn no_credentials_and_no_keys_are_shown() {
    let invite = "| Proxy-Authorization: Digest username=\"u\", realm=\"r\", nonce=\"noncenonce\", \
                  response=\"digestdigest\" || v=0 || o=- 1 1 IN IP4 198.51.100.10 \
                  || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/SAVP 8 \
                  || a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:keykeykeykey";
    let secret = written(&Written {
        at: 900,
        name: "secret",
        customer: "cust",
        carrier: "car",
        to: "442079460005",
        code: 200,
        invite,
    });
    let desk = desk(&(traffic(&[]) + &secret));
    for more in [&["--json"][..], &[]] {
        let asked = [
            &ARGS[..],
            more,
            &["secret@198.51.100.10", "bad@198.51.100.10"],
        ]
        .concat();
        let said = desk.run(&asked).answered().out;
        assert!(said.contains("SRTP AES_CM_128_HMAC_SHA1_80"), "{said}");
        for hidden in ["digestdigest", "noncenonce", "keykeykeykey"] {
            assert!(!said.contains(hidden), "{said}");
        }
    }
}

#[test]
fn an_address_gives_a_checklist() {
    let text = "
        0 plat>cust OPTIONS leg=ping
        0.01 cust>plat 200 OPTIONS leg=ping
        1 cust>plat INVITE leg=one to=00442079460001 cseq=1
        1.01 plat>cust 407 leg=one to=00442079460001
        1.02 cust>plat ACK leg=one to=00442079460001
        1.03 cust>plat INVITE leg=one to=00442079460001 cseq=2 | Proxy-Authorization: Digest username=\"shop\", realm=\"r\", nonce=\"n\", response=\"x\"
        1.04 plat>cust 100 leg=one to=00442079460001 cseq=2
        1.05 plat>car INVITE leg=out to=442079460001
        1.50 car>plat 503 leg=out to=442079460001
        1.51 plat>car ACK leg=out to=442079460001
        1.52 plat>cust 503 leg=one to=00442079460001 cseq=2
        1.53 cust>plat ACK leg=one to=00442079460001 cseq=2";
    let desk = desk(text);
    let said = desk
        .run(&[&ARGS[..], &["198.51.100.10"]].concat())
        .answered()
        .out;
    insta::assert_snapshot!(said);
    let nobody = desk
        .run(&[&ARGS[..], &["--json", "192.0.2.99"]].concat())
        .answered()
        .one_json();
    let checks = nobody["checks"].as_array().unwrap();
    assert!(
        checks.iter().all(|check| check["seen"] == "not-seen"),
        "{nobody}"
    );
    assert_eq!(checks.len(), 9);
}

#[test]
fn what_cannot_be_compared_is_said_in_a_sentence() {
    let desk = desk(&traffic(&[]));
    for (asked, sentence) in [
        (
            "nobody@192.0.2.1 bad@198.51.100.10",
            "No call of nobody@192.0.2.1 was found",
        ),
        ("and with", "Name one call"),
        ("bad@198.51.100.10 a@192.0.2.1 b@192.0.2.1", "Name one call"),
        ("hello there", "Nothing"),
    ] {
        let done = desk.run(&[&ARGS[..], &[asked]].concat());
        assert_eq!((done.code, &*done.out), (Some(1), ""), "{asked}: {done:?}");
        let said = done.err.strip_prefix("calltriage: ").unwrap();
        assert!(
            said.starts_with(sentence) || sentence == "Nothing",
            "{asked}: {said}"
        );
    }
}

#[test]
fn the_chat_compares_too() {
    let desk = desk(&traffic(ALL));
    let lines = "compare bad@198.51.100.10 number@198.51.100.10\ncompare 198.51.100.10\ncompare\n";
    let said = desk
        .say(&[&ARGS[..4], &["--json"]].concat(), lines)
        .answered()
        .json();
    assert!(said[0]["equal"].as_u64().unwrap() > 20, "{}", said[0]);
    assert_eq!(said[1]["name"], "Shop");
    let Value::String(usage) = &said[2]["text"] else {
        panic!("{}", said[2])
    };
    assert!(usage.contains("compare"), "{usage}");
}
