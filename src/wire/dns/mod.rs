//! What DNS said of the names that SIP has to be sent to (RFC 3263): questions for NAPTR, SRV, A and AAAA records and
//! what was answered. Keeps no other question, and looks nothing up.

mod read;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use read::{Read, read};

/// The port of DNS servers (RFC 1035 section 4.2.1).
pub const PORT: u16 = 53;

/// The kinds of records that lead to where a SIP request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsKind {
    /// Which transports a domain takes, and under which name each (RFC 3403, RFC 3263 section 4.1).
    Naptr,
    /// Which hosts and ports serve a domain (RFC 2782).
    Srv,
    /// An IPv4 address.
    A,
    /// An IPv6 address (RFC 3596).
    Aaaa,
}

impl DnsKind {
    /// The kind with this number in a question; nothing for kinds that lead SIP nowhere.
    #[must_use]
    pub fn of(number: u16) -> Option<DnsKind> {
        Some(match number {
            1 => DnsKind::A,
            28 => DnsKind::Aaaa,
            33 => DnsKind::Srv,
            35 => DnsKind::Naptr,
            _ => return None,
        })
    }

    /// Its name, as zones write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DnsKind::Naptr => "NAPTR",
            DnsKind::Srv => "SRV",
            DnsKind::A => "A",
            DnsKind::Aaaa => "AAAA",
        }
    }
}

/// A question, or an answer with the question that it repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsMessage {
    /// When it was seen.
    pub at: Timestamp,
    /// Which file, counted as `sip::Place` does.
    pub file: u32,
    /// Which frame in that file.
    pub frame: u32,
    /// Who sent it.
    pub source: SocketAddr,
    /// Who it was sent to.
    pub destination: SocketAddr,
    /// The number that an answer has in common with its question.
    pub id: u16,
    /// The name asked for, in lower case, without the last dot.
    pub name: String,
    /// The kind of records asked for.
    pub kind: DnsKind,
    /// What was answered; nothing in a question.
    pub answer: Option<DnsAnswer>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// The response code (RFC 1035 section 4.1.1), with the upper bits of RFC 6891 where there are any.
    pub code: u16,
    /// Whether all of it was sent and captured. Where not, what is missing may stand in the rest.
    pub is_whole: bool,
    /// Whether it answers nothing and names other servers that may know (RFC 2308 section 2.2).
    pub refers: bool,
    /// The records of the answer, and the addresses that were sent along with them.
    pub records: Vec<DnsRecord>,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    /// Whose it is, written as the name of a question.
    pub name: String,
    /// What it says.
    pub data: DnsData,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsData {
    /// A or AAAA.
    Address(IpAddr),
    /// SRV: a host that serves, and at which port. An empty target says that nobody does.
    Srv {
        /// The port.
        port: u16,
        /// The host.
        target: String,
    },
    /// NAPTR: the name to go on with.
    Naptr(String),
    /// CNAME: the name that this is another one of.
    Alias(String),
}

impl DnsMessage {
    /// Who asks, or asked.
    #[must_use]
    pub fn client(&self) -> SocketAddr {
        match self.answer {
            Some(_) => self.destination,
            None => self.source,
        }
    }

    /// Who is asked, or answers.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        match self.answer {
            Some(_) => self.source,
            None => self.destination,
        }
    }

    /// The domain whose SIP service it asks for, as `example.com` of `_sip._udp.example.com` (RFC 3263 section 4.2).
    #[must_use]
    pub fn service_of(&self) -> Option<&str> {
        service_of(&self.name)
    }

    /// The names to go on with that the answer gives.
    pub fn leads_to(&self) -> impl Iterator<Item = &str> {
        let records = self.answer.iter().flat_map(|answer| &answer.records);
        let names = records.filter_map(|record| match &record.data {
            DnsData::Srv { target, .. } => Some(target.as_str()),
            DnsData::Naptr(name) | DnsData::Alias(name) => Some(name.as_str()),
            DnsData::Address(_) => None,
        });
        names.filter(|name| !name.is_empty())
    }
}

/// The domain in a name that asks for a SIP service.
fn service_of(name: &str) -> Option<&str> {
    let (service, rest) = name.split_once('.')?;
    let (transport, domain) = rest.split_once('.')?;
    (matches!(service, "_sip" | "_sips") && transport.starts_with('_')).then_some(domain)
}

/// Of these messages those that were about some names, in the same order: the names themselves, their services, and all
/// names that the answers to these lead to. Names are in lower case.
#[must_use]
pub fn concerning<'a>(
    messages: impl IntoIterator<Item = &'a DnsMessage>,
    names: impl IntoIterator<Item = String>,
) -> Vec<&'a DnsMessage> {
    /// Names that lead to names that lead to names: more is no way to a SIP server.
    const MOST_ROUNDS: usize = 8;
    let mut open: Vec<&DnsMessage> = messages.into_iter().collect();
    let mut names: HashSet<String> = names.into_iter().collect();
    let mut found: Vec<&DnsMessage> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let (new, rest): (Vec<&DnsMessage>, Vec<&DnsMessage>) = open.into_iter().partition(|it| {
            names.contains(&it.name) || it.service_of().is_some_and(|it| names.contains(it))
        });
        open = rest;
        if new.is_empty() {
            break;
        }
        names.extend(new.iter().flat_map(|it| it.leads_to()).map(str::to_owned));
        found.extend(new);
    }
    found.sort_by_key(|it| (it.at, it.file, it.frame));
    found
}
