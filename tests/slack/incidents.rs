//! Incidents end to end: the real program over the fake platform, posting into the fake workspace; and what other
//! programs post to its hooks.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use calltriage::demo::{Behaviour, Endpoint, World};
use calltriage::sip::{calls, threads};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

use super::talk::{answer, said};
use super::{Bot, in_slack};
use crate::support::connexcs;
use crate::support::slack::faults::Fault;
use crate::support::slack::state::State;
use crate::support::slack::{ANN, Fake, NOC};
use crate::support::trace;

/// Twelve calls that ExampleTel refuses for want of circuits and thirty that Muster Telecom takes, the last half a minute
/// ago.
pub fn world() -> World {
    let mut text = String::new();
    for n in 0..42_i32 {
        let at = |seconds: f64| format!("{:.3}", f64::from(n) * 4.0 + seconds);
        let who = format!("leg=c{n} to=4417829{n:05}");
        let far = format!("leg=d{n} to=4417829{n:05}");
        let lines = match n % 7 < 2 {
            true => vec![
                format!("{} cust>plat INVITE {who}", at(0.0)),
                format!("{} plat>car INVITE {far}", at(0.02)),
                format!("{} car>plat 503 {far} | Reason: Q.850;cause=34", at(0.3)),
                format!("{} plat>car ACK {far}", at(0.31)),
                format!("{} plat>cust 503 {who}", at(0.32)),
                format!("{} cust>plat ACK {who}", at(0.33)),
            ],
            false => vec![
                format!("{} cust>plat INVITE {who}", at(0.0)),
                format!("{} plat>car2 INVITE {far}", at(0.02)),
                format!("{} car2>plat 200 {far}", at(0.6)),
                format!("{} plat>car2 ACK {far}", at(0.61)),
                format!("{} plat>cust 200 {who}", at(0.62)),
                format!("{} cust>plat ACK {who}", at(0.63)),
                format!("{} cust>plat BYE {who}", at(2.0)),
                format!("{} plat>cust 200 BYE {who}", at(2.01)),
                format!("{} plat>car2 BYE {far}", at(2.02)),
                format!("{} car2>plat 200 BYE {far}", at(2.03)),
            ],
        };
        text.push_str(&lines.join("\n"));
        text.push('\n');
    }
    let now = Timestamp::now();
    let begin = now - SignedDuration::from_secs(200);
    let by = begin.duration_since(Timestamp::from_second(trace::START).unwrap());
    let mut packets = trace::packets(&text);
    for packet in &mut packets {
        packet.at += by;
    }
    World::of_calls(calls(threads(packets), &[]), now)
}

const WATCH: &str = "[incidents]\nchannel = \"slack:C0NOC00000\"\nevery = \"5s\"\n[[watches]]\nname = \"all\"\n\
                     when = \"failures >= 5 in 15m\"\nchannel = \"slack:C0NOC00000\"\n";

async fn watching() -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(world()).await;
    let settings = format!("{WATCH}{}", platform.section());
    let (fake, bot) = in_slack(&settings).await;
    (fake, bot, platform)
}

