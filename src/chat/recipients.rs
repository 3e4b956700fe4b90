//! Who gets a report: the contacts of the configuration, and which of them usually does. Writes and sends nothing.

use super::Alternative;
use super::reporting::Reporting;
use crate::config::{Contact, ContactKind};
use crate::diagnosis::Party;
use crate::peers::{bare, is_same};
use crate::report::draft::Draft;
use crate::report::{Audience, Report};

impl Reporting {
    /// Who may get a draft instead.
    pub(super) fn others(&self, draft: &Draft) -> Vec<Alternative> {
        let is_other = |it: &&Contact| {
            Some(it.name.as_str()) != draft.contact.as_deref() && may_be_asked(it, &draft.report)
        };
        let others = self.contacts.iter().filter(is_other);
        others
            .map(|it| {
                let audience = audience_of(it.kind);
                let about = match unsuited(it, &draft.report) {
                    None => &draft.id,
                    Some(_) => &draft.report.investigation,
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
            Audience::Platform if report.is_note || to_act == Party::Configuration => None,
            Audience::Platform => of_kind.into_iter().next(),
            Audience::Carrier | Audience::Customer => {
                of_kind.into_iter().find(|it| is_for(it, report))
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

/// Whether a contact is the carrier or customer that a report is for, by name.
pub(super) fn is_for(contact: &Contact, report: &Report) -> bool {
    let peer = contact.peer.as_deref().unwrap_or_default();
    audience_of(contact.kind) == report.audience && is_same(peer, report.to.as_str())
}

/// Whether a contact is one that a report of these calls can be for: the support of a platform, and who is known to have
/// had a part in them.
fn may_be_asked(contact: &Contact, report: &Report) -> bool {
    let Some(peer) = contact.peer.as_deref() else {
        return true;
    };
    contact.kind == ContactKind::Platform || report.involved.iter().any(|it| is_same(it, peer))
}

/// Why a report must not go to a contact: another reader's words, or another carrier's or customer's calls. Nothing where
/// it may.
pub(super) fn unsuited(contact: &Contact, report: &Report) -> Option<String> {
    let (name, audience) = (&contact.name, report.audience);
    if audience_of(contact.kind) != audience {
        let word = audience.word();
        return Some(format!(
            "{name} is no {word}; make a new report: `report CALL --to {name}`."
        ));
    }
    let peer = contact
        .peer
        .as_deref()
        .filter(|_| audience != Audience::Platform)?;
    let to = report.to.as_str();
    // Where nobody could be told by name, the person who names the contact decides.
    if to.is_empty() || is_same(peer, to) {
        return None;
    }
    let has_part = report.involved.iter().any(|it| is_same(it, peer));
    let instead = match has_part {
        true => format!("for one of its own: `report CALL --to {name}`"),
        false => format!("{} had no part in the call that it is about", bare(peer)),
    };
    Some(format!(
        "{name} is {peer}, and this report is for {to}, of what went between {to} and us: {instead}."
    ))
}

/// What a person should look at before a report goes to this contact: that nothing tells that it is theirs.
pub(super) fn unproved(contact: &Contact, report: &Report) -> Option<String> {
    let peer = contact.peer.as_deref()?;
    let is_open = report.to.is_empty() && report.audience != Audience::Platform;
    is_open.then(|| {
        format!(
            "nothing says that this call is {}'s: no [[peers]] names the address; look that it is theirs",
            bare(peer)
        )
    })
}
