//! The digest's figures, named as their standards name them, and the pager's call over a real socket.

use calltriage::config::Secret;
use calltriage::incidents::digest::{Tally, lines};
use calltriage::incidents::pager::Pager;
use calltriage::incidents::signal::Seen;
use jiff::Timestamp;

use super::{Desk, call, minute, named, watch};
use crate::support::http::{Server, answer};

/// A hundred calls of an hour: 60 answered, 10 busy, 10 not answered, 5 challenged, 5 redirected, 10 lost.
fn hour() -> Vec<Seen> {
    let code = |n: i64| match n {
        0..60 => 200,
        60..70 => 486,
        70..80 => 480,
        80..85 => 401,
        85..90 => 302,
        _ => 503,
    };
    (0..100)
        .map(|n| Seen {
            customer: None,
            carrier: Some(named(
                if n % 2 == 0 { "Acme" } else { "Borealis" },
                12 + n as u64 % 2,
            )),
            ..call(&format!("h{n}"), minute(n / 2), code(n))
        })
        .collect()
}

#[test]
fn a_digest_names_its_figures_as_their_standards_do() {
    let mut tally = Tally::default();
    hour().iter().for_each(|it| tally.note(it));
    let mut desk = Desk::usual(vec![watch("all", "all", "failures >= 10 in 5m")]);
    let left = super::posting::traffic(20..60);
    desk.until(minute(100), left);
    let time = |at: Timestamp| at.strftime("%F %H:%M").to_string();
    let said = lines(
        desk.board.incidents(),
        &tally,
        minute(0),
        minute(120),
        &time,
    );
    insta::assert_snapshot!(said.join("\n"), @r"
    From 2026-02-16 00:00 to 2026-02-16 02:00: 1 incident, 0 of them open; 12 calls looked into.
    100 calls: 60 answered, 15 lost. ITU-T E.425: ASR 60 %, NER 85 %. RFC 6076: SER 63 %, SEER 89 %, ISA 10 %.
    · 240 of 240 calls through Acme (#12) failed, mostly 503 (inc-0216-0021, 39 min)
    Causes of the calls looked into: no-circuits 12×.
    Likely parties: carrier 1×.
    Carriers by share of lost calls: Borealis (#13) 8 of 50 (16 %), Acme (#12) 7 of 50 (14 %).
    Time to fix: 39 min in the middle, of 1 that are over.
    ");
}

#[tokio::test]
async fn the_pager_is_called_with_its_token_and_what_happened() {
    let server = Server::start(|_, n| {
        if n == 0 {
            answer(503, &[], "")
        } else {
            answer(200, &[], "")
        }
    })
    .await;
    let token = Some(Secret::new("page-me".to_owned()));
    let pager = Pager::new(server.url().parse().unwrap(), token).unwrap();
    let mut desk = Desk::usual(vec![watch("silence", "all", "no traffic in 10m")]);
    let left = super::posting::traffic(0..0);
    desk.until(minute(60), left);
    desk.until(minute(80), |_, _| Vec::new());
    let id = desk.noc()[0].incident.clone();
    let card = desk.board.card(&id, "", desk.now).unwrap();
    assert_eq!(
        pager.call(&id, &card).await,
        Err("it answered 503".to_owned())
    );
    assert_eq!(pager.call(&id, &card).await, Ok(()));
    let asked = server.asked();
    assert_eq!(asked[1].authorization.as_deref(), Some("Bearer page-me"));
    let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!(
        (body["id"].as_str(), body["severity"].as_str()),
        (Some(&*id), Some("total"))
    );
}
