//! The first step of the flow: what the platform's status page announces. Whether an incident explains a
//! call is a rule's to say.

use std::time::Instant;

use jiff::Timestamp;

use super::steps::millis;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::investigation::{Diagnosis, Outcome, Step, StepName};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::incident::KNOWN_INCIDENT;
use crate::platform::Incident;
use crate::sources::status_page::Lists;
use crate::sources::{Lookup, StatusPage};

/// What a look at the status page gave.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// The incidents that it lists.
    pub incidents: Vec<Incident>,
    /// What else there is to say: why it could not be verified, or that none is listed.
    said: Said,
    took_ms: u64,
}

#[derive(Debug, Default)]
enum Said {
    #[default]
    NotConfigured,
    NotVerified(String),
    Listed {
        link: String,
        only_open: bool,
    },
}

/// Looks at the page, where one is configured.
pub(super) async fn look(page: Option<&StatusPage>) -> Announced {
    let Some(page) = page else {
        return Announced::default();
    };
    let began = Instant::now();
    let found = page.incidents().await;
    let listed = Said::Listed {
        link: page.link(),
        only_open: page.lists() == Lists::Open,
    };
    let (incidents, said) = match found {
        Lookup::Found(incidents) => (incidents, listed),
        Lookup::Empty => (Vec::new(), listed),
        Lookup::Unavailable(why) => (Vec::new(), Said::NotVerified(why)),
    };
    Announced {
        incidents,
        said,
        took_ms: millis(began),
    }
}

impl Announced {
    /// What is left of a look that was cancelled.
    pub fn cancelled() -> Announced {
        Announced {
            said: Said::NotVerified("not verified: cancelled".to_owned()),
            ..Announced::default()
        }
    }

    /// The step as it is told, with what was found of the calls.
    pub fn step(&self, diagnoses: &[Diagnosis], now: Timestamp) -> Step {
        let told: Vec<_> = diagnoses
            .iter()
            .flat_map(|it| &it.findings)
            .filter(|it| it.rule == KNOWN_INCIDENT.id)
            .collect();
        let explains = told.iter().any(|it| it.severity == Severity::Error);
        // Where somebody else is shown to have refused, nobody has to act on it.
        let may_explain = told.iter().any(|it| it.party != Party::Nobody);
        let at = now.strftime("%H:%M UTC");
        let (outcome, detail) = match &self.said {
            Said::NotConfigured => (
                Outcome::NotChecked,
                "no status page is configured".to_owned(),
            ),
            Said::NotVerified(why) => (Outcome::NotChecked, why.clone()),
            Said::Listed { link, only_open } => {
                let past = if *only_open {
                    "; it shows what goes on now, not what is over"
                } else {
                    ""
                };
                match self.incidents.first() {
                    None => (
                        Outcome::Clean,
                        format!("no incident listed ({at}){past}: {link}"),
                    ),
                    Some(first) if explains => (
                        Outcome::CauseFound,
                        format!("an announced incident may explain it: {}", first.title),
                    ),
                    Some(first) if may_explain => (
                        Outcome::NotChecked,
                        format!(
                            "an incident is announced ({at}), and whether it touched this call the page does not \
                             say: {}: {link}",
                            first.title
                        ),
                    ),
                    Some(first) => (
                        Outcome::Clean,
                        format!(
                            "{} listed ({at}), none of them explains this: {}{past}: {link}",
                            match self.incidents.len() {
                                1 => "1 incident".to_owned(),
                                n => format!("{n} incidents"),
                            },
                            first.title
                        ),
                    ),
                }
            }
        };
        Step {
            step: StepName::StatusPage,
            outcome,
            detail,
            took_ms: self.took_ms,
        }
    }
}
