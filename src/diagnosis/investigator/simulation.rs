//! The last step of the flow: a dry run of the call's routing. Without a path for it a person does it by
//! hand, with the values that the platform's form asks for ready to be typed; nothing is simulated
//! without a person's word.

use crate::call::{CallQuery, Term};
use crate::diagnosis::investigation::{Diagnosis, Outcome, Step, StepName};
use crate::platform::CallRecord;
use crate::sources::{Known, Simulation, Source};

/// What stands in a field that nothing tells.
const UNKNOWN: &str = "?";

/// The values for the form, from what is known of the call; from the query alone where it was not found.
pub(super) fn form(query: &CallQuery, found: &[Known]) -> Simulation {
    let row = found
        .iter()
        .filter_map(|known| known.records.as_ref()?.row.as_ref())
        .next();
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
        routing_engine: of_row(|row| region(row.engine.as_deref()?)).unwrap_or_else(unknown),
    }
}

/// The routing engine's zone by the beginning of its name; nothing where the name does not tell.
fn region(engine: &str) -> Option<String> {
    // Names as seen: fr1js3, am2js1. Others are not guessed at.
    let is_europe = ["fr", "am"].iter().any(|it| engine.starts_with(it));
    is_europe.then(|| "Europe".to_owned())
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
    let detail = if !diagnoses.is_empty() {
        "not needed: the call was found".to_owned()
    } else if platforms.is_empty() {
        "no platform is configured".to_owned()
    } else if can {
        format!(
            "waits for your word: it leaves an entry in the log. Values: {}",
            values.join(" · ")
        )
    } else {
        format!(
            "could not be checked: no endpoint configured. By hand: Simulate with {}; then ask with \
             the SIM- id that it gives",
            values.join(" · ")
        )
    };
    Step {
        step: StepName::Simulate,
        outcome: Outcome::NotChecked,
        detail,
        took_ms: 0,
    }
}
