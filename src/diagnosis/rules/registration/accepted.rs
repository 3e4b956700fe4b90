//! Rules on registrations that were accepted: the plain news, and what will not let them last.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::binding::{Binding, binding, contacts};
use super::{account, judge};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Exchange, is_accepted};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::words::times;
use crate::sip::address::is_private;
use crate::sip::{Certainty, Message, Signal};

static FLAPS: Limit = Limit {
    key: "binding-flaps.registers",
    what: "how many REGISTERs, each from elsewhere, are too many",
    default: Figure::Count(4),
};

static FLAPS_WITHIN: Limit = Limit {
    key: "binding-flaps.within",
    what: "within what time these are counted",
    default: Figure::Time(SignedDuration::from_mins(10)),
};

pub(super) static REGISTRATION_OK: Rule = Rule {
    id: "registration-ok",
    family: "registration",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was answered 2xx: what was registered, for how long, after how many \
            refusals; or that the device took its registration back.",
    matters: "The device can be called until the binding runs out, and not any more after it \
              unregistered.",
    remedy: "Nothing.",
    silent: "A later REGISTER was refused or not answered.",
    source: "RFC 3261 section 10.2; catalogue R13",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, registration_ok)),
};

fn registration_ok(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let last = exchange.turns.last().filter(|turn| is_accepted(turn))?;
    let (request, answer) = (last.request()?, last.final_response()?);
    let (client, server) = exchange.names(case);
    let account = account(request);
    let when = case.when(answer);
    let mut fact = match binding(request.message(), answer.message()) {
        Binding::Removed => {
            format!(
                "{client} unregistered {account} at {server} ({when}), so calls do not reach it now."
            )
        }
        Binding::Asked => {
            format!("{client} asked {server} which contacts {account} has, and was told ({when}).")
        }
        Binding::Bound(lasts) => {
            let lasts = lasts.map_or(String::new(), |seconds| format!(" for {seconds} s"));
            format!(
                "{client} is registered at {server} as {account}{lasts}, {} ({when}).",
                contact_words(request.message())
            )
        }
    };
    let before = exchange.turns.len().saturating_sub(1);
    let refused = exchange
        .turns
        .iter()
        .take(before)
        .filter(|turn| matches!(turn.final_code(), Some(300..=699)) && !turn.is_challenged())
        .count();
    if refused > 0 {
        fact.push_str(&format!(" It had been refused {} before.", times(refused)));
    }
    let blame = Blame {
        cause: String::new(),
        owner: Party::Nobody.into(),
        certainty: Certainty::Certain,
        next: String::new(),
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    rule.finding(case, [request, answer], conclusion)
}

fn contact_words(request: &Message) -> String {
    let Some(contact) = request.contact() else {
        return "no contact".into();
    };
    let uri = contact.uri;
    let host = match uri.host.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => format!("[{v6}]"),
        _ => uri.host,
    };
    let port = uri.port.map_or(String::new(), |port| format!(":{port}"));
    match uri.user {
        Some(user) => format!("contact {user}@{host}{port}"),
        None => format!("contact {host}{port}"),
    }
}

pub(super) static PRIVATE_CONTACT_REGISTERED: Rule = Rule {
    id: "private-contact-registered",
    family: "registration",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A REGISTER that came from a public address was accepted with a Contact that holds a \
            private one, and asked for none of the means against NAT: no rport, no alias, no Path, \
            no outbound.",
    matters: "Calls to the device go to an address that nobody outside can reach, unless the \
              registrar uses the address it saw instead.",
    remedy: "Switch on NAT support (rport, STUN) on the device, or far-end NAT handling at the \
             registrar.",
    silent: "One of those means is there, the registrar's answer shows the address it saw \
             (received), the request came through a proxy, or it came from a private address.",
    source: "RFC 3581, RFC 5626; catalogue R11",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, private_contact)),
};

