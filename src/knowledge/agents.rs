//! Devices and programs of which a fault is known, by what they call themselves. Knows no call.

use serde::{Deserialize, Serialize};

use super::table::Entry;

/// A program in a version that has a known fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// How its User-Agent or Server header begins, as in `ExamplePhone 1.2`; case does not matter. What follows is
    /// neither a letter nor a digit, so that `1.2` is `1.2.7` too, and not `1.20`.
    pub agent: String,
    /// What is wrong with it, in one sentence.
    pub meaning: String,
    /// What to do, in order.
    pub next: Vec<String>,
    /// Where that stands: a release note, a ticket.
    pub source: String,
}

impl Agent {
    /// Whether a program that calls itself so is this one.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let mut rest = name.chars();
        let begins = self.agent.chars().all(|own| {
            rest.next()
                .is_some_and(|its| its.eq_ignore_ascii_case(&own))
        });
        begins && rest.next().is_none_or(|next| !next.is_alphanumeric())
    }
}

impl Entry for Agent {
    const SECTION: &'static str = "agents";

    fn about(&self) -> String {
        self.agent.to_ascii_lowercase()
    }
}
