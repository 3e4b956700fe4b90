//! The rule on calls that ended while one side was on hold.

use std::sync::Arc;

use jiff::SignedDuration;

use super::MOST;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{answered, goes_to_caller, side_of};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::sdp::{Direction, Media};
use crate::sip::{Certainty, Method, Transaction};

pub(super) static STUCK_ON_HOLD: Rule = Rule {
    id: "stuck-on-hold",
    family: "dialog",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "One side put the call on hold (sendonly, inactive, or the address 0.0.0.0), did not take it back for 20 s \
            or more, and the side on hold hung up.",
    matters: "The side on hold hears music or nothing and gives up: often reported as a silent call.",
    remedy: "See whether the hold was meant; look for a re-INVITE that should have ended it and was lost.",
    silent: "The call was taken back, transferred (REFER, Replaces) or ended by the side that held it.",
    source: "RFC 3264 section 8.4; RFC 5359 section 2.1; catalogue M14",
    explains: &["hung-up"],
    limits: &[&SHORTEST],
    check: Check::Call(|rule, case| stuck_on_hold(rule, case).into_iter().collect()),
};

static SHORTEST: Limit = Limit {
    key: "stuck-on-hold.shortest",
    what: "the shortest hold until the end that is remarked on",
    default: Figure::Time(SignedDuration::from_secs(20)),
};

/// Whether audio described so puts the other side on hold.
fn holds(audio: &Media) -> bool {
    let is_zero = matches!(audio.address.as_deref(), Some("0.0.0.0" | "::"));
    audio.port != 0
        && (matches!(audio.direction, Direction::SendOnly | Direction::Inactive) || is_zero)
}

fn stuck_on_hold(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    answered(case)?;
    let bye = case.own_byes().next()?;
    let hung_up = bye.request()?;
    let is_accepted = |t: &&Arc<Transaction>| {
        let may_offer = matches!(t.method, Method::Invite | Method::Update);
        may_offer
            && t.in_dialog
            && matches!(t.final_code(), Some(200..=299))
            && t.started() < bye.started()
    };
    let all = case.call.transactions.iter().rev();
    let mut changes: Vec<&Arc<Transaction>> = all.filter(is_accepted).take(MOST).collect();
    changes.reverse();
    // The last word of each side counts: the side that holds is the one that has to take the call back.
    let last_of = |to_caller: bool| {
        let of_side = changes
            .iter()
            .rev()
            .filter(|it| goes_to_caller(case, it) == to_caller);
        let mut described = of_side.filter_map(|it| Some((*it, it.offer_answer()?.offer)));
        described.find(|(_, offer)| offer.sdp.audio().is_some())
    };
    let held = [true, false].into_iter().find_map(|to_caller| {
        let (hold, offer) = last_of(to_caller)?;
        let is_held = offer.sdp.audio().is_some_and(holds);
        (is_held && goes_to_caller(case, bye) != to_caller).then_some(hold)
    })?;
    let is_moved = case.call.with_method(Method::Refer).next().is_some()
        || case
            .call
            .requests(Method::Invite)
            .any(|it| it.message().replaces().is_some());
    let request = held.request()?;
    let lasted = hung_up.at().duration_since(request.at());
    if is_moved || case.call.is_timeless() || lasted < case.tuning.time(&SHORTEST) {
        return None;
    }
    // Whose hold it is shows where it began, not where it was passed on to.
    let mut same = changes.iter().copied().filter(|it| {
        goes_to_caller(case, it) == goes_to_caller(case, held) && it.started() <= held.started()
    });
    let near = |it: &&Arc<Transaction>| {
        let apart = request
            .at()
            .duration_since(it.started().unwrap_or(request.at()));
        apart < SignedDuration::from_secs(1)
    };
    let first = same.find(near).unwrap_or(held);
    let request = first.request()?;
    let (holder, held_side) = (case.name(first.client), case.name(bye.client));
    let fact = format!(
        "{holder} put the call on hold ({}) and did not take it back; {held_side} hung up {} later.",
        case.when(request),
        case.lasting(lasted),
    );
    let blame = Blame {
        cause: "The hold was meant, forgotten, or what should have ended it was lost.".into(),
        owner: side_of(case, first.client).into(),
        certainty: Certainty::Possible,
        next: format!(
            "Ask whoever used {holder} whether the hold was meant, and see whether a resume was sent."
        ),
    };
    let proof = [Some(request), first.final_response(), Some(hung_up)];
    rule.finding(
        case,
        proof.into_iter().flatten(),
        Conclusion::certain(fact, first.client, blame),
    )
}
