//! Uptime Kuma: the JSON of a status page, and the heartbeats beside it. Reads values; asks nothing.

use serde_json::Value;

use super::statuspage::bare;
use super::{list, moment, other_form, plain, text, title};
use crate::platform::{Incident, Progress};

const DOWN: u64 = 0;
const UP: u64 = 1;
const MAINTENANCE: u64 = 3;

/// The announcements on the page, and the times at which a monitor was down; or why that is not
/// known. `beats` may be missing where an announcement stands on the page already.
pub(super) fn incidents(
    page: &Value,
    beats: Result<Value, String>,
) -> Result<Vec<Incident>, String> {
    if !page.get("publicGroupList").is_some_and(Value::is_array) {
        return Err(other_form("the JSON of an Uptime Kuma status page"));
    }
    let pinned = page.get("incident").filter(|it| it.is_object());
    let announced = pinned
        .into_iter()
        .chain(list(page, "incidents"))
        .map(announcement);
    let mut found: Vec<_> = announced
        .chain(list(page, "maintenanceList").filter_map(work))
        .collect();
    let beats = match beats {
        Ok(beats) => beats,
        Err(_) if !found.is_empty() => return Ok(found),
        Err(why) => return Err(why),
    };
    let mut unknown = Vec::new();
    for group in list(page, "publicGroupList") {
        for monitor in list(group, "monitorList") {
            let names = [text(monitor, "name"), text(group, "name")];
            match beats_of(monitor, &beats) {
                Some(beats) => found.extend(outages(&names, &beats)),
                None => unknown.push(title(names.into_iter().next().unwrap_or_default())),
            }
        }
    }
    if found.is_empty() && !unknown.is_empty() {
        let names = plain::line(&unknown.join(", "));
        return Err(format!(
            "the status page does not say how these are: {names}"
        ));
    }
    Ok(found)
}

/// What somebody pinned to the page.
fn announcement(it: &Value) -> Incident {
    let content = it
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Incident {
        text: plain::lines(content),
        impact: text(it, "style"),
        started: moment::at(it, "createdDate"),
        updated: moment::at(it, "lastUpdatedDate"),
        ..bare(title(text(it, "title")))
    }
}

fn work(it: &Value) -> Option<Incident> {
    let status = text(it, "status");
    let progress = match status.as_str() {
        "inactive" => return None,
        "scheduled" => Progress::Announced,
        "ended" => Progress::Over,
        _ => Progress::Open,
    };
    let slot = list(it, "timeslotList").next();
    let slot = |key| slot.and_then(|slot| moment::at(slot, key));
    let description = it.get("description").and_then(Value::as_str);
    Some(Incident {
        text: plain::lines(description.unwrap_or_default()),
        progress,
        status: status.replace('-', " "),
        impact: "maintenance".to_owned(),
        started: slot("startDate"),
        resolved: slot("endDate").filter(|_| progress == Progress::Over),
        ..bare(title(text(it, "title")))
    })
}

/// The heartbeats of a monitor, the oldest first; nothing where none says anything.
fn beats_of<'a>(monitor: &Value, beats: &'a Value) -> Option<Vec<&'a Value>> {
    let id = monitor.get("id")?.to_string();
    let of_monitor = list(beats.get("heartbeatList")?, id.trim_matches('"'));
    let beats: Vec<_> = of_monitor.filter(|beat| state(beat).is_some()).collect();
    (!beats.is_empty()).then_some(beats)
}

fn state(beat: &Value) -> Option<u64> {
    beat.get("status").and_then(Value::as_u64)
}

/// The times at which a monitor was down or in maintenance, `names` being its own and its group's.
fn outages(names: &[String], beats: &[&Value]) -> Vec<Incident> {
    let mut found: Vec<Incident> = Vec::new();
    // What the monitor was, if it was not up.
    let mut was = None;
    for (at, beat) in beats.iter().enumerate() {
        let is = state(beat).filter(|state| [DOWN, MAINTENANCE].contains(state));
        let when = moment::at(beat, "time");
        // A beat that is neither up nor down decides nothing.
        if is == was || (is.is_none() && state(beat) != Some(UP)) {
            continue;
        }
        if let Some(open) = found.last_mut().filter(|_| was.is_some()) {
            open.progress = Progress::Over;
            open.resolved = when;
        }
        if let Some(is) = is {
            // Before the first beat nothing is known.
            let started = when.filter(|_| at > 0);
            found.push(outage(
                names,
                is,
                Incident {
                    started,
                    updated: when,
                    ..bare(String::new())
                },
            ));
        }
        was = is;
    }
    found
}

fn outage(names: &[String], state: u64, times: Incident) -> Incident {
    let name = names.first().cloned().unwrap_or_default();
    let (status, impact) = match state {
        MAINTENANCE => ("maintenance", "maintenance"),
        _ => ("down", "outage"),
    };
    let named = names.iter().filter(|name| !name.is_empty());
    Incident {
        title: format!("{}: {status}", title(name)),
        components: named.cloned().collect(),
        status: status.to_owned(),
        impact: impact.to_owned(),
        ..times
    }
}
