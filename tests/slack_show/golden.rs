//! Golden payloads: every kind of reply over real captures and a platform. `UPDATE_GOLDEN=1` writes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use calltriage::archive::Summary;
use calltriage::chat::show::Context;
use calltriage::chat::show::buttons::Button;
use calltriage::chat::show::forms::{not_right, simulate};
use calltriage::chat::slack::show::{forms, home, message as show};
use calltriage::chat::{Alternative, Given, Offer, Reply, list_rules};
use calltriage::demo::Behaviour;
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::{Outcome, Party, Step, StepName};
use serde_json::{Value, json};

use super::{
    fits, in_context, incident, message, of_captures, of_captures_to_customer, of_platform,
    of_reports, replied,
};
use crate::support::connexcs::Fake;

/// A call that would format, mention, link and hide.
const HOSTILE: &str = "
    0.000 cust>plat INVITE from=<!channel> to=*72_~x~`rm`
    0.002 plat>cust 100
    0.020 plat>cust 403 phrase=<!channel>_<!here>_<@U1>_<https://evil.example>_*b*_\u{202e}gnp.exe\u{202c}_:fire:_```_>quote_&amp;\u{200b} \
        | Reason: SIP;cause=403;text=\"<!subteam^S1> *bold* _it_ ~no~\"
    0.030 cust>plat ACK";

/// Where the payloads of a chat are.
pub fn folder(chat: &str) -> PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    golden.join(chat)
}

/// Compares a payload with its golden file, or writes that.
pub fn compare(chat: &str, name: &str, payload: &Value, wrong: &mut Vec<String>) {
    let path = folder(chat).join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(payload).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    if std::fs::read_to_string(&path).unwrap_or_default() != text {
        wrong.push(format!("{name}: is now\n{text}"));
    }
}

pub fn offer() -> Reply {
    let values = [
        ("Dialled Number", "441782454123"),
        ("CLI/ANI", "441632960001"),
        ("Switch IP", "192.0.2.5"),
        ("Customer IP", "198.51.100.10"),
        ("Registered User", ""),
        ("Routing Engine", "Europe"),
    ];
    Reply::Offer(Box::new(Offer {
        does: "A simulation lets the platform authenticate and route this call. No carrier is asked, and an entry \
               stays in the platform's log."
            .to_owned(),
        values: values.map(|(name, value)| (name, value.to_owned())).to_vec(),
        notes: vec!["The platform's server was taken from the messages of the call.".to_owned()],
        command: "simulate --dialled=441782454123 --cli=441632960001 --switch=192.0.2.5 --ip=198.51.100.10 \
                  --engine=Europe --confirm"
            .to_owned(),
    }))
}

fn past() -> Vec<Summary> {
    let one = |id: &str, query: &str, rule: &str, party, calls| Summary {
        id: id.to_owned(),
        asked_at: "2026-12-01T09:10:02Z".parse().unwrap(),
        query: query.to_owned(),
        rule: rule.to_owned(),
        party,
        calls,
        about: Vec::new(),
        only_for: None,
    };
    vec![
        one(
            "20261201-091002-abc123",
            "busy-1@198.51.100.10",
            "called-busy",
            Party::FarEnd,
            1,
        ),
        one(
            "20261201-080000-abc124",
            "why did <!channel> fail",
            "carrier-no-circuit",
            Party::Carrier,
            12,
        ),
        one(
            "20261130-230000-abc125",
            "441632960101",
            "answered-and-ended",
            Party::Nobody,
            1,
        ),
    ]
}

pub fn ticks() -> Vec<Tick> {
    let ended = |step, outcome, detail: &str| {
        Tick::Ended(Step {
            step,
            outcome,
            detail: detail.to_owned(),
            took_ms: 12,
        })
    };
    vec![
        Tick::Started(StepName::StatusPage),
        Tick::Started(StepName::CallLog),
        Tick::Started(StepName::SipTrace),
        ended(StepName::StatusPage, Outcome::Clean, "no incident listed"),
        ended(
            StepName::CallLog,
            Outcome::NotChecked,
            "the platform did not answer within 15 s",
        ),
        Tick::Counted { done: 3, all: 40 },
    ]
}

