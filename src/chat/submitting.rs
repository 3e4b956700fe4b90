//! What follows a draft: its preview, sending it on a person's word, its states, whether the problem is gone, and the
//! list of all reports. Delivers nothing itself.

use jiff::Timestamp;

use super::commands::Options;
use super::recipients::{unproved, unsuited};
use super::reply::Given;
use super::reporting::{Preview, first_word, nothing_kept, said};
use super::{Alternative, Conversation, Desk, Reply};
use crate::call::{CallQuery, Term};
use crate::config::{Contact, Via};
use crate::diagnosis::Wanted;
use crate::render::clean;
use crate::report::Audience;
use crate::report::attachments::File;
use crate::report::confirm::{Confirmed, confirmed};
use crate::report::delivery::Courier;
use crate::report::draft::{Draft, State};
use crate::report::template::{Beside, Written};

/// More reports than this are not listed at once.
const MOST_LISTED: usize = 30;

impl Desk {
    /// A report as it is shown, with what can be done with it.
    pub(super) fn shown(
        &self,
        draft: &Draft,
        files: &[File],
        mut problems: Vec<String>,
        earlier: Option<&Draft>,
        now: Timestamp,
    ) -> Result<Preview, String> {
        let reporting = self.reporting()?;
        let report = &draft.report;
        let contact = draft.contact.as_deref();
        let contact = reporting
            .contacts
            .iter()
            .find(|it| Some(it.name.as_str()) == contact);
        let reference = contact
            .and_then(|it| it.reference.clone())
            .unwrap_or_default();
        let beside = Beside::of(draft, files, &reference);
        let text = reporting
            .templates
            .render(report, Written::Text, &beside, now);
        let text = text.map_err(|error| error.to_string())?;
        let reader = match report.is_note {
            true => "ourselves",
            false => report.audience.word(),
        };
        let mut facts = vec![("For", reader.to_owned())];
        facts.push(match contact {
            Some(it) => (
                "To",
                match &it.via {
                    Via::Mail { to } => format!("{} by mail to {to}", it.name),
                    via => format!("{} by {}", it.name, via.word()),
                },
            ),
            None if report.is_note => (
                "To",
                "nobody: a note for ourselves, to be copied".to_owned(),
            ),
            None if report.audience == Audience::Platform => (
                "To",
                "nobody: no contact is configured, to be copied".to_owned(),
            ),
            None => (
                "To",
                format!("{}: no contact is configured, to be copied", report.to),
            ),
        });
        facts.extend(
            contact
                .and_then(|it| unproved(it, report))
                .map(|it| ("Careful", it)),
        );
        facts.extend(
            contact
                .and_then(|it| it.hours.clone())
                .map(|it| ("Hours", it)),
        );
        if report.audience == Audience::Platform && !report.is_note {
            let severity = report.severity();
            facts.push((
                "Severity",
                format!("{}: {}", severity.level.word(), severity.reason),
            ));
        }
        if let Some(response) = report.response(draft.sent_at.unwrap_or(now)) {
            facts.push(("Response", response.said));
            facts.push(("Ways", response.channels.join("; ")));
        }
        let is_draft = draft.state == State::Draft;
        if is_draft {
            let obstacles = report.obstacles().into_iter().map(|(_, why)| why);
            // What was refused for one of them says it already.
            for why in obstacles {
                if !problems.contains(&why) {
                    problems.push(why);
                }
            }
        }
        let action = |label: &str, command: String| Alternative {
            label: label.to_owned(),
            command,
        };
        let id = &draft.id;
        let mut actions = Vec::new();
        match draft.state {
            State::Draft => {
                if let Some(earlier) = earlier {
                    let ticket = earlier
                        .ticket
                        .as_ref()
                        .map_or(earlier.id.as_str(), |it| it.id.as_str());
                    facts.push((
                        "Seen before",
                        format!(
                            "reported as {} ({ticket}), {}",
                            earlier.id,
                            earlier.state.word()
                        ),
                    ));
                    actions.push(action(
                        "Reopen that ticket",
                        format!("submit {id} --reopen={} --confirm", earlier.id),
                    ));
                }
                actions.push(action("Submit", format!("submit {id} --confirm")));
            }
            State::Waiting => actions.push(action("Look again", format!("report {id}"))),
            State::Failed | State::Unsure => {
                actions.push(action(
                    "Send again",
                    format!("submit {id} --again --confirm"),
                ));
            }
            State::Sent => {
                actions.push(action("Acknowledged", format!("ticket {id} acknowledged")));
                actions.push(action("Fixed", format!("ticket {id} fixed")));
                actions.push(action("Confirm the fix", format!("ticket {id}")));
            }
            State::Acknowledged => {
                actions.push(action("Fixed", format!("ticket {id} fixed")));
                actions.push(action("Confirm the fix", format!("ticket {id}")));
            }
            State::Fixed => actions.push(action("Confirm the fix", format!("ticket {id}"))),
            State::Verified => {
                let is_carried = contact.is_some_and(Courier::takes_remarks);
                if is_carried && draft.ticket.is_some() && draft.remark.is_none() {
                    let command = format!("submit {id} --comment --confirm");
                    actions.push(action("Write it to the ticket", command));
                }
            }
        }
        let is_simulated = self.investigator().simulators().next().is_some();
        if draft.state.is_out() && draft.state != State::Verified && is_simulated {
            let command = format!("simulate {}", report.investigation);
            actions.push(action("Simulate the call", command));
        }
        let told = |at: Timestamp| at.strftime("%F %H:%M UTC").to_string();
        Ok(Preview {
            id: draft.id.clone(),
            state: draft.state.word(),
            subject: report.full_subject(),
            facts,
            text,
            problems,
            missing: if is_draft {
                report.missing(now)
            } else {
                Vec::new()
            },
            events: draft
                .events
                .iter()
                .map(|it| format!("{} {}", told(it.at), it.what))
                .collect(),
            link: draft.ticket.as_ref().and_then(|it| it.link.clone()),
            files: files.iter().map(|it| it.name.clone()).collect(),
            form: is_draft.then(|| report.form()),
            actions,
            recipients: match is_draft {
                true => reporting.others(draft),
                false => Vec::new(),
            },
        })
    }

