//! The page of formats: the same calls, written in every way that the writers know, are the same
//! calls to the reader, except for what a format cannot carry.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use calltriage::capture::{FileReport, Item, read_items};
use calltriage::sip::{Packet, Transport, facts::facts, threads};
use serde_json::Value;

use super::{cell, check};
use crate::cli::Desk;
use crate::support::capture_writer::{
    CONTAINERS, Container, Flag, LINKS, Link, PCAP, PCAPNG, WRAPS, Wrap, Writer, gzip, tcp, udp,
};
use crate::support::hep::{Hep, Packing};
use crate::support::text_writer::{Clock, DIALECTS, Dialect, Ends, print};
use crate::support::websocket::{self, ASKED, GRANTED, fragmented};
use crate::support::{dns, icmp, media, tls, trace};

/// Three calls: answered after a challenge, refused, canceled.
const CALLS: &str = "
    0.000000 cust>plat INVITE || v=0 || o=a 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
    0.012345 plat>cust 407 | Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\"
    0.020000 cust>plat ACK
    0.034567 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", realm=\"x\", nonce=\"y\", response=\"z\" || v=0 || o=a 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
    0.040000 plat>cust 100 cseq=2
    1.500000 plat>cust 180 cseq=2
    3.250000 plat>cust 200 cseq=2 || v=0 || o=b 1 1 IN IP4 192.0.2.5 || s=- || c=IN IP4 192.0.2.5 || t=0 0 || m=audio 5000 RTP/AVP 8
    3.300000 cust>plat ACK cseq=2
    4.000000 cust>plat INVITE leg=b to=441632960003
    4.010000 plat>cust 100 leg=b
    5.600000 plat>cust 486 leg=b | Reason: Q.850;cause=17
    5.610000 cust>plat ACK leg=b
    7.000000 cust>plat INVITE leg=c to=441632960004
    7.010000 plat>cust 100 leg=c
    8.400000 plat>cust 180 leg=c
    9.000000 cust>plat CANCEL leg=c
    9.010000 plat>cust 200 CANCEL leg=c
    9.020000 plat>cust 487 leg=c
    9.030000 cust>plat ACK leg=c
    10.700000 plat>cust BYE by=callee
    10.710000 cust>plat 200 BYE by=callee";

/// The platform, as `trace` names it: the machine that prints the logs.
const PLATFORM: &str = "192.0.2.5:5060";
const MASK: [u8; 4] = [0xde, 0xad, 0xbe, 0xef];

fn calls(v6: bool, transport: Transport) -> Vec<Packet> {
    let text = match v6 {
        true => CALLS
            .replace("cust", "[2001:db8::10]:5060")
            .replace("plat", "[2001:db8::5]:5060"),
        false => CALLS.to_owned(),
    };
    let mut packets = trace::packets(&text);
    for packet in &mut packets {
        packet.transport = transport;
    }
    packets
}

/// The lines of `calls --json`.
fn lines(packets: Vec<Packet>) -> Vec<String> {
    let mut found: Vec<_> = threads(packets).iter().filter_map(facts).collect();
    found.sort_by(|one, other| (one.started, &one.call_id).cmp(&(other.started, &other.call_id)));
    found
        .iter()
        .map(|it| serde_json::to_string(it).unwrap())
        .collect()
}

/// What a reader makes of some bytes.
struct Shown {
    lines: Vec<String>,
    /// What was seen besides messages, in words.
    besides: Vec<String>,
    report: FileReport,
}

fn read(bytes: &[u8]) -> Shown {
    let (mut packets, mut besides, mut sound) = (Vec::new(), Vec::new(), 0);
    let report = read_items(bytes, Path::new("calls"), 0, &mut |item| match item {
        Item::Message(it) => packets.push(it.packet()),
        Item::Icmp(it) => besides.push(format!("an ICMP error: {:?}", it.kind)),
        Item::Reset(_) => besides.push("a reset of a TCP connection".to_owned()),
        Item::Tls(it) => besides.push(format!(
            "a {} connection to {}",
            it.version.clone().unwrap_or_default(),
            it.server_name.clone().unwrap_or_default(),
        )),
        Item::Dns(it) => besides.push(format!("a DNS message: {} {}", it.name, it.kind.name())),
        Item::Media(_) => sound += 1,
    })
    .unwrap();
    if sound > 0 {
        besides.push(format!("{sound} packets of media"));
    }
    Shown {
        lines: lines(packets),
        besides,
        report,
    }
}

