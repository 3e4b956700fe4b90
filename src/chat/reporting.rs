//! What `report` is asked: finds the call, fills the draft in, shows it and takes what a person writes into it. Sends
//! nothing: that is `submitting`'s.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::commands::Options;
use super::past::{listed, loaded};
use super::{Alternative, Conversation, Desk, Reply, new_id};
use crate::call::{CallQuery, Term};
use crate::config::{Contact, ContactKind, Reports, Via};
use crate::diagnosis::{Around, Diagnosis, Investigated, Investigation, Party, Wanted};
use crate::incidents::life::ID_PREFIX as INCIDENT_PREFIX;
use crate::report::attachments::{File, files};
use crate::report::delivery::{Courier, mail_of, parcel};
use crate::report::draft::{Draft, Drafts, ID_PREFIX};
use crate::report::form::Form;
use crate::report::template::Templates;
use crate::report::{Audience, Counted, Material, Report, Screen, Told, compose};
use crate::sources::Known;
use crate::store::{Store, StoreError};

/// What a desk needs to write reports.
#[derive(Debug, Clone)]
pub struct Reporting {
    pub(super) settings: Reports,
    pub(super) contacts: Vec<Contact>,
    pub(super) courier: Option<Courier>,
    pub(super) drafts: Option<Drafts>,
    /// The templates.
    pub templates: Templates,
}

impl Reporting {
    /// By these settings; drafts are kept in `store`, without one they are only shown.
    #[must_use]
    pub fn new(
        settings: Reports,
        contacts: Vec<Contact>,
        templates: Templates,
        store: Option<Store>,
    ) -> Reporting {
        let drafts = store.map(Drafts::new);
        let courier = drafts.clone().map(|drafts| {
            Courier::new(
                drafts,
                settings.clone(),
                contacts.clone(),
                templates.clone(),
            )
        });
        Reporting {
            settings,
            contacts,
            courier,
            drafts,
            templates,
        }
    }

    /// What carries reports; nothing without a store.
    #[must_use]
    pub fn courier(&self) -> Option<&Courier> {
        self.courier.as_ref()
    }

    /// A report written out, whichever way it goes.
    ///
    /// # Errors
    /// One sentence: a template that fails, or an address that is none.
    pub fn written(
        &self,
        draft: &Draft,
        files: Vec<File>,
        now: Timestamp,
    ) -> Result<WrittenOut, String> {
        let parcel = parcel(&self.templates, &self.contacts, draft, 0, files, now)?;
        let contact = draft.contact.as_deref();
        let contact = self
            .contacts
            .iter()
            .find(|it| Some(it.name.as_str()) == contact);
        let to = match contact.map(|it| &it.via) {
            Some(Via::Mail { to }) => to.as_str(),
            _ => NOBODY,
        };
        let mail = mail_of(&self.settings, &parcel, 0, to)?.formatted();
        Ok(WrittenOut {
            text: parcel.text,
            markdown: parcel.markdown,
            mail,
        })
    }

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