    /// Shows a report before it is sent, or sends it.
    pub async fn submit(
        &self,
        conversation: &Conversation,
        rest: &str,
        options: &Options,
        now: Timestamp,
    ) -> Reply {
        let submitted = self.submitted(conversation, rest, options, now).await;
        submitted.unwrap_or_else(Reply::Text)
    }

    async fn submitted(
        &self,
        conversation: &Conversation,
        rest: &str,
        options: &Options,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let (id, _) = first_word(rest);
        let (drafts, mut draft) = self.kept_draft(conversation, id, now).await?;
        let files = drafts.files(id, now).await.map_err(said)?;
        if !options.flag("confirm") {
            return Ok(self.preview(&draft, &files, Vec::new(), None, now));
        }
        let courier = self.reporting()?.courier().ok_or_else(nothing_kept)?;
        let by = &conversation.asker;
        self.may_go(&draft)?;
        if options.flag("comment") {
            if draft.state != State::Verified || draft.remark.is_some() {
                return Err(format!(
                    "{id} is {}: what the ticket is told is that the problem is gone, once.",
                    draft.state.word()
                ));
            }
            courier.remark(&mut draft, by, now).await.map_err(said)?;
            return self.delivered(conversation, id, now).await;
        }
        if options.flag("again") {
            if !draft.state.is_dead_letter() {
                return Err(format!(
                    "{id} is {}: there is nothing to send again.",
                    draft.state.word()
                ));
            }
            courier
                .submit_again(&mut draft, by, now)
                .await
                .map_err(said)?;
            return self.delivered(conversation, id, now).await;
        }
        if draft.state != State::Draft {
            return Err(format!(
                "{id} was submitted before: it is {}.",
                draft.state.word()
            ));
        }
        let obstacles = draft.report.obstacles();
        if !obstacles.is_empty() {
            let why = obstacles.into_iter().map(|(_, why)| why).collect();
            return Ok(self.preview(&draft, &files, why, None, now));
        }
        if let Some(earlier) = options.text("reopen") {
            let (_, mut old) = self.kept_draft(conversation, earlier, now).await?;
            if !old.state.is_out() || !old.is_about_the_same(&draft.report) {
                return Err(format!(
                    "{earlier} is no report of the same problem that somebody has."
                ));
            }
            self.may_go(&old)?;
            old.tell(
                now,
                by,
                format!(
                    "It returned: reported again at {}.",
                    now.strftime("%F %H:%M UTC")
                ),
            );
            old.report = draft.report.clone();
            old.screen = draft.screen.clone();
            drafts
                .keep_files(&old.id, &files, now)
                .await
                .map_err(said)?;
            let is_carried = courier
                .contact_of(&old)
                .is_some_and(|it| courier.carries(it));
            if !is_carried {
                return Err(format!(
                    "{earlier} was sent by hand: add this to that ticket by hand too, {id} has the text."
                ));
            }
            courier.submit(&mut old, by, now).await.map_err(said)?;
            draft.is_taken(now);
            draft.ticket = old.ticket.clone();
            draft.note(now, by, format!("sent as part of {}", old.id));
            drafts.save(&mut draft, now).await.map_err(said)?;
            return self.delivered(conversation, &old.id, now).await;
        }
        let is_carried = courier
            .contact_of(&draft)
            .is_some_and(|it| courier.carries(it));
        if is_carried {
            courier.submit(&mut draft, by, now).await.map_err(said)?;
            return self.delivered(conversation, id, now).await;
        }
        self.by_hand(draft, files, by, now).await
    }

