//! What people say to the bot, and where and how it answers.

use serde_json::{Value, json};

use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, BEN, BOT, Fake, NOC, SERVER, THREAD};

/// The first answer to an interaction.
pub async fn first_answer(fake: &Fake, id: u64) -> Value {
    fake.until("a first answer", |state| {
        let asked = state.asked.iter().find(|it| it.id == id)?;
        asked.answered.as_ref().map(|it| it.0.clone())
    })
    .await
}

fn call(value: &str) -> Vec<(&'static str, Value)> {
    vec![("call", json!(value))]
}

#[tokio::test]
async fn a_command_is_answered_with_one_message_that_becomes_the_card() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let id = fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    let card = fake.answer(NOC, "486").await;
    assert_eq!(card.interaction, Some(id));
    assert!(!card.before.is_empty(), "it was not edited");
    let first = first_answer(&fake, id).await;
    assert_eq!(first["type"], 5);
    // The ladder is in the card itself.
    let (name, bytes) = &card.files[0];
    assert!(bytes.starts_with(b"\x89PNG"));
    let shown = format!("attachment://{name}");
    assert_eq!(card.body["embeds"][0]["image"]["url"], shown);
    assert!(card.body["embeds"][0]["color"].is_u64());
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_file_that_its_server_would_not_take_is_named_instead() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| state.file_bytes = 1_000);
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    let card = fake.answer(NOC, "486").await;
    assert!(
        card.readable().contains("is larger than Discord takes"),
        "{}",
        card.readable()
    );
    assert!(card.files.is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn commands_are_registered_once() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    let registered = fake
        .until("commands", |state| state.commands.get(&SERVER).cloned())
        .await;
    assert_eq!(registered[0]["name"], "triage");
    assert_eq!(registered[1]["name"], "Diagnose this call");
    // What an earlier run left elsewhere is looked for last.
    let looked = |times| {
        fake.until("a look at every server", move |state| {
            (state.called("GET /api/v10/users/@me/guilds") >= times).then_some(())
        })
    };
    looked(1).await;
    bot.kill();
    bot.start();
    looked(2).await;
    assert_eq!(fake.look(|state| state.registrations), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn only_what_is_needed_is_listened_to() {
    let (fake, _bot) = in_discord(OURS, "").await;
    assert_eq!(fake.look(|state| state.intents), 1 << 9 | 1 << 12);
    let offering = format!("[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n");
    let (fake, _bot) = in_discord(OURS, &offering).await;
    assert_eq!(fake.look(|state| state.intents), 1 << 9 | 1 << 12 | 1 << 15);
}

#[tokio::test]
async fn a_channel_that_wants_offers_from_now_on_gets_them() {
    let (fake, bot) = in_discord(OURS, "").await;
    bot.configure_also(&format!(
        "[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n"
    ));
    fake.until("the text of messages is asked for", |state| {
        (state.intents == 1 << 9 | 1 << 12 | 1 << 15).then_some(())
    })
    .await;
    fake.until("a second connection", |state| {
        (state.sessions > 1).then_some(())
    })
    .await;
    let pasted = fake.user(ANN).writes(NOC, BUSY);
    let offer = fake.answer(NOC, "looks like a Call-ID").await;
    assert_eq!(offer.replies_to, Some(pasted));
    assert!(
        !bot.log().contains("a task is begun again"),
        "{}",
        bot.log()
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn a_mention_is_answered_with_a_reply_and_a_reply_to_that_joins() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let asked = fake.user(ANN).mentions(NOC, BUSY);
    let card = fake.answer(NOC, "486").await;
    assert_eq!(card.replies_to, Some(asked));
    let other = "70634039@192.168.0.204";
    fake.user(BEN).replies(&card, other);
    fake.until("both calls in one message", |state| {
        let card = state.message(card.id)?;
        let text = card.readable();
        (text.contains(other) && text.contains(BUSY)).then_some(())
    })
    .await;
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn in_a_thread_it_answers_there() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).mentions(THREAD, BUSY);
    fake.answer(THREAD, "486").await;
    fake.user(ANN).slash(THREAD, "history", &[]);
    fake.answer(THREAD, "Past investigations").await;
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_direct_message_is_answered() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let ann = fake.user(ANN);
    ann.writes(ann.direct_channel(), &format!("why did {BUSY} fail"));
    fake.answer(ann.direct_channel(), "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn the_command_on_a_message_reads_it() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN)
        .on_message(NOC, &format!("look at {BUSY} please"));
    fake.answer(NOC, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn the_command_on_a_message_reads_embeds_and_what_is_forwarded() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let places = [
        json!({ "embeds": [{ "title": format!("alarm: {BUSY}") }] }),
        json!({ "embeds": [{ "description": BUSY }] }),
        json!({ "embeds": [{ "fields": [{ "name": "call", "value": BUSY, "inline": true }] }] }),
        json!({ "embeds": [{ "footer": { "text": BUSY } }] }),
        json!({ "message_snapshots": [{ "message": {
            "content": format!("look: {BUSY}"), "embeds": [], "attachments": [], "type": 0, "mentions": [],
            "mention_roles": [], "timestamp": "2026-02-16T09:10:02.000000+00:00", "edited_timestamp": null, "flags": 0,
        } }] }),
    ];
    for more in places {
        let asked = fake.user(ANN).on_message_with(NOC, "", more.clone());
        fake.until(&more.to_string(), |state| {
            let mut all = state.of_bot(NOC);
            all.find(|it| it.interaction == Some(asked) && it.readable().contains("486"))
                .map(|it| it.id)
        })
        .await;
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn who_mentions_its_role_is_answered_or_told_whom_to_mention() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let ann = fake.user(ANN);
    ann.mentions_role(NOC, BUSY);
    fake.answer(ann.direct_channel(), "you mentioned my role")
        .await;
    let offering = format!("[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n");
    let (fake, _bot) = in_discord(OURS, &offering).await;
    fake.user(ANN).mentions_role(NOC, BUSY);
    fake.answer(NOC, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_capture_is_diagnosed_by_command_and_by_mention() {
    // A bot that has no evidence of its own but an empty folder.
    let nothing = "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\".\"]\n";
    let (fake, _bot) = in_discord(OURS, nothing).await;
    let capture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/captures/no-circuits.pcap"
    );
    let bytes = std::fs::read(capture).unwrap();
    fake.user(ANN).slash_with_file(NOC, "one.pcap", &bytes);
    fake.answer(NOC, "No circuit").await;
    fake.user(ANN).hands_over(THREAD, "two.pcap", &bytes);
    fake.answer(THREAD, "No circuit").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_button_says_its_command_in_the_name_of_who_presses_it() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    let card = fake.answer(NOC, "486").await;
    fake.user(BEN).press(&card, &card.button("Run again"));
    fake.until("the second card", |state| {
        let cards = state.of_bot(NOC).filter(|it| it.readable().contains("486"));
        (cards.count() == 2).then_some(())
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_list_is_chosen_from() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).slash(NOC, "calls", &[]);
    let list = fake.answer(NOC, "Calls, the newest last").await;
    let select = list
        .components()
        .into_iter()
        .find(|it| it["type"] == 3)
        .unwrap();
    let value = select["options"][0]["value"].as_str().unwrap().to_owned();
    let id = select["custom_id"].as_str().unwrap().to_owned();
    let asked = fake.user(ANN).choose(&list, &id, &value);
    fake.until("the call", |state| {
        let mut all = state.of_bot(NOC);
        all.find(|it| {
            it.interaction == Some(asked)
                && !it.before.is_empty()
                && !it.readable().contains("asked:")
        })
        .map(|it| it.id)
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn what_is_typed_is_completed() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let id = fake
        .user(ANN)
        .types(NOC, "explain", "rule-code-or-text", "missing");
    let choices = first_answer(&fake, id).await["data"]["choices"].clone();
    assert!(choices.to_string().contains("missing-ack"), "{choices}");
    fake.user(ANN).slash(NOC, "diagnose", &call(BUSY));
    fake.answer(NOC, "486").await;
    let id = fake.user(ANN).types(NOC, "diagnose", "call", "busy");
    let choices = first_answer(&fake, id).await["data"]["choices"].clone();
    assert_eq!(choices[0]["value"], BUSY);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_pasted_call_id_is_offered_silently_where_a_channel_opted_in() {
    let offering = format!("[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n");
    let (fake, _bot) = in_discord(OURS, &offering).await;
    let pasted = fake.user(ANN).writes(NOC, BUSY);
    let offer = fake.answer(NOC, "looks like a Call-ID").await;
    assert_eq!(offer.replies_to, Some(pasted));
    assert_eq!(offer.body["flags"], 1 << 12);
    fake.user(ANN)
        .press(&offer, &offer.button("Diagnose this call"));
    fake.answer(NOC, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn bots_and_strangers_to_it_are_not_answered() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).writes(NOC, &format!("see {BUSY}"));
    fake.user(BOT).mentions(NOC, BUSY);
    fake.user(ANN).mentions(NOC, "help");
    fake.answer(NOC, "diagnose").await;
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn what_is_no_command_is_answered_with_how_to_write_it() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).mentions(NOC, "histry");
    fake.answer(NOC, "did you mean").await;
    fake.nothing_refused();
}
