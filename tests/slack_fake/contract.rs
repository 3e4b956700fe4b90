//! The contract: an app made with Slack's own library works against the fake. If it breaks, the fake is
//! wrong. Needs node and `npm ci` in `tests/contract/slack`; skips, and says so, without.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::slack::{ANN, APP_TOKEN, BOT_TOKEN, Fake, NOC};

/// The app; ends with the value.
struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the app, if it can run here.
fn app(fake: &Fake) -> Option<App> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/slack");
    if !folder.join("node_modules/@slack/bolt").is_dir() {
        println!("skipped: no @slack/bolt (npm ci in tests/contract/slack)");
        return None;
    }
    let spawned = Command::new("node")
        .arg("app.js")
        .current_dir(folder)
        .env("SLACK_API_URL", format!("{}/", fake.api_url()))
        .env("SLACK_BOT_TOKEN", BOT_TOKEN)
        .env("SLACK_APP_TOKEN", APP_TOKEN)
        .stdin(Stdio::null())
        .spawn();
    match spawned {
        Ok(child) => Some(App(child)),
        Err(error) => {
            println!("skipped: node: {error}");
            None
        }
    }
}

#[tokio::test]
async fn bolt_works_against_the_fake() {
    let fake = Fake::start().await;
    let Some(_app) = app(&fake) else {
        return;
    };
    fake.until_connected(1).await;
    let ann = fake.user(ANN);

    ann.slash(NOC, "/triage 123@example.net");
    let said = fake.until("an answer", |state| {
        state.ephemerals(NOC, ANN).first().map(|it| it.text.clone())
    });
    assert_eq!(said.await, "looking for 123@example.net");

    ann.mention(NOC, None, "card");
    let card = fake
        .until("a card", |state| {
            let mut cards = state.bots(NOC).into_iter();
            cards
                .find(|it| !it.elements().is_empty())
                .map(|it| it.ts.clone())
        })
        .await;

    ann.click(NOC, &card, "report");
    fake.until("a form", |state| state.top_view(ANN).map(|_| ()))
        .await;
    ann.submit(&[("what", "one-way audio")]);
    fake.until("a report", |state| {
        let mut thread = state.thread(NOC, &card).into_iter();
        thread
            .find(|it| it.text == "reported: one-way audio")
            .map(|_| ())
    })
    .await;
    fake.until("a file", |state| {
        let mut thread = state.thread(NOC, &card).into_iter();
        let shared = thread.find(|it| !it.files.is_empty())?;
        let file = &state.files[&shared.files[0]];
        (file.content.as_deref() == Some(b"SIP/2.0 503")).then_some(())
    })
    .await;
    fake.until_acked().await;
    fake.look(|state| assert!(state.views.is_empty()));

    fake.disconnect("refresh_requested");
    fake.until("a new socket", |state| {
        (state.record.connections_opened >= 2).then_some(())
    })
    .await;
    fake.nothing_refused();
}
