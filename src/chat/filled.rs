//! Fields of a report as a form sends them and as a draft takes them. Keeps nothing.

use serde_json::Value;

use super::Desk;
use super::recipients::is_for;
use crate::config::{Contact, ContactKind};
use crate::peers::PeerKind;
use crate::report::Screen;
use crate::report::draft::Draft;

impl Desk {
    /// Takes into a draft what can be taken; says what cannot.
    pub(super) fn take(
        &self,
        draft: &mut Draft,
        filled: &[(String, String)],
        by: &str,
    ) -> Result<Vec<String>, String> {
        let screen = &self.screen_of(draft)?;
        let report = &mut draft.report;
        let Err(refused) = report.fill(screen, filled, by) else {
            return Ok(Vec::new());
        };
        let is_good =
            |(name, _): &&(String, String)| !refused.iter().any(|(wrong, _)| wrong == name);
        let good: Vec<(String, String)> = filled.iter().filter(is_good).cloned().collect();
        // What is refused with the rest is refused alone: nothing of the rest depends on it.
        let left = report.fill(screen, &good, by).err().unwrap_or_default();
        let all = refused.into_iter().chain(left);
        Ok(all.map(|(name, why)| format!("{name}: {why}")).collect())
    }

    /// What a person types into a draft has to pass: what only others of its calls know, and the names of all others
    /// whom the configuration knows by now.
    fn screen_of(&self, draft: &Draft) -> Result<Screen, String> {
        let contact = draft.contact.as_deref();
        let contacts = self.reporting()?.contacts.iter();
        let (own, others): (Vec<&Contact>, Vec<&Contact>) = contacts
            .filter(|it| it.kind != ContactKind::Platform)
            .partition(|it| Some(it.name.as_str()) == contact || is_for(it, &draft.report));
        fn called(contact: &Contact) -> impl Iterator<Item = &str> {
            std::iter::once(contact.name.as_str()).chain(contact.peer.as_deref())
        }
        let own: Vec<&str> = own
            .into_iter()
            .flat_map(called)
            .chain([draft.report.to.as_str()])
            .collect();
        let peers = self.investigator().peers().iter();
        let peers = peers.filter(|it| it.kind != PeerKind::Platform);
        let names = others
            .into_iter()
            .flat_map(called)
            .chain(peers.map(|it| it.name.as_str()))
            .chain(draft.report.involved.iter().map(String::as_str));
        Ok(draft.screen.clone().refusing(&own, names))
    }
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
