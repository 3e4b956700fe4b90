//! What a node learned from DNS of a name that a call had to go to: questions with their answers, and where that leads
//! (RFC 3263). Reads the messages that were seen and looks nothing up; says nothing of whose fault it is.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::case::{Case, between, shifted};
use crate::wire::dns::concerning;
use crate::wire::{DnsData, DnsKind, DnsMessage, DnsRecord};

/// Who asks again this soon asks the same thing still; who asks sooner than this was captured twice.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
const CAPTURED_TWICE: SignedDuration = SignedDuration::from_millis(50);
/// Answers are waited for so long after the last question.
const ANSWERED_BY: SignedDuration = SignedDuration::from_secs(3);
/// More questions about one name tell nothing new.
const MOST: usize = 512;

/// One question, as often as it was asked, with its answer.
#[derive(Debug, Clone)]
pub struct Lookup<'a> {
    /// The question, or the answer where that alone was seen.
    pub first: &'a DnsMessage,
    /// When it was asked last.
    pub last_asked: Timestamp,
    asked: usize,
    /// Whether a server named others that may know.
    was_referred: bool,
    /// The answer that counts.
    pub answer: Option<&'a DnsMessage>,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At least one record.
    Found,
    /// There is no such name, of whatever kind (NXDOMAIN).
    NoName,
    /// The name has no such record.
    NoRecord,
    /// The server did not answer the question, and says so by this code.
    Failed(u16),
    /// It was asked again and again, and no answer came.
    Unanswered,
    /// It does not show.
    Unknown,
}

/// Everything that one machine asked about a name and those that it leads to.
#[derive(Debug, Clone)]
pub struct Resolution<'a> {
    /// The name.
    pub name: String,
    /// Who asked.
    pub client: IpAddr,
    /// Whether that is the node itself, or the machine at which was captured; else one that sends no SIP of this call.
    pub is_own: bool,
    /// In order of time.
    pub lookups: Vec<Lookup<'a>>,
    seen_until: Option<Timestamp>,
}

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End<'a> {
    /// To these addresses; with the port, where an SRV record says it.
    Found(Vec<(IpAddr, Option<u16>)>),
    /// Nowhere: the name has no record. Not `settled` where addresses of the name itself were not asked for.
    Nothing {
        /// What the last question that counts came to.
        outcome: Outcome,
        /// Whether nothing is left that might have been known before.
        settled: bool,
    },
    /// Nowhere: its SRV records say that nobody serves it.
    NotServed,
    /// Nowhere: the hosts that its SRV records name have no address.
    Dead {
        /// Those hosts.
        targets: Vec<&'a str>,
        /// What the last question for an address came to.
        outcome: Outcome,
    },
    /// It does not show.
    Open,
}

