//! Rows of the call log: wherever their fields stand and however they are written.

use calltriage::platform::{Answered, CallRecord};
use calltriage::sip::Transport;
use serde_json::{Value, json};

use super::{at, record, records};

fn nested() -> Value {
    json!([{"routing": {
        "params": {"switch": "192.0.2.10", "oU": "441234567890", "fU": "441782454123",
            "callid": "70634039@192.168.0.204", "userAgent": "Asterisk PBX", "au": "desk1",
            "si": "192.0.2.10", "sp": 5060, "proto": "udp", "csIp": "198.51.100.5",
            "rtp_ip": "192.0.2.11"},
        "sip_code": 503, "sip_reason": "No Routes Available (Lock)", "offer_auth": false,
        "start_time": 1_771_250_000, "end_time": 1_771_250_000.214, "server": "198.51.100.5",
        "switch": "192.0.2.10", "re": "fr1js3", "cli": "441782454123", "ou": "441234567890",
        "callid": "70634039@192.168.0.204", "callidb": "CNX3736_ab/c+d--",
        "log": ["Routing strategy LCR", "Locked"], "meta": {}, "p": {"company_id": 12},
        "account_id": 1093,
        "attempts": [{"provider_id": 105, "provider_name": "Acme", "sip_code": 503,
            "sip_reason": "Service Unavailable", "callid_b": "CNX3736_x"}],
    }}])
}

#[test]
fn the_documented_row() {
    let row = record(&nested());
    assert_eq!(row.call_id.as_deref(), Some("70634039@192.168.0.204"));
    assert_eq!(row.outgoing_call_id.as_deref(), Some("CNX3736_ab/c+d--"));
    assert_eq!(
        (row.code, row.reason.as_deref()),
        (Some(503), Some("No Routes Available (Lock)"))
    );
    assert_eq!(row.started, Some(at("2026-02-16T13:53:20Z")));
    assert_eq!(row.ended, Some(at("2026-02-16T13:53:20.214Z")));
    assert_eq!(row.from.as_deref(), Some("441782454123"));
    assert_eq!(row.to.as_deref(), Some("441234567890"));
    assert_eq!(row.source_ip, "192.0.2.10".parse().ok());
    assert_eq!(row.source_port, Some(5060));
    assert_eq!(row.transport, Some(Transport::Udp));
    assert_eq!(row.server.as_deref(), Some("198.51.100.5"));
    let servers: Vec<_> = row.server_addresses().map(|it| it.to_string()).collect();
    assert_eq!(servers, ["198.51.100.5"]);
    assert_eq!(row.switch.as_deref(), Some("192.0.2.10"));
    assert_eq!(row.engine.as_deref(), Some("fr1js3"));
    assert_eq!(row.user_agent.as_deref(), Some("Asterisk PBX"));
    assert_eq!(row.auth_user.as_deref(), Some("desk1"));
    assert_eq!(row.offer_auth, Some(false));
    assert_eq!(row.rtp_ip, "192.0.2.11".parse().ok());
    assert_eq!(row.customer_id, Some(12));
    assert_eq!(row.log, ["Routing strategy LCR", "Locked"]);
    let [attempt] = row.attempts.as_slice() else {
        panic!("{row:?}")
    };
    assert_eq!(attempt.carrier_id, Some(105));
    assert_eq!(attempt.carrier.as_deref(), Some("Acme"));
    assert_eq!(attempt.code, Some(503));
    assert_eq!(attempt.reason.as_deref(), Some("Service Unavailable"));
    assert_eq!(attempt.outgoing_call_id.as_deref(), Some("CNX3736_x"));
    assert_eq!(row.answered, None);
    assert_eq!(row.raw, nested()[0]);
}

/// The row without what it was read from, to compare the shapes of one row.
fn without_raw(mut row: CallRecord) -> CallRecord {
    row.raw = Value::Null;
    for attempt in &mut row.attempts {
        attempt.raw = Value::Null;
    }
    row
}

/// Fields inside `routing`, inside `params`, at the top, and all of it at the top.
#[test]
fn every_place_gives_the_same() {
    let row = || nested()[0]["routing"].clone();
    let expected = without_raw(record(&nested()));
    let flat = row();
    let params = row()["params"].as_object().unwrap().clone();
    let (mut top, mut inner) = (json!({}), json!({}));
    for (key, value) in row().as_object().unwrap() {
        inner[key] = value.clone();
    }
    for (key, value) in params {
        inner[key] = value;
    }
    inner.as_object_mut().unwrap().remove("params");
    top["routing"] = json!({"params": inner.clone()});
    for shape in [
        json!([flat]),
        json!([top]),
        json!([inner]),
        json!([{"routing": [nested()[0]["routing"].clone()]}]),
        nested()[0].clone(),
        json!({"data": nested()}),
        json!({"result": nested()}),
        json!({"data": {"result": nested()}}),
        json!({"0": nested()[0]}),
    ] {
        let found = without_raw(record(&shape));
        // `p` is not looked into from within `params`.
        let customer_id = expected.customer_id;
        assert_eq!(
            CallRecord {
                customer_id,
                ..found
            },
            expected,
            "{shape}"
        );
    }
}

