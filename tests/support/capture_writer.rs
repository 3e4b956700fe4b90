//! Writes the same packets as any kind of capture file. Reads nothing, and shares no code with the
//! reader that it tests.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};

use etherparse::{IpNumber, PacketBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

/// Kinds of container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Pcap { big_endian: bool, nanoseconds: bool },
    PcapNg { big_endian: bool, nanoseconds: bool },
}

pub const PCAP: Container = Container::Pcap {
    big_endian: false,
    nanoseconds: false,
};
pub const PCAPNG: Container = Container::PcapNg {
    big_endian: false,
    nanoseconds: false,
};

pub const CONTAINERS: [Container; 8] = [
    PCAP,
    Container::Pcap {
        big_endian: true,
        nanoseconds: false,
    },
    Container::Pcap {
        big_endian: false,
        nanoseconds: true,
    },
    Container::Pcap {
        big_endian: true,
        nanoseconds: true,
    },
    PCAPNG,
    Container::PcapNg {
        big_endian: true,
        nanoseconds: false,
    },
    Container::PcapNg {
        big_endian: false,
        nanoseconds: true,
    },
    Container::PcapNg {
        big_endian: true,
        nanoseconds: true,
    },
];

/// Kinds of link layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Ethernet,
    Vlan,
    StackedVlan,
    Pppoe,
    Mpls,
    CookedV1,
    CookedV2,
    BsdNull,
    OpenBsdLoop,
    Raw,
}

pub const LINKS: [Link; 10] = [
    Link::Ethernet,
    Link::Vlan,
    Link::StackedVlan,
    Link::Pppoe,
    Link::Mpls,
    Link::CookedV1,
    Link::CookedV2,
    Link::BsdNull,
    Link::OpenBsdLoop,
    Link::Raw,
];

impl Link {
    pub fn number(self) -> u16 {
        match self {
            Link::Ethernet | Link::Vlan | Link::StackedVlan | Link::Pppoe | Link::Mpls => 1,
            Link::CookedV1 => 113,
            Link::CookedV2 => 276,
            Link::BsdNull => 0,
            Link::OpenBsdLoop => 108,
            Link::Raw => 101,
        }
    }

    /// Puts an IP packet into a frame.
    pub fn frame(self, ip: &[u8]) -> Vec<u8> {
        let v6 = ip[0] >> 4 == 6;
        let ether: &[u8] = if v6 { &[0x86, 0xdd] } else { &[0x08, 0x00] };
        let macs = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        let head = match self {
            Link::Ethernet => [&macs, ether].concat(),
            Link::Vlan => [&macs[..], &[0x81, 0x00, 0x00, 0x07], ether].concat(),
            Link::StackedVlan => [
                &macs[..],
                &[0x88, 0xa8, 0x20, 0x07, 0x81, 0x00, 0x00, 0x08],
                ether,
            ]
            .concat(),
            Link::Pppoe => [
                &macs[..],
                &[0x88, 0x64, 0x11, 0x00, 0x00, 0x01],
                &u16::try_from(ip.len() + 2).unwrap().to_be_bytes(),
                &[0x00, if v6 { 0x57 } else { 0x21 }],
            ]
            .concat(),
            Link::Mpls => [
                &macs[..],
                &[0x88, 0x47, 0, 0x01, 0x00, 64, 0, 0x02, 0x01, 63],
            ]
            .concat(),
            Link::CookedV1 => [&[0, 0, 3, 4, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0][..], ether].concat(),
            Link::CookedV2 => [
                ether,
                &[0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0],
            ]
            .concat(),
            Link::BsdNull => vec![if v6 { 30 } else { 2 }, 0, 0, 0],
            Link::OpenBsdLoop => vec![0, 0, 0, if v6 { 24 } else { 2 }],
            Link::Raw => Vec::new(),
        };
        let mut frame = [&head, ip].concat();
        if matches!(self, Link::Ethernet | Link::Vlan) {
            // Ethernet's shortest frame.
            frame.resize(frame.len().max(60), 0);
        }
        frame
    }
}

/// A UDP datagram as an IP packet.
pub fn udp(source: SocketAddr, destination: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let ports = (source.port(), destination.port());
    match (source.ip(), destination.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), 64)
            .udp(ports.0, ports.1)
            .write(&mut packet, payload),
        (IpAddr::V6(from), IpAddr::V6(to)) => PacketBuilder::ipv6(from.octets(), to.octets(), 64)
            .udp(ports.0, ports.1)
            .write(&mut packet, payload),
        _ => panic!("two families in one packet"),
    }
    .unwrap();
    packet
}

