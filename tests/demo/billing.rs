//! CDR queries, sums and everything on file, as the documented grammar asks for them.

use calltriage::platform::longest_prefix;
use calltriage::sources::connexcs::read;
use serde_json::{Value, json};

use crate::support::connexcs::{Fake, encoded};

/// All of the day that the fake lives in.
fn query(field: &[&str], further: &[Value], limit: u32) -> Value {
    let mut rules = vec![
        json!({"field": "dt", "condition": ">=", "data": "2026-02-16 00:00:00"}),
        json!({"field": "dt", "condition": "<=", "data": "2026-02-16 23:59:59"}),
    ];
    rules.extend_from_slice(further);
    json!({"field": field, "where": {"rules": rules}, "limit": limit,
        "order": [{"field": "dt", "direction": "DESC"}]})
}

#[tokio::test]
async fn records_of_all_calls_are_found_by_time() {
    let fake = Fake::start().await;
    let all = query(
        &["dt", "callid", "duration", "sip_code", "customer_charge"],
        &[],
        1000,
    );
    let read = read::cdrs(&fake.post("cdr", &all).await.body).unwrap();
    let invites = fake
        .platform
        .world()
        .calls()
        .iter()
        .filter(|it| it.ingress().is_some());
    assert_eq!(read.rows.len(), invites.count());
    assert!(read.rows.is_sorted_by(|a, b| a.at >= b.at));
    let answered = read.rows.iter().filter(|it| it.is_answered() == Some(true));
    assert!((1..read.rows.len()).contains(&answered.count()));
    assert!(
        read.rows
            .iter()
            .all(|it| it.customer_charge.is_some() && it.to_sent.is_none())
    );

    let busy = [json!({"field": "sip_code", "condition": "=", "data": "486"})];
    let busy = query(&["dest_number", "sip_reason", "provider_id"], &busy, 5);
    let read = read::cdrs(&fake.post("cdr", &busy).await.body).unwrap();
    assert_eq!(read.rows.len(), 1);
    assert_eq!(read.rows[0].to_sent.as_deref(), Some("441632960105"));
    assert_eq!(read.rows[0].carrier_id, Some(105));
    let one = read::cdrs(&fake.post("cdr", &query(&["dt"], &[], 1)).await.body).unwrap();
    assert_eq!(one.rows.len(), 1);
}

#[tokio::test]
async fn a_query_that_departs_from_the_grammar_is_refused() {
    let fake = Fake::start().await;
    let good = || query(&["dt"], &[], 10);
    let rule = |at: usize, key: &str, value: Value| {
        let mut query = good();
        query["where"]["rules"][at][key] = value;
        query
    };
    let with = |key: &str, value: Value| {
        let mut query = good();
        query[key] = value;
        query
    };
    let one_bound = json!({"rules": [good()["where"]["rules"][0]]});
    for (query, why) in [
        (with("where", one_bound), "dt: both"),
        (
            rule(0, "data", json!("2026-02-16T00:00:00")),
            "dt: YYYY-MM-DD",
        ),
        (
            rule(0, "data", json!("2026-02-16 00:00:00Z")),
            "dt: YYYY-MM-DD",
        ),
        (
            rule(0, "data", json!("2026-2-16 0:00:00")),
            "dt: YYYY-MM-DD",
        ),
        (rule(1, "data", json!(1_771_236_000)), "dt: YYYY-MM-DD"),
        (
            rule(1, "condition", json!("LIKE")),
            "query: unknown variant",
        ),
        (
            rule(1, "field", json!("src_number")),
            "no column src_number",
        ),
        (with("limit", json!(0)), "limit: 1 to 5000"),
        (with("limit", json!(5001)), "limit: 1 to 5000"),
        (with("limit", json!("10")), "query: invalid type"),
        (with("field", json!([])), "field: at least"),
        (
            with("order", json!([{"field": "dt", "direction": "desc"}])),
            "query: unknown variant",
        ),
        (with("group", json!([])), "query: unknown field"),
        (json!([]), "query: invalid"),
    ] {
        let answer = fake.post("cdr", &query).await;
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400, "{query}");
        assert!(said.starts_with(why), "{query}: {said}");
    }
    let mut plain = good();
    plain["order"] = json!([]);
    plain.as_object_mut().unwrap().remove("limit");
    assert_eq!(fake.post("cdr", &plain).await.status, 200);
}

