//! Everything that can go wrong on the way to an API and back, and the sentence it gets.

use std::sync::Arc;

use calltriage::config::{Limits, Secret};
use calltriage::sources::api::{
    Authority, Blame, Class, Clock, Credential, Failure, Path, Sender, Unreachable,
};
use futures_util::future::BoxFuture;

use super::{api, in_name_of, said, seconds};
use crate::support::clock::HandClock;
use crate::support::http::{Answer, Server, answer, half, held};

/// A token that must never be seen.
const CANARY: &str = "canary-1234-token";

/// Shows the canary, and has no other.
#[derive(Debug)]
struct Canary;

impl Authority for Canary {
    fn credential(&self, _: &Arc<Sender>) -> BoxFuture<'_, Result<Credential, Failure>> {
        Box::pin(async { Credential::bearer(Secret::new(CANARY.to_owned())) })
    }

    fn accepted(&self, _: &Credential) {}

    fn refused(&self, _: &Credential) -> Option<Failure> {
        Some(Failure::Unauthorised {
            credential: Some("token"),
            expired: None,
            not_before: None,
        })
    }
}

fn once() -> Limits {
    Limits {
        retries: 0,
        largest_body: 2_000,
        ..Limits::default()
    }
}

async fn outcome(given: Answer) -> String {
    let server = Server::start(move |_, _| given.clone()).await;
    let clock = Arc::new(HandClock::new());
    let api = in_name_of(&server.url(), once(), &clock, Some(Arc::new(Canary)));
    let params = [("s", "441782454123")];
    said(api.get("log", &params, Class::Log).await)
}

