//! The contract: an app made with discord.js works against the fake. If it breaks, the fake is wrong. Needs node and
//! `npm ci` in `tests/contract/discord`; skips, and says so, without.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::discord::talk::first_answer;
use crate::support::discord::{ANN, Fake, NOC, TOKEN};

/// Only to end a test that would otherwise wait for ever: node begins slowly where others want the machine too.
const PATIENCE: Duration = Duration::from_secs(180);

/// The app; ends with the value.
struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the app, if it can run here, and waits until it hears.
async fn app(fake: &Fake) -> Option<App> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/discord");
    if !folder.join("node_modules/discord.js").is_dir() {
        println!("skipped: no discord.js (npm ci in tests/contract/discord)");
        return None;
    }
    let spawned = Command::new("node")
        .arg("app.js")
        .current_dir(folder)
        .env("DISCORD_API_URL", fake.api_url())
        .env("DISCORD_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut app = match spawned {
        Ok(child) => App(child),
        Err(error) => {
            println!("skipped: node: {error}");
            return None;
        }
    };
    let out = app.0.stdout.take().unwrap();
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).map(|_| line)
    });
    match tokio::time::timeout(PATIENCE, line).await {
        Ok(line) => assert_eq!(line.unwrap().unwrap(), "ready\n", "it ended"),
        Err(_) => panic!(
            "it never hears; there is\n{}",
            fake.look(|state| state.told())
        ),
    }
    Some(app)
}

#[tokio::test]
async fn discord_js_works_against_the_fake() {
    let fake = Fake::unhurried().await;
    let Some(_app) = app(&fake).await else {
        return;
    };
    let ann = fake.user(ANN);

    let asked = ann.slash(NOC, "diagnose", &[("call", json!("123@example.net"))]);
    let answer = fake.answer(NOC, "looking for 123@example.net").await;
    assert_eq!(answer.interaction, Some(asked));
    assert_eq!(answer.before.len(), 1, "deferred, then edited");
    assert_eq!(
        answer.files,
        [("trace.txt".to_owned(), b"SIP/2.0 503".to_vec())]
    );
    let whisper = fake.whisper(ANN, "only for you").await;
    assert_eq!(whisper.by, "follow-up");

    let pressed = ann.press(&answer, "report");
    let form = first_answer(&fake, pressed).await;
    assert_eq!(form["type"], 9);
    ann.submit(NOC, &form["data"], &[("what", "one-way audio")]);
    fake.answer(NOC, "reported: one-way audio, P4").await;
    let read = fake.answer(NOC, "read: written").await;
    assert_eq!((read.by, read.before.len()), ("channel", 1));

    let mention = ann.mentions(NOC, "and here?");
    let reply = fake.answer(NOC, "in noc: user201").await;
    assert_eq!(reply.replies_to, Some(mention));

    // A connection that ends is resumed, and what was told meanwhile is heard.
    fake.cut();
    ann.slash(NOC, "diagnose", &[("call", json!("456@example.net"))]);
    fake.answer(NOC, "looking for 456@example.net").await;
    assert!(fake.look(|state| state.resumed > 0));
    fake.nothing_refused();
}
