//! What people say to the bot, and where and how it answers.

use super::{BUSY, in_slack};
use crate::support::slack::state::{BOT_USER, Message, State};
use crate::support::slack::{ANN, BEN, ELSEWHERE, Fake, GUEST, GUESTS, NOC, SHARED};

/// What the bot wrote in a channel for everybody.
pub fn said(state: &State, channel: &str) -> Vec<Message> {
    let all = state.messages.iter();
    let its = all.filter(|it| it.channel == channel && it.is_bots() && it.only_for.is_none());
    its.cloned().collect()
}

/// What the bot showed to one person alone.
fn whispered(state: &State, user: &str) -> Vec<Message> {
    let all = state.messages.iter();
    let its = all.filter(|it| it.only_for.as_deref() == Some(user));
    its.cloned().collect()
}

/// Waits for something that one person alone is shown and that says this.
pub async fn whisper(fake: &Fake, user: &'static str, words: &str) -> Message {
    fake.until(words, |state| {
        whispered(state, user)
            .into_iter()
            .find(|it| it.readable().contains(words))
    })
    .await
}

/// Waits for a message of the bot that says this.
pub async fn answer(fake: &Fake, channel: &'static str, words: &str) -> Message {
    fake.until(words, |state| {
        said(state, channel)
            .into_iter()
            .find(|it| it.readable().contains(words))
    })
    .await
}

