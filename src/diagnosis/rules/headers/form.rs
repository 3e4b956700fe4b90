//! The rule on numbers in a form that networks do not take.

use super::RefusedInvite;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Signal};

pub(super) static NUMBER_FORM_REFUSED: Rule = Rule {
    id: "number-form-refused",
    family: "headers",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A call that was refused with 404, 484 or 580, and whose number, as it was sent there, begins \
            with an international access code (00, 011), with a national 0, or holds something that is no \
            digit.",
    matters: "The platform and most carriers want E.164: country code and number, digits alone.",
    remedy: "Send the number in E.164, or let a rule on the platform rewrite it.",
    silent: "The number is digits in international form, with or without +, or is no telephone number.",
    source: "ITU-T E.164; connexcs reference 3.4 (A4) and 6.4; catalogue H9",
    explains: &[],
    limits: &[&FEWEST],
    check: Check::Call(|rule, case| number_form_refused(rule, case).into_iter().collect()),
};

static FEWEST: Limit = Limit {
    key: "number-form-refused.digits",
    what: "with how many digits a number is looked at; shorter ones are extensions and services",
    default: Figure::Count(9),
};

fn number_form_refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = RefusedInvite::of(case, &[404, 484, 580])?;
    let form = form(case, &called(refused.request))?;
    let owner = Refusal::of(case)?
        .introduced(case, called)
        .unwrap_or(Side::Caller);
    let changed = match owner {
        Side::Platform => "The platform had changed the number.",
        _ => "It came in so.",
    };
    rule.finding(
        case,
        [refused.request, refused.answer],
        Conclusion {
            fact: format!(
                "The number was sent to {} with {form} ({}); {}.",
                case.name(refused.hop.server),
                case.when(refused.request),
                refused.words(case),
            ),
            fact_certainty: Certainty::Certain,
            cause: format!("{changed} That form may be why the number is not known there."),
            owner: owner.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(refused.hop.server),
            severity: None,
            next: "Send the number in E.164: country code and number, digits alone; compare with a call \
                   that passes."
                .to_owned(),
        },
    )
}

/// The called number as a request asks for it.
fn called(request: &Signal) -> String {
    let user = request.message().request_uri().and_then(|uri| uri.user);
    user.unwrap_or_else(|| request.message().to_user())
}

/// What is odd in the form of a telephone number.
fn form(case: &Case<'_>, number: &str) -> Option<&'static str> {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let has_letters = number.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !case.tuning.reaches(&FEWEST, digits) || has_letters {
        return None;
    }
    let plain = number.strip_prefix('+').unwrap_or(number);
    if plain.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Some("other characters than digits in it");
    }
    if number.starts_with('+') {
        return None;
    }
    match plain {
        _ if plain.starts_with("011") => Some("the international access code 011 in front"),
        _ if plain.starts_with("00") => Some("the international access code 00 in front"),
        _ if plain.starts_with('0') => Some("the 0 of a national number in front"),
        _ => None,
    }
}
