//! Each way in which the demo platform misbehaves when it is told to, as it looks on the wire.

use std::time::Duration;

use calltriage::demo::{Behaviour, Endpoint};
use calltriage::sources::connexcs::read::{self, Unreadable};
use serde_json::json;

use crate::support::connexcs::{Answer, Fake, TOKEN};

const BUSY: &str = "log?s=%2B441632960105";

/// The answer to one query of the log under a behaviour.
async fn log_under(fake: &Fake, behaviour: Behaviour) -> Answer {
    fake.next(Endpoint::Log, [behaviour]);
    fake.get(BUSY).await
}

/// Good answers in other shapes are the same rows.
#[tokio::test]
async fn other_shapes_of_the_same_row() {
    let fake = Fake::start().await;
    let plain = read::call_records(&fake.get(BUSY).await.body)
        .unwrap()
        .rows
        .remove(0);
    for behaviour in [
        Behaviour::Flat,
        Behaviour::Wrapped("data"),
        Behaviour::Wrapped("result"),
        Behaviour::Untyped,
        Behaviour::Slow(Duration::from_millis(1)),
    ] {
        let answer = log_under(&fake, behaviour.clone()).await;
        let mut row = read::call_records(&answer.body).unwrap().rows.remove(0);
        let is_flat = behaviour == Behaviour::Flat;
        assert_eq!(row.raw != plain.raw, is_flat);
        row.raw = plain.raw.clone();
        assert_eq!(row, plain, "{behaviour:?}");
        let has_type = answer.header("content-type").is_some();
        assert_eq!(has_type, behaviour != Behaviour::Untyped);
    }
    fake.next(Endpoint::Rtcp, [Behaviour::Flat]);
    assert_eq!(fake.get("log/rtcp?callid=a").await.text(), "[]");
    fake.next(Endpoint::Customer, [Behaviour::Flat]);
    assert!(fake.get("customer/12").await.json().is_array());
    let rows = log_under(&fake, Behaviour::Rows(200)).await;
    let rows = read::call_records(&rows.body).unwrap().rows;
    assert_eq!(rows.len(), 200);
    assert_ne!(rows[0].call_id, rows[1].call_id);
}

#[tokio::test]
async fn refusals() {
    let fake = Fake::start().await;
    let denied = log_under(&fake, Behaviour::unauthorised()).await;
    assert_eq!((denied.status, denied.header("retry-after")), (401, None));
    let forbidden = log_under(&fake, Behaviour::forbidden()).await;
    assert_eq!(
        read::error_text(&forbidden.body).as_deref(),
        Some("Access Denied")
    );
    assert_eq!(forbidden.status, 403);
    let date = "Mon, 16 Feb 2026 12:10:05 GMT";
    for after in [None, Some("2"), Some(date)] {
        let busy = log_under(&fake, Behaviour::too_many(after)).await;
        assert_eq!((busy.status, busy.header("retry-after")), (429, after));
    }
    let broken = log_under(&fake, Behaviour::broken()).await;
    assert_eq!(
        (broken.status, broken.header("content-type")),
        (500, Some("text/html"))
    );
    let other_host = fake.base_url().replace("127.0.0.1", "localhost");
    let elsewhere = log_under(&fake, Behaviour::Redirect(other_host.clone())).await;
    assert_eq!(
        (elsewhere.status, elsewhere.header("location")),
        (302, Some(&*other_host))
    );
    // After its list, an end point is served again.
    assert_eq!(fake.get(BUSY).await.status, 200);
}

