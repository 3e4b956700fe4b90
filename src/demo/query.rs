//! The CDR query: its grammar, checked to the letter, and its answer. The real platform says less about
//! what it refuses; here every refusal names its reason.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::billing::COLUMNS;
use super::traffic::Stretch;
use super::world::World;

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

/// Answers a query from the records there, or says what is wrong with it.
pub(super) fn answer(body: &[u8], world: &World) -> Result<Vec<Value>, String> {
    let query: Query = serde_json::from_slice(body).map_err(|error| format!("query: {error}"))?;
    check(&query)?;
    let rules = &query.condition.rules;
    let named = query.field.iter().chain(rules.iter().map(|it| &it.field));
    let named = named.chain(query.order.iter().map(|it| &it.field));
    let columns: BTreeSet<&str> = named.map(String::as_str).collect();
    let columns: Vec<&str> = columns.into_iter().collect();
    let records = world.cdrs(query.stretch(), &columns);
    let mut found: Vec<Value> = records
        .into_iter()
        .filter(|record| query.condition.rules.iter().all(|rule| rule.allows(record)))
        .collect();
    for order in query.order.iter().rev() {
        found.sort_by(|a, b| {
            let (a, b) = (a.get(&order.field), b.get(&order.field));
            let ordering = compare(a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
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

impl Query {
    /// The stretch of time that it is about, and the call, where it is about one.
    fn stretch(&self) -> Stretch<'_> {
        let of = |field: &str, conditions: &[Condition]| {
            let mut rules = self.condition.rules.iter();
            let rule = rules.find(|it| it.field == field && conditions.contains(&it.condition));
            rule.map(|it| &it.data)
        };
        let (lower, upper) = (
            of("dt", &[Condition::AtLeast, Condition::Above]),
            of("dt", &[Condition::AtMost, Condition::Below]),
        );
        let least = of("duration", &[Condition::AtLeast]);
        Stretch {
            from: lower.and_then(Value::as_str).unwrap_or_default(),
            to: upper.and_then(Value::as_str).unwrap_or_default(),
            call_id: of("callid", &[Condition::Is]).and_then(Value::as_str),
            least: least.and_then(Value::as_u64).unwrap_or_default(),
        }
    }
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
    fn text(value: &Value) -> Cow<'_, str> {
        match value {
            Value::String(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        }
    }
    let (a, b) = (text(a), text(b));
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.total_cmp(&other),
        _ => a.cmp(&b),
    }
}