#[tokio::test]
async fn each_answer_blames_whom_it_should() {
    let long = "x".repeat(3_000);
    let hostile = format!("\u{202e}<b>\u{1b}[31m no {CANARY}\r\n\u{0} eyJhbGci.x.y {long}");
    let shown = "x".repeat(170);
    let table = [
        (
            answer(401, &[], r#"{"error":"canary"}"#),
            "the platform refused our credential (401): put a valid token into the configuration in place of this one".to_owned(),
        ),
        (
            answer(403, &[], r#"{"error":"Access Denied"}"#),
            "our permission does not cover this at the platform (403): let its administrator grant our user to read it; it said: Access Denied".to_owned(),
        ),
        (
            answer(404, &[], r#"{"error":{"message":"Record Not Found"}}"#),
            "the platform has nothing there (404): neither such a record nor, perhaps, such a path; it said: Record Not Found".to_owned(),
        ),
        (
            answer(400, &[], "no such number: +441782454123"),
            "the platform did not accept what we asked (400 Bad Request); it said: no such number: +...123".to_owned(),
        ),
        (
            answer(400, &[], r#"{"message": "rejected Digest response=\"0123456789abcdef0123456789abcdef\", nonce=\"abcdef99\" from +44 1632 960106 at 2026-11-27 10:00, 2026-11-27 441632960107"}"#),
            "the platform did not accept what we asked (400 Bad Request); it said: rejected Digest response=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\", nonce=\"xxxxxxxx\" from +...106 at 2026-11-27 10:00, 2026-11-27 ...107".to_owned(),
        ),
        (
            answer(418, &[], &format!(" {hostile}")),
            format!("the platform did not accept what we asked (418 I'm a teapot); it said: <b> [31m no (hidden) (hidden) {shown}…"),
        ),
        (
            answer(429, &[], ""),
            "our rate is too high for the platform (429): we ask too often; ask again later".to_owned(),
        ),
        (
            answer(429, &[("Retry-After", "40")], ""),
            "our rate is too high for the platform (429): we ask too often and should wait 40 s more; ask again later".to_owned(),
        ),
        (
            answer(429, &[("Retry-After", "Mon, 16 Feb 2026 09:12:30 GMT")], ""),
            "our rate is too high for the platform (429): we ask too often and should wait 3 min more; ask again later".to_owned(),
        ),
        (
            answer(429, &[("Retry-After", "soon")], ""),
            "our rate is too high for the platform (429): we ask too often; ask again later".to_owned(),
        ),
        (
            answer(500, &[("Content-Type", "text/html")], "<!DOCTYPE html><html>canary</html>"),
            "the platform answered 500 Internal Server Error: ask again later".to_owned(),
        ),
        (
            answer(502, &[], r#"{"message":"upstream\nfailed"}"#),
            "the platform answered 502 Bad Gateway: ask again later; it said: upstream failed".to_owned(),
        ),
        (
            answer(503, &[("Retry-After", "120")], ""),
            "the platform answered 503 Service Unavailable and wants to be left alone for 2 min: ask again later".to_owned(),
        ),
        (
            answer(302, &[("Location", "https://evil.example/canary?s=1")], ""),
            "the platform sent us on to evil.example, which is not followed: check the address in the configuration".to_owned(),
        ),
        (
            answer(302, &[], ""),
            "the platform answered 302 Found, which is no answer to our question".to_owned(),
        ),
        (
            half("[1,2,"),
            "the answer of the platform broke off after 5 bytes: ask again".to_owned(),
        ),
        (
            Answer::Drop,
            "the platform cannot be reached from here: the connection was cut before an answer came".to_owned(),
        ),
        (
            answer(200, &[], &long),
            "the answer of the platform is larger than 2 kB: ask for less, or raise largest_body".to_owned(),
        ),
        (
            Answer::Bytes(format!("HTTP/1.0 200 OK\r\n\r\n{long}").into_bytes()),
            "the answer of the platform is larger than 2 kB: ask for less, or raise largest_body".to_owned(),
        ),
    ];
    for (given, expected) in table {
        let said = outcome(given).await;
        assert_eq!(said, expected);
        assert!(
            !said.contains("canary") && !said.contains("441782454123"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn without_a_credential_none_is_blamed() {
    let server = Server::start(|_, _| answer(401, &[], "")).await;
    let api = api(&server.url(), once(), &Arc::new(HandClock::new()));
    assert_eq!(
        said(api.get("log", &[], Class::Log).await),
        "the platform wants a credential (401), and none is configured"
    );
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    for (class, length) in [(Class::Log, 15), (Class::Cdr, 30)] {
        let server = Server::start(|_, _| held("")).await;
        let clock = Arc::new(HandClock::new());
        let api = api(&server.url(), once(), &clock);
        let asking = api.get("log", &[], class);
        let (outcome, ()) = tokio::join!(asking, async {
            server.until_asked(1).await;
            clock.advance(seconds(length));
        });
        let expected = format!("the platform did not answer within {length} s: ask again later");
        assert_eq!(said(outcome), expected);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_does_too() {
    // All of the head, a part of the body, and then nothing: the connection stays open.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let clock = Arc::new(HandClock::new());
    let api = api(&url, once(), &clock);
    let (outcome, _open) = tokio::join!(api.get("log", &[], Class::Log), async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1";
        tokio::io::AsyncWriteExt::write_all(&mut stream, head)
            .await
            .unwrap();
        clock.advance(seconds(15));
        stream
    });
    assert_eq!(
        outcome.unwrap_err(),
        Failure::TooSlow {
            within: seconds(15)
        }
    );
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_apart() {
    let clock = Arc::new(HandClock::new());
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let no_tls = format!("https://{}/", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let words = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, words).await;
    });
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/", unused.local_addr().unwrap());
    drop(unused);
    // Longer than a name may be (RFC 1035 section 2.3.4), so that nobody is asked for it.
    let no_name = format!("https://{}.example/", "a".repeat(64));
    let table = [
        (nobody, Unreachable::Refused),
        (no_name, Unreachable::NoAddress),
        (no_tls, Unreachable::Tls),
    ];
    for (url, expected) in table {
        let api = api(&url, once(), &clock);
        let failure = api.get("log", &[], Class::Log).await.unwrap_err();
        assert_eq!(failure, Failure::Unreachable(expected), "{url}");
    }
    let sentences = [
        Unreachable::NoAddress,
        Unreachable::Refused,
        Unreachable::Cut,
        Unreachable::Tls,
        Unreachable::Network,
    ]
    .map(|why| Failure::Unreachable(why).sentence("it"));
    assert_eq!(
        sentences.join("\n"),
        "it cannot be reached from here: no address is known for its name; check the name and our DNS
it cannot be reached from here: the connection was refused; check the address and the firewall
it cannot be reached from here: the connection was cut before an answer came
it cannot be reached from here: no trusted TLS connection came about; check its certificate and our clock
it cannot be reached from here: there is no way through the network"
    );
}

#[tokio::test]
async fn no_path_leads_away_from_the_configured_address() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let api = api(&server.url(), once(), &Arc::new(HandClock::new()));
    let away = [
        Path::of(&["card", ".."]),
        Path::of(&["card", "", "rev"]),
        Path::template("card/{id}/rev", &[("id", "..")]),
        Path::from("../../secret"),
        Path::from("%2e%2e/%2e%2e/secret"),
        Path::from("/etc"),
    ];
    for path in away {
        let failure = api.get(path.clone(), &[], Class::Log).await.unwrap_err();
        assert!(matches!(failure, Failure::CannotAsk(_)), "{path:?}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn health_says_since_when_and_whose_it_is() {
    let server = Server::start(|_, _| answer(200, &[], "[]")).await;
    let clock = Arc::new(HandClock::new());
    let limits = Limits {
        cache: seconds(0),
        ..once()
    };
    let api = api(&server.url(), limits, &clock);
    let time = |at: jiff::Timestamp| at.strftime("%H:%M").to_string();
    let headline = || api.health().headline("the platform", time);
    let ask = || api.get("log", &[], Class::Log);
    assert_eq!(headline(), None);
    ask().await.unwrap();
    assert_eq!(headline(), None);

    server.now(|_, _| Answer::Drop);
    clock.advance(seconds(120));
    ask().await.unwrap_err();
    clock.advance(seconds(60));
    ask().await.unwrap_err();
    assert_eq!(
        headline().unwrap(),
        "the platform: unreachable from here since 09:12, last good answer 09:10: the platform \
         cannot be reached from here: the connection was cut before an answer came"
    );
    assert_eq!(api.health().trouble(Blame::Platform).unwrap().times, 2);

    // Whoever refuses is there.
    server.now(|_, _| answer(429, &[], ""));
    ask().await.unwrap_err();
    assert_eq!(
        headline().unwrap(),
        "the platform: refuses our rate since 09:13, last good answer 09:10: our rate is too high \
         for the platform (429): we ask too often; ask again later"
    );
    server.now(|_, _| answer(401, &[], ""));
    ask().await.unwrap_err();
    let said = headline().unwrap();
    assert!(
        said.starts_with("the platform: refuses our credential since 09:13"),
        "{said}"
    );

    server.now(|_, _| answer(200, &[], "[]"));
    ask().await.unwrap();
    assert_eq!(headline(), None);
    assert_eq!(api.health().last_good, Some(clock.now()));

    // One path that is not there says nothing of the rest.
    server.now(|_, _| answer(404, &[], ""));
    ask().await.unwrap_err();
    assert_eq!(headline(), None);
}
