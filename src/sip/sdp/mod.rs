//! Session descriptions (RFC 8866), as far as they tell where media should flow and in which
//! formats. Never fails; keeps no key material.

mod fax;
mod ice;
mod security;

use std::net::{IpAddr, SocketAddr};

pub use fax::T38;
pub use ice::{Candidate, Ice};
pub use security::{Crypto, Security, Setup};

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sdp {
    /// The whole `o=` value after the letter: who made the description, and its version.
    pub origin: String,
    /// The session-level `c=` address as written.
    pub connection: Option<String>,
    /// One entry an `m=` line, in order.
    pub media: Vec<Media>,
    /// Whether its sender does ICE as a server on a public address does (RFC 8839 section 5.3).
    pub ice_lite: bool,
}

/// One media description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Media {
    /// `audio`, `video`, `image`.
    pub kind: String,
    /// The port; 0 means refused or ended (RFC 3264 section 6).
    pub port: u16,
    /// The transport as written, `RTP/AVP`.
    pub protocol: String,
    /// The formats in order of preference.
    pub formats: Vec<Format>,
    /// The `c=` address in force for this stream, its own or the session's.
    pub address: Option<String>,
    /// In which direction its sender will send and receive.
    pub direction: Direction,
    /// How the media are encrypted, its own lines or the session's. No key is kept.
    pub security: Security,
    /// How a way through NATs is looked for, its own lines and the session's.
    pub ice: Ice,
    /// Fax over IP (ITU-T T.38), where there is any attribute of it.
    pub t38: Option<T38>,
    /// How many milliseconds of audio a packet shall have (RFC 8866 section 6.4).
    pub ptime: Option<u32>,
    /// How many milliseconds of audio a packet may have.
    pub maxptime: Option<u32>,
    /// The port for RTCP, where one is written (RFC 3605).
    pub rtcp_port: Option<u16>,
    /// The address for RTCP, where one is written with the port.
    pub rtcp_address: Option<String>,
    /// Whether RTCP comes on the port of RTP (RFC 5761).
    pub rtcp_mux: bool,
}

/// One format of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// The payload type or other format token, as written in `m=`.
    pub token: String,
    /// The codec's name in upper case: from `a=rtpmap`, else from the static table of RFC 3551.
    pub codec: Option<String>,
    /// The RTP clock in Hz, from where the codec is.
    pub clock: Option<u32>,
}

/// RFC 3264 section 5.1; absent means `sendrecv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// Its sender only sends.
    SendOnly,
    /// Its sender only receives.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    fn parse(attribute: &str) -> Option<Direction> {
        Some(match attribute {
            "sendrecv" => Direction::SendRecv,
            "sendonly" => Direction::SendOnly,
            "recvonly" => Direction::RecvOnly,
            "inactive" => Direction::Inactive,
            _ => return None,
        })
    }
}

impl Sdp {
    /// Reads a description; lines that mean nothing to diagnosis are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Sdp {
        let mut sdp = Sdp::default();
        // What stands before the first stream holds for each that says nothing itself.
        let mut session = Media::default();
        for line in text.lines() {
            let Some((kind, value)) = line.trim().split_once('=') else {
                continue;
            };
            match (kind, sdp.media.last_mut()) {
                ("o", _) => sdp.origin = value.trim().to_owned(),
                ("c", None) => sdp.connection = connection_address(value),
                ("c", Some(media)) => media.address = connection_address(value),
                ("m", _) => {
                    let mut media = Media::parse(value);
                    media.address = sdp.connection.clone();
                    media.direction = session.direction;
                    sdp.media.push(media);
                }
                ("a", None) => {
                    sdp.ice_lite |= value.trim().eq_ignore_ascii_case("ice-lite");
                    session.attribute(value);
                }
                ("a", Some(media)) => media.attribute(value),
                _ => {}
            }
        }
        for media in &mut sdp.media {
            media.security.inherit(&session.security);
            media.ice.inherit(&session.ice);
            media.ptime = media.ptime.or(session.ptime);
            media.maxptime = media.maxptime.or(session.maxptime);
        }
        sdp
    }

    /// The first audio stream.
    #[must_use]
    pub fn audio(&self) -> Option<&Media> {
        self.media.iter().find(|media| media.kind == "audio")
    }

    /// The parts of `o=` that stay the same while a description is passed on unchanged:
    /// user name, session id and address.
    #[must_use]
    pub fn origin_key(&self) -> Option<String> {
        origin_key(&self.origin)
    }
}

