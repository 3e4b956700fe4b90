//! The two ends of a message where the text does not give both. Guesses from what the messages say
//! of themselves; an end that nothing tells gets an address that no host can have.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::envelope::{DEFAULT_PORT, End, Envelope, is_host};
use crate::sip::header::{NameAddr, Via};
use crate::sip::uri::{Uri, find_param};
use crate::sip::{Message, Method, Name};

/// Stands for an end that nothing tells. No host has an address in 0.0.0.0/8 (RFC 1122 section 3.2.1.3),
/// so that nobody looks for it.
pub(super) const UNKNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// Host names kept apart; further ones count as unknown.
const MOST_NAMES: usize = 4096;
/// Branches remembered, at most twice.
const MOST_BRANCHES: usize = 8192;
/// Longer branches are not remembered.
const LONGEST_BRANCH: usize = 256;

/// What is known of who is who.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// The machine that wrote the text, and how sure that is, the lowest the surest.
    here: Option<(u8, SocketAddr)>,
    /// Hosts known by name only, as 0.0.0.1, 0.0.0.2 and so on.
    names: BTreeMap<String, u32>,
    /// The way of a request, by its branch: its responses go it back.
    ways: Recent<(SocketAddr, SocketAddr)>,
    /// Who received a request, by its branch.
    receivers: Recent<SocketAddr>,
}

/// Both ends of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
}

impl Addresses {
    /// Takes note of what a message tells about the ends of others.
    pub(super) fn learn(&mut self, envelope: &Envelope, message: &Message) {
        let sent = envelope.source == Some(End::Here);
        if sent || envelope.destination == Some(End::Here) {
            if let Some((rank, address)) = near_end(sent, message)
                && self.here.is_none_or(|(known, _)| rank < known)
            {
                self.here = Some((rank, address));
            }
            return;
        }
        // A proxy puts its own Via above that of the request it received (RFC 3261 section 16.6).
        if message.request_method().is_some()
            && let [own, received, ..] = message.vias().as_slice()
            && let (Some(sender), Some(branch)) = (own.address(), received.branch())
        {
            let sender = SocketAddr::new(sender, own.port_or_default());
            self.receivers.insert(branch, sender);
        }
    }

    /// The machine that wrote the text, where a message told it.
    pub(super) fn here(&self) -> Option<SocketAddr> {
        self.here.map(|(_, address)| address)
    }

    /// The ends of a message.
    pub(super) fn of(&mut self, envelope: &Envelope, message: &Message) -> Ends {
        match (&envelope.source, &envelope.destination) {
            (Some(source), Some(destination)) => Ends {
                source: self.end(source),
                destination: self.end(destination),
            },
            _ => self.guessed(message),
        }
    }

    /// The hosts known by name only, and the addresses that stand for them.
    pub(super) fn names(&self) -> Vec<(IpAddr, &str)> {
        let names = self.names.iter();
        let mut names: Vec<_> = names.map(|(name, at)| (stand_in(*at), &**name)).collect();
        names.sort_unstable();
        names
    }

    fn end(&mut self, end: &End) -> SocketAddr {
        match end {
            End::Address(address) => *address,
            End::Named(host, port) => self.host(host, *port),
            End::Here => self.here().unwrap_or(UNKNOWN),
        }
    }

    fn host(&mut self, host: &str, port: u16) -> SocketAddr {
        if let Ok(ip) = host.parse() {
            return SocketAddr::new(ip, port);
        }
        let host = host.to_ascii_lowercase();
        let next = u32::try_from(self.names.len() + 1).unwrap_or(u32::MAX);
        let full = self.names.len() >= MOST_NAMES;
        match self.names.get(&host) {
            Some(at) => SocketAddr::new(stand_in(*at), port),
            None if full || !is_host(&host) => UNKNOWN,
            None => {
                self.names.insert(host, next);
                SocketAddr::new(stand_in(next), port)
            }
        }
    }

