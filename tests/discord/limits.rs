//! Rate limits: as the bot itself keeps them against the fake, and as serenity's own limiter keeps them. That goes to
//! Discord's own address alone, so that is led to a server of this test, with a certificate that only this test believes.
//! Needs openssl's program; skips, and says so, without.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use calltriage::chat::discord::api::Api;
use calltriage::config::{Discord, DiscordWayIn, Secret};
use calltriage::metrics::Metrics;
use native_tls::{Identity, TlsAcceptor};
use tempfile::TempDir;

use super::killed::{answered_once, ask};
use super::{BUSY, OURS, in_discord};
use crate::support::discord::buckets::Limit;
use crate::support::discord::{ANN, NOC};

/// A certificate for Discord's name, and its key.
fn certificate(folder: &Path) -> Option<(Vec<u8>, Vec<u8>)> {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=discord.com",
            "-addext",
            "subjectAltName=DNS:discord.com",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output();
    match made {
        Ok(output) if output.status.success() => {
            Some((std::fs::read(cert).unwrap(), std::fs::read(key).unwrap()))
        }
        _ => None,
    }
}

/// Answers one request after another with these; what is asked beyond them is not answered.
fn serve(identity: Identity, answers: Vec<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::new(identity).unwrap();
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = acceptor.accept(stream).unwrap();
            let mut read = [0; 8 * 1024];
            let _ = stream.read(&mut read).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = stream.shutdown();
        }
    });
    address
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: \
         {length}\r\n\r\n{body}"
    )
}

/// A Discord at its own address that gives these answers; nothing without openssl.
fn at_its_own_address(answers: Vec<String>) -> Option<Api> {
    let folder = TempDir::new().unwrap();
    let Some((cert, key)) = certificate(folder.path()) else {
        println!("skipped: no openssl");
        return None;
    };
    let identity = Identity::from_pkcs8(&cert, &key).unwrap();
    let address = serve(identity, answers);
    let settings = Discord {
        token: Secret::new("fake-discord-token".to_owned()),
        application_id: 1,
        way_in: DiscordWayIn::Gateway,
        api_url: "https://discord.com".parse().unwrap(),
        servers: Vec::new(),
        internal_servers: Vec::new(),
        staff_roles: Vec::new(),
        gateway_limit: Duration::from_secs(90),
    };
    let client = Api::client()
        .resolve("discord.com", address)
        .tls_certs_merge([reqwest::Certificate::from_pem(&cert).unwrap()])
        .build()
        .unwrap();
    Some(Api::with(client, &settings, Metrics::default()))
}

const USER: &str = r#"{ "id": "1" }"#;

#[tokio::test]
async fn a_global_limit_and_an_empty_bucket_are_waited_for() {
    let bucket = "x-ratelimit-bucket: abc\r\nx-ratelimit-limit: 1\r\nx-ratelimit-remaining: 0\r\n\
                  x-ratelimit-reset: 1\r\nx-ratelimit-reset-after: 1.5\r\n";
    let limited =
        r#"{ "message": "You are being rate limited.", "retry_after": 1.0, "global": true }"#;
    let answers = vec![
        answer(
            429,
            "x-ratelimit-global: true\r\nretry-after: 1\r\n",
            limited,
        ),
        answer(200, bucket, USER),
        answer(200, bucket, USER),
    ];
    let Some(api) = at_its_own_address(answers) else {
        return;
    };
    let began = Instant::now();
    assert_eq!(api.own_user().await.unwrap()["id"], "1");
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    let again = Instant::now();
    assert_eq!(api.own_user().await.unwrap()["id"], "1");
    assert!(
        again.elapsed() >= Duration::from_millis(1_300),
        "{:?}",
        again.elapsed()
    );
}

#[tokio::test]
async fn a_limit_that_lasts_too_long_is_not_waited_for() {
    let limited =
        r#"{ "message": "You are being rate limited.", "retry_after": 60.0, "global": true }"#;
    let head = "x-ratelimit-global: true\r\nretry-after: 60\r\n";
    let Some(api) = at_its_own_address(vec![answer(429, head, limited)]) else {
        return;
    };
    let api = api.patient_for(Duration::from_secs(1));
    let began = Instant::now();
    let error = api.own_user().await.unwrap_err().to_string();
    assert!(error.contains("asks for a longer wait"), "{error}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn what_is_asked_at_once_in_one_channel_keeps_to_its_bucket() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| {
        state.buckets.limit = Limit {
            calls: 2,
            every: Duration::from_secs(1),
        };
    });
    let asked: Vec<u64> = (0..6).map(|_| fake.user(ANN).mentions(NOC, BUSY)).collect();
    fake.until("all answered", |state| {
        let is_answered = |id: &u64| {
            let mut all = state.of_bot(NOC);
            all.any(|it| it.replies_to == Some(*id) && it.readable().contains("486"))
        };
        asked.iter().all(is_answered).then_some(())
    })
    .await;
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), asked.len());
    // The bot was told beforehand when a bucket was empty.
    assert_eq!(fake.look(|state| state.buckets.refused), 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_limit_of_everything_holds_all_calls_at_once() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| state.buckets.shut(Duration::from_secs(2)));
    let asked: Vec<u64> = (0..6)
        .map(|_| fake.user(ANN).mentions(NOC, "explain 486"))
        .collect();
    // What goes by the token of an interaction is not held.
    ask(&fake);
    fake.until("all answered", |state| {
        let is_answered = |id: &u64| {
            let mut all = state.of_bot(NOC);
            all.any(|it| it.replies_to == Some(*id) && it.readable().contains("Busy"))
        };
        asked.iter().all(is_answered).then_some(())
    })
    .await;
    answered_once(&fake).await;
    assert!(fake.look(|state| state.buckets.refused) > 0);
    fake.nothing_refused();
}
