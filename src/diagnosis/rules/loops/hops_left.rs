//! The rules on Max-Forwards: a request that used it up, and a proxy that does not count it down.

use std::sync::Arc;

use super::{explaining, refused_with, severity};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Hop, Link, Name, Signal};

static FEW: Limit = Limit {
    key: "hops-spent.few",
    what: "with how many hops left a request is remarked on",
    default: Figure::Count(5),
};

static LOW: Limit = Limit {
    key: "hops-spent.low-start",
    what: "with how many hops at its start a call began with too few; RFC 3261 section 8.1.1.6 wants 70",
    default: Figure::Count(20),
};

pub(super) static HOPS_SPENT: Rule = Rule {
    id: "hops-spent",
    family: "loops",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 483 and had arrived there with 5 hops left or fewer, or that \
            began with 20 or fewer. Without a 483, one that arrived with 5 hops left or fewer: a warning where the call \
            failed, else a note.",
    matters: "Each proxy counts Max-Forwards down and refuses the request at 0: the way is too long, goes \
              round in a circle, or began with too few.",
    remedy: "List the nodes in the Via headers; look for one that comes twice. Let the first node begin with \
             70.",
    silent: "More hops are left, so that they were spent further on than was seen; or there is no \
             Max-Forwards.",
    source: "RFC 3261 sections 8.1.1.6, 16.3 and 21.4.21; catalogue L2",
    explains: &["request-rejected", "refused-by-platform"],
    limits: &[&FEW, &LOW],
    check: Check::Call(|rule, case| hops_spent(rule, case).into_iter().collect()),
};

fn hops_left(request: &Signal) -> Option<u32> {
    request.message().seconds(Name::MaxForwards)
}

fn hops_spent(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let few = case.tuning.count(&FEW);
    let is_few = |left: &u32| u64::from(*left) <= few;
    let refused = refused_with(case, 483)
        .filter_map(|(invite, request, answer)| {
            Some((hops_left(request)?, invite, request, answer))
        })
        .min_by_key(|(left, ..)| *left);
    if let Some((left, invite, request, answer)) =
        refused.filter(|(left, ..)| is_few(left) || began_low(case).is_some())
    {
        let fact = format!(
            "{} refused the INVITE with {} ({}); it arrived with Max-Forwards {left}.",
            case.name(invite.server),
            code_and_phrase(answer),
            case.when(answer),
        );
        return conclude(rule, case, fact, request, Some(answer))
            .map(|found| explaining(case, 483, found));
    }
    let arrived = case.call.hops.iter().filter_map(|hop| {
        let request = hop.first_invite()?;
        let left = hops_left(request).filter(is_few)?;
        Some((left, hop, request))
    });
    let (left, hop, request) = arrived.min_by_key(|(left, ..)| *left)?;
    let fact = format!(
        "The INVITE reached {} with Max-Forwards {left} ({}).",
        case.name(hop.server),
        case.when(request),
    );
    conclude(rule, case, fact, request, None).map(|finding| finding.explaining(&[]))
}

/// The caller's INVITE where it came straight from its sender with few hops to go, and how many.
fn began_low<'a>(case: &Case<'a>) -> Option<(&'a Arc<Signal>, u32)> {
    let low = case.tuning.count(&LOW);
    let first = case.call.ingress().and_then(Hop::first_invite)?;
    let left = hops_left(first).filter(|left| u64::from(*left) <= low)?;
    (first.message().vias().len() <= 1).then_some((first, left))
}

fn conclude(
    rule: &Rule,
    case: &Case<'_>,
    fact: String,
    request: &Arc<Signal>,
    answer: Option<&Arc<Signal>>,
) -> Option<Finding> {
    let nodes = request.message().vias().len();
    let began = began_low(case);
    let first = began.map(|(first, _)| first);
    let (owner, certainty, cause) = match began {
        Some((first, left)) => (
            case.roles.side(case.call.node(first.source())).into(),
            Certainty::Likely,
            format!("The call began with only {left}; 70 is what the RFC wants."),
        ),
        None => (
            Party::Undecided.into(),
            Certainty::Possible,
            format!(
                "Its Via headers name {}; a circle further back does not show where each round got a new \
                 Call-ID.",
                match nodes {
                    1 => "one node".to_owned(),
                    nodes => format!("{nodes} nodes"),
                }
            ),
        ),
    };
    rule.finding(
        case,
        [request].into_iter().chain(answer).chain(first),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: (owner == Party::Undecided.into()).then_some(Side::Platform.into()),
            certainty,
            by: answer.map(|answer| case.call.node(answer.source())),
            severity: answer.is_none().then(|| severity(case)),
            next: "List the nodes in the Via headers and look for a circle; let the first node begin with \
                   Max-Forwards 70."
                .to_owned(),
        },
    )
}

pub(super) static MAX_FORWARDS_KEPT: Rule = Rule {
    id: "max-forwards-kept",
    family: "loops",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A proxy that sent an INVITE on with the Max-Forwards it came with, or a larger one; a warning \
            where the call failed.",
    matters: "Where it is not counted down, nothing ends a circle: it goes on until a node is overloaded.",
    remedy: "Let that node count Max-Forwards down (a header rule may set it anew).",
    silent: "A back-to-back agent sent it on, with a Call-ID or Via headers of its own: it begins anew by \
             right.",
    source: "RFC 3261 section 16.6 step 3; catalogue L3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| max_forwards_kept(rule, case).into_iter().collect()),
};

fn max_forwards_kept(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let hops = case.call.hops.iter();
    let kept = hops.filter(|hop| matches!(hop.upstream, Some((_, Link::Via))));
    let (hop, came, went, before, after) = kept.into_iter().find_map(|hop| {
        let came_in = case.call.upstream(hop)?.first_invite()?;
        let went_out = hop.first_invite()?;
        let (before, after) = (hops_left(came_in)?, hops_left(went_out)?);
        (after >= before).then_some((hop, came_in, went_out, before, after))
    })?;
    let name = case.name(hop.client);
    let owner = case.roles.forwarder(hop.client);
    rule.finding(
        case,
        [came, went],
        Conclusion {
            fact: format!(
                "{name} sent the INVITE on with Max-Forwards {after} though it came with {before} ({}).",
                case.when(went)
            ),
            fact_certainty: Certainty::Certain,
            cause: "A proxy has to count it down.".to_owned(),
            owner,
            to_act: None,
            certainty: match owner {
                Owner::Party(Party::Undecided) => Certainty::Possible,
                _ => Certainty::Likely,
            },
            by: Some(hop.client),
            severity: (case.answer().is_none()).then_some(Severity::Warning),
            next: format!("Let {name} count Max-Forwards down; look for a rule that sets it anew."),
        },
    )
}