    fn guessed(&mut self, message: &Message) -> Ends {
        let via = message.top_via();
        let branch = via.as_ref().and_then(Via::branch).unwrap_or_default();
        let client = via.as_ref().map_or(UNKNOWN, |via| self.sender(via));
        let known = self.ways.get(branch);
        let Some(method) = message.request_method() else {
            let (client, server) = known.unwrap_or((client, UNKNOWN));
            return Ends {
                source: server,
                destination: client,
            };
        };
        // A CANCEL and the ACK of a refusal go the way of their INVITE (RFC 3261 sections 9.1, 17.1.1.3).
        let follows = matches!(method, Method::Cancel | Method::Ack);
        let (source, destination) = match known.filter(|_| follows) {
            Some(known) => known,
            None => {
                let receiver = self.receivers.get(branch);
                (client, receiver.unwrap_or_else(|| self.target(message)))
            }
        };
        if known.is_none() {
            self.ways.insert(branch, (source, destination));
        }
        Ends {
            source,
            destination,
        }
    }

    /// Who sent a request with this topmost Via (RFC 3261 section 18.2.1, RFC 3581).
    fn sender(&mut self, via: &Via) -> SocketAddr {
        let param = |name| find_param(&via.params, name).filter(|value| !value.is_empty());
        let port = param("rport").and_then(|port| port.parse().ok());
        let port = port.unwrap_or(via.port_or_default());
        self.host(param("received").unwrap_or(&via.host), port)
    }

    /// Where a request goes: along its Route, else to its Request-URI (RFC 3261 section 8.1.2).
    fn target(&mut self, message: &Message) -> SocketAddr {
        let route = message.elements(Name::Route).into_iter().next();
        let uri = route
            .map(|route| NameAddr::parse(&route).uri)
            .or_else(|| message.request_uri());
        uri.map_or(UNKNOWN, |uri| self.host(&uri.host, port(&uri)))
    }
}

/// What a message says of the machine that sent or received it, and how far that can be believed.
fn near_end(sent: bool, message: &Message) -> Option<(u8, SocketAddr)> {
    let request = message.request_method().is_some();
    // A request bears the Via of its sender, and so does the response that comes back to it.
    if sent == request
        && let Some(via) = message.top_via()
        && let Some(ip) = via.address()
    {
        return Some((0, SocketAddr::new(ip, via.port_or_default())));
    }
    let (rank, uri) = if sent && is_own_contact(message) {
        (1, message.contact()?.uri)
    } else if request {
        (2, message.request_uri()?)
    } else {
        return None;
    };
    Some((rank, SocketAddr::new(uri.host.parse().ok()?, port(&uri))))
}

/// Whether the Contact of a response is where its sender is: a registrar lists the bindings of others there
/// (RFC 3261 section 10.3), and a redirection the places to try instead (section 8.1.3.4).
fn is_own_contact(response: &Message) -> bool {
    let is_of_registrar = response
        .cseq()
        .is_some_and(|cseq| cseq.method == Method::Register);
    !is_of_registrar && !matches!(response.code(), Some(300..=399 | 485))
}

fn port(uri: &Uri) -> u16 {
    uri.port.unwrap_or(DEFAULT_PORT)
}

fn stand_in(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(number))
}

/// What was met lately, by branch: the older half is dropped whole.
#[derive(Debug)]
struct Recent<V> {
    new: HashMap<String, V>,
    old: HashMap<String, V>,
}

impl<V> Default for Recent<V> {
    fn default() -> Recent<V> {
        Recent {
            new: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<V: Copy> Recent<V> {
    fn get(&self, branch: &str) -> Option<V> {
        self.new
            .get(branch)
            .or_else(|| self.old.get(branch))
            .copied()
    }

    fn insert(&mut self, branch: &str, value: V) {
        if branch.is_empty() || branch.len() > LONGEST_BRANCH {
            return;
        }
        if self.new.len() >= MOST_BRANCHES {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(branch.to_owned(), value);
    }
}