/// The same of the value of `o=` alone.
pub(super) fn origin_key(origin: &str) -> Option<String> {
    let mut words = origin.split_whitespace();
    let (user, session) = (words.next()?, words.next()?);
    let address = words.nth(3)?;
    Some([user, " ", session, " ", address].concat())
}

/// There are 128 RTP payload types; a longer list is no offer and only costs time.
const MOST_FORMATS: usize = 256;

impl Format {
    /// Whether it means the same as another one: the codec and its clock (RFC 3264 section 6.1), as far as they are
    /// known. The annexes of G.729 are negotiated by parameters (RFC 4856 section 2.1.9): they make no other codec.
    #[must_use]
    pub fn is_same_as(&self, other: &Format) -> bool {
        let name = |it: &Format| {
            let name = it.codec.clone()?;
            let is_annex = matches!(name.as_str(), "G729A" | "G729B" | "G729AB");
            Some(if is_annex { "G729".to_owned() } else { name })
        };
        let same_clock = match (self.clock, other.clock) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        // Its clock is 8 000 Hz, and is often given as 16 000 (RFC 3551 section 4.5.2).
        let is_g722 = self.codec.as_deref() == Some("G722");
        name(self) == name(other) && (same_clock || is_g722)
    }
}

impl Media {
    fn parse(value: &str) -> Media {
        let mut words = value.split_whitespace();
        let kind = words.next().unwrap_or_default().to_ascii_lowercase();
        // `m=audio 49170/2`: a count of ports may follow.
        let port = words
            .next()
            .and_then(|port| port.split('/').next()?.parse().ok());
        let protocol = words.next().unwrap_or_default().to_owned();
        let formats = words
            .take(MOST_FORMATS)
            .map(|token| {
                let known = token.parse().ok().and_then(static_codec);
                Format {
                    token: token.to_owned(),
                    codec: known.map(|(codec, _)| codec.to_owned()),
                    clock: known.map(|(_, clock)| clock),
                }
            })
            .collect();
        Media {
            kind,
            port: port.unwrap_or(0),
            protocol,
            formats,
            ..Media::default()
        }
    }

