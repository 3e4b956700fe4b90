//! `[status_page]`: where the platform publishes its incidents, and in which form. Reads no page.

use std::time::Duration;

use super::address::WebAddress;
use super::reader::{Choice, Section};
use super::values::limit;

/// A page of incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPage {
    /// How it is written.
    pub kind: StatusPageKind,
    /// Where it is.
    pub url: url::Url,
    /// How long one look at it may take.
    pub deadline: Duration,
}

/// How a page of incidents is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPageKind {
    /// Atlassian Statuspage, version 2 of its public JSON.
    Statuspage,
    /// Instatus, its public summary.
    Instatus,
    /// Uptime Kuma, the JSON of a status page.
    UptimeKuma,
    /// RSS or Atom.
    Feed,
}

impl Choice for StatusPageKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("statuspage", StatusPageKind::Statuspage),
        ("instatus", StatusPageKind::Instatus),
        ("uptime-kuma", StatusPageKind::UptimeKuma),
        ("feed", StatusPageKind::Feed),
    ];
}

/// The page only helps when it is quick: nobody waits for it.
const DEADLINE: Duration = Duration::from_secs(3);

pub(super) fn read(root: &mut Section<'_>) -> Option<Option<StatusPage>> {
    root.optional_table("status_page", |section| {
        let kind = section.required("kind");
        let url = section.required("url").map(|WebAddress(url)| url);
        let deadline = limit(section, "deadline", DEADLINE);
        Some(StatusPage {
            kind: kind?,
            url: url?,
            deadline,
        })
    })
}
