//! Many calls at once, as they go through a busy platform: interleaved, over UDP, TCP and in
//! fragments.

use std::collections::HashMap;
use std::net::SocketAddr;

use calltriage::sip::{Packet, Transport};
use jiff::Timestamp;

use super::capture_writer::{Flag, PCAP, Writer, fragments, tcp, udp};
use super::trace;

/// An IP packet and when it was captured.
pub type Frame = (Timestamp, Vec<u8>);

/// The frames of many calls, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    pub frames: Vec<Frame>,
    /// Before which frames no message is under way.
    seams: Vec<usize>,
}

/// So many calls, one every 50 ms, of every kind; and a registration that lasts from the first to
/// the last.
pub fn busy(calls: usize) -> Traffic {
    let padding = "x".repeat(700);
    let mut packets = Vec::new();
    let end = calls as f64 * 0.05 + 20.0;
    packets.extend(trace::packets(&format!(
        "0.000 cust2>plat REGISTER leg=lasting
         0.010 plat>cust2 200 REGISTER leg=lasting | Expires: 3600
         {:.3} cust2>plat REGISTER leg=lasting cseq=2
         {:.3} plat>cust2 200 REGISTER leg=lasting cseq=2 | Expires: 3600",
        end - 1.0,
        end - 0.5,
    )));
    for call in 0..calls {
        packets.extend(trace::packets(&one(call, &padding)));
    }
    packets.sort_by_key(|packet| packet.at);
    Traffic::of(&packets)
}

/// One of many calls. Which it is decides how it goes and how long it lasts.
fn one(call: usize, padding: &str) -> String {
    let begins = call as f64 * 0.05;
    let at = |seconds: f64| format!("{:.3}", begins + seconds);
    let who = format!("leg=c{call} from=4416329{call:05} to=4417829{call:05}");
    let far = format!("leg=d{call} from=4416329{call:05} to=4417829{call:05}");
    let pad = format!("| X-Padding: {padding}");
    // Later calls often end sooner.
    let lasts = 1.0 + (call * 7 % 10) as f64;
    let lines: Vec<String> = match call % 6 {
        0 => vec![
            format!("{} cust>plat INVITE {who} {pad}", at(0.0)),
            format!("{} plat>cust 100 {who}", at(0.01)),
            format!("{} plat>car INVITE {far} {pad}", at(0.02)),
            format!("{} car>plat 180 {far} {pad}", at(0.3)),
            format!("{} plat>cust 180 {who} {pad}", at(0.31)),
            format!("{} car>plat 200 {far} {pad}", at(0.6)),
            format!("{} plat>car ACK {far}", at(0.61)),
            format!("{} plat>cust 200 {who} {pad}", at(0.62)),
            format!("{} cust>plat ACK {who}", at(0.63)),
            format!("{} cust>plat BYE {who} {pad}", at(lasts)),
            format!("{} plat>cust 200 BYE {who}", at(lasts + 0.01)),
            format!("{} plat>car BYE {far} {pad}", at(lasts + 0.02)),
            format!("{} car>plat 200 BYE {far}", at(lasts + 0.03)),
        ],
        1 => vec![
            format!("{} cust>plat INVITE {who} {pad}", at(0.0)),
            format!("{} cust>plat INVITE {who} {pad}", at(0.5)),
            format!("{} plat>cust 486 {who} {pad}", at(lasts)),
            format!("{} cust>plat ACK {who}", at(lasts + 0.02)),
        ],
        2 => vec![
            format!("{} cust2>plat INVITE {who} tcp {pad}", at(0.0)),
            format!("{} plat>cust2 100 {who} tcp", at(0.02)),
            format!("{} plat>cust2 503 {who} tcp {pad}", at(0.7)),
            format!("{} cust2>plat ACK {who} tcp", at(0.71)),
        ],
        // Too long for one frame: see `Traffic::of`.
        3 => vec![
            format!(
                "{} cust>plat INVITE {who} {pad} | X-More: {padding}{padding}",
                at(0.0)
            ),
            format!(
                "{} plat>cust 200 {who} {pad} | X-More: {padding}{padding}",
                at(0.4)
            ),
            format!("{} cust>plat ACK {who}", at(0.41)),
            format!("{} plat>cust BYE {who} by=callee {pad}", at(lasts)),
            format!("{} cust>plat 200 BYE {who} by=callee", at(lasts + 0.01)),
        ],
        4 => vec![
            format!("{} cust>plat REGISTER {who} {pad}", at(0.0)),
            format!("{} plat>cust 403 REGISTER {who} {pad}", at(lasts)),
        ],
        _ => vec![
            format!("{} cust>plat OPTIONS {who} {pad}", at(0.0)),
            format!("{} plat>cust 200 OPTIONS {who}", at(0.03)),
        ],
    };
    lines.join("\n")
}

