//! What a response adds for people and for the next attempt: Warning and Retry-After (RFC 3261
//! sections 20.43 and 20.33). Ranks nothing.

use crate::sip::uri::{find_param, read_params, unquote};

/// One value of Warning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Warning {
    /// Three digits: 3xx, of which 305 to 307 are about media and 370 is too little bandwidth.
    pub code: u16,
    /// Who warns: a host or a pseudonym.
    pub agent: String,
    /// The text, without its quotes.
    pub text: String,
}

impl Warning {
    /// Reads `307 isi.edu "Session parameter not understood"`; nothing without a code.
    #[must_use]
    pub fn parse(value: &str) -> Option<Warning> {
        let value = value.trim();
        let (code, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        let code = code.parse().ok()?;
        let rest = rest.trim();
        let (agent, text) = match rest.split_once('"') {
            Some((agent, _)) => (agent, rest.get(agent.len()..).unwrap_or_default()),
            // Some write the text without quotes.
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        Some(Warning {
            code,
            agent: agent.trim().to_owned(),
            text: unquote(text),
        })
    }
}

/// Retry-After.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RetryAfter {
    /// After how many seconds to try again.
    pub seconds: u32,
    /// What stands in parentheses, empty where nothing does.
    pub comment: String,
    /// For how many seconds from then on there is someone, where it is said.
    pub duration: Option<u32>,
}

impl RetryAfter {
    /// Reads `18000 (in a meeting);duration=3600`; nothing without a number of seconds.
    #[must_use]
    pub fn parse(value: &str) -> Option<RetryAfter> {
        let value = value.trim();
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let (seconds, rest) = value.split_at_checked(digits)?;
        let rest = rest.trim_start();
        let (comment, params) = match rest.strip_prefix('(') {
            Some(inner) => inner.rsplit_once(')').unwrap_or((inner, "")),
            None => ("", rest),
        };
        Some(RetryAfter {
            seconds: seconds.parse().ok()?,
            comment: comment.trim().to_owned(),
            duration: find_param(&read_params(params), "duration")
                .and_then(|seconds| seconds.parse().ok()),
        })
    }
}
