//! Golden payloads: every kind of reply over real captures and a platform. `UPDATE_GOLDEN=1` writes them.

use std::collections::BTreeSet;

use calltriage::chat::Reply;
use calltriage::chat::commands::Table;
use calltriage::chat::discord::show::{callback, forms, message as show};
use calltriage::chat::discord::{manifest, presses};
use calltriage::chat::show::buttons::Button;
use calltriage::chat::show::forms::{Form, FormKind, not_right, report, simulate};
use serde_json::{Value, json};

use super::{fits, message};
use crate::slack_show::golden::{compare, folder, offer, replies, ticks};
use crate::slack_show::{ID, form_of_report, in_context, incident};

fn others() -> Vec<(&'static str, Value)> {
    let table = Table::embedded().unwrap();
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
        ("callback-deferred", callback(callback::deferred(false))),
        (
            "callback-deferred-private",
            callback(callback::deferred(true)),
        ),
        (
            "callback-private",
            callback(callback::privately(&show::question(&question, &does))),
        ),
        ("callback-choices", callback(callback::choices(&choices()))),
    ]
}

/// A first answer to an interaction as it is compared.
fn callback(answer: Value) -> Value {
    json!({ "callback": answer })
}

/// What is offered to who types, more of it than Discord takes.
fn choices() -> Vec<(String, String)> {
    let named = [
        ("Beispiel GmbH · customer #13", "customer:#13"),
        (
            "2026-02-16 09:10:02 busy-1@198.51.100.10 · busy",
            "busy-1@198.51.100.10",
        ),
    ];
    let named = named.map(|(label, value)| (label.to_owned(), value.to_owned()));
    let more = (1..=25).map(|it| (format!("{} {it}", "long ".repeat(30)), it.to_string()));
    named.into_iter().chain(more).collect()
}

/// Each page of each form.
async fn pages() -> Vec<(String, Value)> {
    let Reply::Offer(offer) = offer() else {
        unreachable!()
    };
    let table = Table::embedded().unwrap();
    let all = [
        not_right(ID, &table),
        simulate(&offer.command, &table),
        report(&form_of_report().await, ID),
    ];
    let name = |form: &Form, page: usize| match (form.kind, page) {
        (FormKind::Wrong, _) => "form-not-right".to_owned(),
        (kind, 0) => format!("form-{}", kind.word()),
        (kind, page) => format!("form-{}-{}", kind.word(), page + 1),
    };
    let each = |form: &Form| -> Vec<(String, Value)> {
        let page = |at| json!({ "body": forms::page(form, at, "kept:1"), "files": [] });
        (0..forms::pages(form))
            .map(|at| (name(form, at), page(at)))
            .collect()
    };
    all.iter().flat_map(each).collect()
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
    let payloads = payloads.into_iter().map(|(name, it)| (name.to_owned(), it));
    let payloads = payloads.chain(pages().await);
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, payload) in payloads {
        if let Some(body) = payload.get("body") {
            fits(body);
        }
        compare("discord", &name, &payload, &mut wrong);
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
