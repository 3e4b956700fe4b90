//! In whose name the platform is asked: each kind of credential, its exchange, and what is done when
//! it is refused. Nothing of it is ever seen but by the server.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calltriage::config::{self, Limits, Secret};
use calltriage::sources::api::{Api, Class, Clock, Failure};
use calltriage::sources::connexcs::credentials::{Credentials, HOLD};
use futures_util::future::join_all;

use super::{in_name_of, said, seconds};
use crate::support::clock::{HandClock, START};
use crate::support::http::{Answer, Asked, Server, answer, held};

const REFRESH: &str = "eyJhbGciOiJub25lIn0.canary-refresh.x";

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A token whose payload is `claims`.
pub fn token(claims: &str) -> String {
    format!(
        "eyJhbGciOiJub25lIn0.{}.canary",
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// A token that ends so many seconds after the clock's start.
pub fn ends(after: i64) -> String {
    token(&format!(r#"{{"exp":{}}}"#, START + after))
}

struct Account {
    server: Arc<Server>,
    clock: Arc<HandClock>,
    api: Api,
}

impl Account {
    async fn new(
        configured: config::Credentials,
        script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Account {
        let server = Server::start(script).await;
        let clock = Arc::new(HandClock::new());
        let steady = Arc::clone(&clock) as Arc<dyn Clock>;
        let credentials = Credentials::new(&configured, steady).unwrap();
        let limits = Limits {
            cache: seconds(0),
            burst: 100.try_into().unwrap(),
            ..Limits::default()
        };
        let api = in_name_of(&server.url(), limits, &clock, Some(Arc::new(credentials)));
        Account { server, clock, api }
    }

    async fn ask(&self) -> Result<String, Failure> {
        let body = self.api.get("log", &[], Class::Log).await;
        body.map(|body| body.text().into_owned())
    }

    /// What was asked, and in whose name.
    fn asked(&self) -> Vec<(String, String)> {
        let asked = self.server.asked().into_iter();
        asked
            .map(|asked| {
                let place = asked.target.trim_start_matches("/api/cp/").to_owned();
                (place, asked.authorization.unwrap_or_default())
            })
            .collect()
    }

    fn exchanges(&self) -> usize {
        let asked = self.asked();
        asked
            .iter()
            .filter(|(place, _)| place == "auth/jwt")
            .count()
    }
}

/// Takes the refresh token, gives one access token after the other, and takes these.
fn exchanging(life: Option<i64>) -> impl Fn(&Asked, usize) -> Answer + Send + Sync {
    let made = Mutex::new(0);
    move |asked, _| {
        if asked.target != "/api/cp/auth/jwt" {
            return answer(200, &[], asked.authorization.as_deref().unwrap());
        }
        assert_eq!(asked.authorization, Some(format!("Bearer {REFRESH}")));
        let mut made = made.lock().unwrap();
        *made += 1;
        let claims = match life {
            Some(life) => format!(r#"{{"n":{made},"exp":{}}}"#, START + life * *made),
            None => format!(r#"{{"n":{made}}}"#),
        };
        answer(200, &[], &format!(r#"{{"token":"{}"}}"#, token(&claims)))
    }
}

fn refresh() -> config::Credentials {
    config::Credentials::RefreshToken(secret(REFRESH))
}

#[tokio::test]
async fn a_token_and_a_user_are_sent_as_they_are() {
    let table = [
        (
            config::Credentials::Token(secret("abc.def")),
            "Bearer abc.def",
        ),
        (
            config::Credentials::User {
                username: secret("ann@example.com"),
                password: secret("pä:ss"),
            },
            "Basic YW5uQGV4YW1wbGUuY29tOnDDpDpzcw==",
        ),
    ];
    for (configured, expected) in table {
        let account = Account::new(configured, |_, _| answer(200, &[], "[]")).await;
        account.ask().await.unwrap();
        assert_eq!(account.asked(), [("log".to_owned(), expected.to_owned())]);
    }
}

#[tokio::test]
async fn twenty_at_once_share_one_exchange() {
    let account = Account::new(refresh(), |asked, _| match asked.target.as_str() {
        "/api/cp/auth/jwt" => held(&format!(r#"{{"token":"{}"}}"#, ends(1800))),
        _ => answer(200, &[], "[]"),
    })
    .await;
    let numbers: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    let asking = numbers.iter().map(async |n| {
        let params = [("s", n.as_str())];
        said(account.api.get("log", &params, Class::Log).await)
    });
    let (answers, ()) = tokio::join!(join_all(asking), async {
        account.server.until_asked(1).await;
        account.server.release(20);
    });
    assert_eq!(answers, ["[]"; 20]);
    assert_eq!(account.exchanges(), 1);
    assert_eq!(account.asked().len(), 21);
}

#[tokio::test]
async fn another_is_fetched_a_minute_before_the_end() {
    let account = Account::new(refresh(), exchanging(Some(1800))).await;
    let first = account.ask().await.unwrap();
    account.clock.advance(seconds(1800 - 61));
    assert_eq!(account.ask().await.unwrap(), first);
    assert_eq!(account.exchanges(), 1);
    account.clock.advance(seconds(1));
    assert_ne!(account.ask().await.unwrap(), first);
    assert_eq!(account.exchanges(), 2);
}

#[tokio::test]
async fn a_token_that_does_not_say_its_end_is_used_until_it_is_refused() {
    let account = Account::new(refresh(), exchanging(None)).await;
    let first = account.ask().await.unwrap();
    account.clock.advance(seconds(86_400));
    assert_eq!(account.ask().await.unwrap(), first);

    // It is replaced once, and the look-up goes on with the other.
    let others = r#"{"token":"another"}"#;
    account
        .server
        .now(move |asked, _| match &asked.authorization {
            shown if *shown == Some(first.clone()) => answer(401, &[], ""),
            _ if asked.target.ends_with("auth/jwt") => answer(200, &[], others),
            _ => answer(200, &[], asked.authorization.as_deref().unwrap()),
        });
    assert_eq!(account.ask().await.unwrap(), "Bearer another");
    let places: Vec<_> = account
        .asked()
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, ["auth/jwt", "log", "log", "log", "auth/jwt", "log"]);
}

#[tokio::test]
async fn an_end_that_is_past_already_is_no_reason_to_ask_each_time() {
    let account = Account::new(refresh(), exchanging(Some(-7_200))).await;
    for _ in 0..5 {
        account.ask().await.unwrap();
    }
    assert_eq!(account.exchanges(), 1);
    account.clock.advance(seconds(30));
    account.ask().await.unwrap();
    assert_eq!(account.exchanges(), 2);
}

#[tokio::test]
async fn a_refused_credential_is_not_shown_again_for_ten_minutes() {
    let kinds = [
        (config::Credentials::Token(secret("abc")), "token"),
        (
            config::Credentials::RefreshToken(secret("abc")),
            "refresh token",
        ),
        (
            config::Credentials::User {
                username: secret("ann@example.com"),
                password: secret("abc"),
            },
            "user and password",
        ),
    ];
    for (configured, called) in kinds {
        let account = Account::new(configured, |_, _| answer(401, &[], "")).await;
        let expected = format!(
            "the platform refused our credential (401): put a valid {called} into the \
             configuration in place of this one; it is not tried again before 2026-02-16 09:20 UTC"
        );
        for _ in 0..10 {
            let failure = account.ask().await.unwrap_err();
            assert_eq!(failure.sentence("the platform"), expected);
        }
        assert_eq!(account.asked().len(), 1);
        account.clock.advance(HOLD - seconds(1));
        account.ask().await.unwrap_err();
        assert_eq!(account.asked().len(), 1);
        account.clock.advance(seconds(1));
        account.server.now(|asked, _| match asked.target.as_str() {
            "/api/cp/auth/jwt" => answer(200, &[], r#"{"token":"new"}"#),
            _ => answer(200, &[], "[]"),
        });
        assert_eq!(account.ask().await.unwrap(), "[]");
        assert_eq!(account.ask().await.unwrap(), "[]");
    }
}

#[tokio::test]
async fn a_new_access_token_that_is_refused_is_not_replaced() {
    let account = Account::new(refresh(), |asked, _| match asked.target.as_str() {
        "/api/cp/auth/jwt" => answer(200, &[], &format!(r#"{{"token":"{}"}}"#, ends(1800))),
        _ => answer(401, &[], ""),
    })
    .await;
    // The refresh token was taken: to put another in its place would not help.
    let expected = "the platform refused the access token that it gave for our refresh token (401): see whether the \
                    refresh token's user may use the API; it is not tried again before 2026-02-16 09:20 UTC";
    for _ in 0..10 {
        let failure = account.ask().await.unwrap_err();
        assert_eq!(failure.sentence("the platform"), expected);
    }
    assert_eq!(account.asked().len(), 2);
}

#[tokio::test]
async fn one_refused_path_does_not_condemn_the_credential() {
    let account = Account::new(config::Credentials::Token(secret("abc")), |asked, _| {
        let is_cdr = asked.target.ends_with("cdr");
        answer(if is_cdr { 401 } else { 200 }, &[], "[]")
    })
    .await;
    account.ask().await.unwrap();
    let refused = account.api.get("cdr", &[], Class::Log).await.unwrap_err();
    assert_eq!(
        refused.sentence("the platform"),
        "the platform refused our credential (401): put a valid token into the configuration in \
         place of this one"
    );
    assert_eq!(account.ask().await.unwrap(), "[]");
}

#[tokio::test]
async fn an_exchange_that_gives_no_token_is_the_credentials_fault() {
    for body in [
        "",
        "{}",
        r#"{"token":""}"#,
        r#"{"token":7}"#,
        "<html>",
        "[]",
        r#"{"token":"a b\n"}"#,
    ] {
        let account = Account::new(refresh(), move |_, _| answer(200, &[], body)).await;
        assert_eq!(account.ask().await, Err(Failure::NoAccessToken), "{body}");
        // Held back from now on, and still for what it was: nobody refused it.
        assert_eq!(account.ask().await, Err(Failure::NoAccessToken), "{body}");
        assert_eq!(account.asked().len(), 1, "{body}");
    }
    // What is the platform's own trouble is tried again as everything else.
    let account = Account::new(refresh(), |_, before| match before {
        0 => answer(500, &[], ""),
        1 => answer(200, &[], r#"{"token":"new"}"#),
        _ => answer(200, &[], "[]"),
    })
    .await;
    let (outcome, ()) = tokio::join!(account.ask(), async {
        let left = account.clock.until_asleep(seconds(3)..seconds(4)).await;
        account.clock.advance(left);
    });
    assert_eq!(outcome.unwrap(), "[]");
}

#[test]
fn a_configured_token_says_when_it_ends() {
    let end = |text: &str| {
        let configured = config::Credentials::Token(secret(text));
        let clock = Arc::new(HandClock::new());
        let credentials = Credentials::new(&configured, clock).unwrap();
        credentials.expires().map(|end| end.as_second() - START)
    };
    assert_eq!(end(&ends(60)), Some(60));
    assert_eq!(end(&token(&format!(r#"{{"exp":"{START}"}}"#))), Some(0));
    assert_eq!(end(&token(&format!(r#"{{"exp":{START}.75}}"#))), Some(0));
    for none in [
        "abc",
        "a.b.c",
        "..",
        &token("{}"),
        &token("[1]"),
        &token(r#"{"exp":null}"#),
        &token(r#"{"exp":1e300}"#),
        &token(r#"{"exp":9223372036854775807}"#),
    ] {
        assert_eq!(end(none), None, "{none}");
    }
}

#[tokio::test]
async fn an_expired_token_is_named_as_that() {
    let configured = config::Credentials::Token(secret(&ends(-86_400)));
    let account = Account::new(configured, |_, _| answer(401, &[], "")).await;
    assert_eq!(
        account.ask().await.unwrap_err().sentence("the platform"),
        "the platform refused our credential (401): put a valid token into the configuration in \
         place of this one, which expired on 2026-02-15 09:10 UTC; it is not tried again before \
         2026-02-16 09:20 UTC"
    );
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let said = |configured| {
        let clock = Arc::new(HandClock::new());
        Credentials::new(&configured, clock)
            .unwrap_err()
            .sentence("the platform")
    };
    assert_eq!(
        said(config::Credentials::Token(secret("a\nb"))),
        "the platform cannot be asked this: the configured credential has characters that cannot be sent"
    );
    assert_eq!(
        said(config::Credentials::User {
            username: secret("a:b"),
            password: secret("c")
        }),
        "the platform cannot be asked this: a user name with a colon cannot be sent"
    );
}

/// Everything that is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_credential_and_no_number_is_ever_logged_or_said() {
    // With one subscriber alone, tracing asks only the thread that first comes to a line whether
    // anybody wants it, and that may be another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let kinds = [
        config::Credentials::Token(secret("canary-token")),
        config::Credentials::RefreshToken(secret("canary-refresh")),
        config::Credentials::User {
            username: secret("canary@example.com"),
            password: secret("canary-password"),
        },
    ];
    let mut said_in_all = String::new();
    for configured in kinds {
        for status in [200, 400, 401, 403, 404, 500] {
            // The server repeats all that it was told, also where it was to give a token.
            let account = Account::new(configured.clone(), move |asked, _| {
                if asked.target.ends_with("auth/jwt") && status < 403 {
                    return answer(200, &[], r#"{"token":"canary-access"}"#);
                }
                let shown = asked.authorization.clone().unwrap();
                let plain = if shown.starts_with("Basic") {
                    "canary@example.com:canary-password"
                } else {
                    ""
                };
                answer(status, &[], &format!("{shown} {plain} {}", asked.target))
            })
            .await;
            let params = [("s", "441782454123")];
            let (outcome, ()) = tokio::join!(account.api.get("log", &params, Class::Log), async {
                if status == 500 {
                    for _ in 0..2 {
                        let left = account.clock.until_asleep(seconds(3)..seconds(8)).await;
                        account.clock.advance(left);
                    }
                }
            });
            if let Err(failure) = &outcome {
                said_in_all += &format!("{failure} {failure:?}\n");
            }
            said_in_all += &format!("{:?}\n", account.api);
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("500 Internal Server Error"), "{logged}");
    assert!(said_in_all.contains("it said"), "{said_in_all}");
    for text in [logged, said_in_all] {
        for secret in ["canary-", "canary@", "Y2FuYXJ5", "441782454123"] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
    }
}