/// What stands between the link layer and the packet with the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    Plain,
    /// Extension headers, or for IPv4 options and an authentication header.
    Extended,
    InV4,
    InV6,
    Gre,
    /// With checksum, key and sequence number.
    GreWithFields,
    GreEthernet,
    /// Of this version.
    Erspan(u8),
    Vxlan,
    OldVxlan,
    Geneve,
    GtpU,
    /// With sequence number and two extension headers.
    GtpUExtended,
    Fragments,
    FragmentsReversed,
    /// Each fragment in a tunnel of its own.
    FragmentsInGre,
    /// The tunnel's packets are fragmented.
    FragmentedVxlan,
    /// Four tunnels and extension headers.
    Deep,
}

pub const WRAPS: [Wrap; 20] = [
    Wrap::Plain,
    Wrap::Extended,
    Wrap::InV4,
    Wrap::InV6,
    Wrap::Gre,
    Wrap::GreWithFields,
    Wrap::GreEthernet,
    Wrap::Erspan(1),
    Wrap::Erspan(2),
    Wrap::Erspan(3),
    Wrap::Vxlan,
    Wrap::OldVxlan,
    Wrap::Geneve,
    Wrap::GtpU,
    Wrap::GtpUExtended,
    Wrap::Fragments,
    Wrap::FragmentsReversed,
    Wrap::FragmentsInGre,
    Wrap::FragmentedVxlan,
    Wrap::Deep,
];

impl Wrap {
    /// The IP packets that carry this one, in the order of their frames.
    pub fn packets(self, ip: &[u8], id: u16) -> Vec<Vec<u8>> {
        let one = match self {
            Wrap::Plain => ip.to_vec(),
            Wrap::Extended => extended(ip),
            Wrap::InV4 => outer(false, if is_v6(ip) { 41 } else { 4 }, ip),
            Wrap::InV6 => outer(true, if is_v6(ip) { 41 } else { 4 }, ip),
            Wrap::Gre => gre(&[0, 0], &[], ip),
            Wrap::GreWithFields => gre(&[0xb0, 0], &[9; 12], ip),
            Wrap::GreEthernet => {
                let frame = Link::StackedVlan.frame(ip);
                outer(
                    true,
                    47,
                    &[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 7], &frame[..]].concat(),
                )
            }
            Wrap::Vxlan => {
                let frame = Link::Vlan.frame(ip);
                tunnel_udp(4789, &[&[8, 0, 0, 0, 0, 0, 7, 0], &frame[..]].concat())
            }
            Wrap::OldVxlan => tunnel_udp(
                8472,
                &[&[8, 0, 0, 0, 0, 0, 7, 0], &Link::Ethernet.frame(ip)[..]].concat(),
            ),
            Wrap::Geneve => tunnel_udp(
                6081,
                &[
                    &[2, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 1, 0x80, 1, 0, 0, 0, 9],
                    &Link::Ethernet.frame(ip)[..],
                ]
                .concat(),
            ),
            Wrap::Erspan(version) => {
                let head: &[u8] = match version {
                    1 => &[0, 0, 0x88, 0xbe],
                    2 => &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 7, 0, 5, 0, 0, 0, 3],
                    // With the eight bytes of a switch's own.
                    _ => &[
                        0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 7, 0, 5, 1, 2, 3, 4, 0, 0, 0, 1, 9,
                        9, 9, 9, 9, 9, 9, 9,
                    ],
                };
                outer(false, 47, &[head, &Link::Ethernet.frame(ip)[..]].concat())
            }
            Wrap::GtpU => gtp_u(0x30, &[], ip),
            Wrap::GtpUExtended => gtp_u(
                0x36,
                &[0, 1, 0, 0x85, 1, 0, 0, 0x20, 2, 0, 0, 0, 0, 0, 0, 0],
                ip,
            ),
            Wrap::Fragments => return fragments(ip, id, 64),
            Wrap::FragmentsReversed => return fragments(ip, id, 64).into_iter().rev().collect(),
            Wrap::FragmentsInGre => {
                let parts = fragments(ip, id, 256);
                return parts.iter().map(|it| gre(&[0, 0], &[], it)).collect();
            }
            Wrap::FragmentedVxlan => {
                return fragments(&Wrap::Vxlan.packets(ip, id)[0], id, 256);
            }
            Wrap::Deep => [
                Wrap::Extended,
                Wrap::Vxlan,
                Wrap::InV6,
                Wrap::GtpU,
                Wrap::Gre,
            ]
            .iter()
            .fold(ip.to_vec(), |ip, wrap| wrap.packets(&ip, id).remove(0)),
        };
        vec![one]
    }
}

fn is_v6(ip: &[u8]) -> bool {
    ip[0] >> 4 == 6
}

