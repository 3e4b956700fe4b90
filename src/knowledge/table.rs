//! A table of entries, and how a text finds one. What the entries are is in the files beside it.

use std::cmp::Reverse;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::words::{Fit, Words};

/// One section of a file.
pub(super) trait Entry: DeserializeOwned {
    /// How its sections are headed.
    const SECTION: &'static str;

    /// What it is about: an entry replaces an earlier one that is about the same.
    fn about(&self) -> String;

    /// The texts that it is found by.
    fn texts(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What is wrong with it besides its shape, as a key and a sentence without a full stop.
    fn flaw(&self) -> Option<(&'static str, String)> {
        None
    }
}

/// How a text was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matched {
    /// It is the same but for case, punctuation and blanks.
    Exact,
    /// It is the same but for slips in spelling.
    Spelling,
    /// It begins with the entry's text and goes on.
    Beginning,
    /// The entry's text stands somewhere in it.
    Within,
}

/// An entry that a text was recognised as.
#[derive(Debug, PartialEq, Serialize)]
pub struct Match<'k, T> {
    /// The entry.
    pub entry: &'k T,
    /// How.
    pub matched: Matched,
}

// A derive would ask that the entry itself can be copied.
impl<T> Clone for Match<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Match<'_, T> {}

/// Entries in the order of the files.
#[derive(Debug, Clone)]
pub(super) struct Table<T>(Vec<Row<T>>);

#[derive(Debug, Clone)]
struct Row<T> {
    entry: T,
    about: String,
    texts: Vec<Words>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table(Vec::new())
    }
}

impl<T: Entry> Table<T> {
    /// Adds an entry. It takes the place of one about the same.
    pub fn add(&mut self, entry: T) {
        let row = Row {
            about: entry.about(),
            texts: entry.texts().into_iter().map(Words::of).collect(),
            entry,
        };
        match self.0.iter_mut().find(|known| known.about == row.about) {
            Some(known) => *known = row,
            None => self.0.push(row),
        }
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|row| &row.entry)
    }

    /// The entry that fits the beginning of a phrase best.
    pub fn beginning(&self, phrase: &Words) -> Option<Match<'_, T>> {
        let fit = |texts: &Words| texts.begin(phrase);
        self.best(fit, Matched::Beginning, |_, _| true)
    }

    /// The entry that stands in a phrase and may; the longest of several.
    pub fn within(
        &self,
        phrase: &Words,
        may: impl Fn(&T, Matched) -> bool,
    ) -> Option<Match<'_, T>> {
        self.best(|texts| texts.within(phrase), Matched::Within, may)
    }

    /// The longest fit, then the one with the fewest slips, then the latest.
    fn best(
        &self,
        fit: impl Fn(&Words) -> Option<Fit>,
        partly: Matched,
        may: impl Fn(&T, Matched) -> bool,
    ) -> Option<Match<'_, T>> {
        let matched = |fit: &Fit| match (fit.is_whole, fit.slips) {
            (true, 0) => Matched::Exact,
            (true, _) => Matched::Spelling,
            (false, _) => partly,
        };
        let fits = self.0.iter().flat_map(|row| {
            let fits = row.texts.iter().filter_map(&fit);
            fits.map(move |fit| (fit, &row.entry))
        });
        let (fit, entry) = fits
            .filter(|(fit, entry)| may(entry, matched(fit)))
            .max_by_key(|(fit, _)| (fit.letters, Reverse(fit.slips)))?;
        let matched = matched(&fit);
        Some(Match { entry, matched })
    }
}
