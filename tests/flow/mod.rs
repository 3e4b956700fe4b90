//! The flow over a platform that answers over real HTTP: scopes, many calls at once, "only this call?".

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod many;
mod scope_line;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use calltriage::call::{Context, Reading, parse};
use calltriage::config::{self, Endpoints, Limits, Secret};
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::{Investigation, Investigator, Peers};
use calltriage::sources::{ConnexCs, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::support::clock::HandClock;
use crate::support::connexcs::{Fake, NOW};

/// What is answered on a question, and what was told meanwhile.
async fn ask(fake: &Fake, question: &str) -> (Investigation, Vec<Tick>) {
    let configured = config::ConnexCs {
        base_url: fake.base_url().parse().unwrap(),
        credentials: config::Credentials::Token(Secret::new("demo".to_owned())),
        deadline: Duration::from_secs(15),
        cdr_deadline: Duration::from_secs(30),
        support_phone: None,
        endpoints: Endpoints::default(),
        limits: Limits {
            spacing: Duration::ZERO,
            ..Limits::default()
        },
    };
    let platform = ConnexCs::new("main", &configured, Arc::new(HandClock::new())).unwrap();
    let sources = vec![Source::ConnexCs(Box::new(platform))];
    let investigator = Investigator::new(sources, Peers::default());
    let now = Timestamp::from_second(NOW).unwrap();
    let Reading::Query(query) = parse(question, &Context::new(now, TimeZone::UTC)) else {
        panic!("{question}");
    };
    let ticks: Mutex<Vec<Tick>> = Mutex::default();
    let watch = |tick: Tick| ticks.lock().unwrap().push(tick);
    let done = investigator.investigate("id".into(), question, &query, now, &watch);
    let investigation = done.await.investigation;
    (investigation, ticks.into_inner().unwrap())
}
