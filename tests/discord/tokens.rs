//! What becomes of an answer once Discord takes it no longer as the answer to its interaction.

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
