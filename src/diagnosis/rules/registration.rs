//! Rules on registrations: whether the device got its binding, and what was wrong with it. They
//! look at the REGISTERs as the device sent them; which calls suffer from it is not theirs to say.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::authentication::{
    Ended, Exchange, Fault, blames_credentials, code_and_phrase, modern_only, realm_of,
    registration, server_owner, times, view_after,
};
use super::{Bearing, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::sip::address::is_private;
use crate::sip::header::NameAddr;
use crate::sip::{Certainty, Message, Name, Signal, Transaction, Transport};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &REGISTRATION_OK,
    &REGISTRATION_REFUSED,
    &REGISTRATION_INTERVAL_TOO_BRIEF,
    &REGISTRATION_CHALLENGE_UNANSWERED,
    &REGISTRATION_UNANSWERED,
    &PRIVATE_CONTACT_REGISTERED,
    &BINDING_FLAPS,
];

/// How long a client repeats a request before it gives up: timer F, 64*T1.
const GIVES_UP_AFTER: SignedDuration = SignedDuration::from_secs(32);
/// So many sends without an answer say something before that.
const SENDS_THAT_TELL: usize = 4;
/// So many new bindings in [`FLAPS_WITHIN`] are too many.
const FLAPS: usize = 4;
/// The time in which new bindings are counted.
const FLAPS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The requests after the last one that was answered 2xx.
fn since_success<'c>(exchange: &Exchange<'c>) -> Vec<&'c Arc<Transaction>> {
    let after = exchange
        .turns
        .iter()
        .rposition(|turn| is_success(turn))
        .map_or(0, |at| at + 1);
    exchange.turns.iter().skip(after).copied().collect()
}

fn is_success(turn: &Transaction) -> bool {
    matches!(turn.final_code(), Some(200..=299))
}

/// The address of record that is registered.
fn account(request: &Signal) -> String {
    let to = request.message.to().map(|to| to.uri).unwrap_or_default();
    match to.user {
        Some(user) => format!("{user}@{}", to.host),
        None => to.host,
    }
}

fn was_registered(exchange: &Exchange<'_>) -> bool {
    exchange.turns.iter().any(|turn| is_success(turn))
}

