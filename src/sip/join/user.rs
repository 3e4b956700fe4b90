//! The user of a URI as legs are compared by it: prefixes are put on and taken off on the way, and the end of a number
//! stays. Knows no numbering plan.

use super::setup::key;

/// The end of a number by which others are looked for.
const KEPT: usize = 7;
/// So many digits at the end in common make two numbers one, whatever stands before them.
const IN_COMMON: u32 = 8;
/// Digits that are compared at most.
const MOST_DIGITS: usize = 15;
/// What stands in place of a caller who is not shown (RFC 3323 section 4.1.1.3).
const HIDDEN: [&str; 5] = [
    "anonymous",
    "restricted",
    "unavailable",
    "unknown",
    "private",
];

/// One user, in two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct User {
    /// Of its end, equal for all that may be the same; 0 for nobody.
    key: u64,
    /// Its digits from the last one on, four bits each and none of them 0; 0 where it is no full number.
    digits: u64,
}

impl User {
    /// The user of a URI; nobody where it is empty or hidden.
    pub(super) fn of(user: &str) -> User {
        if user.is_empty() || HIDDEN.iter().any(|it| user.eq_ignore_ascii_case(it)) {
            return User::default();
        }
        let digits: String = user.chars().filter(char::is_ascii_digit).collect();
        let is_number = !user.chars().any(|c| c.is_ascii_alphabetic());
        let end = digits.len().checked_sub(KEPT).filter(|_| is_number);
        let Some(from) = end else {
            return User {
                key: key(&user.to_ascii_lowercase()),
                digits: 0,
            };
        };
        // Zeros before it are prefixes of a country's own dialing.
        let significant = digits.trim_start_matches('0').bytes().rev();
        let packed = significant
            .take(MOST_DIGITS)
            .zip((0_u32..).step_by(4))
            .fold(0_u64, |packed, (digit, at)| {
                packed | u64::from(digit - b'0' + 1) << at
            });
        User {
            key: key(digits.get(from..).unwrap_or_default()),
            digits: packed,
        }
    }

    /// Under what others are looked for that may be the same.
    pub(super) fn key(self) -> u64 {
        self.key
    }

    /// Whether the two are one: of full numbers one has to be the end of the other, or most of them the same.
    pub(super) fn is(self, other: User) -> bool {
        if self.key == 0 || self.key != other.key {
            return false;
        }
        if self.digits == 0 || other.digits == 0 {
            return true;
        }
        let length = |digits: u64| (u64::BITS - digits.leading_zeros()).div_ceil(4);
        let common = (self.digits ^ other.digits).trailing_zeros() / 4;
        common >= IN_COMMON || common >= length(self.digits).min(length(other.digits))
    }

    /// Whether the two are full numbers and surely not one.
    pub(super) fn differs(self, other: User) -> bool {
        self.digits != 0 && other.digits != 0 && !self.is(other)
    }
}

#[cfg(test)]
mod tests {
    use super::User;

    fn is(one: &str, other: &str) -> bool {
        let (one, other) = (User::of(one), User::of(other));
        assert_eq!(one.is(other), other.is(one));
        assert!(!(one.is(other) && one.differs(other)));
        one.is(other)
    }

    #[test]
    fn prefixes_come_and_go() {
        for other in [
            "+441632960077",
            "00441632960077",
            "01632960077",
            "901632960077",
            "1234#441632960077",
            "2960077",
        ] {
            assert!(is("441632960077", other), "{other}");
        }
    }

    #[test]
    fn two_areas_are_two_numbers() {
        assert!(!is("12125550142", "14155550142"));
        assert!(User::of("12125550142").differs(User::of("14155550142")));
        // Which area is meant is not said.
        assert!(is("5550142", "14155550142"));
    }

    #[test]
    fn a_hidden_caller_is_nobody() {
        for hidden in ["", "anonymous", "Anonymous", "unavailable"] {
            assert!(!is(hidden, hidden), "{hidden}");
        }
    }

    #[test]
    fn names_and_extensions_are_compared_as_they_are() {
        assert!(is("alice", "Alice") && is("1001", "1001"));
        assert!(!is("1001", "1002") && !is("alice", "1001"));
        assert!(!User::of("1001").differs(User::of("441632960077")));
    }
}
