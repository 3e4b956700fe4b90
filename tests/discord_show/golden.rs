//! Golden payloads: every kind of reply over real captures and a platform. `UPDATE_GOLDEN=1` writes them.

use std::collections::BTreeSet;

use calltriage::chat::Reply;
use calltriage::chat::commands::Table;
use calltriage::chat::discord::show::{forms, message as show};
use calltriage::chat::discord::{manifest, presses};
use calltriage::chat::show::buttons::Button;
use calltriage::chat::show::forms::{not_right, simulate};
use serde_json::{Value, json};

use super::{fits, message};
use crate::slack_show::golden::{compare, folder, offer, replies, ticks};
use crate::slack_show::{ID, in_context, incident};

fn others() -> Vec<(&'static str, Value)> {
    let Reply::Offer(offer) = offer() else {
        unreachable!()
    };
    let table = Table::embedded().unwrap();
    let modal = |form| json!({ "body": forms::page(&form, 0, "kept:1"), "files": [] });
    let button = Button::say(
        "offer",
        0,
        "Diagnose this call",
        "diagnose 70634039@192.168.0.204".to_owned(),
    );
    let question = presses::Question {
        title: "Run this?".to_owned(),
        text: "It asks no carrier.".to_owned(),
        yes: "Run it".to_owned(),
    };
    let does = presses::Kept::button(&button);
    vec![
        (
            "acknowledged",
            message(&show::progress(
                "70634039@192.168.0.204",
                &[],
                Some("1088000000000000201"),
            )),
        ),
        (
            "progress",
            message(&show::progress("70634039@192.168.0.204", &ticks(), None)),
        ),
        (
            "denied",
            message(&show::denied(
                "Only people in @noc may simulate calls; ask Kim.",
            )),
        ),
        ("offer-to-diagnose", message(&show::offer(&button))),
        ("asked-back", message(&show::question(&question, &does))),
        ("incident", message(&show::incident(&incident(), &table))),
        ("form-not-right", modal(not_right(ID, &table))),
        ("form-simulate", modal(simulate(&offer.command, &table))),
        (
            "form-simulate-2",
            json!({ "body": forms::page(&simulate(&offer.command, &table), 1, "kept:1"), "files": [] }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads_are_as_they_were() {
    let replies = replies().await;
    let mut payloads = others();
    payloads.extend(in_context(true, |context| {
        let each = |(name, reply): &(&'static str, Reply)| {
            let shown = show::reply(reply, context);
            for kept in &shown.kept {
                let (id, has_to_be_kept) = kept.id();
                assert!(has_to_be_kept && id.starts_with("kept:"), "{id}");
            }
            (*name, message(&shown))
        };
        replies.iter().map(each).collect::<Vec<_>>()
    }));
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, payload) in payloads {
        fits(&payload["body"]);
        compare("discord", name, &payload, &mut wrong);
        assert!(names.insert(format!("{name}.json")), "{name}");
    }
    let commands = manifest::commands(&Table::embedded().unwrap(), true);
    compare("discord", "commands", &commands, &mut wrong);
    names.insert("commands.json".to_owned());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kept = std::fs::read_dir(folder("discord"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.collect::<BTreeSet<_>>(), names);
}