/// A further sentence where an earlier REGISTER was accepted.
fn until_then(exchange: &Exchange<'_>) -> &'static str {
    if was_registered(exchange) {
        " It had been registered before."
    } else {
        ""
    }
}

// ---------------------------------------------------------------- it went as it should

static REGISTRATION_OK: Rule = Rule {
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
    check: registration_ok,
};

/// What a 2xx to a REGISTER means.
enum Binding {
    /// Registered, for so many seconds where it is said.
    Bound(Option<u32>),
    /// Taken back.
    Removed,
    /// Only asked.
    Asked,
}

fn contacts(message: &Message) -> Vec<NameAddr> {
    let elements = message.elements(Name::Contact);
    elements.iter().map(|text| NameAddr::parse(text)).collect()
}

fn expires_param(contact: &NameAddr) -> Option<u32> {
    contact.param("expires")?.trim().parse().ok()
}

/// Reads what a 2xx granted: its own word on the contact that was sent, else its Expires, else
/// what was asked for.
fn binding(request: &Message, answer: &Message) -> Binding {
    let asked = contacts(request);
    let Some(first) = asked.first() else {
        return Binding::Asked;
    };
    let wildcard = request
        .elements(Name::Contact)
        .iter()
        .any(|contact| contact.trim() == "*");
    let wanted = expires_param(first).or_else(|| request.seconds(Name::Expires));
    if wildcard || wanted == Some(0) {
        return Binding::Removed;
    }
    let listed = contacts(answer);
    let same = |contact: &&NameAddr| {
        (&contact.uri.user, &contact.uri.host, contact.uri.port)
            == (&first.uri.user, &first.uri.host, first.uri.port)
    };
    let own = listed.iter().find(same).or_else(|| match &listed[..] {
        [only] => Some(only),
        _ => None,
    });
    let granted = own
        .and_then(expires_param)
        .or_else(|| answer.seconds(Name::Expires));
    Binding::Bound(granted.or(wanted))
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

fn registration_ok(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let Some(last) = exchange.turns.last().filter(|turn| is_success(turn)) else {
        return Vec::new();
    };
    let (Some(request), Some(answer)) = (last.request(), last.final_response()) else {
        return Vec::new();
    };
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let account = account(request);
    let when = case.when(answer);
    let mut fact = match binding(&request.message, &answer.message) {
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
                contact_words(&request.message)
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
    rule.finding(
        case,
        [request, answer],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: Some(exchange.server),
            severity: None,
            next: String::new(),
        },
    )
    .into_iter()
    .collect()
}

// ---------------------------------------------------------------- it was refused

static REGISTRATION_REFUSED: Rule = Rule {
    id: "registration-refused",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was refused: its credentials challenged again, or a final answer \
            other than 2xx, 423 and a challenge.",
    matters: "The device has no binding and cannot be called; where calls need a registration, it \
              cannot call either.",
    remedy: "By code: password and user name (401, 403), the account's existence and the domain \
             (404, 400), the registrar itself (5xx).",
    silent: "A later REGISTER was answered 2xx; the end is a challenge that nobody answered, a \
             423, or no answer at all, which have rules of their own.",
    source: "RFC 3261 sections 10.3 and 22.4; catalogue R2, R14",
    explains: &[],
    check: registration_refused,
};

struct Refused {
    cause: String,
    owner: Owner,
    certainty: Certainty,
    next: String,
}

fn registration_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let tail = since_success(&exchange);
    let Some(last) = tail.last() else {
        return Vec::new();
    };
    let ended = exchange.ended();
    if let Some(Ended::Refused {
        proof,
        count,
        answer,
        user,
        realm,
        fault,
        other_from,
    }) = ended
    {
        let (client, server) = (case.name(exchange.client), case.name(exchange.server));
        let fact = format!(
            "{server} refused the registration of {client}: credentials refused {} (user \
             \"{user}\", realm \"{realm}\"; last answer {} at {}).{}",
            times(count),
            code_and_phrase(answer),
            case.when(answer),
            until_then(&exchange),
        );
        let said = fault == Fault::Said;
        let mut cause = if said {
            "It says itself that user or credentials are wrong.".to_owned()
        } else {
            "User name or password do not match the account there.".to_owned()
        };
        if let Some(from) = other_from {
            cause.push_str(&format!(
                " Its From names \"{from}\", its credentials \"{user}\": some servers want the same."
            ));
        }
        let (owner, certainty): (Owner, _) = if was_registered(&exchange) {
            cause.push_str(" They were accepted before: one of the two sides was changed since.");
            (Party::Undecided.into(), Certainty::Possible)
        } else if said {
            (case.roles.side(exchange.client).into(), Certainty::Certain)
        } else {
            (case.roles.side(exchange.client).into(), Certainty::Likely)
        };
        let refused = Refused {
            cause,
            owner,
            certainty,
            next: format!(
                "Set the password of user \"{user}\" anew on {client} and in its account."
            ),
        };
        return refusal(rule, case, &exchange, fact, proof, refused);
    }
    let Some(answer) = last.final_response() else {
        return Vec::new();
    };
    let code = answer.message.code().unwrap_or(0);
    if ended.is_some() || code < 300 || code == 423 {
        return Vec::new();
    }
    let proof: Vec<&Arc<Signal>> = [last.request(), Some(answer)]
        .into_iter()
        .flatten()
        .collect();
    let count = tail
        .iter()
        .filter(|turn| turn.final_code() == Some(code))
        .count();
    let known = last.request().map(|request| account(request));
    let fact = format!(
        "{} refused to register {} for {} {} ({} at {}).{}",
        case.name(exchange.server),
        known.unwrap_or_default(),
        case.name(exchange.client),
        times(count),
        code_and_phrase(answer),
        case.when(answer),
        until_then(&exchange),
    );
    let refused = by_code(case, &exchange, last, answer);
    refusal(rule, case, &exchange, fact, proof, refused)
}

fn refusal(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
    fact: String,
    proof: Vec<&Arc<Signal>>,
    refused: Refused,
) -> Vec<Finding> {
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: refused.cause,
            owner: refused.owner,
            to_act: None,
            certainty: refused.certainty,
            by: Some(exchange.server),
            severity: None,
            next: refused.next,
        },
    )
    .into_iter()
    .collect()
}

