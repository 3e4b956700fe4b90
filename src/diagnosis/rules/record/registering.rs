//! Devices that do not register: what the platform's lists of users and addresses and its register log tell
//! of them. What the REGISTERs themselves show the rules on registrations say.

use super::moment;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::Registering;
use crate::sip::Certainty;

pub(super) static REGISTRATION_USER_UNKNOWN: Rule = Rule {
    id: "registration-user-unknown",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform has no SIP user of the name that is to be registered.",
    matters: "No password helps: there is nothing to register.",
    remedy: "Compare the name on the device with the SIP users of the account, letter by letter.",
    silent: "The user is there, or the list could not be asked for.",
    source: "The platform's documentation of SIP users; catalogue R14",
    explains: &[
        "registration-refused",
        "registration-not-logged",
        "registration-not-checked",
        "source-refused",
    ],
    limits: &[],
    check: Check::Call(|rule, case| user_unknown(rule, case).into_iter().collect()),
};

fn user_unknown(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|it| it.is_user_known == Some(false))?;
    let user = about.user.as_deref()?;
    // People name devices by their number too; what the device calls itself its REGISTER shows.
    let leg = case.call.first_leg();
    let is_seen = leg.is_some_and(|leg| leg.facts.to.eq_ignore_ascii_case(user));
    let (certainty, unless) = if is_seen {
        (Certainty::Likely, "")
    } else {
        (
            Certainty::Possible,
            " Where the device registers under another name, ask with that.",
        )
    };
    let conclusion = conclusion(
        format!("The platform has no SIP user {user}."),
        "The name is misspelt on the device, or the user was never set up in this account.",
        Party::Configuration,
        certainty,
        format!(
            "Check the user name {user} on the device against the SIP users of this account; set the user \
             up where it is missing, and wait 60 s.{unless}"
        ),
    );
    rule.finding_of(
        case,
        Proof::fields([Field::new("SIP users", "username", user)]),
        conclusion,
    )
}

pub(super) static REGISTRATION_ADDRESS_NOT_ALLOWED: Rule = Rule {
    id: "registration-address-not-allowed",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The SIP user may come from certain addresses only, and the device's public address is none of \
            them.",
    matters: "The platform refuses it whatever its password is.",
    remedy: "Add the address to the user's list, or let the device come from one that is on it.",
    silent: "The list is empty (any address may), covers the address, or has host names that could.",
    source: "The platform's documentation of SIP users; catalogue R7",
    explains: &[
        "registration-refused",
        "registration-not-logged",
        "registration-not-checked",
        "source-refused",
    ],
    limits: &[],
    check: Check::Call(|rule, case| not_allowed(rule, case).into_iter().collect()),
};

fn not_allowed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case)?;
    let (user, device) = (about.account.as_ref()?, about.device?);
    if user.may_come_from(device) != Some(false) {
        return None;
    }
    let (name, list) = (&user.name, user.ip_whitelist.join(", "));
    let conclusion = conclusion(
        format!("{device} is not among the addresses that {name} may have: {list}."),
        "The platform refuses this user from any other address.",
        Party::Configuration,
        Certainty::Likely,
        format!(
            "Add {device} to the addresses of {name}, or let the device come from one of them; a change \
             takes up to 60 s."
        ),
    );
    let fields = [Field::new("SIP users", "ip_whitelist", list)];
    rule.finding_of(case, Proof::fields(fields), conclusion)
}

pub(super) static REGISTRATION_LOST: Rule = Rule {
    id: "registration-lost",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER that was accepted came from another address than the device has now.",
    matters: "The platform still sends calls to the old address: the device seems registered and cannot be \
              reached.",
    remedy: "Let the device register again; then keep the way in open with NAT/SIP ping.",
    silent: "It came from the same address, or either address is not known.",
    source: "The platform's documentation of SIP registration; catalogue R10",
    explains: &["registration-ok", "registration-not-logged"],
    limits: &[],
    check: Check::Call(|rule, case| lost(rule, case).into_iter().collect()),
};

fn lost(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case)?;
    let (device, good) = (about.device?, about.last_good()?);
    let from = good.from.filter(|from| *from != device)?;
    let at = good
        .at
        .map_or_else(String::new, |at| format!(" ({})", moment(at)));
    let conclusion = conclusion(
        format!("The last REGISTER that was accepted{at} came from {from}, and the device is at {device} now."),
        "Its address changed since: a NAT that gave it another one, or another line.",
        Party::Customer,
        Certainty::Possible,
        "Let the device register again; then turn NAT/SIP ping on for the user (Enabled; \"Enabled \
         (Timeout)\" unregisters devices that stay silent), or have it register more often."
            .to_owned(),
    );
    let fields = [Field::new("register log", "ip", from)];
    rule.finding_of(case, Proof::fields(fields), conclusion)
}

pub(super) fn about<'a>(case: &Case<'a>) -> Option<&'a Registering> {
    case.records?.registering.as_ref()
}

pub(super) fn conclusion(
    fact: String,
    cause: &str,
    party: Party,
    certainty: Certainty,
    next: String,
) -> Conclusion {
    Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.to_owned(),
        owner: party.into(),
        to_act: None,
        certainty,
        by: None,
        severity: None,
        next,
    }
}