/// Calls as UDP datagrams.
fn datagrams(packets: &[Packet], container: Container, link: Link, wrap: Wrap) -> Vec<u8> {
    let mut writer = Writer::new(container, link.number());
    for (id, it) in packets.iter().enumerate() {
        let ip = udp(it.source, it.destination, &it.bytes);
        for packet in wrap.packets(&ip, u16::try_from(id).unwrap()) {
            writer.frame(it.at, &link.frame(&packet));
        }
    }
    writer.bytes
}

/// Calls over one TCP connection between each two: what each message becomes, cut and ordered.
fn segments(
    packets: &[Packet],
    head: impl Fn(bool) -> Vec<u8>,
    payload: impl Fn(&Packet, bool) -> Vec<u8>,
    size: usize,
    is_reversed: bool,
) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 1);
    let mut next: HashMap<SocketAddr, u32> = HashMap::new();
    let client = packets[0].source;
    for it in packets {
        let (from, to) = (it.source, it.destination);
        let by_client = from == client;
        let mut bytes = payload(it, by_client);
        let sequence = next.entry(from).or_insert_with(|| {
            writer.ip(it.at, &tcp(from, to, 99, Flag::Syn, b""));
            bytes = [head(by_client), bytes.clone()].concat();
            100
        });
        let mut parts = Vec::new();
        for part in bytes.chunks(size) {
            parts.push(tcp(from, to, *sequence, Flag::Data, part));
            *sequence += u32::try_from(part.len()).unwrap();
        }
        if is_reversed {
            parts.reverse();
        }
        for part in parts {
            writer.ip(it.at, &part);
        }
    }
    writer.bytes
}

fn hep<'a>(packet: &'a Packet, packing: Packing) -> Hep<'a> {
    Hep {
        at: packet.at,
        source: packet.source,
        destination: packet.destination,
        protocol: 17,
        kind: 1,
        packing,
        payload: &packet.bytes,
    }
}

/// Calls as an agent sends them to a collector in datagrams.
fn copied(packets: &[Packet], copy: impl Fn(&Packet) -> Vec<u8>) -> Vec<u8> {
    let ends = ["10.0.0.1:7000", "10.0.0.2:9060"].map(|it| it.parse().unwrap());
    let mut writer = Writer::new(PCAP, 1);
    for it in packets {
        writer.ip(it.at, &udp(ends[0], ends[1], &copy(it)));
    }
    writer.bytes
}

/// Calls as an agent sends them to a collector over TCP.
fn streamed(packets: &[Packet], packing: Packing) -> Vec<u8> {
    let ends = ["10.0.0.1:7000", "10.0.0.2:9060"].map(|it| it.parse().unwrap());
    let mut writer = Writer::new(PCAP, 1);
    let mut sequence = 1;
    for it in packets {
        for part in hep(it, packing).v3().chunks(300) {
            writer.ip(it.at, &tcp(ends[0], ends[1], sequence, Flag::Data, part));
            sequence += u32::try_from(part.len()).unwrap();
        }
    }
    writer.bytes
}

/// Calls with something else after them.
fn with(packets: &[Packet], more: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 1);
    for it in packets {
        writer.ip(it.at, &udp(it.source, it.destination, &it.bytes));
    }
    for ip in more {
        writer.ip(packets.last().unwrap().at, ip);
    }
    writer.bytes
}

fn container_words(container: Container) -> String {
    let (name, big_endian, nanoseconds) = match container {
        Container::Pcap {
            big_endian,
            nanoseconds,
        } => ("pcap", big_endian, nanoseconds),
        Container::PcapNg {
            big_endian,
            nanoseconds,
        } => ("pcapng", big_endian, nanoseconds),
    };
    let order = if big_endian {
        "big-endian"
    } else {
        "little-endian"
    };
    let unit = if nanoseconds {
        "nanoseconds"
    } else {
        "microseconds"
    };
    format!("{name}, {order}, {unit}")
}

fn link_words(link: Link) -> &'static str {
    match link {
        Link::Ethernet => "Ethernet",
        Link::Vlan => "Ethernet with a VLAN tag",
        Link::StackedVlan => "Ethernet with two VLAN tags",
        Link::Pppoe => "PPPoE",
        Link::Mpls => "MPLS, two labels",
        Link::CookedV1 => "Linux cooked",
        Link::CookedV2 => "Linux cooked, version 2",
        Link::BsdNull => "BSD loopback",
        Link::OpenBsdLoop => "OpenBSD loopback",
        Link::Raw => "raw IP",
    }
}

