//! A refresh token that ends soon is renewed where the new one can be kept, and nowhere else; what fails
//! there costs no answer.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use calltriage::config::{self, Limits, Secret};
use calltriage::sources::api::{Api, Class, Clock};
use calltriage::sources::connexcs::Credentials;
use serde_json::Value;
use tempfile::TempDir;

use super::credentials::{ends, token};
use super::{in_name_of, seconds};
use crate::support::clock::HandClock;
use crate::support::http::{Answer, Asked, Server, answer, held};

const DAY: i64 = 24 * 3600;
const RENEW: &str = "/api/cp/auth/jwt/refresh";

struct Account {
    server: Arc<Server>,
    clock: Arc<HandClock>,
    credentials: Arc<Credentials>,
    api: Api,
    folder: TempDir,
    old: String,
}

impl Account {
    /// An account whose refresh token is this, read from a file or not.
    async fn with(old: String, is_file: bool, renewal: Answer) -> Account {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, format!("{old}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let secret = Secret::new(old.clone());
        let secret = if is_file {
            secret.kept_in(path)
        } else {
            secret
        };
        let server = Server::start(move |asked: &Asked, _| match asked.target.as_str() {
            RENEW => renewal.clone(),
            "/api/cp/auth/jwt" => {
                // A token that ends at once, so that each look-up fetches another.
                let access = token(r#"{"exp":1}"#);
                answer(200, &[], &format!(r#"{{"token":"{access}"}}"#))
            }
            _ => answer(200, &[], "[]"),
        })
        .await;
        let clock = Arc::new(HandClock::new());
        let steady = Arc::clone(&clock) as Arc<dyn Clock>;
        let configured = config::Credentials::RefreshToken(secret);
        let credentials = Arc::new(Credentials::new(&configured, steady).unwrap());
        let limits = Limits {
            cache: seconds(0),
            burst: 100.try_into().unwrap(),
            ..Limits::default()
        };
        let api = in_name_of(&server.url(), limits, &clock, Some(credentials.clone()));
        Account {
            server,
            clock,
            credentials,
            api,
            folder,
            old,
        }
    }

    /// A look-up that fetches an access token of its own.
    async fn ask(&self) {
        self.api.get("log", &[], Class::Log).await.unwrap();
        self.clock.advance(seconds(60));
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn renewals(&self) -> Vec<Asked> {
        let mut asked = self.server.asked();
        asked.retain(|it| it.target == RENEW);
        asked
    }

    /// What the refresh tokens were that access tokens were asked for with.
    fn shown(&self) -> Vec<String> {
        let asked = self.server.asked().into_iter();
        let exchanges = asked.filter(|it| it.target == "/api/cp/auth/jwt");
        exchanges.map(|it| it.authorization.unwrap()).collect()
    }
}

fn given(token: &str) -> Answer {
    answer(200, &[], &format!(r#"{{"token":"{token}"}}"#))
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn it_is_renewed_and_kept_where_it_was() {
    let new = ends(30 * DAY);
    let account = Account::with(ends(15 * DAY - 1), true, given(&new)).await;
    account.ask().await;
    account.ask().await;
    let [renewal] = &account.renewals()[..] else {
        panic!("{:?}", account.renewals())
    };
    assert_eq!(renewal.method, "POST");
    assert_eq!(renewal.authorization, Some(bearer(&account.old)));
    let body: Value = serde_json::from_str(&renewal.body).unwrap();
    assert_eq!(body["lifetime"], 30 * DAY);
    assert_eq!(body["audience"], "calltriage");
    assert_eq!(account.shown(), [bearer(&new), bearer(&new)]);
    assert_eq!(account.kept(), format!("{new}\n"));
    let mode = fs::metadata(account.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(account.folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_a_link_leads_to_is_replaced() {
    let new = ends(30 * DAY);
    let account = Account::with(ends(DAY), true, given(&new)).await;
    let real = account.folder.path().join("real");
    fs::rename(account.file(), &real).unwrap();
    std::os::unix::fs::symlink(&real, account.file()).unwrap();
    account.ask().await;
    assert!(account.file().is_symlink());
    assert_eq!(fs::read_to_string(real).unwrap(), format!("{new}\n"));
}

#[tokio::test]
async fn it_stays_where_that_is_not_due_or_not_possible() {
    let new = ends(30 * DAY);
    let table = [
        ("fifteen days", ends(15 * DAY), true),
        ("no end", token("{}"), true),
        ("not from a file", ends(DAY), false),
    ];
    for (about, old, is_file) in table {
        let account = Account::with(old, is_file, given(&new)).await;
        account.ask().await;
        assert!(account.renewals().is_empty(), "{about}");
        assert_eq!(account.shown(), [bearer(&account.old)], "{about}");
    }
    let looking = Account::with(ends(DAY), true, given(&new)).await;
    looking.credentials.leave();
    looking.ask().await;
    assert!(looking.renewals().is_empty());
}

#[tokio::test]
async fn a_failed_renewal_costs_no_answer_and_is_not_tried_again_at_once() {
    let table = [
        ("500", answer(500, &[], "broken")),
        ("401", answer(401, &[], "Unauthorized")),
        ("no token", answer(200, &[], "{}")),
        ("no JSON", answer(200, &[], "<!DOCTYPE html>")),
        ("an earlier end", given(&ends(60))),
        ("dropped", Answer::Drop),
    ];
    for (about, renewal) in table {
        let account = Account::with(ends(3 * DAY), true, renewal).await;
        account.ask().await;
        account.ask().await;
        assert_eq!(account.renewals().len(), 1, "{about}");
        let old = bearer(&account.old);
        assert_eq!(account.shown(), [old.clone(), old], "{about}");
        assert_eq!(account.kept(), format!("{}\n", account.old), "{about}");
        assert_eq!(
            fs::read_dir(account.folder.path()).unwrap().count(),
            1,
            "{about}"
        );
    }
}

#[tokio::test]
async fn a_new_token_that_cannot_be_kept_is_not_asked_for() {
    let account = Account::with(ends(DAY), true, given(&ends(30 * DAY))).await;
    fs::remove_file(account.file()).unwrap();
    account.ask().await;
    assert!(account.renewals().is_empty());
    assert_eq!(account.shown(), [bearer(&account.old)]);
}

#[tokio::test]
async fn a_token_that_somebody_else_put_there_is_taken() {
    let account = Account::with(ends(DAY), true, given(&ends(30 * DAY))).await;
    let other = ends(29 * DAY);
    fs::write(account.file(), &other).unwrap();
    account.ask().await;
    assert!(account.renewals().is_empty());
    assert_eq!(account.shown(), [bearer(&other)]);
    assert_eq!(account.kept(), other);
}

#[tokio::test]
async fn nobody_waits_long_for_it() {
    let account = Account::with(ends(DAY), true, held("{}")).await;
    let asking = account.api.get("log", &[], Class::Log);
    let passing = async {
        account.clock.until_asleep(seconds(3)..seconds(4)).await;
        account.server.until_asked(1).await;
        account.clock.advance(seconds(3));
    };
    let (answer, ()) = tokio::join!(asking, passing);
    answer.unwrap();
    assert_eq!(account.shown(), [bearer(&account.old)]);
}