    fn contact(&self, name: &str) -> Result<&Contact, String> {
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
    fn usual(&self, report: &Report, to_act: Party) -> Option<&Contact> {
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

/// Where a mail goes whose recipient nobody named: to no host (RFC 6761 section 6.4).
const NOBODY: &str = "recipient@report.invalid";

/// A report written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenOut {
    /// As text.
    pub text: String,
    /// As Markdown.
    pub markdown: String,
    /// As a mail with its files.
    pub mail: Vec<u8>,
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
}

/// A report as it is shown in a chat.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Its id.
    pub id: String,
    /// The word for what became of it.
    pub state: &'static str,
    /// Its subject.
    pub subject: String,
    /// To whom, which way, how urgent: names and values.
    pub facts: Vec<(&'static str, String)>,
    /// It as its reader gets it.
    pub text: String,
    /// What keeps it from being sent, a sentence each.
    pub problems: Vec<String>,
    /// What support would still ask for.
    pub missing: Vec<String>,
    /// What happened to it.
    pub events: Vec<String>,
    /// Where it can be looked at.
    pub link: Option<String>,
    /// The names of its files.
    pub files: Vec<String>,
    /// Its form, while it can be changed.
    pub form: Option<Form>,
    /// What can be done with it: the first one is what usually comes next.
    pub actions: Vec<Alternative>,
    /// Who else may get it, while it can be changed: for another kind of reader it is written anew.
    pub recipients: Vec<Alternative>,
}

impl Desk {
    /// Fills in a report, shows one, or changes one.
    pub async fn report(
        &self,
        conversation: &mut Conversation,
        rest: &str,
        options: &Options,
        now: Timestamp,
    ) -> Reply {
        let told = match first_word(rest) {
            (id, _) if id.starts_with(ID_PREFIX) && options.flag("ask") => {
                self.ask_for_fields(conversation, id, now).await
            }
            (id, text) if id.starts_with(ID_PREFIX) => {
                self.change(conversation, (id, text), options, now).await
            }
            _ => self.draft(conversation, rest, options, now).await,
        };
        told.unwrap_or_else(Reply::Text)
    }

    /// A new draft.
    async fn draft(
        &self,
        conversation: &mut Conversation,
        about: &str,
        options: &Options,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let reporting = self.reporting()?;
        let contact = options
            .text("to")
            .map(|name| reporting.contact(name))
            .transpose()?;
        let wanted = options.text("for").and_then(Audience::named);
        let audience = wanted.or(contact.map(|it| audience_of(it.kind)));
        if let Some(contact) = contact.filter(|it| Some(audience_of(it.kind)) != audience) {
            return Err(format!(
                "{} is not a {}.",
                contact.name,
                wanted.map_or("", Audience::word)
            ));
        }
        let made = self
            .made(conversation, about, audience, contact, now)
            .await?;
        let Made {
            report,
            screen,
            files,
            contact,
        } = made;
        let id = format!("{ID_PREFIX}{}", new_id(now));
        let mut draft = Draft::new(id, report, screen, contact);
        draft.only_for = conversation.reader.alone().map(str::to_owned);
        draft.note(now, &conversation.asker, "drafted");
        let mut problems = Vec::new();
        if let Some(filled) = options.text("filled") {
            problems = take(&mut draft, &fields(filled)?, &conversation.asker);
        }
        let Some(drafts) = &reporting.drafts else {
            return Ok(self.preview(&draft, &files, problems, None, now));
        };
        drafts
            .keep_files(&draft.id, &files, now)
            .await
            .map_err(said)?;
        drafts.save(&mut draft, now).await.map_err(said)?;
        let earlier = self.earlier(conversation, &draft, now).await;
        Ok(self.preview(&draft, &files, problems, earlier.as_ref(), now))
    }

    /// A draft with something changed, or as it is.
    async fn change(
        &self,
        conversation: &Conversation,
        (id, text): (&str, &str),
        options: &Options,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let reporting = self.reporting()?;
        let (drafts, mut draft) = self.kept_draft(conversation, id, now).await?;
        if options.text("for").is_some() {
            return Err(
                "For another reader make a new one: `report CALL --for READER`.".to_owned(),
            );
        }
        let filled = match (options.text("filled"), options.text("set")) {
            (Some(filled), _) => fields(filled)?,
            (None, Some(field)) => vec![(field.to_owned(), text.to_owned())],
            (None, None) => Vec::new(),
        };
        let mut problems = Vec::new();
        let contact = options
            .text("to")
            .map(|name| reporting.contact(name))
            .transpose()?;
        if !filled.is_empty() || contact.is_some() {
            if draft.state != crate::report::draft::State::Draft {
                return Err(format!(
                    "{id} is {} and cannot be changed any more.",
                    draft.state.word()
                ));
            }
            problems = take(&mut draft, &filled, &conversation.asker);
            if let Some(contact) = contact {
                if audience_of(contact.kind) != draft.report.audience {
                    return Err(format!(
                        "{} is no {}; make a new report: `report CALL --to {}`.",
                        contact.name,
                        draft.report.audience.word(),
                        contact.name
                    ));
                }
                draft.contact = Some(contact.name.clone());
            }
            drafts.save(&mut draft, now).await.map_err(said)?;
        }
        let files = drafts.files(&draft.id, now).await.map_err(said)?;
        let earlier = self.earlier(conversation, &draft, now).await;
        Ok(self.preview(&draft, &files, problems, earlier.as_ref(), now))
    }

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
        let around = Box::pin(around).await.unwrap_or_default();
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
        let audience = audience.unwrap_or(Audience::of_party(to_act));
        let seen = done.evidence.calls(&[]);
        let told = |diagnosis, known| Told { diagnosis, known };
        let is_other = |it: &&Diagnosis| it.call_ids != diagnosis.call_ids;
        let own = done.investigation.calls.iter().filter(is_other);
        let around_it = around.others.iter().filter(|(_, other)| {
            !done
                .investigation
                .calls
                .iter()
                .any(|it| it.call_ids == other.call_ids)
        });
        let calls = std::iter::once(told(diagnosis, diagnosis.find_in(&seen)))
            .chain(own.map(|it| told(it, it.find_in(&seen))))
            .chain(around_it.map(|(known, it): &(Known, Diagnosis)| told(it, Some(known))));
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
            observed: &done.evidence.observed,
            peers: self.investigator().peers(),
        };
        let peer = contact.and_then(|it| it.peer.as_deref());
        let whom = peer.map(|it| it.split(" (#").next().unwrap_or_default());
        let (mut report, screen) = compose(&material, audience, whom, now)?;
        if let Some(contact) = &reporting.settings.contact {
            report.own.contact = screen.clear(contact);
        }
        let usual = reporting
            .usual(&report, to_act)
            .filter(|_| contact.is_none());
        Ok(Made {
            files: files(
                &material,
                &report,
                &screen,
                whom,
                reporting.settings.zip_over,
            ),
            contact: contact.or(usual).map(|it| it.name.clone()),
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
        Ok(made.report.form())
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

    /// An earlier report of the same problem that somebody has.
    async fn earlier(
        &self,
        conversation: &Conversation,
        draft: &Draft,
        now: Timestamp,
    ) -> Option<Draft> {
        let drafts = self.reporting().ok()?.drafts.as_ref()?;
        let all = drafts.all(now).await.ok()?;
        let is_it = |it: &Draft| {
            it.id != draft.id
                && it.state.is_out()
                && it.is_about_the_same(&draft.report)
                && conversation.reader.may_read(it.only_for.as_deref())
        };
        all.into_iter().find(is_it)
    }

    /// A report that whoever asks may know of.
    pub(super) async fn kept_draft(
        &self,
        conversation: &Conversation,
        id: &str,
        now: Timestamp,
    ) -> Result<(&Drafts, Draft), String> {
        let drafts = self.reporting()?.drafts.as_ref().ok_or_else(nothing_kept)?;
        let draft = drafts.load(id, now).await.map_err(said)?;
        let draft = draft.filter(|it| conversation.reader.may_read(it.only_for.as_deref()));
        let draft =
            draft.ok_or_else(|| format!("No report is called {id}; `reports` lists them."))?;
        Ok((drafts, draft))
    }

    pub(super) fn reporting(&self) -> Result<&Reporting, String> {
        self.reporting
            .as_ref()
            .ok_or_else(|| "Reports are not set up in this session.".to_owned())
    }

    /// A report as it is shown.
    pub(super) fn preview(
        &self,
        draft: &Draft,
        files: &[File],
        problems: Vec<String>,
        earlier: Option<&Draft>,
        now: Timestamp,
    ) -> Reply {
        match self.shown(draft, files, problems, earlier, now) {
            Ok(preview) => Reply::Report(Box::new(preview)),
            Err(why) => Reply::Text(why),
        }
    }
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

/// Takes what can be taken; says what cannot.
pub(super) fn take(draft: &mut Draft, filled: &[(String, String)], by: &str) -> Vec<String> {
    let Draft { report, screen, .. } = draft;
    let Err(refused) = report.fill(screen, filled, by) else {
        return Vec::new();
    };
    let is_good = |(name, _): &&(String, String)| !refused.iter().any(|(wrong, _)| wrong == name);
    let good: Vec<(String, String)> = filled.iter().filter(is_good).cloned().collect();
    // What is refused with the rest is refused alone: nothing of the rest depends on it.
    let left = report.fill(screen, &good, by).err().unwrap_or_default();
    let all = refused.into_iter().chain(left);
    all.map(|(name, why)| format!("{name}: {why}")).collect()
}

/// The fields that a form sent.
fn fields(filled: &str) -> Result<Vec<(String, String)>, String> {
    let read: Result<Value, _> = serde_json::from_str(filled);
    let fields = read.ok().and_then(|it| it.as_object().cloned());
    let fields = fields.ok_or_else(|| "What the form sent cannot be read.".to_owned())?;
    let text = |value: Value| value.as_str().map(str::to_owned);
    Ok(fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, text(value)?)))
        .collect())
}

/// The command that fills these fields in: one that can be typed, whatever stands in them.
#[must_use]
pub fn filling(about: &str, filled: &[(String, String)]) -> String {
    let fields: serde_json::Map<String, Value> = filled
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let json = Value::Object(fields).to_string();
    // One word without what looks like an option: both stand within strings only.
    let escaped = |c: char| match c {
        '-' => "\\u002d".to_owned(),
        c if c.is_whitespace() || c == '—' || c == '\u{2d}' => {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .map(|it| format!("\\u{it:04x}"))
                .collect()
        }
        c => c.to_string(),
    };
    let word: String = json.chars().map(escaped).collect();
    format!("report {about} --filled={word}")
}

pub(super) fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word, rest.trim())
}

pub(super) fn nothing_kept() -> String {
    "Nothing is kept in this session.".to_owned()
}

/// What went wrong in the store, in words.
pub(super) fn said(error: StoreError) -> String {
    match error {
        StoreError::Conflict { .. } => {
            "Somebody else changed it at the same moment: look at it again.".to_owned()
        }
        other => other.to_string(),
    }
}