/// Numbers as text, truth values as numbers, lists as objects, texts as numbers.
#[test]
fn every_way_of_writing_gives_the_same() {
    let expected = without_raw(record(&nested()));
    let mut json = nested();
    let row = &mut json[0]["routing"];
    row["sip_code"] = json!("503");
    row["start_time"] = json!("1771250000");
    row["end_time"] = json!("2026-02-16 13:53:20.214");
    row["cli"] = json!(441_782_454_123_u64);
    row["ou"] = json!(441_234_567_890.0);
    row["offer_auth"] = json!("0");
    row["params"]["sp"] = json!("5060");
    row["params"]["proto"] = json!("UDP");
    row["params"]["si"] = json!("192.0.2.10:5060");
    row["p"] = json!({"company_id": "12"});
    row["log"] = json!({"0": "Routing strategy LCR", "1": "Locked"});
    row["attempts"] = row["attempts"][0].clone();
    assert_eq!(without_raw(record(&json)), expected);
}

#[test]
fn what_is_blank_is_absent() {
    let row = record(
        &json!([{"callid": "a@b", "sip_code": null, "sip_reason": "", "cli": false,
        "start_time": 0, "end_time": "0000-00-00 00:00:00", "sp": 0, "si": "", "attempts": {},
        "log": null, "ok": [], "callidb": null, "routing": []}]),
    );
    let expected = CallRecord {
        call_id: Some("a@b".into()),
        raw: row.raw.clone(),
        ..CallRecord::default()
    };
    assert_eq!(row, expected);
    assert!(row.may_be_live());
}

#[test]
fn an_answered_call() {
    let row = record(
        &json!([{"routing": {"callid": "a@b", "start_time": 1_771_250_000,
        "ok": {"duration": "12.5", "callid_b": "CNX1_x", "release_reason": "Upstream BYE",
            "provider_id": "105"}}}]),
    );
    let expected = Answered {
        duration_ms: Some(12_500),
        release_reason: Some("Upstream BYE".into()),
        carrier_id: Some(105),
        outgoing_call_id: Some("CNX1_x".into()),
    };
    assert_eq!(row.answered, Some(expected));
    assert!(!row.may_be_live());
}

#[test]
fn one_malformed_element_loses_no_other_and_is_said() {
    let read = records(&json!([
        {"callid": "a@b"}, 7, null, "row", {"nothing": "known"},
        {"callid": "c@d", "start_time": {"at": 1}, "sip_code": 20_000,
            "attempts": [{"sip_code": 486}, "lost"]},
    ]));
    let ids: Vec<_> = read
        .rows
        .iter()
        .map(|it| it.call_id.clone().unwrap())
        .collect();
    assert_eq!(ids, ["a@b", "c@d"]);
    assert_eq!(read.rows[1].attempts.len(), 1);
    assert_eq!(read.rows[1].attempts[0].code, Some(486));
    insta::assert_snapshot!(read.sentence().unwrap(), @"could not read of the platform's answer: 5 of 7 entries, `sip_code` of 1, `start_time` of 1");
    assert!(!read.are_lost());
    assert!(records(&json!([1, 2])).are_lost());
    assert!(!records(&json!([])).are_lost());
}

/// A dial code is no SIP code, and why a call was released is not why an attempt failed.
#[test]
fn keys_of_attempts_that_only_look_alike_are_left() {
    let row = record(&json!([{"callid": "a@b", "attempts": [
        {"dest_code": 441, "release_reason": "Upstream BYE", "provider": 105, "username": "x"},
        {"Provider": "Acme", "SIP Code": "486 Busy Here", "SIP Reason": "Busy Here"},
    ]}]));
    let [first, second] = row.attempts.as_slice() else {
        panic!("{row:?}")
    };
    assert_eq!((first.code, first.reason.clone()), (None, None));
    assert_eq!((first.carrier_id, first.carrier.clone()), (Some(105), None));
    assert_eq!(second.code, Some(486));
    assert_eq!(second.reason.as_deref(), Some("Busy Here"));
    assert_eq!(second.carrier.as_deref(), Some("Acme"));
}

#[test]
fn times_by_their_size() {
    let started = |value: Value| {
        let read = records(&json!([{"callid": "a@b", "start_time": value}]));
        (read.rows[0].started, read.unread.contains_key("start_time"))
    };
    let moment = Some(at("2026-02-16T10:00:00.1Z"));
    for value in [
        json!(1_771_236_000.1),
        json!(1_771_236_000_100_i64),
        json!(1_771_236_000_100_000_i64),
        json!("1771236000100000"),
        json!("1771236000.1"),
        json!("2026-02-16T10:00:00.100Z"),
        json!("2026-02-16T12:00:00.100+02:00"),
        json!("2026-02-16 10:00:00.1"),
        json!("2026-02-16T10:00:00.1"),
        json!("2026-02-16 10:00:00.1 UTC"),
    ] {
        assert_eq!(started(value.clone()), (moment, false), "{value}");
    }
    for value in [
        // 2014 and 2101.
        json!(1_420_070_399),
        json!(4_133_980_800_i64),
        json!(4_133_980_800_000_i64),
        json!(-1_771_236_000),
        json!(u64::MAX),
        json!(1e300),
        json!("yesterday"),
        json!("NaN"),
        json!("inf"),
        json!([1]),
        json!(true),
    ] {
        assert_eq!(started(value.clone()), (None, true), "{value}");
    }
    for value in [json!(1_420_070_400), json!(4_133_980_799_i64)] {
        assert!(started(value.clone()).0.is_some(), "{value}");
    }
}
