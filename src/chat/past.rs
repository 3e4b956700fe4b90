//! What was investigated before: listed, and run again, for those who may know of it. Judges nothing itself.

use jiff::Timestamp;

use super::reader::Reader;
use super::{Conversation, Desk, Reply, note_unread};
use crate::archive::{Archive, Summary};
use crate::call::{CallQuery, Reading};
use crate::diagnosis::{Diagnosis, Investigated, Investigation};
use crate::sources::{Evidence, Unread};
use crate::store::StoreError;

impl Desk {
    pub(super) async fn again(
        &self,
        conversation: &mut Conversation,
        id: &str,
        now: Timestamp,
    ) -> Reply {
        let id = id.trim();
        if id.is_empty() {
            return match conversation.last.clone() {
                Some((typed, query)) => self.investigate(conversation, &typed, query, now).await,
                None => self.again_newest(conversation, now).await,
            };
        }
        self.again_kept(conversation, id, now).await
    }

    /// Runs what was investigated last before this conversation.
    async fn again_newest(&self, conversation: &mut Conversation, now: Timestamp) -> Reply {
        let kept = match &self.archive {
            Some(archive) => listed(archive, "", &conversation.reader, now).await,
            None => Ok(Vec::new()),
        };
        match kept.as_deref() {
            Ok([newest, ..]) => self.again_kept(conversation, &newest.id, now).await,
            Ok([]) => Reply::Text("There is nothing to run again yet; paste a Call-ID.".into()),
            Err(error) => Reply::Text(error.to_string()),
        }
    }

    async fn again_kept(&self, conversation: &mut Conversation, id: &str, now: Timestamp) -> Reply {
        let Some(archive) = &self.archive else {
            return Reply::Text("Nothing is kept in this session, so there is no such id.".into());
        };
        match loaded(archive, id, &conversation.reader, now).await {
            Err(error) => Reply::Text(error.to_string()),
            Ok(None) => Reply::Text(format!(
                "No investigation is called {id}; `history` lists those that are kept."
            )),
            Ok(Some((kept, packets))) => self.rerun(conversation, kept, packets, now).await,
        }
    }

    /// Runs a kept investigation again; where its calls are gone from the sources, over the
    /// evidence that was kept.
    async fn rerun(
        &self,
        conversation: &mut Conversation,
        kept: Investigation,
        evidence: Evidence,
        now: Timestamp,
    ) -> Reply {
        // What was typed may have several readings; the canonical words have the one that was taken.
        // A Call-ID that looks like something else is known as one only while a source holds it.
        let fresh = match self
            .read_in(conversation, &kept.read_as, kept.asked_at)
            .await
        {
            Reading::Query(query) => {
                let course = conversation.course();
                let zone = self.zone_in(conversation);
                let fresh = self
                    .look(
                        self.asked_of(conversation),
                        zone,
                        &kept.query,
                        &query,
                        now,
                        course,
                    )
                    .await;
                conversation.last = Some((kept.query.clone(), query));
                Some(fresh)
            }
            _ => None,
        };
        let unread = match fresh {
            Some(mut fresh)
                if !fresh.evidence.packets.is_empty() || evidence.packets.is_empty() =>
            {
                let only_for = conversation.reader.alone();
                self.keep(&mut fresh, only_for, now).await;
                return self.told(conversation, fresh);
            }
            Some(fresh) => fresh.unread,
            None if evidence.packets.is_empty() => {
                let id = kept.id;
                return Reply::Text(format!("The query of {id} cannot be read any more."));
            }
            None => Unread::default(),
        };
        let note = format!(
            "The sources hold it no more: judged anew from the evidence of {}.",
            kept.id
        );
        let mut investigation = self.investigator.judge_again(kept, &evidence);
        investigation.notes.push(note);
        let mut done = Investigated {
            investigation,
            evidence,
            unread,
            kept: true,
        };
        note_unread(&mut done);
        self.told(conversation, done)
    }

    /// What was found on one Call-ID, unless the sources have lost its messages since it was investigated: then what
    /// the kept evidence tells.
    pub(super) async fn remember(
        &self,
        found: Investigated,
        query: &CallQuery,
        reader: &Reader,
        now: Timestamp,
    ) -> Investigated {
        let (Some(archive), [term]) = (&self.archive, query.terms.as_slice()) else {
            return found;
        };
        let Some(id) = term.call_id().filter(|_| found.evidence.packets.is_empty()) else {
            return found;
        };
        for summary in listed(archive, id, reader, now).await.unwrap_or_default() {
            let Ok(Some((kept, evidence))) = loaded(archive, &summary.id, reader, now).await else {
                continue;
            };
            let is_it = |call: &Diagnosis| call.call_ids.iter().any(|it| it == id);
            if evidence.packets.is_empty() || !matches!(&*kept.calls, [call] if is_it(call)) {
                continue;
            }
            return self
                .investigator
                .judge_remembered(found, (kept, evidence), query);
        }
        found
    }

    /// Past investigations that this reader may know of, the newest first; with a Call-ID or a number only those about
    /// it.
    pub async fn history(
        &self,
        about: &str,
        most: usize,
        reader: &Reader,
        now: Timestamp,
    ) -> Reply {
        let Some(archive) = &self.archive else {
            return Reply::Text("Nothing is kept in this session.".into());
        };
        match listed(archive, about, reader, now).await {
            Ok(mut list) => {
                let left_out = list.len().saturating_sub(most);
                list.truncate(most);
                Reply::History {
                    about: about.trim().to_owned(),
                    list,
                    left_out,
                }
            }
            Err(error) => Reply::Text(error.to_string()),
        }
    }
}

/// Past investigations that a reader may know of, the newest first.
pub(super) async fn listed(
    archive: &Archive,
    about: &str,
    reader: &Reader,
    now: Timestamp,
) -> Result<Vec<Summary>, StoreError> {
    let mut list = archive.list(about, usize::MAX, now).await?;
    list.retain(|it| reader.may_read(it.only_for.as_deref()));
    Ok(list)
}

/// A past investigation that a reader may know of.
pub(super) async fn loaded(
    archive: &Archive,
    id: &str,
    reader: &Reader,
    now: Timestamp,
) -> Result<Option<(Investigation, Evidence)>, StoreError> {
    let found = archive.load(id, now).await?;
    Ok(found.filter(|(it, _)| reader.may_read(it.only_for.as_deref())))
}
