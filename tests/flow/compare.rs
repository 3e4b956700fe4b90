//! Two calls of which only the platform's rows speak, and the good twin among the rows of its log.

use calltriage::demo::{Behaviour, Endpoint};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::cli::schemas::{document, keeps};
use crate::cli::{Desk, Done};
use crate::support::connexcs::Fake;
use crate::support::trace::START;

const BAD: &str = "bad@198.51.100.10";
const DAY: i64 = 24 * 3600;

/// A row of the log: when it began, in seconds after the first; of which customer, to which number, through
/// which carrier.
fn row(name: &str, after: i64, customer: u64, to: &str, carrier: u64, is_good: bool) -> Value {
    let start = START + after;
    let ip = if customer == 12 {
        "198.51.100.10"
    } else {
        "198.51.100.130"
    };
    let (code, reason) = if is_good {
        (200, "OK")
    } else {
        (503, "Service Unavailable")
    };
    let mut row = json!({
        "callid": format!("{name}@198.51.100.10"), "start_time": start, "end_time": start + 30,
        "cli": "441632960001", "ou": to, "server": "192.0.2.5", "re": "fr1js3",
        "sip_code": code, "sip_reason": reason, "customer_id": customer, "log": [],
        "params": { "si": ip, "sp": 5060, "csIp": "192.0.2.5", "proto": "udp" },
        "attempts": [{ "provider_id": carrier, "sip_code": code, "sip_reason": reason }],
    });
    if is_good {
        row["ok"] =
            json!({ "duration": 29, "release_reason": "Downstream BYE", "provider_id": carrier });
    }
    json!({ "routing": row })
}

/// The rows of these names; the bad call is always there.
fn rows(names: &[&str]) -> Value {
    let (number, near) = ("442079460001", "442079460077");
    let all = [
        ("bad", row("bad", 0, 12, number, 105, false)),
        ("number", row("number", 300, 13, number, 105, true)),
        ("route", row("route", 400, 12, near, 105, true)),
        ("other", row("other", 60, 12, "33155550100", 106, true)),
        (
            "old-number",
            row("old-number", -2 * DAY, 13, number, 105, true),
        ),
        (
            "old-route",
            row("old-route", -2 * DAY + 60, 12, near, 105, true),
        ),
        // No twin: it failed too.
        ("failed", row("failed", 20, 13, number, 106, false)),
    ];
    let wanted = all
        .into_iter()
        .filter(|(name, _)| *name == "bad" || names.contains(name));
    wanted.map(|(_, row)| row).collect()
}

struct Platform {
    fake: Fake,
    desk: Desk,
}

impl Platform {
    async fn with(names: &[&str]) -> Platform {
        let fake = Fake::written("").await;
        fake.always(Endpoint::Log, Behaviour::Json(rows(names)));
        fake.always(Endpoint::Trace, Behaviour::Json(json!([])));
        let desk = Desk::new();
        desk.file(
            "run.toml",
            format!(
                "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\n\
                 token = {{ value = \"demo\" }}\n[sources.limits]\nspacing = \"1ms\"\n",
                fake.base_url()
            ),
        );
        Platform { fake, desk }
    }

    fn compare(&self, asked: &[&str]) -> Done {
        let args = [&["--config", "run.toml", "--json", "compare"], asked].concat();
        block_in_place(|| self.desk.run(&args))
    }
}

