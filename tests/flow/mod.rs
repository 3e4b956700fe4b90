//! The flow over a platform that answers over real HTTP: scopes, many calls at once, "only this call?".

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod by_record;
mod cancel;
mod compare;
mod configured;
mod late;
mod lists;
mod many;
mod read_more;
mod registering;
mod remembered;
mod run_out;
mod scope_line;
mod simulate;
mod steps;
mod turn_up;

use std::sync::Mutex;

use calltriage::call::{CallQuery, Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::diagnosis::investigator::progress::{Tick, unwatched};
use calltriage::diagnosis::{Investigated, Investigation, Investigator, Peers};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::support::connexcs::{Fake, NOW};

/// When it is asked.
fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// The query of a question.
#[track_caller]
fn query(question: &str) -> CallQuery {
    match parse(question, &Context::new(now(), TimeZone::UTC)) {
        Reading::Query(query) => query,
        other => panic!("{question}: {other:?}"),
    }
}

/// What investigates on the platform alone.
fn investigator(fake: &Fake) -> Investigator {
    Investigator::new(vec![fake.source(Endpoints::default())], Peers::default())
}

/// What comes of a question.
async fn done(fake: &Fake, question: &str) -> Investigated {
    let (investigator, query) = (investigator(fake), query(question));
    let done = investigator.investigate("id".into(), question, &query, now(), &unwatched);
    done.await
}

/// What is answered on a question, and what was told meanwhile.
async fn ask(fake: &Fake, question: &str) -> (Investigation, Vec<Tick>) {
    let (investigator, query) = (investigator(fake), query(question));
    let ticks: Mutex<Vec<Tick>> = Mutex::default();
    let watch = |tick: Tick| ticks.lock().unwrap().push(tick);
    let done = investigator.investigate("id".into(), question, &query, now(), &watch);
    let investigation = done.await.investigation;
    (investigation, ticks.into_inner().unwrap())
}
