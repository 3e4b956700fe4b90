//! The few facts of one call by which many are looked at together. Small, because many are kept; judges
//! nothing anew.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::diagnosis::case::Case;
use crate::diagnosis::common::{Aspect, Ended, Traits};
use crate::diagnosis::exchange::credentials;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::origin::Tried;
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::registered_until;
use crate::sip::Kind;
use crate::sip::facts::EndedBy;

/// One call, registration or keep-alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The Call-ID of its first leg.
    pub call_id: String,
    /// What it is.
    pub kind: Kind,
    /// When it began; nothing where nobody recorded times.
    pub at: Option<Timestamp>,
    /// Who sent its first request.
    pub source: Option<IpAddr>,
    /// What the sender calls itself.
    pub agent: Option<String>,
    /// Whose call it is, where that is known.
    pub customer: Option<String>,
    /// The carrier that decided, or that was tried last.
    pub carrier: Option<String>,
    /// The platform's server.
    pub server: Option<String>,
    /// Who called.
    pub caller: String,
    /// Who was called; of a registration, who registers.
    pub called: String,
    /// The country of the called number.
    pub country: Option<String>,
    /// The user that sent credentials.
    pub user: Option<String>,
    /// Of a registration: how long after its beginning the last binding that was granted lasts.
    #[serde(default)]
    pub registered_for: Option<SignedDuration>,
    /// How many requests with credentials were refused.
    pub refused_credentials: usize,
    /// The final code, as the caller was told it.
    pub code: Option<u16>,
    /// The code that refused it, where it was made.
    pub refusal: Option<u16>,
    /// How long whoever refused it took.
    pub refused_after: Option<SignedDuration>,
    /// Whether the platform refused it without sending it on.
    pub stopped_here: bool,
    /// Whether it was answered; of anything else, whether it was accepted.
    pub answered: bool,
    /// Whether any 18x was seen.
    pub rang: bool,
    /// First INVITE to first 180 or 183.
    pub pdd: Option<SignedDuration>,
    /// First INVITE to 2xx.
    pub setup: Option<SignedDuration>,
    /// First 2xx to first BYE.
    pub talk: Option<SignedDuration>,
    /// First INVITE to the end of the call that was not answered.
    pub tried_for: Option<SignedDuration>,
    /// Who ended it.
    pub ended_by: Option<EndedBy>,
    /// How it ended, as far as calls are told apart by it.
    pub ended: Ended,
}

impl Entry {
    /// The facts of a diagnosed call; nothing of one without messages.
    #[must_use]
    pub fn of(case: &Case<'_>, diagnosis: &Diagnosis) -> Option<Entry> {
        let facts = &case.call.first_leg()?.facts;
        let traits = Traits::of_diagnosed(case, diagnosis);
        let one = |aspect| traits.of(aspect).next().map(str::to_owned);
        let first = case.call.transactions.first();
        let request = first.and_then(|it| it.request());
        let refused = |code: Option<u16>| matches!(code, Some(401 | 403 | 407));
        let with_credentials =
            |it: &&&std::sync::Arc<crate::sip::Transaction>| !credentials(it).is_empty();
        let judged = case.exchanges().iter().flat_map(|it| &it.turns);
        let turns: Vec<_> = judged.filter(with_credentials).collect();
        let origin = case.origin();
        let stopped_here = origin.is_some_and(|it| {
            it.tried == Tried::Nothing && case.roles.side(it.by) == Side::Platform
        });
        let refusing = origin.filter(|_| case.answer().is_none());
        let millis = |figure: Option<i64>| figure.map(SignedDuration::from_millis);
        let began = case.call.started();
        let is_timed = !case.call.is_timeless();
        let tried_for = || {
            let end = case.failure()?.at();
            Some(end.duration_since(began?)).filter(|_| is_timed)
        };
        Some(Entry {
            call_id: facts.call_id.clone(),
            kind: case.call.kind(),
            at: began.filter(|_| is_timed),
            source: first.map(|it| it.client.ip()),
            agent: request.and_then(|it| it.message().agent().map(|it| it.to_string())),
            customer: one(Aspect::Customer),
            carrier: traits.carrier.clone(),
            server: one(Aspect::Server),
            caller: traits.from.clone(),
            called: traits.to.clone(),
            country: one(Aspect::Destination),
            user: turns
                .iter()
                .find_map(|it| credentials(it).into_iter().next())
                .map(|it| it.username),
            registered_for: registered_until(case.call)
                .zip(began)
                .map(|(until, began)| until.duration_since(began)),
            refused_credentials: turns.iter().filter(|it| refused(it.final_code())).count(),
            code: traits.code,
            refusal: traits.refusal,
            refused_after: refusing
                .filter(|_| is_timed)
                .and_then(|it| Some(it.answer.at().duration_since(it.hop.decisive()?.started()?))),
            stopped_here,
            answered: match traits.kind {
                Kind::Call => traits.answered,
                Kind::Registration | Kind::Other => matches!(traits.code, Some(200..=299)),
            },
            rang: case.call.hops.iter().any(|hop| hop.progress().is_some()),
            pdd: millis(facts.pdd_ms),
            setup: millis(facts.setup_ms),
            talk: millis(facts.talk_ms),
            tried_for: tried_for(),
            ended_by: facts.ended_by,
            ended: traits.ended,
        })
    }

    /// Whether it is a call.
    #[must_use]
    pub fn is_call(&self) -> bool {
        self.kind == Kind::Call
    }

    /// Whether it was lost, or of no use.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.ended == Ended::Failed
    }
}
