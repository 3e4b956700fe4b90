//! What becomes of an answer once Discord takes it no longer as the answer to its interaction.

use std::time::Duration;

use serde_json::json;

use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, NOC};

/// What Discord says of a token whose time is over.
const OVER: &str = r#"{ "code": 50027, "message": "Invalid Webhook Token" }"#;

#[tokio::test]
async fn a_public_answer_goes_on_as_a_message_of_the_channel() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.fail("/messages/@original", 401, OVER, 100);
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    let card = fake.answer(NOC, "486").await;
    assert_eq!(card.by, "channel");
    fake.nothing_refused();
}

#[tokio::test]
async fn a_private_answer_goes_by_direct_message() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.fail("/messages/@original", 401, OVER, 100);
    let ann = fake.user(ANN);
    ann.slash(
        NOC,
        "diagnose",
        &[("call", json!(BUSY)), ("private", json!(true))],
    );
    fake.answer(ann.direct_channel(), "486").await;
    let shown = fake.look(|state| {
        let mut all = state.of_bot(NOC);
        all.any(|it| it.readable().contains("486"))
    });
    assert!(!shown, "it stands in the channel");
    fake.nothing_refused();
}

#[tokio::test]
async fn who_takes_no_direct_messages_is_asked_to_ask_again() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| state.closed_to.push(ANN));
    fake.fail("/messages/@original", 401, OVER, 100);
    let options = [("call", json!(BUSY)), ("private", json!(true))];
    fake.user(ANN).slash(NOC, "diagnose", &options);
    let notice = fake.answer(NOC, "Ask again").await;
    assert!(!notice.readable().contains("486"));
    fake.nothing_refused();
}

/// Past the quarter of an hour that a token lasts.
const TOO_LATE: Duration = Duration::from_secs(16 * 60);

#[tokio::test]
async fn where_the_time_is_over_while_it_is_worked_out_the_message_goes_on_as_one_of_the_channel() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.jump_after("/messages/@original", TOO_LATE);
    let asked = fake
        .user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    let card = fake.answer(NOC, "486").await;
    assert_eq!(card.interaction, Some(asked), "another message");
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 1);
    assert!(fake.look(|state| state.called("PATCH /api/v10/channels/")) > 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn where_the_time_is_over_while_it_is_worked_out_a_private_answer_goes_by_direct_message() {
    for by_clock in [true, false] {
        let (fake, _bot) = in_discord(OURS, "").await;
        match by_clock {
            true => fake.jump_after("/messages/@original", TOO_LATE),
            false => fake.fail_after(1, "/messages/@original", 401, OVER, 100),
        }
        let ann = fake.user(ANN);
        let options = [("call", json!(BUSY)), ("private", json!(true))];
        ann.slash(NOC, "diagnose", &options);
        fake.answer(ann.direct_channel(), "486").await;
        let shown = fake.look(|state| {
            let mut all = state.of_bot(NOC);
            all.any(|it| it.readable().contains("486") || it.only_for.is_none())
        });
        assert!(!shown, "it stands in the channel");
        fake.nothing_refused();
    }
}

#[tokio::test]
async fn what_fails_in_passing_is_tried_again_and_answered_once() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.fail("/messages/@original", 502, "<html>bad gateway</html>", 2);
    fake.fail(
        "/messages/@original",
        429,
        r#"{ "message": "You are being rate limited.", "retry_after": 0.3, "global": true }"#,
        1,
    );
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await;
    fake.user(ANN).mentions(NOC, "help");
    fake.answer(NOC, "diagnose").await;
    fake.fail("/channels/", 500, "", 1);
    fake.user(ANN).mentions(NOC, BUSY);
    fake.until("the second card", |state| {
        let cards = state.of_bot(NOC).filter(|it| it.readable().contains("486"));
        (cards.count() == 2).then_some(())
    })
    .await;
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 3);
    fake.nothing_refused();
}
