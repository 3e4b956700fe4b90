//! `[[sources]]`: where evidence comes from. Says what is configured; opens nothing.

use std::path::PathBuf;

use super::connexcs::{self, ConnexCs};
use super::reader::{Choice, Section};

/// One place that evidence comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name that answers use.
    pub name: String,
    /// What it is, with the settings that only this kind has.
    pub kind: SourceKind,
}

/// What kind of source it is.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// Capture files on this machine.
    Captures {
        /// Files, and folders that are searched for files.
        paths: Vec<PathBuf>,
    },
    /// The logging API of a ConnexCS account.
    ConnexCs(Box<ConnexCs>),
}

/// The word that says which kind follows.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Captures,
    ConnexCs,
}

impl Choice for Kind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("captures", Kind::Captures), ("connexcs", Kind::ConnexCs)];
}

pub(super) fn read(root: &mut Section<'_>) -> Vec<Source> {
    let mut names = super::Names::default();
    root.tables("sources", |section| {
        let name: Option<String> = section.required("name");
        names.check(section, name.as_deref());
        let kind = match section.required("kind") {
            Some(Kind::Captures) => section
                .required_list("paths")
                .map(|paths| SourceKind::Captures { paths }),
            Some(Kind::ConnexCs) => {
                connexcs::read(section).map(|connexcs| SourceKind::ConnexCs(Box::new(connexcs)))
            }
            None => {
                section.let_unknown_pass();
                None
            }
        };
        Some(Source {
            name: name?,
            kind: kind?,
        })
    })
}
