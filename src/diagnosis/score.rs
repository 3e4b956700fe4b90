//! What people would say of sound, as the E-model of ITU-T G.107 estimates it from codec, loss and delay. An
//! estimate by the figures that ITU-T G.113 gives for a codec; where it gives none, nothing is said. Judges no
//! call.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::media::{Flow, MediaPath};

/// A mean opinion score in tenths: 10 is unusable, 45 the best that the model gives. Written as a number with
/// one decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Score(u16);

impl From<f64> for Score {
    fn from(score: f64) -> Score {
        // Saturates: nothing is below 1.0 or above 4.5.
        Score((score.clamp(1.0, 4.5) * 10.0).round() as u16)
    }
}

impl From<Score> for f64 {
    fn from(score: Score) -> f64 {
        f64::from(score.0) / 10.0
    }
}

/// How one direction of audio was, as far as it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The codec, in upper case.
    pub codec: String,
    /// The part of a hundred that did not come: to this capture point, or to the receiver where its reports
    /// say more.
    pub loss_percent: f64,
    /// How many milliseconds it takes from mouth to ear, as far as that is known: a packet, the buffer that
    /// evens the jitter out, half a round trip.
    pub delay_ms: f64,
}

impl Sound {
    /// Of a direction of a path; nothing of an unknown codec or of less than five seconds.
    #[must_use]
    pub fn of<'a>(path: &MediaPath<'a>, flow: &Flow<'a>, back: &Flow<'a>) -> Option<Sound> {
        const ENOUGH: u64 = 250;
        const A_PACKET_MS: f64 = 20.0;
        let (expected, lost) = flow.expected_and_lost();
        let codec = flow.codec()?;
        if expected < ENOUGH {
            return None;
        }
        let reported = flow
            .received(back)
            .and_then(|told| u64::try_from(told.cumulative_lost).ok())
            .filter(|reported| *reported <= expected);
        let lost = lost.max(reported.unwrap_or(0));
        let fullest = flow.fullest().filter(|stream| !stream.clock_assumed);
        let jitter = fullest.map_or(0, |stream| stream.jitter_mean);
        let round_trip = path.round_trip().unwrap_or(0);
        Some(Sound {
            codec: codec.to_owned(),
            loss_percent: lost as f64 * 100.0 / expected as f64,
            delay_ms: A_PACKET_MS + (2 * jitter + round_trip / 2) as f64 / 1000.0,
        })
    }

    /// What people would say of it.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        estimate(&self.codec, self.loss_percent, self.delay_ms)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// What plain telephone sound (G.711) gets without loss and delay.
pub const PLAIN: Score = Score(44);

/// How a codec impairs sound: by itself (Ie), and how well it bears loss (Bpl); ITU-T G.113 appendix I, tables
/// I.4 and I.5. G.711 with the concealment that nearly all devices have, so that no call is judged too badly.
fn impairment(codec: &str) -> Option<(f64, f64)> {
    Some(match codec {
        "PCMA" | "PCMU" => (0.0, 25.1),
        "G729" => (11.0, 19.0),
        "G723" => (15.0, 16.1),
        "GSM-EFR" => (5.0, 10.0),
        _ => return None,
    })
}

/// The score of a codec without loss and delay.
#[must_use]
pub fn best(codec: &str) -> Option<Score> {
    estimate(codec, 0.0, 0.0)
}

/// The score of sound with this codec, of which this part of a hundred is lost, not in bursts, and which takes so
/// many milliseconds from mouth to ear.
#[must_use]
pub fn estimate(codec: &str, loss_percent: f64, delay_ms: f64) -> Option<Score> {
    let (own, robustness) = impairment(codec)?;
    let loss = loss_percent.clamp(0.0, 100.0);
    let delay = delay_ms.max(0.0);
    let equipment = own + (95.0 - own) * loss / (loss + robustness);
    // The delay impairment without echo, by its usual approximation.
    let delayed = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
    Some(of_rating(93.2 - delayed - equipment))
}

/// ITU-T G.107 annex B.
fn of_rating(rating: f64) -> Score {
    let score = if rating <= 0.0 {
        1.0
    } else if rating >= 100.0 {
        4.5
    } else {
        1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
    };
    Score::from(score)
}
