//! The lanes of a ladder: one a node, from the caller over the platform to the carriers. Knows who
//! stands where; draws nothing.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::diagnosis::{Case, Party, Side};
use crate::render::clean;

/// One node of the call.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its configured name, else its role in the call.
    pub name: String,
    /// Its address; with the port where another lane has the same.
    pub address: String,
}

/// All nodes of a call, left to right.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// The lanes.
    pub all: Vec<Lane>,
    place: HashMap<SocketAddr, usize>,
}

impl Lanes {
    /// Finds the nodes: by side, then in the order in which they are met.
    #[must_use]
    pub fn of(case: &Case<'_>) -> Lanes {
        let mut nodes: Vec<SocketAddr> = Vec::new();
        let mut met = HashMap::new();
        for (_, signal) in &case.call.signals {
            for address in [signal.source(), signal.destination()] {
                let node = case.call.node(address);
                met.entry(node).or_insert_with(|| nodes.push(node));
            }
        }
        nodes.sort_by_key(|node| match case.roles.side(*node) {
            Side::Caller => 0,
            Side::Platform => 1,
            Side::CalledPeer | Side::CalledUser => 2,
            Side::Between | Side::Unknown => 3,
        });
        let mut at_address: HashMap<_, usize> = HashMap::new();
        for node in &nodes {
            *at_address.entry(node.ip()).or_default() += 1;
        }
        let lane = |node: &SocketAddr| Lane {
            name: clean::columns(case.roles.name(*node).unwrap_or_else(|| role(case, *node))),
            address: match at_address.get(&node.ip()) {
                Some(1) => node.ip().to_string(),
                _ => node.to_string(),
            },
        };
        Lanes {
            all: nodes.iter().map(lane).collect(),
            place: nodes.iter().enumerate().map(|(at, n)| (*n, at)).collect(),
        }
    }

    /// The same without addresses, for who is told names alone.
    #[must_use]
    pub fn without_addresses(mut self) -> Lanes {
        self.all.iter_mut().for_each(|lane| lane.address.clear());
        self
    }

    /// Where a node stands, from 0.
    #[must_use]
    pub fn place(&self, node: SocketAddr) -> usize {
        self.place.get(&node).copied().unwrap_or_default()
    }
}

fn role(case: &Case<'_>, node: SocketAddr) -> &'static str {
    match case.roles.side(node) {
        Side::Platform => "platform",
        side => match case.roles.party(side) {
            Party::Customer => "customer",
            Party::Carrier => "carrier",
            Party::FarEnd => "far end",
            _ => "unknown",
        },
    }
}
