//! Numbers for whoever watches the program: counters, gauges and histograms under documented names, written as
//! Prometheus reads them. Knows nothing of what is counted, and keeps no text that came from outside.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a family of numbers is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// Times in seconds, counted up to each of these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// As Prometheus calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        }
    }
}

/// Numbers of one kind, told apart by labels.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// Its name, with the unit at its end where it has one.
    pub name: &'static str,
    /// What it tells, in one sentence.
    pub help: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The labels that each number of it has, in order. Their values are words of ours, never what people wrote.
    pub labels: &'static [&'static str],
}

/// Up to so many seconds an acknowledgement is counted: the chat gives up after three.
const ACK_BOUNDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0];

/// Up to so many seconds work is counted that asks other programs.
const WORK_BOUNDS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Requests taken.
pub static REQUESTS: Family = Family {
    name: "calltriage_requests_total",
    help: "What came in from a chat and was acknowledged, by kind: command, event, interaction.",
    kind: Kind::Counter,
    labels: &["chat", "kind"],
};

/// How long acknowledging took.
pub static ACKS: Family = Family {
    name: "calltriage_ack_seconds",
    help: "From reading what came in until it was safe and could be acknowledged.",
    kind: Kind::Histogram(ACK_BOUNDS),
    labels: &["chat"],
};

/// What could not be read.
pub static UNREADABLE: Family = Family {
    name: "calltriage_unreadable_total",
    help: "What came in from a chat and could not be read, by kind. Each one is a question that got an apology.",
    kind: Kind::Counter,
    labels: &["chat", "kind"],
};

/// What could not be kept.
pub static NOT_KEPT: Family = Family {
    name: "calltriage_not_kept_total",
    help: "What came in from a chat and the store did not take: answered without being remembered, or not acknowledged.",
    kind: Kind::Counter,
    labels: &["chat"],
};

/// What was refused at the door.
pub static REFUSED: Family = Family {
    name: "calltriage_http_refused_total",
    help: "HTTP requests refused as not proved to be the chat's, by reason: forged, stale, truncated, malformed, replayed.",
    kind: Kind::Counter,
    labels: &["chat", "why"],
};

/// Jobs in work.
pub static JOBS: Family = Family {
    name: "calltriage_jobs_open",
    help: "Requests that were taken and are not answered yet.",
    kind: Kind::Gauge,
    labels: &["chat"],
};

/// How jobs ended.
pub static JOBS_DONE: Family = Family {
    name: "calltriage_jobs_total",
    help: "Requests that came to an end, by outcome: answered, denied, failed.",
    kind: Kind::Counter,
    labels: &["chat", "outcome"],
};

/// Calls of a chat's API.
pub static CALLS: Family = Family {
    name: "calltriage_api_calls_total",
    help: "Calls of a chat's API by method and outcome (ok, refused, unreachable, limited). Posts are \
           chat.postMessage, edits chat.update.",
    kind: Kind::Counter,
    labels: &["chat", "method", "outcome"],
};

/// Calls that were made again.
pub static RETRIES: Family = Family {
    name: "calltriage_api_retries_total",
    help: "Calls of a chat's API that were made again, by method and by what the try before came to \
           (unreachable, limited).",
    kind: Kind::Counter,
    labels: &["chat", "method", "outcome"],
};

/// Waiting for rate limits.
pub static LIMIT_WAITS: Family = Family {
    name: "calltriage_api_limit_wait_seconds_total",
    help: "Seconds waited because a chat's API answered 429 with Retry-After, by method.",
    kind: Kind::Counter,
    labels: &["chat", "method"],
};

/// Connections that stand.
pub static SOCKETS: Family = Family {
    name: "calltriage_sockets_open",
    help: "Connections over which a chat sends, that stand now.",
    kind: Kind::Gauge,
    labels: &["chat"],
};

/// Since when a connection stands.
pub static SOCKET_SINCE: Family = Family {
    name: "calltriage_socket_opened_timestamp_seconds",
    help: "When the newest connection was opened, as Unix time; its age is time() minus this.",
    kind: Kind::Gauge,
    labels: &["chat"],
};

/// Connections that were made.
pub static SOCKETS_BUILT: Family = Family {
    name: "calltriage_sockets_built_total",
    help: "Connections over which a chat sends, that were opened; those beyond the first ones were rebuilt.",
    kind: Kind::Counter,
    labels: &["chat"],
};

