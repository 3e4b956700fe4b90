//! The fields of one element, wherever in it they stand: of several places and names the first that
//! says something counts. What cannot be read is noted and counts as absent.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::body::numbered;
use super::lenient::{self, Said, Unfit};
use super::moment::moment;
use super::rows::Notes;
use crate::platform::Id;
use crate::sip::Transport;

/// An element with the places in which its fields may stand.
pub(super) struct Fields<'a> {
    element: &'a Map<String, Value>,
    places: Vec<&'a Map<String, Value>>,
    notes: &'a Notes,
}

impl<'a> Fields<'a> {
    /// An element whose fields stand at its top.
    pub(super) fn of(element: &'a Map<String, Value>, notes: &'a Notes) -> Fields<'a> {
        Fields {
            element,
            places: vec![element],
            notes,
        }
    }

    /// The same, looked for in these places in turn.
    pub(super) fn within(&self, places: Vec<&'a Map<String, Value>>) -> Fields<'a> {
        Fields {
            element: self.element,
            places,
            notes: self.notes,
        }
    }

    /// The object itself.
    pub(super) fn element(&self) -> &'a Map<String, Value> {
        self.element
    }

    /// Where things that cannot be read are noted.
    pub(super) fn notes(&self) -> &'a Notes {
        self.notes
    }

    /// The whole element.
    pub(super) fn raw(&self) -> Value {
        Value::Object(self.element.clone())
    }

    /// The first of these names, in the first place, that `read` makes something of.
    pub(super) fn read<T>(&self, names: &[&str], read: impl Fn(&'a Value) -> Said<T>) -> Option<T> {
        let mut unfit = None;
        for name in names {
            for value in self.places.iter().filter_map(|place| place.get(*name)) {
                match read(value) {
                    Ok(Some(said)) => return Some(said),
                    Ok(None) => {}
                    Err(Unfit) => unfit = unfit.or(Some(*name)),
                }
            }
        }
        if let Some(name) = unfit {
            self.notes.unread(name);
        }
        None
    }

    /// Whether there is such a field, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut values = self.places.iter().filter_map(|place| place.get(name));
        values.any(|value| !value.is_null())
    }

    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.read(names, lenient::text)
    }

    pub(super) fn number(&self, names: &[&str]) -> Option<f64> {
        self.read(names, lenient::number)
    }

    pub(super) fn count(&self, names: &[&str]) -> Option<u64> {
        self.read(names, lenient::count)
    }

    pub(super) fn id(&self, names: &[&str]) -> Option<Id> {
        self.read(names, lenient::id)
    }

    pub(super) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.read(names, lenient::flag)
    }

    pub(super) fn code(&self, names: &[&str]) -> Option<u16> {
        self.read(names, lenient::code)
    }

    pub(super) fn port(&self, names: &[&str]) -> Option<u16> {
        self.read(names, lenient::port)
    }

    pub(super) fn ip(&self, names: &[&str]) -> Option<IpAddr> {
        self.read(names, lenient::ip)
    }

    pub(super) fn transport(&self, names: &[&str]) -> Option<Transport> {
        self.read(names, lenient::transport)
    }

    pub(super) fn moment(&self, names: &[&str]) -> Option<Timestamp> {
        self.read(names, moment)
    }

    /// Seconds, in milliseconds.
    pub(super) fn milliseconds(&self, names: &[&str]) -> Option<i64> {
        self.read(names, lenient::milliseconds)
    }

    /// An object, or the one in a list of one.
    pub(super) fn object(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.read(&[name], |value| match value {
            Value::Object(object) => Ok(Some(object).filter(|object| !object.is_empty())),
            Value::Array(list) => match list.first() {
                None => Ok(None),
                Some(first) => first.as_object().map(Some).ok_or(Unfit),
            },
            other => blank(other),
        })
    }

    /// The elements of a list: also of one with numbered keys, and a single element by itself.
    pub(super) fn list(&self, name: &str) -> Vec<Value> {
        let read = |value: &Value| match value {
            Value::Array(list) => Ok(Some(list.clone()).filter(|list| !list.is_empty())),
            Value::Object(object) if object.is_empty() => Ok(None),
            Value::Object(object) => {
                let mut object = object.clone();
                let elements = numbered(&mut object);
                Ok(Some(
                    elements.unwrap_or_else(|| vec![Value::Object(object)]),
                ))
            }
            Value::String(text) if !text.trim().is_empty() => Ok(Some(vec![value.clone()])),
            Value::Number(_) => Ok(Some(vec![value.clone()])),
            other => blank(other),
        };
        self.read(&[name], read).unwrap_or_default()
    }

    /// A list of texts; what is no text in it is noted.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let read = |value: &Value| match lenient::text(value) {
            Ok(text) => text,
            Err(Unfit) => {
                self.notes.unread(name);
                None
            }
        };
        self.list(name).iter().filter_map(read).collect()
    }

    /// The key that ends in one of these words, shortest key first, with its value: for elements
    /// whose keys are not documented. `is_other` names keys that only look alike.
    pub(super) fn ending<T>(
        &self,
        words: &[&str],
        is_other: impl Fn(&str) -> bool,
        read: impl Fn(&Value) -> Said<T>,
    ) -> Option<T> {
        let mut keys: Vec<(usize, &String)> =
            self.element.keys().map(|it| (it.len(), it)).collect();
        keys.sort();
        let mut unfit = None;
        for word in words {
            for (_, key) in &keys {
                let name = key.to_ascii_lowercase();
                if !name.ends_with(word) || is_other(&name) {
                    continue;
                }
                match self.element.get(*key).map(&read) {
                    Some(Ok(Some(said))) => return Some(said),
                    Some(Err(Unfit)) => unfit = unfit.or(Some(*key)),
                    _ => {}
                }
            }
        }
        if let Some(key) = unfit {
            self.notes.unread(key);
        }
        None
    }
}

/// Nothing where a value says nothing.
fn blank<T>(value: &Value) -> Said<T> {
    match value {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        _ => Err(Unfit),
    }
}