/// An IP packet between the ends of a tunnel.
pub fn outer(v6: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    if v6 {
        // The builder takes no number that is an extension's.
        PacketBuilder::ipv6([0xfd; 16], [0xfc; 16], 64).write(&mut packet, IpNumber(4), payload)
    } else {
        PacketBuilder::ipv4([10, 9, 0, 1], [10, 9, 0, 2], 64).write(
            &mut packet,
            IpNumber(4),
            payload,
        )
    }
    .unwrap();
    packet[if v6 { 6 } else { 9 }] = protocol;
    packet
}

fn gre(flags: &[u8], fields: &[u8], ip: &[u8]) -> Vec<u8> {
    let kind: &[u8] = if is_v6(ip) { &[0x86, 0xdd] } else { &[8, 0] };
    outer(false, 47, &[flags, kind, fields, ip].concat())
}

fn gtp_u(flags: u8, fields: &[u8], ip: &[u8]) -> Vec<u8> {
    let length = u16::try_from(fields.len() + ip.len())
        .unwrap()
        .to_be_bytes();
    let head = [flags, 255, length[0], length[1], 0, 0, 0, 1];
    tunnel_udp(2152, &[&head, fields, ip].concat())
}

fn tunnel_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let end = |last, port| SocketAddr::new(IpAddr::from([10, 9, 0, last]), port);
    udp(end(1, 50_000), end(2, port), payload)
}

/// The packet with headers put between that of IP and its payload.
fn extended(ip: &[u8]) -> Vec<u8> {
    const AUTHENTICATION: u8 = 51;
    let authentication = |next| [&[next, 4][..], &[0; 22]].concat();
    if !is_v6(ip) {
        let (header, payload) = ip.split_at(20);
        let options = [1, 1, 1, 0];
        let mut packet = [header, &options, &authentication(ip[9]), payload].concat();
        let length = u16::try_from(packet.len()).unwrap().to_be_bytes();
        packet[0] = 0x46;
        packet[2..4].copy_from_slice(&length);
        packet[9] = AUTHENTICATION;
        return packet;
    }
    let (header, payload) = ip.split_at(40);
    let extensions = [
        &[43, 0, 1, 4, 0, 0, 0, 0][..], // hop by hop
        &[
            60, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ], // routing
        &[44, 0, 1, 4, 0, 0, 0, 0],     // destination
        &[AUTHENTICATION, 0, 0, 0, 1, 2, 3, 4], // fragment, but whole
        &authentication(ip[6]),
    ];
    let mut packet = [header, &extensions.concat(), payload].concat();
    let length = u16::try_from(packet.len() - 40).unwrap().to_be_bytes();
    packet[4..6].copy_from_slice(&length);
    packet[6] = 0;
    packet
}

/// The packet cut into fragments of this many bytes.
pub fn fragments(ip: &[u8], id: u16, size: usize) -> Vec<Vec<u8>> {
    let length = ip.len() - if is_v6(ip) { 40 } else { 20 };
    (0..length)
        .step_by(size)
        .map(|from| fragment(ip, id, from, length.min(from + size)))
        .collect()
}

/// A fragment with this part of the packet's payload.
pub fn fragment(ip: &[u8], id: u16, from: usize, to: usize) -> Vec<u8> {
    assert_eq!(from % 8, 0);
    let id = id.to_be_bytes();
    let position = u16::try_from(from).unwrap();
    if is_v6(ip) {
        let (header, payload) = ip.split_at(40);
        let more = u16::from(to < payload.len());
        let position = (position | more).to_be_bytes();
        let extension = [header[6], 0, position[0], position[1], 0, 0, id[0], id[1]];
        let mut packet = [header, &extension, &payload[from..to]].concat();
        packet[4..6].copy_from_slice(&u16::try_from(to - from + 8).unwrap().to_be_bytes());
        packet[6] = 44;
        packet
    } else {
        let (header, payload) = ip.split_at(20);
        let more = if to < payload.len() { 0x2000 } else { 0 };
        let mut packet = [header, &payload[from..to]].concat();
        packet[2..4].copy_from_slice(&u16::try_from(to - from + 20).unwrap().to_be_bytes());
        packet[4..6].copy_from_slice(&id);
        packet[6..8].copy_from_slice(&((position / 8) | more).to_be_bytes());
        packet
    }
}

/// The bytes as a gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a TCP segment is besides its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    Syn,
    Data,
    Fin,
    Rst,
}

/// A TCP segment as an IP packet.
pub fn tcp(
    source: SocketAddr,
    destination: SocketAddr,
    sequence: u32,
    flag: Flag,
    payload: &[u8],
) -> Vec<u8> {
    let mut packet = Vec::new();
    macro_rules! finish {
        ($step:expr) => {{
            let step = $step.tcp(source.port(), destination.port(), sequence, 8192);
            match flag {
                Flag::Syn => step.syn(),
                Flag::Data => step.ack(1).psh(),
                Flag::Fin => step.ack(1).fin(),
                Flag::Rst => step.rst(),
            }
            .write(&mut packet, payload)
        }};
    }
    match (source.ip(), destination.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            finish!(PacketBuilder::ipv4(from.octets(), to.octets(), 64))
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            finish!(PacketBuilder::ipv6(from.octets(), to.octets(), 64))
        }
        _ => panic!("two families in one packet"),
    }
    .unwrap();
    packet
}

