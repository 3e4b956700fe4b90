//! The files of a report, each with what its reader may see: ladder, trace, capture, table of calls, data. Draws from
//! the reader's own part of the call, so that nothing has to be taken out of a picture afterwards.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::audience::{Audience, Screen};
use super::compose::{Material, Told};
use super::part::{Part, moment};
use super::{Report, zip};
use crate::diagnosis::verdict::explaining;
use crate::diagnosis::{Case, Peers};
use crate::peers::{Network, Peer, PeerKind};
use crate::render::ladder::{Limits, Theme, svg, svg_of_names, text, text_of_names};
use crate::render::{csv, picture};
use crate::sip::{Packet, calls, redact, threads};
use crate::sources::{Evidence, Known};

/// A ladder in a file may be as long as the call.
const LADDER: Limits = Limits {
    columns: 100,
    chars: 200_000,
};

/// Names of files that a person added begin with it.
const OWN: &str = "own-";

/// Of their own names no more is kept.
const LONGEST_NAME: usize = 60;

/// A file that goes with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name: letters, digits, dots and dashes of our own.
    pub name: String,
    /// Its media type.
    pub kind: String,
    /// What is in it, in base64 where it is kept as JSON.
    #[serde(with = "base64_bytes")]
    pub bytes: Vec<u8>,
}

impl File {
    fn new(name: impl Into<String>, kind: &str, bytes: impl Into<Vec<u8>>) -> File {
        File {
            name: name.into(),
            kind: kind.to_owned(),
            bytes: bytes.into(),
        }
    }

    /// One that a person adds of their own, as it is: nothing in it was screened. `nth` tells it from others of the name.
    #[must_use]
    pub fn own(nth: usize, name: &str, bytes: Vec<u8>) -> File {
        let plain: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let plain = plain.trim_matches(['.', '-']);
        let from = plain.len().saturating_sub(LONGEST_NAME);
        let plain = plain.get(from..).unwrap_or_default();
        let kind = match &*bytes {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            bytes if std::str::from_utf8(bytes).is_ok() => "text/plain",
            _ => "application/octet-stream",
        };
        File::new(format!("{OWN}{nth}-{plain}"), kind, bytes)
    }

    /// Whether a person added it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.name.starts_with(OWN)
    }

    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.kind == "image/png"
    }
}

/// The files of a report. Together larger than `zip_over` bytes, all but pictures are packed into one.
#[must_use]
pub fn files(
    material: &Material<'_>,
    report: &Report,
    screen: &Screen,
    whom: Option<&str>,
    zip_over: u64,
) -> Vec<File> {
    let whom = whom.or(Some(report.to.as_str()).filter(|it| !it.is_empty()));
    let mut files = Vec::new();
    for (at, call) in report.calls.iter().enumerate() {
        let id = call.call_id.as_str();
        let is_it = |told: &&Told<'_>| {
            told.known
                .is_some_and(|known| known.call_ids().iter().any(|it| it == id))
        };
        if let Some(told) = material.calls.iter().find(is_it)
            && let Some(known) = told.known
        {
            let findings = &told.diagnosis.findings;
            let case = Case::new(&known.call, material.peers, None)
                .recorded(known.records.as_ref())
                .observing(material.observed);
            let drawing = Drawing {
                number: at + 1,
                audience: report.audience,
                screen,
            };
            match report.audience {
                Audience::Platform => {
                    let marked = explaining(&case, findings).map_or(&[][..], |it| &it.packets);
                    drawing.ladders(&case, marked, &mut files);
                    let packets: Vec<Packet> = packets(known).cloned().collect();
                    drawing.traces(packets, &mut files);
                }
                Audience::Carrier | Audience::Customer => {
                    let Some(part) = Part::told_to(&case, told.diagnosis, report.audience, whom)
                    else {
                        continue;
                    };
                    drawing.of_part(&part, &mut files);
                }
            }
        }
    }
    if report.audience == Audience::Carrier {
        files.push(File::new("calls.csv", "text/csv", table(report)));
    }
    if report.audience == Audience::Platform {
        let json = serde_json::to_vec_pretty(material.investigation).unwrap_or_default();
        files.push(File::new("investigation.json", "application/json", json));
    }
    smaller(files, zip_over)
}

fn packets(known: &Known) -> impl Iterator<Item = &Packet> {
    known.call.signals.iter().map(|(_, signal)| &signal.packet)
}

struct Drawing<'s> {
    number: usize,
    audience: Audience,
    screen: &'s Screen,
}

