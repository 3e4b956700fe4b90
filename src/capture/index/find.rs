//! Looking calls up in the index. Reads no files.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::{Entry, Index};

/// Fewer digits than this end too many numbers to mean one.
const FEWEST_TYPED: usize = 3;

/// Numbers are written with and without country code and trunk prefix; this many digits at the end
/// tell two of them apart well enough.
const FEWEST_DIGITS: usize = 7;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Exactly this Call-ID.
    CallId(String),
    /// A telephone number in From or To, written in any way: the digits are equal, or one ends
    /// with the other and that has at least seven. Three to six digits are the end of a number.
    Number(String),
    /// An address that sent or was sent a message.
    Address {
        /// The IP address.
        ip: IpAddr,
        /// The port, any where there is none.
        port: Option<u16>,
    },
    /// Exactly this user part in From or To.
    User(String),
}

impl Index {
    /// The calls that the term describes, in order of their first message; with a time window only
    /// those of which some part lies in it.
    #[must_use]
    pub fn find(&self, term: &Term, during: Option<&RangeInclusive<Timestamp>>) -> Vec<Entry<'_>> {
        let in_time = |entry: &Entry<'_>| {
            during.is_none_or(|window| {
                entry.first() <= *window.end() && entry.last() >= *window.start()
            })
        };
        match term {
            Term::CallId(call_id) => self.call(call_id).into_iter().filter(in_time).collect(),
            term => {
                let entries = self.calls().filter(in_time);
                entries.filter(|entry| term.describes(entry)).collect()
            }
        }
    }
}

impl Index {
    /// The latest of these entries whose calls have no more messages than that in all, at least those of one call, and
    /// how many older calls there are besides. The entries are in order of time.
    #[must_use]
    pub fn latest<'i>(&self, entries: &[Entry<'i>], most: u64) -> (Vec<Entry<'i>>, usize) {
        let (mut messages, mut older) = (0_u64, 0);
        let mut met: HashSet<usize> = HashSet::new();
        let mut kept: HashSet<usize> = HashSet::new();
        let place = |entry: &Entry<'_>| self.place(entry.call_id());
        for at in entries.iter().rev().filter_map(place) {
            if met.contains(&at) {
                continue;
            }
            let (legs, _) = self.legs().of([at]);
            let of_call = legs.iter().filter_map(|it| self.entry(*it));
            messages = of_call.fold(messages, |sum, it| sum.saturating_add(it.messages()));
            if messages <= most || kept.is_empty() {
                kept.extend(&legs);
            } else {
                older += 1;
            }
            met.extend(legs);
        }
        let is_kept = |it: &&Entry<'_>| place(it).is_some_and(|at| kept.contains(&at));
        (entries.iter().filter(is_kept).copied().collect(), older)
    }
}

impl Term {
    /// Whether it describes a call.
    #[must_use]
    pub fn describes(&self, entry: &Entry<'_>) -> bool {
        let of_user = |hit: &dyn Fn(&str) -> bool| hit(entry.from_user()) || hit(entry.to_user());
        match self {
            Term::CallId(call_id) => entry.call_id() == call_id,
            Term::Number(number) => {
                let wanted = digits(number);
                of_user(&|user| is_same_number(&wanted, user))
            }
            Term::Address { ip, port } => {
                let is_it = |it: SocketAddr| it.ip() == *ip && port.is_none_or(|p| p == it.port());
                entry.goes_through(&is_it)
            }
            Term::User(user) => of_user(&|it| it == user),
        }
    }
}

fn is_same_number(wanted: &str, user: &str) -> bool {
    // Parameters such as ";phone-context=" are no part of the number; a name with digits is none.
    let number = user.split(';').next().unwrap_or_default();
    if wanted.is_empty() || number.chars().any(char::is_alphabetic) {
        return false;
    }
    let there = digits(number);
    // Who types only the end of a number wants those that end so.
    if (FEWEST_TYPED..FEWEST_DIGITS).contains(&wanted.len()) {
        return there.ends_with(wanted);
    }
    let shorter = wanted.len().min(there.len());
    wanted == there
        || (shorter >= FEWEST_DIGITS && (wanted.ends_with(&there) || there.ends_with(wanted)))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