impl<'a> Resolution<'a> {
    /// What a node asked about a name between two times; nothing where nobody asked who may be it.
    #[must_use]
    pub fn of(
        case: &Case<'a>,
        node: SocketAddr,
        name: &str,
        (from, until): (Timestamp, Timestamp),
    ) -> Option<Resolution<'a>> {
        let near = between(&case.observed.dns, |it| it.at, from, until);
        if near.is_empty() {
            return None;
        }
        let mut about = concerning(near, [name.to_owned()]);
        about.truncate(MOST);
        let clients = about.iter().map(|it| it.client().ip());
        let (rank, client) = clients
            .filter_map(|ip| Some((rank(case, node, ip)?, ip)))
            .min()?;
        about.retain(|it| it.client().ip() == client);
        Some(Resolution {
            name: name.to_owned(),
            client,
            is_own: rank < 2,
            lookups: lookups(about),
            seen_until: case.seen_until.or(case.call.ended()),
        })
    }

    /// When the last question before that time was answered, or asked in vain.
    #[must_use]
    pub fn ended_before(&self, until: Timestamp) -> Option<Timestamp> {
        let ended = self.lookups.iter().map(Lookup::ended);
        ended.filter(|at| *at <= until).max()
    }

    /// When the first question was asked.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        self.lookups.iter().map(|it| it.first.at).min()
    }

    /// What came of a question.
    #[must_use]
    pub fn outcome(&self, lookup: &Lookup<'_>) -> Outcome {
        let Some(answer) = lookup.answer.and_then(|it| it.answer.as_ref()) else {
            let waited = |until: Timestamp| until.duration_since(lookup.last_asked) >= ANSWERED_BY;
            let in_vain = lookup.asked > 1 && !lookup.was_referred;
            return match in_vain && self.seen_until.is_some_and(waited) {
                true => Outcome::Unanswered,
                false => Outcome::Unknown,
            };
        };
        let records = &answer.records;
        let names = chased(&lookup.first.name, records.iter());
        let is_it = |record: &DnsRecord| {
            names.contains(&record.name.as_str()) && kind(&record.data) == Some(lookup.first.kind)
        };
        match answer.code {
            0 if records.iter().any(is_it) => Outcome::Found,
            // What a name stands for may be asked for next.
            0 if !answer.is_whole || names.len() > 1 => Outcome::Unknown,
            0 => Outcome::NoRecord,
            3 => Outcome::NoName,
            code => Outcome::Failed(code),
        }
    }

    fn records(&self) -> impl Iterator<Item = &'a DnsRecord> {
        let answers = self.lookups.iter().filter_map(|it| it.answer);
        answers
            .filter_map(|it| it.answer.as_ref())
            .flat_map(|answer| &answer.records)
    }

    /// The ports and hosts that its SRV records name, for one transport (`_udp`) or for all.
    pub fn services(&self, transport: Option<&str>) -> impl Iterator<Item = (u16, &'a str)> {
        self.records().filter_map(move |record| {
            let of = record.name.split('.').nth(1);
            match &record.data {
                DnsData::Srv { port, target } if transport.is_none_or(|it| of == Some(it)) => {
                    Some((*port, target.as_str()))
                }
                _ => None,
            }
        })
    }

    /// Whether its records have this address, behind whichever name.
    #[must_use]
    pub fn leads_to(&self, address: IpAddr) -> bool {
        self.records()
            .any(|record| record.data == DnsData::Address(address))
    }

    fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let names = chased(name, self.records());
        let own = self
            .records()
            .filter(|it| names.contains(&it.name.as_str()));
        own.filter_map(|record| match record.data {
            DnsData::Address(ip) => Some(ip),
            _ => None,
        })
        .collect()
    }

    /// What the questions for addresses of a name came to: the last that tells something; nothing where one of them
    /// leaves it open, or none was asked. That there is no record of one kind does not tell of the other.
    fn in_vain(&self, name: &str) -> Option<Outcome> {
        let names = chased(name, self.records());
        let hosts = self.lookups.iter().filter(|it| {
            matches!(it.first.kind, DnsKind::A | DnsKind::Aaaa)
                && names.contains(&it.first.name.as_str())
        });
        let outcomes: Vec<(DnsKind, Outcome)> =
            hosts.map(|it| (it.first.kind, self.outcome(it))).collect();
        let tells = |(kind, outcome): &&(DnsKind, Outcome)| {
            *kind == DnsKind::A || *outcome != Outcome::NoRecord
        };
        let is_open = |it: &(DnsKind, Outcome)| matches!(it.1, Outcome::Found | Outcome::Unknown);
        if outcomes.iter().any(is_open) {
            return None;
        }
        Some(outcomes.iter().rfind(tells)?.1)
    }

    /// Where the name leads, by what was seen.
    #[must_use]
    pub fn end(&self) -> End<'a> {
        let services: Vec<(u16, &str)> = self.services(None).collect();
        if services.is_empty() {
            return self.without_service();
        }
        let mut targets: Vec<&str> = services.iter().map(|(_, target)| *target).collect();
        targets.retain(|target| !target.is_empty());
        targets.dedup();
        if targets.is_empty() {
            return End::NotServed;
        }
        let found: Vec<(IpAddr, Option<u16>)> = services
            .iter()
            .flat_map(|(port, target)| {
                let addresses = self.addresses(target).into_iter();
                addresses.map(|ip| (ip, Some(*port)))
            })
            .collect();
        if !found.is_empty() {
            return End::Found(found);
        }
        let outcomes: Option<Vec<Outcome>> = targets.iter().map(|it| self.in_vain(it)).collect();
        // What a server did not say of one of them decides: it may be there.
        let is_unsaid = |it: &&Outcome| matches!(it, Outcome::Failed(_) | Outcome::Unanswered);
        let decides = |all: Vec<Outcome>| all.iter().find(is_unsaid).or(all.last()).copied();
        match outcomes.and_then(decides) {
            Some(outcome) => End::Dead { targets, outcome },
            None => End::Open,
        }
    }

    /// Where the name leads that has no SRV record.
    fn without_service(&self) -> End<'a> {
        let found = self.addresses(&self.name);
        if !found.is_empty() {
            return End::Found(found.into_iter().map(|ip| (ip, None)).collect());
        }
        if let Some(outcome) = self.in_vain(&self.name) {
            return End::Nothing {
                outcome,
                settled: true,
            };
        }
        let hosts = |it: &&Lookup<'_>| matches!(it.first.kind, DnsKind::A | DnsKind::Aaaa);
        let is_open =
            |it: &Lookup<'_>| matches!(self.outcome(it), Outcome::Found | Outcome::Unknown);
        if self.lookups.iter().any(|it| hosts(&it) || is_open(it)) {
            return End::Open;
        }
        // A name that does not exist has no address either.
        let own = self.lookups.iter().filter(|it| it.first.name == self.name);
        let gone = own
            .map(|it| self.outcome(it))
            .find(|it| *it == Outcome::NoName);
        match gone.or(self.lookups.last().map(|it| self.outcome(it))) {
            Some(outcome) => End::Nothing {
                outcome,
                settled: gone.is_some(),
            },
            None => End::Open,
        }
    }
}