fn private_contact(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let last = exchange.turns.iter().rfind(|turn| is_accepted(turn))?;
    let (request, answer) = (last.request()?, last.final_response()?);
    let (asked, told) = (request.message(), answer.message());
    if !matches!(binding(asked, told), Binding::Bound(_)) {
        return None;
    }
    let contact = asked.contact()?;
    let host = contact.uri.host.parse().ok().filter(|ip| is_private(*ip))?;
    let vias = asked.vias();
    let helped = vias.len() != 1
        || vias
            .iter()
            .any(|via| via.has_rport() || via.params.iter().any(|(name, _)| name == "alias"))
        || contact.uri.param("alias").is_some()
        || contact.uri.param("ob").is_some()
        || contact.param("reg-id").is_some()
        || asked.other_header("Path").is_some()
        || contacts(told).iter().any(|c| c.param("received").is_some());
    if is_private(request.source().ip()) || helped {
        return None;
    }
    let client = case.name(exchange.client);
    let fact = format!(
        "{client} registered the private address {host} as its contact although it sends from {} \
         ({}).",
        request.source(),
        case.when(request),
    );
    let blame = Blame {
        cause: "Its NAT support is off, so calls to it will not arrive unless the registrar \
                corrects the address."
            .into(),
        owner: exchange.client_owner(case),
        certainty: Certainty::Likely,
        next: format!("Switch on NAT support on {client}, or far-end NAT at the registrar."),
    };
    let conclusion = Conclusion::certain(fact, exchange.client, blame);
    rule.finding(case, [request, answer], conclusion)
}

pub(super) static BINDING_FLAPS: Rule = Rule {
    id: "binding-flaps",
    family: "registration",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "Four or more REGISTERs accepted within ten minutes, each from another port, or \
            with another contact, than the one before.",
    matters: "Between two of them calls go to an address that is no longer open.",
    remedy: "Keep the way open (OPTIONS or CRLF keep-alive) with a shorter interval than the NAT's \
             time-out; check the device's uplink.",
    silent: "Port and contact stay the same, or change more seldom.",
    source: "RFC 5626 section 4.4; catalogue R10",
    explains: &[],
    limits: &[&FLAPS, &FLAPS_WITHIN],
    check: Check::Call(|rule, case| judge(rule, case, binding_flaps)),
};

fn binding_flaps(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let within = case.tuning.time(&FLAPS_WITHIN);
    let most = usize::try_from(case.tuning.count(&FLAPS)).unwrap_or(usize::MAX);
    let mut run: Vec<&Arc<Signal>> = Vec::new();
    let mut worst: Vec<&Arc<Signal>> = Vec::new();
    let place = |signal: &Signal| {
        let uri = signal.message().contact().map(|contact| contact.uri);
        let contact = uri.map(|uri| (uri.user, uri.host, uri.port));
        (signal.source(), contact)
    };
    let accepted = exchange.turns.iter().filter(|turn| is_accepted(turn));
    for request in accepted.filter_map(|turn| turn.request()) {
        if run
            .last()
            .is_some_and(|before| place(before) == place(request))
        {
            run.clear();
        }
        run.push(request);
        run.retain(|early| request.at().duration_since(early.at()) <= within);
        if run.len() > worst.len() {
            worst.clone_from(&run);
        }
    }
    let (first, last) = (*worst.first()?, *worst.last()?);
    if worst.len() < most {
        return None;
    }
    let client = case.name(exchange.client);
    let fact = format!(
        "{client} registered {} within {} ({} to {}), each time from another port or with \
         another contact.",
        times(worst.len()),
        case.lasting(last.at().duration_since(first.at())),
        case.when(first),
        case.when(last),
    );
    let blame = Blame {
        cause: "Its NAT closes the way too early, or its connection breaks.".into(),
        owner: exchange.client_owner(case),
        certainty: Certainty::Likely,
        next: format!("Set a keep-alive on {client} shorter than its NAT's time-out."),
    };
    let conclusion = Conclusion::certain(fact, exchange.client, blame);
    rule.finding(case, worst, conclusion)
}