/// What a refusal means by its code, where the credentials are not what was refused.
fn by_code(
    case: &Case<'_>,
    exchange: &Exchange<'_>,
    last: &Transaction,
    answer: &Signal,
) -> Refused {
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let client_side: Owner = case.roles.side(exchange.client).into();
    let has_credentials = last
        .request()
        .is_some_and(|request| !request.message.credentials().is_empty());
    let make = |cause: String, owner: Owner, certainty: Certainty, next: String| Refused {
        cause,
        owner,
        certainty,
        next,
    };
    match answer.message.code().unwrap_or(0) {
        400..=699 if blames_credentials(answer) => make(
            "It says itself that user or credentials are wrong.".into(),
            client_side,
            Certainty::Likely,
            format!("Compare user name and password of {client} with the account at {server}."),
        ),
        400..=407 | 409..=479 | 604 if was_registered(exchange) => make(
            "The same device was accepted before, so something was changed at the registrar since."
                .into(),
            server_owner(case, exchange.server),
            Certainty::Possible,
            format!("Check what was changed for this account at {server}."),
        ),
        300..=399 => make(
            "The registrar sends the device elsewhere.".into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Have {client} register at the address in the Contact of that answer."),
        ),
        401 | 407 => make(
            "The answer holds no challenge, so the device had nothing to answer.".into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Check at {server} whether it knows the account and the device's address."),
        ),
        403 if has_credentials => make(
            "Some registrars answer a wrong password so; it may as well be an account that is \
             disabled or limited to other addresses."
                .into(),
            client_side,
            Certainty::Possible,
            format!(
                "Set the password of {client} anew; check at {server} that the account is active \
                 and allowed from its address."
            ),
        ),
        403 => make(
            "It was refused before any password was asked for: the account or the address is not \
             allowed, or not known."
                .into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Check at {server} that account and address of {client} are allowed."),
        ),
        404 | 410 | 604 => make(
            "The account does not exist under this name and domain: misspelt on the device, or \
             never set up."
                .into(),
            client_side,
            Certainty::Possible,
            format!("Compare user and domain on {client} with the account at {server}."),
        ),
        400 | 414 | 416 | 420 | 421 => make(
            "The registrar cannot take the request as it is written: domain, scheme or an \
             extension."
                .into(),
            client_side,
            Certainty::Possible,
            format!("Check the domain set on {client}, and the registrar's words in that answer."),
        ),
        408 | 480 | 500..=599 => make(
            "The registrar, or what stands behind it, could not do it; the request itself is not \
             blamed."
                .into(),
            server_owner(case, exchange.server),
            Certainty::Likely,
            format!("Look at {server} and the registrar behind it at that time."),
        ),
        _ => make(
            String::new(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Ask whoever runs {server} why, with Call-ID and time."),
        ),
    }
}

static REGISTRATION_INTERVAL_TOO_BRIEF: Rule = Rule {
    id: "registration-interval-too-brief",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was answered 423: the expiry it asks for is below the least that \
            the registrar takes.",
    matters: "The device has no binding; a client has to ask again with at least Min-Expires.",
    remedy: "Raise the registration expiry on the device to Min-Expires or more.",
    silent: "The device asked again with a longer expiry and was registered.",
    source: "RFC 3261 sections 10.2.8 and 10.3; catalogue R9",
    explains: &["registration-refused"],
    check: interval_too_brief,
};

fn interval_too_brief(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let tail = since_success(&exchange);
    let brief: Vec<_> = tail
        .iter()
        .filter(|turn| turn.final_code() == Some(423))
        .collect();
    // A request that waits for its answer does not end the loop.
    let ended = tail.iter().rfind(|turn| turn.final_code().is_some());
    let Some(answer) = ended
        .filter(|turn| turn.final_code() == Some(423))
        .and_then(|turn| turn.final_response())
    else {
        return Vec::new();
    };
    let asked = brief.last().and_then(|turn| {
        let message = &turn.request()?.message;
        let contact = contacts(message).first().and_then(expires_param);
        contact.or_else(|| message.seconds(Name::Expires))
    });
    let least = answer.message.seconds(Name::MinExpires);
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let asked_words = asked.map_or("an expiry".into(), |asked| format!("{asked} s"));
    let least_words = least.map_or(String::new(), |least| format!(", least {least} s"));
    let fact = format!(
        "{client} asked {server} {} to be registered for {asked_words} and was told that is too \
         brief (423{least_words}; last at {}).{}",
        times(brief.len()),
        case.when(answer),
        until_then(&exchange),
    );
    let long_enough = matches!((asked, least), (Some(asked), Some(least)) if asked >= least);
    let (owner, certainty, cause) = if long_enough {
        (
            server_owner(case, exchange.server),
            Certainty::Likely,
            "The registrar refuses an expiry that it says it takes.",
        )
    } else if brief.len() > 1 {
        (
            case.roles.side(exchange.client).into(),
            Certainty::Certain,
            "The device does not raise its expiry when it is told to.",
        )
    } else {
        (
            case.roles.side(exchange.client).into(),
            Certainty::Likely,
            "The device has not asked again with a longer expiry.",
        )
    };
    let next = match least {
        _ if long_enough => format!("Check the least and the greatest expiry set on {server}."),
        Some(least) => format!("Set the registration expiry of {client} to {least} s or more."),
        None => format!("Raise the registration expiry of {client}."),
    };
    let proof = brief
        .iter()
        .flat_map(|turn| [turn.request(), turn.final_response()])
        .flatten();
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner,
            to_act: None,
            certainty,
            by: Some(exchange.server),
            severity: None,
            next,
        },
    )
    .into_iter()
    .collect()
}

