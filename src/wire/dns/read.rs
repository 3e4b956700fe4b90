//! Reading DNS messages out of UDP datagrams (RFC 1035 section 4): the one question and the records that lead SIP
//! somewhere. Whatever is damaged ends the reading; what was read before stays.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{DnsAnswer, DnsData, DnsKind, DnsRecord};

/// What one datagram says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The number that an answer has in common with its question.
    pub id: u16,
    /// The name asked for.
    pub name: String,
    /// The kind of records asked for.
    pub kind: DnsKind,
    /// What was answered; nothing in a question.
    pub answer: Option<DnsAnswer>,
}

/// Records looked at in one answer; no domain needs that many to be reached.
const MOST_RECORDS: usize = 64;
/// Bytes of a name as it is sent (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 255;

const INTERNET: u16 = 1;
const CNAME: u16 = 5;
const NS: u16 = 2;
const SOA: u16 = 6;
const OPT: u16 = 41;

/// Reads the payload of a datagram, with `is_cut` where not all of it was captured. Nothing where it asks for no record
/// that leads SIP somewhere, or is no DNS. Nor for names under `arpa`: those are addresses and telephone numbers.
#[must_use]
pub fn read(payload: &[u8], is_cut: bool) -> Option<Read> {
    let mut cursor = Cursor { payload, at: 0 };
    let [id, flags, questions, answers, authorities, additional] = [(); 6].map(|()| cursor.u16());
    let flags = flags?;
    let is_answer = flags & 0x8000 != 0;
    let is_query = flags & 0x7800 == 0;
    if !is_query || questions? != 1 {
        return None;
    }
    let name = cursor.name()?;
    let kind = DnsKind::of(cursor.u16()?)?;
    if cursor.u16()? != INTERNET || name.is_empty() || name.ends_with(".arpa") {
        return None;
    }
    let answer = is_answer.then(|| {
        let counts = [answers?, authorities?, additional?].map(usize::from);
        Some(answer(&mut cursor, flags, is_cut, counts))
    });
    Some(Read {
        id: id?,
        name,
        kind,
        answer: match answer {
            Some(answer) => Some(answer?),
            None => None,
        },
    })
}

/// The sections behind the question: answer, authority, additional.
fn answer(cursor: &mut Cursor<'_>, flags: u16, is_cut: bool, counts: [usize; 3]) -> DnsAnswer {
    const TRUNCATED: u16 = 0x0200;
    let mut answer = DnsAnswer {
        code: flags & 0x000f,
        is_whole: !is_cut && flags & TRUNCATED == 0,
        refers: false,
        records: Vec::new(),
    };
    let (mut answers, mut names_servers, mut is_negative) = (0, false, false);
    let sections = (0..3).flat_map(|section| {
        let count = counts.get(section).copied().unwrap_or_default();
        std::iter::repeat_n(section, count)
    });
    for (number, section) in sections.enumerate() {
        let record = (number < MOST_RECORDS).then(|| cursor.record());
        let Some(record) = record.flatten() else {
            answer.is_whole = false;
            break;
        };
        match (section, record.kind) {
            (1, NS) => names_servers = true,
            (1, SOA) => is_negative = true,
            (2, OPT) => answer.code |= u16::from(record.extended_code) << 4,
            (0 | 2, _) => {
                answers += usize::from(section == 0);
                answer.records.extend(record.known);
            }
            _ => {}
        }
    }
    answer.refers = answer.code == 0 && answers == 0 && names_servers && !is_negative;
    answer
}

/// One record as it stands there.
struct Record {
    kind: u16,
    /// The upper byte of its time to live, which OPT uses for the code (RFC 6891 section 6.1.3).
    extended_code: u8,
    /// What it says, where it leads SIP somewhere.
    known: Option<DnsRecord>,
}

/// A place in a message. All names are read against the whole of it.
struct Cursor<'a> {
    payload: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.payload.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.first_chunk()?))
    }

    /// A name, which may end with a pointer to where its rest stands (RFC 1035 section 4.1.4). Each pointer has to point
    /// before the piece that it ends, so that none is followed twice.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let (mut at, mut begins) = (self.at, self.at);
        let mut behind = None;
        let mut length = 0;
        loop {
            let size = usize::from(*self.payload.get(at)?);
            let next = at.checked_add(1)?;
            match size {
                0 => {
                    self.at = behind.unwrap_or(next);
                    return Some(name);
                }
                1..=63 => {
                    let end = next.checked_add(size)?;
                    let label = self.payload.get(next..end)?;
                    length += size + 1;
                    if length > LONGEST_NAME {
                        return None;
                    }
                    if !name.is_empty() {
                        name.push('.');
                    }
                    push_label(&mut name, label);
                    at = end;
                }
                0xc0.. => {
                    let low = usize::from(*self.payload.get(next)?);
                    let to = (size & 0x3f) << 8 | low;
                    if to >= begins {
                        return None;
                    }
                    behind = behind.or(next.checked_add(1));
                    (at, begins) = (to, to);
                }
                // No such label is in use (RFC 6891 section 5).
                _ => return None,
            }
        }
    }

    fn record(&mut self) -> Option<Record> {
        let name = self.name()?;
        let (kind, class) = (self.u16()?, self.u16()?);
        let &[extended_code, ..] = self.take(4)?.first_chunk::<4>()?;
        let length = usize::from(self.u16()?);
        let mut data = Cursor {
            payload: self.payload.get(..self.at.checked_add(length)?)?,
            at: self.at,
        };
        self.take(length)?;
        let known = (class == INTERNET).then(|| data.data(kind)).flatten();
        Some(Record {
            kind,
            extended_code,
            known: known.map(|data| DnsRecord { name, data }),
        })
    }

    /// What a record of this kind says, from here to the end.
    fn data(&mut self, kind: u16) -> Option<DnsData> {
        if kind == CNAME {
            return Some(DnsData::Alias(self.name()?));
        }
        Some(match DnsKind::of(kind)? {
            DnsKind::A => {
                let bytes = *self.take(4)?.first_chunk::<4>()?;
                DnsData::Address(IpAddr::V4(Ipv4Addr::from(bytes)))
            }
            DnsKind::Aaaa => {
                let bytes = *self.take(16)?.first_chunk::<16>()?;
                DnsData::Address(IpAddr::V6(Ipv6Addr::from(bytes)))
            }
            DnsKind::Srv => {
                // Priority and weight say which of several is tried first.
                self.take(4)?;
                DnsData::Srv {
                    port: self.u16()?,
                    target: self.name()?,
                }
            }
            DnsKind::Naptr => {
                // Order and preference; flags, service and a regular expression, which SIP does not use (RFC 3263
                // section 4.1).
                self.take(4)?;
                for _ in 0..3 {
                    let length = self.take(1)?.first().copied()?;
                    self.take(usize::from(length))?;
                }
                DnsData::Naptr(self.name()?)
            }
        })
    }
}

/// Adds a label in lower case; what is no plain character is written as zones do (RFC 1035 section 5.1).
fn push_label(name: &mut String, label: &[u8]) {
    for byte in label {
        match byte {
            b'.' | b'\\' => {
                name.push('\\');
                name.push(char::from(*byte));
            }
            b'!'..=b'~' => name.push(char::from(byte.to_ascii_lowercase())),
            _ => name.push_str(&format!("\\{byte:03}")),
        }
    }
}
