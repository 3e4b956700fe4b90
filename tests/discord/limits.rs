//! Rate limits, as serenity's own limiter keeps them: it goes to Discord's own address alone, so that is led to a server
//! of this test, with a certificate that only this test believes. Needs openssl's program; skips, and says so, without.

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

#[tokio::test]
async fn a_global_limit_and_an_empty_bucket_are_waited_for() {
    let folder = TempDir::new().unwrap();
    let Some((cert, key)) = certificate(folder.path()) else {
        println!("skipped: no openssl");
        return;
    };
    let identity = Identity::from_pkcs8(&cert, &key).unwrap();
    let user = r#"{ "id": "1" }"#;
    let bucket = "x-ratelimit-bucket: abc\r\nx-ratelimit-limit: 1\r\nx-ratelimit-remaining: 0\r\n\
                  x-ratelimit-reset: 1\r\nx-ratelimit-reset-after: 1.5\r\n";
    let limited =
        r#"{ "message": "You are being rate limited.", "retry_after": 1.0, "global": true }"#;
    let address = serve(
        identity,
        vec![
            answer(
                429,
                "x-ratelimit-global: true\r\nretry-after: 1\r\n",
                limited,
            ),
            answer(200, bucket, user),
            answer(200, bucket, user),
        ],
    );
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
    let api = Api::with(client, &settings, Metrics::default());
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