    /// Refuses a report whose contact is somebody else by now: nothing of a call goes to who had no part in it.
    fn may_go(&self, draft: &Draft) -> Result<(), String> {
        let reporting = self.reporting()?;
        let is_it = |it: &&Contact| Some(it.name.as_str()) == draft.contact.as_deref();
        let contact = reporting.contacts.iter().find(is_it);
        let why = contact.and_then(|it| unsuited(it, &draft.report));
        why.map_or(Ok(()), Err)
    }

    /// What became of a report that was just submitted.
    async fn delivered(
        &self,
        conversation: &Conversation,
        id: &str,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let courier = self.reporting()?.courier().ok_or_else(nothing_kept)?;
        // It is safe in the outbox: what fails now is tried again by whoever serves it.
        if let Err(error) = Box::pin(courier.deliver(now)).await {
            tracing::warn!(%error, "reports wait");
        }
        let (drafts, draft) = self.kept_draft(conversation, id, now).await?;
        let files = drafts.files(id, now).await.map_err(said)?;
        Ok(self.preview(&draft, &files, Vec::new(), None, now))
    }

    /// Gives what a person sends who takes it there.
    async fn by_hand(
        &self,
        mut draft: Draft,
        files: Vec<File>,
        by: &str,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let reporting = self.reporting()?;
        let (Some(courier), Some(drafts)) = (reporting.courier(), &reporting.drafts) else {
            return Err(nothing_kept());
        };
        let written = reporting.written(&draft, files, now)?;
        let mailto = courier.mailto(&draft);
        let mailto = mailto.map_or_else(String::new, |it| {
            format!(" Or open {it} and paste the text.")
        });
        let name = |ending: &str| format!("{}.{ending}", draft.id);
        let given = vec![
            Given {
                name: name("txt"),
                title: "The report as text".to_owned(),
                bytes: written.text.into_bytes(),
            },
            Given {
                name: name("eml"),
                title: "The report as a mail, with its files".to_owned(),
                bytes: written.mail,
            },
        ];
        draft.is_taken(now);
        draft.note(now, by, "handed over, to be sent by hand");
        drafts.save(&mut draft, now).await.map_err(said)?;
        Ok(Reply::Files {
            said: format!(
                "Nobody sends {} but you: the text is to be copied, the mail opens in a mail program with its files.{mailto}",
                draft.id
            ),
            files: given,
        })
    }

    /// Notes what became of a report, or looks whether the problem is gone.
    pub async fn ticket(&self, conversation: &Conversation, rest: &str, now: Timestamp) -> Reply {
        let told = self.followed(conversation, rest, now).await;
        told.unwrap_or_else(Reply::Text)
    }

    async fn followed(
        &self,
        conversation: &Conversation,
        rest: &str,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let (id, word) = first_word(rest);
        let (drafts, mut draft) = self.kept_draft(conversation, id, now).await?;
        if !draft.state.is_out() {
            return Err(format!(
                "{id} is {}: nobody has it yet.",
                draft.state.word()
            ));
        }
        let by = &conversation.asker;
        match word.to_lowercase().as_str() {
            "" | "check" => {
                let (what, is_fixed) = self.looked_again(conversation, &draft, now).await?;
                draft.tell(now, by, what);
                if is_fixed {
                    draft.state = State::Verified;
                }
            }
            word => {
                let states = [State::Acknowledged, State::Fixed, State::Verified];
                let state = states.into_iter().find(|it| it.word() == word);
                let state = state.ok_or_else(|| {
                    format!("{word:?} is no state; acknowledged, fixed, verified, or nothing to look whether it is fixed.")
                })?;
                draft.state = state;
                draft.note(now, by, state.word());
            }
        }
        drafts.save(&mut draft, now).await.map_err(said)?;
        let files = drafts.files(id, now).await.map_err(said)?;
        Ok(self.preview(&draft, &files, Vec::new(), None, now))
    }

