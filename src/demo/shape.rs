//! Good answers made odd: other shapes of the same rows, and rows that no client should trust.

use serde_json::{Map, Value, json};

use super::behaviour::Behaviour;

/// Longer than any answer that a client should keep.
const HUGE: usize = 10 * 1024 * 1024;

/// The answer in the shape that a behaviour asks for.
pub(super) fn shaped(value: Value, behaviour: &Behaviour) -> Value {
    match behaviour {
        Behaviour::Flat => flat(value),
        Behaviour::Wrapped(key) => json!({ *key: value }),
        Behaviour::WrongShape => json!({ "unexpected": { "shape": [1, 2, 3] } }),
        Behaviour::Rows(count) => copies(&value, *count),
        Behaviour::Huge => huge(value),
        Behaviour::Json(instead) => instead.clone(),
        _ => value,
    }
}

fn flat(value: Value) -> Value {
    match value {
        Value::Array(rows) => Value::Array(rows.into_iter().map(flat_row).collect()),
        Value::Object(mut object) => match object.remove("processed") {
            Some(list) => list,
            None => Value::Array(vec![Value::Object(object)]),
        },
        other => other,
    }
}

/// A row of the log with everything at its top.
fn flat_row(row: Value) -> Value {
    let Some(routing) = row.get("routing").and_then(Value::as_object) else {
        return row;
    };
    let mut flat: Map<String, Value> = routing.clone();
    if let Some(Value::Object(params)) = flat.remove("params") {
        for (key, value) in params {
            flat.entry(key).or_insert(value);
        }
    }
    Value::Object(flat)
}

/// The fields of a row, wherever they stand.
fn fields(row: &mut Value) -> Option<&mut Map<String, Value>> {
    let is_nested = row.get("routing").is_some();
    let fields = if is_nested {
        row.get_mut("routing")
    } else {
        Some(row)
    };
    fields?.as_object_mut()
}

fn copies(value: &Value, count: usize) -> Value {
    let first = value.get(0).cloned().unwrap_or_else(|| json!({}));
    let copy = |number: usize| {
        let mut row = first.clone();
        if let Some(fields) = fields(&mut row) {
            fields.insert(
                "callid".to_owned(),
                json!(format!("copy-{number}@demo.example")),
            );
        }
        row
    };
    (0..count).map(copy).collect()
}

fn huge(value: Value) -> Value {
    let mut rows = match value {
        Value::Array(rows) if !rows.is_empty() => rows,
        _ => vec![json!({ "callid": "huge@demo.example", "id": 1 })],
    };
    let piece = "<script>alert('*_`@here')</script>\u{1b}[31m\u{202e}";
    let text = piece.repeat(HUGE / piece.len() + 1);
    if let Some(fields) = rows.first_mut().and_then(fields) {
        let known = ["sip_reason", "msg", "name", "body"];
        let key = known.iter().find(|key| fields.contains_key(**key));
        fields.insert((*key.unwrap_or(&"note")).to_owned(), Value::from(text));
    }
    Value::Array(rows)
}
