//! Makes a report out of what a text names: a call, an investigation that is kept, an incident. Keeps and sends nothing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::past::{listed, loaded};
use super::recipients::unsuited;
use super::reporting::{nothing_kept, said};
use super::{Conversation, Desk};
use crate::call::{CallQuery, Term};
use crate::config::Contact;
use crate::diagnosis::{Around, Diagnosis, Investigated, Investigation, Party, Wanted};
use crate::incidents::life::ID_PREFIX as INCIDENT_PREFIX;
use crate::report::attachments::{File, files};
use crate::report::draft::ID_PREFIX;
use crate::report::form::Form;
use crate::report::{Audience, Counted, Material, Report, Screen, Told, compose};
use crate::sources::{Known, Unread};

/// A report as it was made, with everything that goes with it.
#[derive(Debug)]
pub struct Made {
    /// The report.
    pub report: Report,
    /// What is added later has to pass it.
    pub screen: Screen,
    /// Its files.
    pub files: Vec<File>,
    /// Who usually gets it, by name.
    pub contact: Option<String>,
    /// That nobody has to act, and why, where nobody was named who should get it all the same.
    pub nobody: Option<String>,
}

impl Made {
    /// Why there is nothing to report, where nobody has to act and nobody was named as its reader.
    #[must_use]
    pub fn needless(&self) -> Option<String> {
        let why = self.nobody.as_ref()?;
        Some(format!(
            "{why} To report it all the same, say to whom: `report CALL --for platform`, `carrier` or `customer`."
        ))
    }
}

impl Desk {
    /// The report of what a text names; nothing is kept of it.
    ///
    /// # Errors
    /// One sentence: what could not be found.
    pub async fn made(
        &self,
        conversation: &mut Conversation,
        about: &str,
        audience: Option<Audience>,
        contact: Option<&Contact>,
        now: Timestamp,
    ) -> Result<Made, String> {
        let (done, counted) = match about.trim() {
            id if id.starts_with(INCIDENT_PREFIX) => {
                self.investigated_incident(conversation, id, now).await?
            }
            about => (
                self.investigated(conversation, about, now).await?,
                Counted::default(),
            ),
        };
        let diagnosis = reported(&done.investigation, about)?;
        let id = diagnosis.call_ids.first().cloned().unwrap_or_default();
        let query = CallQuery {
            terms: vec![Term::CallId(id.clone())],
            ..CallQuery::default()
        };
        let wanted = Wanted { query, typed: id };
        let around = self.asked_of(conversation).around(&wanted, now);
        // A call that the sources hold no more is reported from what was kept of it.
        let around = Box::pin(around).await.unwrap_or_else(|why| Around {
            unread: Unread {
                lost: vec![why],
                damaged: Vec::new(),
            },
            ..Around::default()
        });
        let seen = (&around, &counted);
        self.made_of(&done, diagnosis, seen, (audience, contact), now)
    }

    /// The calls that show an incident best, looked at anew as one investigation, and what all of its lost calls have
    /// in common.
    async fn investigated_incident(
        &self,
        conversation: &Conversation,
        id: &str,
        now: Timestamp,
    ) -> Result<(Investigated, Counted), String> {
        let (calls, counted) = self.incident_for_report(id, &TimeZone::UTC).await?;
        let query = CallQuery {
            terms: calls.into_iter().map(Term::CallId).collect(),
            ..CallQuery::default()
        };
        Ok((self.run_in(conversation, id, &query, now).await, counted))
    }

    /// The report of one call of an investigation.
    fn made_of(
        &self,
        done: &Investigated,
        diagnosis: &Diagnosis,
        (around, counted): (&Around, &Counted),
        (audience, contact): (Option<Audience>, Option<&Contact>),
        now: Timestamp,
    ) -> Result<Made, String> {
        let reporting = self.reporting()?;
        let to_act = diagnosis.verdict.to_act;
        // What we can put right ourselves, and nobody named a reader for, is a note for ourselves.
        let is_ours = matches!(to_act, Party::Configuration | Party::Nobody);
        let is_note = audience.is_none() && is_ours;
        let nobody = (is_note && to_act == Party::Nobody)
            .then(|| format!("Nobody has to act: {}", diagnosis.verdict.summary));
        let audience = audience.unwrap_or(Audience::of_party(to_act));
        let seen = done.evidence.calls(&[]);
        let named = |it: &Diagnosis| is_named(&done.investigation, it);
        let told = |diagnosis, known, is_named| Told {
            diagnosis,
            known,
            is_named,
        };
        let is_other = |it: &&Diagnosis| it.call_ids != diagnosis.call_ids;
        let own = done.investigation.calls.iter().filter(is_other);
        let around_it = around.others.iter().filter(|(_, other)| {
            !done
                .investigation
                .calls
                .iter()
                .any(|it| it.call_ids == other.call_ids)
        });
        let calls = std::iter::once(told(diagnosis, diagnosis.find_in(&seen), named(diagnosis)))
            .chain(own.map(|it| told(it, it.find_in(&seen), named(it))))
            .chain(around_it.map(|(known, it): &(Known, Diagnosis)| told(it, Some(known), false)));
        let material = Material {
            investigation: &done.investigation,
            calls: calls.collect(),
            common: done
                .investigation
                .common
                .as_ref()
                .or(around.common.as_ref()),
            counted,
            pair: around.pair.as_ref(),
            lost: &around.unread.lost,
            observed: &done.evidence.observed,
            peers: self.investigator().peers(),
        };
        let peer = contact.and_then(|it| it.peer.as_deref());
        let (mut report, screen) = compose(&material, audience, peer, now)?;
        if let Some(why) = contact.and_then(|it| unsuited(it, &report)) {
            return Err(why);
        }
        if let Some(contact) = &reporting.settings.contact {
            report.own.contact = screen.clear(contact);
        }
        report.is_note = is_note && report.audience == Audience::Platform;
        let usual = reporting
            .usual(&report, to_act)
            .filter(|_| contact.is_none());
        Ok(Made {
            files: files(
                &material,
                &report,
                &screen,
                peer,
                reporting.settings.zip_over,
            ),
            contact: contact.or(usual).map(|it| it.name.clone()),
            nobody,
            report,
            screen,
        })
    }

