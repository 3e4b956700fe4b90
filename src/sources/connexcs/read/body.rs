//! The body of an answer, turned into its elements: whatever wraps them, or the error that it is
//! instead. Decides by trying, not by the content type, which the platform leaves empty at times.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::redacted::redacted;
use super::unreadable::Unreadable;

/// The keys under which answers put their list.
const WRAPPERS: [&str; 3] = ["result", "data", "processed"];

/// Wrappers may stand in one another; no deeper than this.
const DEEPEST: usize = 3;

/// What shows that an object is an element itself, whatever other keys it has.
const OF_ELEMENTS: [&str; 5] = ["routing", "callid", "id", "dt", "msg"];

/// An answer that was read as JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    /// What it holds.
    pub value: Value,
    /// Whether bytes that mean nothing had to be replaced first.
    pub mended: bool,
}

/// Reads a body. An empty one and "Record Not Found" are nothing: null.
pub(super) fn parse(bytes: &[u8]) -> Result<Body, Unreadable> {
    let text = String::from_utf8_lossy(bytes);
    let mut mended = matches!(text, Cow::Owned(_));
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || is_not_found(text) {
        let value = Value::Null;
        return Ok(Body { value, mended });
    }
    if text.starts_with('<') {
        let start = redacted(text);
        return Err(Unreadable::WebPage { start });
    }
    let read = serde_json::from_str(text).or_else(|error| {
        // Half a surrogate pair is no character; a recorded message may hold one.
        let whole = with_whole_surrogates(text);
        mended = true;
        whole.map_or(Err(error), |whole| serde_json::from_str(&whole))
    });
    match read {
        Ok(value) => Ok(Body { value, mended }),
        Err(error) if error.is_eof() => Err(Unreadable::Cut { bytes: bytes.len() }),
        // serde_json has no other sign of it.
        Err(error) if error.to_string().starts_with("recursion limit") => Err(Unreadable::TooDeep),
        Err(_) => Err(Unreadable::NotJson {
            start: redacted(text),
        }),
    }
}

/// The elements of an answer: a list, bare or wrapped, or a single element.
pub(super) fn elements(value: Value) -> Result<Vec<Value>, Unreadable> {
    unwrapped(value, DEEPEST)
}

fn unwrapped(value: Value, depth: usize) -> Result<Vec<Value>, Unreadable> {
    let shape = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(elements) => return Ok(elements),
        Value::Object(object) => return of_object(object, depth),
        Value::String(text) if text.trim().is_empty() || is_not_found(&text) => {
            return Ok(Vec::new());
        }
        Value::String(text) => {
            let start = redacted(&text);
            let shape = "a text";
            return Err(Unreadable::Shape { shape, start });
        }
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
    };
    let start = String::new();
    Err(Unreadable::Shape { shape, start })
}

fn of_object(mut object: Map<String, Value>, depth: usize) -> Result<Vec<Value>, Unreadable> {
    if object.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(elements) = numbered(&mut object) {
        return Ok(elements);
    }
    if !OF_ELEMENTS.iter().any(|key| object.contains_key(*key)) {
        let is_list = |key: &&&str| object.get(**key).is_some_and(Value::is_array);
        let list = WRAPPERS.iter().find(is_list);
        if let Some(elements) = list.and_then(|key| object.remove(*key)) {
            return unwrapped(elements, 0);
        }
        if let Some(text) = refusal(&object) {
            if is_not_found(&text) {
                return Ok(Vec::new());
            }
            let text = redacted(&text);
            return Err(Unreadable::Refused { text });
        }
        let wrapper = WRAPPERS.iter().find(|key| object.contains_key(**key));
        if let Some(inner) = wrapper.and_then(|key| object.remove(*key))
            && depth > 0
        {
            return unwrapped(inner, depth - 1);
        }
    }
    Ok(vec![Value::Object(object)])
}

/// The values of an object whose keys are 0, 1, 2: a list by another name.
pub(super) fn numbered(object: &mut Map<String, Value>) -> Option<Vec<Value>> {
    let mut keys = Vec::with_capacity(object.len());
    for key in object.keys() {
        keys.push((key.parse::<u32>().ok()?, key.clone()));
    }
    keys.sort();
    Some(
        keys.iter()
            .filter_map(|(_, key)| object.remove(key))
            .collect(),
    )
}

/// What an object says that is an error and no element.
fn refusal(object: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let of_error = || text("error").filter(|error| !error.trim().is_empty());
    let inside = || {
        let inner = object.get("error")?.as_object()?;
        inner.get("message")?.as_str().map(str::to_owned)
    };
    let only_message = || {
        let is_plain = object.values().all(|value| !value.is_array());
        text("message").filter(|_| is_plain)
    };
    of_error().or_else(inside).or_else(only_message)
}

fn is_not_found(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '.', '!', ' ']);
    text.eq_ignore_ascii_case("record not found")
}

/// What the body of a failed request says for people, redacted: the platform's own error, or the
/// beginning of a text. Nothing of a web page, of which the HTTP status tells more.
#[must_use]
pub fn error_text(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() || text.starts_with('<') {
        return None;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => refusal(&object).map(|text| redacted(&text)),
        Ok(Value::String(text)) => Some(redacted(&text)).filter(|text| !text.is_empty()),
        Ok(_) => None,
        Err(_) => Some(redacted(text)),
    }
}

/// The text with U+FFFD for each `\uD800` to `\uDFFF` that has no partner; nothing where there is none.
fn with_whole_surrogates(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at)?;
        out.push_str(before);
        let unit = |at: usize| {
            let digits = escape.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let (written, length) = match (unit(0), unit(6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (escape.get(..12)?, 12),
            (Some(0xD800..=0xDFFF), _) => {
                found = true;
                ("\\ufffd", 6)
            }
            // A backslash and what it escapes, which may be another backslash.
            _ => {
                let escaped = escape.chars().nth(1).map_or(0, char::len_utf8);
                (escape.get(..1 + escaped)?, 1 + escaped)
            }
        };
        out.push_str(written);
        rest = escape.get(length..)?;
    }
    out.push_str(rest);
    found.then_some(out)
}
