//! Simulating a call: nothing runs before somebody says so, and then once.

use calltriage::demo::{Behaviour, Endpoint};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::ask;
use crate::cli::{Desk, Done};
use crate::support::connexcs::Fake;

const BUSY: &str = "busy-1@198.51.100.10";

/// Values that the platform routes, as options.
const GOOD: &str = "--dialled=441782454123 --cli=441632960001 --switch=192.0.2.5 --ip=198.51.100.10 --engine=Europe";

/// A desk whose platform can simulate, or cannot.
fn desk(fake: &Fake, can: bool) -> Desk {
    let endpoint = if can {
        "simulate = \"demo/simulate\""
    } else {
        ""
    };
    let desk = Desk::new();
    desk.file(
        "run.toml",
        format!(
            "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\n\
             token = {{ value = \"demo\" }}\n[sources.endpoints]\n{endpoint}\n\
             [sources.limits]\nback_off = \"1ms\"\ncache = \"0s\"\n",
            fake.base_url()
        ),
    );
    desk
}

/// The replies to these messages.
fn chat(desk: &Desk, lines: &str) -> Vec<Value> {
    let said = || desk.say(&["chat", "--json", "--config", "run.toml"], lines);
    block_in_place(said).answered().json()
}

fn run(desk: &Desk, args: &str) -> Done {
    let mut all = vec!["--config", "run.toml", "simulate"];
    all.extend(args.split_whitespace());
    block_in_place(|| desk.run(&all))
}

/// The forms that the platform was given.
fn forms(fake: &Fake) -> Vec<Value> {
    let sent = fake.platform.seen().of(Endpoint::Simulate);
    sent.iter()
        .map(|it| serde_json::from_str(&it.body).unwrap())
        .collect()
}

