//! The other answers: each in its documented shape, as written in another way, and empty.

use calltriage::platform::{Money, longest_prefix};
use calltriage::sip::Transport;
use calltriage::sources::connexcs::read::{self, Rows, Unreadable};
use serde_json::{Value, json};

use super::at;

#[track_caller]
fn one<T>(read: impl Fn(&[u8]) -> Result<Rows<T>, Unreadable>, json: &Value) -> T {
    assert!(read(b"[]").unwrap().rows.is_empty());
    let mut found = read(json.to_string().as_bytes()).unwrap();
    assert_eq!(found.sentence(), None);
    assert_eq!(found.rows.len(), 1);
    found.rows.remove(0)
}

#[test]
fn a_traced_message() {
    let row = one(
        read::traced_messages,
        &json!([{"id": 7, "date": "2026-02-16T10:00:00.100Z", "micro_ts": 1_771_236_000_100_123_i64,
            "callid": "a@b", "method": "407", "reply_reason": "Proxy Authentication Required",
            "ruri": "", "ruri_user": "", "to_user": "44", "from_user": "45", "user_agent": "x",
            "source_ip": "192.0.2.5", "source_port": 5060, "destination_ip": "192.0.2.10",
            "destination_port": "5062", "protocol": "TLS", "msg": "SIP/2.0 407 x\r\n\r\n",
            "delta": -12, "node": "am2"}]),
    );
    assert_eq!(row.id, Some(7));
    assert_eq!(row.date, Some(at("2026-02-16T10:00:00.1Z")));
    assert_eq!(row.micro_ts, Some(at("2026-02-16T10:00:00.100123Z")));
    assert_eq!(row.method.as_deref(), Some("407"));
    assert_eq!(row.request_uri, None);
    assert_eq!(row.destination_port, Some(5062));
    assert_eq!(row.transport, Some(Transport::Tls));
    // Blanks at the end of a message are part of it.
    assert_eq!(row.message.as_deref(), Some("SIP/2.0 407 x\r\n\r\n"));
    assert_eq!(row.delta_us, Some(-12));
    assert_eq!(Value::Object(row.extra), json!({"node": "am2"}));
}

#[test]
fn quality_as_a_list_and_as_an_object() {
    let samples = json!([
        {"mos": "4.2", "jitter": 12, "packet_loss": 0.5, "rtt": null},
        {"mos": null, "jitter": "31.5"},
    ]);
    let list = one(read::quality, &samples);
    assert_eq!(list.samples.len(), 2);
    assert_eq!(list.samples[0].mos, Some(4.2));
    assert_eq!(list.samples[0].jitter_ms, Some(12.0));
    assert_eq!(list.samples[0].loss_percent, Some(0.5));
    assert_eq!(list.samples[0].rtt_ms, None);
    assert_eq!(list.samples[1].jitter_ms, Some(31.5));
    assert_eq!(list.aggregate, None);
    let sum = json!({"mos": {"mean": 4.1, "min": 1}, "jitter_max": 90, "rtt": 20});
    for object in [
        json!({"processed": samples, "aggregate": sum}),
        json!({"data": {"processed": samples, "aggregate": sum}}),
    ] {
        let object = one(read::quality, &object);
        assert_eq!(object.samples, list.samples);
        let sum = object.aggregate.unwrap();
        assert_eq!(
            (sum.mos, sum.jitter_ms, sum.rtt_ms),
            (Some(4.1), None, Some(20.0))
        );
    }
    for empty in [
        "{\"processed\":[],\"aggregate\":{}}",
        "{\"processed\":null}",
        "[]",
        "null",
    ] {
        assert!(
            read::quality(empty.as_bytes()).unwrap().rows.is_empty(),
            "{empty}"
        );
    }
}

#[test]
fn services() {
    let event = one(
        read::service_events,
        &json!([{"time": 1_771_236_000, "event": "queue", "value": "sales"}]),
    );
    assert_eq!(event.at, Some(at("2026-02-16T10:00:00Z")));
    assert_eq!(
        (event.event.unwrap(), event.value.unwrap()),
        ("queue".into(), "sales".into())
    );
    let step = one(read::agent_steps, &json!({"stage": "LLM", "ttfb": 900}));
    assert_eq!(step.stage.as_deref(), Some("LLM"));
    assert_eq!(step.raw["ttfb"], 900);
    let said = one(
        read::utterances,
        &json!([{"leg": 1, "text": "hello", "score": "0.9"}]),
    );
    assert_eq!(
        (said.leg, said.text.as_deref(), said.score),
        (Some(1), Some("hello"), Some(0.9))
    );
}

