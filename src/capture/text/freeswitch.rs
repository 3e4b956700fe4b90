//! What FreeSWITCH logs around a message with `sofia global siptrace on`. Names the far end only;
//! reads no message.

use memchr::memmem;

use super::envelope::{self, Direction, Envelope};
use super::time;

/// What such a line says, whatever stands before it (sofia-sip's `tport_stamp`).
///
/// ```text
/// recv 1024 bytes from udp/[192.0.2.1]:5060 at 10:00:00.123456:
/// send 800 bytes to tls/[2001:db8::1]:5061 at 10:00:00.123456:
/// ```
pub(super) fn read(line: &[u8]) -> Option<Envelope> {
    let bytes = memmem::find(line, b" bytes ")?;
    let words = String::from_utf8_lossy(line.get(bytes + 7..)?).into_owned();
    let mut words = words.split_whitespace();
    let direction = match words.next()? {
        "from" => Direction::Received,
        "to" => Direction::Sent,
        _ => return None,
    };
    let (transport, far) = words.next()?.split_once('/')?;
    let transport = Some(envelope::transport(transport)?);
    // An IPv6 scope may follow the bracket, and the port is left out where it is the default one.
    let far = envelope::end(far)?;
    let mut envelope = Envelope::own(direction, far, transport);
    let tail = line.get(bytes..)?;
    envelope.written = time::find(tail.get(memmem::find(tail, b" at ")?..)?);
    Some(envelope)
}