/// Every reply that is shown, by the name of its file.
pub async fn replies() -> Vec<(&'static str, Reply)> {
    let mut all = of_calls().await;
    all.extend(of_reports().await);
    all
}

async fn of_calls() -> Vec<(&'static str, Reply)> {
    let platform = Fake::start().await;
    let down = Fake::start().await;
    down.platform.script().everywhere(Behaviour::forbidden());
    let hostile = Fake::written(HOSTILE).await;
    let two = "busy-1@198.51.100.10 63dbf182-8b7b-4bfc-95ab-01846c9c675c@198.51.100.10";
    let some = [
        "busy-486.pcap",
        "answered-callee-ends.pcap",
        "no-circuits.pcap",
    ];
    let text = |text: &str| Reply::Text(text.to_owned());
    vec![
        (
            "refused-by-carrier",
            of_captures(&["no-circuits.pcap"], "441632960106").await,
        ),
        (
            "refused-on-platform",
            of_platform(&platform, "busy-1@198.51.100.10").await,
        ),
        (
            "wrong-password",
            of_captures(&["call-wrong-password.pcap"], "441632960112").await,
        ),
        (
            "one-way-audio",
            of_captures(&["private-media.pcap"], "441632960122 one-way audio").await,
        ),
        (
            "for-a-customer",
            of_captures_to_customer(&["no-circuits.pcap"], "441632960106").await,
        ),
        (
            "answered",
            of_captures(&["answered-caller-ends.pcap"], "441632960101").await,
        ),
        (
            "nothing-found",
            of_captures(&["busy-486.pcap"], "nowhere-1@198.51.100.77").await,
        ),
        (
            "nothing-on-platform",
            of_platform(&platform, "nowhere-1@198.51.100.77").await,
        ),
        (
            "two-calls",
            of_captures(&some, &two.replace(' ', "\n")).await,
        ),
        (
            "many-calls",
            of_captures(&["many-calls.pcap"], "198.51.100.10").await,
        ),
        (
            "comparison",
            of_captures(&some, &format!("compare {two}")).await,
        ),
        ("turn-up", of_captures(&some, "compare 203.0.113.9").await),
        (
            "ladder",
            of_captures(&["missing-ack.pcap"], "ladder 441632960118").await,
        ),
        ("calls", of_captures(&some, "calls").await),
        (
            "whois",
            of_platform(&platform, "whois 442079460018 customer #12").await,
        ),
        ("stats", of_captures(&some, "stats").await),
        (
            "pcap",
            Reply::Files {
                said: "8 messages as busy-1.pcap, for Wireshark; credentials are blanked."
                    .to_owned(),
                files: vec![Given {
                    name: "busy-1.pcap".to_owned(),
                    title: "8 messages as a capture".to_owned(),
                    bytes: b"a capture".to_vec(),
                }],
            },
        ),
        ("no-calls", of_captures(&some, "calls 4499999999").await),
        (
            "patterns",
            of_captures(&["many-calls.pcap"], "patterns").await,
        ),
        ("help", of_captures(&some, "help").await),
        ("explain", of_captures(&some, "explain 503").await),
        ("api-down", of_platform(&down, "busy-1@198.51.100.10").await),
        ("hostile", of_platform(&hostile, "a@198.51.100.10").await),
        ("offer", offer()),
        (
            "question",
            Reply::Question {
                asked: "Which is meant by 1001?".to_owned(),
                choices: [
                    ("the user 1001", "diagnose user:1001"),
                    ("the number 1001 <!here>", "diagnose number:1001"),
                ]
                .map(|(label, command)| Alternative {
                    label: label.to_owned(),
                    command: command.to_owned(),
                })
                .to_vec(),
            },
        ),
        (
            "history",
            Reply::History {
                about: String::new(),
                list: past(),
                left_out: 4,
            },
        ),
        (
            "no-history",
            Reply::History {
                about: "*1*".to_owned(),
                list: Vec::new(),
                left_out: 0,
            },
        ),
        ("rules", list_rules("")),
        ("rules-registration", list_rules("registration")),
        (
            "text",
            text(
                "Kept: the verdict carrier-no-circuit is marked as wrong: *they* admit <it> & more",
            ),
        ),
        ("end", Reply::End),
    ]
}

