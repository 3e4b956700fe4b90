//! Reason texts that the platform writes, and what its codes say where a text is not known. Text first, code second:
//! codes changed over the years and can be rewritten. Judges no call.

use serde::{Deserialize, Serialize};

use super::codes::code_flaw;
use super::party::Party;
use super::table::Entry;

/// A reason text of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The text.
    pub text: String,
    /// Other forms of it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Response codes it was seen with.
    #[serde(default)]
    pub codes: Vec<u16>,
    /// What it is to the call.
    #[serde(default)]
    pub kind: ReasonKind,
    /// Whether no other software writes it, so that an answer with it was made by the platform.
    #[serde(default)]
    pub platform_only: bool,
    /// Who may own the cause, the likeliest first, said for an outbound call.
    pub parties: Vec<Party>,
    /// What it means, in one sentence.
    pub meaning: String,
    /// What to do, in order.
    pub next: Vec<String>,
    /// Which of the platform's lists tells more of such a refusal.
    #[serde(default)]
    pub asks: Option<Asks>,
    /// Where the text stands; empty where nobody said.
    #[serde(default)]
    pub source: String,
}

/// What a reason text is to the call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// The call was refused, or ended.
    #[default]
    Refusal,
    /// Credentials are asked for, which is normal.
    Challenge,
    /// Nothing was refused.
    Passes,
    /// The call is held back for a while.
    Waits,
}

/// A list of the platform that tells more of a refusal than its text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// The rules of the customer's rate cards, for the called number.
    RateCards,
    /// The caller numbers that customers may use.
    CallerIds,
}

/// What a code says on the platform where its text is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformCode {
    /// The code.
    pub code: u16,
    /// Who may own the cause, the likeliest first, said for an outbound call.
    pub parties: Vec<Party>,
    /// What it means, in one sentence.
    pub meaning: String,
    /// What to do, in order.
    pub next: Vec<String>,
    /// Where that stands; empty where nobody said.
    #[serde(default)]
    pub source: String,
}

impl Entry for Reason {
    const SECTION: &'static str = "reasons";

    fn about(&self) -> String {
        about(&self.text)
    }

    fn texts(&self) -> Vec<&str> {
        let also = self.also.iter().map(String::as_str);
        [self.text.as_str()].into_iter().chain(also).collect()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let codes = self.codes.iter().copied();
        let code = || codes.into_iter().find_map(|code| code_flaw("codes", code));
        let also = || self.also.iter().find_map(|text| wordless("also", text));
        wordless("text", &self.text)
            .or_else(also)
            .or_else(|| no_party(&self.parties))
            .or_else(code)
    }
}

impl Entry for PlatformCode {
    const SECTION: &'static str = "platform_codes";

    fn about(&self) -> String {
        self.code.to_string()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        code_flaw("code", self.code).or_else(|| no_party(&self.parties))
    }
}

/// What makes two texts the same.
pub(super) fn about(text: &str) -> String {
    super::words::Words::of(text).key().to_owned()
}

/// What is wrong with a text by which nothing can be found.
pub(super) fn wordless(key: &'static str, text: &str) -> Option<(&'static str, String)> {
    about(text)
        .is_empty()
        .then(|| (key, "has no letter and no digit".to_owned()))
}

/// What is wrong with a list of parties that names none.
pub(super) fn no_party(parties: &[Party]) -> Option<(&'static str, String)> {
    parties.is_empty().then(|| {
        let said = "names no party; \"undecided\" where it is not known, \"nobody\" where nothing is \
                    wrong";
        ("parties", said.to_owned())
    })
}
