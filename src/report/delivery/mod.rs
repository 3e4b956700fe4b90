//! Takes reports from the outbox to who gets them: stored first, sent once, tried again where it failed in passing.
//! What cannot be delivered, or may have been, stays where people see it. Decides nothing about what is sent.

mod http;
mod remarks;
mod smtp;
mod tickets;
mod webhook;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::attachments::File;
use super::draft::{Draft, Drafts, State, Ticket};
use super::mail::{self, Mail, message_id};
use super::template::{Beside, Templates, Written};
use crate::config::{Contact, Reports, Via};
use crate::store::{Claim, Fence, Outbox, StoreError};

const QUEUE: &str = "reports";

/// Nothing takes longer to be sent; after that another process may look what became of it.
const HOLD: Duration = Duration::from_secs(300);

/// How often it is tried before it is given up. With the waits, about a day.
const MOST_TRIES: u32 = 12;

/// The first wait; it doubles with each try. Greylisting lets pass what comes again after some minutes.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// No wait is longer.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(4);

/// How often it is looked whether something is due.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);

/// How many are taken at once.
const AT_ONCE: usize = 8;

/// Why a report was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It was not taken, and may be later.
    #[error("{0}")]
    Passing(String),
    /// It was not taken and never will be.
    #[error("{0}")]
    Final(String),
    /// It may have been taken: nobody said.
    #[error("{0}")]
    Unsure(String),
}

/// What goes out, whichever way.
#[derive(Debug)]
pub struct Parcel<'p> {
    /// The report's id.
    pub id: &'p str,
    /// The id of this delivery: the same at every try.
    pub key: String,
    /// The report as data.
    pub draft: &'p Draft,
    /// Its subject.
    pub subject: String,
    /// It as text.
    pub text: String,
    /// It as Markdown.
    pub markdown: String,
    /// What goes with it.
    pub files: Vec<File>,
    /// When it goes.
    pub at: Timestamp,
}

/// What stands in the outbox.
#[derive(Serialize, Deserialize)]
struct Order {
    report: String,
    nth: usize,
}

/// Carries reports.
#[derive(Debug, Clone)]
pub struct Courier {
    drafts: Drafts,
    settings: Reports,
    contacts: Vec<Contact>,
    templates: Templates,
    outbox: Outbox,
}

impl Courier {
    /// Over this store, to these.
    #[must_use]
    pub fn new(
        drafts: Drafts,
        settings: Reports,
        contacts: Vec<Contact>,
        templates: Templates,
    ) -> Courier {
        Courier {
            drafts,
            settings,
            contacts,
            templates,
            outbox: Outbox::new(QUEUE),
        }
    }

    /// Whether a report to this contact leaves by itself once it is submitted.
    #[must_use]
    pub fn carries(&self, contact: &Contact) -> bool {
        match contact.via {
            Via::Copy => false,
            Via::Mail { .. } => self.settings.smtp.is_some() && self.settings.from.is_some(),
            _ => true,
        }
    }

    /// Takes a report to be sent: when this returns, it will be, and once.
    ///
    /// # Errors
    /// Those of the store; a conflict where it was submitted or changed meanwhile.
    pub async fn submit(
        &self,
        draft: &mut Draft,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut changed = draft.clone();
        let nth = changed.messages.len();
        let from = self.settings.from.as_deref().unwrap_or_default();
        changed.messages.push(message_id(&draft.id, nth, from));
        changed.state = State::Waiting;
        changed.note(now, by, "submitted");
        self.order(draft, changed, nth, now).await
    }

    /// Takes a dead letter to be sent once more, as what it was: a message with the same id.
    ///
    /// # Errors
    /// As [`Courier::submit`].
    pub async fn submit_again(
        &self,
        draft: &mut Draft,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let nth = draft.messages.len().saturating_sub(1);
        let mut changed = draft.clone();
        changed.state = State::Waiting;
        changed.is_under_way = false;
        changed.note(now, by, "submitted again");
        self.order(draft, changed, nth, now).await
    }

    /// Puts a message of a report into the outbox together with its changed state: both, or neither.
    async fn order(
        &self,
        draft: &mut Draft,
        mut changed: Draft,
        nth: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let order = Order {
            report: changed.id.clone(),
            nth,
        };
        let payload = serde_json::to_vec(&order).unwrap_or_default();
        let key = format!("{}-{nth:03}", changed.id);
        let push = self.outbox.push(&key, payload.into(), now)?;
        self.drafts.save_with(&mut changed, vec![push], now).await?;
        *draft = changed;
        Ok(())
    }