#[test]
fn billing() {
    let cdr = one(
        read::cdrs,
        &json!({"data": [{"dt": "2026-02-16 10:00:00", "callid": "a@b", "dest_cli": "44",
            "dest_number": 441_234_567_890_u64, "duration": "61", "sip_code": "200",
            "sip_reason": "OK", "release_reason": "Downstream BYE", "customer_id": "12",
            "provider_id": 105, "customer_charge": "0.5", "customer_card_currency": "USD",
            "customer_duration": 120, "pdd_in": 1500}]}),
    );
    assert_eq!(cdr.at, Some(at("2026-02-16T10:00:00Z")));
    assert_eq!(cdr.to_sent.as_deref(), Some("441234567890"));
    assert_eq!(
        (cdr.duration_ms, cdr.is_answered()),
        (Some(61_000), Some(true))
    );
    assert_eq!((cdr.customer_id, cdr.carrier_id), (Some(12), Some(105)));
    let charge = Money {
        amount: 0.5,
        currency: Some("USD".into()),
    };
    assert_eq!(
        (cdr.customer_charge, cdr.carrier_charge),
        (Some(charge), None)
    );
    assert_eq!(
        (cdr.customer_billed_ms, cdr.pdd_in_ms),
        (Some(120_000), Some(1500.0))
    );
    let sums = one(
        read::aggregates,
        &json!([{"provider_id": 105, "attempts": "120", "connected": 83, "asr": 69.2,
            "customer_charge": {"USD": 3.7}}]),
    );
    assert_eq!((sums.carrier_id, sums.failed()), (Some(105), Some(37)));
    assert_eq!(sums.customer_charge["USD"], 3.7);
    // A query names its own columns, but a row with none of them is no row.
    let lost = read::cdrs(b"[{\"duration\":0},{\"x\":1}]").unwrap();
    assert_eq!((lost.rows.len(), lost.malformed), (1, 1));
    assert_eq!(lost.rows[0].is_answered(), Some(false));
}

#[test]
fn customers_and_carriers() {
    let customer = one(
        read::customers,
        &json!({"id": "12", "name": "Acme", "credit": "4.5", "debit_limit": -5, "currency": "USD",
            "status": "active", "last_call": null, "ips": ["192.0.2.7"], "sip_users": {"0": "a"},
            "cards": [], "tags": null}),
    );
    assert_eq!((customer.id, customer.name.as_deref()), (12, Some("Acme")));
    assert_eq!(
        (customer.can_dial(), customer.is_active()),
        (Some(false), Some(true))
    );
    assert_eq!(
        (customer.ips, customer.sip_users),
        (vec!["192.0.2.7".into()], vec!["a".into()])
    );
    let unknown = one(read::customers, &json!([{"id": 3}]));
    assert_eq!((unknown.can_dial(), unknown.is_active()), (None, None));
    let carrier = one(
        read::carriers,
        &json!([{"id": 105, "name": "ExampleTel", "cps": "10"}]),
    );
    assert_eq!((carrier.id, carrier.cps), (105, Some(10.0)));
    let account = one(read::accounts, &json!({"name": "Example Ltd"}));
    assert_eq!(account.name, "Example Ltd");
    let payment = one(
        read::payments,
        &json!([{"id": 1, "amount": "20", "payment_time": 0}]),
    );
    assert_eq!((payment.amount, payment.at), (Some(20.0), None));
    let package = one(read::packages, &json!([{"name": "1000", "minutes": 1000}]));
    assert_eq!(package.minutes, Some(1000.0));
    read::customers(b"{\"name\":\"no id\"}").unwrap_err();
}

