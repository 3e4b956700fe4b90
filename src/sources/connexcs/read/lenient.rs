//! One JSON value read as what a field should hold, in whichever of the platform's ways it is
//! written. Tells what is absent from what means nothing.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::platform::Id;
use crate::sip::Transport;

/// A value that a field cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// What a field says; `Ok(None)` where it says nothing.
pub(super) type Said<T> = Result<Option<T>, Unfit>;

/// Numbers from here on have no exact floating-point form.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// No call lasts longer: ten years, in seconds.
const LONGEST_DURATION: f64 = 10.0 * 366.0 * 86_400.0;

/// Longer than anything that a field is meant to say, in characters. What is beyond stays in the raw
/// element alone, and out of every sentence.
const LONGEST_TEXT: usize = 4096;

/// Text, or a number that stands for one, cut where it is absurdly long; blanks at both ends are dropped. `false` is how PHP says
/// that there is none.
pub(super) fn text(value: &Value) -> Said<String> {
    match value {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::String(text) => Ok(Some(cut(text.trim())).filter(|text| !text.is_empty())),
        Value::Number(number) => Ok(Some(match number.as_f64() {
            // A telephone number as 441782454123.0 is still that number.
            Some(float) if number.is_f64() && float.fract() == 0.0 => {
                whole(float).map_or_else(|| number.to_string(), |number| number.to_string())
            }
            _ => number.to_string(),
        })),
        _ => Err(Unfit),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Text exactly as it stands, blanks and all.
pub(super) fn verbatim(value: &Value) -> Said<String> {
    match value {
        Value::String(whole) => Ok(Some(whole.clone()).filter(|text| !text.trim().is_empty())),
        other => text(other),
    }
}

/// A number, or a text that holds one.
pub(super) fn number(value: &Value) -> Said<f64> {
    let number = match value {
        Value::Null | Value::Bool(false) => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| number.is_finite())
        .map(Some)
        .ok_or(Unfit)
}

/// A whole number that is not negative.
pub(super) fn count(value: &Value) -> Said<u64> {
    if let Some(count) = value.as_u64() {
        return Ok(Some(count));
    }
    if let Value::String(text) = value
        && let Ok(count) = text.trim().parse()
    {
        return Ok(Some(count));
    }
    match number(value)? {
        None => Ok(None),
        Some(number) => whole(number)
            .and_then(|number| u64::try_from(number).ok())
            .map(Some)
            .ok_or(Unfit),
    }
}

/// The number of an entry; 0 names none.
pub(super) fn id(value: &Value) -> Said<Id> {
    Ok(count(value)?.filter(|id| *id != 0))
}

fn whole(number: f64) -> Option<i64> {
    let is_exact = number.fract() == 0.0 && number.abs() < LARGEST_EXACT;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was just seen to be whole and small enough"
    )]
    is_exact.then_some(number as i64)
}

/// A truth value: also 0 and 1, and the words for them.
pub(super) fn flag(value: &Value) -> Said<bool> {
    let word = match value {
        Value::Null => return Ok(None),
        Value::Bool(flag) => return Ok(Some(*flag)),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => return Err(Unfit),
    };
    match word.as_str() {
        "" => Ok(None),
        "1" | "1.0" | "true" | "yes" | "on" => Ok(Some(true)),
        "0" | "0.0" | "false" | "no" | "off" => Ok(Some(false)),
        _ => Err(Unfit),
    }
}

/// A SIP code; 0 is none. Beside the number a text may hold the phrase (`503 Service Unavailable`).
pub(super) fn code(value: &Value) -> Said<u16> {
    let code = match value {
        Value::String(text) => {
            let first = text.split_whitespace().next();
            let Some(first) = first else { return Ok(None) };
            first.parse().map_err(|_| Unfit)?
        }
        other => match count(other)? {
            None => return Ok(None),
            Some(code) => u16::try_from(code).map_err(|_| Unfit)?,
        },
    };
    match code {
        0 => Ok(None),
        100..=699 => Ok(Some(code)),
        _ => Err(Unfit),
    }
}

/// A port; 0 is none.
pub(super) fn port(value: &Value) -> Said<u16> {
    match count(value)? {
        None | Some(0) => Ok(None),
        Some(port) => u16::try_from(port).map(Some).map_err(|_| Unfit),
    }
}

/// An address, also one with a port or in brackets.
pub(super) fn ip(value: &Value) -> Said<IpAddr> {
    let Some(text) = text(value)? else {
        return Ok(None);
    };
    parse_ip(&text).map(Some).ok_or(Unfit)
}

/// The address that a text is.
pub(super) fn parse_ip(text: &str) -> Option<IpAddr> {
    let bare = text.trim().trim_matches(['[', ']']);
    let with_port = || Some(text.trim().parse::<SocketAddr>().ok()?.ip());
    bare.parse().ok().or_else(with_port)
}

/// A transport in either case; the secure WebSocket counts as one.
pub(super) fn transport(value: &Value) -> Said<Transport> {
    let Some(text) = text(value)? else {
        return Ok(None);
    };
    let name = text.to_ascii_lowercase();
    let name = if name == "wss" { "ws" } else { &name };
    Transport::named(name).map(Some).ok_or(Unfit)
}

/// Seconds, given in whole milliseconds.
pub(super) fn milliseconds(value: &Value) -> Said<i64> {
    match number(value)? {
        None => Ok(None),
        Some(seconds) if (0.0..=LONGEST_DURATION).contains(&seconds) => {
            whole((seconds * 1000.0).round()).map(Some).ok_or(Unfit)
        }
        Some(_) => Err(Unfit),
    }
}
