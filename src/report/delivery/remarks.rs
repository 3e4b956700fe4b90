//! Tells a report's ticket that the problem is gone: kept first, written once, tried again where that failed in passing.
//! Writes nothing that no person asked for, and nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AT_ONCE, Courier, HOLD, MOST_TRIES, Undelivered, next_try, tickets};
use crate::config::{Contact, Via};
use crate::report::draft::{Draft, Remark};
use crate::store::{Claim, Fence, Outbox, StoreError};

/// What waits to be written.
pub(super) const QUEUE: &str = "report-remarks";

/// What stands in the outbox.
#[derive(Serialize, Deserialize)]
struct Order {
    report: String,
    text: String,
}

impl Courier {
    /// Whether a contact's tickets can be told something.
    #[must_use]
    pub fn takes_remarks(contact: &Contact) -> bool {
        matches!(
            contact.via,
            Via::FreeScout { .. } | Via::Zammad { .. } | Via::Jira { .. }
        )
    }

    /// Takes it that the ticket is told that the problem is gone: when this returns, it will be, and once.
    ///
    /// # Errors
    /// Those of the store; a conflict where somebody else changed the report meanwhile.
    pub async fn remark(
        &self,
        draft: &mut Draft,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let seen = draft.events.iter().rev().find(|it| it.is_told);
        let text = match seen {
            Some(event) => event.what.clone(),
            None => format!("Seen to be fixed at {}.", now.strftime("%F %H:%M UTC")),
        };
        let order = Order {
            report: draft.id.clone(),
            text,
        };
        let payload = serde_json::to_vec(&order).unwrap_or_default();
        let push = Outbox::new(QUEUE).push(&draft.id, payload.into(), now)?;
        let mut changed = draft.clone();
        changed.remark = Some(Remark::Waiting);
        changed.note(now, by, "to be written to the ticket");
        self.drafts.save_with(&mut changed, vec![push], now).await?;
        *draft = changed;
        Ok(())
    }

    /// Writes what is due; of how many something became known.
    pub(super) async fn write_remarks(
        &self,
        fence: Option<Fence>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let outbox = Outbox::new(QUEUE);
        let claims = outbox
            .claim(self.drafts.store(), AT_ONCE, HOLD, now)
            .await?;
        let count = claims.taken.len();
        for claim in claims.taken {
            self.write(&outbox, &claim, fence, now).await?;
        }
        Ok(count)
    }

    async fn write(
        &self,
        outbox: &Outbox,
        claim: &Claim,
        fence: Option<Fence>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let order: Option<Order> = serde_json::from_slice(&claim.payload).ok();
        let draft = match &order {
            Some(order) => self.drafts.load(&order.report, now).await?,
            None => None,
        };
        let (Some(order), Some(mut draft)) = (order, draft) else {
            let gone = vec![outbox.ack(claim)];
            return self.drafts.store().apply(gone, now).await.map(|_| ());
        };
        let outcome = if draft.remark == Some(Remark::UnderWay) {
            // Whoever began it died before it said how it ended.
            Err(Undelivered::Unsure(
                "the bot was stopped meanwhile.".to_owned(),
            ))
        } else {
            draft.remark = Some(Remark::UnderWay);
            let still_ours = fence.and_then(|it| it.op()).into_iter().collect();
            self.drafts.save_with(&mut draft, still_ours, now).await?;
            match (self.contact_of(&draft), &draft.ticket) {
                (Some(contact), Some(ticket)) => {
                    tickets::remark(&contact.via, ticket, &order.text).await
                }
                _ => Err(Undelivered::Final(
                    "its contact or its ticket is not known any more.".to_owned(),
                )),
            }
        };
        let (remark, what, op) = match outcome {
            Ok(()) => (
                Remark::Written,
                format!("written to the ticket: {}", order.text),
                outbox.ack(claim),
            ),
            Err(Undelivered::Passing(why)) if claim.attempts < MOST_TRIES => {
                let due = next_try(claim.attempts, now);
                let at = due.strftime("%F %H:%M UTC");
                (
                    Remark::Waiting,
                    format!("not written to the ticket yet: {why} Tried again at {at}."),
                    outbox.defer(claim, due)?,
                )
            }
            Err(Undelivered::Passing(why) | Undelivered::Final(why)) => (
                Remark::Undelivered,
                format!("not written to the ticket: {why}"),
                outbox.ack(claim),
            ),
            Err(Undelivered::Unsure(why)) => (
                Remark::Undelivered,
                format!("perhaps written to the ticket: {why} Look there."),
                outbox.ack(claim),
            ),
        };
        draft.remark = Some(remark);
        draft.note(now, "", what);
        self.drafts.save_with(&mut draft, vec![op], now).await
    }
}
