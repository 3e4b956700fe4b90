//! Writes WebSocket frames and the heads before them. Shares no code with the reader that it tests.

pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const PING: u8 = 9;

/// What a client asks before the first frame, for SIP.
pub const ASKED: &[u8] = b"GET /sip HTTP/1.1\r\nHost: proxy.example.net\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://www.example.net\r\nSec-WebSocket-Protocol: chat, sip\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";
/// What the server grants.
pub const GRANTED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: sip\r\n\r\n";

/// A frame, with its length in as many bytes as it needs.
pub fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let wide = match payload.len() {
        0..126 => 0,
        126..65_536 => 2,
        _ => 8,
    };
    frame_of(first, wide, mask, payload)
}

/// A frame whose length stands in that many more bytes: 0, 2 or 8.
pub fn frame_of(first: u8, wide: usize, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let length = payload.len() as u64;
    let mut frame = vec![first];
    match wide {
        0 => frame.push(masked | u8::try_from(length).unwrap()),
        2 => {
            frame.push(masked | 126);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            frame.push(masked | 127);
            frame.extend(length.to_be_bytes());
        }
    }
    let key = mask.unwrap_or_default();
    frame.extend(mask.iter().flatten());
    frame.extend(
        payload
            .iter()
            .enumerate()
            .map(|(at, byte)| byte ^ key[at % 4]),
    );
    frame
}

/// A whole message in one frame.
pub fn message(mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    frame(0x80 | TEXT, mask, payload)
}

/// A message in fragments of this many bytes, with a ping after each but the last.
pub fn fragmented(mask: Option<[u8; 4]>, payload: &[u8], size: usize) -> Vec<u8> {
    let parts: Vec<_> = payload.chunks(size).collect();
    let mut bytes = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let opcode = if at == 0 { BINARY } else { 0 };
        let last = at + 1 == parts.len();
        bytes.extend(frame(if last { 0x80 | opcode } else { opcode }, mask, part));
        if !last {
            bytes.extend(frame(0x80 | PING, mask, b"still here"));
        }
    }
    bytes
}
