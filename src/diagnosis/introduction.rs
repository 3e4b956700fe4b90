//! What the platform's records tell of who is who in a call: which Call-ID goes in and which goes out,
//! whose the two ends are. Names roles; concludes no cause.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use super::party::{Direction, Side};
use super::roles::Roles;
use crate::platform::{Attempt, CallRecord, Id, Records, covers};
use crate::sip::{Call, Hop};

impl Roles {
    /// The same with what the records say. Configured peers were there first: what they name keeps
    /// its name, and a direction that they show stays.
    #[must_use]
    pub(super) fn introduced(mut self, call: &Call, records: &Records) -> Roles {
        let Some(row) = &records.row else {
            return self;
        };
        let servers = own_servers(row, records, call);
        let leg_of = |hop: &Hop| call.legs.get(hop.leg).map(|leg| leg.call_id.as_str());
        let mut is_sent_out = false;
        for hop in &call.hops {
            let goes_in = leg_of(hop) == row.call_id.as_deref();
            let goes_out =
                leg_of(hop).is_some_and(|leg| row.outgoing_call_ids().any(|id| id == leg));
            is_sent_out |= goes_out;
            if goes_in || servers.contains(&hop.server.ip()) {
                self.sides.insert(hop.server, Side::Platform);
            }
            if goes_out || servers.contains(&hop.client.ip()) {
                self.sides.insert(hop.client, Side::Platform);
            }
        }
        if matches!(
            self.direction,
            Direction::AssumedOutbound | Direction::OneLeg
        ) {
            if is_from_customer(row, records) {
                self.direction = Direction::Outbound;
            } else if is_to_customer(row, records, call) {
                self.direction = Direction::Inbound;
            } else if is_sent_out {
                // The platform made this leg's Call-ID: what it sends the call to is no far end of one leg.
                self.direction = Direction::AssumedOutbound;
            }
        }
        // The platform's record says whose the call is.
        self.is_called_assumed = false;
        match self.direction {
            Direction::Outbound => self.name_ends(call, row, records),
            Direction::Inbound => self.name_customer(call, records),
            Direction::AssumedOutbound | Direction::OneLeg => {}
        }
        self
    }

    /// On an inbound call the customer is who gets it.
    fn name_customer(&mut self, call: &Call, records: &Records) {
        let Some(name) = records.customer_name() else {
            return;
        };
        for hop in &call.hops {
            if self.side(hop.server) == Side::CalledPeer {
                self.names.entry(hop.server).or_insert_with(|| name.clone());
            }
        }
    }

    fn name_ends(&mut self, call: &Call, row: &CallRecord, records: &Records) {
        let mut names: HashMap<SocketAddr, String> = HashMap::new();
        if let (Some(ingress), Some(name)) = (call.ingress(), records.customer_name())
            && self.side(ingress.client) == Side::Caller
        {
            names.insert(ingress.client, name);
        }
        let out: Vec<&Hop> = call
            .hops
            .iter()
            .filter(|hop| self.side(hop.server) == Side::CalledPeer)
            .collect();
        for (at, hop) in out.iter().enumerate() {
            let leg = call.legs.get(hop.leg).map(|leg| leg.call_id.as_str());
            if let Some(id) = carrier_of(row, leg, at, out.len()) {
                names.insert(hop.server, records.carrier_name(id));
            }
        }
        for (node, name) in names {
            self.names.entry(node).or_insert(name);
        }
    }
}

/// The platform's own addresses, as far as they are no end of the call too: in a laboratory all of
/// them may be one machine.
fn own_servers(row: &CallRecord, records: &Records, call: &Call) -> Vec<IpAddr> {
    let caller = call.ingress().map(|hop| hop.client.ip());
    let mut servers: Vec<IpAddr> = row.server_addresses().collect();
    servers.extend(&records.servers);
    servers.retain(|ip| Some(*ip) != caller && Some(*ip) != row.source_ip);
    servers
}

/// Whether the row shows that a customer sent the call: a carrier was tried for it or chosen, its source
/// is one of a customer's addresses, it authenticated as a user, or the platform says that it goes out.
fn is_from_customer(row: &CallRecord, records: &Records) -> bool {
    let has_carrier = row
        .answered
        .as_ref()
        .is_some_and(|it| it.carrier_id.is_some());
    let is_known_source = || {
        let ip = row.source_ip?;
        let entries = records.source_entries.as_ref()?;
        Some(entries.iter().any(|entry| entry.covers(ip) == Some(true)))
    };
    // An inbound call is tried too: at the customer.
    let names_carrier = |it: &Attempt| it.carrier_id.is_some() || it.carrier.is_some();
    let is_with_carrier = || row.attempts.iter().chain(&row.routes).any(names_carrier);
    // A call that comes in has the carrier that brought it.
    let comes_in = is_word(row, "origination");
    (!comes_in && (has_carrier || is_with_carrier()))
        || row.auth_user.is_some()
        || is_known_source().unwrap_or(false)
        || is_word(row, "termination")
}

/// Whether a call that no customer sent goes to one: it was tried at a customer or sent to an address of
/// one, or the platform says that it comes in and whose number it is. Its word alone proves nothing: it
/// stands also in rows of strangers, of whom no customer is known.
fn is_to_customer(row: &CallRecord, records: &Records, call: &Call) -> bool {
    let is_tried = || row.attempts.iter().any(|it| it.customer_id.is_some());
    let is_sent = || {
        let customer = records.customer.as_ref();
        let own = customer.map(|it| it.ips.as_slice()).unwrap_or_default();
        let sent = call.hops.iter().filter(|hop| hop.upstream.is_some());
        sent.map(|hop| hop.server.ip())
            .any(|ip| own.iter().any(|entry| covers(entry, ip) == Some(true)))
    };
    let is_known = records.customer_name().is_some();
    (is_known && is_word(row, "origination")) || is_tried() || is_sent()
}

fn is_word(row: &CallRecord, word: &str) -> bool {
    let direction = row.direction.as_deref().unwrap_or_default();
    direction.trim().eq_ignore_ascii_case(word)
}

/// Which carrier an outgoing hop went to: the one whose attempt has its Call-ID, else by order where
/// there are as many attempts as hops, else the only one there is.
fn carrier_of(row: &CallRecord, call_id: Option<&str>, at: usize, hops: usize) -> Option<Id> {
    let attempts = &row.attempts;
    let by_id = || {
        let one = |id: &&str| {
            attempts
                .iter()
                .filter(|it| it.outgoing_call_id.as_deref() == Some(*id))
                .count()
                == 1
        };
        let id = call_id.filter(one)?;
        attempts
            .iter()
            .find(|it| it.outgoing_call_id.as_deref() == Some(id))?
            .carrier_id
    };
    let by_order = || (attempts.len() == hops).then(|| attempts.get(at)?.carrier_id)?;
    let only = || {
        let mut all: Vec<Id> = row.carrier_ids().collect();
        all.sort_unstable();
        all.dedup();
        match all.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    };
    by_id().or_else(by_order).or_else(only)
}
