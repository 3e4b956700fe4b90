//! `[retention]`: how long what was found and what was asked is kept. Removes nothing.

use std::time::Duration;

use jiff::SignedDuration;

use super::reader::Section;

/// `[retention]`: each is counted from when a thing was written; nothing where the default holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// What investigations came to.
    pub investigations: Option<SignedDuration>,
    /// The messages and records that they rest on.
    pub evidence: Option<SignedDuration>,
    /// Who asked what.
    pub audit: Option<SignedDuration>,
    /// What the threads of chats are about.
    pub threads: Option<SignedDuration>,
    /// Problem reports with their files.
    pub reports: Option<SignedDuration>,
    /// Incidents that are over.
    pub incidents: Option<SignedDuration>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Retention> {
    let mut kept = |key: &'static str| {
        let set = section.optional::<Duration>(key);
        set.map(|it| SignedDuration::try_from(it).unwrap_or(SignedDuration::MAX))
    };
    Some(Retention {
        investigations: kept("investigations"),
        evidence: kept("evidence"),
        audit: kept("audit"),
        threads: kept("threads"),
        reports: kept("reports"),
        incidents: kept("incidents"),
    })
}