/// Writes frames into a container.
pub struct Writer {
    container: Container,
    link: u16,
    /// The file so far.
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn new(container: Container, link: u16) -> Writer {
        let mut writer = Writer {
            container,
            link,
            bytes: Vec::new(),
        };
        match container {
            Container::Pcap { nanoseconds, .. } => {
                let magic = if nanoseconds {
                    0xa1b2_3c4d
                } else {
                    0xa1b2_c3d4
                };
                let header = [
                    writer.u32(magic).to_vec(),
                    writer.u16(2).to_vec(),
                    writer.u16(4).to_vec(),
                    vec![0; 8],
                    writer.u32(262_144).to_vec(),
                    writer.u32(u32::from(link)).to_vec(),
                ];
                writer.bytes = header.concat();
            }
            Container::PcapNg { nanoseconds, .. } => {
                writer.section();
                writer.interface(
                    link,
                    &if nanoseconds {
                        vec![(9, vec![9])]
                    } else {
                        vec![]
                    },
                );
            }
        }
        writer
    }

    /// A frame on the first interface.
    pub fn frame(&mut self, at: Timestamp, frame: &[u8]) {
        let (_, nanoseconds) = self.order();
        let seconds = u32::try_from(at.as_second()).unwrap();
        let rest =
            u32::try_from(at.subsec_nanosecond()).unwrap() / if nanoseconds { 1 } else { 1000 };
        let length = u32::try_from(frame.len()).unwrap();
        if matches!(self.container, Container::Pcap { .. }) {
            for word in [seconds, rest, length, length] {
                let word = self.u32(word);
                self.bytes.extend(word);
            }
            self.bytes.extend(frame);
        } else {
            let per_second = if nanoseconds {
                1_000_000_000
            } else {
                1_000_000
            };
            self.enhanced(0, u64::from(seconds) * per_second + u64::from(rest), frame);
        }
    }

    /// pcapng: a new section.
    pub fn section(&mut self) {
        let body = [
            self.u32(0x1a2b_3c4d).to_vec(),
            self.u16(1).to_vec(),
            self.u16(0).to_vec(),
            vec![0xff; 8],
        ];
        self.block(0x0a0d_0d0a, &body.concat());
    }

    /// pcapng: an interface with options.
    pub fn interface(&mut self, link: u16, options: &[(u16, Vec<u8>)]) {
        let mut body = [self.u16(link).to_vec(), vec![0; 2], self.u32(0).to_vec()].concat();
        for (code, value) in options {
            body.extend(self.u16(*code));
            body.extend(self.u16(u16::try_from(value.len()).unwrap()));
            body.extend(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        if !options.is_empty() {
            body.extend([0; 4]);
        }
        self.block(1, &body);
    }

    /// pcapng: a packet with its time in the units of its interface.
    pub fn enhanced(&mut self, interface: u32, units: u64, frame: &[u8]) {
        let length = u32::try_from(frame.len()).unwrap();
        let (high, low) = ((units >> 32) as u32, units as u32);
        let mut body = Vec::new();
        for word in [interface, high, low, length, length] {
            body.extend(self.u32(word));
        }
        body.extend(frame);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(6, &body);
    }

    /// pcapng: a packet without a time.
    pub fn simple(&mut self, frame: &[u8]) {
        let mut body = self.u32(u32::try_from(frame.len()).unwrap()).to_vec();
        body.extend(frame);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(3, &body);
    }

    /// pcapng: any block.
    pub fn block(&mut self, kind: u32, body: &[u8]) {
        let length = self.u32(u32::try_from(body.len() + 12).unwrap());
        let kind = self.u32(kind);
        self.bytes.extend([&kind, &length, body, &length].concat());
    }

    /// A frame that holds an IP packet, on the link layer that the number of this writer names.
    pub fn ip(&mut self, at: Timestamp, packet: &[u8]) {
        let link = *LINKS
            .iter()
            .find(|link| link.number() == self.link)
            .unwrap();
        self.frame(at, &link.frame(packet));
    }

    fn order(&self) -> (bool, bool) {
        match self.container {
            Container::Pcap {
                big_endian,
                nanoseconds,
            }
            | Container::PcapNg {
                big_endian,
                nanoseconds,
            } => (big_endian, nanoseconds),
        }
    }

    pub fn u32(&self, value: u32) -> [u8; 4] {
        if self.order().0 {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn u16(&self, value: u16) -> [u8; 2] {
        if self.order().0 {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }
}