// ---------------------------------------------------------------- nothing came

static REGISTRATION_CHALLENGE_UNANSWERED: Rule = Rule {
    id: "registration-challenge-unanswered",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was answered 401 or 407 with a challenge, and no REGISTER with \
            credentials for it followed within 32 seconds.",
    matters: "The challenge is normal; a device without the credentials never gets a binding.",
    remedy: "Set user name and password on the device. Where it repeats the REGISTER instead, the \
             challenge does not reach it: look at the network and NAT.",
    silent: "The challenge was answered, whatever came of it.",
    source: "RFC 3261 sections 10.2.7 and 22.2; catalogue R1",
    explains: &[],
    check: registration_challenge_unanswered,
};

fn registration_challenge_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let Some(Ended::Unanswered {
        challenged,
        challenge,
        had_credentials,
    }) = exchange.ended()
    else {
        return Vec::new();
    };
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let view = view_after(case, &exchange, challenge);
    // A REGISTER has no ACK. One that is sent again after its answer shows that this was lost.
    let repeats = challenged
        .requests
        .iter()
        .filter(|request| request.at() > challenge.at())
        .count();
    let mut fact = format!(
        "{server} asked {client} for credentials to register ({}, realm \"{}\", {}) and no \
         REGISTER with them followed{}.",
        challenge.message.code().unwrap_or(0),
        realm_of(challenge),
        case.when(challenge),
        view.words,
    );
    let (owner, certainty, cause, next): (Owner, _, String, _) = if repeats > 0 {
        fact.push_str(&format!(
            " It sent the same REGISTER again {} after that.",
            times(repeats)
        ));
        (
            Side::Between.into(),
            Certainty::Likely,
            "The challenge does not reach it.".into(),
            format!("Find where answers from {server} to {client} are lost: firewall, NAT, ALG."),
        )
    } else {
        let cause = match (had_credentials, modern_only(challenge)) {
            (true, _) => {
                "It had answered an earlier challenge that is not in the trace, so it may \
                          have given up after wrong credentials."
                    .to_owned()
            }
            (false, Some(only)) => format!(
                "It has no credentials, or it does not know {only}, the only algorithm on offer."
            ),
            (false, None) => "It has no user name and password for this realm.".to_owned(),
        };
        let certainty = if had_credentials {
            Certainty::Possible
        } else {
            view.certainty.min(Certainty::Likely)
        };
        let next = format!("Set user name and password on {client}.");
        (
            case.roles.side(exchange.client).into(),
            certainty,
            cause,
            next,
        )
    };
    let proof = challenged.requests.iter().chain([challenge]);
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: view.certainty,
            cause,
            owner,
            to_act: None,
            certainty,
            by: Some(exchange.client),
            severity: None,
            next,
        },
    )
    .into_iter()
    .collect()
}

