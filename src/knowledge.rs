//! What everybody may look up: SIP response codes and Q.850 causes, in plain sentences. Pure look-ups in tables that
//! are built in; draws no conclusion about a call.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The built-in table of SIP response codes.
pub const SIP_CODES: &str = include_str!("../config/knowledge/sip-codes.toml");

/// The built-in table of Q.850 causes.
pub const Q850_CAUSES: &str = include_str!("../config/knowledge/q850-causes.toml");

/// A SIP response code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SipCode {
    /// The code.
    pub code: u16,
    /// Its registered phrase.
    pub phrase: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// The RFC, and where it helps the section, that defines it.
    pub reference: String,
}

/// A cause of ITU-T Q.850.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

/// All that can be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Knowledge {
    codes: BTreeMap<u16, SipCode>,
    causes: BTreeMap<u8, Cause>,
}

impl Knowledge {
    /// Reads the two tables.
    pub fn read(sip_codes: &str, q850_causes: &str) -> Result<Knowledge, toml::de::Error> {
        let CodeFile { codes } = toml::from_str(sip_codes)?;
        let CauseFile { causes } = toml::from_str(q850_causes)?;
        Ok(Knowledge {
            codes: codes.into_iter().map(|code| (code.code, code)).collect(),
            causes: causes
                .into_iter()
                .map(|cause| (cause.cause, cause))
                .collect(),
        })
    }

    /// A SIP response code, if it is a registered one.
    #[must_use]
    pub fn sip_code(&self, code: u16) -> Option<&SipCode> {
        self.codes.get(&code)
    }

    /// A Q.850 cause, if it is a defined one.
    #[must_use]
    pub fn q850(&self, cause: u8) -> Option<&Cause> {
        self.causes.get(&cause)
    }

    /// All response codes, in order.
    pub fn sip_codes(&self) -> impl Iterator<Item = &SipCode> {
        self.codes.values()
    }

    /// All causes, in order.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.values()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeFile {
    codes: Vec<SipCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseFile {
    causes: Vec<Cause>,
}

// A test reads the same two texts, so the default never stands in for them.
static BUILT_IN: LazyLock<Knowledge> =
    LazyLock::new(|| Knowledge::read(SIP_CODES, Q850_CAUSES).unwrap_or_default());

/// A SIP response code in the built-in table.
#[must_use]
pub fn sip_code(code: u16) -> Option<&'static SipCode> {
    BUILT_IN.sip_code(code)
}

/// A Q.850 cause in the built-in table.
#[must_use]
pub fn q850(cause: u8) -> Option<&'static Cause> {
    BUILT_IN.q850(cause)
}

/// The response code that a gateway makes of a cause (RFC 3398 section 7.2.4.1). None for normal clearing, which
/// becomes a BYE or CANCEL; 500 for every cause that the section does not list.
#[must_use]
pub fn sip_code_of_cause(cause: u8) -> Option<u16> {
    /// Normal call clearing.
    const NORMAL: u8 = 16;
    /// RFC 3398 section 7.2.4.1: the default.
    const DEFAULT: u16 = 500;
    if cause == NORMAL {
        return None;
    }
    Some(q850(cause).and_then(|known| known.sip).unwrap_or(DEFAULT))
}

/// The reason phrases that the platform writes into its own refusals.
pub const PLATFORM_REASONS: &str = include_str!("../config/knowledge/platform-reasons.toml");

/// A reason phrase of the platform's own routing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformReason {
    /// How the phrase begins.
    pub text: String,
    /// Who owns the cause.
    pub party: ReasonOwner,
    /// What it means, in one sentence.
    pub meaning: String,
}

/// Who owns what the platform refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonOwner {
    /// Our settings on the platform.
    Configuration,
    /// The platform itself.
    Platform,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonFile {
    reasons: Vec<PlatformReason>,
}

// A test reads the same text, so the default never stands in for it.
static REASONS: LazyLock<Vec<PlatformReason>> = LazyLock::new(|| {
    toml::from_str::<ReasonFile>(PLATFORM_REASONS)
        .map(|file| file.reasons)
        .unwrap_or_default()
});

/// All reason phrases of the platform, in the order of the file.
#[must_use]
pub fn platform_reasons() -> &'static [PlatformReason] {
    &REASONS
}

/// What a reason phrase means where it is one of the platform's own.
#[must_use]
pub fn platform_reason(phrase: &str) -> Option<&'static PlatformReason> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let phrase = plain(phrase);
    REASONS
        .iter()
        .find(|reason| phrase.starts_with(&plain(&reason.text)))
}
