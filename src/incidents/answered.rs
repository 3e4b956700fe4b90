//! Whether a platform's records hold answered calls only: failures cannot be counted there then, which is said once. Pure;
//! says nothing itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::signal::Seen;

/// So many calls in a row that were all answered are no chance: nowhere are more than 97 of a hundred.
const ENOUGH: usize = 200;

/// What the records of each platform hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answered(BTreeMap<String, Of>);

/// What those of one hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Of {
    /// How many answered ones were seen before any other.
    #[serde(skip)]
    answered: usize,
    /// Until when they were counted: each look sees some again.
    #[serde(skip)]
    until: Option<Timestamp>,
    /// Whether it is known, and what: nothing is said a second time.
    known: Option<bool>,
}

impl Answered {
    /// Takes in what a look gave. Whether that settles it: true where there are answered calls only.
    pub fn note(&mut self, source: &str, calls: &[Seen]) -> Option<bool> {
        let of = self.0.entry(source.to_owned()).or_default();
        if of.known == Some(false) {
            return None;
        }
        let before = of.known;
        let until = of.until;
        let new = calls.iter().filter(|it| until.is_none_or(|at| it.at > at));
        let (answered, others): (Vec<&Seen>, Vec<&Seen>) = new.partition(|it| it.answered);
        of.answered += answered.len();
        of.until = calls.iter().map(|it| it.at).max().max(of.until);
        of.known = match (others.is_empty(), of.answered >= ENOUGH) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => of.known,
        };
        of.known.filter(|_| of.known != before)
    }
}
