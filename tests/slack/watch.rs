//! What whoever runs the bot sees of it: numbers, readiness, the log; and what becomes of what cannot be read.

use serde_json::json;

use super::talk::{answer, whisper};
use super::{BUSY, Bot, in_slack};
use crate::support::slack::faults::Fault;
use crate::support::slack::{ANN, NOC};

/// Waits until the listener answers so.
async fn until(bot: &Bot, path: &str, is_it: impl Fn(&(u16, String)) -> bool) -> (u16, String) {
    let asked = async {
        loop {
            let answer = bot.get(path);
            if is_it(&answer) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    match tokio::time::timeout(patience, asked).await {
        Ok(answer) => answer,
        Err(_) => panic!("{path} stays {:?}", bot.get(path)),
    }
}

#[tokio::test]
async fn numbers_tell_what_was_taken_and_called() {
    let (fake, bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    let done = "calltriage_jobs_total{chat=\"slack\",outcome=\"answered\"} 1\n";
    let open = "calltriage_jobs_open{chat=\"slack\"} 0\n";
    let is_over = |text: &str| text.contains(done) && text.contains(open);
    let (status, text) = until(&bot, "/metrics", |(_, text)| is_over(text)).await;
    assert_eq!(status, 200);
    for line in [
        "calltriage_requests_total{chat=\"slack\",kind=\"command\"} 1",
        "calltriage_api_calls_total{chat=\"slack\",method=\"chat.postMessage\",outcome=\"ok\"} 1",
        "calltriage_api_calls_total{chat=\"slack\",method=\"upload\",outcome=\"ok\"} 1",
        "calltriage_sockets_open{chat=\"slack\"} 2",
        "calltriage_sockets_built_total{chat=\"slack\"} 2",
    ] {
        assert!(
            text.contains(&format!("{line}\n")),
            "{line} is not in\n{text}"
        );
    }
    assert!(text.contains("calltriage_ack_seconds_count{chat=\"slack\"} "));
    assert!(!text.contains(BUSY), "{text}");
}

#[tokio::test]
async fn the_log_names_the_job_from_the_chat_to_the_call() {
    let (fake, bot) = in_slack("").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    let card = answer(&fake, NOC, "486").await;
    let job = card.metadata.unwrap()["event_payload"]["job"].clone();
    let job = job.as_str().unwrap();
    let log = bot.log();
    let has = |words: &[&str]| {
        log.lines()
            .any(|line| words.iter().all(|it| line.contains(it)))
    };
    assert!(has(&["a request was taken", job]), "{log}");
    for method in ["conversations.info", "chat.postMessage", "chat.update"] {
        assert!(has(&["Slack was called", job, method]), "{method}\n{log}");
    }
    // Ids, never content.
    assert!(!log.contains(BUSY), "{log}");
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_gets_one_apology() {
    let (fake, bot) = in_slack("").await;
    let unreadable = json!({
        "user": { "id": ANN }, "channel": { "id": NOC }, "trigger_id": "77.1.unreadable",
        "secret": "a customer's number",
    });
    for _ in 0..2 {
        fake.send("interactive", unreadable.clone());
    }
    fake.send_raw("{\"type\": \"nothing that Slack");
    whisper(&fake, ANN, "Sorry, I could not read").await;
    fake.until_acked().await;
    let counted = "calltriage_unreadable_total{chat=\"slack\",kind=\"interaction\"} 2\n";
    until(&bot, "/metrics", |(_, text)| text.contains(counted)).await;
    // Each of the two connections got the broken frame.
    let counted = "calltriage_unreadable_total{chat=\"slack\",kind=\"frame\"} 2\n";
    until(&bot, "/metrics", |(_, text)| text.contains(counted)).await;
    // What is said afterwards is answered, and the apology stays the only one.
    fake.user(ANN).slash(NOC, "/triage help");
    answer(&fake, NOC, "diagnose").await;
    assert_eq!(fake.look(|state| state.ephemerals(NOC, ANN).len()), 1);
    assert!(!bot.log().contains("customer's number"));
    fake.nothing_refused();
}

#[tokio::test]
async fn it_is_not_ready_while_no_connection_stands() {
    let (fake, bot) = in_slack("socket_limit = \"200ms\"\n").await;
    until(&bot, "/health/ready", |it| it.0 == 200).await;
    fake.faults()
        .always("apps.connections.open", Some(Fault::DropBefore));
    fake.drop_sockets();
    let (_, why) = until(&bot, "/health/ready", |it| it.0 == 503).await;
    assert_eq!(why, "not ready: no connection to Slack has stood for 0.2 s");
    assert_eq!(bot.get("/health/live").0, 200);
    fake.faults().always("apps.connections.open", None);
    until(&bot, "/health/ready", |it| it.0 == 200).await;
}
