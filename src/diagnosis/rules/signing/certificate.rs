//! Signatures whose certificate could not be fetched or is not trusted.

use super::{NO_CERTIFICATE, REFUSALS, UNTRUSTED, refused_for, signer};
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
    silent: "The numbers do not both lie in countries that sign, or the call went on (signature-complaint).",
    source: "RFC 8224 section 6.2.2; RFC 9410; catalogue K4",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(|rule, case| refused(rule, case).into_iter().collect()),
};

fn refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (complaint, signing, carried) = refused_for(case, &[NO_CERTIFICATE, UNTRUSTED])?;
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
