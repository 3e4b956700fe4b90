//! Problem reports: what each reader is told, what nobody may be told, the form, the way to who gets them.

mod canaries;
mod chat;
mod confirm;
mod delivery;
mod examples;
mod form;
mod opened;
mod recipients;
mod scenarios;
mod severity;
mod words;

use calltriage::chat::commands::Table;
use calltriage::chat::{Conversation, Desk, Made, Reporting};
use calltriage::config::{Contact, Reports};
use calltriage::diagnosis::Investigator;
use calltriage::report::Audience;
use calltriage::report::template::{Beside, Templates, Written};
use calltriage::store::Store;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A desk that writes reports with the built-in words.
pub fn desk(investigator: Investigator, store: Option<Store>) -> Desk {
    desk_with(investigator, store, Reports::default(), Vec::new())
}

/// The same, which knows who gets reports.
pub fn desk_with(
    investigator: Investigator,
    store: Option<Store>,
    settings: Reports,
    contacts: Vec<Contact>,
) -> Desk {
    let table = Table::embedded().unwrap();
    let archive = store.clone().map(calltriage::archive::Archive::new);
    let desk = Desk::new(investigator, archive, table, TimeZone::UTC, None);
    let templates = Templates::built_in().unwrap();
    desk.reporting_with(Reporting::new(settings, contacts, templates, store))
}

/// The report of what is asked, for one reader.
pub async fn made(desk: &Desk, ask: &str, audience: Audience, now: Timestamp) -> Made {
    let mut conversation = Conversation::default();
    let made = desk
        .made(&mut conversation, ask, Some(audience), None, now)
        .await;
    made.unwrap_or_else(|why| panic!("{ask}: {why}"))
}

/// It as text.
pub fn text(made: &Made, now: Timestamp) -> String {
    let beside = Beside {
        attachments: made.files.iter().map(|it| it.name.clone()).collect(),
        ..Beside::default()
    };
    let templates = Templates::built_in().unwrap();
    templates
        .render(&made.report, Written::Text, &beside, now)
        .unwrap()
}
