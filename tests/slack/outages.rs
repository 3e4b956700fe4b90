//! What people see where Slack itself fails in what they asked for: a form, the home, a permission by group, an answer
//! that only they see. Nothing is shown twice.

use super::talk::{answer, said, whisper};
use super::{BUSY, in_slack};
use crate::support::slack::faults::Fault;
use crate::support::slack::state::{BOT_USER, Message};
use crate::support::slack::{ANN, BEN, Fake, NOC};

/// What ends by itself, and leaves nothing done.
const PASSING: [Fault; 4] = [
    Fault::TooMany(1),
    Fault::ServerError,
    Fault::BadGateway,
    Fault::DropBefore,
];

/// A card whose button opens a form.
async fn card(fake: &Fake) -> Message {
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    fake.until("the card with its buttons", |state| {
        let all = said(state, NOC).into_iter();
        let mut cards = all.filter(|it| it.readable().contains("Not right"));
        cards.next()
    })
    .await
}

fn click(fake: &Fake, card: &Message) {
    let actions = card.elements().into_iter();
    let mut actions = actions.filter_map(|(_, it)| it["action_id"].as_str().map(str::to_owned));
    let form = actions.find(|it| it.starts_with("form:wrong")).unwrap();
    fake.user(ANN).click(NOC, &card.ts, &form);
}

/// What one person alone was shown.
fn whispers(fake: &Fake, user: &str) -> Vec<String> {
    fake.look(|state| {
        let all = state.messages.iter();
        let its = all.filter(|it| it.only_for.as_deref() == Some(user));
        its.map(Message::readable).collect()
    })
}

/// Waits until all that was asked before has been heard: another question is answered.
async fn heard(fake: &Fake) {
    fake.until_acked().await;
    fake.user(ANN).slash(NOC, "/triage help");
    answer(fake, NOC, "diagnose").await;
}

#[tokio::test]
async fn a_form_opens_once_although_slack_fails_in_passing() {
    let (fake, _bot) = in_slack("").await;
    let card = card(&fake).await;
    for fault in PASSING.into_iter().chain([Fault::DropAfter]) {
        fake.faults().script("views.open", [fault.clone()]);
        click(&fake, &card);
        let opened = fake.until("the form", |state| (!state.views.is_empty()).then_some(()));
        opened.await;
        if fault == Fault::DropAfter {
            // It is tried once more, and Slack says that it was opened.
            let tried = fake.until("the other try", |state| {
                let mut refused = state.record.refusals.iter();
                refused
                    .find(|it| it.error == "exchanged_trigger_id")
                    .map(|_| ())
            });
            tried.await;
        }
        assert_eq!(fake.look(|state| state.views.len()), 1, "{fault:?}");
        fake.arrange(|state| state.views.clear());
    }
    heard(&fake).await;
    assert_eq!(whispers(&fake, ANN), Vec::<String>::new());
    assert_eq!(fake.refused(), ["exchanged_trigger_id"]);
}

#[tokio::test]
async fn who_asked_for_a_form_that_does_not_open_is_told_so_once() {
    let (fake, _bot) = in_slack("").await;
    let card = card(&fake).await;
    for (told, fault) in [(1, Fault::ServerError), (2, Fault::TooMany(30))] {
        fake.faults().always("views.open", Some(fault));
        click(&fake, &card);
        fake.until("what only who asked is told", |state| {
            (state.ephemerals(NOC, ANN).len() == told).then_some(())
        })
        .await;
    }
    heard(&fake).await;
    let whispers = whispers(&fake, ANN);
    assert_eq!(whispers.len(), 2);
    assert!(
        whispers
            .iter()
            .all(|it| it.contains("Press the button again")),
        "{whispers:?}"
    );
    assert!(fake.look(|state| state.views.is_empty()));
    // Pressed again, it opens.
    fake.faults().always("views.open", None);
    click(&fake, &card);
    fake.until("the form", |state| (!state.views.is_empty()).then_some(()))
        .await;
    fake.nothing_refused();
}

#[tokio::test]
async fn the_home_is_drawn_although_slack_fails_in_passing() {
    let (fake, _bot) = in_slack("").await;
    card(&fake).await;
    for fault in PASSING.into_iter().chain([Fault::DropAfter]) {
        fake.arrange(|state| state.homes.clear());
        fake.faults().script("views.publish", [fault.clone()]);
        fake.user(ANN).open_home();
        fake.until("the home", |state| {
            let mut homes = state.homes.values();
            homes.any(|it| it.to_string().contains(BUSY)).then_some(())
        })
        .await;
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn who_is_in_a_group_is_not_refused_because_slack_does_not_tell_so_just_now() {
    let rules = "[permissions]\nrules = [{ subjects = [\"slack:group:S0NOCGROUP\"], commands = [\"*\"] }]\n";
    let (fake, _bot) = in_slack(rules).await;
    let faults = [PASSING, PASSING].concat();
    fake.faults().script("usergroups.users.list", faults);
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    fake.user(BEN).slash(NOC, "/triage help");
    answer(&fake, NOC, "486").await;
    whisper(&fake, BEN, "You may not use help").await;
    assert_eq!(whispers(&fake, ANN), Vec::<String>::new());
    assert_eq!(
        fake.look(|state| said(state, NOC)
            .iter()
            .filter(|it| it.thread_ts.is_none())
            .count()),
        1
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn what_one_person_alone_sees_comes_once_although_slack_fails_in_passing() {
    let offering = format!("[[channels]]\nid = \"slack:{NOC}\"\noffer = true\n");
    let (fake, _bot) = in_slack(&offering).await;
    let root = fake.user(BEN).message(NOC, "calls to our shop fail");
    for (nth, fault) in PASSING.into_iter().enumerate() {
        fake.faults().script("chat.postEphemeral", [fault.clone()]);
        let asked = format!("<@{BOT_USER}> --private explain nobody-{nth}");
        fake.user(ANN).mention(NOC, Some(&root), &asked);
        fake.until("the private answer", |state| {
            (state.ephemerals(NOC, ANN).len() > nth).then_some(())
        })
        .await;
        assert_eq!(whispers(&fake, ANN).len(), nth + 1, "{fault:?}");
    }
    // An offer that nobody asked for is one at most.
    fake.faults()
        .script("chat.postEphemeral", [Fault::TooMany(1)]);
    fake.user(BEN).message(NOC, BUSY);
    whisper(&fake, BEN, "Diagnose this call").await;
    heard(&fake).await;
    assert_eq!(whispers(&fake, ANN).len(), PASSING.len());
    assert_eq!(whispers(&fake, BEN).len(), 1);
    assert_eq!(fake.look(|state| said(state, NOC).len()), 1);
    fake.nothing_refused();
}
