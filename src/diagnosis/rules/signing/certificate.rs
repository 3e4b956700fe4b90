//! Signatures whose certificate could not be fetched or is not trusted, and those that are refused though the call left
//! here without any.

use super::{
    INVALID, NO_CERTIFICATE, REFUSALS, UNTRUSTED, complaint, has_token, refused_for, signer,
};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static SIGNING_CERTIFICATE_REFUSED: Rule = Rule {
    id: "signing-certificate-refused",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A refusal with 436, the certificate of the signature could not be fetched, or 437, it is not trusted or \
            has expired; as code or as a STIR reason. The address of the certificate is named.",
    matters: "Every call that is signed with this certificate fails there.",
    remedy: "436: open the address of the certificate from outside. 437: renew it, and serve its whole chain.",
    silent: "The numbers do not both lie in countries that sign, the call went on (signature-complaint), or the INVITE \
             that was refused bears no signature (signature-made-behind).",
    source: "RFC 8224 section 6.2.2; RFC 9410; catalogue K4",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(|rule, case| refused(rule, case).into_iter().collect()),
};

fn refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (complaint, signing, carried) = refused_for(case, &[NO_CERTIFICATE, UNTRUSTED])
        .filter(|(_, _, carried)| !carried.identities.is_empty())?;
    let refusal = complaint.refusal;
    let infos = carried
        .identities
        .iter()
        .map(|identity| identity.info.as_str());
    let mut addresses: Vec<&str> = infos.filter(|info| !info.is_empty()).collect();
    addresses.dedup();
    let at = match addresses.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    };
    let (cause, next) = if complaint.cause == NO_CERTIFICATE {
        (
            format!(
                "It could not fetch the certificate of the signature{at}: it is not served there, or cannot be \
                 reached from there."
            ),
            "Open the address of the certificate from outside the network, by HTTPS; then ask the one who answered \
             what it got.",
        )
    } else {
        (
            format!(
                "It does not trust the certificate of the signature{at}: expired, or its chain is not whole."
            ),
            "Look at the certificate's dates and chain; renew it and serve the whole chain.",
        )
    };
    let blame = Blame {
        cause,
        owner: signer(case, signing, carried).into(),
        certainty: Certainty::Likely,
        next: next.into(),
    };
    let conclusion = Conclusion::certain(refusal.sentence(case), refusal.origin.by, blame);
    rule.finding(case, refusal.proof(), conclusion)
}

pub(super) static SIGNATURE_MADE_BEHIND: Rule = Rule {
    id: "signature-made-behind",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A refusal with 436, 437 or 438, as code or as a STIR reason, of an INVITE that bears no Identity header on \
            any hop that was seen: the signature that is refused was made behind the one who answered, or by it.",
    matters: "Who looks at the own signature and certificate looks at what this call does not have.",
    remedy: "Ask the one who answered who signs its calls, and with which certificate; or sign the call before it \
             leaves.",
    silent: "An INVITE of the call bears an Identity header.",
    source: "RFC 8224 sections 4.1 and 6.2.2; catalogue K3, K4",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(|rule, case| made_behind(rule, case).into_iter().collect()),
};

fn made_behind(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    const REFUSED: [u16; 3] = [NO_CERTIFICATE, UNTRUSTED, INVALID];
    let complaint = complaint(case).filter(|it| REFUSED.contains(&it.cause))?;
    let refusal = complaint.refusal;
    refusal.origin.hop.first_invite()?;
    if has_token(case) {
        return None;
    }
    let by = case.name(refusal.origin.by);
    let blame = Blame {
        cause: format!(
            "The INVITE went to {by} without a signature, so the one that is refused was added there or behind it."
        ),
        owner: case.roles.side(refusal.origin.by).into(),
        certainty: Certainty::Likely,
        next: format!("Ask {by} who signs its calls, and with which certificate."),
    };
    let conclusion = Conclusion::certain(refusal.sentence(case), refusal.origin.by, blame);
    rule.finding(case, refusal.proof(), conclusion)
}
