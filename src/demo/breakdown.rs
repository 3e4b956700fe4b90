//! Sums over the call detail records, grouped as the panel's grid asks for them in its query string.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::asked::Asked;
use super::query::is_moment;
use super::traffic::Stretch;
use super::world::World;

/// What may be grouped by.
const GROUPS: [&str; 5] = [
    "customer_id",
    "provider_id",
    "customer_card_dest_name",
    "provider_card_dest_name",
    "dt",
];

/// What is summed up.
const SUMMED: [&str; 3] = ["duration", "customer_charge", "provider_charge"];

/// Answers the query of a grid from the records there, or says what is wrong with it.
pub(super) fn answer(asked: &Asked, world: &World) -> Result<Vec<Value>, String> {
    let groups: Vec<&str> = (0..GROUPS.len())
        .map_while(|at| asked.get(&format!("_rowGroupCols[{at}][field]")))
        .collect();
    if groups.is_empty() {
        return Err("_rowGroupCols: at least one".to_owned());
    }
    if let Some(unknown) = groups.iter().find(|name| !GROUPS.contains(name)) {
        return Err(format!("_rowGroupCols: no column {unknown}"));
    }
    let bound = |key: &str| {
        let value = asked.get(&format!("_filterModel[dt][{key}]"));
        let value = value.filter(|value| is_moment(value));
        value.ok_or_else(|| format!("_filterModel[dt][{key}]: YYYY-MM-DD HH:MM:SS, in UTC"))
    };
    if asked.get("_filterModel[dt][type]") != Some("inRange") {
        return Err("_filterModel[dt][type]: inRange".to_owned());
    }
    let (from, to) = (bound("filter")?, bound("filterTo")?);
    let columns: Vec<&str> = GROUPS.into_iter().chain(SUMMED).collect();
    let stretch = Stretch {
        from,
        to,
        call_id: None,
        least: 0,
    };
    let records = world.cdrs(stretch, &columns);
    let is_asked = |record: &&Value| {
        let at = record.get("dt").and_then(Value::as_str).unwrap_or_default();
        let of_group = GROUPS.iter().filter(|name| **name != "dt").all(|name| {
            let wanted = asked.get(&format!("_filterModel[{name}][filter]"));
            wanted.is_none_or(|wanted| record.get(*name).map(plain).as_deref() == Some(wanted))
        });
        (from..=to).contains(&at) && of_group
    };
    let mut sums: BTreeMap<Vec<String>, (Map<String, Value>, Sum)> = BTreeMap::new();
    for record in records.iter().filter(is_asked) {
        let value = |name: &&str| record.get(*name).cloned().unwrap_or_default();
        let key: Vec<String> = groups.iter().map(|name| plain(&value(name))).collect();
        let named = || {
            groups
                .iter()
                .map(|name| ((*name).to_owned(), value(name)))
                .collect()
        };
        let (_, sum) = sums.entry(key).or_insert_with(|| (named(), Sum::default()));
        sum.add(record);
    }
    let row = |(mut row, sum): (Map<String, Value>, Sum)| {
        row.extend(sum.columns());
        Value::Object(row)
    };
    Ok(sums.into_values().map(row).collect())
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Default)]
struct Sum {
    attempts: u32,
    connected: u32,
    duration: f64,
    charge: f64,
    cost: f64,
}

impl Sum {
    fn add(&mut self, record: &Value) {
        let number = |name: &str| {
            let value = record.get(name).map(plain).unwrap_or_default();
            value.parse::<f64>().unwrap_or_default()
        };
        let duration = number("duration");
        self.attempts = self.attempts.saturating_add(1);
        self.connected = self.connected.saturating_add(u32::from(duration > 0.0));
        self.duration += duration;
        self.charge += number("customer_charge");
        self.cost += number("provider_charge");
    }

    fn columns(self) -> Map<String, Value> {
        let (attempts, connected) = (f64::from(self.attempts), f64::from(self.connected));
        let acd = if connected > 0.0 {
            self.duration / connected
        } else {
            0.0
        };
        let columns = json!({
            "attempts": self.attempts, "connected": self.connected, "duration": self.duration,
            "acd": acd, "asr": 100.0 * connected / attempts.max(1.0), "dtmf": 0,
            "customer_charge": { "USD": self.charge }, "provider_charge": { "USD": self.cost },
        });
        columns.as_object().cloned().unwrap_or_default()
    }
}
