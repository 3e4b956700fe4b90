//! A file of entries, read section by section, with everything that is wrong with it. Opens no file; knows no section
//! by name.

use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::table::{Entry, Table};

/// A longer text is no sentence.
const LONGEST: usize = 1000;

/// One thing that is wrong with a file of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, where the file is not TOML at all.
    pub column: Option<usize>,
    /// The key's path, as in `reasons[2].parties`; empty where the file is not TOML.
    pub key: String,
    /// What is wrong, without a full stop.
    pub said: String,
}

/// A file being read.
pub(super) struct File<'t> {
    text: &'t str,
    sections: DeTable<'t>,
    known: Vec<&'static str>,
    flaws: Vec<Flaw>,
}

impl<'t> File<'t> {
    /// Opens a text. What a broken file seems to say is not worth complaining about.
    pub fn open(text: &'t str) -> Result<File<'t>, Vec<Flaw>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let flaws: Vec<Flaw> = errors
            .iter()
            .map(|error| {
                let at = error.span().map_or(0, |span| span.start);
                Flaw {
                    line: line(text, at),
                    column: Some(column(text, at)),
                    key: String::new(),
                    said: format!("not valid TOML: {}", error.message()),
                }
            })
            .collect();
        if !flaws.is_empty() {
            return Err(flaws);
        }
        Ok(File {
            text,
            sections: document.into_inner(),
            known: Vec::new(),
            flaws,
        })
    }

    /// Adds the entries of one kind that can be read to their table; the flaws of the others are noted.
    pub fn entries_into<T: Entry>(&mut self, table: &mut Table<T>) {
        for entry in self.entries() {
            table.add(entry);
        }
    }

    fn entries<T: Entry>(&mut self) -> Vec<T> {
        self.known.push(T::SECTION);
        let Some(value) = self.sections.get(T::SECTION).cloned() else {
            return Vec::new();
        };
        let at = value.span().start;
        let DeValue::Array(list) = value.into_inner() else {
            self.note(at, T::SECTION, format!("not sections [[{}]]", T::SECTION));
            return Vec::new();
        };
        let mut read: Vec<T> = Vec::new();
        for (n, item) in list.into_iter().enumerate() {
            let (path, at) = (format!("{}[{n}]", T::SECTION), item.span().start);
            let Some(entry) = self.entry::<T>(&path, item) else {
                continue;
            };
            if read.iter().any(|other| other.about() == entry.about()) {
                self.note(at, &path, "stands twice in this file".to_owned());
            }
            read.push(entry);
        }
        read
    }

    fn entry<T: Entry>(&mut self, path: &str, item: Spanned<DeValue<'t>>) -> Option<T> {
        let before = self.flaws.len();
        self.texts(path, &item);
        if self.flaws.len() > before {
            return None;
        }
        match T::deserialize(ValueDeserializer::from(item.clone())) {
            Ok(entry) => {
                if let Some((key, said)) = entry.flaw() {
                    let table = item.get_ref().as_table();
                    let value = table.and_then(|table| table.get(key));
                    let at = value.map_or(item.span().start, |value| value.span().start);
                    self.note(at, &format!("{path}.{key}"), said);
                    return None;
                }
                Some(entry)
            }
            Err(error) => {
                let at = error.span().map_or(item.span().start, |span| span.start);
                let path = match key_at(&item, at) {
                    Some(key) => format!("{path}.{key}"),
                    None => path.to_owned(),
                };
                self.note(at, &path, error.message().to_owned());
                None
            }
        }
    }

    /// Every text is one line that a person can read.
    fn texts(&mut self, path: &str, value: &Spanned<DeValue<'t>>) {
        match value.get_ref() {
            DeValue::String(text) => {
                let is_long = text.chars().count() > LONGEST;
                if text.trim().is_empty() || text.contains(char::is_control) || is_long {
                    let said = format!(
                        "not a text on one line, with at least one and at most {LONGEST} characters"
                    );
                    self.note(value.span().start, path, said);
                }
            }
            DeValue::Array(list) => {
                for (n, item) in list.iter().enumerate() {
                    self.texts(&format!("{path}[{n}]"), item);
                }
            }
            DeValue::Table(table) => {
                for (key, item) in table {
                    self.texts(&format!("{path}.{}", key.get_ref()), item);
                }
            }
            _ => {}
        }
    }

    /// Ends the reading: everything that is wrong, in the order of the lines.
    pub fn finish(mut self) -> Result<(), Vec<Flaw>> {
        let unknown: Vec<(usize, String)> = self
            .sections
            .keys()
            .filter(|key| !self.known.contains(&key.get_ref().as_ref()))
            .map(|key| (key.span().start, key.get_ref().to_string()))
            .collect();
        for (at, key) in unknown {
            let said = format!("unknown section; known are {}", self.known.join(", "));
            self.note(at, &key, said);
        }
        self.flaws.sort_by_key(|flaw| flaw.line);
        if self.flaws.is_empty() {
            Ok(())
        } else {
            Err(self.flaws)
        }
    }

    fn note(&mut self, at: usize, key: &str, said: String) {
        self.flaws.push(Flaw {
            line: line(self.text, at),
            column: None,
            key: key.to_owned(),
            said,
        });
    }
}

/// The key of a section in which a place of the file lies.
fn key_at(item: &Spanned<DeValue<'_>>, at: usize) -> Option<String> {
    let table = item.get_ref().as_table()?;
    let found = table
        .iter()
        .find(|(key, value)| key.span().contains(&at) || value.span().contains(&at));
    found.map(|(key, _)| key.get_ref().to_string())
}

fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or(text)
}

/// The line, counted from 1, of a place in a text.
fn line(text: &str, at: usize) -> usize {
    before(text, at).matches('\n').count().saturating_add(1)
}

fn column(text: &str, at: usize) -> usize {
    let line = before(text, at).rsplit('\n').next().unwrap_or_default();
    line.chars().count().saturating_add(1)
}