static REGISTRATION_UNANSWERED: Rule = Rule {
    id: "registration-unanswered",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER got no final answer although the evidence reaches 32 seconds past \
            it, or, less sure, although it was sent four times or more.",
    matters: "The device has no binding, and cannot tell why.",
    remedy: "Check address, port and transport of the registrar, firewalls, and block lists that \
             drop a sender after failed attempts.",
    silent: "It was answered in the end, or the evidence stops too early to tell.",
    source: "RFC 3261 section 17.1.2 (timers E and F); catalogue R12",
    explains: &[],
    check: registration_unanswered,
};

fn registration_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let mut waiting: Vec<_> = exchange
        .turns
        .iter()
        .rev()
        .take_while(|turn| turn.final_response().is_none())
        .collect();
    waiting.reverse();
    let sends: Vec<&Arc<Signal>> = waiting.iter().flat_map(|turn| &turn.requests).collect();
    let (Some(first), Some(last)) = (sends.first(), sends.last()) else {
        return Vec::new();
    };
    let watched = case.watched_for(first, GIVES_UP_AFTER);
    if !watched && sends.len() < SENDS_THAT_TELL {
        return Vec::new();
    }
    let trying = waiting.iter().find_map(|turn| turn.first_response());
    let answered_before = exchange
        .turns
        .iter()
        .any(|turn| turn.final_response().is_some());
    let (client, server) = (case.name(exchange.client), case.name(exchange.server));
    let span = last.at().duration_since(first.at());
    let over = if sends.len() > 1 {
        format!(" over {}", seconds(span))
    } else {
        String::new()
    };
    let mut fact = format!(
        "{client} sent its REGISTER to {server} {}{over} (from {}) and got no final answer.",
        times(sends.len()),
        case.when(first),
    );
    if let Some(trying) = trying {
        let code = trying.message.code().unwrap_or(0);
        fact.push_str(&format!(" Only a {code} came ({}).", case.when(trying)));
    }
    if !watched {
        fact.push_str(" The trace ends before the device would have given up.");
    }
    fact.push_str(until_then(&exchange));
    let is_udp = first.packet.transport == Transport::Udp;
    let repeated = waiting.len() > 1 || sends.len() > 1;
    let (owner, certainty, cause): (Owner, _, _) = if is_udp && !repeated {
        (
            Party::Undecided.into(),
            Certainty::Possible,
            "A client without an answer repeats its request, and this one did not: an answer may \
             have reached it by a way that was not captured.",
        )
    } else if trying.is_some() {
        (
            server_owner(case, exchange.server),
            Certainty::Likely,
            "The request arrived: whoever took it has no answer from behind it.",
        )
    } else if answered_before {
        (
            Side::Between.into(),
            Certainty::Possible,
            "The same server had answered before, so the way was open then: look for a block \
             after failed attempts, or for packets too large for UDP.",
        )
    } else if is_udp {
        (
            Side::Between.into(),
            Certainty::Likely,
            "No answer of any kind reached this capture point: the way is blocked, or nobody \
             listens there.",
        )
    } else {
        (
            Side::Between.into(),
            Certainty::Possible,
            "The connection stood, and nothing came back over it.",
        )
    };
    let certainty = if watched {
        certainty
    } else {
        certainty.lowered()
    };
    rule.finding(
        case,
        sends.iter().copied().chain(trying),
        Conclusion {
            fact,
            fact_certainty: if watched && (repeated || !is_udp) {
                Certainty::Certain
            } else {
                Certainty::Likely
            },
            cause: cause.into(),
            owner,
            to_act: None,
            certainty,
            by: Some(exchange.client),
            severity: None,
            next: format!(
                "Check that {server} is up, takes this port and transport, and does not block {}.",
                exchange.client.ip()
            ),
        },
    )
    .into_iter()
    .collect()
}

