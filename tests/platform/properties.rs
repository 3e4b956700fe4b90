//! What holds for any bytes and any JSON.

use calltriage::sources::connexcs::read;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value};

/// Reads a body as everything that it might be.
fn read_all(body: &[u8]) {
    let mut rows = 0;
    macro_rules! read {
        ($($name:ident),*) => {$(
            if let Ok(found) = read::$name(body) {
                rows += found.rows.len() + found.malformed;
                let _ = (found.sentence(), format!("{:?}", found.rows));
            }
        )*};
    }
    read!(
        call_records,
        traced_messages,
        quality,
        service_events,
        agent_steps,
        utterances,
        cdrs,
        aggregates,
        customers,
        carriers,
        payments,
        packages,
        accounts,
        sip_users,
        ip_entries,
        cli_entries,
        routes,
        cards,
        rate_rules,
        media_zones,
        media_servers,
        doc_links
    );
    let _ = (rows, read::error_text(body));
    if let Err(error) = read::call_records(body) {
        assert!(error.to_string().chars().count() < 400, "{error}");
    }
}

/// Keys that mean something, so that odd values meet the code that reads them.
const KEYS: [&str; 30] = [
    "routing",
    "params",
    "p",
    "callid",
    "callidb",
    "sip_code",
    "sip_reason",
    "start_time",
    "cli",
    "ou",
    "si",
    "sp",
    "proto",
    "log",
    "attempts",
    "ok",
    "duration",
    "result",
    "data",
    "processed",
    "aggregate",
    "mos",
    "jitter",
    "id",
    "prefix",
    "date",
    "micro_ts",
    "msg",
    "error",
    "0",
];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|it| Number::from_f64(it).map_or(Value::Null, Value::Number)),
        ".{0,12}".prop_map(Value::from),
        select(
            &[
                "0",
                "1",
                "5060",
                "1771250000",
                "UDP",
                "192.0.2.1",
                "-1e9",
                "NaN"
            ][..]
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let object = btree_map(select(&KEYS[..]), inner.clone(), 0..8).prop_map(|fields| {
            let fields = fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value));
            Value::Object(fields.collect::<Map<_, _>>())
        });
        prop_oneof![vec(inner, 0..6).prop_map(Value::Array), object]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(body in vec(any::<u8>(), 0..300)) {
        read_all(&body);
    }

    #[test]
    fn no_json_panics(value in json()) {
        read_all(value.to_string().as_bytes());
    }

    /// Every element of a list is either a row or counted.
    #[test]
    fn nothing_is_lost_in_silence(elements in vec(json(), 0..6)) {
        let count = elements.len();
        let body = Value::Array(elements).to_string();
        let read = read::customers(body.as_bytes()).unwrap();
        prop_assert_eq!(read.rows.len() + read.malformed, count);
        let read = read::service_events(body.as_bytes()).unwrap();
        prop_assert_eq!(read.rows.len() + read.malformed, count);
    }

    /// A number as text, and a list in each of its wrappers, give the same value.
    #[test]
    fn either_shape_gives_the_same(
        code in 100_u16..700,
        start in 1_420_070_400_i64..4_133_980_800,
        cli in 100_000_u64..999_999_999_999_999,
        port in 1_u16..,
        auth in any::<bool>(),
        wrapper in select(&["result", "data", "processed"][..]),
        nested in any::<bool>(),
    ) {
        let plain = serde_json::json!({"callid": "a@b", "sip_code": code, "start_time": start,
            "cli": cli, "sp": port, "offer_auth": auth});
        let text = serde_json::json!({"callid": "a@b", "sip_code": code.to_string(),
            "start_time": start.to_string(), "cli": cli.to_string(), "sp": port.to_string(),
            "offer_auth": u8::from(auth)});
        let text = if nested { serde_json::json!({"routing": text}) } else { text };
        let bare = serde_json::json!([plain]).to_string();
        let wrapped = serde_json::json!({wrapper: [text]}).to_string();
        let mut one = read::call_records(bare.as_bytes()).unwrap();
        let mut other = read::call_records(wrapped.as_bytes()).unwrap();
        one.rows[0].raw = Value::Null;
        other.rows[0].raw = Value::Null;
        prop_assert_eq!(&one.rows[0].code, &Some(code));
        prop_assert_eq!(one, other);
    }

    /// Whatever stands around it, a long number never shows.
    #[test]
    fn no_number_shows(before in "[ -~]{0,30}", number in "[1-9][0-9]{5,14}", after in "[ -~]{0,30}") {
        let shown = read::redacted(&format!("{before} {number} {after}"));
        prop_assert!(!shown.contains(&number), "{}", shown);
    }
}
