//! The host names that a message names as places to send something to: those that have to be looked up. Looks none up.

use std::net::IpAddr;

use super::header::NameAddr;
use super::message::Message;
use super::name::Name;

/// The names in Request-URI, Route, Record-Route, Contact and Via, in lower case and without a last dot; no addresses.
#[must_use]
pub fn named(message: &Message) -> Vec<String> {
    let routes = [Name::Route, Name::RecordRoute, Name::Contact]
        .into_iter()
        .flat_map(|header| message.elements(header))
        .map(|value| NameAddr::parse(&value).uri.host);
    let asked = message.request_uri().map(|uri| uri.host);
    let vias = message.vias().into_iter().map(|via| via.host);
    let hosts = asked.into_iter().chain(routes).chain(vias);
    hosts.filter_map(|host| host_name(&host)).collect()
}

/// A host as names are compared; nothing where it is an address, or no name at all.
#[must_use]
pub fn host_name(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.');
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_name = !host.is_empty() && host != "*" && !is_address;
    is_name.then(|| host.to_ascii_lowercase())
}
