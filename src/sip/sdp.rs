//! Session descriptions (RFC 8866), as far as they tell where media should flow and in which
//! formats. Never fails; keeps no key material.

use std::net::{IpAddr, SocketAddr};

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sdp {
    /// The whole `o=` value after the letter: who made the description, and its version.
    pub origin: String,
    /// The session-level `c=` address as written.
    pub connection: Option<String>,
    /// One entry an `m=` line, in order.
    pub media: Vec<Media>,
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
    /// The port for RTCP where it is not the next one (`a=rtcp`, RFC 3605), and its own address
    /// where it has one.
    pub rtcp: Option<(u16, Option<String>)>,
    /// Whether keys for SRTP stand in it (`a=crypto`, RFC 4568). They are not kept.
    pub has_crypto: bool,
    /// Whether a certificate for DTLS-SRTP is named, here or for the session (`a=fingerprint`,
    /// RFC 5763).
    pub has_fingerprint: bool,
    /// Whether it names further addresses to try (`a=candidate`, RFC 8839): media may take another
    /// way than to the address above.
    pub has_candidates: bool,
}

/// One format of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// The payload type or other format token, as written in `m=`.
    pub token: String,
    /// The codec's name in upper case: from `a=rtpmap`, else from the static table of RFC 3551.
    pub codec: Option<String>,
    /// The clock of its timestamps in Hz, where `a=rtpmap` gives it.
    pub clock_rate: Option<u32>,
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
        let mut session_direction = Direction::default();
        let mut session_fingerprint = false;
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
                    media.direction = session_direction;
                    media.has_fingerprint = session_fingerprint;
                    sdp.media.push(media);
                }
                ("a", None) => {
                    session_fingerprint |= value.starts_with("fingerprint:");
                    session_direction = Direction::parse(value).unwrap_or(session_direction);
                }
                ("a", Some(media)) => media.attribute(value),
                _ => {}
            }
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
        let words: Vec<&str> = self.origin.split_whitespace().collect();
        match words.as_slice() {
            [user, session, _, _, _, address, ..] => Some(format!("{user} {session} {address}")),
            _ => None,
        }
    }
}

/// There are 128 RTP payload types; a longer list is no offer and only costs time.
const MOST_FORMATS: usize = 256;

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
            .map(|token| Format {
                token: token.to_owned(),
                codec: token.parse().ok().and_then(static_codec).map(str::to_owned),
                clock_rate: None,
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

    fn attribute(&mut self, value: &str) {
        if let Some(direction) = Direction::parse(value.trim()) {
            self.direction = direction;
        } else if let Some(map) = value.strip_prefix("rtpmap:") {
            let Some((token, encoding)) = map.trim().split_once(' ') else {
                return;
            };
            let mut parts = encoding.trim().split('/');
            let codec = parts.next().unwrap_or_default();
            let clock_rate = parts.next().and_then(|rate| rate.trim().parse().ok());
            let format = self.formats.iter_mut().find(|format| format.token == token);
            if let Some(format) = format {
                format.codec = Some(codec.to_ascii_uppercase());
                format.clock_rate = clock_rate;
            }
        } else if let Some(rtcp) = value.strip_prefix("rtcp:") {
            let port = rtcp.split_whitespace().next();
            self.rtcp = port.and_then(|port| port.parse().ok()).map(|port| {
                (
                    port,
                    connection_address(rtcp.split_once(' ').map_or("", |it| it.1)),
                )
            });
        }
        self.has_crypto |= value.starts_with("crypto:");
        self.has_fingerprint |= value.starts_with("fingerprint:");
        self.has_candidates |= value.starts_with("candidate:");
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
        if let Some((port, address)) = &self.rtcp {
            let ip = address.as_deref().and_then(|address| address.parse().ok());
            return Some(SocketAddr::new(ip.unwrap_or(rtp.ip()), *port));
        }
        Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
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

/// The static payload types that are met in practice (RFC 3551 section 6).
fn static_codec(payload_type: u8) -> Option<&'static str> {
    Some(match payload_type {
        0 => "PCMU",
        3 => "GSM",
        4 => "G723",
        8 => "PCMA",
        9 => "G722",
        13 => "CN",
        15 => "G728",
        18 => "G729",
        26 => "JPEG",
        31 => "H261",
        34 => "H263",
        _ => return None,
    })
}