#[test]
fn who_may_call() {
    let user = one(
        read::sip_users,
        &json!([{"username": "desk1", "company_id": 12, "channels": 0,
            "ip_whitelist": "192.0.2.0/28, 203.0.113.9"}]),
    );
    let may = |ip: &str| user.may_come_from(ip.parse().unwrap());
    assert_eq!(
        (may("192.0.2.7"), may("203.0.113.9")),
        (Some(true), Some(true))
    );
    assert_eq!(
        (may("192.0.2.16"), may("2001:db8::1")),
        (Some(false), Some(false))
    );
    let anyone = one(read::sip_users, &json!([{"username": "desk2"}]));
    assert_eq!(
        anyone.may_come_from("192.0.2.7".parse().unwrap()),
        Some(true)
    );
    let named = json!([{"username": "desk3", "ip_whitelist": ["pbx.example", "192.0.2.7"]}]);
    let named = one(read::sip_users, &named);
    assert_eq!(
        named.may_come_from("192.0.2.7".parse().unwrap()),
        Some(true)
    );
    assert_eq!(named.may_come_from("192.0.2.8".parse().unwrap()), None);

    let covers = |entry: &str, ip: &str| {
        let entry = one(read::ip_entries, &json!([{"ip": entry, "company_id": 12}]));
        entry.covers(ip.parse().unwrap())
    };
    assert_eq!(covers("192.0.2.0/24", "192.0.2.7"), Some(true));
    // Bits beyond the prefix.
    assert_eq!(covers("192.0.2.9/24", "192.0.2.7"), Some(true));
    assert_eq!(covers("192.0.2.9", "192.0.2.7"), Some(false));
    assert_eq!(covers("192.0.2.7", "::ffff:192.0.2.7"), Some(true));
    assert_eq!(covers("0.0.0.0/0", "2001:db8::1"), Some(false));
    assert_eq!(covers("pbx.example", "192.0.2.7"), None);
    let cli = one(
        read::cli_entries,
        &json!([{"cli": 441_782_454_123_u64, "company_id": 12}]),
    );
    assert_eq!(cli.cli.as_deref(), Some("441782454123"));
}

#[test]
fn routes_and_rates() {
    let route = one(
        read::routes,
        &json!([{"id": 9, "card_id": "GjjS-E0FO", "name": "UK"}]),
    );
    assert!(route.has_rules());
    for none in ["internal", "ip:192.0.2.7", ""] {
        let route = one(read::routes, &json!([{"id": 9, "card_id": none}]));
        assert!(!route.has_rules(), "{none}");
    }
    let card = one(
        read::cards,
        &json!({"id": "GjjS-E0FO", "active_rev": "3", "count": 2}),
    );
    assert_eq!((card.active_revision, card.rules), (Some(3), Some(2)));
    let rules = json!([{"prefix": "", "name": "any"}, {"prefix": 44, "name": "UK"},
        {"prefix": "447", "name": "UK mobile", "status": "Blocked"}, {"prefix": "447", "name": "twice"},
        {"prefix": "4x", "name": "no digits"}]);
    let rules = read::rate_rules(rules.to_string().as_bytes()).unwrap().rows;
    let found = |number: &str| longest_prefix(&rules, number).and_then(|it| it.name.as_deref());
    assert_eq!(found("+44 7700 900123"), Some("UK mobile"));
    assert_eq!(found("441782454123"), Some("UK"));
    assert_eq!(found("12125550100"), Some("any"));
    assert_eq!(found("jon"), None);
    assert_eq!(longest_prefix(&rules[1..], "12125550100"), None);
    assert!(rules[2].is_blocked() && !rules[1].is_blocked());
    let lost = read::rate_rules(b"[{\"name\":\"UK\"}]").unwrap();
    assert!(lost.are_lost());
}

#[test]
fn media_zones_and_pages() {
    let zone = one(
        read::media_zones,
        &json!([{"id": 1, "name": "UK (London)", "status": 1, "alt": "2", "transcoding": 0,
            "location": "lon", "elastic": true, "max_server_per_sip": 0}]),
    );
    assert_eq!(
        (zone.is_active, zone.can_transcode, zone.is_elastic),
        (Some(true), Some(false), Some(true))
    );
    assert_eq!((zone.failover_id, zone.most_per_server), (Some(2), Some(0)));
    let server = one(
        read::media_servers,
        &json!([{"id": 4, "alias": "ny1rtp1", "zone": "USA", "a": "192.0.2.50", "b": "2001:db8::50"}]),
    );
    let expected: [std::net::IpAddr; 2] =
        ["192.0.2.50", "2001:db8::50"].map(|it| it.parse().unwrap());
    assert_eq!(server.addresses, expected);
    let page = one(
        read::doc_links,
        &json!([{"public_url": "https://docs.example/a", "link": "a", "body": "text"}]),
    );
    assert_eq!(page.link.as_deref(), Some("a"));
}
