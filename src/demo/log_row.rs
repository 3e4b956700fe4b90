//! A recorded call as a row of the platform's call log, in its documented shape. Says what the platform
//! would say: what it saw itself, in its own words.

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::party::{CARRIERS, CUSTOMERS, behind};
use crate::sip::{Call, EndedBy, Hop, Message, Method};

/// The account of the demo platform.
pub(super) const ACCOUNT: u64 = 1093;

/// The row; nothing of a call without a first leg.
pub(super) fn of(call: &Call) -> Option<Value> {
    let facts = &call.first_leg()?.facts;
    let ingress = call.ingress()?;
    let invite = ingress.invites.iter().rev().find_map(|it| it.request());
    let invite = invite.or_else(|| ingress.first_invite())?.message();
    let source = ingress.client;
    let (server, dialled) = (ingress.server.ip(), dialled(invite));
    let last = call.ended()?;
    let mut routing = json!({
        "params": {
            "switch": source.ip(), "oU": dialled, "fU": facts.from, "callid": facts.call_id,
            "userAgent": invite.agent(), "si": source.ip(), "sp": source.port(),
            "proto": facts.transports.first(), "csIp": server,
        },
        "sip_code": ingress.final_code(), "sip_reason": reason(ingress),
        "start_time": facts.started.as_second(), "end_time": seconds(last),
        "server": server, "switch": source.ip(), "re": "fr1js3", "cli": facts.from,
        "ou": dialled, "callid": facts.call_id,
        "offer_auth": ingress.challenges() > 0, "meta": {}, "p": {}, "account_id": ACCOUNT,
        "log": decisions(call, ingress), "attempts": attempts(call, ingress),
    });
    let mut further = Map::new();
    if let Some(leg) = call.legs.get(1) {
        further.insert("callidb".to_owned(), json!(leg.call_id));
    }
    if let Some(customer) = behind(&CUSTOMERS, source.ip()) {
        further.insert("customer_id".to_owned(), json!(customer.id));
    }
    if let Some(ok) = answered(call) {
        further.insert("ok".to_owned(), ok);
    }
    let routing_fields = routing.as_object_mut()?;
    routing_fields.append(&mut further);
    let params = routing_fields.get_mut("params")?.as_object_mut()?;
    if let Some(user) = invite.credentials().first() {
        params.insert("au".to_owned(), json!(user.username));
    }
    if let Some(address) = invite.sdp().and_then(|sdp| sdp_address(&sdp)) {
        params.insert("rtp_ip".to_owned(), json!(address));
    }
    Some(json!({ "routing": routing }))
}

/// The address that a session description names first.
fn sdp_address(sdp: &crate::sip::sdp::Sdp) -> Option<IpAddr> {
    sdp.audio()?.address.as_deref()?.parse().ok()
}

/// The number in the Request-URI.
pub(super) fn dialled(invite: &Message) -> String {
    let user = invite.request_uri().and_then(|uri| uri.user);
    user.unwrap_or_else(|| invite.to_user())
}

/// Seconds with their milliseconds.
fn seconds(at: Timestamp) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds fit for ages to come"
    )]
    let milliseconds = at.as_millisecond() as f64;
    milliseconds / 1000.0
}

fn reason(hop: &Hop) -> Option<String> {
    let response = hop.final_response()?.message();
    Some(response.reason_phrase().to_owned())
}

fn decisions(call: &Call, ingress: &Hop) -> Vec<String> {
    let ip = ingress.client.ip();
    let mut log = vec![match behind(&CUSTOMERS, ip) {
        Some(customer) => format!("Customer {} ({}) by IP {ip}", customer.name, customer.id),
        None => format!("Unable to associate call from {ip} with any customer"),
    }];
    for hop in call.downstream(ingress) {
        let sent = hop
            .first_invite()
            .map(|it| dialled(it.message()))
            .unwrap_or_default();
        let name = carrier_name(hop);
        log.push(format!("Routing {sent} to {name} at {}", hop.server));
        if let (Some(code @ 300..), Some(reason)) = (hop.final_code(), reason(hop)) {
            log.push(format!("{name} replied {code} {reason}"));
        }
    }
    log
}