/// What differs in the log: `label: a / b`.
fn differences(value: &Value) -> Vec<String> {
    let all = value["differences"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    all.filter(|it| it["area"] == "call-log")
        .map(|it| {
            format!(
                "{}: {} / {}",
                text(&it["label"]),
                text(&it["a"]),
                text(&it["b"])
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_set_side_by_side() {
    let platform = Platform::with(&["number", "other"]).await;
    let value = platform
        .compare(&[BAD, "number@198.51.100.10"])
        .answered()
        .one_json();
    let schema = jsonschema::validator_for(&document("compare.schema.json")).unwrap();
    keeps(&schema, &value);
    assert_eq!(
        differences(&value),
        [
            "Code: 503 / 200",
            "Reason: Service Unavailable / OK",
            "Source address: 198.51.100.10 / 198.51.100.130",
            "Customer: Acme (#12) / Beispiel GmbH (#13)",
            "Attempts: ExampleTel (#105) 503 / ExampleTel (#105) 200",
        ]
    );
    let value = platform
        .compare(&[BAD, "other@198.51.100.10"])
        .answered()
        .one_json();
    let attempts = "Attempts: ExampleTel (#105) 503 / Muster Telecom (#106) 200";
    assert!(
        differences(&value).contains(&attempts.to_owned()),
        "{value}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_good_twin_is_found_among_the_rows_in_order() {
    let all: &[&str] = &[
        "number",
        "route",
        "other",
        "old-number",
        "old-route",
        "failed",
    ];
    let orders: [(&[&str], &str, &str, i64, &str); 5] = [
        (
            all,
            "number",
            "same-number",
            300,
            "from another customer, 5 min 0 s later",
        ),
        (
            &all[1..],
            "route",
            "same-route",
            400,
            "through the same carrier, ExampleTel (#105), 6 min 40 s later",
        ),
        (
            &all[2..],
            "other",
            "other-carrier",
            60,
            "through another carrier, ",
        ),
        (
            &all[3..],
            "old-number",
            "same-number",
            -2 * DAY,
            "2 days earlier",
        ),
        (
            &all[4..],
            "old-route",
            "same-route",
            60 - 2 * DAY,
            "47 h earlier",
        ),
    ];
    for (names, expected, kind, later, said) in orders {
        let platform = Platform::with(names).await;
        let value = platform.compare(&[BAD]).answered().one_json();
        let twin = &value["twin"];
        let sentence = twin["sentence"].as_str().unwrap();
        assert_eq!(
            value["b"]["call_ids"][0],
            format!("{expected}@198.51.100.10"),
            "{sentence}"
        );
        assert_eq!(
            (&twin["kind"], &twin["later_ms"]),
            (&json!(kind), &json!(later * 1000))
        );
        assert!(sentence.contains(said), "{sentence}");
    }
    let done = Platform::with(&["failed"]).await.compare(&[BAD]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.err
            .contains("No good call to set bad@198.51.100.10 against"),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_and_two_customers_of_the_platform() {
    let platform = Platform::with(&["number", "old-number", "route"]).await;
    for (a, b) in [("#12", "#13"), ("Acme", "Beispiel"), ("acme", "#13")] {
        let value = platform
            .compare(&["442079460001", a, "and", b])
            .answered()
            .one_json();
        let ids = ["a", "b"].map(|side| value[side]["call_ids"][0].as_str().unwrap());
        assert_eq!(ids, [BAD, "number@198.51.100.10"], "{a} {b}");
        // The other call of the second customer is older, and said to be there.
        let note = value["notes"].to_string();
        assert!(
            note.contains("2 calls match; the latest is taken"),
            "{note}"
        );
    }
    let done = platform.compare(&["442079460001", "Acme", "Nobody"]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.err
            .contains("No call of 442079460001 from Nobody was found"),
        "{done:?}"
    );
    assert!(
        !platform
            .fake
            .platform
            .seen()
            .of(Endpoint::Customers)
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_cannot_be_asked_about_is_not_called_silent() {
    let platform = Platform::with(&[]).await;
    platform.fake.always(Endpoint::Log, Behaviour::forbidden());
    let value = platform.compare(&["198.51.100.10"]).one_json();
    assert_eq!(value["checks"][0]["sentence"], "Could not be looked up.");
    let notes = value["notes"].to_string();
    assert!(notes.contains("Could not be looked up: "), "{notes}");
}
