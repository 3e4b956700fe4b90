//! The flow over a platform that answers over real HTTP: scopes, many calls at once, "only this call?".

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod by_record;
mod cancel;
mod compare;
mod late;
mod many;
mod read_more;
mod registering;
mod remembered;
mod run_out;
mod scope_line;
mod simulate;

use std::sync::Mutex;

use calltriage::call::{Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::{Investigation, Investigator, Peers};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::support::connexcs::{Fake, NOW};

/// What is answered on a question, and what was told meanwhile.
async fn ask(fake: &Fake, question: &str) -> (Investigation, Vec<Tick>) {
    let sources = vec![fake.source(Endpoints::default())];
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
