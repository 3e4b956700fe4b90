//! What the PJSIP library logs around a message (pjsua and the many phones built on it). Names the
//! far end only; reads no message.

use memchr::memmem;

use super::envelope::{self, Direction, Envelope};
use super::time;

/// What such a line says, whatever stands before it. The message ends at a line `--end msg--`.
///
/// ```text
/// 10:00:00.123   pjsua_core.c  .TX 668 bytes Request msg INVITE/cseq=1 (tdta0x1) to TLS 192.0.2.1:5061:
/// 10:00:00.456   pjsua_core.c  .RX 300 bytes Response msg 100/INVITE/cseq=1 (rdata0x1) from TLS 192.0.2.1:5061:
/// ```
pub(super) fn read(line: &[u8]) -> Option<Envelope> {
    let at = memmem::find(line, b" bytes Re")?;
    let digits = line.get(..at)?.trim_ascii_end();
    let count = digits.iter().rev().take_while(|it| it.is_ascii_digit());
    let before = digits.get(..digits.len() - count.count())?;
    let direction = match before.trim_ascii_end() {
        [.., b'T', b'X'] => Direction::Sent,
        [.., b'R', b'X'] => Direction::Received,
        _ => return None,
    };
    let text = String::from_utf8_lossy(line.get(at..)?).into_owned();
    let (_, far) = text.rsplit_once(") ")?;
    let mut words = far.split_whitespace().skip(1);
    let transport = envelope::transport(words.next()?);
    let far = envelope::end(words.next()?.trim_end_matches(':'))?;
    let mut envelope = Envelope::own(direction, far, transport);
    envelope.written = time::find(before);
    Some(envelope)
}