    /// Delivers what is due, and says of how many reports something became known. Several processes may: each entry
    /// is claimed by one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliver(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.deliver_behind(None, now).await
    }

    /// The same, and nothing is sent any more once another process leads.
    async fn deliver_behind(
        &self,
        fence: Option<Fence>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let claims = self
            .outbox
            .claim(self.drafts.store(), AT_ONCE, HOLD, now)
            .await?;
        let count = claims.taken.len();
        for claim in claims.taken {
            self.carry(&claim, fence, now).await?;
        }
        Ok(count + self.write_remarks(fence, now).await?)
    }

    /// Delivers whatever becomes due, until it is told to stop; nothing while another process leads.
    pub async fn serve(self, until: impl Future<Output = ()>) {
        let mut until = std::pin::pin!(until);
        let leadership = self.drafts.store().leadership();
        loop {
            if let Some(fence) = leadership.fence()
                && let Err(error) = self.deliver_behind(Some(fence), Timestamp::now()).await
            {
                tracing::warn!(%error, "reports wait");
            }
            tokio::select! {
                () = &mut until => return,
                () = tokio::time::sleep(BETWEEN_LOOKS) => {}
            }
        }
    }

    async fn carry(
        &self,
        claim: &Claim,
        fence: Option<Fence>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let order: Option<Order> = serde_json::from_slice(&claim.payload).ok();
        let Some((order, mut draft)) = self.ordered(order, now).await? else {
            let gone = vec![self.outbox.ack(claim)];
            return self.drafts.store().apply(gone, now).await.map(|_| ());
        };
        let contact = self.contact_of(&draft).cloned();
        let again = contact
            .as_ref()
            .is_some_and(|it| matches!(it.via, Via::Webhook { .. }));
        let outcome = if draft.is_under_way && !again {
            // Whoever began it died before it said how it ended.
            Err(Undelivered::Unsure(
                "The bot was stopped while it sent this, so whether it was sent is not known."
                    .to_owned(),
            ))
        } else {
            draft.is_under_way = true;
            let still_ours = fence.and_then(|it| it.op()).into_iter().collect();
            self.drafts.save_with(&mut draft, still_ours, now).await?;
            self.send(contact.as_ref(), &draft, &order, now).await
        };
        draft.is_under_way = false;
        let op = match outcome {
            Ok(ticket) => {
                let what = match &ticket.link {
                    Some(link) => format!("sent, {} at {link}", ticket.id),
                    None => format!("sent as {}", ticket.id),
                };
                draft.is_taken(now);
                // What came of it first stays its name: later messages go there.
                draft.ticket.get_or_insert(ticket);
                draft.note(now, "", what);
                self.outbox.ack(claim)
            }
            Err(Undelivered::Passing(why)) if claim.attempts < MOST_TRIES => {
                let due = next_try(claim.attempts, now);
                draft.note(
                    now,
                    "",
                    format!(
                        "not sent yet: {why} Tried again at {}.",
                        due.strftime("%F %H:%M UTC")
                    ),
                );
                self.outbox.defer(claim, due)?
            }
            Err(Undelivered::Passing(why) | Undelivered::Final(why)) => {
                draft.state = State::Failed;
                draft.note(now, "", format!("not sent: {why}"));
                self.outbox.ack(claim)
            }
            Err(Undelivered::Unsure(why)) => {
                draft.state = State::Unsure;
                draft.note(
                    now,
                    "",
                    format!("perhaps sent: {why} Look whether it arrived; if not, `submit {} --again --confirm`.", draft.id),
                );
                self.outbox.ack(claim)
            }
        };
        self.drafts.save_with(&mut draft, vec![op], now).await
    }

    async fn ordered(
        &self,
        order: Option<Order>,
        now: Timestamp,
    ) -> Result<Option<(Order, Draft)>, StoreError> {
        let Some(order) = order else { return Ok(None) };
        let draft = self.drafts.load(&order.report, now).await?;
        Ok(draft.map(|draft| (order, draft)))
    }

    /// The contact of a report.
    #[must_use]
    pub fn contact_of(&self, draft: &Draft) -> Option<&Contact> {
        contact_of(&self.contacts, draft)
    }

    async fn send(
        &self,
        contact: Option<&Contact>,
        draft: &Draft,
        order: &Order,
        now: Timestamp,
    ) -> Result<Ticket, Undelivered> {
        let contact = contact.ok_or_else(|| {
            Undelivered::Final("its contact stands no more in the configuration.".to_owned())
        })?;
        let files = self.drafts.files(&draft.id, now).await;
        let files = files.map_err(|error| Undelivered::Passing(error.to_string()))?;
        let parcel = parcel(
            &self.templates,
            &self.contacts,
            draft,
            order.nth,
            files,
            now,
        );
        let parcel = parcel.map_err(Undelivered::Final)?;
        match &contact.via {
            Via::Mail { to } => {
                let Some(settings) = &self.settings.smtp else {
                    return Err(Undelivered::Final(
                        "[reports.smtp] stands no more in the configuration.".to_owned(),
                    ));
                };
                let message = mail_of(&self.settings, &parcel, order.nth, to);
                let message = message.map_err(Undelivered::Final)?;
                let id = draft.messages.get(order.nth).cloned().unwrap_or_default();
                smtp::send(settings, &message).await?;
                Ok(Ticket { id, link: None })
            }
            Via::Webhook { url, secret } => webhook::send(url, secret, &parcel).await,
            via => tickets::send(via, &parcel).await,
        }
    }

    /// What a person needs who sends it by hand: an address that opens their mail program, where it has one.
    #[must_use]
    pub fn mailto(&self, draft: &Draft) -> Option<String> {
        let Some(Via::Mail { to }) = self.contact_of(draft).map(|it| &it.via) else {
            return None;
        };
        let to: lettre::message::Mailbox = to.parse().ok()?;
        let mut url = url::Url::parse(&format!("mailto:{}", to.email)).ok()?;
        url.query_pairs_mut()
            .append_pair("subject", &draft.report.full_subject());
        // A form writes a blank as +, a mail program reads that as +. That of an address stays.
        let query = url.query().unwrap_or_default().replace('+', "%20");
        url.set_query(Some(&query));
        Some(url.into())
    }
}

