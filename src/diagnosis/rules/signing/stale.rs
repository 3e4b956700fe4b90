//! Signatures that were too old when they arrived.

use jiff::{SignedDuration, Timestamp};

use super::{REFUSALS, STALE, has_token, refused_for, signer};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::signing::{Carried, Signing};
use crate::sip::Certainty;

pub(super) static SIGNATURE_STALE: Rule = Rule {
    id: "signature-stale",
    family: "signing",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A token whose time of signing (iat) is more than 60 s before or after its INVITE was seen, or a refusal \
            that says so (403 \"Stale Date\", or a STIR reason 403). A warning where nobody refused the call for it. \
            Fresh when it came in and old when it was sent on: the platform's own fail-over took too long.",
    matters: "Whoever checks it takes an old token for a copied one.",
    remedy: "Set the signer's clock by NTP; sign anew for each attempt.",
    silent: "The numbers do not both lie in countries that sign, nobody recorded times, or the token says no time.",
    source: "RFC 8224 sections 4.1 and 6.2.2; RFC 8225 section 5.1.1; catalogue K2, S403d",
    explains: REFUSALS,
    limits: &[&AGE],
    check: Check::Call(|rule, case| {
        let found = refused(rule, case).or_else(|| seen(rule, case));
        found.into_iter().collect()
    }),
};

static AGE: Limit = Limit {
    key: "signature-stale.age",
    what: "the longest time between the signing and the arrival of an INVITE that is not remarked on",
    default: Figure::Time(SignedDuration::from_secs(60)),
};

/// How long before its INVITE was seen a token was signed; negative where after that.
fn age(case: &Case<'_>, carried: &Carried<'_>) -> Option<SignedDuration> {
    if case.call.is_timeless() {
        return None;
    }
    let signed = Timestamp::from_second(carried.about_caller()?.iat?).ok()?;
    Some(carried.invite.at().duration_since(signed))
}

fn is_stale(case: &Case<'_>, carried: &Carried<'_>) -> bool {
    let limit = case.tuning.time(&AGE);
    age(case, carried).is_some_and(|age| age.abs() > limit)
}

/// The age in words.
fn words(age: SignedDuration) -> String {
    if age.is_negative() {
        format!("{} later than the INVITE was seen", seconds(age.abs()))
    } else {
        format!("{} before the INVITE was seen", seconds(age))
    }
}

/// Whose it is that a token is stale, and why.
fn blame(case: &Case<'_>, signing: &Signing<'_>, carried: &Carried<'_>) -> (Side, String) {
    let was_fresh = signing.before(carried).is_some_and(|before| {
        before.about_caller() == carried.about_caller()
            && age(case, before).is_some()
            && !is_stale(case, before)
    });
    if was_fresh {
        let cause = "It was fresh when it came in: it grew old while other routes were tried.";
        return (Side::Platform, cause.into());
    }
    let cause = "The signer's clock is wrong, or the call was held back after it was signed.";
    (signer(case, signing, carried), cause.into())
}

const NEXT: &str = "Compare the clock of the signer with the time by NTP, and have the call signed for each attempt.";

fn refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (complaint, signing, carried) = refused_for(case, &[STALE])?;
    let refusal = complaint.refusal;
    let age = age(case, carried);
    let (owner, cause, certainty): (Owner, String, _) = match age {
        Some(age) if !is_stale(case, carried) => (
            Party::Undecided.into(),
            format!(
                "The token was signed {}: by the clock of this capture it is fresh, so that of the one who answered \
                 may be wrong, or that of the signer and this one.",
                words(age)
            ),
            Certainty::Possible,
        ),
        Some(age) => {
            let (side, cause) = blame(case, signing, carried);
            let cause = format!("The token was signed {}. {cause}", words(age));
            (side.into(), cause, Certainty::Likely)
        }
        None => {
            let (side, cause) = blame(case, signing, carried);
            (side.into(), cause, Certainty::Possible)
        }
    };
    let blame = Blame {
        cause,
        owner,
        certainty,
        next: NEXT.into(),
    };
    let conclusion = Conclusion {
        to_act: (owner == Party::Undecided.into()).then(|| signer(case, signing, carried).into()),
        ..Conclusion::certain(refusal.sentence(case), refusal.origin.by, blame)
    };
    rule.finding(case, refusal.proof(), conclusion)
}

fn seen(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if !has_token(case) {
        return None;
    }
    let signing = case.signing()?;
    let carried = signing
        .carried
        .iter()
        .find(|carried| is_stale(case, carried))?;
    let (owner, cause) = blame(case, signing, carried);
    let fact = format!(
        "The signature of the INVITE of {} ({}) was made {}.",
        case.name(carried.hop.client),
        case.when(carried.invite),
        words(age(case, carried)?),
    );
    let blame = Blame {
        cause: format!("{cause} The clock of this capture may be the wrong one too."),
        owner: owner.into(),
        certainty: Certainty::Possible,
        next: NEXT.into(),
    };
    let conclusion = Conclusion {
        severity: Some(Severity::Warning),
        ..Conclusion::certain(fact, carried.hop.client, blame)
    };
    let finding = rule.finding(case, [carried.invite], conclusion)?;
    Some(finding.explaining(&[]))
}
