//! Who is behind an IP address: the customers, carriers and platform servers that the operator
//! has named. A look-up table; reads no file.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// What a peer is to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerKind {
    /// Sends calls to us and pays for them.
    Customer,
    /// Takes calls from us, or hands us calls to our numbers.
    Carrier,
    /// The platform's own servers.
    Platform,
}

/// A block of IP addresses in CIDR notation. The bits after the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// How many leading bits all its addresses share.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether the address belongs to it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.address == first_address(address, self.prefix)
            && self.address.is_ipv4() == address.is_ipv4()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl From<IpAddr> for Network {
    /// The block of one address.
    fn from(address: IpAddr) -> Network {
        let address = address.to_canonical();
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Network { address, prefix }
    }
}

/// Why a text is no [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is neither an address nor a block.
    #[error("not an IP address or block")]
    Unreadable,
    /// Bits after the prefix are set; this is the block the address belongs to.
    #[error("the block begins at {0}")]
    BeginsElsewhere(Network),
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let unreadable = |_| NetworkError::Unreadable;
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(unreadable)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.starts_with('+') => return Err(NetworkError::Unreadable),
            Some(digits) => digits.parse().map_err(|_| NetworkError::Unreadable)?,
            None => bits,
        };
        if prefix > bits {
            return Err(NetworkError::Unreadable);
        }
        let network = Network {
            address: first_address(address, prefix),
            prefix,
        };
        if network.address == address {
            Ok(network)
        } else {
            Err(NetworkError::BeginsElsewhere(network))
        }
    }
}

/// The address with all bits after the prefix cleared.
fn first_address(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(prefix))
                .unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(prefix))
                .unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// Somebody the operator exchanges calls with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The name that answers use.
    pub name: String,
    /// What it is to the operator.
    pub kind: PeerKind,
    /// The addresses it uses.
    pub addresses: Vec<Network>,
}

/// Whether two names are the same peer's: by their numbers where both have one (`Acme (#12)`), else by the bare names.
#[must_use]
pub fn is_same(a: &str, b: &str) -> bool {
    let number = |name: &str| {
        let (_, after) = name.rsplit_once("(#")?;
        Some(after.split(')').next().unwrap_or_default().to_owned())
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => {
            let (a, b) = (bare(a).to_lowercase(), bare(b).to_lowercase());
            !a.is_empty() && a == b
        }
    }
}

/// A name without the number that stands behind it.
#[must_use]
pub fn bare(name: &str) -> &str {
    name.split(" (#").next().unwrap_or_default().trim()
}

/// All peers, found by address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers(Vec<Peer>);

impl Peers {
    /// These peers.
    #[must_use]
    pub fn new(peers: Vec<Peer>) -> Self {
        Peers(peers)
    }

    /// Who uses this address: of all blocks it is in, the smallest one counts.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<&Peer> {
        // A socket that takes both families shows IPv4 peers as ::ffff:192.0.2.1.
        let address = address.to_canonical();
        let blocks = self
            .0
            .iter()
            .flat_map(|peer| peer.addresses.iter().map(move |block| (block, peer)));
        let holding = blocks.filter(|(block, _)| block.contains(address));
        holding
            .max_by_key(|(block, _)| block.prefix)
            .map(|(_, peer)| peer)
    }

    /// All of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.0.iter()
    }
}
