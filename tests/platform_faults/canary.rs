//! Secrets that sing where they must not be: tokens, passwords, digests and whole numbers, looked for in
//! everything that the program writes.

use std::path::Path;

use calltriage::archive::Archive;
use calltriage::demo::{Behaviour, Credentials, Endpoint};
use calltriage::store::Store;
use jiff::Timestamp;
use serde_json::Value;
use tokio::task::block_in_place;

use super::{CALL_ID, PATIENCE, config, world};
use crate::cli::{Desk, Done, finish};
use crate::support::connexcs::{Fake, basic};

const TOKEN: &str = "canary-token-5fJ2kQ";
const REFRESH: &str = "canary-refresh-8sLm3W";
const USER: &str = "canary@example.com";
const PASSWORD: &str = "canary-password-0Zx9";
pub const DIGEST: &str = "0badcafe0badcafe";
pub const NUMBERS: [&str; 3] = ["441632960001", "441632960002", "441632960115"];

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

/// Runs it with the most talkative log, also of every library, should one listen to that.
fn loud(desk: &Desk, args: &[&str], lines: &str) -> Done {
    let mut command = desk.command(&[&["--config", "run.toml"], args].concat());
    for name in ["CALLTRIAGE_LOG", "RUST_LOG"] {
        command.env(name, "trace");
    }
    command.env("RUST_BACKTRACE", "full");
    block_in_place(|| finish(command, lines))
}

/// Asks with the most talkative log.
fn ask(desk: &Desk, query: &str) -> Done {
    loud(desk, &["diagnose", "--json", query], "")
}

/// No number is in a text whole.
#[track_caller]
fn assert_no_number(text: &str, about: &str) {
    for number in NUMBERS {
        assert!(!text.contains(number), "{about}: {number} in {text}");
    }
}

/// What an answer says of look-ups that failed.
fn failures(answer: &Value) -> String {
    let calls = answer["calls"].as_array().unwrap().iter();
    let mut said: Vec<String> = calls.map(|call| call["not_checked"].to_string()).collect();
    said.push(answer["lead"].to_string());
    let steps = answer["steps"].as_array().unwrap().iter();
    // The last has the values of a form, for the person who asked about them.
    let steps = steps.filter(|it| it["step"] != "simulate" && it["step"] != "register-log");
    said.extend(steps.map(|it| it["detail"].to_string()));
    said.join("\n")
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
        let spaced = NUMBERS[1].replace("632", " 632 ");
        let said = format!(
            "{shown} asked for {} or +{spaced} with response=\"{DIGEST}\"",
            NUMBERS[1]
        );
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
                assert_no_number(&done.err, &about);
                let answer = done.one_json();
                assert_no_number(&failures(&answer), &about);
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

/// What an API says of a call under a key that nobody documents.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_in_a_row_is_not_kept() {
    let fake = Fake::letting_in(world(), credentials()).await;
    let search = format!("log?s={}", CALL_ID.replace('@', "%40"));
    let found = fake
        .send("GET", &search, &format!("Bearer {TOKEN}"), "")
        .await;
    let mut rows = found.unwrap().json();
    rows[0]["routing"]["extra"] = format!("Digest response=\"{DIGEST}\"").into();
    fake.always(Endpoint::Log, Behaviour::Json(rows));
    let desk = Desk::new();
    let token = format!(r#"token = {{ value = "{TOKEN}" }}"#);
    desk.file("run.toml", config(&fake, &token, ""));
    let done = ask(&desk, CALL_ID);
    assert_eq!(done.code, Some(0), "{done:?}");
    let kept = files(&desk.store());
    assert!(!kept.is_empty());
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        assert_no_secret(
            &String::from_utf8_lossy(&bytes),
            &path.display().to_string(),
        );
    }
}

/// The other commands that ask a platform, and what a chat is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_logs_a_number_or_a_secret() {
    let fake = Fake::letting_in(world(), credentials()).await;
    let desk = Desk::new();
    let token = format!(r#"token = {{ value = "{TOKEN}" }}"#);
    let simulate = "[sources.endpoints]\nsimulate = \"demo/simulate\"\n";
    let given = config(&fake, &token, "").replace("[sources.endpoints]\n", simulate);
    desk.file("run.toml", given);
    let number = NUMBERS[1];
    let form = format!(
        "--dialled={number} --cli={} --switch=192.0.2.5 --ip=198.51.100.10 --engine=Europe --confirm",
        NUMBERS[0]
    );
    let form: Vec<&str> = ["simulate"].into_iter().chain(form.split(' ')).collect();
    let chat = format!("{number}\nagain\ncompare {CALL_ID}\nsimulate {number}\nladder {number}\n");
    let said = format!("{TOKEN} asked for {number}");
    let echo = Behaviour::Refuse {
        status: 500,
        retry_after: None,
        body: serde_json::json!({ "message": said }).to_string(),
    };
    for behaviour in [None, Some(echo)] {
        let about = format!("{behaviour:?}");
        fake.platform.script().clear();
        // Nobody shows the status page a credential.
        fake.always(Endpoint::Status, Behaviour::broken());
        if let Some(behaviour) = behaviour {
            fake.platform.script().everywhere(behaviour);
        }
        let runs: [(&[&str], &str); 4] = [
            (&form, ""),
            (&["compare", CALL_ID], ""),
            (&["doctor"], ""),
            (&["chat"], &chat),
        ];
        for (args, lines) in runs {
            let done = loud(&desk, args, lines);
            // The log alone: what a person asked for may be said to that person.
            let is_log = |line: &&str| line.contains("calltriage::");
            let log: Vec<&str> = done.err.lines().filter(is_log).collect();
            assert!(
                !log.is_empty(),
                "{args:?} {about}: nothing is logged: {}",
                done.err
            );
            assert_no_number(&log.join("\n"), &about);
            assert_no_secret(&done.err, &about);
            assert_no_secret(&done.out, &about);
        }
    }
    // Nothing is written to a place of its own.
    let strays: Vec<_> = files(&desk.path(""))
        .into_iter()
        .filter(|path| !path.starts_with(desk.path("state")) && !path.ends_with("run.toml"))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
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
