//! `doctor` for Slack: what works, what does not, and the fix in one sentence each.

use super::Bot;
use crate::support::slack::faults::Fault;
use crate::support::slack::{APP_TOKEN, App, BOT_TOKEN, ELSEWHERE, Fake, NOC, SIGNING_SECRET};

/// What it says of Slack, without what differs from run to run.
fn said(bot: &Bot) -> String {
    let run = || bot.command(&["doctor"]).output().unwrap();
    let output = tokio::task::block_in_place(run);
    let text = String::from_utf8(output.stdout).unwrap();
    for secret in [BOT_TOKEN, APP_TOKEN, SIGNING_SECRET] {
        assert!(!text.contains(secret), "{text}");
    }
    let timeless = |line: &str| match line.rsplit_once(" (") {
        Some((before, after)) if after.ends_with(" ms)") => format!("{before} (N ms)"),
        _ => line.to_owned(),
    };
    let text = text
        .replace("ours is 89 s", "ours is 90 s")
        .replace("ours is 399 s", "ours is 400 s");
    let lines = text.lines().filter(|it| it.contains(" slack "));
    lines.map(timeless).collect::<Vec<_>>().join("\n")
}

fn channels(ids: &[&str]) -> String {
    let one = |id: &&str| format!("[[channels]]\nid = \"slack:{id}\"\n");
    ids.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_is_set_up_well() {
    let fake = Fake::fast().await;
    let bot = Bot::configured(&fake, "socket", &channels(&[NOC]));
    insta::assert_snapshot!(said(&bot), @r"
    ✓ works        slack bot_token: taken: calltriage in the workspace calltriage-test (N ms)
    ✓ works        slack scopes: all 13 of the manifest are granted
    ✓ works        slack clock: ours and Slack's are no more than a minute apart
    ✓ works        slack Socket Mode: Slack lets it open a connection (N ms)
    ✓ works        slack channel C0NOC00000: it is in #noc (N ms)
    ");
    let bot = Bot::configured(&fake, "http", "");
    insta::assert_snapshot!(said(&bot), @r"
    ✓ works        slack bot_token: taken: calltriage in the workspace calltriage-test (N ms)
    ✓ works        slack scopes: all 13 of the manifest are granted
    ✓ works        slack clock: ours and Slack's are no more than a minute apart
    ✓ works        slack HTTP: the signing secret is set, and 127.0.0.1:0 is free; nothing listens there until `calltriage run`
    ");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_lacks_scopes_and_channels() {
    let app = App::fast().without("files:write").without("im:history");
    let fake = Fake::of(app).await;
    fake.date_is_off_by(-90);
    let bot = Bot::configured(&fake, "socket", &channels(&[ELSEWHERE, "C0NOWHERE0"]));
    insta::assert_snapshot!(said(&bot), @r"
    ✓ works        slack bot_token: taken: calltriage in the workspace calltriage-test (N ms)
    ✗ does not     slack scopes: missing: im:history (to take what is written to it directly), files:write (to put ladder pictures and long evidence into the thread). Put what `calltriage manifest slack` prints into the app's manifest, then install the app again
    ! beware       slack clock: ours is 90 s ahead of Slack's: set this machine's clock (NTP), since signatures of Slack's requests are taken within 5 minutes only
    ✓ works        slack Socket Mode: Slack lets it open a connection (N ms)
    ✗ does not     slack channel C0ELSEWHER: it is not in #elsewhere: write /invite @calltriage there (N ms)
    ✗ does not     slack channel C0NOWHERE0: there is no such channel, or it is private and the bot is not in it: write /invite @calltriage there, or correct id in [[channels]] (N ms)
    ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_slack_does_not_take() {
    let fake = Fake::fast().await;
    let bot = Bot::configured(&fake, "socket", &channels(&[NOC]));
    bot.reconfigure(BOT_TOKEN, "xoxb-old");
    bot.reconfigure(APP_TOKEN, "xapp-old");
    insta::assert_snapshot!(said(&bot), @r"
    ✗ does not     slack bot_token: Slack does not take it (invalid_auth): copy the Bot User OAuth Token (xoxb-) of the app, under OAuth & Permissions, into [slack] bot_token (N ms)
    – not checked  slack scopes: not tried, since Slack did not take the token
    – not checked  slack clock: Slack did not say what time it is there
    ✗ does not     slack Socket Mode: Slack does not take app_token (invalid_auth): make an app-level token (xapp-) with the scope connections:write, under Basic Information, and put it into [slack] app_token (N ms)
    – not checked  slack channel C0NOC00000: not tried, since Slack did not take the token
    ");
    let bot = Bot::configured(&fake, "http", "");
    bot.reconfigure(SIGNING_SECRET, "secret");
    fake.date_is_off_by(400);
    insta::assert_snapshot!(said(&bot), @r"
    ✓ works        slack bot_token: taken: calltriage in the workspace calltriage-test (N ms)
    ✓ works        slack scopes: all 13 of the manifest are granted
    ✗ does not     slack clock: ours is 400 s behind Slack's: set this machine's clock (NTP), since signatures of Slack's requests are taken within 5 minutes only
    ✗ does not     slack HTTP: signing_secret is none of Slack's, which have 32 letters and digits: copy the Signing Secret of the app, under Basic Information, into [slack] signing_secret
    ");
    fake.faults().always("auth.test", Some(Fault::BadGateway));
    fake.faults()
        .always("apps.connections.open", Some(Fault::DropBefore));
    let bot = Bot::configured(&fake, "socket", "");
    let read = said(&bot);
    assert!(
        read.contains("status 502: let this machine reach Slack by HTTPS"),
        "{read}"
    );
}
