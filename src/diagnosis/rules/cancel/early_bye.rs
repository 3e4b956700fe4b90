//! The rule on BYEs that came before the call was answered, or before the answer was confirmed.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{goes_to_caller, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Transaction};

pub(super) static BYE_BEFORE_ANSWER: Rule = Rule {
    id: "bye-before-answer",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A BYE of the called side before its own final answer to the INVITE; or a BYE of the calling side, \
            instead of an ACK, after a 2xx.",
    matters: "The first is not allowed, the second leaves the answer unconfirmed: the other side may repeat its 2xx, \
              ring on, or count the call as answered.",
    remedy: "The called side refuses with a final code; the calling side sends ACK before BYE, or CANCEL before the \
             answer.",
    silent: "The calling side sent BYE to a call that still rang, which it may; no final answer was seen; the 2xx was \
             repeated (missing-ack); the BYE took another way than an ACK would have.",
    source: "RFC 3261 section 15; catalogue X12",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let mut byes = case.byes().take(MOST);
        let found = byes.find_map(|bye| {
            let mut hops = case.call.hops.iter().filter(|hop| hop.leg == bye.leg);
            hops.find_map(|hop| before_answer(rule, case, hop, bye))
        });
        found.into_iter().collect()
    }),
};

/// More of one call than these tell nothing new.
const MOST: usize = 64;

fn before_answer(
    rule: &Rule,
    case: &Case<'_>,
    hop: &Hop,
    bye: &Arc<Transaction>,
) -> Option<Finding> {
    let (sent, answer) = (bye.request()?, hop.final_response()?);
    let invite = hop.decisive()?;
    let code = answer.code()?;
    let by_called =
        goes_to_caller(case, bye) && (bye.client, bye.server) == (hop.server, hop.client);
    let by_caller =
        !goes_to_caller(case, bye) && (bye.client, bye.server) == (hop.client, hop.server);
    let is_early =
        by_called && sent.number < answer.number && invite.request()?.number < sent.number;
    let repeats = invite.times_answered(code);
    let is_bare = by_caller
        && (200..300).contains(&code)
        && answer.number < sent.number
        && invite.acks.is_empty()
        && repeats == 1;
    let (fact, cause) = if is_early {
        (
            format!(
                "{} sent BYE ({}) before its own final answer to the INVITE, {code} ({}).",
                case.name(bye.client),
                case.when(sent),
                case.when(answer),
            ),
            "A call that is not answered is refused with a final code; only the calling side may end it by BYE.",
        )
    } else if is_bare {
        (
            format!(
                "{} sent BYE ({}) after the {code} ({}), and no ACK to it was seen on the same way.",
                case.name(bye.client),
                case.when(sent),
                case.when(answer),
            ),
            "Every 2xx has to be confirmed by an ACK before the call is ended.",
        )
    } else {
        return None;
    };
    let blame = Blame {
        cause: cause.into(),
        owner: side_of(case, bye.client).into(),
        certainty: Certainty::Likely,
        next: format!(
            "Show {} these messages: its SIP software is at fault.",
            case.name(bye.client)
        ),
    };
    rule.finding(
        case,
        [answer, sent],
        Conclusion::certain(fact, bye.client, blame),
    )
}