    fn attribute(&mut self, text: &str) {
        let text = text.trim();
        if let Some(direction) = Direction::parse(text) {
            self.direction = direction;
            return;
        }
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let (name, value) = (name.trim(), value.trim());
        match name {
            "rtpmap" => self.rtpmap(value),
            "ptime" => self.ptime = value.parse().ok(),
            "maxptime" => self.maxptime = value.parse().ok(),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtcp" => {
                let (port, address) = value.split_once(' ').unwrap_or((value, ""));
                self.rtcp_port = port.parse().ok();
                self.rtcp_address = connection_address(address);
            }
            _ => {
                let _ = self.security.attribute(name, value)
                    || self.ice.attribute(name, value)
                    || T38::attribute(&mut self.t38, name, value);
            }
        }
    }

    /// `96 opus/48000/2`.
    fn rtpmap(&mut self, value: &str) {
        let Some((token, encoding)) = value.split_once(' ') else {
            return;
        };
        let mut parts = encoding.trim().split('/');
        let codec = parts.next().unwrap_or_default();
        let clock = parts.next().and_then(|clock| clock.trim().parse().ok());
        let format = self.formats.iter_mut().find(|format| format.token == token);
        if let Some(format) = format {
            format.codec = Some(codec.to_ascii_uppercase());
            format.clock = clock;
        }
    }

    /// Whether it goes over RTP, encrypted or not.
    #[must_use]
    pub fn is_rtp(&self) -> bool {
        self.has_protocol(&["AVP", "AVPF", "SAVP", "SAVPF"])
    }

    /// Whether it goes over SRTP (RFC 3711): the profiles SAVP and SAVPF, keyed in any way.
    #[must_use]
    pub fn is_srtp(&self) -> bool {
        self.has_protocol(&["SAVP", "SAVPF"])
    }

    /// Whether the keys come by DTLS (RFC 5764): `UDP/TLS/RTP/SAVPF`.
    #[must_use]
    pub fn is_dtls(&self) -> bool {
        self.has_protocol(&["TLS", "DTLS"])
    }

    /// Whether it goes over UDPTL, as T.38 fax mostly does.
    #[must_use]
    pub fn is_udptl(&self) -> bool {
        self.has_protocol(&["UDPTL"])
    }

    /// Whether it is T.38 fax, over whatever transport.
    #[must_use]
    pub fn is_t38(&self) -> bool {
        let is_t38 = |format: &Format| format.token.eq_ignore_ascii_case("t38");
        self.kind == "image" && (self.is_udptl() || self.formats.iter().any(is_t38))
    }

    fn has_protocol(&self, any: &[&str]) -> bool {
        self.protocol
            .split('/')
            .any(|part| any.iter().any(|one| part.eq_ignore_ascii_case(one)))
    }

    /// The payload types for pressed digits (RFC 4733), each with its clock.
    pub fn telephone_events(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.formats
            .iter()
            .filter(|format| format.codec.as_deref() == Some("TELEPHONE-EVENT"))
            .map(|format| (format.token.as_str(), format.clock))
    }

    /// The address as an IP address, where it is one and not the zero address of an old hold.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address
            .as_deref()?
            .parse()
            .ok()
            .filter(|ip: &IpAddr| !ip.is_unspecified())
    }

    /// Where its sender wants to get RTP; nothing where it wants none or names no IP address.
    #[must_use]
    pub fn endpoint(&self) -> Option<SocketAddr> {
        let ip = self.ip()?;
        (self.port != 0).then(|| SocketAddr::new(ip, self.port))
    }

    /// Where its sender wants to get RTCP that does not share the port of RTP: as it says, else at
    /// the next port (RFC 3550 section 11).
    #[must_use]
    pub fn rtcp_endpoint(&self) -> Option<SocketAddr> {
        let rtp = self.endpoint()?;
        let written = self.rtcp_address.as_deref();
        let ip = written.and_then(|address| address.parse().ok());
        let next = || rtp.port().checked_add(1);
        Some(SocketAddr::new(
            ip.unwrap_or(rtp.ip()),
            self.rtcp_port.or_else(next)?,
        ))
    }

    /// Whether its sender is on hold, or holds: not both will send and receive, or its address is
    /// the zero address of old (RFC 3264 section 8.4).
    #[must_use]
    pub fn is_held(&self) -> bool {
        let zero = |address: &str| {
            let ip: Option<IpAddr> = address.parse().ok();
            ip.is_some_and(|ip| ip.is_unspecified())
        };
        self.direction != Direction::SendRecv || self.address.as_deref().is_some_and(zero)
    }

    /// The codecs by name, without telephone-event and comfort noise; unknown dynamic payload
    /// types are left out.
    #[must_use]
    pub fn codecs(&self) -> Vec<&str> {
        self.formats
            .iter()
            .filter_map(|format| format.codec.as_deref())
            .filter(|codec| !matches!(*codec, "TELEPHONE-EVENT" | "CN"))
            .collect()
    }
}

/// `IN IP4 203.0.113.9/127` gives the address.
fn connection_address(value: &str) -> Option<String> {
    let address = value.split_whitespace().nth(2)?;
    Some(address.split('/').next().unwrap_or(address).to_owned())
}

/// The static payload types that are met in practice, each with its clock (RFC 3551 section 6).
fn static_codec(payload_type: u8) -> Option<(&'static str, u32)> {
    Some(match payload_type {
        0 => ("PCMU", 8000),
        3 => ("GSM", 8000),
        4 => ("G723", 8000),
        8 => ("PCMA", 8000),
        9 => ("G722", 8000),
        13 => ("CN", 8000),
        15 => ("G728", 8000),
        18 => ("G729", 8000),
        26 => ("JPEG", 90_000),
        31 => ("H261", 90_000),
        34 => ("H263", 90_000),
        _ => return None,
    })
}
