//! A problem report in Slack: the button, the form that is filled in already, the preview, the word that sends it.

use std::time::Duration;

use super::in_slack;
use super::running::clock_jump;
use super::talk::{answer, said, whisper};
use crate::support::http::{Server, answer as http};
use crate::support::slack::state::{BOT_USER, Message};
use crate::support::slack::{ANN, BEN, Fake, NOC};
use crate::support::smtp::{Does, FakeSmtp};

/// A call of the examples that a carrier refused.
pub const REFUSED: &str = "441632960106";

/// This one may submit, anybody may draft; what is for the carrier goes to this address.
pub fn settings(who: &str, url: &str) -> String {
    format!(
        "[permissions]\nrules = [{{ subjects = [\"*\"], commands = [\"*\"] }}, {{ subjects = [\"{who}\"], \
         commands = [\"submit\"] }}]\n[reports]\ncontact = \"NOC, +44 20 7946 0018\"\n[[contacts]]\nname = \"tool\"\n\
         kind = \"carrier\"\npeer = \"Carrier One\"\nvia = \"webhook\"\nurl = \"{url}\"\nsecret = {{ value = \"k\" }}\n\
         [[peers]]\nname = \"Carrier One\"\nkind = \"carrier\"\naddresses = [\"203.0.113.0/24\"]\n"
    )
}

pub(super) fn actions(message: &Message) -> Vec<String> {
    let elements = message.elements().into_iter();
    elements
        .filter_map(|(_, it)| it["action_id"].as_str().map(ToOwned::to_owned))
        .collect()
}

/// What somebody tried, in words one of which looks like an option.
const TRIED: &str = "another carrier --takes\nthese calls";

/// A card, the form of its report opened and filled in with what was tried, and the preview that it led to.
pub(super) async fn previewed(fake: &Fake, tried: &str) -> Message {
    fake.user(BEN).slash(NOC, &format!("/triage {REFUSED}"));
    let card = fake
        .until("the card with its button", |state| {
            let all = said(state, NOC).into_iter();
            let mut carded = all.filter(|it| actions(it).iter().any(|it| it == "form:report"));
            carded.next()
        })
        .await;
    assert!(
        card.readable().contains("Report to carrier"),
        "{}",
        card.readable()
    );
    fake.user(BEN).click(NOC, &card.ts, "form:report");
    fake.until("the form", |state| (!state.views.is_empty()).then_some(()))
        .await;
    let view = fake.look(|state| state.views[0].view.to_string());
    assert!(view.contains("you returned 503"), "{view}");
    assert!(view.contains("+44 20 7946 0018"), "{view}");
    // What support would send back is said under its field.
    fake.user(BEN).submit(&[("symptom", "not working")]);
    fake.until("the objection", |state| {
        let all = state.record.envelopes.iter();
        let mut objected =
            all.filter(|it| format!("{:?}", it.outcome).contains("Support sends that back"));
        objected.next().map(|_| ())
    })
    .await;
    fake.user(BEN).submit(&[("tried", tried)]);
    let preview = answer(fake, NOC, "Report: draft").await;
    assert_eq!(
        preview.thread_ts.as_ref(),
        Some(&card.ts),
        "in the thread of the call"
    );
    preview
}

