//! SIP codes as people write them: "503", "503s", and classes such as "5xx".

/// A single SIP code, as in `503` or `503s`.
pub(super) fn code(plain: &str) -> Option<u16> {
    let digits = plain.strip_suffix('s').unwrap_or(plain);
    let code = digits.parse().ok().filter(|_| digits.len() == 3)?;
    (100..700).contains(&code).then_some(code)
}

/// `5xx`, `4xxs`.
pub(super) fn is_class(plain: &str) -> bool {
    let class = plain.strip_suffix('s').unwrap_or(plain);
    class
        .strip_suffix("xx")
        .is_some_and(|first| ["1", "2", "3", "4", "5", "6"].contains(&first))
}