fn wrap_words(wrap: Wrap) -> &'static str {
    match wrap {
        Wrap::Plain => "nothing between IP and UDP",
        Wrap::Extended => "IP options or extension headers",
        Wrap::InV4 => "in IPv4",
        Wrap::InV6 => "in IPv6",
        Wrap::Gre => "GRE",
        Wrap::GreWithFields => "GRE with checksum, key and sequence",
        Wrap::GreEthernet => "GRE with Ethernet and VLAN tags",
        Wrap::Erspan(1) => "ERSPAN, the first version",
        Wrap::Erspan(2) => "ERSPAN, the second version",
        Wrap::Erspan(_) => "ERSPAN, the third version",
        Wrap::Vxlan => "VXLAN",
        Wrap::OldVxlan => "VXLAN on Linux's older port",
        Wrap::Geneve => "Geneve with options",
        Wrap::GtpU => "GTP-U",
        Wrap::GtpUExtended => "GTP-U with extension headers",
        Wrap::Fragments => "IP fragments",
        Wrap::FragmentsReversed => "IP fragments, the last one first",
        Wrap::FragmentsInGre => "IP fragments, each in GRE",
        Wrap::FragmentedVxlan => "VXLAN in IP fragments",
        Wrap::Deep => "GRE in GTP-U in IPv6 in VXLAN",
    }
}

fn dialect_words(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sngrep => "sngrep",
        Dialect::Homer => "Homer",
        Dialect::Ngrep => "ngrep with times",
        Dialect::NgrepSince => "ngrep with the time since the first",
        Dialect::ChanSip => "Asterisk chan_sip, log",
        Dialect::ChanSipConsole => "Asterisk chan_sip, console",
        Dialect::Pjsip => "Asterisk PJSIP logger",
        Dialect::FreeSwitch => "FreeSWITCH siptrace",
        Dialect::FreeSwitchIndented => "FreeSWITCH siptrace, indented",
        Dialect::Sipdump => "Kamailio sipdump",
        Dialect::Journal => "syslog or journal, a line a line",
        Dialect::JournalIndented => "journal, continued lines indented",
        Dialect::Rsyslog => "rsyslog, line ends escaped",
        Dialect::Json => "JSON lines",
        Dialect::Pasted => "pasted messages",
        Dialect::Quoted => "a quoted mail",
        Dialect::Fenced => "a ticket with fenced blocks",
    }
}

/// The figures that depend on more of a moment than a dialect writes.
fn may_differ(clock: Clock) -> &'static [&'static str] {
    match clock {
        Clock::Exact => &[],
        Clock::Since => &["started"],
        Clock::Seconds | Clock::NoYear | Clock::Nothing => {
            &["started", "pdd_ms", "setup_ms", "talk_ms"]
        }
    }
}

/// The names of the figures in which two lists of lines differ.
fn differences(found: &[String], expected: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if found.len() != expected.len() {
        names.insert("calls".to_owned());
    }
    for (found, expected) in found.iter().zip(expected) {
        let [found, expected] = [found, expected].map(|it| {
            let value: Value = serde_json::from_str(it).unwrap();
            value.as_object().unwrap().clone()
        });
        let differ = expected
            .iter()
            .filter(|(name, value)| found.get(*name) != Some(value));
        names.extend(differ.map(|(name, _)| name.clone()));
    }
    names
}

/// Something written and read.
struct Row {
    what: String,
    bytes: Vec<u8>,
    /// How the calls were sent.
    transport: Transport,
    may_differ: &'static [&'static str],
}

fn row(what: impl Into<String>, bytes: Vec<u8>) -> Row {
    Row {
        what: what.into(),
        bytes,
        transport: Transport::Udp,
        may_differ: &[],
    }
}

fn over(transport: Transport, what: &str, bytes: Vec<u8>) -> Row {
    Row {
        transport,
        ..row(what, bytes)
    }
}

