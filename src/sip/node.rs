//! Which addresses belong to one machine: an ephemeral TCP port and the port that its Via names
//! are the same node. Names a node by one of its addresses; knows no roles.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::map::Map;
use super::signal::Signal;

/// The nodes of one call, each named by the address that others send to where that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nodes {
    // Ordered, so that equal calls also print equal.
    name_of: BTreeMap<SocketAddr, SocketAddr>,
}

impl Nodes {
    /// Learns the nodes from the messages of a call. The topmost Via of a request was written by
    /// the node that sent it (RFC 3261 section 18.1.1): one address that sends under the same
    /// sent-by from several ports is one node.
    #[must_use]
    pub fn learn<'a>(signals: impl Iterator<Item = &'a Signal>) -> Nodes {
        let mut by_sent_by: Map<(IpAddr, String, u16), SocketAddr> = Map::default();
        let mut name_of: BTreeMap<SocketAddr, SocketAddr> = BTreeMap::new();
        for signal in signals {
            let source = signal.source();
            let via = signal
                .message()
                .request_method()
                .and_then(|_| signal.message().top_via());
            let Some(via) = via else { continue };
            let port = via.port_or_default();
            let own = via.address() == Some(source.ip());
            let listening = SocketAddr::new(source.ip(), port);
            let name = if own { listening } else { source };
            let name = *by_sent_by
                .entry((source.ip(), via.host, port))
                .or_insert(name);
            name_of.entry(source).or_insert(name);
        }
        Nodes { name_of }
    }

    /// The node behind an address: the address itself where nothing else is known.
    #[must_use]
    pub fn of(&self, address: SocketAddr) -> SocketAddr {
        self.name_of.get(&address).copied().unwrap_or(address)
    }
}
