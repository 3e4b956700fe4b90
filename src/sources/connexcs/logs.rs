//! What the platform logs of single calls: the log, the trace, media quality, the steps through its own
//! services. Sources: its API's `log`, `log/trace`, `log/rtcp`, `log/class5`, `log/ai-agent` and
//! `transcribe`.

use jiff::civil::Date;

use super::read::{
    agent_steps, call_records, quality, service_events, traced_messages, utterances,
};
use super::{Answer, ConnexCs, first};
use crate::platform::{AgentStep, CallRecord, Quality, ServiceEvent, TracedMessage, Utterance};
use crate::sources::Lookup;

/// A search of the log gives no more rows than about this many, without a word about those that it
/// leaves out.
pub const MOST_ROWS: usize = 200;

impl ConnexCs {
    /// The calls that the log has under a Call-ID, a number or an address, the newest first.
    pub async fn calls(&self, term: &str) -> Lookup<Answer<CallRecord>> {
        let mut found = self.list("log", &[("s", term.trim())], call_records).await;
        if let Lookup::Found(answer) = &mut found {
            // The platform promises no order.
            answer
                .rows
                .sort_by_key(|row| std::cmp::Reverse(row.started));
            answer.is_full = answer.rows.len() >= MOST_ROWS;
            if answer.is_full {
                answer.notes.push(format!(
                    "the log gives no more than {MOST_ROWS} rows at once: older calls, or others of a \
                     busy number, may be missing"
                ));
            }
        }
        found
    }

    /// The messages of a call. Give the outgoing Call-ID too where it is known: without it the carrier's
    /// side is missing.
    pub async fn messages(
        &self,
        call_id: &str,
        outgoing: Option<&str>,
    ) -> Lookup<Answer<TracedMessage>> {
        let mut params = vec![("callid", call_id)];
        params.extend(outgoing.map(|id| ("callidb", id)));
        self.list("log/trace", &params, traced_messages).await
    }

    /// What RTCP told of a call.
    pub async fn quality(&self, call_id: &str) -> Lookup<Quality> {
        let found = self.list("log/rtcp", &[("callid", call_id)], quality).await;
        first(found)
    }

    /// The steps of a call through menus, queues and the like; none of a plain call.
    pub async fn service_events(&self, call_id: &str) -> Lookup<Answer<ServiceEvent>> {
        let params = [("callid", call_id)];
        self.list("log/class5", &params, service_events).await
    }

    /// The steps of an AI agent in a call; `day` is the day of the call in UTC.
    pub async fn agent_steps(&self, call_id: &str, day: Date) -> Lookup<Answer<AgentStep>> {
        let day = day.to_string();
        let params = [("callid", call_id), ("d", day.as_str())];
        self.list("log/ai-agent", &params, agent_steps).await
    }

    /// What was said in a call. Private speech: only for somebody who asked for it.
    pub async fn transcript(&self, call_id: &str) -> Lookup<Answer<Utterance>> {
        self.list("transcribe", &[("s", call_id)], utterances).await
    }
}