impl Traffic {
    /// Messages as frames. Long ones are cut into fragments, those over TCP into segments; the last
    /// piece of either comes after the next message.
    pub fn of(packets: &[Packet]) -> Traffic {
        const LONG: usize = 1500;
        let mut traffic = Traffic::default();
        let mut sequences: HashMap<(SocketAddr, SocketAddr), u32> = HashMap::new();
        let mut late: Option<Vec<u8>> = None;
        for (id, packet) in (1..).zip(packets) {
            let (at, from, to) = (packet.at, packet.source, packet.destination);
            let is_tcp = packet.transport == Transport::Tcp;
            if is_tcp {
                // Segments of one connection stay in order.
                traffic.frames.extend(late.take().map(|frame| (at, frame)));
            }
            if late.is_none() {
                traffic.seams.push(traffic.frames.len());
            }
            let mut pieces = if is_tcp {
                let next = sequences.entry((from, to)).or_insert_with(|| {
                    traffic.frames.push((at, tcp(from, to, 0, Flag::Syn, b"")));
                    1
                });
                let halves = packet.bytes.chunks(packet.bytes.len().div_ceil(2));
                let segments = halves.map(|half| {
                    let segment = tcp(from, to, *next, Flag::Data, half);
                    *next += u32::try_from(half.len()).unwrap();
                    segment
                });
                segments.collect()
            } else {
                let whole = udp(from, to, &packet.bytes);
                match whole.len() {
                    0..LONG => vec![whole],
                    _ => fragments(&whole, id, 1000),
                }
            };
            let last = pieces.pop().filter(|_| !pieces.is_empty() || is_tcp);
            match last {
                Some(last) => {
                    traffic.frames.extend(pieces.into_iter().map(|it| (at, it)));
                    traffic.frames.extend(late.replace(last).map(|it| (at, it)));
                }
                None => {
                    traffic.frames.push((at, udp(from, to, &packet.bytes)));
                    traffic.frames.extend(late.take().map(|it| (at, it)));
                }
            }
        }
        let end = packets.last().map(|packet| packet.at).unwrap_or_default();
        traffic.frames.extend(late.map(|frame| (end, frame)));
        traffic
    }

    /// All frames in one file.
    pub fn file(&self) -> Vec<u8> {
        written(&self.frames)
    }

    /// The same frames in so many files, one after another. No message is cut in two.
    pub fn files(&self, count: usize) -> Vec<Vec<u8>> {
        let place = |file: usize| match file {
            0 => 0,
            file if file == count => self.frames.len(),
            file => self.seams[self.seams.len() * file / count],
        };
        (0..count)
            .map(|file| written(&self.frames[place(file)..place(file + 1)]))
            .collect()
    }
}

/// Frames as a capture file.
pub fn written(frames: &[Frame]) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 101);
    for (at, frame) in frames {
        writer.ip(*at, frame);
    }
    writer.bytes
}

/// Calls of two legs, joined in each way, beside one another. Their Call-IDs are the name of the way
/// with `a` or `b`: `s`ession, `h`eader, `p`assed-on tag, `n`umbers.
pub fn pairs() -> Vec<Packet> {
    let ways = [
        (
            "s",
            "| Session-ID: 47755a9de7794ba387653f2099600ef2;remote=0",
            "| Session-ID: 47755a9de7794ba387653f2099600ef2;remote=0",
        ),
        (
            "h",
            "",
            "| X-First: nothing@here | X-Other-Leg: ha@198.51.100.10",
        ),
        ("p", "tag=passed-on", "tag=passed-on"),
        ("n", "", ""),
    ];
    let mut all = Vec::new();
    for (number, (name, first, second)) in ways.into_iter().enumerate() {
        let (from, to) = (
            format!("44163296010{number}"),
            format!("44163296020{number}"),
        );
        let line = |text: &str, option: &str| {
            let (head, headers) = match option.split_once('|') {
                Some((head, headers)) => (head, format!("|{headers}")),
                None => (option, String::new()),
            };
            format!("{text} from={from} to={to} {head} {headers}\n")
        };
        let text = [
            line(&format!("0.{number}0 cust>plat INVITE leg={name}a"), first),
            line(&format!("0.{number}1 plat>cust 100 leg={name}a"), ""),
            line(&format!("0.{number}2 plat>car INVITE leg={name}b"), second),
            line(&format!("0.{number}3 car>plat 486 leg={name}b"), ""),
            line(&format!("0.{number}4 plat>car ACK leg={name}b"), ""),
            line(&format!("0.{number}5 plat>cust 486 leg={name}a"), ""),
            line(&format!("0.{number}6 cust>plat ACK leg={name}a"), ""),
        ];
        all.extend(trace::packets(&text.concat()));
    }
    all.sort_by_key(|packet| packet.at);
    for (packet, frame) in all.iter_mut().zip(1..) {
        packet.place.frame = frame;
    }
    all
}