#[tokio::test]
async fn from_the_button_to_the_ticket() {
    let server =
        Server::start(|_, _| http(200, &[], r#"{"id": "T-1", "url": "https://t.example/1"}"#))
            .await;
    let (fake, _bot) = in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, TRIED).await;
    assert!(
        preview.readable().contains("tool by webhook"),
        "{}",
        preview.readable()
    );
    fake.user(ANN).slash(NOC, "/triage open");
    let waits = answer(&fake, NOC, "Reports that nobody submitted:").await;
    assert!(
        !waits.readable().contains("wait for who"),
        "{}",
        waits.readable()
    );
    let submit = actions(&preview)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    // Who may not submit is told so, and nothing leaves.
    fake.user(BEN).click(NOC, &preview.ts, &submit);
    whisper(&fake, BEN, "You may not use submit").await;
    assert_eq!(server.asked().len(), 0);
    fake.user(ANN).click(NOC, &preview.ts, &submit);
    let sent = answer(&fake, NOC, "Report: sent").await;
    assert!(sent.readable().contains("T-1"), "{}", sent.readable());
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert!(
        body["text"]
            .as_str()
            .unwrap()
            .contains("another carrier --takes")
    );
    assert!(
        !asked[0].body.contains("198.51.100.10"),
        "the customer's address"
    );
    let noted = actions(&sent)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    fake.user(BEN).click(NOC, &sent.ts, &noted);
    answer(&fake, NOC, "Report: acknowledged").await;
    fake.user(ANN).slash(NOC, "/triage open");
    answer(&fake, NOC, "Reports that wait for who they were sent to:").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_draft_survives_the_bot() {
    let server = Server::start(|_, _| http(200, &[], r#"{"id": "T-1"}"#)).await;
    let (fake, mut bot) = in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, TRIED).await;
    bot.kill();
    fake.until("no socket", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
    bot.start();
    fake.until_connected(2).await;
    let submit = actions(&preview)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    fake.user(ANN).click(NOC, &preview.ts, &submit);
    answer(&fake, NOC, "Report: sent").await;
    assert_eq!(server.asked().len(), 1);
    fake.nothing_refused();
}

/// Settings that send the reports of the carrier by mail to this server.
fn by_mail(server: &FakeSmtp) -> String {
    format!(
        "[permissions]\nrules = [{{ subjects = [\"*\"], commands = [\"*\"] }}, {{ subjects = [\"slack:user:{ANN}\"], \
         commands = [\"submit\"] }}]\n[reports]\ncontact = \"NOC\"\nfrom = \"NOC <noc@example.net>\"\n[reports.smtp]\n\
         server = \"127.0.0.1:{}\"\ntls = \"none\"\n[[contacts]]\nname = \"them\"\nkind = \"carrier\"\n\
         peer = \"Carrier One\"\nvia = \"mail\"\nto = \"noc@carrier.example\"\n[[peers]]\nname = \"Carrier One\"\n\
         kind = \"carrier\"\naddresses = [\"203.0.113.0/24\"]\n",
        server.address.port()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_between_sending_and_marking_sends_nothing_twice() {
    let server = FakeSmtp::start(&[Does::KeepsSilent]).await;
    let (fake, mut bot) = in_slack(&by_mail(&server)).await;
    let Some(library) = clock_jump(&bot.folder()) else {
        println!("skipped: no C compiler");
        return;
    };
    fake.user(ANN)
        .slash(NOC, &format!("/triage report {REFUSED} --to them"));
    let preview = answer(&fake, NOC, "Report: draft").await;
    let id = id_of(&preview.readable());
    fake.user(ANN)
        .slash(NOC, &format!("/triage submit {id} --confirm"));
    // The server has the whole message, and the bot waits for its word.
    let arrived = async {
        while server.taken().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived)
        .await
        .unwrap();
    bot.kill();
    // What a dead process claimed is another's after five minutes.
    let jump = bot.folder().join("jump");
    std::fs::write(&jump, "600").unwrap();
    bot.start_with(|command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_JUMP", &jump);
    });
    fake.until_connected(2).await;
    let unsure = async {
        loop {
            fake.user(ANN).slash(NOC, &format!("/triage report {id}"));
            let words = format!("submit {id} --again --confirm");
            let last = answer(&fake, NOC, &words);
            if tokio::time::timeout(Duration::from_secs(5), last)
                .await
                .is_ok()
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(90), unsure)
        .await
        .unwrap();
    assert_eq!(server.taken().len(), 1);
    assert!(server.taken()[0].contains("noc@carrier.example"));
}

/// The id of a report, as its preview shows it.
fn id_of(text: &str) -> String {
    let from = text.find("r-20").unwrap_or_else(|| panic!("{text}"));
    let id = text[from..].chars();
    id.take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

#[tokio::test]
async fn a_file_in_the_thread_goes_with_the_report() {
    let server = Server::start(|_, _| http(200, &[], r#"{"id": "T-2"}"#)).await;
    let (fake, _bot) = in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, TRIED).await;
    let id = id_of(&preview.readable());
    let thread = preview.thread_ts.clone().unwrap();
    fake.user(ANN).upload(
        NOC,
        Some(&thread),
        ("what we saw.txt", b"the carrier's own words"),
        &format!("<@{BOT_USER}> report {id} --attach"),
    );
    let added = answer(&fake, NOC, "own-1-what-we-saw.txt").await;
    assert!(
        added.readable().contains("as they are"),
        "{}",
        added.readable()
    );
    fake.user(ANN)
        .slash(NOC, &format!("/triage submit {id} --confirm"));
    answer(&fake, NOC, "Report: sent").await;
    let body: serde_json::Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    let files = body["files"].as_array().unwrap();
    let own = files
        .iter()
        .find(|it| it["name"] == "own-1-what-we-saw.txt");
    assert_eq!(own.unwrap()["base64"], "dGhlIGNhcnJpZXIncyBvd24gd29yZHM=");
}
