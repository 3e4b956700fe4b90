//! What opens the way for media on its own port: the checks of ICE, which are STUN (RFC 8445, RFC 8489), and the
//! handshake of DTLS-SRTP (RFC 5764, RFC 6347). Counts what is in the clear; keeps no name, password or key.

use serde::{Deserialize, Serialize};

/// What one side sent to open the way, each message as often as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Opening {
    /// Checks: STUN binding requests.
    pub checks: u64,
    /// Checks of the other side that it answered with success.
    pub check_answers: u64,
    /// Checks of the other side that it refused.
    pub check_refusals: u64,
    /// The code of the last refusal (RFC 8489 section 14.8), as in 401.
    pub check_refused_with: Option<u16>,
    /// DTLS: ClientHello.
    pub hellos: u64,
    /// DTLS: ServerHello, or the HelloVerifyRequest before it.
    pub hello_answers: u64,
    /// Datagrams with encrypted DTLS records: it has the keys.
    pub encrypted: u64,
    /// The description of the last fatal alert in the clear (RFC 8446 section 6).
    pub alert: Option<u8>,
}

/// What a datagram does to open the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A STUN binding request.
    Check,
    /// An answer with success to one.
    CheckAnswer,
    /// A refusal of one, with its code where that was captured.
    CheckRefusal(Option<u16>),
    /// Records of DTLS.
    Dtls(Records),
    /// What is an encrypted record of DTLS 1.3 (RFC 9147 section 4) where its sender has said hello before.
    Unified,
}

/// What the DTLS records of one datagram hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Records {
    /// A ClientHello.
    pub hello: bool,
    /// A ServerHello or a HelloVerifyRequest.
    pub hello_answer: bool,
    /// A record that is encrypted.
    pub encrypted: bool,
    /// The description of a fatal alert in the clear.
    pub alert: Option<u8>,
}

/// What stands in every STUN message (RFC 8489 section 5).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const STUN_HEADER: usize = 20;
const ERROR_CODE: u16 = 0x0009;

/// The header of a DTLS record, by which no sound is taken for one.
const RECORD_HEADER: usize = 13;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const FATAL: u8 = 2;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const HELLO_VERIFY_REQUEST: u8 = 3;

impl Step {
    /// Reads a datagram, told from all else on the port by its first bytes (RFC 7983 section 7). Nothing for what opens
    /// no way: indications, methods of TURN, other protocols.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Step> {
        match payload.first()? {
            0..=3 => stun(payload),
            20..=63 => records(payload)
                .map(Step::Dtls)
                .or_else(|| is_unified(payload).then_some(Step::Unified)),
            _ => None,
        }
    }
}

impl Opening {
    /// Takes in what else the same side sent.
    pub fn add(&mut self, other: Opening) {
        self.checks += other.checks;
        self.check_answers += other.check_answers;
        self.check_refusals += other.check_refusals;
        self.check_refused_with = other.check_refused_with.or(self.check_refused_with);
        self.hellos += other.hellos;
        self.hello_answers += other.hello_answers;
        self.encrypted += other.encrypted;
        self.alert = other.alert.or(self.alert);
    }

    /// Takes in one more datagram.
    pub fn count(&mut self, step: Step) {
        match step {
            Step::Check => self.checks += 1,
            Step::CheckAnswer => self.check_answers += 1,
            Step::CheckRefusal(code) => {
                self.check_refusals += 1;
                self.check_refused_with = code.or(self.check_refused_with);
            }
            Step::Dtls(records) => {
                self.hellos += u64::from(records.hello);
                self.hello_answers += u64::from(records.hello_answer);
                self.encrypted += u64::from(records.encrypted);
                self.alert = records.alert.or(self.alert);
            }
            Step::Unified => {
                self.encrypted += u64::from(self.hellos + self.hello_answers > 0);
            }
        }
    }
}

fn stun(payload: &[u8]) -> Option<Step> {
    let header = payload.get(..STUN_HEADER)?;
    if header.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    match number(header, 0)? {
        0x0001 => Some(Step::Check),
        0x0101 => Some(Step::CheckAnswer),
        0x0111 => Some(Step::CheckRefusal(error_code(payload))),
        _ => None,
    }
}

fn error_code(payload: &[u8]) -> Option<u16> {
    let mut at = STUN_HEADER;
    loop {
        let (kind, length) = (
            number(payload, at)?,
            usize::from(number(payload, at.checked_add(2)?)?),
        );
        let value = at.checked_add(4)?;
        if kind == ERROR_CODE {
            let class = u16::from(payload.get(value.checked_add(2)?)? & 7);
            let rest = u16::from(*payload.get(value.checked_add(3)?)?);
            return Some(class * 100 + rest);
        }
        // Each value is filled up to four bytes.
        at = value.checked_add(length.next_multiple_of(4))?;
    }
}

/// The records of a datagram; nothing where it does not begin with one.
fn records(payload: &[u8]) -> Option<Records> {
    let mut found: Option<Records> = None;
    let mut rest = payload;
    while let Some((header, body)) = rest.split_at_checked(RECORD_HEADER) {
        // 1.0 and 1.2; what is DTLS 1.3 says 1.2 here, and encrypts under a header of another kind.
        let is_record = matches!(header, [20..=26, 0xfe, 0xfd | 0xff, ..]);
        if !is_record {
            break;
        }
        let found = found.get_or_insert_default();
        let length = usize::from(number(header, RECORD_HEADER - 2)?);
        let is_clear = number(header, 3)? == 0;
        match (header.first(), body) {
            (Some(&HANDSHAKE), [kind, ..]) if is_clear => {
                found.hello |= *kind == CLIENT_HELLO;
                found.hello_answer |= matches!(*kind, SERVER_HELLO | HELLO_VERIFY_REQUEST);
            }
            (Some(&ALERT), [FATAL, description, ..]) if is_clear => {
                found.alert = Some(*description)
            }
            _ => found.encrypted |= !is_clear,
        }
        rest = body.get(length..).unwrap_or_default();
    }
    found
}

/// Whether it may be an encrypted record of DTLS 1.3: its header is three bits and what they ask for.
fn is_unified(payload: &[u8]) -> bool {
    const SHORTEST: usize = 16;
    matches!(payload, [0x20..=0x3f, ..]) && payload.len() > SHORTEST
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}
