//! What `doctor` says of the application.

use super::{Bot, OURS};
use crate::support::discord::state::{READ_HISTORY, READS_TEXT};
use crate::support::discord::{Fake, LOBBY, NOC};

fn said(bot: &Bot) -> String {
    let output = bot.command(&["doctor"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|it| it.contains("discord"));
    let lines = lines.map(|it| match it.rsplit_once(" (") {
        Some((head, tail)) if tail.ends_with("ms)") => head.trim_end(),
        _ => it.trim_end(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_works_and_what_does_not_is_said_with_what_to_do() {
    let fake = Fake::start().await;
    fake.change(|state| {
        state.application_flags = 0;
        state.forbid(LOBBY, READ_HISTORY);
    });
    let channels = format!(
        "{OURS}[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n[[channels]]\nid = \"discord:{LOBBY}\"\n\
         [[channels]]\nid = \"discord:99\"\n[incidents]\nchannel = \"discord:98\"\n"
    );
    let bot = Bot::configured(&fake, "gateway", &channels);
    let text = said(&bot);
    for words in [
        "token",
        "switch on Message Content Intent",
        "`calltriage run` registers them",
        "Discord says where it is",
        "only our own people read there",
        "people from outside read there, so nothing is shown",
        "the bot does not see it",
        "permissions in 1088000000000000301: it may do there what it has to",
        "permissions in 1088000000000000302: missing: READ_MESSAGE_HISTORY (",
        "channel 98: the bot does not see it",
        "clock: ours and Discord's are no more than a minute apart",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    fake.change(|state| state.application_flags = READS_TEXT);
    assert!(said(&bot).contains("the id is that of the token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_taken_is_said_first() {
    let fake = Fake::start().await;
    fake.fail(
        "/users/@me",
        401,
        r#"{ "code": 0, "message": "401: Unauthorized" }"#,
        100,
    );
    let bot = Bot::configured(&fake, "gateway", OURS);
    let text = said(&bot);
    assert!(text.contains("reset the token in the portal"), "{text}");
    assert!(text.contains("not tried"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_by_which_requests_would_be_refused_is_said() {
    let fake = Fake::start().await;
    fake.change(|state| state.date = Some("Mon, 16 Feb 2026 09:10:02 GMT".to_owned()));
    let by_http = said(&Bot::configured(&fake, "http", OURS));
    assert!(
        by_http.contains("✗ does not     discord clock: ours is"),
        "{by_http}"
    );
    assert!(
        by_http.contains("set this machine's clock (NTP)"),
        "{by_http}"
    );
    let by_gateway = said(&Bot::configured(&fake, "gateway", OURS));
    assert!(
        by_gateway.contains("! beware       discord clock: ours is"),
        "{by_gateway}"
    );
}
