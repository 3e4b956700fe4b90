//! The known neighbours of the platform: whose address is whose. A look-up table; reads no file.

use std::net::IpAddr;

/// What a configured neighbour is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerKind {
    /// Sends us its calls and pays for them.
    Customer,
    /// Takes our calls on, and brings us others.
    Carrier,
    /// The platform itself.
    Platform,
}

/// A range of addresses: those whose first `bits` bits are those of `base`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or one address. Gives nothing for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        let base: IpAddr = address.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Network { base, bits })
    }

    /// Whether an address is in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let differs = match (self.base, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits())
                .checked_shl(96)
                .unwrap_or(0),
            (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
            _ => return false,
        };
        differs.leading_zeros() >= u32::from(self.bits)
    }

    /// How many leading bits are fixed; more is narrower.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }
}

/// One configured neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// What people call it.
    pub name: String,
    /// What it is to us.
    pub kind: PeerKind,
    /// Where it sends from and listens.
    pub networks: Vec<Network>,
}

/// All configured neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peers(pub Vec<Peer>);

impl Peers {
    /// The neighbour behind an address; the narrowest range wins.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<&Peer> {
        self.0
            .iter()
            .flat_map(|peer| peer.networks.iter().map(move |network| (network, peer)))
            .filter(|(network, _)| network.contains(address))
            .max_by_key(|(network, _)| network.bits())
            .map(|(_, peer)| peer)
    }
}
