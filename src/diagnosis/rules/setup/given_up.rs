//! Routes that the platform gave up before anything rang, where the call failed all the same. Where it was
//! answered in the end, the rules on fail-over and delay speak.

use jiff::SignedDuration;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Hop};

pub(super) static ROUTE_GIVEN_UP: Rule = Rule {
    id: "route-given-up",
    family: "setup",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The platform cancelled an attempt that had been taken (100) and did not ring, tried another \
            route, and the call failed there.",
    matters: "The last answer is what the caller got, yet the route before it took the call and was stuck.",
    remedy: "Ask that carrier what it waited for; take it out of the route while it does.",
    silent: "It rang, the caller cancelled, it was the only route, or the call was answered.",
    source: "RFC 3261 section 16.7; catalogue T2",
    explains: &[],
    limits: &[&PATIENCE],
    check: Check::Call(given_up),
};

static PATIENCE: Limit = Limit {
    key: "route-given-up.wait",
    what: "how long an attempt must have been waited for",
    default: Figure::Time(SignedDuration::from_secs(1)),
};

fn given_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(ingress) = case.call.ingress() else {
        return Vec::new();
    };
    if case.answer().is_some() || ingress.cancel().is_some() {
        return Vec::new();
    }
    let attempts: Vec<&Hop> = case.call.downstream(ingress).collect();
    let stuck = attempts
        .iter()
        .filter(|hop| case.roles.side(hop.client) == Side::Platform)
        .filter_map(|hop| one(rule, case, hop, &attempts));
    stuck.collect()
}

fn one(rule: &Rule, case: &Case<'_>, hop: &Hop, attempts: &[&Hop]) -> Option<Finding> {
    let invite = hop.decisive()?;
    let (request, cancel) = (invite.request()?, hop.cancel()?);
    let taken = invite
        .progress()
        .find(|it| it.message().code() == Some(100));
    let taken = taken.or_else(|| hop.first_response())?;
    let is_bare = taken.message().code() == Some(100) && hop.ringing().is_none();
    let waited = cancel.at().duration_since(request.at());
    let has_next = attempts
        .iter()
        .any(|other| other.started().is_some_and(|at| at > cancel.at()));
    if !is_bare || waited < case.tuning.time(&PATIENCE) || !has_next {
        return None;
    }
    rule.finding(
        case,
        [request, taken, cancel],
        Conclusion {
            fact: format!(
                "The platform gave up on {} after {}: it had said 100 and nothing rang; then another route \
                 was tried.",
                case.name(hop.server),
                case.lasting(waited),
            ),
            fact_certainty: Certainty::Certain,
            cause: "It took the call and was stuck on what lies behind it.".to_owned(),
            owner: Side::CalledPeer.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(hop.server),
            severity: None,
            next: format!(
                "Ask {} what it waited for; take it out of the route while it does.",
                case.name(hop.server)
            ),
        },
    )
}
