//! Media quality as RTCP reported it to the platform. Holds figures; which of them are bad is
//! decided elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What RTCP told of one call. No sample at all means that no RTCP was exchanged, not that the media
/// was good.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// The reports in the order in which they came.
    pub samples: Vec<Sample>,
    /// The platform's own sum over them.
    pub aggregate: Option<Sample>,
}

/// One report, or the sum of several.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// When it was made.
    pub at: Option<Timestamp>,
    /// Mean opinion score, 1 (unusable) to 5.
    pub mos: Option<f64>,
    /// Jitter in milliseconds.
    pub jitter_ms: Option<f64>,
    /// Packets lost, in percent.
    pub loss_percent: Option<f64>,
    /// Round-trip time in milliseconds.
    pub rtt_ms: Option<f64>,
    /// The whole element as received.
    pub raw: Value,
}

impl Sample {
    /// Whether it holds none of the figures.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let figures = [self.mos, self.jitter_ms, self.loss_percent, self.rtt_ms];
        figures.iter().all(Option::is_none)
    }

    /// The mean of a figure over those that have it.
    #[must_use]
    pub fn mean<'s>(
        samples: impl IntoIterator<Item = &'s Sample>,
        of: fn(&Sample) -> Option<f64>,
    ) -> Option<f64> {
        let values: Vec<f64> = samples.into_iter().filter_map(of).collect();
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        (count > 0).then(|| values.iter().sum::<f64>() / f64::from(count))
    }
}
