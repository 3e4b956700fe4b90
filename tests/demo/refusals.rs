//! What the demo platform refuses: strangers, careless encoding, requests that lack something.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL;
use calltriage::demo::{Credentials, Platform, STATUS_PATH, Server, World};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::connexcs::{Fake, NOW, TOKEN, basic, exchange};

#[tokio::test]
async fn only_who_is_known_gets_data() {
    let fake = Fake::start().await;
    let status = async |auth: &str| {
        fake.send("GET", "setup/account", auth, "")
            .await
            .unwrap()
            .status
    };
    let user = basic("demo@example.com", "demo-password");
    for good in [TOKEN, &user] {
        assert_eq!(status(good).await, 200);
    }
    let wrong = basic("demo@example.com", "guess");
    for bad in [
        "",
        "Bearer",
        "Bearer other",
        "bearer demo",
        "Basic demo",
        &wrong,
        "Bearer demo-refresh",
    ] {
        assert_eq!(status(bad).await, 401, "{bad}");
    }
    let schemes: Vec<_> = fake
        .platform
        .seen()
        .all()
        .into_iter()
        .map(|it| it.scheme)
        .collect();
    assert_eq!(schemes[..2], ["Bearer", "Basic"]);
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_and_renewed() {
    let fake = Fake::start().await;
    let send = async |method: &str, path: &str, auth: &str, body: &str| {
        fake.send(method, path, auth, body).await.unwrap()
    };
    let token = |answer: Value| answer["token"].as_str().unwrap().to_owned();
    let access = send("GET", "auth/jwt", "Bearer demo-refresh", "").await;
    let access = token(access.json());
    let claims = BASE64_URL
        .decode(access.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let lasts = claims["exp"].as_i64().unwrap() - NOW;
    assert!((1800..1860).contains(&lasts), "{lasts}");
    let access = format!("Bearer {access}");
    assert_eq!(send("GET", "setup/account", &access, "").await.status, 200);
    // An access token makes no other, and a password is not exchanged.
    let user = basic("demo@example.com", "demo-password");
    for other in [&access, TOKEN, &user] {
        assert_eq!(send("GET", "auth/jwt", other, "").await.status, 401);
    }
    let wish = r#"{"lifetime": 2592000, "audience": "bot@host"}"#;
    for with in [user.as_str(), "Bearer demo-refresh"] {
        let renewed = send("POST", "auth/jwt/refresh", with, wish).await;
        let renewed = format!("Bearer {}", token(renewed.json()));
        assert_eq!(send("GET", "auth/jwt", &renewed, "").await.status, 200);
    }
    assert_eq!(
        send("POST", "auth/jwt/refresh", TOKEN, wish).await.status,
        401
    );
    assert_eq!(
        send("POST", "auth/jwt/refresh", &user, "{}").await.status,
        400
    );
}

/// An access token is good until its end and not longer.
#[tokio::test]
async fn access_tokens_end() {
    let now = Timestamp::from_second(NOW).unwrap();
    let credentials = Credentials {
        lifetime: 0,
        ..Credentials::default()
    };
    let platform = Arc::new(Platform::new(World::of_calls(Vec::new(), now), credentials));
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), platform)
        .await
        .unwrap();
    let address = server.address();
    let task = tokio::spawn(server.serve(std::future::pending()));
    let ask =
        async |path: &str, auth: &str| exchange(address, "GET", path, auth, "").await.unwrap();
    let issued = ask("/api/cp/auth/jwt", "Bearer demo-refresh").await.json();
    let issued = format!("Bearer {}", issued["token"].as_str().unwrap());
    assert_eq!(ask("/api/cp/setup/account", &issued).await.status, 401);
    task.abort();
}

#[tokio::test]
async fn what_lacks_something_is_refused() {
    let fake = Fake::start().await;
    let long = format!("log/trace?callid={}", "a".repeat(256));
    for (path, why) in [
        ("log", "s: missing"),
        ("log?s=", "s: missing"),
        ("log?s=%20", "s: missing"),
        ("log/trace", "callid: missing"),
        ("log/trace?callidb=CNX1_a", "callid: missing"),
        (long.as_str(), "callid: at most 255"),
        ("log/ai-agent?callid=a", "d: missing"),
        ("log/ai-agent?callid=a&d=16.02.2026", "d: YYYY-MM-DD"),
        ("log?s=a%2", "a percent sign without two hex digits"),
        ("log?s=%zz", "a percent sign without two hex digits"),
        ("log?s=%FF", "percent-encoded bytes that are no UTF-8"),
    ] {
        let answer = fake.get(path).await;
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400, "{path}");
        assert!(said.starts_with(why), "{path}: {said}");
    }
    // Refused by the HTTP layer already.
    assert_eq!(fake.get("log?s=a\"b").await.status, 400);
    for path in ["c4log?s=1", "log/other", "", "card/a/rev/1"] {
        assert_eq!(fake.get(path).await.status, 404, "{path}");
    }
    assert_eq!(
        fake.send("POST", "log?s=1", TOKEN, "")
            .await
            .unwrap()
            .status,
        404
    );
    assert_eq!(
        fake.send("GET", "cdr", TOKEN, "").await.unwrap().status,
        404
    );
}

#[tokio::test]
async fn the_status_page_is_for_everybody() {
    let fake = Fake::start().await;
    let page = exchange(fake.address, "GET", STATUS_PATH, "", "")
        .await
        .unwrap();
    assert_eq!(page.json()["status"]["indicator"], "none");
    assert_eq!(page.json()["incidents"], serde_json::json!([]));
}

#[tokio::test]
async fn it_listens_on_no_address_that_others_reach() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let world = World::of_calls(Vec::new(), Timestamp::UNIX_EPOCH);
        let platform = Arc::new(Platform::new(world, Credentials::default()));
        let refused = Server::bind(listen.parse().unwrap(), platform)
            .await
            .err()
            .unwrap();
        assert!(
            refused.to_string().contains("loopback addresses only"),
            "{listen}"
        );
    }
}
