//! Answers of the RTCP log, read into quality: a plain list, or an object with the list and the sum
//! over it. Their keys are documented only in part, so they are picked by how they end.

use serde_json::Value;

use super::body::{Body, elements, parse};
use super::fields::Fields;
use super::lenient;
use super::moment::moment;
use super::rows::{Notes, Rows, read_each};
use super::unreadable::Unreadable;
use crate::platform::{Quality, Sample};

/// Reads the answer to a search for the RTCP of a call. The rows hold one value, or none where no RTCP
/// was exchanged.
///
/// # Errors
/// Where the answer as a whole is nothing that RTCP is told in.
pub fn quality(body: &[u8]) -> Result<Rows<Quality>, Unreadable> {
    let Body { mut value, mended } = parse(body)?;
    let notes = Notes::default();
    let inner = ["result", "data"].iter().find_map(|key| {
        let inner = value.get_mut(*key)?;
        inner.is_object().then(|| inner.take())
    });
    let mut value = inner.unwrap_or(value);
    let object = value.as_object_mut();
    let sum = object.and_then(|object| object.remove("aggregate"));
    let has_only_sum = sum.is_some() && value.get("processed").is_none();
    let elements = if has_only_sum {
        Vec::new()
    } else {
        elements(value)?
    };
    let samples = read_each(elements, &notes, sample);
    let sum = sum.filter(Value::is_object).into_iter().collect();
    let sum = read_each(sum, &notes, sample).pop();
    let quality = Quality {
        samples,
        aggregate: sum.filter(|sum| !sum.is_blank()),
    };
    let is_empty = quality.samples.is_empty() && quality.aggregate.is_none();
    let rows = if is_empty { Vec::new() } else { vec![quality] };
    Ok(notes.rows(rows, mended))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a report without any known figure is still a report"
)]
fn sample(fields: &Fields<'_>) -> Option<Sample> {
    // Of a spread only the middle is the figure itself.
    let of_spread = |key: &str| {
        ["min", "max", "std", "dev", "cumulative"]
            .iter()
            .any(|word| key.contains(word))
    };
    let figure = |words: &[&str]| fields.ending(words, of_spread, figure);
    let no_other = |_: &str| false;
    Some(Sample {
        at: fields.ending(
            &["timestamp", "micro_ts", "date", "time", "dt", "ts"],
            no_other,
            moment,
        ),
        mos: figure(&["mos", "mos_avg", "mos_mean", "mosavg"]),
        jitter_ms: figure(&["jitter", "jitter_ms", "jitter_avg", "jitter_mean"]),
        loss_percent: figure(&[
            "packet_loss",
            "loss",
            "loss_avg",
            "loss_mean",
            "loss_percent",
        ]),
        rtt_ms: figure(&["rtt", "rtt_ms", "rtt_avg", "rtt_mean"]),
        raw: fields.raw(),
    })
}

/// A figure by itself, or the mean of an object of figures.
fn figure(value: &Value) -> lenient::Said<f64> {
    match value {
        Value::Object(spread) => {
            let mean = ["mean", "avg", "average"]
                .iter()
                .find_map(|it| spread.get(*it));
            mean.map_or(Ok(None), lenient::number)
        }
        other => lenient::number(other),
    }
}
