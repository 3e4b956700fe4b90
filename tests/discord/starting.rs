//! What a bot does whose Discord cannot be asked, or refuses a part, while it starts or stops.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::block_in_place;

use super::{BUSY, Bot, OURS, in_discord};
use crate::support::discord::{ANN, Fake, NOC, SERVER};

/// Sooner than anything ends that is only given up.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Another server, in which the bot is not.
const ELSEWHERE: u64 = 77;

/// Tells a bot to end whose call of this path is not answered; how long it takes.
async fn stopped_while(hangs: &'static str) -> Duration {
    let fake = Fake::start().await;
    fake.hang(hangs);
    let mut bot = Bot::configured(&fake, "gateway", OURS);
    bot.start();
    fake.until("the call", |state| (state.called(hangs) > 0).then_some(()))
        .await;
    let began = Instant::now();
    bot.signal("TERM");
    let how = block_in_place(|| bot.ended());
    assert!(how.success(), "{how}");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_at_once_while_discord_does_not_say_who_it_is() {
    let took = stopped_while("GET /api/v10/users/@me").await;
    assert!(took < AT_ONCE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_at_once_while_discord_does_not_say_where_its_gateway_is() {
    let took = stopped_while("GET /api/v10/gateway").await;
    assert!(took < AT_ONCE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discord_that_is_away_at_the_start_ends_nothing() {
    let fake = Fake::start().await;
    fake.fail("/users/@me", 503, "", 6);
    let mut bot = Bot::configured(&fake, "gateway", OURS);
    bot.start();
    fake.until_connected().await;
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
    assert!(!bot.is_over());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_taken_ends_it_with_a_word() {
    let fake = Fake::start().await;
    let body = r#"{ "code": 0, "message": "401: Unauthorized" }"#;
    fake.fail("/users/@me", 401, body, 100);
    let mut bot = Bot::configured(&fake, "gateway", OURS);
    bot.start();
    assert!(!block_in_place(|| bot.ended()).success());
    assert!(bot.log().contains("401: Unauthorized"), "{}", bot.log());
}

#[tokio::test]
async fn a_server_without_the_bot_keeps_nobody_from_the_others() {
    let fake = Fake::start().await;
    let body = r#"{ "code": 50001, "message": "Missing Access" }"#;
    fake.fail("/guilds/77/commands", 403, body, 100);
    let mut bot = Bot::configured(&fake, "gateway", OURS);
    let (one, two) = (
        format!("servers = [\"{SERVER}\"]"),
        format!("servers = [\"{ELSEWHERE}\", \"{SERVER}\"]"),
    );
    bot.reconfigure(&one, &two);
    bot.start();
    fake.until("the other's commands", |state| {
        state.commands.get(&SERVER).map(|_| ())
    })
    .await;
    fake.until_connected().await;
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await;
    let log = bot.log();
    let words =
        "the bot is not in the server 77: invite it with https://discord.com/oauth2/authorize";
    assert!(log.contains(words), "{log}");
}

#[tokio::test]
async fn commands_of_an_earlier_run_are_taken_away_where_they_do_not_belong() {
    let fake = Fake::start().await;
    let old = json!([{ "id": "5", "type": 1, "name": "triage", "description": "old" }]);
    let others = json!([{ "id": "6", "type": 1, "name": "weather", "description": "of another" }]);
    fake.change(|state| {
        state.servers = vec![SERVER, ELSEWHERE, 78];
        state.commands.insert(0, old.clone());
        state.commands.insert(ELSEWHERE, old);
        state.commands.insert(78, others.clone());
    });
    let mut bot = Bot::configured(&fake, "gateway", OURS);
    bot.start();
    fake.until("they are gone", |state| {
        let is_gone = |it: u64| state.commands[&it] == json!([]);
        (is_gone(0) && is_gone(ELSEWHERE)).then_some(())
    })
    .await;
    fake.look(|state| {
        assert_eq!(state.commands[&SERVER].as_array().unwrap().len(), 2);
        assert_eq!(state.commands[&78], others);
    });
    fake.nothing_refused();
}

#[tokio::test]
async fn a_command_that_was_changed_from_outside_is_registered_as_it_is() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    fake.until("registered", |state| {
        state.commands.get(&SERVER).map(|_| ())
    })
    .await;
    bot.kill();
    fake.change(|state| {
        let option = "/0/options/0/options/0";
        let commands = state.commands.get_mut(&SERVER).unwrap();
        commands.pointer_mut(option).unwrap()["max_length"] = json!(5);
    });
    bot.start();
    fake.until("registered anew", |state| {
        (state.registrations == 2).then_some(())
    })
    .await;
    fake.nothing_refused();
}
