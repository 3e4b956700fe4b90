//! SIP response codes: what each says (IANA registry of response codes). Judges no call.

use serde::{Deserialize, Serialize};

use super::table::Entry;

/// A SIP response code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SipCode {
    /// The code.
    pub code: u16,
    /// Its registered phrase.
    pub phrase: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// The header fields of the request that it is about: who put them in can mend it. `Request-URI` stands for
    /// the scheme of the called address.
    #[serde(default)]
    pub request: Vec<String>,
    /// The header fields of the answer that say more.
    #[serde(default)]
    pub answer: Vec<String>,
    /// What to do where it refuses a call, in one sentence; empty where that depends on more than the code.
    #[serde(default)]
    pub next: String,
    /// The RFC, and where it helps the section, that defines it; empty where none does.
    #[serde(default)]
    pub reference: String,
}

impl Entry for SipCode {
    const SECTION: &'static str = "codes";

    fn about(&self) -> String {
        self.code.to_string()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        code_flaw("code", self.code)
    }
}

/// What is wrong with a number that should be a response code.
pub(super) fn code_flaw(key: &'static str, code: u16) -> Option<(&'static str, String)> {
    let is_one = (100..700).contains(&code);
    (!is_one).then(|| {
        (
            key,
            format!("{code} is no response code: they go from 100 to 699"),
        )
    })
}
