//! Sequence numbers of one SSRC (RFC 3550 appendix A.1): how many packets there should have been,
//! over wraps, packets out of order, copies and restarts. Knows no times.

/// A jump ahead by this much or more is a restart, not a loss.
const MAX_DROPOUT: u16 = 3000;
/// A packet that comes late by this much or more is a restart, not out of order.
const MAX_MISORDER: u16 = 100;

/// What a packet is among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Higher than all before.
    Next,
    /// Behind one that is higher.
    Late,
    /// Its number was there before.
    Again,
    /// The numbers begin anew, with the packet before this.
    Restart,
    /// Far from all others; the next packet will tell.
    Odd,
}

/// The numbers of one SSRC since they last began.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    /// The lowest and the highest number, wraps counted in.
    base: i64,
    highest: i64,
    /// Which of the highest 64 were seen, the highest in the lowest bit.
    seen: u64,
    received: u64,
    /// The number after an odd one.
    odd_next: Option<u16>,
    /// What earlier beginnings came to.
    expected_before: u64,
    lost_before: u64,
}

impl Sequence {
    pub(super) fn new(first: u16) -> Sequence {
        Sequence {
            base: i64::from(first),
            highest: i64::from(first),
            seen: 1,
            received: 1,
            odd_next: None,
            expected_before: 0,
            lost_before: 0,
        }
    }

    pub(super) fn push(&mut self, number: u16) -> Place {
        let low = u16::try_from(self.highest.rem_euclid(1 << 16)).unwrap_or(0);
        let (ahead, behind) = (number.wrapping_sub(low), low.wrapping_sub(number));
        if (1..MAX_DROPOUT).contains(&ahead) {
            self.highest += i64::from(ahead);
            self.seen = self.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            self.received += 1;
            self.odd_next = None;
            return Place::Next;
        }
        if behind < MAX_MISORDER {
            let bit = 1_u64.checked_shl(u32::from(behind)).unwrap_or(0);
            // What is further back than the bits reach is taken for late, not for a copy.
            if self.seen & bit != 0 {
                return Place::Again;
            }
            self.seen |= bit;
            self.base = self.base.min(self.highest - i64::from(behind));
            self.received += 1;
            return Place::Late;
        }
        if self.odd_next == Some(number) {
            let before = self.clone();
            *self = Sequence::new(number.wrapping_sub(1));
            self.push(number);
            self.expected_before = before.expected();
            self.lost_before = before.lost();
            return Place::Restart;
        }
        self.odd_next = Some(number.wrapping_add(1));
        Place::Odd
    }

    /// How many packets there should have been.
    pub(super) fn expected(&self) -> u64 {
        let here = u64::try_from(self.highest - self.base + 1).unwrap_or(0);
        self.expected_before + here
    }

    /// How many of them were not seen.
    pub(super) fn lost(&self) -> u64 {
        let here = u64::try_from(self.highest - self.base + 1).unwrap_or(0);
        self.lost_before + here.saturating_sub(self.received)
    }
}
