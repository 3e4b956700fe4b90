//! The bot in Discord over a platform: what a customer reads in their own channel, and what changes the world outside.

use calltriage::demo::World;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::forms::form;
use super::{BUSY, Bot, OURS, in_discord};
use crate::slack::platform::{CUSTOMER, OTHER, simulations};
use crate::support::connexcs;
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, BEN, Fake, LOBBY, MONITOR, NOC, VISITOR};

/// What a customer is told nothing of: the carrier, the platform, addresses, codes, our own words for all of that.
const HIDDEN: [&str; 8] = [
    "203.0.113",
    "192.0.2",
    "arrier",
    "ExampleTel",
    "SIP trace",
    "Q.850",
    "486",
    "!!:",
];

/// A server with the bot, which asks this platform.
async fn over_a_platform(more: &str) -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let settings = format!("{more}\n{}", platform.section_that_simulates());
    let (fake, bot) = in_discord(OURS, &settings).await;
    (fake, bot, platform)
}

/// The channel that everybody views, given to a customer.
fn bound(customer: u64) -> String {
    format!("[[channels]]\nid = \"discord:{LOBBY}\"\ncustomer = {customer}\n")
}

fn call(value: &str) -> [(&'static str, Value); 1] {
    [("call", json!(value))]
}

/// All that was sent but the commands that are registered.
fn said(fake: &Fake) -> Vec<String> {
    fake.look(|state| {
        let sent = state.sent.iter();
        let said = sent.filter(|(call, _)| !call.ends_with("/commands"));
        said.map(|(_, body)| body.to_string()).collect()
    })
}

#[tokio::test]
async fn a_customer_reads_of_their_own_call_in_words_that_name_nobody_else() {
    let (fake, _bot, _platform) = over_a_platform(&bound(CUSTOMER)).await;
    fake.user(VISITOR).slash(LOBBY, "diagnose", &call(BUSY));
    let card = fake.answer(LOBBY, "The called line was busy").await;
    let said = said(&fake);
    for hidden in HIDDEN {
        assert!(
            !said.iter().any(|it| it.contains(hidden)),
            "{hidden} in {said:#?}"
        );
    }
    let read = card.readable();
    let timeless = read.lines().filter(|it| !it.contains("**When**"));
    insta::assert_snapshot!(timeless.collect::<Vec<_>>().join("\n"), @"
    🔵 **The called line was busy.**
    **Call**  441632960001 → +441632960105
    **Call-ID**  `busy-1@198.51.100.10`
    ");
    assert!(card.components().is_empty() && card.files.is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn a_customer_reads_the_same_after_a_mention_and_by_a_number() {
    let (fake, _bot, _platform) = over_a_platform(&bound(CUSTOMER)).await;
    let asked = fake.user(VISITOR).mentions(LOBBY, "441632960105 since 24h");
    fake.until("the card", |state| {
        let mut all = state.of_bot(LOBBY);
        all.find(|it| {
            it.replies_to == Some(asked) && it.readable().contains("The called line was busy")
        })
        .map(|it| it.id)
    })
    .await;
    let said = said(&fake);
    for hidden in HIDDEN {
        assert!(
            !said.iter().any(|it| it.contains(hidden)),
            "{hidden} in {said:#?}"
        );
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn a_customer_learns_nothing_of_another_ones_call() {
    let (fake, _bot, _platform) = over_a_platform(&bound(OTHER)).await;
    let none = |times: usize| {
        fake.until("no call of theirs", move |state| {
            let none = state.of_bot(LOBBY);
            let none = none.filter(|it| it.readable().contains("No call of yours was found"));
            (none.count() == times).then_some(())
        })
    };
    fake.user(VISITOR).slash(LOBBY, "diagnose", &call(BUSY));
    none(1).await;
    // The same of a call that there is not.
    fake.user(VISITOR)
        .slash(LOBBY, "diagnose", &call("nowhere-1@198.51.100.77"));
    none(2).await;
    fake.user(ANN).slash(LOBBY, "history", &[]);
    fake.whisper(ANN, "history shows more than the calls of one customer")
        .await;
    assert!(!said(&fake).iter().any(|it| it.contains("busy.")));
    fake.nothing_refused();
}

/// Everybody may look, and only Ann may simulate.
fn grant() -> String {
    format!(
        "[permissions]\nrules = [{{ subjects = [\"*\"], commands = [\"*\"] }}, {{ subjects = [\"discord:user:{ANN}\"], \
         commands = [\"simulate\"] }}]\n"
    )
}

/// Sends the form that a button of an offer opens, page by page.
async fn fill_in(fake: &Fake, who: u64, offer: &Message) {
    let user = fake.user(who);
    let pressed = user.press(offer, &offer.button("Change values"));
    user.submit(NOC, &form(fake, pressed).await, &[]);
    let between = fake.whisper(who, "Page 1 of 2 is kept").await;
    let pressed = user.press(&between, &between.button("Next"));
    user.submit(NOC, &form(fake, pressed).await, &[]);
}

#[tokio::test]
async fn a_simulation_is_run_by_the_form_of_who_may_and_of_nobody_else() {
    let (fake, _bot, platform) = over_a_platform(&grant()).await;
    fake.user(ANN).slash(NOC, "simulate", &call(BUSY));
    let offer = fake.answer(NOC, "Dialled Number").await;
    fill_in(&fake, BEN, &offer).await;
    fake.whisper(BEN, "You may not use simulate").await;
    assert_eq!(simulations(&platform), 0);
    fill_in(&fake, ANN, &offer).await;
    fake.answer(NOC, "Routing takes the simulated call").await;
    assert_eq!(simulations(&platform), 1);
    // It is taken: who sends the form again is told so.
    fill_in(&fake, ANN, &offer).await;
    fake.answer(NOC, "Already done: see above").await;
    assert_eq!(simulations(&platform), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_simulation_is_run_by_its_button_once_it_was_asked_back() {
    let (fake, _bot, platform) = over_a_platform(&grant()).await;
    fake.user(ANN).slash(NOC, "simulate", &call(BUSY));
    let offer = fake.answer(NOC, "Dialled Number").await;
    fake.user(ANN).press(&offer, &offer.button("Run it"));
    let question = fake.whisper(ANN, "Run this?").await;
    assert_eq!(simulations(&platform), 0);
    fake.user(ANN).press(&question, &question.button("Run it"));
    fake.answer(NOC, "Routing takes the simulated call").await;
    assert_eq!(simulations(&platform), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn the_command_on_a_message_runs_no_command_that_somebody_wrote() {
    let (fake, _bot, platform) = over_a_platform(&grant()).await;
    let written = json!({ "author": fake.look(|state| state.person(MONITOR)) });
    fake.user(ANN)
        .on_message_with(NOC, &format!("simulate {BUSY} --confirm"), written);
    fake.answer(NOC, "486").await;
    assert_eq!(simulations(&platform), 0);
    fake.nothing_refused();
}
