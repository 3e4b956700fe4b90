//! A call as the platform's log tells it, in the few figures that people read: the part of the records
//! that goes into an investigation. Concludes nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::platform::{Attempt, CallRecord, Records, TraceState};

/// What a platform's log says of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// The source that has the log.
    pub source: String,
    /// The Call-ID of the leg that came in.
    pub call_id: Option<String>,
    /// The Call-ID of the leg that went out, which is the one that a carrier knows.
    pub outgoing_call_id: Option<String>,
    /// The verdict of routing, or the final code.
    pub code: Option<u16>,
    /// The text that goes with it.
    pub reason: Option<String>,
    /// Why an answered call ended, in the platform's words.
    pub release_reason: Option<String>,
    /// When the call came in.
    pub started: Option<Timestamp>,
    /// When it ended; of an unanswered call when routing ended.
    pub ended: Option<Timestamp>,
    /// How long an answered call was up, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The caller as presented.
    pub from: Option<String>,
    /// The called number as dialled.
    pub to: Option<String>,
    /// The address that the call came from.
    pub source_address: Option<String>,
    /// The user name under which the caller authenticated.
    pub user: Option<String>,
    /// The platform's server.
    pub server: Option<String>,
    /// The node of the routing engine.
    pub engine: Option<String>,
    /// Whose call it is: name and number.
    pub customer: Option<String>,
    /// Whether it came in, to that customer.
    #[serde(default)]
    pub comes_in: bool,
    /// The carriers that were tried, in order.
    pub attempts: Vec<Tried>,
    /// What routing decided, in order.
    pub log: Vec<String>,
    /// Whether the platform still holds the messages.
    pub trace: TraceState,
}

/// A carrier that was tried, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Its name and number, as far as they are known.
    pub carrier: Option<String>,
    /// What it answered.
    pub code: Option<u16>,
    /// The text that goes with the code.
    pub reason: Option<String>,
}

impl Logged {
    /// Whether somebody answered: only then does the log know how long it lasted, or why it ended.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.duration_ms.is_some_and(|it| it > 0) || self.release_reason.is_some()
    }

    /// The figures of these records; nothing where they hold no row.
    #[must_use]
    pub fn of(records: &Records) -> Option<Logged> {
        // Where only the Call-ID is known, the log has nothing to show.
        let is_row =
            |row: &&CallRecord| row.started.is_some() || row.code.is_some() || row.to.is_some();
        let row: &CallRecord = records.row.as_ref().filter(is_row)?;
        let answered = row.answered.as_ref();
        let source_address = row.source_ip.map(|ip| match row.source_port {
            Some(port) => std::net::SocketAddr::new(ip, port).to_string(),
            None => ip.to_string(),
        });
        let server = row.server_ip.map(|ip| ip.to_string());
        Some(Logged {
            source: records.source.clone(),
            call_id: row.call_id.clone(),
            outgoing_call_id: row.outgoing_call_ids().next().map(str::to_owned),
            code: row.code,
            reason: row.reason.clone(),
            release_reason: answered.and_then(|it| it.release_reason.clone()),
            started: row.started,
            ended: row.ended,
            duration_ms: answered.and_then(|it| it.duration_ms),
            from: row.from.clone(),
            to: row.to.clone(),
            source_address,
            user: row.auth_user.clone(),
            server: row.server.clone().or(server),
            engine: row.engine.clone(),
            customer: records.customer_name(),
            comes_in: row.comes_in(),
            attempts: row.attempts.iter().map(|it| tried(it, records)).collect(),
            log: row.log.clone(),
            trace: records.trace,
        })
    }
}

fn tried(attempt: &Attempt, records: &Records) -> Tried {
    Tried {
        carrier: records.tried(attempt),
        code: attempt.code,
        reason: attempt.reason.clone(),
    }
}