fn others(context: &Context<'_>) -> Vec<(&'static str, Value)> {
    let view = |view| serde_json::to_value(view).unwrap();
    let Reply::Offer(offer) = offer() else {
        unreachable!()
    };
    vec![
        (
            "acknowledged",
            message(
                &show::progress("70634039@192.168.0.204", &[], Some("U012AB3CD")),
                &[],
            ),
        ),
        (
            "progress",
            message(
                &show::progress("70634039@192.168.0.204", &ticks(), None),
                &[],
            ),
        ),
        (
            "denied",
            message(
                &show::denied("Only people in @noc may simulate calls; ask Kim."),
                &[],
            ),
        ),
        (
            "offer-to-diagnose",
            message(
                &show::offer(&Button::say(
                    "offer",
                    0,
                    "Diagnose this call",
                    "diagnose 70634039@192.168.0.204".to_owned(),
                )),
                &[],
            ),
        ),
        (
            "incident",
            message(&show::incident(&incident(), context.table), &[]),
        ),
        (
            "form-not-right",
            view(forms::view(&not_right(super::ID, context.table))),
        ),
        (
            "form-simulate",
            view(forms::view(&simulate(&offer.command, context.table))),
        ),
        ("home", view(home(&past(), context))),
        ("home-empty", view(home(&[], context))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads_are_as_they_were() {
    let replies = replies().await;
    let mut payloads = in_context(true, others);
    payloads.extend(in_context(true, |context| {
        let each = |(name, reply): &(&'static str, Reply)| (*name, replied(reply, context));
        replies.iter().map(each).collect::<Vec<_>>()
    }));
    let private = ["refused-by-carrier", "many-calls", "offer", "rules"];
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    let plain = in_context(true, |context| {
        let all = replies.iter().filter(|(name, _)| private.contains(name));
        let each = all.map(|(name, reply)| {
            (
                format!("private-{name}"),
                message(&show::plain(reply, context), &[]),
            )
        });
        each.collect::<Vec<_>>()
    });
    let public = payloads
        .into_iter()
        .map(|(name, payload)| (name.to_owned(), payload));
    for (name, payload) in public.chain(plain) {
        fits(&payload);
        compare("slack", &name, &payload, &mut wrong);
        assert!(names.insert(format!("{name}.json")), "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kept = std::fs::read_dir(folder("slack"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.collect::<BTreeSet<_>>(), names);
}

#[tokio::test]
async fn a_click_says_what_the_button_means() {
    let reply = of_captures(&["busy-486.pcap"], "busy-1@198.51.100.10").await;
    let shown = in_context(true, |context| replied(&reply, context));
    let actions: Vec<(&str, &str)> = shown["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|block| block["type"] == "actions")
        .flat_map(|block| block["elements"].as_array().unwrap())
        .map(|it| {
            (
                it["action_id"].as_str().unwrap(),
                it["value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        actions,
        [
            ("form:report", "20261201-091002-abc123"),
            ("say:trace", "ladder busy-1@198.51.100.10"),
            ("say:pcap", "pcap busy-1@198.51.100.10"),
            ("say:compare", "compare busy-1@198.51.100.10"),
            ("say:again", "again 20261201-091002-abc123"),
            ("form:wrong", "20261201-091002-abc123"),
        ]
    );
    let without = in_context(false, |context| replied(&reply, context));
    assert!(!without.to_string().contains("action_id"));
    assert_eq!(without["files"].as_array().unwrap().len(), 1);
    let private = in_context(true, |context| show::plain(&reply, context));
    assert!(json!(private.blocks).to_string().contains("```"));
}
