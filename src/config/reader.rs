//! Reads a TOML file key by key and collects everything that is wrong with it. Knows no key by name.
//!
//! serde would stop at the first mistake; here each key is asked for with the type that it must have, a mistake is
//! noted, and reading goes on. What was asked for is also what is allowed, so unknown keys need no list of their own.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Problem};
use super::surroundings::Surroundings;
use crate::nearest::nearest;

/// A type that one key can have.
pub trait Setting: Sized {
    /// What may be written, completing "allowed: …".
    fn allowed() -> String;

    /// Reads what was written.
    fn read(value: &Value<'_>) -> Result<Self, Refusal>;
}

/// A setting that is one of a few words.
pub trait Choice: Sized + Copy + 'static {
    /// Each word with what it means.
    const WORDS: &'static [(&'static str, Self)];
}

impl<T: Choice> Setting for T {
    fn allowed() -> String {
        quoted_list(T::WORDS.iter().map(|(word, _)| *word))
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let written = value.text()?;
        let found = T::WORDS.iter().find(|(word, _)| *word == written);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let meant = nearest(written, T::WORDS.iter().map(|(word, _)| *word));
            Refusal::maybe_meant(meant.map(|word| format!("{word:?}")))
        })
    }
}

/// One value as it was written, and what it may refer to.
pub struct Value<'a> {
    /// The value.
    pub raw: &'a DeValue<'a>,
    /// The environment and the folder of the file.
    pub around: &'a Surroundings<'a>,
}

impl<'a> Value<'a> {
    /// The text, if a text was written.
    pub fn text(&self) -> Result<&'a str, Refusal> {
        self.raw.as_str().ok_or_else(Refusal::plain)
    }
}

/// Why a value was not taken.
#[derive(Debug, Default)]
pub struct Refusal {
    found: Option<String>,
    did_you_mean: Option<String>,
}

impl Refusal {
    /// The value as written is not among what is allowed.
    #[must_use]
    pub fn plain() -> Self {
        Refusal::default()
    }

    /// The value as written is not allowed; perhaps this was meant.
    #[must_use]
    pub fn maybe_meant(did_you_mean: Option<String>) -> Self {
        Refusal {
            found: None,
            did_you_mean,
        }
    }

    /// Says what was found in other words than the value itself.
    #[must_use]
    pub fn found(found: String) -> Self {
        Refusal {
            found: Some(found),
            did_you_mean: None,
        }
    }
}

/// What a file says, and which keys it leaves alone.
#[derive(Debug)]
pub struct Reading<T> {
    /// What the file says.
    pub value: T,
    /// The keys that could stand in the file but do not, as in `store.path`.
    pub unset: Vec<String>,
}

/// Reads `text`, which came from `file`. `shape` asks for every key that there is; a key that it does not ask for
/// is unknown. Either the reading or every problem.
pub fn read<T>(
    file: &str,
    text: &str,
    around: &Surroundings<'_>,
    shape: impl FnOnce(&mut Section<'_>) -> Option<T>,
) -> Result<Reading<T>, ConfigError> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let notes = Notes {
        file,
        text,
        around,
        problems: RefCell::default(),
        unset: RefCell::default(),
        left_out: DeTable::new(),
    };
    for error in &errors {
        notes.not_toml(error);
    }
    // What a broken file seems to say is not worth complaining about.
    let value = if errors.is_empty() {
        Section::open(&notes, document.get_ref(), String::new(), 0, shape)
    } else {
        None
    };
    let mut problems = notes.problems.into_inner();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    match value {
        Some(value) if problems.is_empty() => Ok(Reading {
            value,
            unset: notes.unset.into_inner(),
        }),
        _ => Err(ConfigError::Invalid(problems)),
    }
}

/// Something that others than the configuration judge: what was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The key, or nothing in a list.
    pub key: String,
    /// What stands there, as text.
    pub text: String,
    /// The file, as it was named to us.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The key's path, as in `rules.severity.high-pdd`.
    pub path: String,
}

/// What is noted down while a file is read.
struct Notes<'a> {
    file: &'a str,
    text: &'a str,
    around: &'a Surroundings<'a>,
    problems: RefCell<Vec<Problem>>,
    unset: RefCell<Vec<String>>,
    /// What a part that is left out reads as.
    left_out: DeTable<'static>,
}

impl Notes<'_> {
    /// The line, counted from 1, of a place in the file.
    fn line(&self, at: usize) -> usize {
        self.before(at).matches('\n').count().saturating_add(1)
    }

    fn column(&self, at: usize) -> usize {
        let line = self.before(at).rsplit('\n').next().unwrap_or_default();
        line.chars().count().saturating_add(1)
    }

    fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or(self.text)
    }

    fn not_toml(&self, error: &toml::de::Error) {
        let at = error.span().map_or(0, |span| span.start);
        self.problems.borrow_mut().push(Problem {
            file: self.file.to_owned(),
            line: self.line(at),
            column: Some(self.column(at)),
            key: String::new(),
            // Not the error's own Display: that quotes the line, and a secret may stand in it.
            found: format!("not valid TOML: {}", error.message()),
            allowed: String::new(),
            did_you_mean: None,
        });
    }

    fn refuse(
        &self,
        at: usize,
        key: String,
        found: String,
        allowed: String,
        meant: Option<String>,
    ) {
        self.problems.borrow_mut().push(Problem {
            file: self.file.to_owned(),
            line: self.line(at),
            column: None,
            key,
            found,
            allowed,
            did_you_mean: meant,
        });
    }
}

