//! What calls have in common. Only the value and its canonical text; the reading is in
//! `read`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Destination;
use super::keyed::{self, Key};

/// A set of calls; each part that is there narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// A customer by name, or by number as `#12`.
    pub customer: Option<String>,
    /// A carrier by name, or by number as `#105`.
    pub carrier: Option<String>,
    /// Where the calls went.
    pub destination: Option<Destination>,
    /// A server of the platform, by alias or address.
    pub server: Option<String>,
    /// The SIP code the calls ended with.
    pub code: Option<u16>,
    /// Which way the calls went.
    pub direction: Option<Direction>,
}

/// The way of a call as the platform's customer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a carrier to a customer.
    Inbound,
    /// From a customer to a carrier.
    Outbound,
}

impl Direction {
    /// The direction a word means.
    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "inbound" | "incoming" | "in-bound" => Some(Direction::Inbound),
            "outbound" | "outgoing" | "out-bound" => Some(Direction::Outbound),
            _ => None,
        }
    }

    /// The lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        }
    }
}

impl Scope {
    /// Whether nothing is narrowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        let mut part = |f: &mut fmt::Formatter<'_>, key, value: &str| {
            f.write_str(gap)?;
            gap = " ";
            keyed::write(f, key, value)
        };
        if let Some(name) = &self.customer {
            part(f, Key::Customer, name)?;
        }
        if let Some(name) = &self.carrier {
            part(f, Key::Carrier, name)?;
        }
        if let Some(name) = &self.server {
            part(f, Key::Server, name)?;
        }
        if let Some(code) = self.code {
            part(f, Key::Code, &code.to_string())?;
        }
        if let Some(direction) = self.direction {
            part(f, Key::Direction, direction.name())?;
        }
        if let Some(destination) = &self.destination {
            f.write_str(gap)?;
            destination.fmt(f)?;
        }
        Ok(())
    }
}
