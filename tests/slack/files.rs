//! Files that people hand over: alone, in a thread, in a direct message; and what is no capture.

use super::talk::{answer, said};
use super::{BUSY, in_slack};
use crate::support::slack::state::{BOT_USER, Message};
use crate::support::slack::{ANN, Fake, NOC};

/// A capture of the examples, as bytes.
fn example(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/examples/captures/{name}.pcap",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).unwrap()
}

fn mention(text: &str) -> String {
    format!("<@{BOT_USER}> {text}")
}

/// A bot that has no evidence of its own but an empty folder.
const NO_EVIDENCE: &str = "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\".\"]\n";

async fn edited(fake: &Fake, ts: &str, words: &str) -> Message {
    let (ts, words) = (ts.to_owned(), words.to_owned());
    fake.until("the edited answer", move |state| {
        let its = state.messages.iter().find(|it| it.ts == ts)?;
        its.readable().contains(&words).then(|| its.clone())
    })
    .await
}

#[tokio::test]
async fn a_capture_alone_is_diagnosed() {
    let (fake, _bot) = in_slack(NO_EVIDENCE).await;
    let capture = example("no-circuits");
    fake.user(ANN)
        .upload(NOC, None, ("from the switch.pcap", &capture), &mention(""));
    let card = answer(&fake, NOC, "503").await;
    assert!(
        card.readable().contains("No circuit"),
        "{}",
        card.readable()
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn a_packed_capture_of_several_calls_is_summed_up() {
    use std::io::Write as _;
    let (fake, _bot) = in_slack(NO_EVIDENCE).await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&example("busy-486")).unwrap();
    let packed = packed.finish().unwrap();
    let plain = example("not-found-404");
    fake.user(ANN)
        .upload(NOC, None, ("a.pcap.gz", &packed), &mention(""));
    answer(&fake, NOC, "486").await;
    fake.user(ANN)
        .upload(NOC, None, ("b.pcap", &plain), &mention("since 2020-01-01"));
    answer(&fake, NOC, "404").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_capture_in_a_thread_joins_what_the_thread_is_about() {
    let (fake, _bot) = in_slack(NO_EVIDENCE).await;
    fake.user(ANN).mention(NOC, None, BUSY);
    let card = answer(&fake, NOC, "No message of").await;
    let capture = example("busy-486");
    fake.user(ANN).upload(
        NOC,
        Some(&card.ts),
        ("carrier side.pcap", &capture),
        &mention(""),
    );
    // The card itself is edited: the thread stays one case.
    edited(&fake, &card.ts, "486").await;
    // The file goes on standing in the thread: a later word is about it too.
    fake.user(ANN).mention(NOC, Some(&card.ts), "pcap");
    answer(&fake, NOC, "for Wireshark").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_list_of_ids_is_a_question() {
    let (fake, _bot) = in_slack("").await;
    let list = format!("call id\n{BUSY}\nnobody-has-this@192.0.2.1\n");
    fake.user(ANN)
        .upload(NOC, None, ("ids.csv", list.as_bytes()), &mention(""));
    let card = answer(&fake, NOC, "nobody-has-this@192.0.2.1").await;
    assert!(card.readable().contains("486"), "{}", card.readable());
    fake.nothing_refused();
}

#[tokio::test]
async fn what_is_neither_is_said() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).upload(
        NOC,
        None,
        ("<!channel>.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
        &mention(""),
    );
    let answered = answer(&fake, NOC, "no SIP was found in it").await;
    let blocks = answered.blocks.to_string();
    assert!(!blocks.contains("<!channel>"), "{blocks}");
    fake.nothing_refused();
}

#[tokio::test]
async fn a_call_is_given_out_as_a_capture() {
    let (fake, _bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage pcap {BUSY}"));
    let answered = answer(&fake, NOC, "for Wireshark").await;
    let file = fake
        .until("the capture", |state| {
            let in_thread = state.messages.iter();
            let in_thread = in_thread.filter(|it| it.thread_ts.as_ref() == Some(&answered.ts));
            let ids: Vec<String> = in_thread.flat_map(|it| it.files.clone()).collect();
            state.files.get(ids.first()?).cloned()
        })
        .await;
    assert_eq!(file.name, "busy-1-198-51-100-10.pcap");
    let content = file.content.unwrap();
    // Nanoseconds, little endian: a capture.
    assert_eq!(content.get(..4), Some(&0xa1b2_3c4d_u32.to_le_bytes()[..]));
    assert!(!String::from_utf8_lossy(&content).contains("response=\""));
    assert_eq!(said_count(&fake), 1);
    fake.nothing_refused();
}

fn said_count(fake: &Fake) -> usize {
    fake.look(|state| {
        said(state, NOC)
            .iter()
            .filter(|it| it.thread_ts.is_none())
            .count()
    })
}
