//! Times as the platform writes them: seconds, milliseconds or microseconds since 1970, or text with
//! and without a zone. Tells the units apart by their size; refuses years that no log has.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::lenient::{Said, Unfit};

/// Below it a number is seconds.
const FIRST_MILLISECONDS: f64 = 1e11;
/// Below it a number is milliseconds, from it on microseconds.
const FIRST_MICROSECONDS: f64 = 1e14;

/// 2015-01-01T00:00:00Z and 2101-01-01T00:00:00Z in seconds: the years 2015 to 2100 lie between.
const FIRST: i64 = 1_420_070_400;
const END: i64 = 4_133_980_800;

/// Reads a time; 0 and MySQL's `0000-00-00` are none.
pub(super) fn moment(value: &Value) -> Said<Timestamp> {
    let at = match value {
        Value::Null | Value::Bool(false) => return Ok(None),
        Value::Number(number) => match number.as_i64() {
            Some(0) => return Ok(None),
            Some(number) => of_integer(number),
            None => number.as_f64().and_then(of_float),
        },
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() || text == "0" || text.starts_with("0000-00-00") {
                return Ok(None);
            }
            of_text(text)
        }
        _ => None,
    };
    let is_possible = |at: &Timestamp| (FIRST..END).contains(&at.as_second());
    at.filter(is_possible).map(Some).ok_or(Unfit)
}

fn of_integer(number: i64) -> Option<Timestamp> {
    #[expect(clippy::cast_precision_loss, reason = "only its size is looked at")]
    let size = number as f64;
    if size < FIRST_MILLISECONDS {
        Timestamp::from_second(number).ok()
    } else if size < FIRST_MICROSECONDS {
        Timestamp::from_millisecond(number).ok()
    } else {
        Timestamp::from_microsecond(number).ok()
    }
}

fn of_float(number: f64) -> Option<Timestamp> {
    let micros = if number < FIRST_MILLISECONDS {
        number * 1e6
    } else if number < FIRST_MICROSECONDS {
        number * 1e3
    } else {
        number
    };
    // What is beyond all times saturates, and is then refused.
    #[expect(clippy::cast_possible_truncation, reason = "rounded; saturates")]
    Timestamp::from_microsecond(micros.round() as i64).ok()
}

fn of_text(text: &str) -> Option<Timestamp> {
    if let Ok(number) = text.parse::<i64>() {
        return of_integer(number);
    }
    if let Ok(number) = text.parse::<f64>() {
        return of_float(number);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // Without a zone it is UTC.
    let bare = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let at: DateTime = bare.parse().ok()?;
    TimeZone::UTC.to_timestamp(at).ok()
}
