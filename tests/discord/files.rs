//! Files that people hand over: in a reply they join its case, with the command on a message they are read, and those that
//! are too large are not even fetched.

use serde_json::json;

use super::{BUSY, Bot, OURS, in_discord};
use crate::support::discord::user::User;
use crate::support::discord::{ANN, BEN, Fake, NOC};

/// A capture of the examples, as bytes.
fn example(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/examples/captures/{name}.pcap",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).unwrap()
}

/// A bot that has no evidence of its own but an empty folder.
async fn without_evidence() -> (Fake, Bot) {
    let nothing = "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\".\"]\n";
    in_discord(OURS, nothing).await
}

#[tokio::test]
async fn a_capture_in_a_reply_joins_what_the_card_is_about() {
    let (fake, _bot) = without_evidence().await;
    fake.user(ANN).mentions(NOC, BUSY);
    let card = fake.answer(NOC, "No message of").await;
    let ben = fake.user(BEN);
    let file = ben.file("carrier side.pcap", &example("busy-486"));
    ben.replies_with(&card, "", json!({ "attachments": [file] }));
    // The card itself is edited: it stays one case.
    let edited = fake.answer(NOC, "486").await;
    assert_eq!(edited.id, card.id);
    // The file goes on belonging to it: a later word is about it too.
    fake.user(ANN).replies(&card, "pcap");
    fake.answer(NOC, "for Wireshark").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn the_command_on_a_message_reads_its_file() {
    let (fake, _bot) = without_evidence().await;
    let ann = fake.user(ANN);
    let file = ann.file("from the switch.pcap", &example("no-circuits"));
    ann.on_message_with(NOC, "", json!({ "attachments": [file.clone()] }));
    fake.answer(NOC, "No circuit").await;
    // With words beside it that name no call, and forwarded, it is the file that counts.
    let beside = json!({ "attachments": [file.clone()] });
    let forwarded = json!({ "message_snapshots": [{ "message": {
        "content": "see this", "embeds": [], "attachments": [file], "type": 0, "mentions": [], "mention_roles": [],
        "timestamp": "2026-02-16T09:10:02.000000+00:00", "edited_timestamp": null, "flags": 0,
    } }] });
    for (text, more) in [("what is this?", beside), ("", forwarded)] {
        let asked = ann.on_message_with(NOC, text, more);
        fake.until(text, |state| {
            let mut all = state.of_bot(NOC);
            all.find(|it| it.interaction == Some(asked) && it.readable().contains("No circuit"))
                .map(|it| it.id)
        })
        .await;
    }
    fake.nothing_refused();
}

/// Hands over a file of 33 MB in one of the ways; what is there is a byte, and nobody gets even that.
async fn too_large(hand_over: impl Fn(&User, serde_json::Value)) {
    let (fake, _bot) = without_evidence().await;
    let ann = fake.user(ANN);
    let mut file = ann.file("whole night.pcap", &[0]);
    file["size"] = json!(33_000_000);
    hand_over(&ann, file);
    let said = fake.answer(NOC, "no more than 32 MB are taken").await;
    let said = said.readable();
    assert!(said.contains("whole_night.pcap has 33 MB"), "{said}");
    assert!(said.contains("tshark -r FILE -Y sip -w SMALLER"), "{said}");
    assert_eq!(fake.look(|state| state.called("/files/")), 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_by_its_size_alone() {
    too_large(|ann, file| {
        ann.mentions_with(NOC, "", json!({ "attachments": [file] }));
    })
    .await;
    too_large(|ann, file| {
        ann.on_message_with(NOC, BUSY, json!({ "attachments": [file] }));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_larger_than_it_says_is_not_read_to_its_end() {
    let (fake, _bot) = without_evidence().await;
    let ann = fake.user(ANN);
    let mut file = ann.file("small.pcap", &vec![0; 33_000_000]);
    file["size"] = json!(1);
    ann.mentions_with(NOC, "", json!({ "attachments": [file] }));
    fake.answer(NOC, "larger than it was said to be").await;
    fake.nothing_refused();
}
