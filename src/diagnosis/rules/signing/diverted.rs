//! Calls that were sent on to another number under the signature for the first one.

use super::has_token;
use super::numbers::{is_none_of, shown};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::signing::{Carried, called, tells_of_diversion};
use crate::sip::Certainty;
use crate::sip::header::Party;

pub(super) static DIVERTED_UNSIGNED: Rule = Rule {
    id: "diverted-unsigned",
    family: "signing",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "An INVITE to another number than its token is for, because the call was diverted (the called number \
            changed on the way, or Diversion or History-Info say so), without a div token that says so too.",
    matters: "To whoever checks the signature it is one that was copied from another call.",
    remedy: "Have whoever diverts the call add a div token for the new number.",
    silent: "The numbers do not both lie in countries that sign, a div token is there, or nothing says that the call \
             was diverted (signed-numbers-differ).",
    source: "RFC 8946 sections 4 and 5; catalogue K8",
    explains: &["signed-numbers-differ"],
    limits: &[],
    check: Check::Call(|rule, case| diverted(rule, case).into_iter().collect()),
};

/// The called numbers of the token about the caller.
fn signed(carried: &Carried<'_>) -> Vec<String> {
    let dest = carried.about_caller().map(|token| token.dest.as_slice());
    let numbers = dest
        .unwrap_or_default()
        .iter()
        .filter_map(|party| match party {
            Party::Number(number) => Some(number.clone()),
            Party::Uri(_) => None,
        });
    numbers.collect()
}

fn is_for_another(carried: &Carried<'_>) -> bool {
    let signed = signed(carried);
    !signed.is_empty()
        && !carried.is_diverted()
        && is_none_of(carried.invite.message(), called, &signed)
}

fn diverted(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if !has_token(case) {
        return None;
    }
    let signing = case.signing()?;
    let (carried, by_platform) = signing.carried.iter().find_map(|carried| {
        if !is_for_another(carried) {
            return None;
        }
        let fitted = signing.before(carried).is_some_and(|before| {
            before.about_caller() == carried.about_caller() && !is_for_another(before)
        });
        (fitted || tells_of_diversion(carried.invite.message())).then_some((carried, fitted))
    })?;
    let owner = if by_platform {
        Side::Platform
    } else {
        signing.signer_of(case, carried)
    };
    let fact = format!(
        "The call was signed for {} and {} sent it to {} ({}) without a div token.",
        shown(&signed(carried)),
        case.name(carried.hop.client),
        shown(&called(carried.invite.message())),
        case.when(carried.invite),
    );
    let cause = if by_platform {
        "The platform diverted the call and did not have the new number signed."
    } else {
        "The call was diverted before it came here, and the new number was not signed."
    };
    let blame = Blame {
        cause: cause.into(),
        owner: owner.into(),
        certainty: Certainty::Likely,
        next: "Have a div token added where the call is diverted.".into(),
    };
    let before = signing.before(carried).map(|before| before.invite);
    let proof = before.into_iter().chain([carried.invite]);
    rule.finding(
        case,
        proof,
        Conclusion::certain(fact, carried.hop.client, blame),
    )
}
