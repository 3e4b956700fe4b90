//! Atlassian Statuspage: version 2 of its public JSON, `summary.json` or `incidents.json`. Reads
//! values; asks nothing.

use serde_json::Value;

use super::{link, list, moment, other_form, plain, spoken, text, title};
use crate::platform::{Incident, Progress};

/// The incidents, announced work and components that are not well; or why the page is not understood.
pub(super) fn incidents(page: &Value) -> Result<Vec<Incident>, String> {
    if !page.get("incidents").is_some_and(Value::is_array) {
        return Err(other_form("Statuspage's summary.json"));
    }
    let works = list(page, "scheduled_maintenances").map(|work| incident(work, true));
    let mut found: Vec<_> = list(page, "incidents")
        .map(|it| incident(it, false))
        .chain(works)
        .collect();
    let alone: Vec<_> = list(page, "components")
        .filter_map(|component| unwell(component, &found))
        .collect();
    found.extend(alone);
    let indicator = page.pointer("/status/indicator").and_then(Value::as_str);
    if let (Some(indicator), true) = (indicator.filter(|it| *it != "none"), found.is_empty()) {
        let description = page.get("status").map(|status| text(status, "description"));
        found.push(Incident {
            impact: spoken(indicator),
            ..bare(title(description.unwrap_or_default()))
        });
    }
    Ok(found)
}

fn incident(it: &Value, is_work: bool) -> Incident {
    let status = text(it, "status");
    let resolved = moment::at(it, "resolved_at");
    let progress = match status.as_str() {
        _ if resolved.is_some() => Progress::Over,
        "resolved" | "completed" | "postmortem" => Progress::Over,
        "scheduled" => Progress::Announced,
        _ => Progress::Open,
    };
    let begun = ["started_at", "created_at"];
    let begun: &[&str] = if is_work { &["scheduled_for"] } else { &begun };
    let impact = if is_work {
        "maintenance".to_owned()
    } else {
        spoken(&text(it, "impact"))
    };
    Incident {
        text: updates(it),
        components: components(it),
        progress,
        status: spoken(&status),
        impact,
        started: begun.iter().find_map(|key| moment::at(it, key)),
        resolved,
        updated: moment::at(it, "updated_at"),
        link: link(it, "shortlink"),
        ..bare(title(text(it, "name")))
    }
}

/// What was written, the newest first, as the page has it.
fn updates(it: &Value) -> String {
    let updates = list(it, "incident_updates").map(|update| {
        let when = ["display_at", "created_at"];
        let when = when.iter().find_map(|key| moment::at(update, key));
        let when = when.map_or_else(String::new, |at| {
            at.strftime("%Y-%m-%d %H:%M UTC ").to_string()
        });
        let body = update
            .get("body")
            .and_then(Value::as_str)
            .unwrap_or_default();
        format!("{when}{}: {body}", spoken(&text(update, "status")))
    });
    plain::lines(&updates.collect::<Vec<_>>().join("\n"))
}

/// The components that it or one of its updates names, each once.
fn components(it: &Value) -> Vec<String> {
    let in_updates =
        list(it, "incident_updates").flat_map(|update| list(update, "affected_components"));
    let mut names = Vec::new();
    for component in list(it, "components").chain(in_updates) {
        let name = text(component, "name");
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A component that is not well, although no incident that goes on names it. A group only repeats
/// what is in it.
fn unwell(component: &Value, incidents: &[Incident]) -> Option<Incident> {
    let (name, status) = (text(component, "name"), text(component, "status"));
    let is_group = component.get("group").and_then(Value::as_bool) == Some(true);
    let is_named = incidents
        .iter()
        .any(|it| it.progress == Progress::Open && it.components.contains(&name));
    if is_group || is_named || status == "operational" {
        return None;
    }
    let status = if status.is_empty() {
        "in a state that the page does not say".to_owned()
    } else {
        spoken(&status)
    };
    Some(Incident {
        components: vec![name.clone()],
        status: status.clone(),
        updated: moment::at(component, "updated_at"),
        ..bare(format!("{name}: {status}"))
    })
}

/// An incident of which only the headline is known.
pub(super) fn bare(title: String) -> Incident {
    Incident {
        title,
        text: String::new(),
        components: Vec::new(),
        progress: Progress::Open,
        status: String::new(),
        impact: String::new(),
        started: None,
        resolved: None,
        updated: None,
        link: None,
    }
}
