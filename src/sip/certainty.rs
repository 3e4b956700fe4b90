//! How sure a statement is, in the three words that people are told.

use serde::{Deserialize, Serialize};

/// How sure a statement is. Ordered: `Possible < Likely < Certain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It fits, and so would other things.
    Possible,
    /// A pattern that rarely means anything else.
    Likely,
    /// It stands in the packets.
    Certain,
}

impl Certainty {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Possible => "possible",
            Certainty::Likely => "likely",
            Certainty::Certain => "certain",
        }
    }

    /// One step less sure; `Possible` stays.
    #[must_use]
    pub fn lowered(self) -> Certainty {
        match self {
            Certainty::Certain => Certainty::Likely,
            Certainty::Likely | Certainty::Possible => Certainty::Possible,
        }
    }
}
