//! `ClientHello` and `ServerHello` (RFC 8446 section 4.1): names and versions. Reads no cipher and
//! no key.

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientHello {
    /// The server's name (RFC 6066 section 3).
    pub server_name: Option<String>,
    /// The highest version offered, as on the wire.
    pub version: u16,
    /// Whether SIP is among the application protocols offered (RFC 7301 section 6: `sip/2`).
    pub offers_sip: bool,
}

/// What a server settles on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerHello {
    /// The version agreed, as on the wire.
    pub version: u16,
}

/// TLS 1.3 as on the wire.
pub const TLS_1_3: u16 = 0x0304;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
/// The longest name of the DNS.
const LONGEST_NAME: usize = 255;

impl ClientHello {
    /// Reads the body of the handshake message, without its type and length.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<ClientHello> {
        let (version, rest) = u16_of(body)?;
        let rest = rest.get(32..)?;
        let (_session, rest) = short(rest)?;
        let (_ciphers, rest) = long(rest)?;
        let (_compressions, rest) = short(rest)?;
        let mut hello = ClientHello {
            version,
            ..ClientHello::default()
        };
        for (kind, value) in extensions(rest) {
            match kind {
                SERVER_NAME => hello.server_name = server_name(value),
                ALPN => hello.offers_sip = offers_sip(value),
                SUPPORTED_VERSIONS => {
                    let highest = short(value).and_then(|(list, _)| highest(list));
                    hello.version = highest.unwrap_or(version);
                }
                _ => {}
            }
        }
        Some(hello)
    }
}

impl ServerHello {
    /// Reads the body of the handshake message, without its type and length.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<ServerHello> {
        let (legacy, rest) = u16_of(body)?;
        let (_session, rest) = short(rest.get(32..)?)?;
        // A cipher and a compression.
        let rest = rest.get(3..)?;
        let chosen = extensions(rest).find(|(kind, _)| *kind == SUPPORTED_VERSIONS);
        let version = chosen.and_then(|(_, value)| u16_of(value));
        Some(ServerHello {
            version: version.map_or(legacy, |(version, _)| version),
        })
    }
}

/// A version's name, as in `TLS 1.2`; `None` for numbers that are no version.
#[must_use]
pub fn version_name(version: u16) -> Option<&'static str> {
    Some(match version {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        TLS_1_3 => "TLS 1.3",
        _ => return None,
    })
}

/// Type and value of each extension; none where the client knows no extensions.
fn extensions(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = long(bytes).map_or(&[][..], |(list, _)| list);
    std::iter::from_fn(move || {
        let (kind, behind) = u16_of(rest)?;
        let (value, behind) = long(behind)?;
        rest = behind;
        Some((kind, value))
    })
}

fn server_name(value: &[u8]) -> Option<String> {
    const HOST_NAME: u8 = 0;
    let (list, _) = long(value)?;
    let (kind, rest) = list.split_first()?;
    let (name, _) = long(rest)?;
    let sound = *kind == HOST_NAME
        && (1..=LONGEST_NAME).contains(&name.len())
        && name.iter().all(u8::is_ascii_graphic);
    sound.then(|| String::from_utf8_lossy(name).into_owned())
}

fn offers_sip(value: &[u8]) -> bool {
    let mut rest = long(value).map_or(&[][..], |(list, _)| list);
    while let Some((name, behind)) = short(rest) {
        if name == b"sip" || name.starts_with(b"sip/") {
            return true;
        }
        rest = behind;
    }
    false
}

/// The highest version of a list; some of its numbers mean nothing on purpose (RFC 8701).
fn highest(list: &[u8]) -> Option<u16> {
    list.chunks_exact(2)
        .filter_map(|pair| pair.first_chunk().copied().map(u16::from_be_bytes))
        .filter(|version| version_name(*version).is_some())
        .max()
}

fn u16_of(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), rest))
}

/// A value with one byte of length before it.
fn short(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// A value with two bytes of length before it.
fn long(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = u16_of(bytes)?;
    rest.split_at_checked(usize::from(length))
}