    /// What the calls of the same kind show since the report was made, and whether that says that it is fixed.
    async fn looked_again(
        &self,
        conversation: &Conversation,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<(String, bool), String> {
        let archive = self.archive.as_ref().ok_or_else(nothing_kept)?;
        let kept = archive
            .load(&draft.report.investigation, now)
            .await
            .map_err(said)?;
        let (investigation, _) =
            kept.ok_or_else(|| "Its investigation is kept no more.".to_owned())?;
        // The report's own ids are its reader's; ours stand in the investigation.
        let first = investigation
            .calls
            .iter()
            .find(|it| it.verdict.rule == draft.report.rule);
        let id = first
            .and_then(|it| it.call_ids.first())
            .cloned()
            .unwrap_or_default();
        let query = CallQuery {
            terms: vec![Term::CallId(id.clone())],
            ..CallQuery::default()
        };
        let wanted = Wanted { query, typed: id };
        let around = Box::pin(self.asked_of(conversation).around(&wanted, now)).await?;
        let after = draft.report.made_at;
        let found = match &around.of {
            Some(of) => confirmed(of, &around.traits, &draft.report.rule, after),
            None => Confirmed::NoCalls,
        };
        Ok((found.said(after), matches!(found, Confirmed::Fixed { .. })))
    }

    /// The reports, as a list.
    pub async fn reports(&self, conversation: &Conversation, about: &str, now: Timestamp) -> Reply {
        match self.listed_reports(conversation, about, now).await {
            Ok(lines) if lines.is_empty() => {
                Reply::Text("No report; `report CALL` makes one.".to_owned())
            }
            Ok(lines) => Reply::Text(lines.join("\n")),
            Err(why) => Reply::Text(why),
        }
    }

    async fn listed_reports(
        &self,
        conversation: &Conversation,
        about: &str,
        now: Timestamp,
    ) -> Result<Vec<String>, String> {
        let drafts = self.kept_reports(conversation, about, now).await?;
        let mut lines: Vec<String> = drafts.iter().take(MOST_LISTED).map(line).collect();
        if drafts.len() > MOST_LISTED {
            lines.push(format!(
                "{} older ones are left out.",
                drafts.len() - MOST_LISTED
            ));
        }
        Ok(lines)
    }

    /// The reports that whoever asks may know of: dead letters first, then the newest.
    ///
    /// # Errors
    /// One sentence.
    pub async fn kept_reports(
        &self,
        conversation: &Conversation,
        about: &str,
        now: Timestamp,
    ) -> Result<Vec<Draft>, String> {
        let drafts = self.reporting()?.drafts.as_ref().ok_or_else(nothing_kept)?;
        let mut all = drafts.all(now).await.map_err(said)?;
        let about = about.trim().to_lowercase();
        let state = State::ALL
            .iter()
            .find(|(word, _)| *word == about)
            .map(|(_, it)| *it);
        all.retain(|it| {
            let is_meant = match state {
                Some(state) => it.state == state,
                None => about.is_empty() || is_about(it, &about),
            };
            is_meant && conversation.reader.may_read(it.only_for.as_deref())
        });
        all.sort_by_key(|it| !it.state.is_dead_letter());
        Ok(all)
    }
}

fn is_about(draft: &Draft, about: &str) -> bool {
    let calls = draft.report.calls.iter();
    let words = calls.flat_map(|it| [it.call_id.as_str(), it.from.as_str(), it.to.as_str()]);
    let own = [
        draft.id.as_str(),
        draft.report.to.as_str(),
        draft.report.investigation.as_str(),
    ];
    words
        .chain(own)
        .any(|word| word.to_lowercase().contains(about))
}

/// A report in a line; what cannot be delivered says why.
pub(super) fn line(draft: &Draft) -> String {
    let to = draft
        .contact
        .as_deref()
        .unwrap_or(draft.report.audience.word());
    let ticket = draft
        .ticket
        .as_ref()
        .map_or(String::new(), |it| format!("  {}", it.id));
    let last = draft
        .events
        .last()
        .filter(|_| draft.state.is_dead_letter() || draft.state == State::Waiting);
    let why = last.map_or(String::new(), |it| {
        format!("\n    {}", clean::line(&it.what))
    });
    let subject = clean::cut(&clean::line(&draft.report.full_subject()), 100);
    format!(
        "{}  {:<12} {to}: {subject}{ticket}{why}",
        draft.id,
        draft.state.word()
    )
}
