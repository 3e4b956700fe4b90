//! The rule on bodies besides the session description that were refused.

use super::{RefusedInvite, writer};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::body::PartKind;
use crate::sip::{Certainty, Message, Name};

pub(super) static BODY_NOT_TAKEN: Rule = Rule {
    id: "body-not-taken",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 400 or 415, and whose body is no plain session description: \
            several parts, or ISUP or something else instead.",
    matters: "Many devices and carriers read nothing but a plain session description.",
    remedy: "Leave the further parts out towards this peer (ISUP, location, recording data).",
    silent: "The body is a plain session description, or the INVITE was refused with another code.",
    source: "RFC 3261 section 21.4.13; RFC 5621 section 3; RFC 3204; catalogue H16, S406",
    explains: &[
        "request-rejected",
        "refused-by-platform",
        "media-not-acceptable",
    ],
    limits: &[],
    check: Check::Call(|rule, case| body_not_taken(rule, case).into_iter().collect()),
};

fn body_not_taken(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = RefusedInvite::of(case, &[400, 415])?;
    let kinds = odd_parts(refused.request.message())?;
    let by = writer(case, refused.hop, |message| odd_parts(message).is_some());
    let name = case.name(by);
    let answer = refused.answer.message();
    let takes = match answer.header(Name::Accept) {
        Some(accept) => format!(" It takes {accept}."),
        None => String::new(),
    };
    let side = case.roles.side(by);
    rule.finding(
        case,
        [refused.request, refused.answer],
        Conclusion {
            fact: format!(
                "The body of the INVITE ({}) is {kinds}; {}.",
                case.when(refused.request),
                refused.words(case),
            ),
            fact_certainty: Certainty::Certain,
            cause: match refused.code {
                415 => format!("It does not read such a body.{takes}"),
                _ => format!("Such a body is one reason for that code, not the only one.{takes}"),
            },
            owner: side.into(),
            to_act: (side != Side::Platform).then_some(Side::Platform.into()),
            certainty: match refused.code {
                415 => Certainty::Likely,
                _ => Certainty::Possible,
            },
            by: Some(refused.hop.server),
            severity: None,
            next: format!(
                "Send a plain session description towards this peer: let the platform take out what {name} \
                 adds, or switch it off there."
            ),
        },
    )
}

/// The types that a body has besides a plain session description, in words.
fn odd_parts(message: &Message) -> Option<String> {
    let parts = message.parts();
    let is_odd = parts.len() > 1 || parts.iter().any(|part| part.kind() != PartKind::Sdp);
    if message.body().is_empty() || !is_odd {
        return None;
    }
    let mut kinds: Vec<String> = parts
        .iter()
        .map(|part| match &part.content_type {
            Some(named) => named.kind.clone(),
            None => "of no named type".to_owned(),
        })
        .collect();
    kinds.dedup();
    Some(kinds.join(" and "))
}
