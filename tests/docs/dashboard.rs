//! The dashboard for Grafana, made from the families of numbers: a panel each, drawn as its kind is read.

use std::path::Path;

use calltriage::metrics::{FAMILIES, Family, Kind};
use serde_json::{Value, json};

/// Panels stand in rows by what their names begin with; whatever fits no other row stands in the first.
const ROWS: [(&str, &[&str]); 5] = [
    ("Questions and answers", &[]),
    (
        "Diagnosis",
        &["investigation_", "step", "findings_", "source_"],
    ),
    ("Connections to chats", &["socket", "api_"]),
    ("Incidents and hooks", &["incident", "hooks_"]),
    (
        "The program itself",
        &[
            "task_",
            "request_panics",
            "reloads_",
            "settings_",
            "http_connections",
        ],
    ),
];

/// In which row a family stands.
fn row(family: &Family) -> usize {
    let name = family.name.trim_start_matches("calltriage_");
    let begins = |row: &(&str, &[&str])| row.1.iter().any(|it| name.starts_with(it));
    ROWS.iter().position(begins).unwrap_or(0)
}

/// What is asked of Prometheus, and how its lines are called.
fn question(family: &Family) -> (String, String) {
    let name = family.name;
    let by = family.labels.join(", ");
    let legend: Vec<String> = family
        .labels
        .iter()
        .map(|it| format!("{{{{{it}}}}}"))
        .collect();
    let legend = legend.join(" ");
    match family.kind {
        Kind::Counter => (
            format!("sum by ({by}) (rate({name}[$__rate_interval]))"),
            legend,
        ),
        Kind::Gauge if name.ends_with("_timestamp_seconds") => {
            (format!("time() - max by ({by}) ({name})"), legend)
        }
        Kind::Gauge => (format!("sum by ({by}) ({name})"), legend),
        Kind::Histogram(_) => {
            let by = [&["le"], family.labels].concat().join(", ");
            let rate = format!("sum by ({by}) (rate({name}_bucket[$__rate_interval]))");
            (format!("histogram_quantile(0.95, {rate})"), legend)
        }
    }
}

/// The unit, as Grafana calls it.
fn unit(family: &Family) -> &'static str {
    match family.kind {
        Kind::Histogram(_) => "s",
        Kind::Gauge if family.name.ends_with("_seconds") => "s",
        Kind::Gauge => "short",
        Kind::Counter if family.name.contains("_seconds_") => "percentunit",
        Kind::Counter => "cps",
    }
}

fn panel(id: usize, nth: usize, top: usize, family: &Family) -> Value {
    let (expr, legend) = question(family);
    let title = family.name.trim_start_matches("calltriage_");
    json!({
        "id": id,
        "type": "timeseries",
        "title": title,
        "description": family.help,
        "datasource": { "type": "prometheus", "uid": "${datasource}" },
        "fieldConfig": { "defaults": { "unit": unit(family), "min": 0 }, "overrides": [] },
        "gridPos": { "h": 7, "w": 8, "x": nth % 3 * 8, "y": top + nth / 3 * 7 },
        "targets": [{ "refId": "A", "expr": expr, "legendFormat": legend }],
    })
}

fn dashboard() -> Value {
    let (mut panels, mut top, mut id) = (Vec::new(), 0, 0);
    for (at, (title, _)) in ROWS.iter().enumerate() {
        id += 1;
        panels.push(json!({
            "id": id, "type": "row", "title": title, "collapsed": false, "panels": [],
            "gridPos": { "h": 1, "w": 24, "x": 0, "y": top },
        }));
        top += 1;
        let families: Vec<&&Family> = FAMILIES.iter().filter(|it| row(it) == at).collect();
        for (nth, family) in families.iter().enumerate() {
            id += 1;
            panels.push(panel(id, nth, top, family));
        }
        top += families.len().div_ceil(3) * 7;
    }
    let datasource = json!({ "name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus" });
    json!({
        "uid": "calltriage",
        "title": "calltriage",
        "tags": ["calltriage"],
        "schemaVersion": 39,
        "version": 1,
        "editable": true,
        "refresh": "30s",
        "time": { "from": "now-6h", "to": "now" },
        "timezone": "browser",
        "templating": { "list": [datasource] },
        "panels": panels,
    })
}

#[test]
fn the_dashboard_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/grafana.json");
    let expected = format!("{}\n", serde_json::to_string_pretty(&dashboard()).unwrap());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "packaging/grafana.json is stale: run `UPDATE_DOCS=1 cargo test docs::`"
    );
    for family in FAMILIES {
        assert!(found.contains(family.name), "{}", family.name);
    }
}
