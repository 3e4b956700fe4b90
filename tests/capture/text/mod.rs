//! Text traces: each dialect, what people paste, what is no trace, and that all say the same.

mod asterisk;
mod bad_input;
mod dates;
mod dialects;
mod freeswitch;
mod kamailio;
mod pasted;
mod sniffers;

use std::path::Path;

use calltriage::capture::read_stream;
use calltriage::sip::{Message, Packet};

/// The messages of a text and what is said about it.
fn read(text: impl AsRef<[u8]>) -> (Vec<Packet>, Vec<String>) {
    let mut packets = Vec::new();
    let name = Path::new("trace.txt");
    let report = read_stream(text.as_ref(), name, 0, &mut |it| packets.push(it)).unwrap();
    assert_eq!(report.frames as usize, packets.len());
    assert_eq!(report.sip_messages as usize, packets.len());
    (packets, report.warnings)
}

/// A message in one line: number, moment, ends, transport, start line, what is wrong with it.
fn shown(packets: &[Packet]) -> Vec<String> {
    let line = |it: &Packet| {
        let message = Message::parse(it.bytes.clone());
        let mut line = format!(
            "{} {} {} > {} {} {}",
            it.place.frame,
            it.at,
            it.source,
            it.destination,
            it.transport,
            message.start_text(),
        );
        if !message.deviations().is_empty() {
            line += &format!(" {:?}", message.deviations());
        }
        line
    };
    packets.iter().map(line).collect()
}

/// A sound message, its lines ended by LF.
fn message(start: &str, cseq: &str) -> String {
    format!(
        "{start}\nVia: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK1\n\
         From: <sip:441632960001@198.51.100.10>;tag=a\nTo: <sip:441632960002@192.0.2.5>\n\
         Call-ID: a@198.51.100.10\nCSeq: {cseq}\nContent-Length: 0\n\n"
    )
}

fn invite() -> String {
    message("INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0", "1 INVITE")
}

fn busy() -> String {
    message("SIP/2.0 486 Busy Here", "1 INVITE")
}

const UTC: &str = "times without a zone: taken as UTC";
const NO_TIMES: &str =
    "no time stamps: the order is that of the text, and no duration means anything";
