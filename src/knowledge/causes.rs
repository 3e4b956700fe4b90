//! Causes of ITU-T Q.850: what each says. Judges no call.

use serde::{Deserialize, Serialize};

use super::table::Entry;

/// A cause of ITU-T Q.850.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The cause value, 1 to 127.
    pub cause: u8,
    /// Its name in Q.850.
    pub name: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// The response code that RFC 3398 section 7.2.4.1 pairs with it, if that names one.
    pub sip: Option<u16>,
    /// Where to look first: "the called side", "the carrier", "the calling side" or "nobody".
    pub side: String,
}

impl Entry for Cause {
    const SECTION: &'static str = "causes";

    fn about(&self) -> String {
        self.cause.to_string()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let is_one = (1..=127).contains(&self.cause);
        (!is_one).then(|| {
            let said = format!("{} is no cause: they go from 1 to 127", self.cause);
            ("cause", said)
        })
    }
}
