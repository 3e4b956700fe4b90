//! What the bot does where a channel does not let it do all that it needs, and what it says of that.

use serde_json::json;

use super::{BUSY, OURS, in_discord};
use crate::support::discord::state::{READ_HISTORY, SEND};
use crate::support::discord::{ANN, NOC};

#[tokio::test]
async fn where_it_may_not_write_who_asked_is_told_directly_and_why() {
    let (fake, bot) = in_discord(OURS, "").await;
    fake.change(|state| state.forbid(NOC, SEND));
    let ann = fake.user(ANN);
    ann.mentions(NOC, BUSY);
    let card = fake.answer(ann.direct_channel(), "486").await;
    let said = card.readable();
    assert!(
        said.starts_with(&format!("I may not write in <#{NOC}>")),
        "{said}"
    );
    let lacking = "View Channel, Send Messages, Embed Links, Attach Files, Read Message History, Send Messages In Threads.";
    assert!(said.contains(lacking), "{said}");
    assert!(
        bot.log().contains("the bot may not write in a channel"),
        "{}",
        bot.log()
    );
    assert_eq!(fake.look(|state| state.of_bot(NOC).count()), 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn where_it_may_not_reply_it_answers_without_a_reply() {
    let (fake, bot) = in_discord(OURS, "").await;
    fake.change(|state| state.forbid(NOC, READ_HISTORY));
    fake.user(ANN).mentions(NOC, BUSY);
    let card = fake.answer(NOC, "486").await;
    assert_eq!(card.replies_to, None);
    assert!(
        bot.log().contains("give it Read Message History"),
        "{}",
        bot.log()
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn what_is_asked_to_be_private_is_not_told_with_a_complaint() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let ann = fake.user(ANN);
    ann.mentions(NOC, &format!("--private {BUSY}"));
    let card = fake.answer(ann.direct_channel(), "486").await;
    assert_eq!(card.body["content"], json!(""));
    fake.nothing_refused();
}
