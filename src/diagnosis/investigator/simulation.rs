//! The last step of the flow: a dry run of the call's routing. What its form is filled in with, and how
//! the step is told; runs nothing.

use crate::call::{CallQuery, Term};
use crate::diagnosis::investigation::{Diagnosis, Outcome, Step, StepName};
use crate::platform::{CallRecord, region};
use crate::sources::{Known, Simulation, Source};

/// What stands in a field that nothing tells.
pub(super) const UNKNOWN: &str = "?";

/// The values for the form, from what is known of the newest call; from the query alone where none was
/// found.
pub(super) fn form(query: &CallQuery, found: &[Known]) -> Simulation {
    let row = newest_row(found);
    let numbers = || {
        query.terms.iter().filter_map(|term| match term {
            Term::Number(number) => Some(number.digits.clone()),
            _ => None,
        })
    };
    let address = query.terms.iter().find_map(|term| match term {
        Term::Address { ip, .. } => Some(ip.to_string()),
        _ => None,
    });
    let of_row = |get: fn(&CallRecord) -> Option<String>| row.and_then(get);
    let unknown = || UNKNOWN.to_owned();
    Simulation {
        dialled: of_row(|row| row.to.clone())
            .or_else(|| numbers().next())
            .unwrap_or_else(unknown),
        cli: of_row(|row| row.from.clone())
            .or_else(|| numbers().nth(1))
            .unwrap_or_else(unknown),
        switch_ip: of_row(|row| {
            row.server_ip
                .map(|ip| ip.to_string())
                .or(row.server.clone())
        })
        .unwrap_or_else(unknown),
        customer_ip: of_row(|row| row.source_ip.map(|ip| ip.to_string()))
            .or(address)
            .unwrap_or_else(unknown),
        registered_user: of_row(|row| row.auth_user.clone()).unwrap_or_default(),
        routing_engine: of_row(|row| Some(region(row.engine.as_deref()?)?.to_owned()))
            .unwrap_or_else(unknown),
    }
}

/// The row of the newest call that has one.
fn newest_row(found: &[Known]) -> Option<&CallRecord> {
    let mut rows = found
        .iter()
        .filter_map(|known| known.records.as_ref()?.row.as_ref());
    rows.next_back()
}

/// The step as it is told.
pub(super) fn step(
    sources: &[Source],
    query: &CallQuery,
    found: &[Known],
    diagnoses: &[Diagnosis],
) -> Step {
    let platforms: Vec<_> = sources.iter().filter_map(Source::platform).collect();
    let can = platforms.iter().any(|it| it.endpoints().simulate.is_some());
    let values: Vec<String> = form(query, found)
        .form()
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let values = values.join(" · ");
    let (outcome, detail) = if let Some(simulated) = simulated(found) {
        simulated
    } else if !diagnoses.is_empty() {
        let why = "not needed: the call was found";
        (Outcome::NotChecked, why.to_owned())
    } else if platforms.is_empty() {
        let why = "no platform is configured";
        (Outcome::NotChecked, why.to_owned())
    } else if can {
        let command = match query.to_string() {
            words if query.terms.is_empty() || words.is_empty() => "simulate".to_owned(),
            words => format!("simulate {words}"),
        };
        let waits = format!(
            "waits for your word, since it leaves an entry in the log: {command}. Values: {values}"
        );
        (Outcome::NotChecked, waits)
    } else {
        let by_hand = format!(
            "could not be checked: no endpoint configured. By hand: Simulate with {values}; then ask \
             with the SIM- id that it gives"
        );
        (Outcome::NotChecked, by_hand)
    };
    Step {
        step: StepName::Simulate,
        outcome,
        detail,
        took_ms: 0,
    }
}

/// How the step ended where the calls that were found are simulated ones.
fn simulated(found: &[Known]) -> Option<(Outcome, String)> {
    let row = newest_row(found).filter(|row| row.is_simulated())?;
    let id = row.call_id.as_deref().unwrap_or_default();
    let said = row.reason.as_deref().unwrap_or("no text");
    Some(match row.is_routed() {
        Some(true) => (
            Outcome::Clean,
            format!("routing takes the call: {said} ({id})"),
        ),
        Some(false) => (
            Outcome::CauseFound,
            format!("routing refuses the call: {said} ({id})"),
        ),
        None => (
            Outcome::NotChecked,
            format!("the log does not say yet how it was routed: ask again ({id})"),
        ),
    })
}