/// When what failed so often is tried again.
fn next_try(attempts: u32, now: Timestamp) -> Timestamp {
    let doubled = 2_i32.saturating_pow(attempts.saturating_sub(1).min(16));
    let wait = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
    now.checked_add(wait).unwrap_or(now)
}

fn contact_of<'c>(contacts: &'c [Contact], draft: &Draft) -> Option<&'c Contact> {
    let name = draft.contact.as_deref()?;
    contacts.iter().find(|it| it.name == name)
}

/// Everything that goes out of a report, as its `nth` message.
///
/// # Errors
/// One sentence: a template that fails.
pub fn parcel<'d>(
    templates: &Templates,
    contacts: &[Contact],
    draft: &'d Draft,
    nth: usize,
    files: Vec<File>,
    now: Timestamp,
) -> Result<Parcel<'d>, String> {
    let contact = contact_of(contacts, draft);
    let reference = contact
        .and_then(|it| it.reference.clone())
        .unwrap_or_default();
    let beside = Beside::of(draft, &files, &reference);
    let written = |how| {
        let text = templates.render(&draft.report, how, &beside, now);
        text.map_err(|it| it.to_string())
    };
    let before = contact
        .and_then(|it| it.subject.as_deref())
        .unwrap_or_default();
    let before = before.replace("{reference}", &reference);
    Ok(Parcel {
        id: &draft.id,
        key: format!("{}-{nth}", draft.id),
        subject: format!("{before} {}", draft.report.full_subject())
            .trim()
            .to_owned(),
        text: written(Written::Text)?,
        markdown: written(Written::Markdown)?,
        draft,
        files,
        at: now,
    })
}

/// The message of a parcel, as it goes to this address.
///
/// # Errors
/// One sentence: which address is none.
pub fn mail_of(
    settings: &Reports,
    parcel: &Parcel<'_>,
    nth: usize,
    to: &str,
) -> Result<lettre::Message, String> {
    let from = settings
        .from
        .as_deref()
        .unwrap_or("calltriage <calltriage@report.invalid>");
    let own = message_id(parcel.id, nth, from);
    let messages = &parcel.draft.messages;
    mail::message(&Mail {
        from,
        to,
        subject: &parcel.subject,
        text: &parcel.text,
        id: messages.get(nth).unwrap_or(&own),
        thread: messages.get(..nth.min(messages.len())).unwrap_or_default(),
        at: parcel.at,
        files: &parcel.files,
    })
}
