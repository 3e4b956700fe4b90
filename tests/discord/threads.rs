//! Threads: one that is begun from a card goes on with its case, and a post of a forum has its answers in it.

use serde_json::json;

use super::{BUSY, OURS, in_discord};
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, BEN, FORUM, Fake, NOC, VISITOR, VISITORS};

/// Another call of the examples.
const OTHER: &str = "70634039@192.168.0.204";

/// Waits until a card tells both calls.
async fn both(fake: &Fake, card: &Message) {
    let id = card.id;
    fake.until("both calls in one message", move |state| {
        let text = state.message(id)?.readable();
        (text.contains(OTHER) && text.contains(BUSY)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_said_in_a_thread_that_is_begun_from_a_card_joins_it() {
    let (fake, mut bot) = in_discord(OURS, "").await;
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    let card = fake.answer(NOC, "486").await;
    // It is remembered what the card is about.
    bot.kill();
    bot.start();
    fake.until("it is back", |state| (state.sessions > 1).then_some(()))
        .await;
    let thread = fake.user(BEN).begins_thread(&card, OTHER);
    both(&fake, &card).await;
    // What is no question about calls is answered in the thread.
    fake.user(BEN).mentions(thread, "explain 486");
    fake.answer(thread, "Busy").await;
    let shown = fake.look(|state| (state.of_bot(NOC).count(), state.of_bot(thread).count()));
    assert_eq!(shown, (1, 1));
    fake.nothing_refused();
}

#[tokio::test]
async fn a_post_of_a_forum_has_its_answers_in_it() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let post = fake.user(ANN).opens_post(FORUM, BUSY);
    let card = fake.answer(post, "486").await;
    // The message that a post begins with has the post's own id.
    assert_eq!(card.replies_to, Some(post));
    fake.user(BEN).mentions(post, OTHER);
    both(&fake, &card).await;
    fake.user(BEN).slash(post, "history", &[]);
    fake.answer(post, "Past investigations").await;
    assert_eq!(fake.look(|state| state.of_bot(FORUM).count()), 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_post_of_a_forum_that_outsiders_view_shows_nothing() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| {
        let overwrites = &mut state.channels.get_mut(&FORUM).unwrap()["permission_overwrites"];
        overwrites.as_array_mut().unwrap().push(json!({
            "id": VISITORS.to_string(), "type": 0, "allow": "1024", "deny": "0",
        }));
    });
    let visitor = fake.user(VISITOR);
    let post = visitor.opens_post(FORUM, BUSY);
    fake.answer(visitor.direct_channel(), "from outside").await;
    assert_eq!(fake.look(|state| state.of_bot(post).count()), 0);
    fake.nothing_refused();
}
