//! What `report` is asked: finds the call, fills the draft in, shows it and takes what a person writes into it. Sends
//! nothing: that is `submitting`'s.

use jiff::Timestamp;

use super::commands::Options;
use super::filled::fields;
use super::making::Made;
use super::recipients::{audience_of, unsuited};
use super::{Alternative, Conversation, Desk, Reply, new_id};
use crate::config::{Contact, Reports, Via};
use crate::report::Audience;
use crate::report::attachments::File;
use crate::report::delivery::{Courier, mail_of, parcel};
use crate::report::draft::{Draft, Drafts, ID_PREFIX};
use crate::report::form::Form;
use crate::report::template::Templates;
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
}

/// Mail servers take no more, and base64 makes a third more of it.
const MOST_BYTES: usize = 15_000_000;

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
        // Who fills in a form was told there, and wants it.
        let is_wanted = options.text("filled").is_some();
        if let Some(why) = made.needless().filter(|_| !is_wanted) {
            return Err(why);
        }
        let Made {
            report,
            screen,
            files,
            contact,
            ..
        } = made;
        let id = format!("{ID_PREFIX}{}", new_id(now));
        let mut draft = Draft::new(id, report, screen, contact);
        draft.only_for = conversation.reader.alone().map(str::to_owned);
        draft.note(now, &conversation.asker, "drafted");
        let mut problems = Vec::new();
        if let Some(filled) = options.text("filled") {
            problems = self.take(&mut draft, &fields(filled)?, &conversation.asker)?;
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
            problems = self.take(&mut draft, &filled, &conversation.asker)?;
            if let Some(contact) = contact {
                if let Some(why) = unsuited(contact, &draft.report) {
                    return Err(why);
                }
                draft.contact = Some(contact.name.clone());
                draft.report.is_note = false;
            }
            drafts.save(&mut draft, now).await.map_err(said)?;
        }
        let mut files = drafts.files(&draft.id, now).await.map_err(said)?;
        if options.flag("attach") {
            self.attach(conversation, &mut draft, &mut files, now)
                .await?;
        }
        let earlier = self.earlier(conversation, &draft, now).await;
        Ok(self.preview(&draft, &files, problems, earlier.as_ref(), now))
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

    /// Adds the files that came with the question, or stand in its thread, to a draft: as they are, since nobody can screen
    /// a picture.
    async fn attach(
        &self,
        conversation: &Conversation,
        draft: &mut Draft,
        files: &mut Vec<File>,
        now: Timestamp,
    ) -> Result<(), String> {
        let drafts = self.reporting()?.drafts.as_ref().ok_or_else(nothing_kept)?;
        let handed = Desk::handed_files(conversation);
        if draft.state != crate::report::draft::State::Draft {
            return Err(format!(
                "{} is {} and cannot be changed any more.",
                draft.id,
                draft.state.word()
            ));
        }
        if handed.is_empty() {
            return Err(
                "There is no file: put it into this message, or into the thread before.".to_owned(),
            );
        }
        // Those of the thread come with each question: each is there once, as it is now.
        files.retain(|it| !it.is_own());
        let own = handed.iter().enumerate();
        files.extend(own.map(|(at, (name, bytes))| File::own(at + 1, name, bytes.to_vec())));
        let whole: usize = files.iter().map(|it| it.bytes.len()).sum();
        if whole > MOST_BYTES {
            return Err(format!(
                "The files have {} MB together; no more than {} MB go with a report.",
                whole.div_ceil(1_000_000),
                MOST_BYTES / 1_000_000
            ));
        }
        draft.note(
            now,
            &conversation.asker,
            format!(
                "{} files added as they are: look that nothing in them is not for {}",
                handed.len(),
                draft.report.audience.word()
            ),
        );
        drafts
            .keep_files(&draft.id, files, now)
            .await
            .map_err(said)?;
        drafts.save(draft, now).await.map_err(said)
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
