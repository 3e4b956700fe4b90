//! What holds for every text: no panic, a bounded answer, and a canonical text that reads the same.

use calltriage::call::{CallQuery, Context, Reading, Term, parse};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::context;

/// The queries that a reading offers.
fn queries(reading: Reading) -> Vec<CallQuery> {
    match reading {
        Reading::Query(query) => vec![query],
        Reading::Ambiguous(question) => question.choices.into_iter().map(|c| c.query).collect(),
        Reading::Nothing(_) => Vec::new(),
    }
}

/// The canonical text and the JSON of each query bring the query back, in any zone and country.
fn round_trip(text: &str) {
    let elsewhere = Context::new(
        "2020-01-01T00:00:00Z".parse().unwrap(),
        TimeZone::get("Asia/Tokyo").unwrap(),
    );
    for mut query in queries(parse(text, &context())) {
        query.notes.clear();
        let canonical = query.to_string();
        for context in [&context(), &elsewhere] {
            let again = match parse(&canonical, context) {
                Reading::Query(again) => CallQuery {
                    notes: Vec::new(),
                    ..again
                },
                other => panic!("{text:?} gives {canonical:?}, which is read as {other:?}"),
            };
            assert_eq!(again, query, "{text:?} gives {canonical:?}");
        }
        let json = serde_json::to_string(&query).unwrap();
        assert_eq!(serde_json::from_str::<CallQuery>(&json).unwrap(), query);
    }
}

/// Pieces of what people write, in any order.
fn sentence() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "70634039@192.168.0.204",
        "CNX2863_ewlYegJp",
        "SIM-V3E_twK4vntdb2",
        "+44 1632 960123",
        "01632 960123",
        "123*441632960123",
        "#9441632960123",
        "203.0.113.9",
        "2001:db8::9",
        "sip:jon@example.com",
        "ext 1001",
        "1001",
        "503",
        "customer Acme",
        "carrier \"Ex – Tel\"",
        "to Germany",
        "UK mobile",
        "prefix 4479",
        "server ny1",
        "inbound",
        "outbound",
        "since 2h",
        "yesterday",
        "around 14:00",
        "between 09:00 and 10:30",
        "2026-02-16 09:10:02.5Z",
        "1771229400",
        "one-way audio",
        "drops after 30 seconds",
        "pdd",
        "and",
        "calls",
        "the",
        "-",
        "Call-ID: xyz.",
        "i:",
        "#12",
        "jon",
        "\"",
        "<",
        "from",
        "to",
        "after",
        "last",
        "+44",
        "00",
        "44",
        "5xx",
        "408 486",
        "25:00",
        "12/03",
        "tomorrow",
        "last night",
        "at 14.53",
        "destination",
        "via 203.0.113.9",
        "busy-486.pcap",
        "no ringback",
        "expect=203.0.113.9",
        "expect=\"Acme – Nord\"",
        "expect=+44 1632",
        "expect=1001@192.0.2.7:5080",
        "expect=#12",
        "\u{1b}[31m",
    ]);
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        round_trip(&text);
    }

    #[test]
    fn any_ascii_is_read(text in "[ -~\n]{0,120}") {
        round_trip(&text);
    }

    #[test]
    fn any_digits_are_read(text in "[0-9+*# ().:/-]{0,40}") {
        round_trip(&text);
        for home in ["US", "IT", "AR", "xx"] {
            let _ = parse(&text, &Context { home_country: Some(home.to_owned()), ..context() });
        }
    }

    #[test]
    fn any_call_id_is_kept(id in "[A-Za-z0-9.!%*_+`'~()<>:\\\\\"/\\[\\]?{}-]{1,30}(@[A-Za-z0-9.:-]{1,20})?") {
let text = format!("INVITE sip:x@y SIP/2.0\r\nCall-ID: {id}\r\n");
        round_trip(&text);
        // Chat markup is taken off whatever it stands in, and a leading quote opens a JSON string.
        // A value that looks like the compact header again is read both ways.
        let bare = id.replace(['"', '\\'], "");
        let wrapped = id.contains(['<', '`']) || id.starts_with('"') || bare.starts_with("i:");
        if let (false, Reading::Query(query)) = (wrapped, parse(&text, &context())) {
            assert_eq!(query.terms, [Term::CallId(id)]);
        }
    }

    #[test]
    fn canonical_text_reads_the_same(text in sentence()) {
        round_trip(&text);
    }
}
