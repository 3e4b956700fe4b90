//! Traces of the real program at a collector: what it is sent, and that nobody ever waits for it.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use calltriage::demo::{Behaviour, World};
use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use prost::Message as _;
use tokio::net::TcpListener;

use crate::platform_faults::canary::{DIGEST, NUMBERS};
use crate::platform_faults::{self, CALL_ID};
use crate::slack::talk::answer;
use crate::slack::{BUSY, Bot, until};
use crate::support::connexcs;
use crate::support::slack::{ANN, APP_TOKEN, BOT_TOKEN, Fake, NOC};

const TOKEN: &str = "canary-collector-7hQ2";

/// What the log says of a collector that takes nothing.
const NOT_TAKEN: &str = "traces are not taken";

/// What the end may take at most: the traces' own 3 s and a slow machine, but less than a batch is given.
const END: Duration = Duration::from_secs(8);

/// How a collector answers.
#[derive(Debug, Clone, Copy)]
enum Manner {
    With(StatusCode),
    Hanging,
}

/// A collector with what it was sent.
struct Collector {
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    sent: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Collector {
    async fn start(manner: Manner) -> Collector {
        let manner = Arc::new(Mutex::new(manner));
        let sent = Arc::<Mutex<Vec<_>>>::default();
        let (now, notes) = (Arc::clone(&manner), Arc::clone(&sent));
        let take = move |headers: HeaderMap, body: Bytes| {
            // Before anybody can know that it came, and change it.
            let manner = *now.lock().unwrap();
            notes.lock().unwrap().push((headers, body));
            async move {
                match manner {
                    // What an answer says is nothing for the log.
                    Manner::With(status) => (status, format!("your token {TOKEN}")),
                    Manner::Hanging => std::future::pending().await,
                }
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Collector {
            address,
            manner,
            sent,
        }
    }

    fn answer(&self, status: StatusCode) {
        *self.manner.lock().unwrap() = Manner::With(status);
    }

    fn batches(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// All spans that it was sent.
    fn spans(&self) -> Vec<Span> {
        let sent = self.sent.lock().unwrap();
        let requests = sent.iter().map(|(headers, body)| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
            ExportTraceServiceRequest::decode(body.clone()).unwrap()
        });
        let resources = requests.flat_map(|it| it.resource_spans);
        let scopes = resources.flat_map(|it| it.scope_spans);
        scopes.flat_map(|it| it.spans).collect()
    }

    fn requests(&self) -> Vec<Span> {
        named(&self.spans(), "job")
    }
}

fn named(spans: &[Span], name: &str) -> Vec<Span> {
    let those = spans.iter().filter(|it| it.name == name);
    those.cloned().collect()
}

/// A span's words for a key.
fn word(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|it| it.key == key);
    let value = found.and_then(|it| it.value.as_ref()?.value.clone());
    match value {
        Some(Value::StringValue(word)) => word,
        other => panic!("{key}: {other:?} in {span:?}"),
    }
}

fn telemetry(address: SocketAddr) -> String {
    format!(
        "[telemetry]\ntraces = \"http://{address}/v1/traces\"\ntoken = {{ value = \"{TOKEN}\" }}\n"
    )
}

/// A workspace with the bot in it, which sends what it has at once.
async fn in_a_hurry(more: &str) -> (Fake, Bot) {
    let fake = Fake::fast().await;
    let mut bot = Bot::configured(&fake, "socket", more);
    bot.start_with(|command| {
        command.env("OTEL_BSP_SCHEDULE_DELAY", "20");
    });
    fake.until_connected(2).await;
    (fake, bot)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_a_trace_with_a_span_for_each_look_up() {
    let collector = Collector::start(Manner::With(StatusCode::OK)).await;
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let source = format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n",
        platform.base_url()
    );
    let (fake, mut bot) = in_a_hurry(&(telemetry(collector.address) + &source)).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    until(|| !named(&collector.spans(), "job").is_empty()).await;
    bot.signal("TERM");
    assert!(bot.ended().success());

    let log = bot.log();
    let taken = log.split_once("a request was taken job=\"").unwrap().1;
    let id = taken.split_once('"').unwrap().0;
    let spans = collector.spans();
    let [request] = &named(&spans, "job")[..] else {
        panic!("{spans:?}");
    };
    assert_eq!(word(request, "id"), id);
    assert!(request.parent_span_id.is_empty(), "{request:?}");
    let look_ups = named(&spans, "look-up");
    assert!(look_ups.len() > 1, "{spans:?}");
    assert_eq!(spans.len(), 1 + look_ups.len(), "{spans:?}");
    for look_up in &look_ups {
        assert_eq!(look_up.trace_id, request.trace_id);
        assert_eq!(look_up.parent_span_id, request.span_id);
        assert_eq!(look_up.kind(), SpanKind::Client);
        assert_eq!(word(look_up, "api"), "main");
        assert!(look_up.events.is_empty(), "{look_up:?}");
        assert!(
            request.start_time_unix_nano <= look_up.start_time_unix_nano
                && look_up.start_time_unix_nano <= look_up.end_time_unix_nano
                && look_up.end_time_unix_nano <= request.end_time_unix_nano,
            "{request:?} {look_up:?}"
        );
    }
    let traced = look_ups.iter().filter(|it| word(it, "asked") == "log");
    let outcomes: Vec<String> = traced.map(|it| word(it, "outcome")).collect();
    assert!(outcomes.contains(&"ok".to_owned()), "{look_ups:?}");
    // Each look-up that the log has is there.
    let asked = log.lines().filter(|it| it.contains(" api=main asked="));
    assert_eq!(asked.count(), look_ups.len(), "{log}");
    assert!(!log.contains(NOT_TAKEN), "{log}");
}

/// Where a platform repeats whatever it was told, a collector hears as little of it as the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_and_no_secret_is_in_a_trace() {
    let collector = Collector::start(Manner::With(StatusCode::OK)).await;
    let platform = connexcs::Fake::of(platform_faults::world()).await;
    let source = platform_faults::config(&platform, platform_faults::TOKEN, "");
    let (fake, mut bot) = in_a_hurry(&(telemetry(collector.address) + &source)).await;
    fake.user(ANN).slash(NOC, &format!("/triage {CALL_ID}"));
    until(|| collector.requests().len() == 1).await;
    platform.platform.script().everywhere(Behaviour::Refuse {
        status: 500,
        retry_after: None,
        body: serde_json::json!({
            "message": format!("demo asked for {} by response=\"{DIGEST}\"", NUMBERS[1]),
        })
        .to_string(),
    });
    fake.user(ANN).slash(NOC, &format!("/triage {CALL_ID}"));
    until(|| collector.requests().len() == 2).await;
    fake.user(ANN)
        .slash(NOC, &format!("/triage {}", NUMBERS[1]));
    until(|| collector.requests().len() == 3).await;
    bot.signal("TERM");
    assert!(bot.ended().success());

    let look_ups = named(&collector.spans(), "look-up");
    let failed: Vec<&Span> = look_ups
        .iter()
        .filter(|it| it.status.as_ref().unwrap().code() == SpanStatus::Error)
        .collect();
    assert!(!failed.is_empty() && failed.len() < look_ups.len());
    for span in failed {
        assert_ne!(word(span, "outcome"), "ok");
    }
    let sent = collector.sent.lock().unwrap().clone();
    let bodies: Vec<u8> = sent.iter().flat_map(|(_, body)| body.to_vec()).collect();
    let traces = String::from_utf8_lossy(&bodies);
    let log = bot.log();
    let secrets = [TOKEN, DIGEST, BOT_TOKEN, APP_TOKEN];
    for hidden in secrets.iter().chain(&NUMBERS).chain(&[CALL_ID]) {
        assert!(!traces.contains(hidden), "{hidden} in a trace");
        assert!(!log.contains(hidden), "{hidden} in the log: {log}");
    }
}

/// Answers come and the program ends while traces go nowhere; it is said once, without the token.
#[track_caller]
fn ends_in_time(bot: &mut Bot) {
    let began = Instant::now();
    bot.signal("TERM");
    assert!(bot.ended().success());
    assert!(began.elapsed() < END, "{:?}", began.elapsed());
    let log = bot.log();
    assert_eq!(log.matches(NOT_TAKEN).count(), 1, "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_hangs_holds_up_neither_an_answer_nor_the_end() {
    let collector = Collector::start(Manner::Hanging).await;
    let (fake, mut bot) = in_a_hurry(&telemetry(collector.address)).await;
    fake.user(ANN).slash(NOC, "/triage help");
    until(|| collector.batches() == 1).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    ends_in_time(&mut bot);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_holds_up_neither() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let (fake, mut bot) = in_a_hurry(&telemetry(address)).await;
    fake.user(ANN).slash(NOC, "/triage help");
    until(|| bot.log().contains(NOT_TAKEN)).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    ends_in_time(&mut bot);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_refuses_is_told_of_once_until_it_takes_traces_again() {
    let collector = Collector::start(Manner::With(StatusCode::UNAUTHORIZED)).await;
    let (fake, mut bot) = in_a_hurry(&telemetry(collector.address)).await;
    let rounds = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::OK];
    for (nth, next) in rounds.into_iter().enumerate() {
        fake.user(ANN).slash(NOC, "/triage help");
        until(|| collector.batches() == nth + 1).await;
        collector.answer(next);
    }
    fake.user(ANN).slash(NOC, "/triage help");
    until(|| bot.log().contains("traces are taken again")).await;
    ends_in_time(&mut bot);
    assert!(bot.log().contains("it answered 401"), "{}", bot.log());
}