fn rule(answer: &Value) -> &str {
    answer["calls"][0]["verdict"]["rule"]
        .as_str()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_runs_it_once() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let offer = chat(&desk, &format!("simulate {BUSY}\n")).remove(0);
    assert!(forms(&fake).is_empty());
    let offer = &offer["offer"];
    assert_eq!(offer["values"]["Customer IP"], "198.51.100.10");
    assert_eq!(offer["values"]["Routing Engine"], "Europe");
    let command = offer["command"].as_str().unwrap();
    assert!(command.ends_with(" --confirm"), "{command}");

    let replies = chat(&desk, &format!("simulate {BUSY}\nyes\nagain\nhistory\n"));
    assert_eq!(rule(&replies[1]), "simulation-routed", "{}", replies[1]);
    assert_eq!(replies[1]["query"], command);
    let step = &replies[1]["steps"][4];
    assert_eq!(
        (&step["step"], &step["outcome"]),
        (&json!("simulate"), &json!("clean"))
    );
    // Again reads the entry in the log.
    assert_eq!(rule(&replies[2]), "simulation-routed");
    assert_eq!(
        replies[2]["calls"][0]["call_ids"],
        replies[1]["calls"][0]["call_ids"]
    );
    let sent = forms(&fake);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["customer_ip"], "198.51.100.10");
    assert_eq!(sent[0].as_object().unwrap().len(), 6);

    // The offered command does the same.
    let again = chat(&desk, &format!("{command}\n"));
    assert_eq!(rule(&again[0]), "simulation-routed");
    assert_eq!(forms(&fake).len(), 2);
    assert_eq!(forms(&fake)[0], forms(&fake)[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_other_message_takes_the_offer_back() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    chat(&desk, &format!("simulate {BUSY}\nexplain 486\nyes\n"));
    chat(&desk, "yes\n");
    chat(&desk, &format!("simulate {BUSY}\nno\nyes\n"));
    assert!(run(&desk, &format!("--json {BUSY}")).answered().one_json()["offer"].is_object());
    assert!(forms(&fake).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_investigation_gives_the_values_and_options_replace_them() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let id = chat(&desk, &format!("{BUSY}\n"))[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let offered = run(&desk, &format!("{id} --ip 192.0.2.99 --json")).answered();
    let values = &offered.one_json()["offer"]["values"];
    assert_eq!(values["Customer IP"], "192.0.2.99");
    assert_eq!(values["Routing Engine"], "Europe");
    let refused = run(&desk, &format!("{id} --ip 192.0.2.99 --json --confirm"));
    let refused = refused.answered().one_json();
    assert_eq!(rule(&refused), "refused-in-log");
    let summary = refused["calls"][0]["verdict"]["summary"].as_str().unwrap();
    assert!(
        summary.starts_with("Routing refuses the simulated call: 401 IP Not Authorised"),
        "{summary}"
    );
    assert_eq!(refused["steps"][4]["outcome"], "cause-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_known_is_not_guessed() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let done = run(
        &desk,
        "441782454123 --cli=441632960001 --confirm --switch=192.0.2.5 --ip=a;b",
    );
    assert!(
        done.err.contains("The value of --ip has characters"),
        "{done:?}"
    );
    let done = run(&desk, "--dialled=441782454123 --cli=441632960001 --confirm");
    assert_eq!(done.code, Some(1));
    assert!(
        done.err
            .contains("Switch IP (--switch), Customer IP (--ip), Routing Engine (--engine)"),
        "{done:?}"
    );
    assert!(forms(&fake).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_endpoint_the_values_are_ready_to_be_typed() {
    let fake = Fake::start().await;
    let done = run(&desk(&fake, false), &format!("{GOOD} --confirm"));
    assert_eq!(done.err, "calltriage: No endpoint is configured to simulate calls (sources.endpoints.simulate). By hand, type these values into the platform's form Simulate, then ask again with the SIM- id that it gives:
  Dialled Number   441782454123
  CLI/ANI          441632960001
  Switch IP        192.0.2.5
  Customer IP      198.51.100.10
  Registered User
  Routing Engine   Europe
");
    assert!(forms(&fake).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_alone_is_looked_up_in_the_log() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let first = run(&desk, &format!("{GOOD} --json --confirm"))
        .answered()
        .one_json();
    let id = first["calls"][0]["call_ids"][0].as_str().unwrap();
    for answer in [
        json!({ "started": id }),
        json!([{ "routing": { "callid": id } }]),
    ] {
        fake.next(Endpoint::Simulate, [Behaviour::Json(answer)]);
        let answer = run(&desk, &format!("{GOOD} --json --confirm"))
            .answered()
            .one_json();
        assert_eq!(rule(&answer), "simulation-routed");
        assert_eq!(answer["calls"][0]["call_ids"][0], id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_never_tried_again_by_itself() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let faults = [
        Behaviour::Drop,
        Behaviour::broken(),
        Behaviour::too_many(None),
        Behaviour::Text("queued".to_owned()),
        Behaviour::Empty,
    ];
    for (before, fault) in faults.into_iter().enumerate() {
        let about = format!("{fault:?}");
        fake.always(Endpoint::Simulate, fault);
        let done = run(&desk, &format!("{GOOD} --confirm"));
        assert_eq!(done.code, Some(1), "{about}: {done:?}");
        assert!(
            done.err.contains("It is not tried again"),
            "{about}: {done:?}"
        );
        assert_eq!(forms(&fake).len(), before + 1, "{about}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_not_found_offers_it() {
    let fake = Fake::start().await;
    let desk = desk(&fake, true);
    let answer = chat(&desk, "nobody-knows-this-one@198.51.100.10\n");
    let detail = answer[0]["steps"][4]["detail"].as_str().unwrap();
    assert!(
        detail.contains("simulate nobody-knows-this-one@198.51.100.10"),
        "{detail}"
    );
    let (answer, _) = ask(&fake, "nobody-knows-this-one@198.51.100.10").await;
    let step = answer.steps.last().unwrap();
    assert!(
        step.detail.contains("no endpoint configured"),
        "{}",
        step.detail
    );
}
