//! A request that a defect of the program ends: its asker gets an apology, it is counted, and others go on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use calltriage::app;
use calltriage::chat::Reply;
use calltriage::chat::jobs::{Job, Standing};
use calltriage::chat::outlet::{Around, Failure, Outlet};
use calltriage::chat::request::{Asker, Attached, Place, Request};
use calltriage::chat::work::Work;
use calltriage::config::{Config, Surroundings};
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::{Investigator, Tuning};
use calltriage::knowledge::Knowledge;
use calltriage::latest::Latest;
use calltriage::metrics::Metrics;
use calltriage::store::Store;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// A chat that breaks over each explanation and delivers whatever else is said.
#[derive(Default)]
struct Breaking(Mutex<Vec<String>>);

impl Outlet for Breaking {
    const CHAT: &'static str = "breaking";

    fn around<'a>(
        &'a self,
        _: &'a Request,
        _: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Around, Failure>> {
        async { Ok(Around::default()) }.boxed()
    }

    fn begin<'a>(&'a self, _: &'a Job, _: bool) -> BoxFuture<'a, Result<Standing, Failure>> {
        async { Ok(Standing::Message("m1".to_owned())) }.boxed()
    }

    fn progress<'a>(&'a self, _: &'a Job, _: &'a str, _: &'a [Tick]) -> BoxFuture<'a, ()> {
        async {}.boxed()
    }

    fn answer<'a>(
        &'a self,
        _: &'a Job,
        _: &'a Standing,
        reply: &'a Reply,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            if let Reply::Text(text) = reply {
                assert!(!text.contains("Service Unavailable"), "it breaks");
                self.0.lock().unwrap().push(text.clone());
            }
            Ok(())
        }
        .boxed()
    }

    fn attach<'a>(
        &'a self,
        _: &'a Job,
        _: &'a str,
        _: &'a Reply,
        _: bool,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async { Ok(()) }.boxed()
    }

    fn fetch<'a>(&'a self, _: &'a Attached, _: u64) -> BoxFuture<'a, Result<Vec<u8>, Failure>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn refuse<'a>(&'a self, _: &'a Job, _: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        async { Ok(()) }.boxed()
    }
}

fn request(id: &str, said: &str, now: Timestamp) -> Request {
    Request {
        id: id.to_owned(),
        asker: Asker {
            chat: "breaking".to_owned(),
            workspace: "w".to_owned(),
            user: "ann".to_owned(),
        },
        place: Place {
            channel: "noc".to_owned(),
            thread: None,
            direct: false,
        },
        said: said.to_owned(),
        files: Vec::new(),
        asked_at: now,
        joins: false,
        private: false,
        answer_at: None,
        offer: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_defect_ends_one_request_with_an_apology() {
    let (dir, now) = (tempfile::tempdir().unwrap(), Timestamp::now());
    let around = Surroundings::new(dir.path(), &|_| None);
    let config = Config::parse("c.toml", "", &around).unwrap();
    let store = Store::open(dir.path(), now, Duration::from_secs(5))
        .await
        .unwrap()
        .store;
    let knowledge = Latest::new(Arc::new(Knowledge::built_in().clone()));
    let investigator: Investigator = app::investigator(
        &config,
        &knowledge,
        &Arc::new(Tuning::default()),
        Vec::new(),
    )
    .unwrap();
    let desk = app::desk(&config, investigator, Some(store.clone())).unwrap();
    let (desk, access) = app::heart(&config, desk);
    let (metrics, outlet) = (Metrics::default(), Arc::new(Breaking::default()));
    let work = Work::new(
        Arc::clone(&desk),
        access,
        store,
        metrics.clone(),
        Arc::clone(&outlet),
    );
    work.accept(request("r1", "explain 503", now), now)
        .await
        .unwrap();
    work.accept(request("r2", "explain 486", now), now)
        .await
        .unwrap();
    let idle = desk.underway().idle();
    tokio::time::timeout(Duration::from_secs(30), idle)
        .await
        .unwrap();
    let said = outlet.0.lock().unwrap().clone();
    assert_eq!(said.len(), 2, "{said:?}");
    let apology = "This could not be answered; the log says why under r1.";
    assert!(said.iter().any(|it| it == apology), "{said:?}");
    assert!(said.iter().any(|it| it.contains("Busy Here")), "{said:?}");
    let text = metrics.text();
    assert!(
        text.contains("calltriage_request_panics_total{chat=\"breaking\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("calltriage_jobs_open{chat=\"breaking\"} 0\n"),
        "{text}"
    );
    assert!(
        text.contains("calltriage_jobs_total{chat=\"breaking\",outcome=\"failed\"} 1\n"),
        "{text}"
    );
    // It is not begun again: it would only break again.
    assert_eq!(work.resume(now).await.unwrap(), 0);
}
