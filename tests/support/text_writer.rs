//! Prints packets as sniffers, PBXes, proxies and people do. Reads nothing, and shares no code with
//! the reader that it tests.

use std::fmt::Write as _;
use std::net::SocketAddr;

use calltriage::sip::{Packet, Transport};
use jiff::Timestamp;
use jiff::tz::Offset;

/// Ways to print a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sngrep,
    Homer,
    Ngrep,
    NgrepSince,
    ChanSip,
    ChanSipConsole,
    Pjsip,
    FreeSwitch,
    FreeSwitchIndented,
    Sipdump,
    Journal,
    JournalIndented,
    Rsyslog,
    Json,
    Pasted,
    Quoted,
    Fenced,
}

pub const DIALECTS: [Dialect; 17] = [
    Dialect::Sngrep,
    Dialect::Homer,
    Dialect::Ngrep,
    Dialect::NgrepSince,
    Dialect::ChanSip,
    Dialect::ChanSipConsole,
    Dialect::Pjsip,
    Dialect::FreeSwitch,
    Dialect::FreeSwitchIndented,
    Dialect::Sipdump,
    Dialect::Journal,
    Dialect::JournalIndented,
    Dialect::Rsyslog,
    Dialect::Json,
    Dialect::Pasted,
    Dialect::Quoted,
    Dialect::Fenced,
];

/// How much of a moment a dialect writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Exact,
    Seconds,
    /// Month, day and seconds.
    NoYear,
    /// Only how long after the first.
    Since,
    Nothing,
}

/// How many ends a dialect writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    Both,
    Far,
    Nothing,
}

impl Dialect {
    pub fn clock(self) -> Clock {
        match self {
            Dialect::NgrepSince => Clock::Since,
            Dialect::ChanSip => Clock::Seconds,
            Dialect::Journal | Dialect::JournalIndented | Dialect::Rsyslog => Clock::NoYear,
            Dialect::ChanSipConsole
            | Dialect::Pjsip
            | Dialect::Pasted
            | Dialect::Quoted
            | Dialect::Fenced => Clock::Nothing,
            _ => Clock::Exact,
        }
    }

    pub fn ends(self) -> Ends {
        match self {
            Dialect::Sngrep
            | Dialect::Homer
            | Dialect::Ngrep
            | Dialect::NgrepSince
            | Dialect::Sipdump => Ends::Both,
            Dialect::ChanSip
            | Dialect::ChanSipConsole
            | Dialect::Pjsip
            | Dialect::FreeSwitch
            | Dialect::FreeSwitchIndented => Ends::Far,
            _ => Ends::Nothing,
        }
    }
}

