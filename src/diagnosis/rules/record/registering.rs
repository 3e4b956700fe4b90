//! Devices that do not register: what the platform's lists of users and addresses and its register log tell
//! of them. What the REGISTERs themselves show the rules on registrations say.

use std::net::IpAddr;

use super::moment;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Rule};
use crate::platform::Registering;
use crate::sip::Certainty;

/// What the platform keeps no entry of for want of arriving, or of being let in.
const NOT_LOGGED: &str = "It never arrived, or was blocked before logging";

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
    check: |rule, case| user_unknown(rule, case).into_iter().collect(),
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
    check: |rule, case| not_allowed(rule, case).into_iter().collect(),
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
    check: |rule, case| lost(rule, case).into_iter().collect(),
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

pub(super) static REGISTRATION_NOT_LOGGED: Rule = Rule {
    id: "registration-not-logged",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform's register log has no attempt of this user or address.",
    matters: "Nothing can be said of passwords: the platform's registrar saw nothing.",
    remedy: "Look for the address in the firewall, and for the REGISTER in a capture on the device's side.",
    silent: "The log has an attempt, or could not be asked.",
    source: "The platform's documentation of register logging and of the firewall; catalogue R12, Q1",
    explains: &[],
    check: |rule, case| not_logged(rule, case).into_iter().collect(),
};

fn not_logged(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|_| case.call.signals.is_empty())?;
    if !about.log.as_ref()?.is_empty() {
        return None;
    }
    let who = who(about);
    let blocked = match about.device {
        Some(device) => format!(
            "Look for {device} in the platform's firewall (Setup > Advanced > Firewall): what it blocks is \
             never logged. After removing the entry wait 15 minutes."
        ),
        None => {
            "Say from where the device registers (its public IP address): the firewall, the user's \
                 list and the address entries can only be compared with that."
                .to_owned()
        }
    };
    let mut conclusion = conclusion(
        format!(
            "The platform's register log has nothing of {who}. {NOT_LOGGED}.{}",
            compared(about)
        ),
        "Nothing that is logged tells which of the two.",
        Party::Undecided,
        Certainty::Possible,
        format!(
            "Check on the device the DNS name or host, port (UDP 5060, TLS 5061) and transport that it \
             registers to, and any SIP ALG on its way; get a capture there. {blocked}"
        ),
    );
    conclusion.to_act = Some(Party::Customer.into());
    rule.finding_of(
        case,
        Proof::fields([Field::new("register log", "entries", 0)]),
        conclusion,
    )
}

pub(super) static REGISTRATION_NOT_CHECKED: Rule = Rule {
    id: "registration-not-checked",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "The platform's register log could not be asked for the user or address.",
    matters: "Whether a REGISTER ever arrived is not known.",
    remedy: "Look at Register Logging in the platform's panel, and ask again with the Call-ID of an attempt.",
    silent: "The log could be asked, or messages of the registration were found.",
    source: "The platform's documentation of register logging",
    explains: &[],
    check: |rule, case| not_checked(rule, case).into_iter().collect(),
};

fn not_checked(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|it| it.log.is_none() && case.call.signals.is_empty())?;
    let who = who(about);
    let asked = match about.device {
        Some(device) => format!(
            " Look for {device} in the platform's firewall too (Setup > Advanced > Firewall)."
        ),
        None => " Say from where the device registers (its public IP address).".to_owned(),
    };
    let conclusion = conclusion(
        format!(
            "Whether the platform got a REGISTER of {who} could not be checked.{}",
            compared(about)
        ),
        "",
        Party::Undecided,
        Certainty::Possible,
        format!(
            "Look at Register Logging in the platform's panel for {who}, and ask again with the Call-ID that \
             an attempt has there.{asked}"
        ),
    );
    let asked = about
        .user
        .clone()
        .or(about.device.map(|it| it.to_string()))
        .unwrap_or_default();
    rule.finding_of(
        case,
        Proof::fields([Field::new("question", "asked for", asked)]),
        conclusion,
    )
}

fn about<'a>(case: &Case<'a>) -> Option<&'a Registering> {
    case.records?.registering.as_ref()
}

fn who(about: &Registering) -> String {
    let from = |device: IpAddr| format!("{device}");
    match (&about.user, about.device) {
        (Some(user), Some(device)) => format!("{user} from {device}"),
        (Some(user), None) => user.clone(),
        (None, Some(device)) => from(device),
        (None, None) => "this device".to_owned(),
    }
}

/// How the device compares with the lists that were asked for, a sentence each.
fn compared(about: &Registering) -> String {
    let mut said = String::new();
    let listed = about.account.as_ref().zip(about.device);
    if let Some((user, device)) = listed {
        let name = &user.name;
        said.push_str(&match user.may_come_from(device) {
            Some(true) if user.ip_whitelist.is_empty() => {
                format!(" {name} may come from any address.")
            }
            Some(true) => format!(" {device} is among the addresses that {name} may have."),
            Some(false) => String::new(),
            None => format!(
                " Whether {name} may come from {device} depends on host names: {}.",
                user.ip_whitelist.join(", ")
            ),
        });
    }
    if let (Some(device), Some(entries)) = (about.device, &about.entries) {
        said.push_str(&match entries.first() {
            Some(entry) => format!(
                " The address entry {} covers {device}: a sender is known by its address or by a user, not \
                 by both.",
                entry.address
            ),
            None => format!(" No address entry covers {device}."),
        });
    }
    said
}

fn conclusion(
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