/// One table of the file: the whole, or a part such as `[http]`.
pub struct Section<'a> {
    notes: &'a Notes<'a>,
    table: &'a DeTable<'a>,
    path: String,
    /// Where in the file it stands, for keys that are missing in it.
    at: usize,
    asked: Vec<&'static str>,
    lenient: bool,
}

impl<'a> Section<'a> {
    fn open<T>(
        notes: &'a Notes<'a>,
        table: &'a DeTable<'a>,
        path: String,
        at: usize,
        shape: impl FnOnce(&mut Section<'a>) -> T,
    ) -> T {
        let mut section = Section {
            notes,
            table,
            path,
            at,
            asked: Vec::new(),
            lenient: false,
        };
        let value = shape(&mut section);
        section.refuse_unknown();
        value
    }

    /// The environment and the folder of the file.
    #[must_use]
    pub fn around(&self) -> &'a Surroundings<'a> {
        self.notes.around
    }

    /// A key that may be left out.
    pub fn optional<T: Setting>(&mut self, key: &'static str) -> Option<T> {
        let value = self.ask(key)?;
        self.take(self.path_of(key), value)
    }

    /// A key that must be there.
    pub fn required<T: Setting>(&mut self, key: &'static str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.missing(key, T::allowed());
        }
        self.optional(key)
    }

    /// A key that may be left out, with a list of one or more values.
    pub fn optional_list<T: Setting>(&mut self, key: &'static str) -> Option<Vec<T>> {
        if self.table.contains_key(key) {
            return self.required_list(key);
        }
        self.ask(key);
        None
    }

    /// A key that must be there with a list of one or more values.
    pub fn required_list<T: Setting>(&mut self, key: &'static str) -> Option<Vec<T>> {
        let allowed = || format!("a list, each of it {}", T::allowed());
        let Some(value) = self.ask(key) else {
            self.missing(key, allowed());
            return None;
        };
        let path = self.path_of(key);
        let Some(list) = value.get_ref().as_array().filter(|list| !list.is_empty()) else {
            let meant = value.get_ref().as_str().map(|text| format!("[{text:?}]"));
            let found = found(value.get_ref());
            self.notes
                .refuse(value.span().start, path, found, allowed(), meant);
            return None;
        };
        let items = list.iter().enumerate();
        let read: Vec<_> = items
            .map(|(n, item)| self.take(format!("{path}[{n}]"), item))
            .collect();
        read.into_iter().collect()
    }

