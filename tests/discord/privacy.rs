//! Who may do what, and who sees what.

use serde_json::{Value, json};

use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, BEN, LOBBY, NOC, THREAD, VISITOR};

fn call(value: &str) -> Vec<(&'static str, Value)> {
    vec![("call", json!(value))]
}

#[tokio::test]
async fn a_private_answer_is_seen_by_nobody_else() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let options = [("call", json!(BUSY)), ("private", json!(true))];
    fake.user(ANN).slash(NOC, "diagnose", &options);
    let card = fake.whisper(ANN, "486").await;
    assert_eq!(card.by, "callback");
    let steps = card.before.iter().filter(|it| it.get("embeds").is_some());
    assert!(steps.count() > 0, "no step was shown");
    assert!(fake.look(|state| state.of_bot(NOC).all(|it| it.only_for == Some(ANN))));
    fake.nothing_refused();
}

#[tokio::test]
async fn a_private_question_is_not_what_its_thread_is_about() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let options = [("call", json!(BUSY)), ("private", json!(true))];
    fake.user(ANN).slash(THREAD, "diagnose", &options);
    fake.whisper(ANN, "486").await;
    let other = "70634039@192.168.0.204";
    fake.user(BEN).mentions(THREAD, other);
    let card = fake.answer(THREAD, "70634039").await;
    fake.until("the answer", |state| {
        let text = state.message(card.id)?.readable();
        (!text.contains("asked:")).then_some(())
    })
    .await;
    let shown = fake.look(|state| state.message(card.id).unwrap().readable());
    assert!(!shown.contains(BUSY), "{shown}");
    fake.nothing_refused();
}

#[tokio::test]
async fn a_channel_may_have_private_answers_as_its_way() {
    let settings = format!("[[channels]]\nid = \"discord:{NOC}\"\nprivate = true\n");
    let (fake, _bot) = in_discord(OURS, &settings).await;
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    fake.whisper(ANN, "486").await;
    // What is written has no answer that only one person sees: it goes by direct message.
    let ann = fake.user(ANN);
    ann.mentions(NOC, BUSY);
    fake.answer(ann.direct_channel(), "486").await;
    assert!(fake.look(|state| state.of_bot(NOC).all(|it| it.only_for == Some(ANN))));
    fake.nothing_refused();
}

#[tokio::test]
async fn where_outsiders_read_nothing_is_shown() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).slash(LOBBY, "diagnose", &call(BUSY));
    fake.whisper(ANN, "from outside").await;
    assert!(fake.look(|state| state.of_bot(LOBBY).all(|it| it.only_for == Some(ANN))));
    fake.nothing_refused();
}

#[tokio::test]
async fn a_role_that_is_not_ours_makes_a_channel_one_of_outsiders() {
    let (fake, _bot) = in_discord("", "").await;
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    fake.whisper(ANN, "from outside").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn an_owner_who_is_not_ours_reads_in_every_channel() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| state.owner = VISITOR);
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    fake.whisper(ANN, "from outside").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_server_may_be_ours_as_a_whole() {
    let (fake, _bot) = in_discord("internal_servers = [\"1088000000000000100\"]", "").await;
    fake.user(VISITOR).slash(LOBBY, "diagnose", &call(BUSY));
    fake.answer(LOBBY, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_visitor_is_told_nothing_directly_either() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let visitor = fake.user(VISITOR);
    visitor.writes(visitor.direct_channel(), BUSY);
    fake.answer(visitor.direct_channel(), "from outside").await;
    let shown = fake.look(|state| {
        let mut all = state.messages.iter();
        all.any(|it| it.readable().contains("486"))
    });
    assert!(!shown);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_side_effect_needs_a_grant_by_role_and_the_refusal_is_private_and_noted() {
    let rules = "[permissions]\nask = \"the NOC lead\"\nrules = [{ subjects = [\"discord:user:1088000000000000202\"], \
                 commands = [\"*\"] }, { subjects = [\"discord:group:1088000000000000111\"], commands = [\"*\", \
                 \"simulate\"] }]\n";
    let (fake, bot) = in_discord("internal_servers = [\"1088000000000000100\"]", rules).await;
    fake.user(BEN).slash(NOC, "simulate", &call(BUSY));
    fake.whisper(BEN, "ask the NOC lead").await;
    assert!(fake.look(|state| state.of_bot(NOC).all(|it| it.only_for.is_some())));
    fake.user(VISITOR).slash(NOC, "simulate", &call(BUSY));
    fake.answer(NOC, "nothing can be simulated").await;
    fake.user(ANN).slash(NOC, "help", &[]);
    fake.whisper(ANN, "You may not use help").await;
    let audit = bot.command(&["audit"]).output().unwrap();
    let audit = String::from_utf8(audit.stdout).unwrap();
    assert!(
        audit.contains("simulate") && audit.contains("denied: You may not use simulate"),
        "{audit}"
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn nobody_is_ever_mentioned_by_what_came_from_outside() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let hostile = "@everyone <@1088000000000000202> [a](https://evil.example) ||x|| `y` **z**";
    fake.user(ANN).slash(NOC, "diagnose", &call(hostile));
    fake.until("an answer", |state| {
        state
            .of_bot(NOC)
            .find(|it| !it.before.is_empty())
            .map(|_| ())
    })
    .await;
    let sent = fake.look(|state| state.sent.clone());
    for (call, body) in sent.iter().filter(|(_, body)| body.get("embeds").is_some()) {
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }), "{call}");
        assert!(!body["content"].to_string().contains("evil"), "{body}");
    }
    fake.nothing_refused();
}
