//! The bot in Slack over a platform: what a customer may see, what waits while the platform is away, and what changes
//! the world outside.

use calltriage::demo::{Behaviour, Endpoint, World};
use jiff::Timestamp;

use super::talk::{answer, said, whisper};
use super::{BUSY, Bot, in_slack, until};
use crate::support::connexcs;
use crate::support::slack::state::{Message, State};
use crate::support::slack::{ANN, Fake, NOC, SHARED};

/// The customer whose calls come from 198.51.100.10, and another one.
pub const CUSTOMER: u64 = 12;
pub const OTHER: u64 = 13;

/// A workspace with the bot, which asks this platform.
async fn over_a_platform(more: &str) -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let settings = format!("{more}\n{}", platform.section_that_simulates());
    let (fake, bot) = in_slack(&settings).await;
    (fake, bot, platform)
}

fn bound(customer: u64) -> String {
    format!(
        "[[channels]]\nid = \"slack:{SHARED}\"\naudience = \"customer\"\ncustomer = {customer}\n"
    )
}

#[tokio::test]
async fn a_customer_reads_of_their_own_call_in_words_that_name_nobody_else() {
    let (fake, _bot, _platform) = over_a_platform(&bound(CUSTOMER)).await;
    fake.user(ANN).slash(SHARED, &format!("/triage {BUSY}"));
    let card = answer(&fake, SHARED, "The called line was busy").await;
    let read = card.readable();
    // What was asked stands there; nothing of the carrier, the platform or any address.
    for hidden in ["203.0.113", "192.0.2", "arrier", "SIP trace", "486", "!!:"] {
        assert!(!read.contains(hidden), "{hidden} in {read}");
    }
    let timeless = read.lines().filter(|it| !it.contains("*When*"));
    insta::assert_snapshot!(timeless.collect::<Vec<_>>().join("\n"), @r"
    The called line was busy.
    :large_blue_circle: *The called line was busy.*
    *Call*  441632960001 → +441632960105
    *Call-ID*  `busy-1@198.51.100.10`
    ");
    assert!(card.elements().is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn a_customer_learns_nothing_of_another_ones_call() {
    let (fake, _bot, _platform) = over_a_platform(&bound(OTHER)).await;
    fake.user(ANN).slash(SHARED, &format!("/triage {BUSY}"));
    answer(&fake, SHARED, "No call of yours was found").await;
    fake.user(ANN)
        .slash(SHARED, "/triage nowhere-1@198.51.100.77");
    fake.until("the same of a call that there is not", |state| {
        let all = said(state, SHARED);
        let none = all
            .iter()
            .filter(|it| it.readable().contains("No call of yours"));
        (none.count() == 2).then_some(())
    })
    .await;
    fake.user(ANN).slash(SHARED, "/triage history");
    whisper(
        &fake,
        ANN,
        "history shows more than the calls of one customer",
    )
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_question_that_the_platform_could_not_answer_is_answered_when_it_is_back() {
    let (fake, _bot, platform) = over_a_platform("").await;
    platform
        .platform
        .script()
        .everywhere(Behaviour::forbidden());
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "This question is kept").await;
    platform.platform.script().clear();
    fake.until("the late answer, in the first message", |state| {
        said(state, NOC)
            .into_iter()
            .find(|it| it.ts == card.ts && it.readable().contains("486"))
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_question_that_waits_for_the_platform_outlives_the_bot() {
    let (fake, mut bot, platform) = over_a_platform("").await;
    platform
        .platform
        .script()
        .everywhere(Behaviour::forbidden());
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "This question is kept").await;
    fake.until_acked().await;
    bot.kill();
    platform.platform.script().clear();
    bot.start();
    let is_told = |state: &State| {
        let all = said(state, NOC);
        let its = all.into_iter().filter(|it| it.readable().contains("486"));
        its.map(|it| it.ts).collect::<Vec<_>>()
    };
    fake.until("the late answer", |state| {
        (!is_told(state).is_empty()).then_some(())
    })
    .await;
    assert_eq!(fake.look(is_told), [card.ts]);
    fake.nothing_refused();
}

#[tokio::test]
async fn an_answer_that_goes_on_waiting_after_a_restart_is_not_replaced_by_steps() {
    let (fake, mut bot, platform) = over_a_platform("").await;
    let script = || platform.platform.script();
    script().everywhere(Behaviour::forbidden());
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "This question is kept").await;
    // It is noted that the answer stands.
    until(|| {
        bot.get("/metrics")
            .1
            .contains("jobs_open{chat=\"slack\"} 0\n")
    })
    .await;
    bot.kill();
    let asked = platform.platform.seen().all().len();
    bot.start();
    // It is asked once more, in vain.
    until(|| platform.platform.seen().all().len() > asked).await;
    script().clear();
    let ts = card.ts.clone();
    let told = fake
        .until("the late answer", move |state| {
            let its = said(state, NOC).into_iter().find(|it| it.ts == ts)?;
            its.readable().contains("486").then_some(its)
        })
        .await;
    // From the first answer on something is said, always.
    let first = told
        .texts
        .iter()
        .position(|it| it.contains("No message of"));
    let after = &told.texts[first.unwrap()..];
    assert!(
        !after.iter().any(|it| it.contains("Looking into")),
        "{after:?}"
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn an_offer_is_taken_once_however_often_its_button_is_clicked() {
    let (fake, _bot, platform) = over_a_platform(GRANT).await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage simulate {BUSY}"));
    let offer = answer(&fake, NOC, "Dialled Number").await;
    fake.user(ANN).click(NOC, &offer.ts, "say:run");
    fake.user(ANN).click(NOC, &offer.ts, "say:run");
    answer(&fake, NOC, "Already done: see above").await;
    fake.until("the simulation", |state| {
        let all = said(state, NOC).into_iter();
        let mut run = all.filter(|it| it.thread_ts.as_ref() == Some(&offer.ts));
        run.find(|it| it.texts.len() > 1 && !it.readable().contains("Already done"))
    })
    .await;
    assert_eq!(simulations(&platform), 1);
    fake.nothing_refused();
}

const GRANT: &str =
    "[permissions]\nrules = [{ subjects = [\"*\"], commands = [\"*\", \"simulate\"] }]\n";

#[tokio::test]
async fn a_simulation_is_offered_and_run_by_the_form_once() {
    let (fake, _bot, platform) = over_a_platform(GRANT).await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage simulate {BUSY}"));
    let offer = answer(&fake, NOC, "Dialled Number").await;
    assert_eq!(simulations(&platform), 0);
    open_form(&fake, &offer).await;
    // What cannot be said is said under its field, and the form stays.
    fake.user(ANN).submit(&[("dialled", "two words")]);
    fake.until("the objection", |state| {
        state
            .record
            .envelopes
            .iter()
            .find(|it| format!("{:?}", it.outcome).contains("This is one word"))
            .map(|_| ())
    })
    .await;
    assert_eq!(simulations(&platform), 0);
    fake.user(ANN).submit(&[]);
    fake.until("the simulation's card, in the thread", |state| {
        said(state, NOC)
            .into_iter()
            .find(|it| it.thread_ts.as_ref() == Some(&offer.ts) && it.readable().contains("imulat"))
            .filter(|it| it.texts.len() > 1)
    })
    .await;
    assert_eq!(simulations(&platform), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_simulation_that_a_dead_bot_may_have_run_is_not_run_again() {
    let (fake, mut bot, platform) = over_a_platform(GRANT).await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage simulate {BUSY}"));
    let offer = answer(&fake, NOC, "Dialled Number").await;
    platform.always(Endpoint::Simulate, Behaviour::Hang);
    open_form(&fake, &offer).await;
    fake.user(ANN).submit(&[]);
    while simulations(&platform) == 0 {
        tokio::task::yield_now().await;
    }
    bot.kill();
    platform.platform.script().clear();
    let before = simulations(&platform);
    bot.start();
    answer(&fake, NOC, "whether it was done is not known").await;
    assert_eq!(simulations(&platform), before);
}

/// How often a simulation was asked for.
pub fn simulations(platform: &connexcs::Fake) -> usize {
    platform.platform.seen().of(Endpoint::Simulate).len()
}

/// Opens the form of an offer.
async fn open_form(fake: &Fake, offer: &Message) {
    let actions = offer.elements().into_iter();
    let mut actions = actions.filter_map(|(_, it)| it["action_id"].as_str().map(ToOwned::to_owned));
    let form = actions.find(|it| it.starts_with("form:simulate")).unwrap();
    fake.user(ANN).click(NOC, &offer.ts, &form);
    fake.until("the form", |state| (!state.views.is_empty()).then_some(()))
        .await;
}
