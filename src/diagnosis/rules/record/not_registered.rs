//! Devices of which the platform logged no attempt to register, or whose log could not be asked: what is left
//! to compare, and both things to look at by hand, with the very address.

use std::net::IpAddr;

use super::registering::{about, conclusion};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Field, Finding, Proof, Severity};
use crate::diagnosis::firewall::Standing;
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::Registering;
use crate::sip::Certainty;

/// What the platform keeps no entry of for want of arriving, or of being let in.
const NOT_LOGGED: &str = "It never arrived, or was blocked before logging";

/// The same where the firewall is ruled out.
const NOT_ARRIVED: &str = "It never arrived";

pub(super) static REGISTRATION_BLOCKED: Rule = Rule {
    id: "registration-blocked",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "No attempt of the device is logged, and the platform's firewall lists its address.",
    matters: "What the firewall blocks is dropped before it is logged: no password helps.",
    remedy: "Delete the row, wait 15 minutes, register again.",
    silent: "An attempt is logged or was seen; the firewall was not asked, or its answer does not name the very \
             address.",
    source: "The platform's documentation of the firewall; catalogue R12, Q1",
    explains: &["registration-not-logged", "registration-not-checked"],
    limits: &[],
    check: Check::Call(|rule, case| blocked(rule, case).into_iter().collect()),
};

fn blocked(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|_| case.call.signals.is_empty())?;
    let is_logged = about.attempts().is_some_and(|log| !log.is_empty());
    let (device, standing) = standing(about)?;
    let is_listed = matches!(standing, Standing::Listed(_));
    if is_logged || !is_listed {
        return None;
    }
    let conclusion = conclusion(
        format!(
            "No REGISTER of {} is known.{}",
            who(about),
            standing.said(device)
        ),
        "",
        Party::Configuration,
        Certainty::Likely,
        standing.next(device).unwrap_or_default(),
    );
    rule.finding_of(case, Proof::fields(standing.field()), conclusion)
}

/// The device's address, and what the firewall has of it.
fn standing(about: &Registering) -> Option<(IpAddr, Standing)> {
    let device = about.device?;
    Some((device, Standing::of(about.firewall.as_ref(), device)))
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
    limits: &[],
    check: Check::Call(|rule, case| not_logged(rule, case).into_iter().collect()),
};

fn not_logged(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|_| case.call.signals.is_empty())?;
    if !about.attempts()?.is_empty() {
        return None;
    }
    let who = who(about);
    let standing = standing(about);
    let is_clean = matches!(standing, Some((_, Standing::Clean)));
    let blocked = match &standing {
        Some((device, standing)) => standing.next(*device).unwrap_or_default(),
        None => {
            "Say from where the device registers (its public IP address): the firewall, the user's \
                 list and the address entries can only be compared with that."
                .to_owned()
        }
    };
    let mut conclusion = conclusion(
        format!(
            "The platform's register log has nothing of {who}. {}.{}",
            if is_clean { NOT_ARRIVED } else { NOT_LOGGED },
            compared(about)
        ),
        if is_clean { "" } else { "Nothing that is logged tells which of the two." },
        Party::Undecided,
        Certainty::Possible,
        format!(
            "Check on the device the DNS name or host, port (UDP 5060, TLS 5061) and transport that it \
             registers to, and any SIP ALG on its way; get a capture there. {blocked}"
        )
        .trim_end()
        .to_owned(),
    );
    conclusion.to_act = Some(Party::Customer.into());
    rule.finding_of(
        case,
        Proof::fields([Field::new("register log", "entries", 0)])
            .with(standing.and_then(|(_, standing)| standing.field())),
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
    limits: &[],
    check: Check::Call(|rule, case| not_checked(rule, case).into_iter().collect()),
};

fn not_checked(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let about = about(case).filter(|it| it.log.is_none() && case.call.signals.is_empty())?;
    let who = who(about);
    let asked = match standing(about) {
        Some((device, standing)) => standing
            .next(device)
            .map_or_else(String::new, |next| format!(" {next}")),
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
    let mut said = match standing(about) {
        Some((device, standing)) => standing.said(device),
        None => String::new(),
    };
    if let (Some(user), Some(words)) = (&about.user, &about.registered) {
        said.push_str(&match words.is_empty() {
            true => format!(" The platform shows no registration of {user} now."),
            false => format!(" Registered now as {user}: {}.", words.shown()),
        });
    }
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
