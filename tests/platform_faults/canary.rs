//! Secrets that sing where they must not be: tokens, passwords, digests and whole numbers, looked for in
//! everything that the program writes.

use std::path::Path;

use calltriage::archive::Archive;
use calltriage::demo::{Behaviour, Credentials, Endpoint};
use calltriage::store::Store;
use jiff::Timestamp;
use tokio::task::block_in_place;

use super::{CALL_ID, PATIENCE, config, world};
use crate::cli::{Desk, Done, finish};
use crate::support::connexcs::{Fake, basic};

const TOKEN: &str = "canary-token-5fJ2kQ";
const REFRESH: &str = "canary-refresh-8sLm3W";
const USER: &str = "canary@example.com";
const PASSWORD: &str = "canary-password-0Zx9";
const DIGEST: &str = "0badcafe0badcafe";
const NUMBERS: [&str; 3] = ["441632960001", "441632960002", "441632960115"];

fn credentials() -> Credentials {
    Credentials {
        token: TOKEN.to_owned(),
        refresh_token: REFRESH.to_owned(),
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        lifetime: 1800,
    }
}

/// None of the secrets is in a text.
#[track_caller]
fn assert_no_secret(text: &str, about: &str) {
    let encoded = basic(USER, PASSWORD);
    let encoded = encoded.trim_start_matches("Basic ");
    for secret in [TOKEN, REFRESH, PASSWORD, encoded, DIGEST] {
        assert!(!text.contains(secret), "{about}: {secret} in {text}");
    }
}

/// Asks with the most talkative log.
fn ask(desk: &Desk, query: &str) -> Done {
    let mut command = desk.command(&["diagnose", "--json", "--config", "run.toml", query]);
    command.env("CALLTRIAGE_LOG", "trace");
    block_in_place(|| finish(command, ""))
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path());
    let of = |path: std::path::PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_written_anywhere() {
    let fake = Fake::letting_in(world(), credentials()).await;
    let user =
        format!("username = {{ value = \"{USER}\" }}\npassword = {{ value = \"{PASSWORD}\" }}");
    let kinds = [
        (
            format!(r#"token = {{ value = "{TOKEN}" }}"#),
            TOKEN.to_owned(),
        ),
        (
            format!(r#"refresh_token = {{ value = "{REFRESH}" }}"#),
            REFRESH.to_owned(),
        ),
        (user, format!("{PASSWORD} {}", basic(USER, PASSWORD))),
    ];
    for (kind, shown) in &kinds {
        // What repeats to us all that it was told.
        let said = format!("{shown} asked for {}", NUMBERS[1]);
        let echo = |status| Behaviour::Refuse {
            status,
            retry_after: None,
            body: serde_json::json!({ "message": said }).to_string(),
        };
        let desk = Desk::new();
        desk.file("run.toml", config(&fake, kind, ""));
        for behaviour in [
            None,
            Some(echo(400)),
            Some(echo(401)),
            Some(echo(500)),
            Some(Behaviour::Drop),
        ] {
            let about = format!("{kind}, {behaviour:?}");
            fake.platform.script().clear();
            // Nobody shows the status page a credential.
            fake.always(Endpoint::Status, Behaviour::broken());
            if let Some(behaviour) = behaviour.clone() {
                fake.platform.script().everywhere(behaviour);
            }
            for query in [CALL_ID, NUMBERS[1]] {
                let done = ask(&desk, query);
                assert_eq!(done.code, Some(0), "{done:?}");
                assert!(
                    done.err.contains("api=main"),
                    "{about}: nothing is logged: {}",
                    done.err
                );
                assert_no_secret(&done.err, &about);
                assert_no_secret(&done.out, &about);
                for number in NUMBERS {
                    assert!(!done.err.contains(number), "{about}: {}", done.err);
                }
                let is_answered = done.out.contains(r#""lead":null"#);
                assert_eq!(is_answered, behaviour.is_none(), "{about}: {}", done.out);
            }
        }
        for path in files(&desk.store()) {
            let bytes = std::fs::read(&path).unwrap();
            assert_no_secret(
                &String::from_utf8_lossy(&bytes),
                &path.display().to_string(),
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_messages_have_no_digest() {
    let fake = Fake::letting_in(world(), credentials()).await;
    let desk = Desk::new();
    desk.file(
        "run.toml",
        config(&fake, &format!(r#"token = {{ value = "{TOKEN}" }}"#), ""),
    );
    let answer = ask(&desk, CALL_ID).one_json();
    let now = Timestamp::now();
    let opened = Store::open(&desk.store(), now, PATIENCE).await.unwrap();
    let archive = Archive::new(opened.store);
    let id = answer["id"].as_str().unwrap();
    let (_, evidence) = archive.load(id, now).await.unwrap().unwrap();
    let kept: Vec<String> = evidence
        .packets
        .iter()
        .map(|packet| String::from_utf8_lossy(&packet.bytes).into_owned())
        .collect();
    assert!(
        kept.iter()
            .any(|message| message.contains("Proxy-Authorization: Digest")),
        "{kept:#?}"
    );
    assert_no_secret(&kept.concat(), "kept messages");
    assert_no_secret(&format!("{:?}", evidence.records), "kept records");
}
