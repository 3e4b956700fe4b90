//! Signatures that are no well-formed tokens.

use super::{REFUSALS, complaint, has_token};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::signing::First;
use crate::sip::Certainty;
use crate::sip::header::{Identity, Malformed, Token};

pub(super) static SIGNATURE_MALFORMED: Rule = Rule {
    id: "signature-malformed",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An Identity header whose token cannot be read, is cut off, is not signed with ES256, lacks its time or \
            its numbers, or says of its kind (ppt) or its certificate (x5u) something else than the header does \
            (ppt, info). A warning where nobody refused the call for it.",
    matters: "Nobody can verify it: the call counts as unsigned or as forged.",
    remedy: "Correct the settings of the signer; where the token is cut off, look at the size of the INVITE.",
    silent: "The numbers do not both lie in countries that sign, or the message itself was cut off in the capture.",
    source: "RFC 8224 section 4; RFC 8225 sections 4, 5 and 8; RFC 8588 section 6; catalogue K5",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(malformed),
};

/// More of one call than these tell nothing new.
const MOST: usize = 4;

/// The algorithm that a SHAKEN token must have (RFC 8225 section 8; ATIS-1000074).
const ALGORITHM: &str = "ES256";

/// What is wrong with a token, each as a piece of a sentence.
pub(super) fn faults(identity: &Identity) -> Vec<String> {
    let mut faults = Vec::new();
    let token = match &identity.token {
        Token::Compact => return faults,
        Token::Malformed(how) => return vec![cannot_be_read(*how).to_owned()],
        Token::Full(token) => token,
    };
    let algorithms = [Some(token.alg.as_str()), identity.alg.as_deref()];
    if let Some(other) = algorithms
        .into_iter()
        .flatten()
        .find(|alg| *alg != ALGORITHM)
    {
        let other = if other.is_empty() { "none" } else { other };
        faults.push(format!("its algorithm is {other}, not {ALGORITHM}"));
    }
    let kind = identity.ppt.as_deref().unwrap_or_default();
    if token.ppt.is_empty() && token.attest.is_some() {
        faults.push(
            "it has an attestation and does not say that it is of the kind shaken (ppt)".into(),
        );
    } else if kind.is_empty() && !token.ppt.is_empty() {
        faults.push(format!("the header lacks ppt={}", token.ppt));
    } else if kind != token.ppt {
        faults.push(format!(
            "the header says ppt={kind}, the token {:?}",
            token.ppt
        ));
    }
    if identity.info.is_empty() {
        faults.push("the header lacks the address of the certificate (info)".into());
    } else if token.x5u != identity.info {
        faults.push("its address of the certificate (x5u) is not that of the header (info)".into());
    }
    let missing: Vec<&str> = [
        ("iat", token.iat.is_none()),
        ("orig", token.orig.is_empty()),
        ("dest", token.dest.is_empty()),
    ]
    .into_iter()
    .filter_map(|(claim, is_missing)| is_missing.then_some(claim))
    .collect();
    if !missing.is_empty() {
        faults.push(format!("it lacks {}", missing.join(" and ")));
    }
    faults
}

fn cannot_be_read(how: Malformed) -> &'static str {
    match how {
        Malformed::NotThreeParts => "it has not three parts with two dots",
        Malformed::HeaderEncoding => "its header is no base64url",
        Malformed::HeaderJson => "its header is no JSON object",
        Malformed::PayloadEncoding => "its payload is no base64url",
        Malformed::PayloadJson => "its payload is no JSON object",
        Malformed::NoSignature => "it ends before the signature",
    }
}

fn malformed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    if !has_token(case) {
        return Vec::new();
    }
    let Some(signing) = case.signing() else {
        return Vec::new();
    };
    let firsts = signing
        .firsts(case)
        .filter(|first| !first.carried.invite.message().is_cut());
    let faulty = firsts.filter_map(|first| {
        let faults = faults(first.identity);
        (!faults.is_empty()).then_some((first, faults))
    });
    faulty
        .take(MOST)
        .filter_map(|(first, faults)| finding(rule, case, first, &faults))
        .collect()
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    first: First<'_, '_>,
    faults: &[String],
) -> Option<Finding> {
    // A 400 means the message; whether it means this header, it does not say.
    let refused = complaint(case).map(|it| it.refusal).filter(|refusal| {
        let theirs = case.signing().and_then(|it| it.on(refusal.origin.hop));
        theirs.is_some_and(|it| it.identities.contains(first.identity))
    });
    let mut fact = format!(
        "An Identity header of the INVITE of {} ({}) cannot be verified: {}.",
        case.name(first.carried.hop.client),
        case.when(first.carried.invite),
        faults.join(", "),
    );
    if let Some(refusal) = &refused {
        fact = format!("{} {fact}", refusal.sentence(case));
    }
    let blame = Blame {
        cause: "The settings of the signer are wrong, or the header was changed after the signing."
            .into(),
        owner: first.signer.into(),
        certainty: Certainty::Likely,
        next: "Show this header to whoever signs; compare it with one that was verified.".into(),
    };
    let by = refused
        .as_ref()
        .map_or(first.carried.hop.client, |it| it.origin.by);
    let conclusion = Conclusion {
        severity: refused.is_none().then_some(Severity::Warning),
        ..Conclusion::certain(fact, by, blame)
    };
    let proof = refused
        .as_ref()
        .map(|refusal| refusal.proof())
        .unwrap_or_default();
    let finding = rule.finding(
        case,
        proof.into_iter().chain([first.carried.invite]),
        conclusion,
    )?;
    Some(match refused {
        Some(_) => finding,
        None => finding.explaining(&[]),
    })
}
