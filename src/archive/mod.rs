//! Past investigations with the evidence they rest on, kept for as long as disputes take. Knows
//! what is kept and for how long; how it is kept is the store's.

mod corrections;

pub use corrections::CORRECTIONS;

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call;
use crate::diagnosis::{Investigation, Party};
use crate::platform::{Incident, Records};
use crate::sip::redact::{without_credentials, without_digests};
use crate::sip::{Granted, Packet, Place, Tie, Transport};
use crate::sources::Evidence;
use crate::store::{Expected, Op, Store, StoreError};
use crate::wire::{DnsMessage, IcmpError, MediaStream, TcpReset, TlsConnection};

/// The platform forgets traces after a week; disputes arrive after a month.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How much evidence goes into one value of the store, in bytes.
const PIECE: usize = 512 * 1024;

/// How many pieces go into one change of the store.
const PIECES_AT_ONCE: usize = 4;

/// Where investigations lie, by their ids.
pub const INVESTIGATIONS: &str = "investigations";
/// Where their evidence lies, in pieces, by id and number.
pub const EVIDENCE: &str = "evidence";
/// Where the lines of the history lie, by the same ids.
pub const SUMMARIES: &str = "history";

/// Investigations in a store.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Store,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The investigation's id.
    pub id: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What was asked, as it was typed.
    pub query: String,
    /// The rule of its first verdict.
    pub rule: String,
    /// The party of its first verdict.
    pub party: Party,
    /// How many calls it is about.
    pub calls: usize,
    /// The Call-IDs, callers and called of these calls.
    #[serde(default)]
    pub about: Vec<String>,
    /// Who alone may know of it; nothing where everybody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_for: Option<String>,
}

impl Summary {
    /// Whether it is about a Call-ID or a number, or was asked in these words. Of a number the end
    /// is enough, however it is written.
    #[must_use]
    pub fn is_about(&self, text: &str) -> bool {
        let text = text.trim();
        let is_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || "+ -()".contains(c));
        let wanted = digits(text);
        self.query.contains(text)
            || self.about.iter().any(|known| {
                known == text
                    || (is_number && !wanted.is_empty() && digits(known).ends_with(&wanted))
            })
    }
}

/// A packet as it is kept: credentials blanked, bytes in base64.
#[derive(Serialize, Deserialize)]
struct KeptPacket {
    at: Timestamp,
    source: SocketAddr,
    destination: SocketAddr,
    transport: String,
    file: u32,
    frame: u32,
    message: String,
}

/// What there is besides messages, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptBeside {
    Icmp(IcmpError),
    Reset(TcpReset),
    Tls(TlsConnection),
    Dns(DnsMessage),
    Media(Box<MediaStream>),
    Records(Box<Records>),
    Incident(Incident),
    Expected(call::Expected),
    Granted(Granted),
    Tie(Tie),
}

impl Archive {
    /// Over this store.
    #[must_use]
    pub fn new(store: Store) -> Archive {
        Archive { store }
    }

    /// Keeps an investigation and its evidence. It is found only when all of it is kept.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn save(
        &self,
        investigation: &Investigation,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let until = now.checked_add(KEPT_FOR).ok();
        let id = &investigation.id;
        let put = |ns: &str, key: &str, bytes: Vec<u8>| {
            Op::put(ns, key, Expected::Any, bytes).expiring(until)
        };
        let pieces: Vec<Op> = pieces(evidence)
            .into_iter()
            .enumerate()
            .map(|(at, piece)| put(EVIDENCE, &format!("{id}/{at:06}"), piece))
            .collect();
        for some in pieces.chunks(PIECES_AT_ONCE) {
            self.store.apply(some.to_vec(), now).await?;
        }
        let first = investigation.calls.first();
        let summary = Summary {
            id: id.clone(),
            asked_at: investigation.asked_at,
            query: investigation.query.clone(),
            rule: first.map_or_else(String::new, |call| call.verdict.rule.clone()),
            party: first.map_or(Party::Undecided, |call| call.verdict.party),
            calls: investigation.calls.len(),
            about: about(investigation),
            only_for: investigation.only_for.clone(),
        };
        let ops = vec![
            put(INVESTIGATIONS, id, json(investigation)),
            put(SUMMARIES, id, json(&summary)),
        ];
        self.store.apply(ops, now).await.map(|_| ())
    }

    /// The newest `most` investigations that are about a Call-ID or a number, or all where the
    /// text is empty; the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(
        &self,
        about: &str,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Summary>, StoreError> {
        let mut found: Vec<Summary> = self.everything(SUMMARIES, now).await?;
        found.retain(|summary| summary.is_about(about));
        found.sort_by(|a, b| (b.asked_at, &b.id).cmp(&(a.asked_at, &a.id)));
        found.truncate(most);
        Ok(found)
    }

    /// Every value of a namespace that can be read, in the order of the keys.
    async fn everything<T: DeserializeOwned>(
        &self,
        ns: &str,
        now: Timestamp,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(ns, "", after.as_deref(), 200, now).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            let whole = page.into_iter().filter_map(|entry| entry.stored.ok());
            found.extend(whole.filter_map(|stored| serde_json::from_slice(&stored.bytes).ok()));
        }
        Ok(found)
    }

    /// An investigation with its evidence, in the order in which it was kept.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn load(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<(Investigation, Evidence)>, StoreError> {
        let Some(stored) = self.store.get(INVESTIGATIONS, id, now).await? else {
            return Ok(None);
        };
        let Ok(investigation) = serde_json::from_slice(&stored.bytes) else {
            return Ok(None);
        };
        let mut evidence = Evidence::default();
        let (prefix, mut after) = (format!("{id}/"), None::<String>);
        loop {
            let page = self
                .store
                .scan(EVIDENCE, &prefix, after.as_deref(), 8, now)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for piece in page.into_iter().filter_map(|entry| entry.stored.ok()) {
                unpack(&piece.bytes, &mut evidence);
            }
        }
        Ok(Some((investigation, evidence)))
    }
}