#[tokio::test]
async fn broken_bodies() {
    let fake = Fake::start().await;
    let error = |answer: Answer| read::call_records(&answer.body).unwrap_err();
    let half = log_under(&fake, Behaviour::HalfJson).await;
    assert_eq!(
        half.header("content-length"),
        Some(half.body.len().to_string().as_str())
    );
    assert!(matches!(error(half), Unreadable::Cut { .. }));
    let wrong = log_under(&fake, Behaviour::WrongShape).await;
    assert!(matches!(error(wrong), Unreadable::Shape { .. }));
    let page = log_under(&fake, Behaviour::Text("<html>Login</html>".into())).await;
    assert!(matches!(error(page), Unreadable::WebPage { .. }));
    let empty = log_under(&fake, Behaviour::Empty).await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    let huge = log_under(&fake, Behaviour::Huge).await;
    assert!(huge.body.len() > 10_000_000);
    let huge = read::call_records(&huge.body).unwrap().rows.remove(0);
    assert_eq!(huge.reason.unwrap().chars().count(), 4097);
    let other = log_under(&fake, Behaviour::Json(json!([{ "callid": "x" }]))).await;
    assert_eq!(other.text(), r#"[{"callid":"x"}]"#);
}

#[tokio::test]
async fn connections_end_early() {
    let fake = Fake::start().await;
    fake.next(Endpoint::Log, [Behaviour::Drop, Behaviour::CutOff]);
    assert_eq!(fake.send("GET", BUSY, TOKEN, "").await, None);
    let cut = fake.get(BUSY).await;
    let promised: usize = cut.header("content-length").unwrap().parse().unwrap();
    assert!(
        (1..promised).contains(&cut.body.len()),
        "{} of {promised}",
        cut.body.len()
    );
    assert_eq!(fake.get(BUSY).await.status, 200);
}

/// Requests that hang go on when they are released, and how many there were at once was counted.
#[tokio::test]
async fn hanging_requests_are_counted_and_released() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::Hang);
    fake.always(Endpoint::Cdr, Behaviour::Hang);
    let release = async {
        fake.until_in_flight(3).await;
        fake.platform.release();
    };
    let nothing = json!({});
    let (one, two, cdr, ()) = tokio::join!(
        fake.get(BUSY),
        fake.get(BUSY),
        fake.post("cdr", &nothing),
        release
    );
    assert_eq!((one.status, two.status, cdr.status), (200, 200, 400));
    fake.until_in_flight(0).await;
    fake.platform.script().clear();
    fake.get(BUSY).await;
    let seen = fake.platform.seen();
    assert_eq!((seen.max_in_flight(), seen.max_cdr_in_flight()), (3, 1));
    assert_eq!(
        (seen.of(Endpoint::Log).len(), seen.of(Endpoint::Cdr).len()),
        (3, 1)
    );
    assert_eq!(seen.of(Endpoint::Cdr)[0].body, "{}");
    assert_eq!(seen.spacing().len(), 3);
}

/// Whatever goes wrong everywhere goes wrong at each end point.
#[tokio::test]
async fn every_end_point_can_be_spoiled() {
    let fake = Fake::start().await;
    fake.platform.script().everywhere(Behaviour::broken());
    let paths = [
        "log?s=1",
        "log/trace?callid=a",
        "log/rtcp?callid=a",
        "log/class5?callid=a",
        "log/ai-agent?callid=a&d=2026-02-16",
        "transcribe?s=a",
        "breakout-aggrid",
        "cli",
        "customer",
        "customer/12",
        "switch/user",
        "switch/ip",
        "carrier",
        "carrier/105",
        "routing",
        "card/x",
        "card/x/rev/1/rule",
        "payment",
        "package",
        "setup/server/rtp-group",
        "setup/rtp",
        "setup/account",
        "docs?s=a",
        "docs/logging",
        "demo/register-log?s=1",
        "demo/firewall?s=1",
        "demo/registrations?s=1",
        "demo/did?s=1",
        "demo/dialogs",
    ];
    for path in paths {
        assert_eq!(fake.get(path).await.status, 500, "{path}");
    }
    for path in ["cdr", "demo/simulate"] {
        assert_eq!(fake.post(path, &json!({})).await.status, 500, "{path}");
    }
    let asked: std::collections::BTreeSet<_> = fake
        .platform
        .seen()
        .all()
        .iter()
        .map(|it| it.endpoint)
        .collect();
    assert_eq!(asked, Endpoint::DATA.into_iter().collect());
}