/// Connections that did not come to stand.
pub static SOCKETS_FAILED: Family = Family {
    name: "calltriage_sockets_failed_total",
    help: "Tries to open a connection over which a chat sends, that failed.",
    kind: Kind::Counter,
    labels: &["chat"],
};

/// Incidents that go on.
pub static INCIDENTS_OPEN: Family = Family {
    name: "calltriage_incidents_open",
    help: "Incidents that are not over.",
    kind: Kind::Gauge,
    labels: &[],
};

/// What incidents said.
pub static INCIDENT_MESSAGES: Family = Family {
    name: "calltriage_incident_messages_total",
    help: "What was told of incidents, by chat, kind (post, edit, say, tell) and outcome (ok, passing, final).",
    kind: Kind::Counter,
    labels: &["chat", "what", "outcome"],
};

/// Calls that watches saw.
pub static INCIDENT_CALLS: Family = Family {
    name: "calltriage_incident_calls_total",
    help: "Call records that the watches read, those that were read again among them.",
    kind: Kind::Counter,
    labels: &[],
};

/// Alerts of other programs.
pub static INCIDENT_ALERTS: Family = Family {
    name: "calltriage_incident_alerts_total",
    help: "Alerts of other programs that were taken in.",
    kind: Kind::Counter,
    labels: &[],
};

/// Requests that watches did without.
pub static INCIDENT_SPARED: Family = Family {
    name: "calltriage_incident_spared_total",
    help: "Looks and diagnoses that were left out because their requests of the hour were used up.",
    kind: Kind::Counter,
    labels: &["what"],
};

/// Calls of the pager.
pub static INCIDENT_PAGES: Family = Family {
    name: "calltriage_incident_pages_total",
    help: "Calls of the pager for a total outage that nobody acknowledged, by outcome: called, failed.",
    kind: Kind::Counter,
    labels: &["outcome"],
};

/// Requests of other programs.
pub static HOOKS: Family = Family {
    name: "calltriage_hooks_total",
    help: "Requests of other programs by hook and outcome: taken, forged, too_large, too_often, unreadable, not_kept.",
    kind: Kind::Counter,
    labels: &["hook", "outcome"],
};

/// Long tasks that were begun again.
pub static TASK_RESTARTS: Family = Family {
    name: "calltriage_task_restarts_total",
    help: "Long tasks of the program that were begun again, by task and by how they were over: panicked, failed, ended.",
    kind: Kind::Counter,
    labels: &["task", "how"],
};

/// Requests that a defect ended.
pub static PANICS: Family = Family {
    name: "calltriage_request_panics_total",
    help: "Requests that a defect of the program ended. Each one is worth a report.",
    kind: Kind::Counter,
    labels: &["chat"],
};

/// Reloads.
pub static RELOADS: Family = Family {
    name: "calltriage_reloads_total",
    help: "Changes of the settings while it ran, by outcome: taken, refused (as a whole, and the old ones stay).",
    kind: Kind::Counter,
    labels: &["outcome"],
};

/// When settings were taken last.
pub static SETTINGS_SINCE: Family = Family {
    name: "calltriage_settings_taken_timestamp_seconds",
    help: "When the settings that are in use were read, as Unix time.",
    kind: Kind::Gauge,
    labels: &[],
};

/// Connections of HTTP.
pub static HTTP_CONNECTIONS: Family = Family {
    name: "calltriage_http_connections_open",
    help: "Connections to the HTTP listeners that stand now.",
    kind: Kind::Gauge,
    labels: &[],
};

/// How long investigations took.
pub static INVESTIGATIONS: Family = Family {
    name: "calltriage_investigation_seconds",
    help: "How long the sources were asked and calls judged for one question that somebody asked.",
    kind: Kind::Histogram(WORK_BOUNDS),
    labels: &[],
};

/// Steps of the flow.
pub static STEPS: Family = Family {
    name: "calltriage_steps_total",
    help: "Steps of the troubleshooting flow by step and outcome: cause found, clean, nothing found, not checked.",
    kind: Kind::Counter,
    labels: &["step", "outcome"],
};

/// How long steps took.
pub static STEP_SECONDS: Family = Family {
    name: "calltriage_step_seconds",
    help: "How long a step of the troubleshooting flow took.",
    kind: Kind::Histogram(WORK_BOUNDS),
    labels: &["step"],
};