fn carrier_name(hop: &Hop) -> String {
    behind(&CARRIERS, hop.server.ip())
        .map_or_else(|| hop.server.to_string(), |carrier| carrier.name.to_owned())
}

fn attempts(call: &Call, ingress: &Hop) -> Vec<Value> {
    let attempt = |hop: &Hop| {
        let carrier = behind(&CARRIERS, hop.server.ip());
        let result = match hop.final_code() {
            Some(200..300) => "Connected",
            Some(_) => "Failed",
            None => "No Reply",
        };
        json!({
            "provider_id": carrier.map(|it| it.id), "provider_name": carrier.map(|it| it.name),
            "sip_code": hop.final_code(), "sip_reason": reason(hop), "result": result,
        })
    };
    call.downstream(ingress).map(attempt).collect()
}

/// The hop that was answered with 2xx, behind the platform.
pub(super) fn connected<'c>(call: &'c Call, ingress: &'c Hop) -> Option<&'c Hop> {
    call.downstream(ingress)
        .find(|hop| matches!(hop.final_code(), Some(200..300)))
}

/// How long the call was up, in whole seconds; nothing where it was not answered.
pub(super) fn talk_seconds(call: &Call) -> Option<i64> {
    let facts = &call.first_leg()?.facts;
    let until_end = || {
        let setup = facts.setup_ms?;
        let whole = call.ended()?.duration_since(facts.started).as_millis();
        i64::try_from(whole).ok()?.checked_sub(setup)
    };
    let talk = facts.talk_ms.or_else(until_end).unwrap_or_default();
    facts.answered.then_some((talk + 500) / 1000)
}

fn answered(call: &Call) -> Option<Value> {
    let hop = connected(call, call.ingress()?);
    let carrier = hop.and_then(|hop| behind(&CARRIERS, hop.server.ip()));
    Some(json!({
        "duration": talk_seconds(call)?, "callid_b": call.legs.get(1).map(|leg| &leg.call_id),
        "release_reason": release_reason(call), "provider_id": carrier.map(|it| it.id),
    }))
}

/// Why an answered call ended, as the platform would put it: who sent the first BYE, and where it was
/// the platform itself, for want of what.
pub(super) fn release_reason(call: &Call) -> Option<&'static str> {
    let ingress = call.ingress()?;
    let first = call
        .signals
        .iter()
        .find(|(_, it)| it.is_request(&Method::Bye))?;
    let by_platform = call.node(first.1.source()) == ingress.server;
    if by_platform {
        let mut pings = call.with_method(Method::Options);
        let is_silent = pings.any(|ping| ping.final_response().is_none());
        return Some(if is_silent {
            "Ping Timeout"
        } else {
            "Lifetime Timeout"
        });
    }
    match call.first_leg()?.facts.ended_by {
        Some(EndedBy::Caller) => Some("Downstream BYE"),
        Some(EndedBy::Callee) => Some("Upstream BYE"),
        Some(EndedBy::Canceled) | None => None,
    }
}

/// The row of the registration log that a REGISTER makes.
pub(super) fn of_registration(call: &Call) -> Option<Value> {
    let facts = &call.first_leg()?.facts;
    let register = call.requests(Method::Register).next()?;
    let answers = call.with_method(Method::Register);
    let last = answers.filter_map(|it| it.final_response()).last();
    let last = last.map(|it| it.message());
    Some(json!({
        "callid": facts.call_id, "username": facts.to, "ip": register.source().ip(),
        "port": register.source().port(), "protocol": facts.transports.first(),
        "user_agent": register.message().agent(), "start_time": facts.started.as_second(),
        "sip_code": last.and_then(Message::code), "sip_reason": last.map(Message::reason_phrase),
    }))
}
