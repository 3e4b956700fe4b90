//! Calls without a signature, or with one that vouches for little.

use super::{REFUSALS, UNSIGNED, complaint, has_token};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::{Direction, Side};
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::signing::{Carried, Signing};
use crate::sip::Certainty;

pub(super) static CALL_UNSIGNED: Rule = Rule {
    id: "call-unsigned",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE without an Identity header that was refused for that (428, or a STIR reason 428). A warning \
            where the call came in signed and was sent to the carrier without. A note where analytics or the called \
            user refused an unsigned call as unwanted.",
    matters: "Networks that check signatures refuse, label or block calls that have none.",
    remedy: "Have the call signed where it enters the network, and pass the signature on unchanged.",
    silent: "The numbers do not both lie in countries that sign; or nobody complained: whether this call had to be \
             signed on this hop, the call alone does not say. Calls that are delivered to a customer lose their \
             signature by right.",
    source: "RFC 8224 section 6.2.2; RFC 9410; 47 CFR 64.6301; catalogue K1",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(|rule, case| {
        let found = demanded(rule, case).or_else(|| lost(rule, case));
        found.or_else(|| unwanted(rule, case)).into_iter().collect()
    }),
};

const SIGN: &str = "Have the call signed by whoever knows the caller, on this route too; see what the signing service \
                    did with this call.";

/// The side that should have signed what a hop carried: who sends the call in, where it came from a carrier, else who
/// sends on this hop.
fn owner(case: &Case<'_>, carried: &Carried<'_>) -> Side {
    match case.roles.direction {
        Direction::Inbound => Side::Caller,
        _ => case.roles.side(carried.hop.client),
    }
}

fn demanded(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let complaint = complaint(case).filter(|it| it.cause == UNSIGNED)?;
    let (refusal, signing) = (complaint.refusal, case.signing()?);
    let carried = signing.on(refusal.origin.hop)?;
    if !carried.identities.is_empty() {
        return None;
    }
    let came_signed = signing
        .before(carried)
        .is_some_and(|it| !it.identities.is_empty());
    let (owner, cause) = if came_signed {
        let cause = "A signature is demanded there; the call came in with one, and the platform did not pass it on.";
        (Side::Platform, cause)
    } else {
        let cause = "A signature is demanded there, and this INVITE carries none.";
        (owner(case, carried), cause)
    };
    let blame = Blame {
        cause: cause.into(),
        owner: owner.into(),
        certainty: Certainty::Likely,
        next: SIGN.into(),
    };
    let conclusion = Conclusion::certain(refusal.sentence(case), refusal.origin.by, blame);
    rule.finding(case, refusal.proof(), conclusion)
}

/// A signature that came in and did not go on to a carrier.
fn lost(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.roles.direction != Direction::Outbound || !has_token(case) {
        return None;
    }
    let signing = case.signing()?;
    let is_lost = |carried: &&Carried<'_>| {
        let before = signing.before(carried);
        carried.identities.is_empty() && before.is_some_and(|it| !it.identities.is_empty())
    };
    let carried = signing.carried.iter().find(is_lost)?;
    let before = signing.before(carried)?;
    let (sender, receiver) = (case.name(carried.hop.client), case.name(carried.hop.server));
    let fact = format!(
        "The call came in signed ({}), and {sender} sent it to {receiver} without the Identity header ({}).",
        case.when(before.invite),
        case.when(carried.invite),
    );
    let blame = Blame {
        cause:
            "The settings of the platform for this route take the header out, or do not copy it."
                .into(),
        owner: Side::Platform.into(),
        certainty: Certainty::Likely,
        next: "Pass the Identity header on unchanged on this route, or sign the call anew.".into(),
    };
    let conclusion = Conclusion {
        severity: Some(Severity::Warning),
        ..Conclusion::certain(fact, carried.hop.client, blame)
    };
    let finding = rule.finding(case, [before.invite, carried.invite], conclusion)?;
    Some(finding.explaining(&[]))
}

/// The refusal of a call as unwanted, with what its INVITE carried.
fn refused_as_unwanted<'a, 'c>(
    case: &'c Case<'a>,
) -> Option<(Refusal<'a>, &'c Signing<'a>, &'c Carried<'a>)> {
    let refusal = Refusal::of(case).filter(|it| it.code == 607 || it.is_by_analytics())?;
    let signing = case.signing()?;
    let carried = signing.on(refusal.origin.hop)?;
    Some((refusal, signing, carried))
}

fn unwanted(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (refusal, _, carried) = refused_as_unwanted(case)?;
    if !carried.identities.is_empty() {
        return None;
    }
    let sender = case.name(carried.hop.client);
    let blame = Blame {
        cause: "That makes a call more likely to be refused; signed ones are refused too.".into(),
        owner: owner(case, carried).into(),
        certainty: Certainty::Possible,
        next: SIGN.into(),
    };
    let fact = format!(
        "The INVITE of {sender} that was refused with {} carries no signature.",
        refusal.code
    );
    let conclusion = Conclusion {
        severity: Some(Severity::Info),
        ..Conclusion::certain(fact, carried.hop.client, blame)
    };
    let proof = [carried.invite, refusal.origin.answer];
    Some(rule.finding(case, proof, conclusion)?.explaining(&[]))
}

pub(super) static LOW_ATTESTATION: Rule = Rule {
    id: "low-attestation",
    family: "signing",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A call that was signed with attestation B or C, and that analytics (608, or 603 \"Network Blocked\") or \
            the called user (607) refused as unwanted.",
    matters: "A low attestation makes a call more likely to be blocked or labelled.",
    remedy: "Prove to the signer that the number is the caller's own, so that it signs with A.",
    silent: "The call was refused for another reason, or signed with A: such calls are blocked too.",
    source: "RFC 8588 section 4; catalogue K6",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| low_attestation(rule, case).into_iter().collect()),
};

fn low_attestation(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (refusal, signing, carried) = refused_as_unwanted(case)?;
    let attest = carried.about_caller()?.attest.as_deref()?;
    let knows = match attest {
        "B" => "the signer knows its customer, not that the number is theirs",
        "C" => "the signer only knows where it got the call",
        _ => return None,
    };
    let fact = format!(
        "The call that was refused with {} was signed with attestation {attest}: {knows}.",
        refusal.code
    );
    let blame = Blame {
        cause: "That may have contributed; calls with attestation A are blocked too.".into(),
        owner: signing.signer_of(case, carried).into(),
        certainty: Certainty::Possible,
        next: "Have the signer shown that the number is the caller's own, so that it signs with A."
            .into(),
    };
    let conclusion = Conclusion::certain(fact, carried.hop.client, blame);
    rule.finding(case, [carried.invite, refusal.origin.answer], conclusion)
}