fn tables() -> Vec<(&'static str, Vec<Row>)> {
    let packets = calls(false, Transport::Udp);
    let plain = |packets: &[Packet]| datagrams(packets, PCAP, Link::Ethernet, Wrap::Plain);
    let in_container = |it| datagrams(&packets, it, Link::Ethernet, Wrap::Plain);
    let mut containers = Vec::new();
    for it in CONTAINERS {
        containers.push(row(container_words(it), in_container(it)));
    }
    for (name, it) in [("pcap, gzipped", PCAP), ("pcapng, gzipped", PCAPNG)] {
        containers.push(row(name, gzip(&in_container(it))));
    }
    let links = LINKS.map(|it| row(link_words(it), datagrams(&packets, PCAP, it, Wrap::Plain)));
    let wraps = WRAPS.map(|it| {
        row(
            wrap_words(it),
            datagrams(&packets, PCAP, Link::Ethernet, it),
        )
    });

    let sip = |it: &Packet, _| it.bytes.to_vec();
    let nothing = |_| Vec::new();
    let heads = |by_client| {
        if by_client {
            ASKED.to_vec()
        } else {
            GRANTED.to_vec()
        }
    };
    let frame =
        |it: &Packet, by_client: bool| websocket::message(by_client.then_some(MASK), &it.bytes);
    let parts = |it: &Packet, by_client: bool| fragmented(by_client.then_some(MASK), &it.bytes, 90);
    let (all, mss) = (usize::MAX, 100);
    let six = calls(true, Transport::Udp);
    let (of_tcp, of_ws) = (Transport::Tcp, Transport::Ws);
    let transports = vec![
        row("UDP over IPv4", plain(&packets)),
        row("UDP over IPv6", plain(&six)),
        over(
            of_tcp,
            "TCP, a segment a message",
            segments(&packets, nothing, sip, all, false),
        ),
        over(
            of_tcp,
            "TCP, segments of 100 bytes",
            segments(&packets, nothing, sip, mss, false),
        ),
        over(
            of_tcp,
            "TCP, segments in the wrong order",
            segments(&packets, nothing, sip, mss, true),
        ),
        over(
            of_ws,
            "WebSocket",
            segments(&packets, heads, frame, all, false),
        ),
        over(
            of_ws,
            "WebSocket, begun before the capture",
            segments(&packets, nothing, frame, mss, false),
        ),
        over(
            of_ws,
            "WebSocket, messages in fragments",
            segments(&packets, heads, parts, mss, false),
        ),
        row(
            "HEP 1 over UDP",
            copied(&packets, |it| hep(it, Packing::Plain).v1()),
        ),
        row(
            "HEP 2 over UDP",
            copied(&packets, |it| hep(it, Packing::Plain).v2(false)),
        ),
        row(
            "HEP 3 over UDP",
            copied(&packets, |it| hep(it, Packing::Plain).v3()),
        ),
        row(
            "HEP 3 over UDP, zlib",
            copied(&packets, |it| hep(it, Packing::Zlib).v3()),
        ),
        row(
            "HEP 3 over UDP, gzip",
            copied(&packets, |it| hep(it, Packing::Gzip).v3()),
        ),
        row("HEP 3 over TCP", streamed(&packets, Packing::Plain)),
        row("HEP 3 over TCP, zlib", streamed(&packets, Packing::Zlib)),
    ];

    let (a, b) = (packets[0].source, packets[0].destination);
    let quoted = udp(a, b, &packets[0].bytes);
    let end = |from: SocketAddr, port| SocketAddr::new(from.ip(), port);
    let (client, server) = (end(a, 50_000), end(b, 5061));
    let names = [(0x82, "sip.example.net")];
    let hello = tls::client_hello(Some("sip.example.net"), &[0x303], &["sip/2"]);
    let flight = [
        tls::server_hello(tls::TLS_1_2),
        tls::certificate("sip.example.net", &names),
    ];
    let hello = tls::record(tls::HANDSHAKE, &hello);
    let flight = tls::record(tls::HANDSHAKE, &flight.concat());
    let ready = [tls::change_cipher(), tls::data(200)].concat();
    let after = |from: &[u8]| 1 + u32::try_from(from.len()).unwrap();
    let handshake = [
        tcp(client, server, 0, Flag::Syn, b""),
        tcp(server, client, 0, Flag::Syn, b""),
        tcp(client, server, 1, Flag::Data, &hello),
        tcp(server, client, 1, Flag::Data, &flight),
        tcp(client, server, after(&hello), Flag::Data, &ready),
        tcp(server, client, after(&flight), Flag::Data, &ready),
    ];
    let sound: Vec<_> = (0..50)
        .map(|it| media::rtp(8, it, u32::from(it) * 160, 7))
        .map(|rtp| udp(end(a, 4000), end(b, 5000), &rtp))
        .collect();
    let besides = vec![
        row("a TLS connection", with(&packets, &handshake)),
        row(
            "an ICMP error",
            with(&packets, &[icmp::error(false, 3, 3, [0; 4], &quoted)]),
        ),
        row(
            "a question to DNS",
            with(
                &packets,
                &[udp(
                    end(a, 40_000),
                    end(b, 53),
                    &dns::question(7, "SRV", "_sip._udp.example.net"),
                )],
            ),
        ),
        row(
            "a TCP connection that is refused",
            with(
                &packets,
                &[
                    tcp(client, server, 0, Flag::Syn, b""),
                    tcp(server, client, 0, Flag::Rst, b""),
                ],
            ),
        ),
        row("RTP", with(&packets, &sound)),
    ];

    let here = PLATFORM.parse().unwrap();
    let texts = DIALECTS.map(|it| {
        let text = print(it, &packets, here, false).into_bytes();
        Row {
            may_differ: may_differ(it.clock()),
            ..row(dialect_words(it), text)
        }
    });
    vec![
        ("Containers", containers),
        ("Link layers", links.into()),
        ("Encapsulations", wraps.into()),
        ("Transports", transports),
        ("Beside the calls", besides),
        ("Text traces", texts.into()),
    ]
}

