//! The rule on calls without a caller ID that were refused.

use super::{RefusedInvite, writer};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Message, Name};

pub(super) static CALLER_ID_ABSENT: Rule = Rule {
    id: "caller-id-absent",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 403 or 433, without a caller ID: its From has no user or an \
            anonymous one, and no P-Asserted-Identity, P-Preferred-Identity or Remote-Party-ID stands \
            beside it.",
    matters: "Many networks take no calls without a caller ID.",
    remedy: "Send a number that the customer owns, in From or P-Asserted-Identity; Privacy hides it from \
             the called person.",
    silent: "A number stands in one of those headers, the 403 gives another reason, or it followed \
             credentials.",
    source: "RFC 3323 section 4.1.1.3; RFC 3325 section 9; RFC 5079; catalogue H10",
    explains: &["call-forbidden", "other-refusal", "refused-by-platform"],
    limits: &[],
    check: Check::Call(|rule, case| caller_id_absent(rule, case).into_iter().collect()),
};

fn caller_id_absent(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = RefusedInvite::of(case, &[403, 433])?;
    let refusal = Refusal::of(case)?;
    let is_said = refused.code == 433 || refusal.speaks_of_caller_id();
    let has_other_reason = refusal.speaks_of_limit()
        || refusal.speaks_of_signature()
        || refusal.cause().is_some()
        || refusal.platform_reason(case).is_some()
        || !refused.request.message().credentials().is_empty();
    if !is_anonymous(refused.request.message()) || (!is_said && has_other_reason) {
        return None;
    }
    let by = writer(case, refused.hop, is_anonymous);
    let name = case.name(by);
    let hidden = match refused.request.message().header(Name::Privacy) {
        Some(privacy) => format!(", Privacy: {privacy}"),
        None => String::new(),
    };
    let taken_away = case.roles.side(by) == Side::Platform;
    rule.finding(
        case,
        [refused.request, refused.answer],
        Conclusion {
            fact: format!(
                "The INVITE has no caller ID ({}): an anonymous From{hidden} and no asserted identity; {}.",
                case.when(refused.request),
                refused.words(case),
            ),
            fact_certainty: Certainty::Certain,
            cause: match (is_said, taken_away) {
                (true, true) => "It takes no calls without one, and the platform sent none on.",
                (true, false) => "It takes no calls without one.",
                (false, true) => {
                    "It gives no reason; that the platform sent no caller ID on is one that many have."
                }
                (false, false) => "It gives no reason; that there is no caller ID is one that many have.",
            }
            .to_owned(),
            owner: case.roles.side(by).into(),
            to_act: None,
            certainty: if is_said { Certainty::Likely } else { Certainty::Possible },
            by: Some(refused.hop.server),
            severity: None,
            next: format!("Let {name} send a caller ID that the customer owns, in E.164; then call again."),
        },
    )
}

/// Whether nothing in it says who calls.
pub(in crate::diagnosis::rules) fn is_anonymous(message: &Message) -> bool {
    let identities = [
        Name::PAssertedIdentity,
        Name::PPreferredIdentity,
        Name::RemotePartyId,
    ];
    let asserted = identities
        .into_iter()
        .any(|name| message.header(name).is_some());
    let user = message.from_user().to_ascii_lowercase();
    let nobody = [
        "",
        "anonymous",
        "unknown",
        "restricted",
        "unavailable",
        "private",
    ];
    !asserted && nobody.contains(&user.trim())
}
