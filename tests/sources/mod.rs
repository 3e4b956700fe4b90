//! Sources over real sockets: asking an API, in whose name, and the page of incidents.

mod credentials;
mod faults;
mod many;
mod pace;
mod renewal;
mod requests;
mod status_page;

use std::sync::Arc;
use std::time::Duration;

use calltriage::config::Limits;
use calltriage::sources::api::{Api, Authority, Body, Clock, Failure, Settings};

use crate::support::clock::HandClock;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The usual settings for the API at `url`.
fn settings(url: &str, limits: Limits) -> Settings {
    Settings {
        name: "main".to_owned(),
        base_url: url.parse().unwrap(),
        deadline: seconds(15),
        cdr_deadline: seconds(30),
        limits,
    }
}

fn api(url: &str, limits: Limits, clock: &Arc<HandClock>) -> Api {
    in_name_of(url, limits, clock, None)
}

fn in_name_of(
    url: &str,
    limits: Limits,
    clock: &Arc<HandClock>,
    authority: Option<Arc<dyn Authority>>,
) -> Api {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Api::new(settings(url, limits), authority, clock).unwrap()
}

/// What people are told of an outcome.
fn said(outcome: Result<Body, Failure>) -> String {
    match outcome {
        Ok(body) => body.text().into_owned(),
        Err(failure) => failure.sentence("the platform"),
    }
}
