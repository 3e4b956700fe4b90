//! From the outbox to who gets it: once, whatever happens on the way.

use std::path::PathBuf;
use std::sync::Arc;

use calltriage::config::{Contact, ContactKind, Reports, Secret, Smtp, SmtpTls, Via};
use calltriage::diagnosis::Investigator;
use calltriage::examples;
use calltriage::peers::Peers;
use calltriage::report::Audience;
use calltriage::report::attachments::File;
use calltriage::report::delivery::Courier;
use calltriage::report::draft::{Draft, Drafts, Remark, State};
use calltriage::report::template::Templates;
use calltriage::sources::{Captures, Source};
use calltriage::store::{Expected, Op, PATIENCE_WITH_HISTORY, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::{desk, made};
use crate::support::http::{Answer, Server, answer};
use crate::support::smtp::{Does, FakeSmtp};

struct Scene {
    _dir: TempDir,
    store: Store,
    drafts: Drafts,
    courier: Courier,
    now: Timestamp,
}

/// Settings to this mail server.
fn to_server(server: &FakeSmtp) -> Reports {
    Reports {
        from: Some("NOC <noc@example.net>".to_owned()),
        smtp: Some(Smtp {
            host: "127.0.0.1".to_owned(),
            port: server.address.port(),
            tls: SmtpTls::Nothing,
            login: None,
            ca: None::<PathBuf>,
        }),
        ..Reports::default()
    }
}

fn contact(via: Via) -> Contact {
    Contact {
        name: "them".to_owned(),
        kind: ContactKind::Platform,
        peer: None,
        via,
        subject: Some("[{reference}]".to_owned()),
        reference: Some("EX-7".to_owned()),
        hours: None,
    }
}

fn by_mail() -> Via {
    Via::Mail {
        to: "support@example.org".to_owned(),
    }
}

async fn scene(settings: Reports, via: Via) -> (Scene, Draft) {
    let now: Timestamp = "2026-02-16T12:00:00Z".parse().unwrap();
    let dir = TempDir::new().unwrap();
    let store = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, now)
        .await
        .store
        .unwrap();
    let captures = Captures::in_memory("examples", examples::captures(), Peers::default());
    let source = Source::Captures(Arc::new(captures));
    let desk = desk(
        Investigator::new(vec![source], Peers::default()),
        Some(store.clone()),
    );
    let made = made(&desk, "441632960106", Audience::Platform, now).await;
    let drafts = Drafts::new(store.clone());
    let mut draft = Draft::new(
        "r-1".to_owned(),
        made.report,
        made.screen,
        Some("them".to_owned()),
    );
    drafts.keep_files("r-1", &made.files, now).await.unwrap();
    drafts.save(&mut draft, now).await.unwrap();
    let templates = Templates::built_in().unwrap();
    let courier = Courier::new(drafts.clone(), settings, vec![contact(via)], templates);
    let scene = Scene {
        _dir: dir,
        store,
        drafts,
        courier,
        now,
    };
    (scene, draft)
}

impl Scene {
    async fn state(&self) -> Draft {
        self.drafts.load("r-1", self.now).await.unwrap().unwrap()
    }