#[test]
fn the_page_of_formats_is_fresh() {
    let mut page = String::from(
        "# The formats\n\nThree calls of 21 messages (one answered after a challenge, one refused, one \
         canceled) were written in each of these ways and read again. *Figures* are those of `calls \
         --json` ([facts.md](facts.md)): `all` means that every one of them is what was written; \
         otherwise those that the format does not carry are named. *Said* is what the reader said of \
         it, *besides* what it saw that is no message. Every container is also read with every link \
         layer and encapsulation, over IPv4 and IPv6. Made by `UPDATE_DOCS=1 cargo test docs::`.\n",
    );
    for (title, rows) in tables() {
        let _ = writeln!(
            page,
            "\n## {title}\n\n| Written as | Messages | Calls | Figures | Said, besides |\n|---|---|---|---|---|"
        );
        for row in rows {
            let expected = lines(calls(false, row.transport));
            let shown = read(&row.bytes);
            assert_eq!(shown.report.sip_messages, 21, "{}", row.what);
            let differ = differences(&shown.lines, &expected);
            for name in &differ {
                assert!(row.may_differ.contains(&&**name), "{}: {name}", row.what);
            }
            let figures = match differ.is_empty() {
                true => "all".to_owned(),
                false => {
                    let names: Vec<String> = differ.iter().map(|it| format!("`{it}`")).collect();
                    format!("all but {}", names.join(", "))
                }
            };
            let said = [shown.report.warnings, shown.besides].concat().join("; ");
            let _ = writeln!(
                page,
                "| {} | {} | {} | {figures} | {} |",
                row.what,
                shown.report.sip_messages,
                shown.lines.len(),
                cell(&said),
            );
        }
    }
    check("formats.md", &page);
}

/// Exact times and both ends say all; the fewer of them, the more is said to be missing.
#[test]
fn a_text_trace_that_carries_less_says_so() {
    let packets = calls(false, Transport::Udp);
    for it in DIALECTS {
        let text = print(it, &packets, PLATFORM.parse().unwrap(), false);
        let said = read(text.as_bytes()).report.warnings.join("; ");
        let about_time = match it.clock() {
            Clock::Exact | Clock::Seconds => None,
            Clock::NoYear => Some("dates without a year"),
            Clock::Since => Some("times count from an unknown moment"),
            Clock::Nothing => Some("no time stamps"),
        };
        let about_ends = match it.ends() {
            Ends::Both => None,
            Ends::Far => Some("only the far address"),
            Ends::Nothing => Some("without addresses"),
        };
        for about in [about_time, about_ends].into_iter().flatten() {
            assert!(said.contains(about), "{it:?}: {said}");
        }
        assert_eq!(
            about_ends.is_some(),
            said.contains("address"),
            "{it:?}: {said}"
        );
    }
}

#[test]
fn every_container_with_every_link_layer_and_encapsulation_gives_the_same_calls() {
    for v6 in [false, true] {
        let packets = calls(v6, Transport::Udp);
        let expected = lines(packets.clone());
        for link in LINKS {
            for wrap in WRAPS {
                for container in CONTAINERS {
                    let bytes = datagrams(&packets, container, link, wrap);
                    let shown = read(&bytes);
                    let what = format!("{container:?} {link:?} {wrap:?} {v6}");
                    assert_eq!(shown.lines, expected, "{what}");
                    assert_eq!(shown.report.warnings, Vec::<String>::new(), "{what}");
                }
            }
        }
    }
}

#[test]
fn the_program_prints_the_same_lines_of_each_kind() {
    let desk = Desk::new();
    for (_, rows) in tables() {
        let exact: Vec<_> = rows
            .into_iter()
            .filter(|it| it.may_differ.is_empty())
            .collect();
        // The last one of a table is the least plain.
        let row = exact.last().unwrap();
        let file = desk.file("calls", &row.bytes);
        let expected = lines(calls(false, row.transport));
        let printed = desk.run(&["calls", "--json", file]).out;
        assert_eq!(
            printed.lines().collect::<Vec<_>>(),
            expected,
            "{}",
            row.what
        );
    }
}