/// What identifies the calls of an investigation, each once.
fn about(investigation: &Investigation) -> Vec<String> {
    let mut about: Vec<String> = Vec::new();
    for call in &investigation.calls {
        about.extend(call.call_ids.iter().cloned());
        for facts in &call.facts {
            about.extend([facts.from.clone(), facts.to.clone()]);
        }
    }
    about.retain(|word| !word.is_empty());
    about.sort_unstable();
    about.dedup();
    about
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // Plain data with string keys always has a JSON form.
    serde_json::to_vec(value).unwrap_or_default()
}

/// The same with the digests blanked that stand in any text of it: what an API says of a call may hold some under keys
/// that nobody documents.
fn blanked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_digests(&text)),
        Value::Array(list) => list.into_iter().map(blanked).collect(),
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| (key, blanked(value)))
            .collect(),
        other => other,
    }
}

/// The evidence as JSON lines, cut between lines into values that the store takes.
fn pieces(evidence: &Evidence) -> Vec<Vec<u8>> {
    let messages = evidence.packets.iter().map(|packet| {
        json(&KeptPacket {
            at: packet.at,
            source: packet.source,
            destination: packet.destination,
            transport: packet.transport.name().to_owned(),
            file: packet.place.file,
            frame: packet.place.frame,
            message: BASE64.encode(without_credentials(&packet.bytes)),
        })
    });
    let observed = &evidence.observed;
    let beside = (observed.icmp.iter().cloned().map(KeptBeside::Icmp))
        .chain(observed.resets.iter().cloned().map(KeptBeside::Reset))
        .chain(observed.tls.iter().cloned().map(KeptBeside::Tls))
        .chain(observed.dns.iter().cloned().map(KeptBeside::Dns))
        .chain(
            observed
                .media
                .iter()
                .cloned()
                .map(Box::new)
                .map(KeptBeside::Media),
        )
        .chain(
            evidence
                .records
                .iter()
                .cloned()
                .map(Box::new)
                .map(KeptBeside::Records),
        )
        .chain(evidence.incidents.iter().cloned().map(KeptBeside::Incident))
        .chain(evidence.expected.iter().cloned().map(KeptBeside::Expected))
        .chain(evidence.granted.iter().cloned().map(KeptBeside::Granted))
        .chain(evidence.ties.iter().cloned().map(KeptBeside::Tie))
        .map(|it| json(&blanked(serde_json::to_value(it).unwrap_or_default())));
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for mut line in messages.chain(beside) {
        line.push(b'\n');
        match pieces
            .last_mut()
            .filter(|piece| piece.len() + line.len() <= PIECE)
        {
            Some(piece) => piece.extend(line),
            None => pieces.push(line),
        }
    }
    pieces
}

fn unpack(piece: &[u8], into: &mut Evidence) {
    let lines = piece
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    for line in lines {
        if let Some(packet) = message(line) {
            into.packets.push(packet);
        } else {
            match serde_json::from_slice(line) {
                Ok(KeptBeside::Icmp(error)) => into.observed.icmp.push(error),
                Ok(KeptBeside::Reset(reset)) => into.observed.resets.push(reset),
                Ok(KeptBeside::Tls(connection)) => into.observed.tls.push(connection),
                Ok(KeptBeside::Dns(message)) => into.observed.dns.push(message),
                Ok(KeptBeside::Media(stream)) => into.observed.media.push(*stream),
                Ok(KeptBeside::Records(records)) => into.records.push(*records),
                Ok(KeptBeside::Incident(incident)) => into.incidents.push(incident),
                Ok(KeptBeside::Expected(expected)) => into.expected = Some(expected),
                Ok(KeptBeside::Granted(granted)) => into.granted.push(granted),
                Ok(KeptBeside::Tie(tie)) => into.ties.push(tie),
                Err(_) => {}
            }
        }
    }
}

fn message(line: &[u8]) -> Option<Packet> {
    let kept: KeptPacket = serde_json::from_slice(line).ok()?;
    Some(Packet {
        at: kept.at,
        source: kept.source,
        destination: kept.destination,
        transport: Transport::named(&kept.transport)?,
        place: Place {
            file: kept.file,
            frame: kept.frame,
        },
        bytes: Bytes::from(BASE64.decode(kept.message).ok()?),
    })
}
