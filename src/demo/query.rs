//! The CDR query: its grammar, checked to the letter, and its answer. The real platform says less about
//! what it refuses; here every refusal names its reason.

use std::cmp::Ordering;

use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::billing::COLUMNS;

const LARGEST_LIMIT: u64 = 5000;
const USUAL_LIMIT: u64 = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    field: Vec<String>,
    #[serde(rename = "where")]
    condition: Where,
    limit: Option<u64>,
    #[serde(default)]
    order: Vec<Order>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Where {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    field: String,
    condition: Condition,
    data: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Condition {
    #[serde(rename = "=")]
    Is,
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">")]
    Above,
    #[serde(rename = "<")]
    Below,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    field: String,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Direction {
    #[serde(rename = "ASC")]
    Ascending,
    #[serde(rename = "DESC")]
    Descending,
}

/// Answers a query from these records, or says what is wrong with it.
pub(super) fn answer(body: &[u8], records: Vec<Value>) -> Result<Vec<Value>, String> {
    let query: Query = serde_json::from_slice(body).map_err(|error| format!("query: {error}"))?;
    check(&query)?;
    let mut found: Vec<Value> = records
        .into_iter()
        .filter(|record| query.condition.rules.iter().all(|rule| rule.allows(record)))
        .collect();
    for order in query.order.iter().rev() {
        let key = |record: &Value| record.get(&order.field).cloned().unwrap_or_default();
        found.sort_by(|a, b| {
            let ordering = compare(&key(a), &key(b));
            match order.direction {
                Direction::Ascending => ordering,
                Direction::Descending => ordering.reverse(),
            }
        });
    }
    let limit = usize::try_from(query.limit.unwrap_or(USUAL_LIMIT)).unwrap_or(usize::MAX);
    let narrow = |record: Value| {
        let asked = |name: &String| Some((name.clone(), record.get(name)?.clone()));
        Value::Object(query.field.iter().filter_map(asked).collect::<Map<_, _>>())
    };
    Ok(found.into_iter().take(limit).map(narrow).collect())
}

fn check(query: &Query) -> Result<(), String> {
    if query.field.is_empty() {
        return Err("field: at least one column".to_owned());
    }
    let rules = &query.condition.rules;
    let named = query.field.iter();
    let named = named.chain(rules.iter().map(|rule| &rule.field));
    let mut named = named.chain(query.order.iter().map(|order| &order.field));
    if let Some(unknown) = named.find(|name| !COLUMNS.contains(&name.as_str())) {
        return Err(format!("no column {unknown}"));
    }
    let on_time = |conditions: [Condition; 2]| {
        let is_bound = |rule: &&Rule| rule.field == "dt" && conditions.contains(&rule.condition);
        rules.iter().any(|rule| is_bound(&rule))
    };
    let (lower, upper) = (
        [Condition::AtLeast, Condition::Above],
        [Condition::AtMost, Condition::Below],
    );
    if !on_time(lower) || !on_time(upper) {
        return Err("dt: both a lower and an upper bound".to_owned());
    }
    for rule in rules {
        match (&rule.data, rule.field.as_str()) {
            (Value::String(text), "dt") if is_moment(text) => {}
            (_, "dt") => return Err("dt: YYYY-MM-DD HH:MM:SS, in UTC".to_owned()),
            (Value::String(_) | Value::Number(_), _) => {}
            _ => return Err(format!("{}: a text or a number", rule.field)),
        }
    }
    if query
        .limit
        .is_some_and(|limit| !(1..=LARGEST_LIMIT).contains(&limit))
    {
        return Err(format!("limit: 1 to {LARGEST_LIMIT}"));
    }
    Ok(())
}

/// Whether a text is a time exactly as the platform wants it.
pub(super) fn is_moment(text: &str) -> bool {
    let read = DateTime::strptime("%Y-%m-%d %H:%M:%S", text);
    read.is_ok_and(|read| read.strftime("%Y-%m-%d %H:%M:%S").to_string() == text)
}

impl Rule {
    fn allows(&self, record: &Value) -> bool {
        let Some(value) = record.get(&self.field).filter(|value| !value.is_null()) else {
            return false;
        };
        let ordering = compare(value, &self.data);
        match self.condition {
            Condition::Is => ordering == Ordering::Equal,
            Condition::AtLeast => ordering != Ordering::Less,
            Condition::AtMost => ordering != Ordering::Greater,
            Condition::Above => ordering == Ordering::Greater,
            Condition::Below => ordering == Ordering::Less,
        }
    }
}

/// Numbers by their size, also where one is a text; everything else as text.
fn compare(a: &Value, b: &Value) -> Ordering {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let number = |value: &Value| text(value).parse::<f64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => text(a).cmp(&text(b)),
    }
}
