//! The parties of a call, as tables and findings name them. Words only; who a side of a call is says
//! `diagnosis::party`.

use serde::{Deserialize, Serialize};

/// Who owns a cause, or has to act. `docs/diagnose.md` has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The customer's equipment or network.
    Customer,
    /// Our own settings on the platform.
    Configuration,
    /// The platform itself: its vendor.
    Platform,
    /// The carrier.
    Carrier,
    /// The called user or network.
    FarEnd,
    /// The network between two named nodes.
    Network,
    /// Nobody: it went as it should.
    Nobody,
    /// The evidence does not say.
    Undecided,
}

impl Party {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Party::Customer => "customer equipment",
            Party::Configuration => "configuration",
            Party::Platform => "platform",
            Party::Carrier => "carrier",
            Party::FarEnd => "far end",
            Party::Network => "network",
            Party::Nobody => "nobody",
            Party::Undecided => "undecided",
        }
    }
}
