//! RSS and Atom: the history of incidents as a feed. Reads text and expands no entities but the five
//! of XML; asks nothing.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::statuspage::bare;
use super::{moment, other_form, plain, title};
use crate::platform::{Incident, Progress};
use crate::sources::link::web_link;

/// More than any page keeps.
const MOST: usize = 200;

/// The words that pages begin an update with, and how far the incident is then.
const STATES: [(&str, Progress); 8] = [
    ("resolved", Progress::Over),
    ("completed", Progress::Over),
    ("postmortem", Progress::Over),
    ("investigating", Progress::Open),
    ("identified", Progress::Open),
    ("monitoring", Progress::Open),
    ("in progress", Progress::Open),
    ("scheduled", Progress::Announced),
];

/// The incidents of a feed; or why it is not understood.
pub(super) fn incidents(xml: &str) -> Result<Vec<Incident>, String> {
    let form = || other_form("RSS or Atom");
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut entry: Option<Entry> = None;
    let mut found = Vec::new();
    let mut is_feed = false;
    loop {
        let event = reader.read_event().map_err(|_| form())?;
        match event {
            Event::Start(start) => {
                let name = local_name(&start);
                is_feed |= path.is_empty() && matches!(name.as_str(), "rss" | "feed" | "rdf");
                if path.is_empty() && !is_feed {
                    return Err(form());
                }
                if is_entry(&name) && entry.is_none() {
                    entry = Some(Entry::default());
                }
                if let Some(entry) = &mut entry {
                    entry.begins(&name, &start);
                }
                path.push(name);
            }
            Event::Empty(start) => {
                if let Some(entry) = &mut entry {
                    entry.begins(&local_name(&start), &start);
                }
            }
            Event::End(_) => {
                let ended = path.pop().unwrap_or_default();
                if is_entry(&ended) {
                    found.extend(entry.take().map(Entry::incident));
                }
                if path.is_empty() || found.len() >= MOST {
                    return Ok(found);
                }
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|_| form())?;
                Entry::says(&mut entry, &path, &text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|_| form())?;
                Entry::says(&mut entry, &path, &text);
            }
            Event::GeneralRef(name) => {
                let name = name.decode().map_err(|_| form())?;
                let character = plain::character(&name);
                let text = character.map_or_else(|| format!("&{name};"), String::from);
                Entry::says(&mut entry, &path, &text);
            }
            // It ended before its outermost element did.
            Event::Eof => return Err(form()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
}

/// The name of an element without its namespace's prefix, in small letters.
fn local_name(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.local_name().as_ref()).to_lowercase()
}

fn is_entry(name: &str) -> bool {
    matches!(name, "item" | "entry")
}

/// One `item` of RSS or `entry` of Atom (RFC 4287 section 4.1.2), as it is written.
#[derive(Default)]
struct Entry {
    title: String,
    text: String,
    /// Atom's `published`.
    published: String,
    /// Atom's `updated`, RSS' `pubDate`: which of an incident's moments that is, differs.
    updated: String,
    link: String,
}

impl Entry {
    fn begins(&mut self, name: &str, start: &BytesStart<'_>) {
        // Atom has links in an attribute, and of several kinds.
        let attribute = |name: &str| {
            let attribute = start.try_get_attribute(name).ok().flatten()?;
            Some(String::from_utf8_lossy(&attribute.value).into_owned())
        };
        let is_page = attribute("rel").is_none_or(|rel| rel == "alternate");
        if let (true, Some(href)) = (name == "link" && is_page, attribute("href")) {
            self.link = href;
        }
    }

    /// Takes text in, where an element is open that has a use.
    fn says(entry: &mut Option<Entry>, path: &[String], text: &str) {
        let Some(entry) = entry else { return };
        // In XHTML the element of the entry is further out.
        let within = path.iter().rev().take_while(|name| !is_entry(name));
        let Some(field) = within.last() else { return };
        match field.as_str() {
            "title" => entry.title.push_str(text),
            "description" | "content" | "summary" | "encoded" => entry.text.push_str(text),
            "published" => entry.published.push_str(text),
            "updated" | "pubdate" | "date" => entry.updated.push_str(text),
            "link" => entry.link.push_str(text),
            _ => {}
        }
    }

    fn incident(self) -> Incident {
        let text = plain::lines(&self.text);
        let headline = plain::line(&plain::lines(&self.title));
        let state = state(&headline, &text);
        let updated = moment::read(&self.updated);
        let started = moment::read(&self.published);
        let (status, progress) =
            state.map_or(("", Progress::Unsaid), |(word, progress)| (word, progress));
        let is_over = progress == Progress::Over;
        Incident {
            text,
            progress,
            status: status.to_owned(),
            started,
            // Atom's last change of an incident that is over was to say so.
            resolved: updated.filter(|_| is_over && started.is_some()),
            updated,
            link: web_link(&self.link),
            ..bare(title(headline))
        }
    }
}

/// How far an incident is: by the first word of a state that stands where pages put them, before a
/// dash or a colon or in brackets. The newest update is the first.
fn state(headline: &str, text: &str) -> Option<(&'static str, Progress)> {
    let found = format!("{headline}\n{text}").to_lowercase();
    let places = STATES.iter().filter_map(|(word, progress)| {
        let forms = [
            format!("{word} -"),
            format!("{word} –"),
            format!("{word}:"),
            format!("[{word}]"),
        ];
        let at = forms.iter().filter_map(|form| found.find(form)).min()?;
        Some((at, *word, *progress))
    });
    let (_, word, progress) = places.min_by_key(|(at, ..)| *at)?;
    Some((word, progress))
}
