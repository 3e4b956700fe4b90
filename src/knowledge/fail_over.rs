//! What the platform does with a carrier's answer: try the next route, or stop. Knows what is usual, not what
//! somebody set for one carrier.

use serde::{Deserialize, Serialize};

use super::codes::code_flaw;
use super::table::Entry;

/// What happens on some codes of a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailOver {
    /// The first code.
    pub first: u16,
    /// The last code.
    pub last: u16,
    /// Whether another carrier is tried.
    pub routing: Routing,
    /// The code that the caller gets instead, where it is another one.
    pub told: Option<u16>,
    /// What that means, in one sentence.
    pub meaning: String,
    /// What to do, in order.
    pub next: Vec<String>,
}

/// Whether another carrier is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Routing {
    /// None is.
    Stops,
    /// The next one is, while routes remain.
    GoesOn,
}

/// Whether another address of the same carrier is tried after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayFailOver {
    /// The event.
    pub event: String,
    /// Whether it is.
    pub tried: bool,
}

impl FailOver {
    /// Whether it is about this code.
    #[must_use]
    pub fn covers(&self, code: u16) -> bool {
        (self.first..=self.last).contains(&code)
    }

    /// How many codes it is about.
    pub(super) fn breadth(&self) -> u16 {
        self.last.saturating_sub(self.first)
    }
}

impl Entry for FailOver {
    const SECTION: &'static str = "fail_over";

    fn about(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let backwards = || {
            let said = || format!("{} is before {}", self.last, self.first);
            (self.last < self.first).then(|| ("last", said()))
        };
        code_flaw("first", self.first)
            .or_else(|| code_flaw("last", self.last))
            .or_else(|| code_flaw("told", self.told?))
            .or_else(backwards)
    }
}

impl Entry for GatewayFailOver {
    const SECTION: &'static str = "gateway_fail_over";

    fn about(&self) -> String {
        super::reasons::about(&self.event)
    }
}
