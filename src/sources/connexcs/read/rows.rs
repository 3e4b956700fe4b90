//! The elements of an answer that could be read, and a count of what could not. One bad element costs
//! no other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::body::{Body, elements, parse};
use super::fields::Fields;
use super::redacted::redacted;
use super::unreadable::Unreadable;

/// Field names told of at most.
const MOST_TOLD: usize = 5;

/// What was read out of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<T> {
    /// The elements that could be read, in the order of the answer.
    pub rows: Vec<T>,
    /// How many elements could not be read.
    pub malformed: usize,
    /// How often a field held something that it cannot mean, by the platform's name of it. The
    /// field counts as absent.
    pub unread: BTreeMap<String, usize>,
    /// Whether bytes that mean nothing had to be replaced.
    pub mended: bool,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows {
            rows: Vec::new(),
            malformed: 0,
            unread: BTreeMap::new(),
            mended: false,
        }
    }
}

impl<T> Rows<T> {
    /// Whether there was something and none of it could be read: that is no proof that there is
    /// nothing.
    #[must_use]
    pub fn are_lost(&self) -> bool {
        self.rows.is_empty() && self.malformed > 0
    }

    /// What could not be read, in one sentence; nothing where all was.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let mut parts = Vec::new();
        let all = self.rows.len().saturating_add(self.malformed);
        if self.malformed > 0 {
            parts.push(format!("{} of {all} entries", self.malformed));
        }
        let told = self.unread.iter().take(MOST_TOLD);
        parts.extend(told.map(|(name, count)| format!("`{name}` of {count}")));
        if let more @ 1.. = self.unread.len().saturating_sub(MOST_TOLD) {
            parts.push(format!("{more} further fields"));
        }
        if self.mended {
            parts.push("some bytes that are no text".to_owned());
        }
        let list = parts.join(", ");
        (!list.is_empty()).then(|| format!("could not read of the platform's answer: {list}"))
    }
}

/// Notes what could not be read, while rows are read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    malformed: RefCell<usize>,
    unread: RefCell<BTreeMap<String, usize>>,
}

impl Notes {
    /// A field that holds something that it cannot mean.
    pub(super) fn unread(&self, name: &str) {
        *self.unread.borrow_mut().entry(name.to_owned()).or_default() += 1;
    }

    /// An element, or an element within one, that is none.
    pub(super) fn malformed(&self) {
        *self.malformed.borrow_mut() += 1;
    }

    /// These rows with everything that was noted.
    pub(super) fn rows<T>(self, rows: Vec<T>, mended: bool) -> Rows<T> {
        Rows {
            rows,
            malformed: self.malformed.into_inner(),
            unread: self.unread.into_inner(),
            mended,
        }
    }
}

/// Reads a body element by element; `each` gives nothing for an object that is no such element.
pub(super) fn read<T>(
    body: &[u8],
    each: impl Fn(&Fields<'_>) -> Option<T>,
) -> Result<Rows<T>, Unreadable> {
    let Body { value, mended } = parse(body)?;
    let is_list = value.is_array();
    let notes = Notes::default();
    let elements = elements(value)?;
    let alone = elements.first().filter(|_| !is_list && elements.len() == 1);
    let start = alone.map(|alone| redacted(&alone.to_string()));
    let rows = read_each(elements, &notes, each);
    if let (Some(start), []) = (start, rows.as_slice()) {
        let shape = "an object without any field of what was asked for";
        return Err(Unreadable::Shape { shape, start });
    }
    Ok(notes.rows(rows, mended))
}

/// Reads elements one by one.
pub(super) fn read_each<T>(
    elements: Vec<Value>,
    notes: &Notes,
    each: impl Fn(&Fields<'_>) -> Option<T>,
) -> Vec<T> {
    let read = |element: Value| {
        let row = element
            .as_object()
            .and_then(|object| each(&Fields::of(object, notes)));
        if row.is_none() {
            notes.malformed();
        }
        row
    };
    elements.into_iter().filter_map(read).collect()
}
