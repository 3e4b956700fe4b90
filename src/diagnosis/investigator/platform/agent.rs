//! What happened to a call inside services of the platform: its steps through menus and queues, and where it met
//! some, those of an AI agent. What was said is never asked for; judges nothing.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::details::wanted;
use crate::platform::{AgentStep, CallRecord, ServiceEvent};
use crate::sources::{Answer, ConnexCs, Lookup};

/// A call this near to midnight may stand under the day beside.
const NEAR_MIDNIGHT: SignedDuration = SignedDuration::from_mins(10);

/// The steps of a call through services, and those of an agent.
pub async fn service(
    platform: &ConnexCs,
    row: &CallRecord,
    is_wanted: bool,
) -> (Lookup<Answer<ServiceEvent>>, Lookup<Answer<AgentStep>>) {
    let id = row.call_id.as_deref().unwrap_or_default();
    let events = wanted(is_wanted, platform.service_events(id)).await;
    let met_some = matches!(events, Lookup::Found(_));
    let steps = match row.started.filter(|_| met_some) {
        Some(at) => steps(platform, id, at).await,
        None => Lookup::Empty,
    };
    (events, steps)
}

/// The steps of the day of the call in UTC, else of the day beside where that is near.
async fn steps(platform: &ConnexCs, id: &str, at: Timestamp) -> Lookup<Answer<AgentStep>> {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let mut found = platform.agent_steps(id, day(at)).await;
    for by in [NEAR_MIDNIGHT, -NEAR_MIDNIGHT] {
        let beside = at.checked_add(by).map(day).unwrap_or(day(at));
        if found == Lookup::Empty && beside != day(at) {
            found = platform.agent_steps(id, beside).await;
        }
    }
    found
}
