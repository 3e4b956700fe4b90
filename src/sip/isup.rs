//! The ISUP message that a SIP message carries from one telephone exchange to another (RFC 3204,
//! ITU-T Q.763): what it is, and the cause it gives. Reads no numbers of people.

/// An ISUP message, from its type on: RFC 3204 leaves out the routing label and the circuit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Isup {
    /// The message type code (Q.763 table 4).
    pub code: u8,
    /// The cause indicators, where it has some that can be read.
    pub cause: Option<Cause>,
}

/// Cause indicators (Q.763 section 3.12, coded as Q.850 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The cause value, as 16 for normal clearing. What it means is said by the coding standard.
    pub value: u8,
    /// Whose table of causes it is from.
    pub coding: Coding,
    /// Where it arose: the four bits of Q.850 section 2.2.3.
    pub location: u8,
}

/// Coding standards (Q.850 section 2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// ITU-T: Q.850 itself.
    Itu,
    /// ISO/IEC.
    Iso,
    /// National.
    National,
    /// Specific to the location's network.
    Network,
}

/// Parameter codes of Q.763 table 5.
const CAUSE_INDICATORS: u8 = 0x12;
const END_OF_OPTIONAL: u8 = 0;

const ACM: u8 = 0x06;
const REL: u8 = 0x0c;
const RLC: u8 = 0x10;
const CPG: u8 = 0x2c;

impl Isup {
    /// Reads the body of `application/isup`; nothing where it is empty.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Isup> {
        let code = *bytes.first()?;
        let cause = match code {
            // Q.763 section 4: the cause is the mandatory variable part.
            REL => pointed(bytes, 1).and_then(Cause::parse),
            // Behind 2 fixed octets, and behind 1, the optional part may hold a cause.
            ACM => optional(bytes, 3).and_then(Cause::parse),
            CPG => optional(bytes, 2).and_then(Cause::parse),
            // There is an optional part alone.
            RLC => optional(bytes, 1).and_then(Cause::parse),
            _ => None,
        };
        Some(Isup { code, cause })
    }

    /// The name of its type, as `REL`; nothing for one that Q.763 does not list.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        name(self.code)
    }
}

impl Cause {
    /// Octet 1 has the coding standard in bits 7 and 6 and the location in bits 4 to 1, octet 2 the
    /// value in bits 7 to 1. Where bit 8 of octet 1 is 0, octets 1a stand between (Q.850 section 2.1).
    fn parse(octets: &[u8]) -> Option<Cause> {
        let first = *octets.first()?;
        let last_of_first = octets.iter().position(|octet| octet & 0x80 != 0)?;
        let value = octets.get(last_of_first + 1)? & 0x7f;
        Some(Cause {
            value,
            coding: match (first >> 5) & 0b11 {
                0 => Coding::Itu,
                1 => Coding::Iso,
                2 => Coding::National,
                _ => Coding::Network,
            },
            location: first & 0x0f,
        })
    }

    /// The location as RFC 8606 and the Reason header write it: `U`, `LPN`, `RLN`.
    #[must_use]
    pub fn location_name(&self) -> Option<&'static str> {
        Some(match self.location {
            0 => "U",
            1 => "LPN",
            2 => "LN",
            3 => "TN",
            4 => "RLN",
            5 => "RPN",
            7 => "INTL",
            10 => "BI",
            _ => return None,
        })
    }
}

/// The parameter that the pointer at this place points to, counted from the pointer itself; its
/// first octet is its length (Q.763 section 1.6 and 2.3). A pointer of 0 points to nothing.
fn pointed(bytes: &[u8], pointer: usize) -> Option<&[u8]> {
    sized(bytes, target(bytes, pointer)?)
}

fn target(bytes: &[u8], pointer: usize) -> Option<usize> {
    match *bytes.get(pointer)? {
        0 => None,
        distance => Some(pointer + usize::from(distance)),
    }
}

fn sized(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(*bytes.get(at)?);
    bytes.get(at + 1..at + 1 + length)
}

/// The cause indicators of the optional part that the pointer at this place points to (Q.763
/// section 1.7): each parameter is a code, a length, and its content.
fn optional(bytes: &[u8], pointer: usize) -> Option<&[u8]> {
    let mut at = target(bytes, pointer)?;
    loop {
        let code = *bytes.get(at)?;
        if code == END_OF_OPTIONAL {
            return None;
        }
        let content = sized(bytes, at + 1)?;
        if code == CAUSE_INDICATORS {
            return Some(content);
        }
        at += 2 + content.len();
    }
}

/// Q.763 table 4, without what is reserved.
fn name(code: u8) -> Option<&'static str> {
    Some(match code {
        0x01 => "IAM",
        0x02 => "SAM",
        0x03 => "INR",
        0x04 => "INF",
        0x05 => "COT",
        ACM => "ACM",
        0x07 => "CON",
        0x08 => "FOT",
        0x09 => "ANM",
        REL => "REL",
        0x0d => "SUS",
        0x0e => "RES",
        RLC => "RLC",
        0x11 => "CCR",
        0x12 => "RSC",
        0x13 => "BLO",
        0x14 => "UBL",
        0x15 => "BLA",
        0x16 => "UBA",
        0x17 => "GRS",
        0x18 => "CGB",
        0x19 => "CGU",
        0x1a => "CGBA",
        0x1b => "CGUA",
        0x1f => "FAR",
        0x20 => "FAA",
        0x21 => "FRJ",
        0x24 => "LPA",
        0x28 => "PAM",
        0x29 => "GRA",
        0x2a => "CQM",
        0x2b => "CQR",
        CPG => "CPG",
        0x2d => "USR",
        0x2e => "UCIC",
        0x2f => "CFN",
        0x30 => "OLM",
        0x31 => "CRG",
        0x32 => "NRM",
        0x33 => "FAC",
        0x34 => "UPT",
        0x35 => "UPA",
        0x36 => "IDR",
        0x37 => "IRS",
        0x38 => "SGM",
        0x40 => "LOP",
        0x41 => "APM",
        0x42 => "PRI",
        _ => return None,
    })
}
