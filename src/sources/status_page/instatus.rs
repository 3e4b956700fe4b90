//! Instatus: its public `summary.json`. Reads values; asks nothing.

use serde_json::Value;

use super::statuspage::bare;
use super::{link, list, moment, other_form, spoken, text, title};
use crate::platform::{Incident, Progress};

/// The incidents and works that go on or are announced; or why the page is not understood.
pub(super) fn incidents(summary: &Value) -> Result<Vec<Incident>, String> {
    // Lists that would be empty are left out: the state of the whole has to be there.
    let state = summary.pointer("/page/status").and_then(Value::as_str);
    let state = state.ok_or_else(|| other_form("Instatus' summary.json"))?;
    let incidents = list(summary, "activeIncidents").map(incident);
    let works = list(summary, "activeMaintenances").map(work);
    let mut found: Vec<_> = incidents.chain(works).collect();
    if state != "UP" && found.is_empty() {
        let state = spoken(state);
        found.push(bare(format!("the page says of the whole: {state}")));
    }
    Ok(found)
}

fn incident(it: &Value) -> Incident {
    let status = text(it, "status");
    let progress = if status == "RESOLVED" {
        Progress::Over
    } else {
        Progress::Open
    };
    Incident {
        components: components(it),
        progress,
        status: spoken(&status),
        impact: spoken(&text(it, "impact")),
        started: moment::at(it, "started"),
        resolved: moment::at(it, "resolved"),
        updated: moment::at(it, "updatedAt"),
        link: link(it, "url"),
        ..bare(title(text(it, "name")))
    }
}

fn work(it: &Value) -> Incident {
    let status = text(it, "status");
    let progress = match status.as_str() {
        "NOTSTARTEDYET" => Progress::Announced,
        "COMPLETED" => Progress::Over,
        _ => Progress::Open,
    };
    Incident {
        components: components(it),
        progress,
        status: spoken(&status),
        impact: "maintenance".to_owned(),
        started: moment::at(it, "start"),
        link: link(it, "url"),
        ..bare(title(text(it, "name")))
    }
}

/// The summary names none as far as is documented; some pages do.
fn components(it: &Value) -> Vec<String> {
    let names = list(it, "components").map(|component| text(component, "name"));
    names.filter(|name| !name.is_empty()).collect()
}