    /// Time goes on, and what is due is delivered.
    async fn later(&mut self, by: SignedDuration) -> usize {
        self.now += by;
        self.courier.deliver(self.now).await.unwrap()
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test]
async fn a_report_is_sent_once_with_its_files() {
    let server = FakeSmtp::start(&[]).await;
    let (mut scene, mut draft) = scene(to_server(&server), by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "slack:U1", scene.now)
        .await
        .unwrap();
    assert!(
        scene
            .courier
            .submit(&mut scene.state().await, "u", scene.now)
            .await
            .is_ok()
    );
    assert_eq!(
        scene.later(SignedDuration::ZERO).await,
        2,
        "a second message of the same report"
    );
    assert_eq!(scene.state().await.sent_at, Some(scene.now));
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    let first = &taken[0];
    assert!(
        first.contains("Message-ID: <report-r-1-0@example.net>"),
        "{first}"
    );
    assert!(first.contains("ladder-1.png") && first.contains("trace-1.pcap"));
    assert!(first.contains("Subject: [EX-7]"), "{first}");
    assert!(
        taken[1].contains("In-Reply-To: <report-r-1-0@example.net>"),
        "they stay one thread"
    );
    assert!(taken[1].contains("References: <report-r-1-0@example.net>"));
    assert_eq!(scene.later(DAY).await, 0, "nothing is left to send");
    assert_eq!(scene.state().await.state, State::Sent);
}

#[tokio::test]
async fn what_was_submitted_by_two_at_once_is_sent_once() {
    let server = FakeSmtp::start(&[]).await;
    let (mut scene, draft) = scene(to_server(&server), by_mail()).await;
    let (mut one, mut two) = (draft.clone(), draft);
    scene
        .courier
        .submit(&mut one, "a", scene.now)
        .await
        .unwrap();
    assert!(
        scene
            .courier
            .submit(&mut two, "b", scene.now)
            .await
            .is_err()
    );
    scene.later(SignedDuration::ZERO).await;
    scene.later(DAY).await;
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn greylisting_is_waited_out() {
    let grey = Does::Refuses("451 4.7.1 Greylisted, try again");
    let server = FakeSmtp::start(&[grey, Does::HangsUp, Does::RefusesMessage("421 busy")]).await;
    let (mut scene, mut draft) = scene(to_server(&server), by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    let waits = scene.state().await;
    assert_eq!(waits.state, State::Waiting);
    let said = &waits.events.last().unwrap().what;
    assert!(
        said.contains("451") && said.contains("Tried again at 2026-02-16 12:01 UTC"),
        "{said}"
    );
    assert_eq!(
        scene.later(SignedDuration::from_secs(30)).await,
        0,
        "not before its time"
    );
    scene.later(DAY).await;
    scene.later(DAY).await;
    scene.later(DAY).await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(scene.state().await.state, State::Sent);
}

#[tokio::test]
async fn what_is_refused_for_good_is_a_dead_letter() {
    let server = FakeSmtp::start(&[Does::Refuses("550 5.1.1 No such user")]).await;
    let (mut scene, mut draft) = scene(to_server(&server), by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    let mut dead = scene.state().await;
    assert_eq!(dead.state, State::Failed);
    assert!(
        dead.events.last().unwrap().what.contains("550"),
        "{:?}",
        dead.events
    );
    assert_eq!(scene.later(DAY).await, 0);
    scene
        .courier
        .submit_again(&mut dead, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    assert_eq!(scene.state().await.state, State::Sent);
    assert!(server.taken()[0].contains("Message-ID: <report-r-1-0@example.net>"));
}

#[tokio::test]
async fn what_may_have_been_taken_is_not_sent_twice() {
    let server = FakeSmtp::start(&[Does::HangsUpAfterMessage]).await;
    let (mut scene, mut draft) = scene(to_server(&server), by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    assert_eq!(scene.state().await.state, State::Unsure);
    assert_eq!(scene.later(DAY).await, 0);
    let said = scene.state().await.events.last().unwrap().what.clone();
    assert!(said.contains("submit r-1 --again --confirm"), "{said}");
}

/// The process that sent it died before it could say so: what it left is what the store holds at that moment.
#[tokio::test]
async fn a_crash_between_sending_and_marking_sends_nothing_twice() {
    let server = FakeSmtp::start(&[]).await;
    let (mut scene, mut draft) = scene(to_server(&server), by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    let mut under_way = scene.state().await;
    under_way.is_under_way = true;
    let bytes = serde_json::to_vec(&under_way).unwrap();
    let op = Op::put("reports", "r-1", Expected::Any, bytes);
    scene.store.apply(vec![op], scene.now).await.unwrap();
    scene.later(DAY).await;
    assert_eq!(scene.state().await.state, State::Unsure);
    assert_eq!(server.taken().len(), 0);
    assert_eq!(scene.later(DAY).await, 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_loses_nothing() {
    let server = FakeSmtp::start(&[]).await;
    let mut settings = to_server(&server);
    settings.smtp.as_mut().unwrap().port = 1;
    let (mut scene, mut draft) = scene(settings, by_mail()).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    for _ in 0..12 {
        assert_eq!(scene.later(DAY).await, 1);
    }
    assert_eq!(
        scene.state().await.state,
        State::Failed,
        "after a dozen tries it is for a person"
    );
    assert_eq!(scene.later(DAY).await, 0);
}

fn url(server: &Server) -> url::Url {
    server.url().replace("api/cp/", "").parse().unwrap()
}

#[tokio::test]
async fn a_webhook_that_fails_twice_gets_the_same_signed_thing_each_time() {
    let server = Server::start(|_, before| match before {
        0 => answer(500, &[], "no"),
        1 => Answer::Drop,
        _ => answer(
            200,
            &[],
            r#"{"id": 77, "url": "https://tickets.example/77"}"#,
        ),
    })
    .await;
    let via = Via::Webhook {
        url: url(&server),
        secret: Secret::new("key".to_owned()),
    };
    let (mut scene, mut draft) = scene(Reports::default(), via).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    for _ in 0..3 {
        scene.later(DAY).await;
    }
    let sent = scene.state().await;
    assert_eq!(sent.state, State::Sent);
    assert_eq!(
        sent.ticket.unwrap().link.as_deref(),
        Some("https://tickets.example/77")
    );
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    for one in &asked {
        assert!(one.head.contains("idempotency-key: r-1-0"), "{}", one.head);
        let header = |name: &str| {
            let line = one.head.lines().find(|it| it.starts_with(name)).unwrap();
            line.split_once(": ").unwrap().1.trim().to_owned()
        };
        let signed = format!("{}.{}", header("x-calltriage-timestamp"), one.body);
        let expected = hmac_of("key", &signed);
        assert_eq!(
            header("x-calltriage-signature"),
            format!("sha256={expected}")
        );
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert_eq!(body["event"], "opened");
        assert!(body["text"].as_str().unwrap().contains("OBSERVATIONS"));
        assert!(body["files"].as_array().unwrap().len() > 2);
    }
}

/// HMAC-SHA256 as RFC 2104 writes it, from nothing but the digest.
fn hmac_of(key: &str, text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens a ticket, adds to it, and gives what was asked.
async fn opened_and_reopened(
    via: impl Fn(url::Url) -> Via,
    body: &'static str,
) -> (Draft, Vec<(String, String, Value)>) {
    let server = Server::start(move |_, _| answer(201, &[], body)).await;
    let (mut scene, mut draft) = scene(Reports::default(), via(url(&server))).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    let mut sent = scene.state().await;
    assert_eq!(sent.state, State::Sent, "{:?}", sent.events);
    scene
        .courier
        .submit(&mut sent, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    let asked = server.asked().into_iter().map(|it| {
        let body = serde_json::from_str(&it.body).unwrap_or_default();
        (it.method, it.target, body)
    });
    (scene.state().await, asked.collect())
}

fn token() -> Secret {
    Secret::new("t0ken".to_owned())
}

#[tokio::test]
async fn free_scout() {
    let via = |url| Via::FreeScout {
        url,
        token: token(),
        mailbox: 3,
        customer: "noc@example.net".to_owned(),
    };
    let (draft, asked) = opened_and_reopened(via, r#"{"id": 12}"#).await;
    assert_eq!(draft.ticket.unwrap().id, "12");
    let (method, target, body) = &asked[0];
    assert_eq!(
        (method.as_str(), target.as_str()),
        ("POST", "/api/conversations")
    );
    assert_eq!(body["mailboxId"], 3);
    assert_eq!(body["customer"]["email"], "noc@example.net");
    assert!(
        body["threads"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("<pre>")
    );
    assert!(body["threads"][0]["attachments"].as_array().unwrap().len() > 2);
    assert_eq!(asked[1].1, "/api/conversations/12/threads");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn zammad() {
    let via = |url| Via::Zammad {
        url,
        token: token(),
        group: "NOC".to_owned(),
        customer: "N <noc@example.net>".to_owned(),
    };
    let (draft, asked) = opened_and_reopened(via, r#"{"id": 9, "number": "20009"}"#).await;
    assert!(
        draft
            .ticket
            .unwrap()
            .link
            .unwrap()
            .ends_with("/#ticket/zoom/9")
    );
    let (method, target, body) = &asked[0];
    assert_eq!(
        (method.as_str(), target.as_str()),
        ("POST", "/api/v1/tickets")
    );
    assert_eq!(body["group"], "NOC");
    assert_eq!(body["customer_id"], "guess:noc@example.net");
    let (method, target, body) = &asked[1];
    assert_eq!(
        (method.as_str(), target.as_str()),
        ("PUT", "/api/v1/tickets/9")
    );
    assert_eq!(body["state"], "open");
}

#[tokio::test]
async fn jira() {
    let via = |url| Via::Jira {
        url,
        user: "bot@example.net".to_owned(),
        token: token(),
        service_desk: 4,
        request_type: 10,
    };
    let answer =
        r#"{"issueKey": "NOC-5", "temporaryAttachments": [{"temporaryAttachmentId": "x1"}]}"#;
    let (draft, asked) = opened_and_reopened(via, answer).await;
    assert_eq!(draft.ticket.unwrap().id, "NOC-5");
    let targets: Vec<&str> = asked.iter().map(|it| it.1.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/rest/servicedeskapi/request",
            "/rest/servicedeskapi/servicedesk/4/attachTemporaryFile",
            "/rest/servicedeskapi/request/NOC-5/attachment",
            "/rest/servicedeskapi/request/NOC-5/comment",
            "/rest/servicedeskapi/servicedesk/4/attachTemporaryFile",
            "/rest/servicedeskapi/request/NOC-5/attachment",
        ]
    );
    assert_eq!(asked[0].2["serviceDeskId"], "4");
    assert_eq!(asked[2].2["temporaryAttachmentIds"][0], "x1");
}

/// Tells a ticket that its problem is gone, and gives what was asked.
async fn told_that_it_is_gone(
    via: impl Fn(url::Url) -> Via,
    body: &'static str,
) -> (Draft, Vec<(String, Value)>) {
    let server = Server::start(move |_, before| match before {
        // Not at the first try.
        1 => answer(503, &[], ""),
        _ => answer(201, &[], body),
    })
    .await;
    let (mut scene, mut draft) = scene(Reports::default(), via(url(&server))).await;
    let files = Vec::new();
    scene
        .drafts
        .keep_files("r-1", &files, scene.now)
        .await
        .unwrap();
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    let mut fixed = scene.state().await;
    fixed.state = State::Verified;
    fixed.tell(scene.now, "u", "Fixed since 12:30 UTC: 4 good calls.");
    scene.drafts.save(&mut fixed, scene.now).await.unwrap();
    scene
        .courier
        .remark(&mut fixed, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    assert_eq!(scene.state().await.remark, Some(Remark::Waiting));
    scene.later(DAY).await;
    assert_eq!(scene.later(DAY).await, 0);
    let asked = server.asked().into_iter().map(|it| {
        let body = serde_json::from_str(&it.body).unwrap_or_default();
        (format!("{} {}", it.method, it.target), body)
    });
    (scene.state().await, asked.collect())
}

#[tokio::test]
async fn each_kind_of_ticket_is_told_once_that_the_problem_is_gone() {
    let gone = "Fixed since 12:30 UTC: 4 good calls.";
    let free_scout = |url| Via::FreeScout {
        url,
        token: token(),
        mailbox: 3,
        customer: "noc@example.net".to_owned(),
    };
    let (draft, asked) = told_that_it_is_gone(free_scout, r#"{"id": 12}"#).await;
    assert_eq!(draft.remark, Some(Remark::Written), "{:?}", draft.events);
    assert_eq!(draft.state, State::Verified);
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[2].0, "POST /api/conversations/12/threads");
    assert_eq!(asked[2].1["text"], format!("<pre>{gone}</pre>"));
    let zammad = |url| Via::Zammad {
        url,
        token: token(),
        group: "NOC".to_owned(),
        customer: "noc@example.net".to_owned(),
    };
    let (_, asked) = told_that_it_is_gone(zammad, r#"{"id": 9}"#).await;
    assert_eq!(asked[2].0, "POST /api/v1/ticket_articles");
    assert_eq!(asked[2].1["ticket_id"], 9);
    assert_eq!(asked[2].1["body"], gone);
    let jira = |url| Via::Jira {
        url,
        user: "bot@example.net".to_owned(),
        token: token(),
        service_desk: 4,
        request_type: 10,
    };
    let (_, asked) = told_that_it_is_gone(jira, r#"{"issueKey": "NOC-5"}"#).await;
    assert_eq!(
        asked[2].0,
        "POST /rest/servicedeskapi/request/NOC-5/comment"
    );
    assert_eq!(asked[2].1["body"], gone);
}

#[tokio::test]
async fn fewer_files_leave_nothing_of_those_before() {
    let server = FakeSmtp::start(&[]).await;
    let (scene, _) = scene(to_server(&server), by_mail()).await;
    let large = File::own(1, "large one.bin", vec![0xfe; 2_000_000]);
    let keep = async |files: &[File]| scene.drafts.keep_files("r-1", files, scene.now).await;
    keep(std::slice::from_ref(&large)).await.unwrap();
    assert_eq!(large.name, "own-1-large-one.bin");
    let small = File::own(1, "../../etc/passwd", b"x".to_vec());
    assert_eq!(small.name, "own-1-etc-passwd");
    keep(std::slice::from_ref(&small)).await.unwrap();
    assert_eq!(scene.drafts.files("r-1", scene.now).await.unwrap(), [small]);
}

#[tokio::test]
async fn a_ticket_that_may_have_been_opened_is_not_opened_twice() {
    let server = Server::start(|_, _| Answer::Drop).await;
    let via = Via::Zammad {
        url: url(&server),
        token: token(),
        group: "NOC".to_owned(),
        customer: "n@example.net".to_owned(),
    };
    let (mut scene, mut draft) = scene(Reports::default(), via).await;
    scene
        .courier
        .submit(&mut draft, "u", scene.now)
        .await
        .unwrap();
    scene.later(SignedDuration::ZERO).await;
    assert_eq!(scene.state().await.state, State::Unsure);
    scene.later(DAY).await;
    assert_eq!(server.asked().len(), 1);
}

/// aiosmtpd, which `.ci/run` fetches: STARTTLS, a login, and what it took.
#[tokio::test]
async fn a_real_server_takes_it_over_tls() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/aiosmtpd/bin/python");
    if !python.exists() {
        println!("skipped: no aiosmtpd; .ci/run fetches it into target/aiosmtpd");
        return;
    }
    let support = root.join("tests/support");
    let (certificate, key) = (
        support.join("self-signed.crt.pem"),
        support.join("self-signed.key.pem"),
    );
    let folder = TempDir::new().unwrap();
    let mut server = Command::new(python)
        .arg(root.join("tests/contract/smtp/serve.py"))
        .args([folder.path(), &certificate, &key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut port)
        .unwrap();
    let settings = |password: &str, ca: Option<PathBuf>| Reports {
        from: Some("NOC <noc@example.net>".to_owned()),
        smtp: Some(Smtp {
            host: "127.0.0.1".to_owned(),
            port: port.trim().parse().unwrap(),
            tls: SmtpTls::StartTls,
            login: Some(("calltriage".to_owned(), Secret::new(password.to_owned()))),
            ca,
        }),
        ..Reports::default()
    };
    let sent = async |password: &str, ca: Option<PathBuf>| {
        let (mut scene, mut draft) = scene(settings(password, ca), by_mail()).await;
        scene
            .courier
            .submit(&mut draft, "u", scene.now)
            .await
            .unwrap();
        scene.later(SignedDuration::ZERO).await;
        scene.state().await
    };
    // Whom nobody vouches for is told nothing, and a wrong password is not tried again.
    let strange = sent("pa55", None).await;
    assert_eq!(strange.state, State::Failed, "{:?}", strange.events);
    let wrong = sent("wrong", Some(certificate.clone())).await;
    assert_eq!(wrong.state, State::Failed, "{:?}", wrong.events);
    assert!(
        !format!("{:?}", wrong.events).contains("wrong\""),
        "{:?}",
        wrong.events
    );
    let good = sent("pa55", Some(certificate)).await;
    assert_eq!(good.state, State::Sent, "{:?}", good.events);
    let taken = std::fs::read_to_string(folder.path().join("1.eml")).unwrap();
    assert!(
        taken.contains("Message-ID: <report-r-1-0@example.net>") && taken.contains("ladder-1.png")
    );
    drop(server.stdin.take());
    server.wait().unwrap();
}
