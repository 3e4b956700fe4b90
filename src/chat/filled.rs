//! Fields of a report as a form sends them and as a draft takes them. Keeps nothing.

use serde_json::Value;

use crate::report::draft::Draft;

/// Takes what can be taken; says what cannot.
pub(super) fn take(draft: &mut Draft, filled: &[(String, String)], by: &str) -> Vec<String> {
    let Draft { report, screen, .. } = draft;
    let Err(refused) = report.fill(screen, filled, by) else {
        return Vec::new();
    };
    let is_good = |(name, _): &&(String, String)| !refused.iter().any(|(wrong, _)| wrong == name);
    let good: Vec<(String, String)> = filled.iter().filter(is_good).cloned().collect();
    // What is refused with the rest is refused alone: nothing of the rest depends on it.
    let left = report.fill(screen, &good, by).err().unwrap_or_default();
    let all = refused.into_iter().chain(left);
    all.map(|(name, why)| format!("{name}: {why}")).collect()
}

/// The fields that a form sent.
pub(super) fn fields(filled: &str) -> Result<Vec<(String, String)>, String> {
    let read: Result<Value, _> = serde_json::from_str(filled);
    let fields = read.ok().and_then(|it| it.as_object().cloned());
    let fields = fields.ok_or_else(|| "What the form sent cannot be read.".to_owned())?;
    let text = |value: Value| value.as_str().map(str::to_owned);
    Ok(fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect())
}

/// The command that fills these fields in: one that can be typed, whatever stands in them.
#[must_use]
pub fn filling(about: &str, filled: &[(String, String)]) -> String {
    let fields: serde_json::Map<String, Value> = filled
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let json = Value::Object(fields).to_string();
    // One word without what looks like an option: both stand within strings only.
    let escaped = |c: char| match c {
        '-' => "\\u002d".to_owned(),
        c if c.is_whitespace() || c == '—' || c == '\u{2d}' => {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .map(|it| format!("\\u{it:04x}"))
                .collect()
        }
        c => c.to_string(),
    };
    let word: String = json.chars().map(escaped).collect();
    format!("report {about} --filled={word}")
}
