//! Who gets a report: the contacts of the configuration, and which of them usually does. Writes and sends nothing.

use super::Alternative;
use super::reporting::Reporting;
use crate::config::{Contact, ContactKind};
use crate::diagnosis::Party;
use crate::report::draft::Draft;
use crate::report::{Audience, Report};

impl Reporting {
    /// Who may get a draft instead.
    pub(super) fn others(&self, draft: &Draft) -> Vec<Alternative> {
        let is_other = |it: &&Contact| Some(it.name.as_str()) != draft.contact.as_deref();
        let others = self.contacts.iter().filter(is_other);
        others
            .map(|it| {
                let audience = audience_of(it.kind);
                let about = match audience == draft.report.audience {
                    true => &draft.id,
                    false => &draft.report.investigation,
                };
                Alternative {
                    label: format!("{} ({})", it.name, audience.word()),
                    command: format!("report {about} --to {}", it.name),
                }
            })
            .collect()
    }

    pub(super) fn contact(&self, name: &str) -> Result<&Contact, String> {
        let found = self.contacts.iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.contacts.iter().map(|it| it.name.as_str()).collect();
            match names.as_slice() {
                [] => format!(
                    "No contact is called {name:?}: the configuration names none ([[contacts]])."
                ),
                _ => format!(
                    "No contact is called {name:?}; one of {}.",
                    names.join(", ")
                ),
            }
        })
    }

    /// Who usually gets such a report. What we can put right ourselves is a note for ourselves.
    pub(super) fn usual(&self, report: &Report, to_act: Party) -> Option<&Contact> {
        let of_kind = self
            .contacts
            .iter()
            .filter(|it| audience_of(it.kind) == report.audience);
        match report.audience {
            Audience::Platform if to_act == Party::Configuration => None,
            Audience::Platform => of_kind.into_iter().next(),
            Audience::Carrier | Audience::Customer => {
                let to = report.to.as_str();
                of_kind
                    .into_iter()
                    .find(|it| it.peer.as_deref().is_some_and(|peer| is_same(peer, to)))
            }
        }
    }
}

/// The reader that a contact is.
pub(super) fn audience_of(kind: ContactKind) -> Audience {
    match kind {
        ContactKind::Platform => Audience::Platform,
        ContactKind::Carrier => Audience::Carrier,
        ContactKind::Customer => Audience::Customer,
    }
}

/// Whether two names are the same peer's: by their numbers where both have one, else by the bare names.
fn is_same(a: &str, b: &str) -> bool {
    let number = |name: &str| {
        let (_, after) = name.rsplit_once('#')?;
        Some(after.trim_end_matches(')').to_owned())
    };
    let bare = |name: &str| {
        name.split(" (#")
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase()
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => !bare(a).is_empty() && bare(a) == bare(b),
    }
}
