//! What others say that their check of a signature came to: claims of it in an INVITE, complaints in answers.

use std::sync::Arc;

use super::signer;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::{Direction, Side};
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::signing::{Carried, stir_reason};
use crate::sip::{Certainty, Name, Signal};

pub(super) static VERIFICATION_CLAIMED: Rule = Rule {
    id: "verification-claimed",
    family: "signing",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A verstat parameter in From or P-Asserted-Identity that says that the caller was verified \
            (TN-Validation-Passed), which the platform added although the call had come without a signature, or took \
            over from a customer.",
    matters: "Phones show such calls as verified: whoever can send the parameter can look like anybody.",
    remedy: "Take verstat out of what comes from outside; add it only after a check.",
    silent: "The numbers do not both lie in countries that sign; the carrier of an inbound call claims it: the check \
             may have been its own; only one leg was seen.",
    source: "3GPP TS 24.229 section 7.2A.20; ATIS-1000074; catalogue K7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| claimed(rule, case).into_iter().collect()),
};

/// Whether an INVITE says that its caller was verified.
fn claims(invite: &Signal) -> bool {
    const PASSED: &str = "verstat=tn-validation-passed";
    let message = invite.message();
    let mut values = message
        .headers(Name::From)
        .chain(message.headers(Name::PAssertedIdentity));
    values.any(|value| value.to_ascii_lowercase().contains(PASSED))
}

fn claimed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let mut hops = case.call.hops.iter();
    let hop =
        hops.find(|hop| hop.upstream.is_some() && hop.first_invite().is_some_and(|it| claims(it)))?;
    let carried = case.signing()?.on(hop)?;
    let before = case.signing()?.before(carried)?;
    let came = claims(before.invite);
    // What a carrier claims of a call that it hands in is for it to know.
    let is_from_customer = case.roles.direction == Direction::Outbound
        && case.roles.side(before.hop.client) == Side::Caller;
    let cause = match (came, is_from_customer) {
        (true, true) => "The customer sent the parameter, and the platform passed it on.",
        (false, _) if !is_signed(before) => {
            "The call had come without a signature that could have been checked."
        }
        _ => return None,
    };
    let fact = format!(
        "The INVITE of {} ({}) says that its caller was verified (verstat).",
        case.name(hop.client),
        case.when(carried.invite),
    );
    let blame = Blame {
        cause: cause.into(),
        owner: case.roles.side(hop.client).into(),
        certainty: Certainty::Likely,
        next: "Take verstat out of INVITEs from outside, and add it only after a check of the signature.".into(),
    };
    let proof = [before.invite, carried.invite];
    rule.finding(case, proof, Conclusion::certain(fact, hop.client, blame))
}

fn is_signed(carried: &Carried<'_>) -> bool {
    !carried.identities.is_empty()
}

pub(super) static SIGNATURE_COMPLAINT: Rule = Rule {
    id: "signature-complaint",
    family: "signing",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "An answer with a STIR reason, which says what is wrong with the signature, to a call that went on all \
            the same.",
    matters: "The call passed this time; where the check is strict it will not, and phones may label it.",
    remedy: "Mend what the reason names, though calls pass.",
    silent: "The numbers do not both lie in countries that sign, or the answer with the reason refused the call.",
    source: "RFC 9410 section 4; catalogue K9",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| complained(rule, case).into_iter().collect()),
};

fn complained(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Where it was made: the last hop of the way that shows it.
    let way = case.way();
    let (hop, answer, cause, text) = way.iter().rev().find_map(|hop| {
        let mut answers = hop.invites.iter().flat_map(|invite| &invite.responses);
        answers.find_map(|answer: &Arc<Signal>| {
            let goes_on = matches!(answer.code(), Some(101..=299));
            let (cause, text) = stir_reason(answer.message()).filter(|_| goes_on)?;
            Some((*hop, answer, cause, text))
        })
    })?;
    // What the refusal itself says, other rules tell.
    let refusal = Refusal::of(case);
    if refusal.is_some_and(|it| stir_reason(it.origin.answer.message()).is_some()) {
        return None;
    }
    let signing = case.signing()?;
    let carried = signing.on(hop)?;
    let said = match text.as_str() {
        "" => String::new(),
        text => format!(" ({text})"),
    };
    let since = answer.at().duration_since(carried.invite.at());
    let fact = format!(
        "{} complained of the signature {} after the INVITE, STIR cause {cause}{said}, and the call went on.",
        case.name(hop.server),
        case.lasting(since),
    );
    let meaning = case
        .knowledge
        .sip_code(cause)
        .map(|known| known.meaning.clone());
    let blame = Blame {
        cause: meaning.unwrap_or_default(),
        owner: signer(case, signing, carried).into(),
        certainty: Certainty::Likely,
        next: "Mend what the reason names, before calls are refused for it.".into(),
    };
    let proof = [carried.invite, answer];
    rule.finding(case, proof, Conclusion::certain(fact, hop.server, blame))
}
