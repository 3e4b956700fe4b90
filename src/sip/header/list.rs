//! Lists of tokens: Require, Supported, Allow, Privacy and their like (RFC 3261 section 20). Knows
//! no option tags.

/// The tokens of one header value, which a comma separates, or a semicolon in Privacy (RFC 3323
/// section 4.2). Case is kept: methods have it.
#[must_use]
pub fn tokens(value: &str) -> Vec<String> {
    value
        .split([',', ';'])
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}
