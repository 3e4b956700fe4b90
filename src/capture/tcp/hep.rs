//! HEP over TCP: packets of version 3 back to back. Finds its way back at the next magic number
//! after a gap or nonsense. What a packet holds is read in `capture::hep`.

use memchr::memmem;

use super::super::hep::v3::{self, MAGIC};
use super::super::warnings::Warning;
use super::framer::{Step, Times};
use super::unknown::Seek;
use super::{Out, Stamp};

/// Header of a packet and of its first chunk.
const HEADERS: usize = 12;

/// How far a direction with HEP has been read.
pub(super) struct Hep {
    lost: bool,
}

impl Hep {
    /// At a packet.
    pub(super) fn new() -> Hep {
        Hep { lost: false }
    }

    pub(super) fn lost(&mut self) {
        self.lost = true;
    }

    /// Hands out the packet that had begun, as far as it goes.
    pub(super) fn cut(&mut self, held: &[u8], stamp: Stamp, out: &mut Out<'_>) {
        if !self.lost && v3::begins(held) {
            out.hep(held, stamp);
        }
    }

    pub(super) fn step(&mut self, rest: &[u8], times: Times, out: &mut Out<'_>) -> Step {
        if self.lost {
            return match find(rest) {
                Seek::Found(from) => {
                    self.lost = false;
                    Step::Skip(from)
                }
                Seek::Perhaps(0) => Step::Wait,
                Seek::Perhaps(from) => Step::Skip(from),
            };
        }
        if !v3::begins(rest) {
            if MAGIC.starts_with(rest) {
                return Step::Wait;
            }
            out.warnings.add(Warning::NotHep, times.now.frame);
            self.lost = true;
            return Step::Skip(0);
        }
        let Some(length) = v3::length(rest) else {
            return Step::Wait;
        };
        // A length that is too short is found out by whoever reads the packet.
        let length = length.max(MAGIC.len());
        let Some(packet) = rest.get(..length) else {
            return Step::Wait;
        };
        if out.hep(packet, times.latest) {
            Step::Done(length)
        } else {
            // The next packet may well begin within what this one claims.
            self.lost = true;
            Step::Skip(MAGIC.len())
        }
    }
}

/// Looks for a packet of which the lengths may be right.
pub(super) fn find(rest: &[u8]) -> Seek {
    for from in memmem::find_iter(rest, MAGIC) {
        match rest.get(from..).map(plausible) {
            Some(Some(true)) => return Seek::Found(from),
            Some(None) => return Seek::Perhaps(from),
            _ => {}
        }
    }
    let kept = (1..MAGIC.len())
        .rev()
        .find(|kept| MAGIC.get(..*kept).is_some_and(|it| rest.ends_with(it)));
    Seek::Perhaps(rest.len() - kept.unwrap_or_default())
}

/// Whether the first chunk fits into the packet; `None` where it is not there yet.
fn plausible(packet: &[u8]) -> Option<bool> {
    let whole = v3::length(packet)?;
    let &[.., high, low] = packet.first_chunk::<HEADERS>()?;
    let chunk = usize::from(u16::from_be_bytes([high, low]));
    Some(chunk >= 6 && 6 + chunk <= whole)
}
