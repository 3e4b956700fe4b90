//! How long each namespace is kept, where an operator set it otherwise than what writes there. Removes nothing.
//!
//! Whoever writes a value says until when it is kept by default; what is set moves that time, for values that were
//! written long ago too. Nothing is written anew: each namespace has a clock of its own, which runs late where things
//! are kept longer, and early where they are kept shorter.

use jiff::{SignedDuration, Timestamp};

/// By how much longer the values of some namespaces are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifetimes(Vec<(&'static str, SignedDuration)>);

impl Lifetimes {
    /// Keeps a namespace longer by so much; shorter where it is negative.
    #[must_use]
    pub fn longer(mut self, ns: &'static str, by: SignedDuration) -> Lifetimes {
        if !by.is_zero() {
            self.0.push((ns, by));
        }
        self
    }

    /// What time it is in a namespace.
    pub(super) fn clock(&self, ns: &str, now: Timestamp) -> Timestamp {
        let its = self.0.iter().find(|(known, _)| *known == ns);
        let late = its.map_or(SignedDuration::ZERO, |(_, by)| *by);
        let end = match late.is_negative() {
            true => Timestamp::MAX,
            false => Timestamp::MIN,
        };
        now.checked_sub(late).unwrap_or(end)
    }

    /// The namespaces that have a clock of their own, and what time it is in each.
    pub(super) fn clocks(&self, now: Timestamp) -> (Vec<&'static str>, Vec<Timestamp>) {
        let each = self.0.iter().map(|(ns, _)| (*ns, self.clock(ns, now)));
        each.unzip()
    }
}