impl Lookup<'_> {
    /// When it was answered, or asked for the last time.
    #[must_use]
    pub fn ended(&self) -> Timestamp {
        self.answer.map_or(self.last_asked, |answer| answer.at)
    }

    fn ask(&mut self, question: &DnsMessage) {
        let again = question.at.duration_since(self.last_asked) >= CAPTURED_TWICE;
        // The clock of another capture may be ahead.
        if again && question.file == self.first.file {
            self.asked += 1;
        }
        self.last_asked = self.last_asked.max(question.at);
    }
}

/// How likely a machine is to have asked for a node: the node itself, the machine that was captured on, or one that is
/// no node of the call. Another node of the call is not it.
fn rank(case: &Case<'_>, node: SocketAddr, client: IpAddr) -> Option<u8> {
    let ends = case.call.transactions.iter();
    let mut ends = ends.flat_map(|it| [it.client.ip(), it.server.ip()]);
    match client {
        _ if client == node.ip() => Some(0),
        _ if client.is_loopback() => Some(1),
        _ if ends.any(|end| end == client) => None,
        _ => Some(2),
    }
}

/// Questions with their answers, each question once, in order.
fn lookups(messages: Vec<&DnsMessage>) -> Vec<Lookup<'_>> {
    let mut all: Vec<Lookup<'_>> = Vec::new();
    let mut last: BTreeMap<(&str, DnsKind), usize> = BTreeMap::new();
    for message in messages {
        let key = (message.name.as_str(), message.kind);
        let known = last.get(&key).and_then(|at| all.get_mut(*at));
        match (&message.answer, known) {
            (None, Some(known)) if known.takes(message) => known.ask(message),
            (Some(answer), Some(known)) if answer.refers => known.was_referred = true,
            (Some(answer), None) if answer.refers => {}
            (Some(answer), Some(known)) => {
                let failed = |it: &DnsMessage| it.answer.as_ref().is_some_and(|it| it.code != 0);
                let is_better = known.answer.is_some_and(failed) && answer.code == 0;
                if known.answer.is_none() || is_better {
                    known.answer = Some(message);
                }
            }
            (answer, _) => {
                last.insert(key, all.len());
                all.push(Lookup {
                    first: message,
                    last_asked: message.at,
                    asked: usize::from(answer.is_none()),
                    was_referred: false,
                    answer: answer.as_ref().map(|_| message),
                });
            }
        }
    }
    all
}

impl Lookup<'_> {
    /// Whether a question is this one, asked again or captured again.
    fn takes(&self, question: &DnsMessage) -> bool {
        let is_same = question.id == self.first.id && question.source == self.first.source;
        is_same || (self.answer.is_none() && question.at <= shifted(self.last_asked, PATIENCE))
    }
}

/// A name and all that it is another name of.
fn chased<'r>(name: &'r str, records: impl Iterator<Item = &'r DnsRecord>) -> Vec<&'r str> {
    const MOST_ALIASES: usize = 8;
    let aliases: BTreeMap<&str, &str> = records
        .filter_map(|record| match &record.data {
            DnsData::Alias(to) => Some((record.name.as_str(), to.as_str())),
            _ => None,
        })
        .collect();
    let mut names = vec![name];
    while let Some(to) = names.last().and_then(|it| aliases.get(it))
        && names.len() < MOST_ALIASES
    {
        names.push(to);
    }
    names
}

/// The kind of record that says so; none for another name.
fn kind(data: &DnsData) -> Option<DnsKind> {
    Some(match data {
        DnsData::Address(IpAddr::V4(_)) => DnsKind::A,
        DnsData::Address(IpAddr::V6(_)) => DnsKind::Aaaa,
        DnsData::Srv { .. } => DnsKind::Srv,
        DnsData::Naptr(_) => DnsKind::Naptr,
        DnsData::Alias(_) => return None,
    })
}
