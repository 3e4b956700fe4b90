//! The reader of SIP: messages, session descriptions, redaction, and the calls made of them.

mod body;
mod call;
mod fields;
mod joining;
mod joins;
mod message;
mod names;
mod properties;
mod quick;
mod redact;
mod repeats;
mod sdp;
mod torture;

use bytes::Bytes;
use calltriage::sip::Message;

/// Reads a message written with real line ends.
pub fn read(text: impl AsRef<[u8]>) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_ref()))
}

/// An INVITE with these further header lines, each with its line end.
pub fn invite(headers: &str) -> Message {
    read(format!(
        "INVITE sip:bob@example.com SIP/2.0\r\n\
         Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-1\r\n\
         From: <sip:alice@example.com>;tag=a\r\n\
         To: <sip:bob@example.com>\r\n\
         Call-ID: c@198.51.100.10\r\n\
         CSeq: 1 INVITE\r\n\
         {headers}\r\n"
    ))
}