/// What was found.
pub static FINDINGS: Family = Family {
    name: "calltriage_findings_total",
    help: "What rules found in calls that were diagnosed, by rule and by the party that owns the cause.",
    kind: Kind::Counter,
    labels: &["rule", "party"],
};

/// Look-ups at platforms.
pub static LOOK_UPS: Family = Family {
    name: "calltriage_source_lookups_total",
    help: "Look-ups at a platform's API or status page, by source and outcome: ok, or what failed (credential, permission, rate, queue, platform, request).",
    kind: Kind::Counter,
    labels: &["source", "outcome"],
};

/// How long look-ups took.
pub static LOOK_UP_SECONDS: Family = Family {
    name: "calltriage_source_lookup_seconds",
    help: "How long one look-up took, its waits and further tries included.",
    kind: Kind::Histogram(WORK_BOUNDS),
    labels: &["source"],
};

/// Sources that fail.
pub static SOURCE_FAILING: Family = Family {
    name: "calltriage_source_failing",
    help: "1 while a source could not be reached, refused us or failed at the last look-up, else 0.",
    kind: Kind::Gauge,
    labels: &["source"],
};

/// All of them, as they are written.
pub static FAMILIES: [&Family; 33] = [
    &REQUESTS,
    &ACKS,
    &UNREADABLE,
    &NOT_KEPT,
    &REFUSED,
    &JOBS,
    &JOBS_DONE,
    &CALLS,
    &RETRIES,
    &LIMIT_WAITS,
    &SOCKETS,
    &SOCKET_SINCE,
    &SOCKETS_BUILT,
    &SOCKETS_FAILED,
    &INCIDENTS_OPEN,
    &INCIDENT_MESSAGES,
    &INCIDENT_CALLS,
    &INCIDENT_ALERTS,
    &INCIDENT_SPARED,
    &INCIDENT_PAGES,
    &HOOKS,
    &TASK_RESTARTS,
    &PANICS,
    &RELOADS,
    &SETTINGS_SINCE,
    &HTTP_CONNECTIONS,
    &INVESTIGATIONS,
    &STEPS,
    &STEP_SECONDS,
    &FINDINGS,
    &LOOK_UPS,
    &LOOK_UP_SECONDS,
    &SOURCE_FAILING,
];

/// The numbers of one run. Cheap to clone; clones are the same numbers.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    numbers: Arc<Mutex<Numbers>>,
}

/// By family, then by the values of its labels.
type Numbers = BTreeMap<&'static str, BTreeMap<Vec<String>, Number>>;

#[derive(Debug, Default)]
struct Number {
    /// The value; of a histogram the sum.
    value: f64,
    /// Of a histogram how many there are in each of its bounds, and beyond the last.
    counts: Vec<u64>,
}

impl Metrics {
    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, family: &Family, labels: &[&str], change: impl FnOnce(&mut Number)) {
        let labels = labels.iter().map(|it| (*it).to_owned()).collect();
        let mut numbers = self.numbers();
        change(
            numbers
                .entry(family.name)
                .or_default()
                .entry(labels)
                .or_default(),
        );
    }

    /// Adds to a counter or gauge.
    pub fn add(&self, family: &Family, labels: &[&str], by: f64) {
        self.change(family, labels, |number| number.value += by);
    }

    /// Counts one.
    pub fn count(&self, family: &Family, labels: &[&str]) {
        self.add(family, labels, 1.0);
    }

    /// Sets a gauge.
    pub fn set(&self, family: &Family, labels: &[&str], value: f64) {
        self.change(family, labels, |number| number.value = value);
    }

    /// Counts a time in a histogram.
    pub fn observe(&self, family: &Family, labels: &[&str], took: Duration) {
        let Kind::Histogram(bounds) = family.kind else {
            return;
        };
        let seconds = took.as_secs_f64();
        let at = bounds.iter().position(|bound| seconds <= *bound);
        self.change(family, labels, |number| {
            number.counts.resize(bounds.len() + 1, 0);
            number.value += seconds;
            if let Some(count) = number.counts.get_mut(at.unwrap_or(bounds.len())) {
                *count += 1;
            }
        });
    }

    /// All numbers, as Prometheus reads them. A family without numbers stands there with its words alone.
    #[must_use]
    pub fn text(&self) -> String {
        let numbers = self.numbers();
        let mut text = String::new();
        for family in FAMILIES {
            let (name, kind) = (family.name, family.kind.name());
            // Writing into a text does not fail.
            let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", family.help);
            for (values, number) in numbers.get(name).into_iter().flatten() {
                match family.kind {
                    Kind::Histogram(bounds) => histogram(&mut text, family, bounds, values, number),
                    _ => line(&mut text, name, &labels(family, values, None), number.value),
                }
            }
        }
        text
    }
}

