//! Every end point fails in the same way: the program still answers, first of all that and since when,
//! and what captures show stays the verdict.

use calltriage::demo::Behaviour;
use serde_json::Value;
use tokio::task::block_in_place;

use super::{CALL, CALL_ID, TOKEN, assert_harmless, config, faults, platform};
use crate::cli::{Desk, capture};

/// What an answer begins with, without what differs from run to run.
fn lead(answer: &Value) -> Option<String> {
    let lead = answer["lead"].as_str()?;
    let is_of = |word: &str, sign| word.starts_with(char::is_numeric) && word.contains(sign);
    let words = lead.split(' ').map(|word| match word {
        word if is_of(word, ':') => "HH:MM",
        word if is_of(word, '-') => "YYYY-MM-DD",
        word if is_of(word, '.') && !word.ends_with('.') => "N",
        word => word,
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_is_an_answer_with_the_right_to_blame() {
    let fake = platform().await;
    let desk = Desk::new();
    let patient = config(&fake, TOKEN, "");
    desk.file("run.toml", &patient);
    desk.file("hasty.toml", patient.replace("\"20s\"", "\"500ms\""));
    let hang = [("silence", Behaviour::Hang, true)];
    let all = faults().into_iter();
    let all = all.map(|it| (it.name, it.behaviour, it.said.is_some()));
    let mut leads = String::new();
    for (name, behaviour, is_fault) in all.chain(hang) {
        fake.platform.script().everywhere(behaviour);
        let settings = if name == "silence" {
            "hasty.toml"
        } else {
            "run.toml"
        };
        let args = ["diagnose", "--config", settings, CALL_ID];
        let done = block_in_place(|| desk.run(&[&args[..], &["--json"]].concat())).answered();
        let answer = done.one_json();
        for step in answer["steps"].as_array().unwrap() {
            // Nobody says that something is well of which nothing was heard.
            let is_clean = is_fault && step["outcome"] == "clean";
            assert!(!is_clean, "{name}: {step}");
        }
        assert!(
            !answer["calls"][0]["verdict"]["summary"]
                .as_str()
                .unwrap()
                .is_empty()
        );
        let lead = lead(&answer);
        if let Some(lead) = &lead {
            let is_ours = ["401", "403", "429", "429 for an hour"].contains(&name);
            assert_eq!(lead.contains("our "), is_ours, "{name}: {lead}");
            assert!(!is_ours || !lead.contains("reach"), "{name}: {lead}");
        }
        leads.push_str(&format!("{name}: {}\n", lead.as_deref().unwrap_or("-")));
        assert!(done.out.len() < 100_000, "{name}: {} bytes", done.out.len());
        if !is_fault {
            let text = block_in_place(|| desk.run(&args)).answered().out;
            assert_harmless(&text, name);
            assert!(text.len() < 100_000, "{name}: {} bytes", text.len());
        }
    }
    insta::assert_snapshot!(leads, @r#"
    dropped: main: the platform's API: unreachable from here since HH:MM UTC, no good answer yet: the platform's API cannot be reached from here: the connection was cut before an answer came. The call is not diagnosed. Their support: +44 20 7946 0000.
    cut off: main: the platform's API: unreachable from here since HH:MM UTC, no good answer yet: the answer of the platform's API broke off after 1 bytes: ask again. The call is not diagnosed. Their support: +44 20 7946 0000.
    401: main: the platform's API: refuses our credential since HH:MM UTC, no good answer yet: the platform's API refused our credential (401): put a valid token into the configuration in place of this one; it is not tried again before YYYY-MM-DD HH:MM UTC. The call is not diagnosed. Their support: +44 20 7946 0000.
    403: main: the platform's API told nothing: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied. The call is not diagnosed. Their support: +44 20 7946 0000.
    429: main: the platform's API: refuses our rate since HH:MM UTC, no good answer yet: our rate is too high for the platform's API (429): we ask too often; ask again later. The call is not diagnosed. Their support: +44 20 7946 0000.
    429 for an hour: main: the platform's API: refuses our rate since HH:MM UTC, no good answer yet: our rate is too high for the platform's API (429): we ask too often and should wait 15 min more; ask again later. The call is not diagnosed. Their support: +44 20 7946 0000.
    500 with HTML: main: the platform's API: fails since HH:MM UTC, no good answer yet: the platform's API answered 500 Internal Server Error: ask again later. The call is not diagnosed. Their support: +44 20 7946 0000.
    half a JSON: main: the platform's API told nothing: the platform's answer is cut off after 432 bytes; ask again. The call is not diagnosed. Their support: +44 20 7946 0000.
    a web page: main: the platform's API told nothing: the platform answered with a web page instead of data; check the base URL and any proxy in between: <html>Log in</html>. The call is not diagnosed. Their support: +44 20 7946 0000.
    a redirect: main: the platform's API told nothing: the platform's API sent us on to evil.example, which is not followed: check the address in the configuration. The call is not diagnosed. Their support: +44 20 7946 0000.
    wrong shape: main: the platform's API told nothing: the platform's answer has an unexpected shape (an object without any field of what was asked for): {"unexpected":{"shape":[1,2,3]}}. The call is not diagnosed. Their support: +44 20 7946 0000.
    200 rows: -
    empty: -
    10 MB: -
    hostile: -
    silence: main: the platform's API: too slow since HH:MM UTC, no good answer yet: the platform's API did not answer within 500 ms: ask again later. What follows is from the evidence of YYYY-MM-DD kept YYYY-MM-DD HH:MM UTC. Their support: +44 20 7946 0000.
    "#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_captures_show_stays_the_verdict() {
    let fake = platform().await;
    let desk = Desk::new();
    desk.file("call.pcap", capture(CALL));
    let captures = "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\"call.pcap\"]";
    desk.file("run.toml", config(&fake, TOKEN, captures));
    fake.platform.script().everywhere(Behaviour::Drop);
    let args = ["diagnose", "--config", "run.toml", CALL_ID];
    let text = block_in_place(|| desk.run(&args)).answered().out;
    let answer = block_in_place(|| desk.run(&[&args[..], &["--json"]].concat()))
        .answered()
        .one_json();
    assert_eq!(answer["calls"][0]["verdict"]["rule"], "hung-up");
    // It stands first.
    let first: String = text.split("\n\n").next().unwrap().replace('\n', " ");
    assert_eq!(lead(&answer), lead(&serde_json::json!({ "lead": first })));
    insta::assert_snapshot!(lead(&answer).unwrap(), @"main: the platform's API: unreachable from here since HH:MM UTC, no good answer yet: the platform's API cannot be reached from here: the connection was cut before an answer came. What follows is what captures show. Their support: +44 20 7946 0000.");
}
