//! Session descriptions (RFC 8866), as far as they tell where media should flow and in which
//! formats. Never fails; keeps no key material.

use std::net::IpAddr;

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
}

/// One format of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// The payload type or other format token, as written in `m=`.
    pub token: String,
    /// The codec's name in upper case: from `a=rtpmap`, else from the static table of RFC 3551.
    pub codec: Option<String>,
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
                    sdp.media.push(media);
                }
                ("a", None) => {
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
            let codec = encoding.trim().split('/').next().unwrap_or_default();
            let format = self.formats.iter_mut().find(|format| format.token == token);
            if let Some(format) = format {
                format.codec = Some(codec.to_ascii_uppercase());
            }
        }
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