fn histogram(text: &mut String, family: &Family, bounds: &[f64], values: &[String], it: &Number) {
    let name = family.name;
    let mut below = 0;
    for (at, count) in it.counts.iter().enumerate() {
        below += count;
        let bound = bounds.get(at).map_or("+Inf".to_owned(), f64::to_string);
        let labels = labels(family, values, Some(&bound));
        let _ = writeln!(text, "{name}_bucket{labels} {below}");
    }
    let labels = labels(family, values, None);
    line(text, &format!("{name}_sum"), &labels, it.value);
    let _ = writeln!(text, "{name}_count{labels} {below}");
}

fn line(text: &mut String, name: &str, labels: &str, value: f64) {
    let _ = writeln!(text, "{name}{labels} {value}");
}

/// The labels of a number in braces.
fn labels(family: &Family, values: &[String], bound: Option<&str>) -> String {
    let named = family.labels.iter().copied();
    let pairs = named.zip(values.iter().map(String::as_str));
    let all = pairs.chain(bound.map(|bound| ("le", bound)));
    let written: Vec<String> = all
        .map(|(name, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    format!("{{{}}}", written.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.count(&REQUESTS, &["slack", "command"]);
        metrics.count(&REQUESTS, &["slack", "command"]);
        metrics.add(&JOBS, &["slack"], 2.0);
        metrics.add(&JOBS, &["slack"], -1.0);
        metrics.set(&SOCKET_SINCE, &["slack"], 1_771_233_000.5);
        metrics.observe(&ACKS, &["slack"], Duration::from_millis(7));
        metrics.observe(&ACKS, &["slack"], Duration::from_millis(250));
        metrics.observe(&ACKS, &["slack"], Duration::from_secs(9));
        metrics.count(&CALLS, &["slack", "a\\b\"c\nd", "ok"]);
        let text = metrics.text();
        let numbers: Vec<&str> = text.lines().filter(|it| !it.starts_with('#')).collect();
        insta::assert_snapshot!(numbers.join("\n"), @r#"
        calltriage_requests_total{chat="slack",kind="command"} 2
        calltriage_ack_seconds_bucket{chat="slack",le="0.005"} 0
        calltriage_ack_seconds_bucket{chat="slack",le="0.01"} 1
        calltriage_ack_seconds_bucket{chat="slack",le="0.025"} 1
        calltriage_ack_seconds_bucket{chat="slack",le="0.05"} 1
        calltriage_ack_seconds_bucket{chat="slack",le="0.1"} 1
        calltriage_ack_seconds_bucket{chat="slack",le="0.25"} 2
        calltriage_ack_seconds_bucket{chat="slack",le="0.5"} 2
        calltriage_ack_seconds_bucket{chat="slack",le="1"} 2
        calltriage_ack_seconds_bucket{chat="slack",le="3"} 2
        calltriage_ack_seconds_bucket{chat="slack",le="+Inf"} 3
        calltriage_ack_seconds_sum{chat="slack"} 9.257
        calltriage_ack_seconds_count{chat="slack"} 3
        calltriage_jobs_open{chat="slack"} 1
        calltriage_api_calls_total{chat="slack",method="a\\b\"c\nd",outcome="ok"} 1
        calltriage_socket_opened_timestamp_seconds{chat="slack"} 1771233000.5
        "#);
    }

    #[test]
    fn names_say_their_kind_and_unit() {
        for family in FAMILIES {
            let is_total = family.name.ends_with("_total");
            assert_eq!(is_total, family.kind == Kind::Counter, "{}", family.name);
            assert!(family.name.starts_with("calltriage_"), "{}", family.name);
            assert!(
                family.help.ends_with('.') && !family.help.contains('\n'),
                "{}",
                family.name
            );
        }
    }
}
