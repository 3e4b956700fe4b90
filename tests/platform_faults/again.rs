//! What was asked of a chat while the platform told nothing is answered once it does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::mpsc;
use std::thread;

use calltriage::demo::Behaviour;
use serde_json::Value;
use tokio::task::block_in_place;

use super::{CALL_ID, PATIENCE, TOKEN, config, platform};
use crate::cli::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_wait_for_the_platform() {
    let fake = platform().await;
    let desk = Desk::new();
    desk.file("run.toml", config(&fake, TOKEN, ""));
    let mut command = desk.command(&["chat", "--config", "run.toml", "--json"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (line, lines) = mpsc::channel();
    thread::spawn(move || stdout.lines().try_for_each(|it| line.send(it.unwrap())));
    let next = || -> Value {
        let line = block_in_place(|| lines.recv_timeout(PATIENCE)).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let mut say = |text: &str| writeln!(stdin, "{text}").unwrap();

    fake.platform.script().everywhere(Behaviour::Drop);
    for _ in 0..2 {
        // Asked twice it waits once.
        say(CALL_ID);
        let unanswered = next();
        assert!(unanswered["lead"].is_string(), "{unanswered}");
        assert_eq!(unanswered["calls"][0]["verdict"]["rule"], "call-not-found");
    }
    say("441632960002");
    assert!(next()["lead"].is_string());

    // Nobody has to ask anything else.
    fake.platform.script().clear();
    for typed in [CALL_ID, "441632960002"] {
        let heading = next()["text"].as_str().unwrap().to_owned();
        assert!(
            heading.starts_with("The platform answers again. You asked at "),
            "{heading}"
        );
        assert!(heading.ends_with(typed), "{heading}");
        let late = next();
        assert_eq!(
            (&late["query"], &late["lead"]),
            (&Value::from(typed), &Value::Null)
        );
        assert_eq!(late["calls"][0]["call_ids"][0], CALL_ID);
    }
    // Answered once: nothing is left over for the next question.
    say("explain 486");
    assert!(next()["text"].as_str().unwrap().contains("486"));
    say(CALL_ID);
    assert_eq!(next()["query"], CALL_ID);
    drop(stdin);
    assert!(block_in_place(|| child.wait()).unwrap().success());
    assert!(lines.try_recv().is_err());
}
