//! Signatures that are for other numbers than the call has.

use std::sync::Arc;

use super::token::faults;
use super::{INVALID, REFUSALS, has_token, refused_for, signer};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::signing::{Carried, Signing, called, callers, is_number, tells_of_diversion};
use crate::sip::header::Party;
use crate::sip::{Certainty, Message, Signal};

pub(super) static SIGNED_NUMBERS_DIFFER: Rule = Rule {
    id: "signed-numbers-differ",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A token whose calling number is in neither P-Asserted-Identity nor From, or whose called numbers are in \
            neither To nor Request-URI; or a refusal with 438, the signature or its numbers being wrong. A warning \
            where nobody refused the call for it. Numbers are compared without prefixes and marks.",
    matters: "Whoever checks the signature takes the call for a forged one.",
    remedy: "Sign last, after the numbers are rewritten, and sign them in E.164.",
    silent: "The numbers do not both lie in countries that sign; a number is withheld or a name; a div token or a \
             Diversion explains the other called number (diverted-unsigned); the token is malformed \
             (signature-malformed).",
    source: "RFC 8224 sections 4.1, 6.2 and 8.3; RFC 8225 section 5.2.1; catalogue K3",
    explains: REFUSALS,
    limits: &[],
    check: Check::Call(|rule, case| {
        let found = refused(rule, case).or_else(|| seen(rule, case));
        found.into_iter().collect()
    }),
};

/// A number of the token that the INVITE does not have, in words; the calling one first.
fn difference(carried: &Carried<'_>) -> Option<String> {
    let token = carried.about_caller()?;
    let message = carried.invite.message();
    let tn = |party: &Party| match party {
        Party::Number(number) => Some(number.clone()),
        Party::Uri(_) => None,
    };
    let orig = token.orig.iter().find_map(tn);
    if let Some(orig) = orig.filter(|orig| is_none_of(message, callers, std::slice::from_ref(orig)))
    {
        return Some(format!(
            "signed was {orig} as caller, and {} calls",
            shown(&callers(message))
        ));
    }
    let dest: Vec<String> = token.dest.iter().filter_map(tn).collect();
    let is_elsewhere = !carried.is_diverted() && !tells_of_diversion(message);
    let differs = !dest.is_empty() && is_elsewhere && is_none_of(message, called, &dest);
    differs.then(|| {
        format!(
            "signed was {} as called number, and {} is called",
            shown(&dest),
            shown(&called(message))
        )
    })
}

/// Whether numbers that can be compared stand in a message and none of them was signed.
pub(super) fn is_none_of(
    message: &Message,
    written: fn(&Message) -> Vec<String>,
    signed: &[String],
) -> bool {
    let written = written(message);
    let pairs = written
        .iter()
        .flat_map(|user| signed.iter().filter_map(|number| is_number(user, number)));
    let same: Vec<bool> = pairs.collect();
    !same.is_empty() && same.iter().all(|same| !same)
}

/// Numbers as they stand there, each once.
pub(super) fn shown(users: &[String]) -> String {
    let mut once: Vec<&str> = Vec::new();
    for user in users
        .iter()
        .map(String::as_str)
        .filter(|user| !user.is_empty())
    {
        if !once.contains(&user) {
            once.push(user);
        }
    }
    once.join(" or ")
}

/// Whose it is that the numbers differ: the platform's where they fitted as the call came in.
fn owner(case: &Case<'_>, signing: &Signing<'_>, carried: &Carried<'_>) -> (Side, &'static str) {
    let before = signing.before(carried);
    let fitted = before.is_some_and(|before| {
        before.about_caller() == carried.about_caller() && difference(before).is_none()
    });
    if fitted {
        let cause = "They fitted as the call came in: the platform changed a number after that.";
        return (Side::Platform, cause);
    }
    let cause = "The call was signed before its numbers were rewritten, or not with the numbers that it has.";
    (signer(case, signing, carried), cause)
}

const NEXT: &str =
    "Have the call signed last, after its numbers are rewritten, with both in E.164.";

fn refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (complaint, signing, carried) = refused_for(case, &[INVALID])?;
    if carried
        .identities
        .iter()
        .any(|identity| !faults(identity).is_empty())
    {
        return None;
    }
    let refusal = complaint.refusal;
    let (cause, owner, certainty, next) = match difference(carried) {
        Some(difference) => {
            let (owner, cause) = owner(case, signing, carried);
            let cause = format!("The signature is for other numbers: {difference}. {cause}");
            (cause, owner, Certainty::Likely, NEXT)
        }
        None => {
            let cause = "The signature does not fit the message; its numbers do, as far as they can be compared, so \
                         that the key or something else that was signed is wrong.";
            let next = "Have the signer verify this very INVITE with its own certificate.";
            let owner = signer(case, signing, carried);
            (cause.to_owned(), owner, Certainty::Possible, next)
        }
    };
    let blame = Blame {
        cause,
        owner: owner.into(),
        certainty,
        next: next.into(),
    };
    let conclusion = Conclusion::certain(refusal.sentence(case), refusal.origin.by, blame);
    rule.finding(case, refusal.proof(), conclusion)
}

fn seen(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if !has_token(case) {
        return None;
    }
    let signing = case.signing()?;
    let mut all = signing.carried.iter();
    let (carried, difference) = all.find_map(|it| Some((it, difference(it)?)))?;
    let (owner, cause) = owner(case, signing, carried);
    let fact = format!(
        "The signature of the INVITE of {} ({}) is for other numbers: {difference}.",
        case.name(carried.hop.client),
        case.when(carried.invite),
    );
    let blame = Blame {
        cause: cause.into(),
        owner: owner.into(),
        certainty: Certainty::Likely,
        next: NEXT.into(),
    };
    let conclusion = Conclusion {
        severity: Some(Severity::Warning),
        ..Conclusion::certain(fact, carried.hop.client, blame)
    };
    let before: Option<&Arc<Signal>> = signing.before(carried).map(|before| before.invite);
    let proof = before.into_iter().chain([carried.invite]);
    Some(rule.finding(case, proof, conclusion)?.explaining(&[]))
}