/// Prints a trace, lines ended by LF or CRLF. `here` is the machine that prints, where one does.
pub fn print(dialect: Dialect, packets: &[Packet], here: SocketAddr, crlf: bool) -> String {
    let mut text = String::new();
    let mut before = None;
    for packet in packets {
        message(
            &mut text,
            dialect,
            packet,
            here,
            before.unwrap_or(packet.at),
        );
        before = before.or(Some(packet.at));
    }
    let text = text.replace("\r\n", "\n");
    if crlf {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

fn message(
    text: &mut String,
    dialect: Dialect,
    packet: &Packet,
    here: SocketAddr,
    first: Timestamp,
) {
    let message = std::str::from_utf8(&packet.bytes).unwrap();
    let plain = message.replace("\r\n", "\n");
    let (from, to) = (packet.source, packet.destination);
    let at = Offset::UTC.to_datetime(packet.at);
    let moment = at.strftime("%Y-%m-%d %H:%M:%S%.6f");
    let slashed = at.strftime("%Y/%m/%d %H:%M:%S%.6f");
    let syslog = format!("{} host kamailio[123]: ", at.strftime("%b %e %H:%M:%S"));
    let name = packet.transport.name();
    let letter = if packet.transport == Transport::Udp {
        "U"
    } else {
        "T"
    };
    let received = to == here;
    let far = if received { from } else { to };
    let length = message.len();
    let kind = if message.starts_with("SIP/2.0") {
        "response"
    } else {
        "request"
    };
    let dashes = "-".repeat(72);
    match dialect {
        Dialect::Sngrep => write!(text, "{slashed} {from} -> {to}\n{plain}\n\n"),
        Dialect::Homer => write!(
            text,
            "proto:{} {}Z  {from} ---> {to}\n\n{plain}\n\n",
            name.to_uppercase(),
            moment.to_string().replace(' ', "T"),
        ),
        Dialect::Ngrep => write!(
            text,
            "##\n{letter} {slashed} {from} -> {to} [AP]\n{}\n",
            message.replace('\r', "."),
        ),
        Dialect::NgrepSince => {
            let since = packet.at.duration_since(first);
            let (seconds, micros) = (since.as_secs(), since.subsec_micros());
            write!(
                text,
                "\n{letter} +{seconds}.{micros:06} {from} -> {to} #7\n{}\n",
                message.replace('\r', "."),
            )
        }
        Dialect::ChanSip | Dialect::ChanSipConsole => {
            let log = match dialect {
                Dialect::ChanSip => {
                    let seconds = at.strftime("%Y-%m-%d %H:%M:%S");
                    format!("[{seconds}] VERBOSE[1234][C-00000001] chan_sip.c: ")
                }
                _ => String::new(),
            };
            match (received, kind) {
                (true, _) => write!(
                    text,
                    "{log}\n<--- SIP read from {}:{far} --->\n{plain}\n<------------->\n{log}--- (9 headers 6 lines) ---\n",
                    name.to_uppercase(),
                ),
                (false, "response") => write!(
                    text,
                    "{log}\n<--- Reliably Transmitting (NAT) to {far} --->\n{plain}\n<------------>\n",
                ),
                (false, _) => write!(
                    text,
                    "{log}Transmitting (no NAT) to {far}:\n{plain}\n---\n",
                ),
            }
        }
        Dialect::Pjsip => {
            let name = name.to_uppercase();
            if received {
                writeln!(
                    text,
                    "<--- Received SIP {kind} ({length} bytes) from {name}:{far} --->\n{plain}"
                )
            } else {
                writeln!(
                    text,
                    "<--- Transmitting SIP {kind} ({length} bytes) to {name}:{far} --->\n{plain}"
                )
            }
        }
        Dialect::FreeSwitch | Dialect::FreeSwitchIndented => {
            let indent = if dialect == Dialect::FreeSwitch { "" } else { "   " };
            let way = if received { "recv" } else { "send" };
            let side = if received { "from" } else { "to" };
            let (ip, port) = (far.ip(), far.port());
            let time = at.strftime("%H:%M:%S%.6f");
            let lines: String = plain.lines().map(|it| format!("{indent}{it}\n")).collect();
            write!(
                text,
                "{moment} [DEBUG] sofia.c:1 a line between\n{way} {length} bytes {side} {name}/[{ip}]:{port} at {time}:\n{indent}{dashes}\n{lines}{indent}{dashes}\n",
            )
        }
        Dialect::Sipdump => write!(
            text,
            "====================\ntag: rcv\npid: 77\nprocess: 3\ntime: {}.{:06}\ndate: {}\nproto: {name} ipv4\nsrcip: {}\nsrcport: {}\ndstip: {}\ndstport: {}\n~~~~~~~~~~~~~~~~~~~~\n{plain}||||||||||||||||||||\n",
            packet.at.as_second(),
            packet.at.subsec_nanosecond() / 1000,
            at.strftime("%a %b %e %H:%M:%S %Y"),
            from.ip(),
            from.port(),
            to.ip(),
            to.port(),
        ),
        Dialect::Journal => {
            let lines = plain.lines().map(|it| format!("{syslog}{it}\n"));
            writeln!(text, "{}{syslog}", lines.collect::<String>())
        }
        Dialect::JournalIndented => {
            let blanks = " ".repeat(syslog.len());
            let mut lines = plain.lines();
            let start = lines.next().unwrap();
            let lines = lines.map(|it| format!("{blanks}{it}\n"));
            write!(text, "{syslog}{start}\n{}", lines.collect::<String>())
        }
        Dialect::Rsyslog => {
            let line = message.replace('\r', "#015").replace('\n', "#012");
            writeln!(text, "{syslog}{line}")
        }
        Dialect::Json => {
            let time = moment.to_string().replace(' ', "T");
            let message = serde_json::to_string(message).unwrap();
            writeln!(text, r#"{{"time":"{time}Z","message":{message},"level":"info"}}"#)
        }
        Dialect::Pasted => writeln!(text, "{plain}"),
        Dialect::Quoted => {
            let lines = plain.lines().map(|it| format!("> {it}\n"));
            writeln!(text, "{}>", lines.collect::<String>())
        }
        Dialect::Fenced => write!(text, "and then:\n```sip\n{plain}```\n"),
    }
    .unwrap();
}