    /// A part such as `[http]`. A part that is left out reads as an empty one, so defaults have one place.
    pub fn table<T>(
        &mut self,
        key: &'static str,
        shape: impl FnOnce(&mut Section<'a>) -> Option<T>,
    ) -> Option<T> {
        let path = self.path_of(key);
        let Some(value) = self.ask(key) else {
            return Section::open(self.notes, &self.notes.left_out, path, self.at, shape);
        };
        let Some(table) = value.get_ref().as_table() else {
            let allowed = format!("a section [{path}]");
            self.notes.refuse(
                value.span().start,
                path,
                found(value.get_ref()),
                allowed,
                None,
            );
            return None;
        };
        Section::open(self.notes, table, path, value.span().start, shape)
    }

    /// A part that means something only where it stands. Nothing where its content is refused.
    pub fn optional_table<T>(
        &mut self,
        key: &'static str,
        shape: impl FnOnce(&mut Section<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.has(key) {
            return self.table(key, shape).map(Some);
        }
        self.ask(key);
        Some(None)
    }

    /// Parts that may be repeated, such as `[[peers]]`; none at all is fine.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        mut shape: impl FnMut(&mut Section<'a>) -> Option<T>,
    ) -> Vec<T> {
        let path = self.path_of(key);
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let allowed = || format!("sections [[{path}]]");
        let Some(list) = value.get_ref().as_array() else {
            let meant = value.get_ref().is_table().then(|| format!("[[{path}]]"));
            let found = found(value.get_ref());
            self.notes
                .refuse(value.span().start, path.clone(), found, allowed(), meant);
            return Vec::new();
        };
        let mut read = Vec::new();
        for (n, item) in list.iter().enumerate() {
            let (path, at) = (format!("{path}[{n}]"), item.span().start);
            match item.get_ref().as_table() {
                Some(table) => read.extend(Section::open(self.notes, table, path, at, &mut shape)),
                None => self
                    .notes
                    .refuse(at, path, found(item.get_ref()), allowed(), None),
            }
        }
        read
    }

    /// A list of texts that others judge; none at all is fine.
    pub fn written_list(&mut self, key: &'static str) -> Vec<Written> {
        self.written_list_if_any(key).unwrap_or_default()
    }

    /// The same; nothing where the key is not written, which an empty list is.
    pub fn written_list_if_any(&mut self, key: &'static str) -> Option<Vec<Written>> {
        let value = self.ask(key)?;
        let path = self.path_of(key);
        let Some(list) = value.get_ref().as_array() else {
            let found = found(value.get_ref());
            let allowed = "a list of texts in quotes".to_owned();
            self.notes
                .refuse(value.span().start, path, found, allowed, None);
            return None;
        };
        let items = list.iter().enumerate();
        let written = items.map(|(n, item)| self.noted("", format!("{path}[{n}]"), item));
        Some(written.collect())
    }

    /// A part with keys that others judge; a key with dots may be written as a part within it.
    pub fn written_table(&mut self, key: &'static str) -> Vec<Written> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let path = self.path_of(key);
        let Some(table) = value.get_ref().as_table() else {
            let allowed = format!("a section [{path}]");
            let found = found(value.get_ref());
            self.notes
                .refuse(value.span().start, path, found, allowed, None);
            return Vec::new();
        };
        let mut written = Vec::new();
        self.flatten(table, "", &path, &mut written);
        written
    }

    /// A text that others judge.
    pub fn written(&mut self, key: &'static str) -> Option<Written> {
        let value = self.ask(key)?;
        let path = self.path_of(key);
        if value.get_ref().as_str().is_none() {
            let (at, found) = (value.span().start, found(value.get_ref()));
            let allowed = "a text in quotes".to_owned();
            self.notes.refuse(at, path, found, allowed, None);
            return None;
        }
        Some(self.noted("", path, value))
    }

    /// The same of a key that must be there.
    pub fn required_written(&mut self, key: &'static str) -> Option<Written> {
        if !self.table.contains_key(key) {
            self.missing(key, "a text in quotes".to_owned());
        }
        self.written(key)
    }

    fn flatten(&self, table: &DeTable<'_>, before: &str, path: &str, written: &mut Vec<Written>) {
        for (name, value) in table {
            let name = name.get_ref();
            let key = format!("{before}{name}");
            let path = format!("{path}.{name}");
            match value.get_ref().as_table() {
                Some(inner) => self.flatten(inner, &format!("{key}."), &path, written),
                None => written.push(self.noted(&key, path, value)),
            }
        }
    }

    fn noted(&self, key: &str, path: String, value: &Spanned<DeValue<'_>>) -> Written {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            other => found(other),
        };
        Written {
            key: key.to_owned(),
            text,
            file: self.notes.file.to_owned(),
            line: self.notes.line(value.span().start),
            path,
        }
    }

    /// Whether a key stands there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Keys that may stand here, but not beside those that do: no use asking for them.
    pub fn also_known(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// Refuses the value of a key for a reason that its type does not know, such as a name used twice.
    pub fn refuse(&self, key: &str, found: String, allowed: String) {
        let at = self
            .table
            .get(key)
            .map_or(self.at, |value| value.span().start);
        self.notes
            .refuse(at, self.path_of(key), found, allowed, None);
    }

    /// Lets unknown keys pass: what is allowed here depends on a key that could not be read.
    pub fn let_unknown_pass(&mut self) {
        self.lenient = true;
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        let value = self.table.get(key);
        if value.is_none() {
            self.notes.unset.borrow_mut().push(self.path_of(key));
        }
        value
    }

    fn missing(&self, key: &str, allowed: String) {
        self.notes.refuse(
            self.at,
            self.path_of(key),
            "missing".to_owned(),
            allowed,
            None,
        );
    }

    fn take<T: Setting>(&self, path: String, value: &'a Spanned<DeValue<'a>>) -> Option<T> {
        let read = T::read(&Value {
            raw: value.get_ref(),
            around: self.notes.around,
        });
        read.map_err(|refusal| {
            let found = refusal.found.unwrap_or_else(|| found(value.get_ref()));
            self.notes.refuse(
                value.span().start,
                path,
                found,
                T::allowed(),
                refusal.did_you_mean,
            );
        })
        .ok()
    }

    fn refuse_unknown(&self) {
        if self.lenient {
            return;
        }
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                // Its value is not said: a misspelt key may hold a secret.
                let meant = nearest(name, self.asked.iter().copied());
                self.notes.refuse(
                    key.span().start,
                    self.path_of(name),
                    "unknown key".to_owned(),
                    self.asked.join(", "),
                    meant.map(str::to_owned),
                );
            }
        }
    }
}

/// A value as a problem says it: short, on one line.
fn found(value: &DeValue<'_>) -> String {
    /// Enough to recognise a value by.
    const LONGEST: usize = 80;
    let said = match value {
        DeValue::String(text) if text.chars().count() > LONGEST => {
            format!(
                "{:?} and more",
                text.chars().take(LONGEST).collect::<String>()
            )
        }
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(list) if list.is_empty() => "an empty list".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    };
    format!("found {said}")
}

fn quoted_list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words
        .map(|word| format!("{word:?}"))
        .collect::<Vec<_>>()
        .join(", ")
}
