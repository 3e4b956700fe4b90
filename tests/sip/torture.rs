//! The list of RFC 4475, a test each under the RFC's name for it; the messages are written anew to
//! each one's description.

mod invalid;
mod layers;
mod valid;

use calltriage::sip::{Deviation, Message, Method};

use super::read;

/// Lines with real line ends, each without what indents it here. A line of its own that begins
/// with `_` continues the header before it.
fn lines(text: &str) -> String {
    text.trim_start()
        .trim_end_matches(' ')
        .lines()
        .map(str::trim_start)
        .map(|line| match line.strip_prefix('_') {
            Some(folded) => format!(" {folded}\r\n"),
            None => format!("{line}\r\n"),
        })
        .collect()
}

/// A message made of lines, then a body with its Content-Length.
fn with_body(head: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = lines(head);
    let length = body.len();
    let head = format!("{head}Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Reads a message in which nothing is wrong.
#[track_caller]
fn valid(bytes: impl AsRef<[u8]>) -> Message {
    invalid(bytes, &[])
}

/// Reads a message in which exactly this is wrong.
#[track_caller]
fn invalid(bytes: impl AsRef<[u8]>, expected: &[Deviation]) -> Message {
    let message = read(bytes);
    assert_eq!(message.check(), expected);
    message
}

/// Method, Request-URI, user of From and of To, their tags, CSeq number and method.
fn gist(message: &Message) -> String {
    let line = message.request_method().map(Method::as_str).unwrap_or("-");
    let cseq = message.cseq();
    format!(
        "{line} {}>{} {}>{} {} {}",
        message.from_user(),
        message.to_user(),
        message.from_tag().as_deref().unwrap_or("-"),
        message.to_tag().as_deref().unwrap_or("-"),
        cseq.as_ref().map_or(0, |cseq| cseq.number),
        cseq.as_ref().map_or("-", |cseq| cseq.method.as_str()),
    )
}

/// Transport, host and branch of each Via.
fn ways(message: &Message) -> Vec<String> {
    let vias = message.vias();
    vias.iter()
        .map(|via| {
            format!(
                "{} {} {}",
                via.transport,
                via.host,
                via.branch().unwrap_or("-")
            )
        })
        .collect()
}

const SDP: &str = "v=0\r\no=bea 29739 7272939 IN IP4 192.0.2.31\r\ns=-\r\nc=IN IP4 192.0.2.32\r\nt=0 0\r\n\
                   m=audio 49170 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n";

#[track_caller]
fn has_two_streams(message: &Message) {
    let sdp = message.sdp().unwrap();
    let ports: Vec<u16> = sdp.media.iter().map(|media| media.port).collect();
    assert_eq!(ports, [49170, 3227]);
}