#[tokio::test]
async fn a_command_is_answered_with_one_message_that_becomes_the_card() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    assert!(card.texts.len() > 1, "it was not edited: {:?}", card.texts);
    assert!(card.texts[0].contains(BUSY), "{:?}", card.texts);
    let names = fake
        .until("the ladder", |state| {
            let of_thread = state
                .messages
                .iter()
                .filter(|it| it.thread_ts.as_ref() == Some(&card.ts));
            let files: Vec<String> = of_thread.flat_map(|it| it.files.clone()).collect();
            (!files.is_empty()).then_some(files)
        })
        .await;
    assert_eq!(names.len(), 1);
    assert_eq!(
        fake.look(|state| said(state, NOC)
            .iter()
            .filter(|it| it.thread_ts.is_none())
            .count()),
        1
    );
    fake.until_acked().await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_mention_in_a_thread_is_answered_there_once() {
    let (fake, _bot) = in_slack("").await;
    let root = fake.user(BEN).message(NOC, "calls to our shop fail");
    fake.user(ANN)
        .mention(NOC, Some(&root), &format!("<@{BOT_USER}> {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    assert_eq!(card.thread_ts.as_ref(), Some(&root));
    // The message event of the same mention has been heard by now: the next answer comes after it.
    fake.user(ANN)
        .mention(NOC, Some(&root), &format!("<@{BOT_USER}> help"));
    answer(&fake, NOC, "diagnose").await;
    let cards = fake.look(|state| {
        said(state, NOC)
            .iter()
            .filter(|it| it.readable().contains("486"))
            .count()
    });
    assert_eq!(cards, 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_second_call_id_in_the_thread_joins() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    let other = "70634039@192.168.0.204";
    fake.user(BEN)
        .mention(NOC, Some(&card.ts), &format!("<@{BOT_USER}> {other}"));
    fake.until("both calls in one message", |state| {
        said(state, NOC).into_iter().find(|it| {
            it.ts == card.ts && it.readable().contains(other) && it.readable().contains(BUSY)
        })
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_direct_message_is_answered() {
    let (fake, _bot) = in_slack("").await;
    let (channel, _) = fake.user(ANN).direct(&format!("why did {BUSY} fail"));
    fake.until("the card", |state| {
        said(state, &channel)
            .into_iter()
            .find(|it| it.readable().contains("486"))
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_private_answer_is_seen_by_nobody_else() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage --private {BUSY}"));
    whisper(&fake, ANN, "486").await;
    assert!(fake.look(|state| said(state, NOC).is_empty()));
    fake.nothing_refused();
}

#[tokio::test]
async fn where_it_is_no_member_it_answers_at_the_commands_own_address() {
    let (fake, _bot) = in_slack("").await;
    fake.user(BEN).slash(ELSEWHERE, &format!("/triage {BUSY}"));
    fake.until("an answer", |state| {
        let all = state.messages.iter();
        let its = all.filter(|it| it.channel == ELSEWHERE && it.is_bots());
        its.filter(|it| it.readable().contains("486"))
            .map(|it| it.by.clone())
            .next()
    })
    .await;
    let posts = fake.look(|state| state.record.calls_of("response_url").len());
    assert!(posts <= 2, "{posts}");
}

#[tokio::test]
async fn what_is_no_command_is_answered_with_how_to_write_it() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, "/triage histry");
    answer(&fake, NOC, "did you mean").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_side_effect_needs_a_grant_and_the_refusal_is_polite_private_and_noted() {
    let (fake, bot) = in_slack("[permissions]\nask = \"the NOC lead\"\n").await;
    fake.user(BEN)
        .slash(NOC, &format!("/triage simulate {BUSY}"));
    whisper(&fake, BEN, "ask the NOC lead").await;
    assert!(fake.look(|state| said(state, NOC).is_empty()));
    fake.user(BEN).slash(NOC, "/triage help");
    answer(&fake, NOC, "diagnose").await;
    fake.nothing_refused();
    let audit = bot.command(&["audit"]).output().unwrap();
    let audit = String::from_utf8(audit.stdout).unwrap();
    assert!(
        audit.contains("simulate") && audit.contains("denied: You may not use simulate"),
        "{audit}"
    );
}

#[tokio::test]
async fn a_grant_is_by_name_and_group() {
    let (fake, _bot) = in_slack(
        "[permissions]\nrules = [{ subjects = [\"slack:group:S0NOCGROUP\"], commands = [\"*\", \"simulate\"] }]\n",
    )
    .await;
    fake.user(BEN).slash(NOC, &format!("/triage {BUSY}"));
    whisper(&fake, BEN, "You may not use diagnose").await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage simulate {BUSY}"));
    answer(&fake, NOC, "nothing can be simulated").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn where_outsiders_read_nothing_is_shown() {
    let (fake, _bot) = in_slack("").await;
    for channel in [SHARED, GUESTS] {
        fake.user(ANN).slash(channel, &format!("/triage {BUSY}"));
        fake.until("a refusal", |state| {
            whispered(state, ANN)
                .into_iter()
                .find(|it| it.channel == channel && it.readable().contains("from outside"))
        })
        .await;
        assert!(fake.look(|state| said(state, channel).is_empty()));
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn a_button_says_its_command_and_a_form_marks_a_verdict() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    let actions: Vec<String> = card
        .elements()
        .iter()
        .filter_map(|(_, it)| it["action_id"].as_str().map(ToOwned::to_owned))
        .collect();
    let named = |name: &str| {
        actions
            .iter()
            .find(|it| it.starts_with(name))
            .unwrap_or_else(|| panic!("{actions:?}"))
    };
    fake.user(ANN).click(NOC, &card.ts, named("say:again"));
    fake.until("the second card, in the thread", |state| {
        said(state, NOC)
            .into_iter()
            .find(|it| it.thread_ts.as_ref() == Some(&card.ts) && it.readable().contains("486"))
    })
    .await;
    fake.user(ANN).click(NOC, &card.ts, named("form:wrong"));
    fake.until("the form", |state| (!state.views.is_empty()).then_some(()))
        .await;
    fake.user(ANN)
        .submit(&[("reason", "the shop says its line was free")]);
    answer(&fake, NOC, "the shop says its line was free").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn the_home_shows_what_was_looked_into() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    fake.user(ANN).open_home();
    fake.until("the home", |state| {
        state
            .homes
            .values()
            .any(|it| it.to_string().contains(BUSY))
            .then_some(())
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn bots_edits_and_strangers_to_it_are_not_answered() {
    let (fake, _bot) = in_slack("").await;
    let ts = fake.user(ANN).message(NOC, &format!("see {BUSY}"));
    fake.user(ANN).edit(NOC, &ts, &format!("see {BUSY} please"));
    fake.until_acked().await;
    fake.user(ANN).slash(NOC, "/triage help");
    answer(&fake, NOC, "diagnose").await;
    assert_eq!(fake.look(|state| said(state, NOC).len()), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn where_a_channel_opted_in_a_pasted_call_id_gets_an_offer_that_only_its_writer_sees() {
    let (fake, _bot) = in_slack(&format!(
        "[[channels]]\nid = \"slack:{NOC}\"\noffer = true\n"
    ))
    .await;
    fake.user(ANN).message(NOC, BUSY);
    let offer = fake
        .until("the offer", |state| {
            whispered(state, ANN).into_iter().next()
        })
        .await;
    assert!(
        offer.readable().contains("Diagnose this call"),
        "{}",
        offer.readable()
    );
    assert!(fake.look(|state| said(state, NOC).is_empty()));
    // What only one person sees begins no thread: the answer stands in the channel.
    fake.user(ANN).click(NOC, &offer.ts, "say:offer");
    let card = answer(&fake, NOC, "486").await;
    assert_eq!(card.thread_ts, None);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_channel_may_have_private_answers_as_its_way() {
    let settings = format!("[[channels]]\nid = \"slack:{NOC}\"\nprivate = true\n");
    let (fake, _bot) = in_slack(&settings).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    whisper(&fake, ANN, "486").await;
    assert!(fake.look(|state| said(state, NOC).is_empty()));
    fake.nothing_refused();
}

#[tokio::test]
async fn what_is_asked_privately_in_a_thread_stays_private() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    let other = "70634039@192.168.0.204";
    let asked = format!("<@{BOT_USER}> --private {other}");
    fake.user(BEN).mention(NOC, Some(&card.ts), &asked);
    whisper(&fake, BEN, other).await;
    // A public question afterwards goes on with what is public only.
    let third = "4d7112070d2bab29143f000002504980@198.51.100.10";
    fake.user(ANN)
        .mention(NOC, Some(&card.ts), &format!("<@{BOT_USER}> {third}"));
    fake.until("the joined card", |state| {
        said(state, NOC)
            .into_iter()
            .find(|it| it.ts == card.ts && it.readable().contains(third))
    })
    .await;
    let shown = fake.look(|state| {
        let all = said(state, NOC);
        all.iter().any(|it| it.readable().contains(other))
    });
    assert!(!shown);
    fake.nothing_refused();
}

#[tokio::test]
async fn the_home_of_a_guest_tells_nothing_of_what_others_asked() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    fake.user(GUEST).open_home();
    let home = fake
        .until("the home", |state| {
            state.homes.values().next().map(ToString::to_string)
        })
        .await;
    assert!(!home.contains(BUSY), "{home}");
    fake.nothing_refused();
}

#[tokio::test]
async fn times_are_told_in_the_zone_of_the_channel() {
    let settings = format!("[[channels]]\nid = \"slack:{NOC}\"\ntimezone = \"Asia/Tokyo\"\n");
    let (fake, _bot) = in_slack(&settings).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "(11:53:54 Asia/Tokyo)").await;
    fake.nothing_refused();
}
