//! Rows of a platform's trace, turned into the packets that captures give, so that every rule works on
//! both. What a row does not say is not made up: it is left out, and what was done instead is said.

mod rebuilt;
mod when;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use jiff::Timestamp;

use super::TracedMessage;
use crate::sip::{Message, Packet, Place, Transport};

use rebuilt::Beside;
pub use rebuilt::{REBUILT_HEADER, is_rebuilt};

/// Stands for an end that the row does not give. No host has an address in 0.0.0.0/8 (RFC 1122
/// section 3.2.1.3), so that nobody looks for it.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The packets of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Converted {
    /// In order of time, then of the platform's own numbers. Copies from several capture points are
    /// among them: `sip::threads` tells them from messages sent twice.
    pub packets: Vec<Packet>,
    /// Where those stand whose message was put together from the other columns.
    pub rebuilt: Vec<Place>,
    /// What people have to know of it, a sentence each.
    pub notes: Vec<String>,
}

/// Turns the rows of a trace into packets. `file` is the number under which their places stand, each
/// counted from 1 in the order of the result; `near` is a moment that the call is known to have been
/// at, such as the start in its log row, and decides where the two clocks of a row disagree.
///
/// A row that was delivered twice counts once; a message that two capture points recorded does not.
#[must_use]
pub fn packets(rows: &[TracedMessage], file: u32, near: Option<Timestamp>) -> Converted {
    let rows = distinct(rows);
    let (times, mut notes) = when::moments(&rows, near);
    let mut rows: Vec<(Timestamp, &TracedMessage)> = times.into_iter().zip(rows).collect();
    // Stable: rows alike in both stay in the order of the answer, which is said to be that of time.
    rows.sort_by_key(|(at, row)| (*at, row.id));

    let mut converted = Converted::default();
    let mut said = Said::default();
    let bare_lines = are_bare(rows.iter().filter_map(|(_, row)| row.message.as_deref()));
    let in_order: Vec<&TracedMessage> = rows.iter().map(|(_, row)| *row).collect();
    for ((index, (at, row)), frame) in rows.into_iter().enumerate().zip(1_u32..) {
        let place = Place { file, frame };
        let bytes = match &row.message {
            Some(message) if bare_lines => Bytes::from(message.replace('\n', "\r\n")),
            Some(message) => Bytes::copy_from_slice(message.as_bytes()),
            None => {
                let Some(message) = rebuilt::message(row, Beside::of(&in_order, index)) else {
                    said.left_out += 1;
                    continue;
                };
                converted.rebuilt.push(place);
                Bytes::from(message)
            }
        };
        let transport = row.transport.or_else(|| of_via(&bytes));
        said.without_transport += usize::from(transport.is_none());
        let transport = transport.unwrap_or(Transport::Udp);
        let is_placed = row.source_ip.is_some() && row.destination_ip.is_some();
        said.without_address += usize::from(!is_placed);
        converted.packets.push(Packet {
            at,
            source: end(row.source_ip, row.source_port, transport),
            destination: end(row.destination_ip, row.destination_port, transport),
            transport,
            place,
            bytes,
        });
    }
    said.rebuilt = converted.rebuilt.len();
    said.bare_lines = bare_lines;
    notes.extend(said.sentences());
    converted.notes = notes;
    converted
}

/// The rows without those that are the same one delivered again.
fn distinct(rows: &[TracedMessage]) -> Vec<&TracedMessage> {
    let mut kept: Vec<&TracedMessage> = rows.iter().collect();
    let mut seen = std::collections::HashMap::new();
    kept.retain(|row| {
        let Some(id) = row.id else { return true };
        match seen.entry(id) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(*row);
                true
            }
            // The same number on another message is another message all the same.
            std::collections::hash_map::Entry::Occupied(entry) => *entry.get() != *row,
        }
    });
    kept
}

/// Whether the platform dropped the CR of all line ends when it stored them: no sender writes every
/// message with bare line feeds.
fn are_bare<'m>(messages: impl Iterator<Item = &'m str>) -> bool {
    let mut with_lines = messages.filter(|message| message.contains('\n')).peekable();
    with_lines.peek().is_some() && with_lines.all(|message| !message.contains('\r'))
}

/// An end as far as it is told; a port that is not is the transport's own (RFC 3261 section 18.1.1).
fn end(ip: Option<IpAddr>, port: Option<u16>, transport: Transport) -> SocketAddr {
    match ip {
        None => SocketAddr::new(UNKNOWN, 0),
        Some(ip) => {
            let usual = match transport {
                Transport::Tls => 5061,
                Transport::Udp | Transport::Tcp | Transport::Ws => 5060,
            };
            SocketAddr::new(ip, port.unwrap_or(usual))
        }
    }
}

/// The transport that the topmost Via names.
fn of_via(bytes: &Bytes) -> Option<Transport> {
    let via = Message::parse(bytes.clone()).top_via()?;
    let name = via.transport.to_ascii_lowercase();
    Transport::named(if name == "wss" { "ws" } else { &name })
}

/// What was met, to be said once.
#[derive(Default)]
struct Said {
    rebuilt: usize,
    left_out: usize,
    without_transport: usize,
    without_address: usize,
    bare_lines: bool,
}

impl Said {
    fn sentences(&self) -> impl Iterator<Item = String> {
        let counted = [
            (
                self.rebuilt,
                "without their text",
                "they show only what the other columns say",
            ),
            (
                self.left_out,
                "without a text and a method",
                "they were left out",
            ),
            (
                self.without_address,
                "without an address",
                "0.0.0.0 stands for it",
            ),
            (
                self.without_transport,
                "without a transport",
                "they count as UDP",
            ),
        ];
        let bare = "the platform keeps messages without the CR of their line ends; it was put back";
        let bare = self.bare_lines.then(|| bare.to_owned());
        let counted = counted.into_iter().filter(|(count, ..)| *count > 0);
        counted
            .map(|(count, what, so)| format!("messages of the trace {what}: {count}; {so}"))
            .chain(bare)
    }
}
