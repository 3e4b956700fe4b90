//! What Asterisk logs around a message: chan_sip's `sip set debug on` and PJSIP's `pjsip set logger
//! on`. Names the far end only; reads no message.

use memchr::memmem;

use super::envelope::{self, Direction, Envelope};
use super::time;

/// What such a line says, whatever stands before it.
///
/// ```text
/// <--- SIP read from UDP:192.0.2.1:5060 --->
/// <--- Transmitting (NAT) to 192.0.2.1:5060 --->
/// Reliably Transmitting (no NAT) to 192.0.2.1:5060:
/// Retransmitting #1 (NAT) to 192.0.2.1:5060:
/// <--- Received SIP request (512 bytes) from UDP:192.0.2.1:5060 --->
/// <--- Transmitting SIP response (300 bytes) to UDP:192.0.2.1:5060 --->
/// ```
pub(super) fn read(line: &[u8]) -> Option<Envelope> {
    let (at, direction, word) = announced(line)?;
    let said = String::from_utf8_lossy(line.get(at..)?).into_owned();
    let far = said.split_once(word)?.1.split_whitespace().next()?;
    let (far, transport) = envelope::with_transport(far)
        .or_else(|| envelope::with_transport(far.trim_end_matches(':')))?;
    let mut envelope = Envelope::own(direction, far, transport);
    envelope.written = time::find(line.get(..at)?);
    Some(envelope)
}

fn announced(line: &[u8]) -> Option<(usize, Direction, &'static str)> {
    let find = |text: &str| memmem::find(line, text.as_bytes());
    let received = |at| (at, Direction::Received, " from ");
    find("SIP read from ")
        .or_else(|| find("Received SIP re"))
        .map(received)
        .or_else(|| find("ransmitting ").map(|at| (at, Direction::Sent, " to ")))
}