#[tokio::test]
async fn sums_by_group() {
    let fake = Fake::start().await;
    let ask = async |keys: &[(&str, &str)]| {
        let pairs: Vec<_> = keys
            .iter()
            .map(|(k, v)| format!("{}={}", encoded(k), encoded(v)))
            .collect();
        fake.get(&format!("breakout-aggrid?s=&{}", pairs.join("&")))
            .await
    };
    let by_carrier = [
        ("_rowGroupCols[0][field]", "provider_id"),
        ("_filterModel[dt][type]", "inRange"),
        ("_filterModel[dt][filter]", "2026-02-16 00:00:00"),
        ("_filterModel[dt][filterTo]", "2026-02-16 23:59:59"),
    ];
    let sums = read::aggregates(&ask(&by_carrier).await.body).unwrap().rows;
    let tried: u64 = sums.iter().filter_map(|it| it.attempts).sum();
    let all = fake.post("cdr", &query(&["dt"], &[], 5000)).await;
    assert_eq!(tried as usize, all.json().as_array().unwrap().len());
    let first = sums.iter().find(|it| it.carrier_id == Some(105)).unwrap();
    assert!(first.failed().unwrap() > 0 && first.connected.unwrap() > 0);
    assert!(first.customer_charge["USD"] > 0.0);
    assert_eq!(ask(&by_carrier[1..]).await.status, 400);
    assert_eq!(ask(&by_carrier[..3]).await.status, 400);
    let of_nobody = [
        &by_carrier[..],
        &[("_filterModel[customer_id][filter]", "99")],
    ]
    .concat();
    assert_eq!(ask(&of_nobody).await.text(), "[]");
}

#[tokio::test]
async fn what_is_on_file() {
    let fake = Fake::start().await;
    let body = async |path: &str| fake.get(path).await.body;
    let customers = read::customers(&body("customer?s=&name=acm").await)
        .unwrap()
        .rows;
    assert_eq!((customers.len(), customers[0].can_dial()), (1, Some(true)));
    let customer = read::customers(&body("customer/12").await).unwrap().rows;
    assert_eq!(customer, customers);
    assert_eq!(fake.get("customer/99").await.status, 404);
    assert!(
        read::customers(&body("customer/99").await)
            .unwrap()
            .rows
            .is_empty()
    );
    assert_eq!(
        read::customers(&body("customer?status=inactive").await)
            .unwrap()
            .rows
            .len(),
        0
    );
    let entries = read::ip_entries(&body("switch/ip?_limit=1000").await)
        .unwrap()
        .rows;
    let covering = entries
        .iter()
        .filter(|it| it.covers("198.51.100.130".parse().unwrap()) == Some(true));
    assert_eq!(covering.count(), 1);
    // An exact search does not find the block.
    assert_eq!(body("switch/ip?ip=198.51.100.130").await, b"[]");
    assert_eq!(
        read::sip_users(&body("switch/user?company_id=12").await)
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        read::cli_entries(&body("cli?cli=441632960001").await)
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        read::carriers(&body("carrier").await).unwrap().rows.len(),
        2
    );
    let carrier = read::carriers(&body("carrier/106").await)
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(carrier.name.as_deref(), Some("Muster Telecom"));

    let route = read::routes(&body("routing?s=&company_id=12").await)
        .unwrap()
        .rows
        .remove(0);
    assert!(route.has_rules());
    let card = read::cards(&body(&format!("card/{}", route.card_id.unwrap())).await)
        .unwrap()
        .rows
        .remove(0);
    let path = format!(
        "card/{}/rev/{}/rule",
        card.id.unwrap(),
        card.active_revision.unwrap()
    );
    let rules = read::rate_rules(&body(&format!("{path}?limit=1000&offset=0")).await)
        .unwrap()
        .rows;
    assert_eq!(
        longest_prefix(&rules, "447700900123")
            .unwrap()
            .name
            .as_deref(),
        Some("UK Mobile")
    );
    assert_eq!(
        read::rate_rules(&body(&format!("{path}?limit=2&offset=3")).await)
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(fake.get("card/71").await.status, 404);

    assert_eq!(
        read::payments(&body("payment?s=&company_id=12").await)
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        read::packages(&body("package?s=&company_id=12").await)
            .unwrap()
            .rows
            .len(),
        1
    );
    assert_eq!(
        read::media_zones(&body("setup/server/rtp-group").await)
            .unwrap()
            .rows
            .len(),
        2
    );
    let servers = read::media_servers(&body("setup/rtp").await).unwrap().rows;
    assert_eq!(servers[0].addresses.len(), 2);
    assert_eq!(
        read::accounts(&body("setup/account").await)
            .unwrap()
            .rows
            .len(),
        1
    );
    let page = read::doc_links(&body("docs?s=503").await)
        .unwrap()
        .rows
        .remove(0);
    let text = fake.get(&format!("docs/{}", page.link.unwrap())).await;
    assert!(text.text().starts_with("# "));
    for empty in [
        "log/rtcp?callid=a",
        "log/class5?callid=a",
        "log/ai-agent?callid=a&d=2026-02-16",
        "transcribe?s=a",
    ] {
        assert!(
            read::service_events(&body(empty).await)
                .unwrap()
                .rows
                .is_empty(),
            "{empty}"
        );
    }
    assert!(
        read::quality(&body("log/rtcp?callid=a").await)
            .unwrap()
            .rows
            .is_empty()
    );
}
