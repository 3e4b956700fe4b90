//! The rule on CANCELs that were sent before anything had come back.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static CANCEL_BEFORE_RESPONSE: Rule = Rule {
    id: "cancel-before-response",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A CANCEL that was sent before any provisional response to its INVITE, where the called side rang or \
            answered after it. A note where the INVITE ended with 487 all the same.",
    matters: "Such a CANCEL may find nothing to cancel: the phone rings for a caller who has gone.",
    remedy: "Have its sender keep the CANCEL until the first provisional response has come.",
    silent: "A response had come before it, or nothing but the silence of a dead hop came after it.",
    source: "RFC 3261 section 9.1; catalogue X3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let hops = case.call.hops.iter();
        let found = hops
            .filter_map(|hop| cancelled_too_soon(rule, case, hop))
            .next();
        found.into_iter().collect()
    }),
};

fn cancelled_too_soon(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let (cancel, first) = (hop.cancel()?, hop.first_response()?);
    if cancel.number > first.number {
        return None;
    }
    let invite = hop
        .first_invite()
        .filter(|invite| invite.number < cancel.number)?;
    let (client, server) = (case.name(hop.client), case.name(hop.server));
    let is_alive = |signal: &&Arc<Signal>| matches!(signal.code(), Some(180 | 183 | 200..=299));
    let mut answers = hop.invites.iter().flat_map(|invite| &invite.responses);
    let alive = answers.find(is_alive);
    let ended = hop.final_response().filter(|it| it.code() == Some(487));
    let (then, severity) = match (alive, ended) {
        (Some(alive), _) => {
            let code = alive.code().unwrap_or_default();
            (
                format!(
                    "{server} answered {code} all the same ({})",
                    case.when(alive)
                ),
                None,
            )
        }
        (None, Some(ended)) => {
            let then = format!("{server} ended the call with 487 ({})", case.when(ended));
            (then, Some(Severity::Info))
        }
        (None, None) => return None,
    };
    let fact = format!(
        "{client} sent CANCEL ({}) before any response to its INVITE ({}) had come; {then}.",
        case.when(cancel),
        case.when(invite),
    );
    let blame = Blame {
        cause: "A CANCEL has to wait for the first provisional response.".into(),
        owner: case.roles.side(hop.client).into(),
        certainty: Certainty::Likely,
        next: format!("Have {client} hold its CANCEL back until a provisional response has come."),
    };
    let conclusion = Conclusion {
        severity,
        ..Conclusion::certain(fact, hop.client, blame)
    };
    rule.finding(case, [invite, cancel, alive.or(ended)?], conclusion)
}
