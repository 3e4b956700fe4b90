//! Where a call was sent in the end, and whether that is a place that was meant. Compares only what is alike,
//! so that it may not tell; names no cause.

use std::sync::Arc;

use super::case::Case;
use crate::call::Expected;
use crate::platform::{Id, Words};
use crate::sip::address::is_private;
use crate::sip::{Hop, Signal};

/// The end of a call's way.
#[derive(Debug, Clone)]
pub struct Delivery<'a> {
    /// The leg that went there.
    pub hop: &'a Hop,
    /// Its INVITE.
    pub invite: &'a Arc<Signal>,
    /// The user in the Request-URI, else in To.
    pub user: String,
    /// The host in the Request-URI.
    host: String,
    /// The port there; 5060 where none is written (RFC 3261 section 19.1.2).
    port: u16,
    /// What the called side is called, as far as that is known.
    names: Vec<String>,
    /// Under which number the platform keeps the customer there, where it is one.
    customer: Option<Id>,
    /// Whether customers and carriers have numbers, as those of a platform have.
    has_ids: bool,
    /// The number that was dialled.
    dialled: String,
}

impl<'a> Delivery<'a> {
    /// Where a call went; nothing where no leg to anybody was seen.
    #[must_use]
    pub fn of(case: &Case<'a>) -> Option<Delivery<'a>> {
        let hop = case.far_leg()?;
        let invite = hop.first_invite()?;
        let uri = invite.message().request_uri();
        let user = uri.as_ref().and_then(|uri| uri.user.clone());
        let row = case.records.and_then(|it| it.row.as_ref());
        let came_in = || {
            let first = case.call.ingress()?.first_invite()?.message();
            first.request_uri()?.user
        };
        let is_inbound = case.roles.direction == super::party::Direction::Inbound;
        let owner = case.records.filter(|_| is_inbound);
        let name_of_owner = owner.and_then(|it| it.customer.as_ref()?.name.clone());
        let name = case.roles.name(hop.server).map(str::to_owned);
        let id = || {
            let records = owner?;
            let of_row = || records.row.as_ref()?.customer_id;
            records.customer.as_ref().map(|it| it.id).or_else(of_row)
        };
        Some(Delivery {
            hop,
            invite,
            user: user.unwrap_or_else(|| invite.message().to_user()),
            port: uri.as_ref().and_then(|uri| uri.port).unwrap_or(5060),
            host: uri.map(|uri| uri.host).unwrap_or_default(),
            names: name.into_iter().chain(name_of_owner).collect(),
            customer: id(),
            has_ids: case.records.is_some(),
            dialled: row
                .and_then(|row| row.to.clone())
                .or_else(came_in)
                .unwrap_or_default(),
        })
    }

    /// Whether that is the expected place; nothing where it cannot be told.
    #[must_use]
    pub fn is_at(&self, expected: &Expected) -> Option<bool> {
        let (word, host) = expected.parts();
        match host {
            Some(host) => both(self.is_user(word), self.is_host(host)),
            None if Expected::address(word).is_some() => self.is_host(word),
            None => self.is_called(word),
        }
    }

    /// Whether what is set up for the number names this place; nothing where it names none that can be
    /// compared with it.
    #[must_use]
    pub fn is_set_up(&self, did: &Words) -> Option<bool> {
        let own = [self.hop.server.ip()].into_iter().chain(self.host.parse());
        let is_named = own.into_iter().any(|ip| did.names_address(ip))
            || (!self.is_number_kept() && did.names(&self.user))
            || self.names.iter().any(|name| did.names(name));
        if is_named {
            return Some(true);
        }
        let mut others = did.addresses();
        let is_elsewhere = others.any(|ip| !is_private(ip) && !ip.is_unspecified());
        (did.is_whole() && is_elsewhere).then_some(false)
    }

    /// Whether the called side was shown the dialled number: then its user name is not known.
    fn is_number_kept(&self) -> bool {
        self.user == self.dialled || is_same_number(&self.user, &self.dialled) == Some(true)
    }

    fn is_user(&self, word: &str) -> Option<bool> {
        if word.eq_ignore_ascii_case(&self.user) {
            return Some(true);
        }
        match is_same_number(word, &self.user) {
            Some(true) => Some(true),
            _ if self.is_number_kept() => None,
            Some(false) => Some(false),
            // A user name may stand for a number.
            None => Expected::number(word).is_none().then_some(false),
        }
    }

    fn is_host(&self, word: &str) -> Option<bool> {
        let server = self.hop.server;
        let Some((ip, port)) = Expected::address(word) else {
            let is_it = word.eq_ignore_ascii_case(&self.host);
            let is_name = self.host.parse::<std::net::IpAddr>().is_err();
            return (is_it || is_name).then_some(is_it);
        };
        let is_there = ip.to_canonical() == server.ip().to_canonical()
            && port.is_none_or(|port| port == server.port());
        let is_named = self.host.parse() == Ok(ip) && port.is_none_or(|port| port == self.port);
        if is_there || is_named {
            return Some(true);
        }
        // Behind a NAT a device has another address than it is sent to.
        (!is_private(ip)).then_some(false)
    }

    /// Whether a single word is its user, its host, or what it is called.
    fn is_called(&self, word: &str) -> Option<bool> {
        if let Some(id) = word.strip_prefix('#') {
            let (id, own) = (id.parse::<Id>().ok()?, self.customer?);
            return Some(id == own);
        }
        let lower = word.to_lowercase();
        let is_name = |name: &String| name.to_lowercase().contains(&lower);
        let is_id = word
            .parse()
            .ok()
            .is_some_and(|id| Some(id) == self.customer);
        if self.names.iter().any(is_name) || is_id || word.eq_ignore_ascii_case(&self.host) {
            return Some(true);
        }
        if is_same_number(word, &self.dialled) == Some(true) {
            // That is the number itself, and no place.
            return None;
        }
        if word.contains(char::is_whitespace) {
            // Only names have blanks in them.
            return (!self.names.is_empty()).then_some(false);
        }
        let user = self.is_user(word);
        let is_digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let may_be_name = match is_digits {
            true => self.has_ids && self.customer.is_none() && Expected::number(word).is_none(),
            false => self.names.is_empty(),
        };
        user.filter(|is_it| *is_it || !may_be_name)
    }
}

fn both(one: Option<bool>, two: Option<bool>) -> Option<bool> {
    match (one, two) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether two numbers are the same, one with more before it than the other; nothing where either is none.
fn is_same_number(one: &str, two: &str) -> Option<bool> {
    let (one, two) = (Expected::number(one)?, Expected::number(two)?);
    Some(one.ends_with(&two) || two.ends_with(&one))
}
