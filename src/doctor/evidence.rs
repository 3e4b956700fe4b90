//! Evidence besides a platform's API: capture files, and the status page.

use std::time::Instant;

use super::{Check, State};
use crate::call::{CallQuery, Term};
use crate::sources::{Captures, Lookup, StatusPage};

/// No capture has this Call-ID: looking for it reads everything.
const NOBODY: &str = "calltriage-doctor";

/// Reads all files of a source of captures.
pub async fn captures(captures: &Captures) -> Check {
    let began = Instant::now();
    let query = CallQuery {
        terms: vec![Term::CallId(NOBODY.to_owned())],
        ..CallQuery::default()
    };
    let (state, said) = match captures.trace(&query).await {
        Lookup::Unavailable(why) => (State::Fails, why),
        Lookup::Found(_) | Lookup::Empty => {
            let held = captures.summary().await;
            let prefix = format!("{}: ", captures.name());
            let held = held.strip_prefix(&prefix).unwrap_or(&held).to_owned();
            (State::Works, held)
        }
    };
    Check::new(captures.name(), "captures", state, said).since(began)
}

/// Looks at the status page, where one is configured.
pub async fn status_page(page: Option<&StatusPage>) -> Check {
    let check = |state, said: String| Check::new("status page", "", state, said);
    let Some(page) = page else {
        let said = "none is configured ([status_page]): answers say \"not verified\"";
        return check(State::NotChecked, said.to_owned());
    };
    let began = Instant::now();
    let checked = match page.incidents().await {
        Lookup::Found(incidents) => check(State::Works, format!("lists {}", incidents.len())),
        Lookup::Empty => check(State::Works, "lists no incident".to_owned()),
        Lookup::Unavailable(why) => check(State::Fails, why),
    };
    checked.since(began)
}
