//! How long somebody waits for a verdict, and for the scope line behind it, where each end point of the
//! platform answers after 200 ms: `cargo bench --bench flow`. Asserts nothing about time.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, not the program"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calltriage::call::{CallQuery, Term};
use calltriage::config::{self, Endpoints, Limits, Secret};
use calltriage::demo::{Behaviour, Credentials, Endpoint, Platform, Server, World};
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::{Investigator, Peers, StepName};
use calltriage::sources::api::SystemClock;
use calltriage::sources::{ConnexCs, Source};
use jiff::Timestamp;

/// How long the platform takes over every answer.
const SLOW: Duration = Duration::from_millis(200);

/// A failed call, about which the flow asks all that it ever asks.
const CALL: &str = "busy-1@198.51.100.10";

#[tokio::main]
async fn main() {
    measure("every end point after 200 ms", None).await;
    for dead in [Endpoint::Trace, Endpoint::Rtcp, Endpoint::Aggregates] {
        measure(&format!("the same, {dead:?} dead"), Some(dead)).await;
    }
}

async fn measure(what: &str, dead: Option<Endpoint>) {
    let world = World::of_examples(Timestamp::now());
    let platform = Arc::new(Platform::new(world, Credentials::default()));
    platform.script().everywhere(Behaviour::Slow(SLOW));
    if let Some(dead) = dead {
        platform.script().always(dead, Behaviour::Hang);
    }
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::bind(any_port, platform.clone()).await.unwrap();
    let base_url = server.base_url().parse().unwrap();
    let serving = tokio::spawn(server.serve(std::future::pending()));

    // As it is configured where nothing else is said.
    let configured = config::ConnexCs {
        base_url,
        credentials: config::Credentials::Token(Secret::new(Credentials::default().token)),
        deadline: Duration::from_secs(15),
        cdr_deadline: Duration::from_secs(30),
        support_phone: None,
        endpoints: Endpoints::default(),
        limits: Limits::default(),
    };
    let source = ConnexCs::new("main", &configured, Arc::new(SystemClock::start())).unwrap();
    let sources = vec![Source::ConnexCs(Arc::new(source))];
    let investigator = Investigator::new(sources, Peers::default());
    let query = CallQuery {
        terms: vec![Term::CallId(CALL.to_owned())],
        ..CallQuery::default()
    };

    let (began, judged) = (Instant::now(), Mutex::new(None));
    let watch = |tick: Tick| {
        // The last step is told when the verdict stands.
        if matches!(tick, Tick::Ended(step) if step.step == StepName::Simulate) {
            *judged.lock().unwrap() = Some(began.elapsed());
        }
    };
    let now = Timestamp::now();
    let done = investigator.investigate("id".to_owned(), CALL, &query, now, &watch);
    let done = done.await;
    let (whole, judged) = (began.elapsed(), judged.into_inner().unwrap().unwrap());
    let call = done.investigation.calls.first().unwrap();
    let asked = platform.seen().all().len();
    println!(
        "{what:<40} verdict {:>6} ms, scope line {:>6} ms, {asked} requests: {}",
        judged.as_millis(),
        whole.as_millis(),
        call.verdict.rule
    );
    serving.abort();
}