impl Drawing<'_> {
    fn ladders(&self, case: &Case<'_>, marked: &[usize], files: &mut Vec<File>) {
        let number = self.number;
        if case.call.signals.is_empty() {
            return;
        }
        // A customer is told who, not where.
        let (picture, lines) = match self.audience {
            Audience::Customer => (
                svg_of_names(case, marked, Theme::Light),
                text_of_names(case, marked, LADDER),
            ),
            Audience::Platform | Audience::Carrier => {
                (svg(case, marked, Theme::Light), text(case, marked, LADDER))
            }
        };
        let drawing = self.screen.clear_lines(&picture);
        if let Ok(png) = picture::png(drawing.as_str()) {
            files.push(File::new(format!("ladder-{number}.png"), "image/png", png));
        }
        let ladder = self.screen.clear_lines(&lines).to_string();
        files.push(File::new(
            format!("ladder-{number}.txt"),
            "text/plain",
            ladder,
        ));
    }

    /// Only the messages of this part exist for what is drawn of it.
    fn of_part(&self, part: &Part<'_>, files: &mut Vec<File>) {
        let packets: Vec<Packet> = part.packets().cloned().collect();
        let named = |name: &str, kind, address: IpAddr| Peer {
            name: name.to_owned(),
            kind,
            addresses: vec![Network::from(address)],
        };
        let kind = match part.is_customers {
            true => PeerKind::Customer,
            false => PeerKind::Carrier,
        };
        // Whoever reads it is "you", as in the words around it.
        let peers = Peers::new(vec![
            named("we", PeerKind::Platform, part.us.ip()),
            named("you", kind, part.them.ip()),
        ]);
        for call in calls(threads(packets.clone()), &[]).iter().take(1) {
            self.ladders(&Case::new(call, &peers, None), &[], files);
        }
        // A customer is told, not shown: what a carrier answered may stand in what we passed on.
        if self.audience == Audience::Carrier {
            self.traces(packets, files);
        }
    }

    fn traces(&self, mut packets: Vec<Packet>, files: &mut Vec<File>) {
        let number = self.number;
        if packets.is_empty() {
            return;
        }
        packets.sort_by_key(|packet| (packet.at, packet.place));
        let trace = trace(&packets);
        files.push(File::new(
            format!("trace-{number}.txt"),
            "text/plain",
            trace,
        ));
        let evidence = Evidence {
            packets,
            ..Evidence::default()
        };
        if let Ok((pcap, written)) = evidence.to_pcap()
            && written.messages > 0
        {
            let kind = "application/vnd.tcpdump.pcap";
            files.push(File::new(format!("trace-{number}.pcap"), kind, pcap));
        }
    }
}

/// Messages as text, each under a line that says when and between whom; without credentials.
fn trace(packets: &[Packet]) -> String {
    let mut text = String::new();
    for (at, packet) in packets.iter().enumerate() {
        let bytes = redact::without_credentials(&packet.bytes);
        let message = String::from_utf8_lossy(&bytes);
        text.push_str(&format!(
            "--- {} {} {} -> {} {}\n{}\n",
            at + 1,
            moment(packet.at),
            packet.source,
            packet.destination,
            packet.transport.name(),
            message.trim_end().replace('\r', "")
        ));
    }
    text
}

const HEADING: [&str; 12] = [
    "call_id",
    "utc",
    "our_address",
    "your_address",
    "from",
    "to",
    "code",
    "reason",
    "q850_cause",
    "seconds_by_our_messages",
    "seconds_by_your_record",
    "seconds_difference",
];

/// The calls as a table, as carriers load them into their own tools.
fn table(report: &Report) -> String {
    let mut text = csv::line(HEADING.map(str::to_owned));
    for call in &report.calls {
        let seconds = |ms: Option<i64>| {
            ms.map_or(String::new(), |ms| {
                format!("{}.{:03}", ms / 1000, (ms % 1000).abs())
            })
        };
        let (us, them) = match &call.between {
            Some((us, them)) => (us.to_string(), them.to_string()),
            None => Default::default(),
        };
        let apart = call
            .talked_ms
            .zip(call.billed_ms)
            .map(|(ours, theirs)| (theirs - ours).abs());
        text.push_str(&csv::line([
            call.call_id.to_string(),
            call.at
                .map_or(String::new(), |at| at.strftime("%FT%T%.3fZ").to_string()),
            us,
            them,
            call.from.to_string(),
            call.to.to_string(),
            call.code.map_or(String::new(), |it| it.to_string()),
            call.reason
                .as_ref()
                .map_or(String::new(), ToString::to_string),
            call.cause.map_or(String::new(), |it| it.to_string()),
            seconds(call.talked_ms),
            seconds(call.billed_ms),
            seconds(apart),
        ]));
    }
    text
}

/// The same files, packed where together they are larger than that.
fn smaller(files: Vec<File>, zip_over: u64) -> Vec<File> {
    let together: usize = files.iter().map(|it| it.bytes.len()).sum();
    if u64::try_from(together).unwrap_or(u64::MAX) <= zip_over {
        return files;
    }
    let (mut kept, packed): (Vec<File>, Vec<File>) = files.into_iter().partition(File::is_picture);
    match zip::packed(&packed) {
        Ok(bytes) => {
            kept.push(File::new("report.zip", "application/zip", bytes));
            kept
        }
        Err(_) => kept.into_iter().chain(packed).collect(),
    }
}

/// Bytes as base64 text, for JSON.
mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(from)?)
            .map_err(D::Error::custom)
    }
}
