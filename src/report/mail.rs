//! A report as a mail message: headers, text, pictures shown with it, files beside it. Sends nothing.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::message::header::{ContentType, MessageId};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, MultiPartKind, SinglePart};

use super::attachments::File;

/// Everything that a message is made of.
#[derive(Debug, Clone)]
pub struct Mail<'m> {
    /// Who sends it, as in `NOC <noc@example.net>`.
    pub from: &'m str,
    /// Who gets it.
    pub to: &'m str,
    /// Its subject.
    pub subject: &'m str,
    /// Its text.
    pub text: &'m str,
    /// Its own id, without brackets.
    pub id: &'m str,
    /// The ids of the messages before it in its thread, the first one first.
    pub thread: &'m [String],
    /// When it is written.
    pub at: Timestamp,
    /// What goes with it.
    pub files: &'m [File],
}

/// The id of the `nth` message about a report, from 0; the domain is that of the sender.
#[must_use]
pub fn message_id(report: &str, nth: usize, from: &str) -> String {
    let domain = from
        .rsplit_once('@')
        .map_or("calltriage.invalid", |(_, it)| it.trim_end_matches('>'));
    format!("report-{report}-{nth}@{}", domain.trim())
}

/// The message.
///
/// # Errors
/// One sentence: which address is none, or what else cannot stand in a message.
pub fn message(mail: &Mail<'_>) -> Result<Message, String> {
    let mailbox = |what: &str, text: &str| {
        let read = text.parse::<Mailbox>();
        read.map_err(|_| {
            format!(
                "{what} {text:?} is no e-mail address; write it as in \"NOC <noc@example.net>\"."
            )
        })
    };
    let seconds = u64::try_from(mail.at.as_second()).unwrap_or_default();
    let mut builder = Message::builder()
        .from(mailbox("The sender", mail.from)?)
        .to(mailbox("The recipient", mail.to)?)
        .subject(mail.subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .header(MessageId::from(format!("<{}>", mail.id)));
    if let Some(last) = mail.thread.last() {
        builder = builder.in_reply_to(format!("<{last}>"));
        let all: Vec<String> = mail.thread.iter().map(|it| format!("<{it}>")).collect();
        builder = builder.references(all.join(" "));
    }
    let mut parts = MultiPart::builder()
        .kind(MultiPartKind::Mixed)
        // The same report gives the same message.
        .boundary(format!("=-{}", mail.id.replace('@', "-")))
        .singlepart(SinglePart::plain(mail.text.to_owned()));
    for file in mail.files {
        let kind =
            ContentType::parse(&file.kind).map_err(|error| format!("{}: {error}.", file.name))?;
        let attached = match file.is_picture() {
            // Shown under the text by programs that show pictures, with its name for those that keep it.
            true => Attachment::new_inline_with_name(file.name.clone(), file.name.clone()),
            false => Attachment::new(file.name.clone()),
        };
        parts = parts.singlepart(attached.body(file.bytes.clone(), kind));
    }
    builder
        .multipart(parts)
        .map_err(|error| format!("The message cannot be made: {error}."))
}
