//! Which registrations concern a call: those of its users, near it in time.

use std::collections::HashSet;

use jiff::SignedDuration;

use super::MOST_CALLS;
use super::gathered::Gathered;
use crate::call::{CallQuery, Term, Window};
use crate::peers::Peers;
use crate::sip::{Call, Kind};
use crate::sources::Source;

/// A registration concerns a call of the same user for so long (design, section 2).
const REGISTRATION_CONCERNS: SignedDuration = SignedDuration::from_mins(10);

/// Asks the sources for the registrations of the users of these calls, near them in time.
pub(super) async fn registrations(sources: &[Source], found: &[Call]) -> Vec<Call> {
    let mut gathered = Gathered::default();
    for call in found
        .iter()
        .filter(|call| call.kind() == Kind::Call)
        .take(MOST_CALLS)
    {
        let Some(window) = near(call) else { continue };
        let query = CallQuery {
            terms: users(call).into_iter().map(Term::SipUser).collect(),
            window: Some(window),
            ..CallQuery::default()
        };
        if query.terms.is_empty() {
            continue;
        }
        gathered.trace_too(sources, &query).await;
    }
    let mut seen = HashSet::new();
    gathered
        .evidence
        .packets
        .retain(|packet| seen.insert((packet.place, packet.at)));
    // Without the neighbours that were fetched for joining.
    let all = gathered.matched_calls(&CallQuery::default(), &Peers::default());
    all.into_iter()
        .filter(|call| call.kind() == Kind::Registration)
        .collect()
}

/// The registrations of a call's users near it in time.
pub(super) fn concerning(call: &Call, registrations: &[Call]) -> Vec<Call> {
    let (users, window) = (users(call), near(call));
    let of_user = |other: &&Call| {
        other
            .first_leg()
            .is_some_and(|leg| users.contains(&leg.facts.to))
            && other
                .started()
                .zip(window)
                .is_some_and(|(at, window)| window.contains(at))
    };
    registrations.iter().filter(of_user).cloned().collect()
}

/// The users whose registration may matter to a call: as they call themselves, as they are
/// called, and as they authenticate.
fn users(call: &Call) -> Vec<String> {
    let mut users: Vec<String> = Vec::new();
    for hop in &call.hops {
        let Some(invite) = hop.decisive().and_then(|invite| invite.request()) else {
            continue;
        };
        users.extend(invite.message.credentials().into_iter().map(|c| c.username));
        users.push(invite.message.from_user());
        users.push(invite.message.to_user());
    }
    users.retain(|user| !user.is_empty());
    users.sort();
    users.dedup();
    users
}

fn near(call: &Call) -> Option<Window> {
    let at = call.started()?;
    let from = at.checked_sub(REGISTRATION_CONCERNS).ok()?;
    Some(Window::new(
        from,
        at.checked_add(REGISTRATION_CONCERNS).ok()?,
    ))
}