// ---------------------------------------------------------------- it worked, and will not last

static PRIVATE_CONTACT_REGISTERED: Rule = Rule {
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
    check: private_contact,
};

fn private_contact(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let Some(last) = exchange.turns.iter().rfind(|turn| is_success(turn)) else {
        return Vec::new();
    };
    let (Some(request), Some(answer)) = (last.request(), last.final_response()) else {
        return Vec::new();
    };
    let (asked, told) = (&request.message, &answer.message);
    if !matches!(binding(asked, told), Binding::Bound(_)) {
        return Vec::new();
    }
    let Some(contact) = asked.contact() else {
        return Vec::new();
    };
    let Some(host) = contact.uri.host.parse().ok().filter(|ip| is_private(*ip)) else {
        return Vec::new();
    };
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
        return Vec::new();
    }
    let client = case.name(exchange.client);
    let fact = format!(
        "{client} registered the private address {host} as its contact although it sends from {} \
         ({}).",
        request.source(),
        case.when(request),
    );
    rule.finding(
        case,
        [request, answer],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "Its NAT support is off, so calls to it will not arrive unless the registrar \
                    corrects the address."
                .into(),
            owner: case.roles.side(exchange.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(exchange.client),
            severity: None,
            next: format!("Switch on NAT support on {client}, or far-end NAT at the registrar."),
        },
    )
    .into_iter()
    .collect()
}

static BINDING_FLAPS: Rule = Rule {
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
    check: binding_flaps,
};

fn binding_flaps(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(exchange) = registration(case.call) else {
        return Vec::new();
    };
    let mut run: Vec<&Arc<Signal>> = Vec::new();
    let mut worst: Vec<&Arc<Signal>> = Vec::new();
    let place = |signal: &Signal| {
        let uri = signal.message.contact().map(|contact| contact.uri);
        let contact = uri.map(|uri| (uri.user, uri.host, uri.port));
        (signal.source(), contact)
    };
    let accepted = exchange.turns.iter().filter(|turn| is_success(turn));
    for request in accepted.filter_map(|turn| turn.request()) {
        if run
            .last()
            .is_some_and(|before| place(before) == place(request))
        {
            run.clear();
        }
        run.push(request);
        run.retain(|early| request.at().duration_since(early.at()) <= FLAPS_WITHIN);
        if run.len() > worst.len() {
            worst.clone_from(&run);
        }
    }
    let (Some(first), Some(last)) = (worst.first(), worst.last()) else {
        return Vec::new();
    };
    if worst.len() < FLAPS {
        return Vec::new();
    }
    let client = case.name(exchange.client);
    let fact = format!(
        "{client} registered {} within {} ({} to {}), each time from another port or with \
         another contact.",
        times(worst.len()),
        seconds(last.at().duration_since(first.at())),
        case.when(first),
        case.when(last),
    );
    rule.finding(
        case,
        worst.iter().copied(),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "Its NAT closes the way too early, or its connection breaks.".into(),
            owner: case.roles.side(exchange.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(exchange.client),
            severity: None,
            next: format!("Set a keep-alive on {client} shorter than its NAT's time-out."),
        },
    )
    .into_iter()
    .collect()
}