/// Kills the bot; what is sent to a dead connection is lost.
async fn die(fake: &Fake, bot: &mut Bot) {
    bot.kill();
    fake.until("the death", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
}

/// The messages in the channel itself.
pub fn messages(state: &State) -> Vec<(String, String)> {
    let all = said(state, NOC)
        .into_iter()
        .filter(|it| it.thread_ts.is_none());
    all.map(|it| (it.ts.clone(), it.readable())).collect()
}

#[tokio::test]
async fn lost_calls_become_one_message_with_its_diagnosis_which_outlives_the_bot() {
    let (fake, mut bot, platform) = watching().await;
    let card = answer(&fake, NOC, "ExampleTel").await;
    let steady = |text: &str| {
        let blurred: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '9' } else { c })
            .collect();
        let lines = blurred.lines().filter(|it| !it.starts_with('|'));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(steady(&card.readable()), @r"
    99 of 99 calls through ExampleTel (#999) failed, mostly 999
    :large_yellow_circle: *99 of 99 calls through ExampleTel (#999) failed, mostly 999*
    Open since 99:99 UTC · minor
    ```
    ```
    lost calls a minute, 99:99 UTC to 99:99 UTC
    *Only there?*  999 % lost there; of all other calls when it was noticed 9 of 99 (9 %)
    *Customers*  Acme (#99) 99×
    *Dialled*  9999… 99×
    *Codes*  999 99×
    *Party*  likely carrier (9 of 99 looked at)
    *To act*  carrier
    *Calls looked at*
    • `c99@999.99.999.99`  ExampleTel (#999) 999.9.999.9:9999 answered 999 Phrase with Q.999 cause 99 (No circuit/channel available) 9.99 s after the INVITE, without ringing. [carrier-no-circuit]
    • `c99@999.99.999.99`  ExampleTel (#999) 999.9.999.9:9999 answered 999 Phrase with Q.999 cause 99 (No circuit/channel available) 9.99 s after the INVITE, without ringing. [carrier-no-circuit]
    • `c99@999.99.999.99`  ExampleTel (#999) 999.9.999.9:9999 answered 999 Phrase with Q.999 cause 99 (No circuit/channel available) 9.99 s after the INVITE, without ringing. [carrier-no-circuit]
    *Do next*
    9. Report it to the one who answered with this call as example, and compare our calls at that time with the channels agreed.
    Acknowledge
    Mute 9 h
    Mute until resolved
    Full list
    Report a problem
    inc-9999-9999 · watch all (failures &gt;= 9 in 99m)
    ");
    die(&fake, &mut bot).await;
    let records = || platform.platform.seen().of(Endpoint::Cdr).len();
    let before = records();
    bot.start();
    fake.until_connected(2).await;
    while records() < before + 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(fake.look(messages).len(), 1);
    fake.user(ANN).slash(NOC, "/triage open");
    answer(&fake, NOC, "Incidents that nobody took note of:").await;
    fake.user(ANN).click(NOC, &card.ts, "say:ack");
    let ts = card.ts.clone();
    fake.until("the acknowledgement in the message", move |state| {
        let its = said(state, NOC).into_iter().find(|it| it.ts == ts)?;
        its.readable()
            .contains("Acknowledged")
            .then_some(())
            .filter(|()| its.readable().contains(ANN))
    })
    .await;
    fake.user(ANN).slash(NOC, "/triage incidents");
    answer(&fake, NOC, "is at it").await;
    fake.user(ANN).slash(NOC, "/triage handover");
    answer(&fake, NOC, "Incidents that somebody is at:").await;
    // The report counts all of it, and shows what was looked at.
    fake.user(ANN).click(NOC, &card.ts, "say:report");
    let report = answer(&fake, NOC, "Report: draft").await.readable();
    assert!(
        report.contains("calls that we sent to you since"),
        "{report}"
    );
    assert!(report.contains("CALL 3 of"), "{report}");
    let mut told = bot.command(&["incidents"]);
    let told = String::from_utf8(told.output().unwrap().stdout).unwrap();
    assert!(
        told.contains("ExampleTel (#105) failed") && told.contains("is at it"),
        "{told}"
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_found_and_not_made_twice() {
    let platform = connexcs::Fake::of(world()).await;
    let fake = Fake::fast().await;
    fake.faults().script("chat.postMessage", [Fault::DropAfter]);
    let settings = format!(
        "{WATCH}[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n",
        platform.base_url()
    );
    let mut bot = Bot::configured(&fake, "socket", &settings);
    bot.start();
    let card = answer(&fake, NOC, "ExampleTel").await;
    // That it knows the message shows when it edits it.
    fake.until_connected(2).await;
    let id = card.readable();
    let id = id.split("inc-").nth(1).unwrap().split(' ').next().unwrap();
    let ts = card.ts.clone();
    fake.user(ANN)
        .slash(NOC, &format!("/triage mute inc-{id} --for 1h"));
    fake.until("the mute in the message", move |state| {
        let its = said(state, NOC).into_iter().find(|it| it.ts == ts)?;
        its.readable().contains("Muted by").then_some(())
    })
    .await;
    let cards = fake.look(|state| {
        messages(state)
            .into_iter()
            .filter(|(_, it)| it.contains("calls through"))
            .count()
    });
    assert_eq!(cards, 1);
}

#[tokio::test]
async fn a_watch_is_set_up_in_a_chat_and_outlives_the_bot() {
    let (fake, mut bot, _platform) = watching().await;
    fake.user(ANN).slash(
        NOC,
        "/triage watch carrier:105 asr below 40% in 15m --name example",
    );
    answer(&fake, NOC, "Watched as example").await;
    die(&fake, &mut bot).await;
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage watches");
    answer(&fake, NOC, "example: carrier:105, asr below 40% in 15m").await;
    fake.user(ANN).slash(NOC, "/triage watch --off all");
    answer(&fake, NOC, "stands in the configuration").await;
    fake.nothing_refused();
}

pub const SECRET: &str = "a secret of its own";

/// Posts to a hook: the status.
pub fn post(bot: &Bot, hook: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    let address = bot.address();
    let mut stream = TcpStream::connect(address).unwrap();
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "POST /hooks/{hook} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A body that is too large may be refused before it is read.
    let _ = stream.write_all(body.as_bytes());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

pub fn hooks() -> String {
    format!(
        "[incidents]\nchannel = \"slack:C0NOC00000\"\n[[hooks]]\nname = \"alertmanager\"\nsecret = {{ value = \"{SECRET}\" }}\n\
         per_second = 1000\n[[hooks]]\nname = \"mail\"\nkind = \"json\"\nsecret = {{ value = \"another\" }}\nlargest_body = \"2kB\"\n\
         [hooks.mapping]\ntitle = \"/subject\"\ncarrier = \"/carrier\"\n"
    )
}

pub fn alerts(from: usize, to: usize) -> Value {
    let alert = |n: usize| {
        json!({
            "status": "firing", "fingerprint": format!("f{n}"), "startsAt": "2026-02-16T09:04:00Z",
            "labels": { "alertname": format!("Trunk{n}Down"), "severity": "critical" },
            "annotations": { "summary": format!("trunk {n} <!channel> is *down*") },
        })
    };
    json!({ "version": "4", "status": "firing", "alerts": (from..to).map(alert).collect::<Vec<_>>() })
}

fn signed(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!(
        "sha256={}",
        bytes
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<String>()
    )
}

/// Runs what waits for sockets apart, so that the fake goes on.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_proved_or_not_understood_is_refused_and_posts_nothing() {
    let (fake, bot) = in_slack(&hooks()).await;
    let body = alerts(0, 1).to_string();
    let bearer = format!("Bearer {SECRET}");
    let statuses = apart(move || {
        let wrong = signed("another", &body);
        let large = format!("{{\"subject\": \"{}\"}}", "x".repeat(3000));
        let of = |hook: &str, name: &str, value: &str, body: &str| {
            post(&bot, hook, &[(name, value)], body)
        };
        let statuses = vec![
            ("no proof", post(&bot, "alertmanager", &[], &body)),
            (
                "wrong token",
                of("alertmanager", "authorization", "Bearer another", &body),
            ),
            (
                "the token of another hook",
                of("mail", "authorization", &bearer, &body),
            ),
            (
                "wrong signature",
                of("alertmanager", "x-hub-signature-256", &wrong, &body),
            ),
            (
                "no hex",
                of("alertmanager", "x-hub-signature-256", "sha256=zz", &body),
            ),
            (
                "no such hook",
                of("nothing", "authorization", &bearer, &body),
            ),
            ("no JSON", of("alertmanager", "authorization", &bearer, "{")),
            (
                "another form",
                of(
                    "alertmanager",
                    "authorization",
                    &bearer,
                    "{\"version\": \"3\", \"alerts\": []}",
                ),
            ),
            (
                "too large",
                of("mail", "authorization", "Bearer another", &large),
            ),
            (
                "without a title",
                of(
                    "mail",
                    "authorization",
                    "Bearer another",
                    "{\"carrier\": 12}",
                ),
            ),
        ];
        let numbers = bot.get("/metrics").1;
        assert!(
            numbers.contains("calltriage_hooks_total{hook=\"alertmanager\",outcome=\"forged\"} 4"),
            "{numbers}"
        );
        statuses
    })
    .await;
    let expected = [401, 401, 401, 401, 401, 401, 400, 400, 413, 400];
    for ((what, status), expected) in statuses.iter().zip(expected) {
        assert_eq!(*status, expected, "{what}");
    }
    assert_eq!(fake.look(messages).len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_posts_at_once_are_one_message_also_where_the_bot_dies_meanwhile() {
    let (fake, bot) = in_slack(&hooks()).await;
    let mut bot = apart(move || {
        for n in 0..500 {
            let body = alerts(n, n + 1).to_string();
            // Half of them signed, half with the token.
            let status = match n % 2 {
                0 => post(
                    &bot,
                    "alertmanager",
                    &[("x-hub-signature-256", &signed(SECRET, &body))],
                    &body,
                ),
                _ => post(
                    &bot,
                    "alertmanager",
                    &[("authorization", &format!("Bearer {SECRET}"))],
                    &body,
                ),
            };
            assert_eq!(status, 202);
        }
        bot
    })
    .await;
    die(&fake, &mut bot).await;
    bot.start();
    let storm = answer(&fake, NOC, "500 alerts").await;
    // Nothing of it mentions or formats.
    assert!(
        !storm.readable().contains("<!channel>"),
        "{}",
        storm.readable()
    );
    assert_eq!(fake.look(messages).len(), 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_platform_that_stops_answering_is_one_message_and_what_people_ask_goes_first() {
    let (fake, _bot, platform) = watching().await;
    answer(&fake, NOC, "ExampleTel").await;
    platform
        .platform
        .script()
        .everywhere(Behaviour::too_many(None));
    fake.user(ANN).slash(NOC, "/triage status");
    answer(&fake, NOC, "How things stand").await;
    assert_eq!(
        fake.look(messages)
            .iter()
            .filter(|(_, it)| it.contains("calls through"))
            .count(),
        1
    );
}

/// What Grafana posts (its documentation's own form) about one alert.
fn of_grafana(status: &str) -> String {
    json!({
        "receiver": "calltriage", "status": status, "orgId": 1,
        "alerts": [{
            "status": status,
            "labels": { "alertname": "ASR dropped", "grafana_folder": "Voice", "carrier": "105", "severity": "critical" },
            "annotations": { "summary": "ASR of ExampleTel is 12 % <!here>" },
            "startsAt": "2026-02-16T09:51:03.157076+02:00", "endsAt": "0001-01-01T00:00:00Z",
            "values": { "B": 12.2 }, "valueString": "[ metric='asr' labels={} value=12.2 ]",
            "generatorURL": "https://grafana.example/alerting/1afz29v7z/edit", "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://grafana.example/alerting/silence/new",
        }],
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "https://grafana.example/",
        "version": "1", "groupKey": "{}:{}", "truncatedAlerts": 0,
        "title": "[FIRING:1] ASR dropped", "state": "alerting", "message": "**Firing**",
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_grafana_posts_is_one_message_until_it_is_resolved() {
    let hook = format!(
        "[incidents]\nchannel = \"slack:C0NOC00000\"\n[[hooks]]\nname = \"grafana\"\nsecret = {{ value = \"{SECRET}\" }}\n"
    );
    let (fake, bot) = in_slack(&hook).await;
    let bot = apart(move || {
        let body = of_grafana("firing");
        let bearer = format!("Bearer {SECRET}");
        // Grafana's signature stands alone, without the name of the algorithm.
        let bare = signed(SECRET, &body).replace("sha256=", "");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-grafana-alerting-signature", bare.as_str()),
        ];
        let statuses = headers.map(|header| post(&bot, "grafana", &[header], &body));
        assert_eq!(statuses, [202, 202]);
        bot
    })
    .await;
    let card = answer(&fake, NOC, "ASR dropped").await;
    let shown = card.readable();
    assert!(shown.contains("ASR of ExampleTel is 12 %"), "{shown}");
    assert!(!shown.contains("<!here>"), "{shown}");
    let bot = apart(move || {
        let bearer = format!("Bearer {SECRET}");
        let resolved = of_grafana("resolved");
        let status = post(&bot, "grafana", &[("authorization", &bearer)], &resolved);
        assert_eq!(status, 202);
        bot
    })
    .await;
    let ts = card.ts.clone();
    fake.until("the end in the message", move |state| {
        let its = said(state, NOC).into_iter().find(|it| it.ts == ts)?;
        its.readable()
            .contains("All alerts are resolved")
            .then_some(())
    })
    .await;
    assert_eq!(fake.look(messages).len(), 1);
    fake.nothing_refused();
    drop(bot);
}