    /// The form of what a button is about: of a draft as it stands, of an investigation as it was kept. Asks nobody, so
    /// that it is there at once.
    ///
    /// # Errors
    /// One sentence: what could not be found.
    pub async fn report_form(
        &self,
        conversation: &Conversation,
        about: &str,
        now: Timestamp,
    ) -> Result<Form, String> {
        if about.starts_with(ID_PREFIX) {
            let (_, draft) = self.kept_draft(conversation, about, now).await?;
            return Ok(draft.report.form());
        }
        let archive = self.archive.as_ref().ok_or_else(nothing_kept)?;
        let found = loaded(archive, about, &conversation.reader, now)
            .await
            .map_err(said)?;
        let (investigation, evidence) =
            found.ok_or_else(|| format!("No investigation is called {about}."))?;
        let done = Investigated {
            investigation,
            evidence,
            unread: Default::default(),
            kept: true,
        };
        let diagnosis = reported(&done.investigation, about)?;
        let alone = (&Around::default(), &Counted::default());
        let made = self.made_of(&done, diagnosis, alone, (None, None), now)?;
        let mut form = made.report.form();
        if let Some(why) = &made.nobody {
            form.intro = format!("{why} {}", form.intro);
        }
        Ok(form)
    }

    /// The investigation of what a text names: a kept one by its id, the newest about it where nothing is named, else
    /// a new one.
    async fn investigated(
        &self,
        conversation: &mut Conversation,
        about: &str,
        now: Timestamp,
    ) -> Result<Investigated, String> {
        let about = about.trim();
        let kept = |(investigation, evidence)| Investigated {
            investigation,
            evidence,
            unread: Default::default(),
            kept: true,
        };
        if let Some(archive) = &self.archive {
            let reader = &conversation.reader;
            let id = match (about, &conversation.last) {
                ("", None) => {
                    let newest = listed(archive, "", reader, now).await.map_err(said)?;
                    newest.first().map(|it| it.id.clone())
                }
                ("", Some(_)) => None,
                (about, _) => Some(about.to_owned()),
            };
            if let Some(id) = id
                && let Some(found) = loaded(archive, &id, reader, now).await.map_err(said)?
            {
                return Ok(kept(found));
            }
        }
        let (typed, query) = match (about, conversation.last.clone()) {
            ("", Some(last)) => last,
            ("", None) => return Err("Say which call: `report CALL`.".to_owned()),
            (about, _) => (about.to_owned(), self.one_or_two(about, now).await?),
        };
        let done = self.run_in(conversation, &typed, &query, now).await;
        conversation.last = Some((typed, query));
        Ok(done)
    }
}

/// Whether a call was named by whoever asked, or chosen to show an incident, rather than found by what it is like.
fn is_named(investigation: &Investigation, call: &Diagnosis) -> bool {
    let typed = investigation.query.as_str();
    typed.starts_with(INCIDENT_PREFIX) || call.call_ids.iter().any(|id| typed.contains(id.as_str()))
}

/// The call of an investigation that is reported: the one that was named, else the best example of the failing ones,
/// else the first that failed.
fn reported<'i>(investigation: &'i Investigation, about: &str) -> Result<&'i Diagnosis, String> {
    let has = |id: &str, it: &Diagnosis| it.call_ids.iter().any(|known| known == id);
    let named = investigation.calls.iter().find(|it| has(about.trim(), it));
    let example = investigation
        .common
        .as_ref()
        .and_then(|it| it.example.clone());
    let example = || {
        let id = example.as_deref()?;
        investigation.calls.iter().find(|it| has(id, it))
    };
    let first = || investigation.ranked().first().copied();
    named
        .or_else(example)
        .or_else(first)
        .ok_or_else(|| format!("The investigation {} found no call.", investigation.id))
}
