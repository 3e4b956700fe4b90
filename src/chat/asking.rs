//! Fills a report in where there are no forms: one question a field, each answered by the next message. Keeps what was
//! answered so far; sends nothing.

use jiff::Timestamp;

use super::reporting::said;
use super::{Conversation, Desk, Reply};
use crate::report::draft::Draft;
use crate::report::form::FieldKind;

/// What leaves a field as it is.
const KEEP: &str = ".";

impl Desk {
    /// Begins to ask for the fields of a draft, one after the other.
    pub(super) async fn ask_for_fields(
        &self,
        conversation: &mut Conversation,
        id: &str,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let (_, draft) = self.kept_draft(conversation, id, now).await?;
        let names = draft
            .report
            .form()
            .fields
            .iter()
            .map(|it| it.name)
            .collect();
        self.ask_next(conversation, &draft, names, "")
    }

    /// Takes what was said for the first of these fields, and asks for the next.
    pub(super) async fn filled_in(
        &self,
        conversation: &mut Conversation,
        id: String,
        left: Vec<&'static str>,
        said_now: &str,
        now: Timestamp,
    ) -> Reply {
        let taken = self
            .take_field(conversation, (&id, left), said_now.trim(), now)
            .await;
        taken.unwrap_or_else(Reply::Text)
    }

    async fn take_field(
        &self,
        conversation: &mut Conversation,
        (id, mut left): (&str, Vec<&'static str>),
        answer: &str,
        now: Timestamp,
    ) -> Result<Reply, String> {
        let (drafts, mut draft) = self.kept_draft(conversation, id, now).await?;
        let mut why = String::new();
        if answer == "stop" {
            left.clear();
        } else if !left.is_empty() {
            let name = left.remove(0);
            let kept = answer == KEEP;
            let filled = [(name.to_owned(), answer.to_owned())];
            let problems = match kept {
                true => Vec::new(),
                false => self.take(&mut draft, &filled, &conversation.asker)?,
            };
            if let Some(refused) = problems.into_iter().next() {
                why = format!("{refused}\n");
                left.insert(0, name);
            } else {
                drafts.save(&mut draft, now).await.map_err(said)?;
            }
        }
        if left.is_empty() {
            let files = drafts.files(id, now).await.map_err(said)?;
            return Ok(self.preview(&draft, &files, Vec::new(), None, now));
        }
        self.ask_next(conversation, &draft, left, &why)
    }

    fn ask_next(
        &self,
        conversation: &mut Conversation,
        draft: &Draft,
        left: Vec<&'static str>,
        before: &str,
    ) -> Result<Reply, String> {
        let form = draft.report.form();
        let next = form
            .fields
            .into_iter()
            .find(|it| left.first() == Some(&it.name));
        let field = next.ok_or_else(|| "The form has no such field.".to_owned())?;
        let choices = match &field.kind {
            FieldKind::Choice(words) => {
                let words = words
                    .iter()
                    .map(|(word, said)| format!("\n  {word:<18} {said}"));
                words.collect::<String>()
            }
            FieldKind::Line(_) | FieldKind::Lines(_) => String::new(),
        };
        conversation.filling = Some((draft.id.clone(), left));
        let now = match field.value.as_str() {
            "" => "nothing".to_owned(),
            value => format!("{value:?}"),
        };
        let (label, hint) = (field.label, field.hint);
        Ok(Reply::Text(format!(
            "{before}{label} {hint}{choices}\nNow: {now}. \"{KEEP}\" leaves it, \"stop\" ends."
        )))
    }
}
