//! The page of incidents: each form that is understood, and that all else is "not verified".

use std::sync::Arc;

use calltriage::config::{self, StatusPageKind};
use calltriage::platform::Incident;
use calltriage::sources::api::Clock;
use calltriage::sources::status_page::Lists;
use calltriage::sources::{Lookup, StatusPage};

use super::seconds;
use crate::support::clock::HandClock;
use crate::support::http::{Answer, Asked, Server, answer, half, held};

fn page(url: &str, kind: StatusPageKind, clock: &Arc<HandClock>) -> StatusPage {
    let configured = config::StatusPage {
        kind,
        url: url.parse().unwrap(),
        deadline: seconds(3),
    };
    StatusPage::new(&configured, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

async fn look(
    kind: StatusPageKind,
    script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
) -> Lookup<Vec<Incident>> {
    let server = Server::start(move |asked, _| script(asked)).await;
    let url = format!("{}main?key=canary", server.url());
    let clock = Arc::new(HandClock::new());
    let page = page(&url, kind, &clock);
    let found = page.incidents().await;
    for asked in server.asked() {
        assert_eq!(asked.authorization, None);
    }
    found
}

async fn read(kind: StatusPageKind, body: &'static str) -> Lookup<Vec<Incident>> {
    look(kind, move |_| answer(200, &[], body)).await
}

/// Incidents as a few lines each.
fn shown(found: Lookup<Vec<Incident>>) -> String {
    let Lookup::Found(incidents) = found else {
        return format!("{found:?}");
    };
    let time = |at: Option<jiff::Timestamp>| at.map_or("?".to_owned(), |at| at.to_string());
    let one = |it: &Incident| {
        let mut lines = vec![
            format!(
                "{} [{:?}, {}, {}]",
                it.title, it.progress, it.status, it.impact
            ),
            format!(
                "  {} to {}, written {}; {:?}",
                time(it.started),
                time(it.resolved),
                time(it.updated),
                it.components
            ),
        ];
        lines.extend(it.text.lines().map(|line| format!("  | {line}")));
        lines.extend(it.link.iter().map(|link| format!("  {link}")));
        lines.join("\n")
    };
    incidents.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn statuspage() {
    let body = r#"{
      "page": {"id": "x", "name": "Example", "url": "https://status.example.com"},
      "status": {"indicator": "major", "description": "Partial System Outage"},
      "components": [
        {"id": "1", "name": "SIP London", "status": "major_outage", "group": false},
        {"id": "2", "name": "SIP Paris", "status": "degraded_performance", "updated_at": "2026-02-16T08:00:00Z"},
        {"id": "3", "name": "Europe", "status": "major_outage", "group": true},
        {"id": "4", "name": "Billing", "status": "operational"},
        {"id": "5", "name": "Media"}
      ],
      "incidents": [{
        "name": "Calls by London fail", "status": "identified", "impact": "major",
        "created_at": "2026-02-16T09:05:00.000Z", "started_at": "2026-02-16T09:01:00.000Z",
        "updated_at": "2026-02-16T09:09:00.000Z", "resolved_at": null, "shortlink": "https://stspg.example/abc",
        "components": [{"name": "SIP London", "status": "major_outage"}],
        "incident_updates": [
          {"status": "identified", "display_at": "2026-02-16T09:09:00.000Z", "body": "Use <b>Paris</b> &amp; wait.<br>More soon.",
           "affected_components": [{"name": "SIP London"}, {"name": "RTP London"}]},
          {"status": "investigating", "created_at": "2026-02-16T09:05:00.000Z", "body": "We look into it."}
        ]}, {"status": "resolved", "name": "", "shortlink": "javascript:alert(1)"}, 7],
      "scheduled_maintenances": [
        {"name": "Upgrade", "status": "scheduled", "scheduled_for": "2026-02-20T01:00:00Z", "components": [{"name": "SIP Paris"}]}
      ]}"#;
    let found = read(StatusPageKind::Statuspage, body).await;
    assert_eq!(
        shown(found),
        r#"Calls by London fail [Open, identified, major]
  2026-02-16T09:01:00Z to ?, written 2026-02-16T09:09:00Z; ["SIP London", "RTP London"]
  | 2026-02-16 09:09 UTC identified: Use Paris & wait.
  | More soon.
  | 2026-02-16 09:05 UTC investigating: We look into it.
  https://stspg.example/abc
(an incident without a title) [Over, resolved, ]
  ? to ?, written ?; []
(an incident without a title) [Open, , ]
  ? to ?, written ?; []
Upgrade [Announced, scheduled, maintenance]
  2026-02-20T01:00:00Z to ?, written ?; ["SIP Paris"]
SIP Paris: degraded performance [Open, degraded performance, ]
  ? to ?, written 2026-02-16T08:00:00Z; ["SIP Paris"]
Media: in a state that the page does not say [Open, in a state that the page does not say, ]
  ? to ?, written ?; ["Media"]"#
    );
    let quiet = r#"{"status": {"indicator": "none"}, "components": [{"name": "SIP", "status": "operational"}], "incidents": []}"#;
    assert_eq!(read(StatusPageKind::Statuspage, quiet).await, Lookup::Empty);
    let unsaid =
        r#"{"status": {"indicator": "minor", "description": "Minor outage"}, "incidents": []}"#;
    assert_eq!(
        shown(read(StatusPageKind::Statuspage, unsaid).await),
        "Minor outage [Open, , minor]\n  ? to ?, written ?; []"
    );
}

#[tokio::test]
async fn instatus() {
    let body = r#"{"page": {"name": "Example", "url": "https://status.example.com", "status": "HASISSUES"},
      "activeIncidents": [
        {"name": "No audio", "started": "Mon Feb 16 2026 09:01:00 GMT+0000 (Coordinated Universal Time)",
         "status": "MONITORING", "impact": "MAJOROUTAGE", "url": "https://status.example.com/incident/1"},
        {"name": "Slow", "started": "2026-02-16T08:00:00.000Z", "status": "INVESTIGATING", "components": [{"name": "RTP"}]}],
      "activeMaintenances": [
        {"name": "Disks", "start": "Mon Feb 16 2026 12:00:00 GMT+0100 (CET)", "status": "NOTSTARTEDYET", "duration": "60"}]}"#;
    assert_eq!(
        shown(read(StatusPageKind::Instatus, body).await),
        r#"No audio [Open, monitoring, majoroutage]
  2026-02-16T09:01:00Z to ?, written ?; []
  https://status.example.com/incident/1
Slow [Open, investigating, ]
  2026-02-16T08:00:00Z to ?, written ?; ["RTP"]
Disks [Announced, notstartedyet, maintenance]
  2026-02-16T11:00:00Z to ?, written ?; []"#
    );
    let quiet = r#"{"page": {"status": "UP"}}"#;
    assert_eq!(read(StatusPageKind::Instatus, quiet).await, Lookup::Empty);
    let unsaid = r#"{"page": {"status": "HASISSUES"}}"#;
    assert_eq!(
        shown(read(StatusPageKind::Instatus, unsaid).await),
        "the page says of the whole: hasissues [Open, , ]\n  ? to ?, written ?; []"
    );
}

#[tokio::test]
async fn uptime_kuma() {
    let groups = r#""publicGroupList": [{"name": "Voice", "monitorList": [{"id": 1, "name": "SIP London"}, {"id": 2, "name": "SIP Paris"}]}]"#;
    let beats = r#"{"heartbeatList": {
      "1": [{"status": 0, "time": "2026-02-16 08:00:00"}, {"status": 1, "time": "2026-02-16 08:01:00.250"},
            {"status": 0, "time": "2026-02-16 09:01:00"}, {"status": 2, "time": "2026-02-16 09:02:00"},
            {"status": 0, "time": "2026-02-16 09:03:00"}],
      "2": [0, {"status": 1, "time": "2026-02-16T08:00:00Z"}, {"status": 3, "time": "2026-02-16T08:30:00Z"},
            {"status": 1, "time": "2026-02-16T08:45:00Z"}]}}"#;
    let both = |page: String, beats: &'static str| {
        look(StatusPageKind::UptimeKuma, move |asked| {
            match asked.target.as_str() {
                "/api/cp/main?key=canary" => answer(200, &[], &page),
                "/api/cp/heartbeat/main?key=canary" => answer(200, &[], beats),
                other => panic!("{other}"),
            }
        })
    };
    let pinned = r#"{"title": "We look into it", "content": "Use **Paris**.", "style": "danger",
      "createdDate": "2026-02-16 09:02:00", "lastUpdatedDate": null}"#;
    let works = r#"[{"title": "Disks", "status": "scheduled", "timeslotList": [{"startDate": "2026-02-17 01:00:00", "endDate": "2026-02-17 02:00:00"}]},
      {"title": "Off", "status": "inactive"}]"#;
    let page = format!(r#"{{"incident": {pinned}, "maintenanceList": {works}, {groups}}}"#);
    assert_eq!(
        shown(both(page, beats).await),
        r#"We look into it [Open, , danger]
  2026-02-16T09:02:00Z to ?, written ?; []
  | Use **Paris**.
Disks [Announced, scheduled, maintenance]
  2026-02-17T01:00:00Z to ?, written ?; []
SIP London: down [Over, down, outage]
  ? to 2026-02-16T08:01:00.25Z, written 2026-02-16T08:00:00Z; ["SIP London", "Voice"]
SIP London: down [Open, down, outage]
  2026-02-16T09:01:00Z to ?, written 2026-02-16T09:01:00Z; ["SIP London", "Voice"]
SIP Paris: maintenance [Over, maintenance, maintenance]
  2026-02-16T08:30:00Z to 2026-02-16T08:45:00Z, written 2026-02-16T08:30:00Z; ["SIP Paris", "Voice"]"#
    );
    let quiet = format!(r#"{{"incident": null, {groups}}}"#);
    let up = r#"{"heartbeatList": {"1": [{"status": 1}], "2": [{"status": 1}]}}"#;
    assert_eq!(both(quiet.clone(), up).await, Lookup::Empty);
    // One of which nothing is known is not well.
    let half_known = r#"{"heartbeatList": {"1": [{"status": 1}], "2": []}}"#;
    let Lookup::Unavailable(why) = both(quiet.clone(), half_known).await else {
        panic!();
    };
    assert!(
        why.starts_with("not verified: the status page does not say how these are: SIP Paris; "),
        "{why}"
    );
    assert!(matches!(
        both(quiet, "<html>").await,
        Lookup::Unavailable(_)
    ));
    // What is pinned is known, whatever became of the rest.
    let page = format!(r#"{{"incident": {pinned}, {groups}}}"#);
    assert!(matches!(both(page, "<html>").await, Lookup::Found(found) if found.len() == 1));
}

#[tokio::test]
async fn feeds() {
    let rss = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
  <title>Example status</title><link>https://status.example.com</link>
  <item><title>Calls &amp; audio &lt;London&gt;</title>
    <description>&lt;p&gt;&lt;small&gt;Feb 16, 09:30 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; - It is over.&lt;/p&gt;&lt;p&gt;&lt;strong&gt;Investigating&lt;/strong&gt; - We look.&lt;/p&gt;</description>
    <pubDate>Mon, 16 Feb 2026 09:30:00 +0000</pubDate><link>https://status.example.com/1</link></item>
  <item><title><![CDATA[Something <b>else</b>]]></title><pubDate>Sun, 15 Feb 2026 09:30:00 UTC</pubDate></item>
</channel></rss>"#;
    assert_eq!(
        shown(read(StatusPageKind::Feed, rss).await),
        r#"Calls & audio <London> [Over, resolved, ]
  ? to ?, written 2026-02-16T09:30:00Z; []
  | Feb 16, 09:30 UTC
  | Resolved - It is over.
  | Investigating - We look.
  https://status.example.com/1
Something else [Unsaid, , ]
  ? to ?, written 2026-02-15T09:30:00Z; []"#
    );
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="y"><title>Example</title><updated>2026-02-16T10:00:00Z</updated>
  <entry><title>Routing</title><link rel="self" href="https://status.example.com/self"/><link rel="alternate" href="https://status.example.com/2"/>
    <published>2026-02-16T09:00:00Z</published><updated>2026-02-16T09:20:00Z</updated>
    <source><title>Not this</title><updated>2020-01-01T00:00:00Z</updated></source>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Monitoring - A <b>fix</b> is in.</p></div></content></entry>
  <entry><title>[Resolved] Trunks</title><published>2026-02-15T09:00:00+01:00</published><updated>2026-02-15T09:20:00Z</updated></entry>
</feed>"#;
    assert_eq!(
        shown(read(StatusPageKind::Feed, atom).await),
        r#"Routing [Open, monitoring, ]
  2026-02-16T09:00:00Z to ?, written 2026-02-16T09:20:00Z; []
  | Monitoring - A fix is in.
  https://status.example.com/2
[Resolved] Trunks [Over, resolved, ]
  2026-02-15T08:00:00Z to 2026-02-15T09:20:00Z, written 2026-02-15T09:20:00Z; []"#
    );
    let quiet = "<rss><channel><title>Example</title></channel></rss>";
    assert_eq!(read(StatusPageKind::Feed, quiet).await, Lookup::Empty);
}

#[tokio::test]
async fn all_else_is_not_verified() {
    const KINDS: [(StatusPageKind, &str); 4] = [
        (StatusPageKind::Statuspage, "Statuspage's summary.json"),
        (StatusPageKind::Instatus, "Instatus' summary.json"),
        (
            StatusPageKind::UptimeKuma,
            "the JSON of an Uptime Kuma status page",
        ),
        (StatusPageKind::Feed, "RSS or Atom"),
    ];
    let bodies = [
        "",
        "{}",
        "[]",
        "null",
        "<!DOCTYPE html><html><body>All systems operational</body></html>",
        "<rss><channel><item><title>half",
        r#"{"status": "all good"}"#,
        r#"{"incidents": "none", "page": {"status": 1}, "publicGroupList": {}}"#,
        "\u{0}\u{1}&&&<<<",
    ];
    for (kind, form) in KINDS {
        for body in bodies {
            let found = read(kind, body).await;
            let Lookup::Unavailable(why) = found else {
                panic!("{kind:?}: {body}: {found:?}");
            };
            let is_json = serde_json::from_str::<serde_json::Value>(body).is_ok();
            let form = if is_json || kind == StatusPageKind::Feed {
                form
            } else {
                "JSON"
            };
            let expected = format!(
                "not verified: the status page is not in the form that is configured ({form}): check kind and url; look for yourself at http://127.0.0.1:"
            );
            assert!(why.starts_with(&expected), "{why}");
            assert!(
                why.ends_with("/api/cp/main") && !why.contains("canary"),
                "{why}"
            );
        }
    }
}

#[tokio::test]
async fn faults_are_said_with_the_link() {
    let large = "x".repeat(4_000_001);
    let table = [
        (
            answer(404, &[], ""),
            "the status page has nothing there (404): neither such a record nor, perhaps, such a path",
        ),
        (
            answer(401, &[], ""),
            "the status page wants a credential (401), and none is configured",
        ),
        (
            answer(302, &[("Location", "https://evil.example/")], ""),
            "the status page sent us on to evil.example, which is not followed: check the address in the configuration",
        ),
        (
            answer(200, &[], &large),
            "the answer of the status page is larger than 4 MB: ask for less, or raise largest_body",
        ),
    ];
    for (given, expected) in table {
        let found = look(StatusPageKind::Feed, move |_| given.clone()).await;
        let Lookup::Unavailable(why) = found else {
            panic!("{found:?}");
        };
        assert!(
            why.starts_with(&format!(
                "not verified: {expected}; look for yourself at http://"
            )),
            "{why}"
        );
    }
    // What may pass is tried once more; silence ends after three seconds.
    for (given, tries, expected) in [
        (
            answer(500, &[], ""),
            2,
            "the status page answered 500 Internal Server Error: ask again later",
        ),
        (
            half("<rss>"),
            2,
            "the answer of the status page broke off after 5 bytes: ask again",
        ),
        (
            held(""),
            1,
            "the status page did not answer within 3 s: ask again later",
        ),
    ] {
        let server = Server::start(move |_, _| given.clone()).await;
        let clock = Arc::new(HandClock::new());
        let page = page(&server.url(), StatusPageKind::Feed, &clock);
        let (found, ()) = tokio::join!(page.incidents(), async {
            server.until_asked(1).await;
            let range = if tries == 2 { 0..1 } else { 3..4 };
            let left = clock
                .until_asleep(seconds(range.start)..seconds(range.end))
                .await;
            clock.advance(left);
        });
        let link = page.link();
        let expected = format!("not verified: {expected}; look for yourself at {link}");
        assert_eq!(found, Lookup::Unavailable(expected));
        assert_eq!(server.asked().len(), tries);
    }
}

#[tokio::test]
async fn it_says_whether_it_knows_the_past() {
    let clock = Arc::new(HandClock::new());
    let lists = |kind, url| page(url, kind, &clock).lists();
    let summary = "https://s.example/api/v2/summary.json";
    let history = "https://s.example/api/v2/incidents.json";
    assert_eq!(lists(StatusPageKind::Statuspage, summary), Lists::Open);
    assert_eq!(lists(StatusPageKind::Statuspage, history), Lists::Past);
    assert_eq!(
        lists(StatusPageKind::Feed, "https://s.example/rss"),
        Lists::Past
    );
    assert_eq!(lists(StatusPageKind::Instatus, summary), Lists::Open);
}
