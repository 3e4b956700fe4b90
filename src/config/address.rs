//! Addresses of other people's HTTP servers, as a configuration writes them. Contacts none; lets
//! nothing travel in the clear but on this machine.

use std::net::IpAddr;

use url::{Host, Url};

use super::reader::{Refusal, Setting, Value};

/// An `https://` address, or an `http://` one on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(pub Url);

impl Setting for WebAddress {
    fn allowed() -> String {
        r#"an address as in "https://example.com/api/"; http:// only for this machine, as in "http://127.0.0.1:8080/""#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?.trim();
        // Whatever stands in an address may be a password: it is not said again.
        let Ok(url) = Url::parse(text) else {
            return Err(Refusal::found("found no address (not shown)".to_owned()));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::found(
                "found an address with a user or a password in it (not shown)".to_owned(),
            ));
        }
        if url.fragment().is_some() {
            return Err(Refusal::found("found an address with a # in it".to_owned()));
        }
        match url.scheme() {
            "https" => Ok(WebAddress(url)),
            "http" if is_this_machine(&url) => Ok(WebAddress(url)),
            "http" => Err(Refusal::found(
                "found http:// to another machine, where anybody on the way can read along"
                    .to_owned(),
            )),
            _ => Err(Refusal::found(
                "found an address that is not http".to_owned(),
            )),
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        // RFC 6761 section 6.3: never another machine.
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
