//! How long an answered call lasted, and what ends calls after that long. Gives hypotheses only: the packets have to
//! show the proof that each entry names.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::party::Party;
use super::reasons::no_party;
use super::table::Entry;

/// Lives shorter than this are compared to [`SHORT_TOLERANCE`], others to [`TOLERANCE`].
const SHORT: Duration = Duration::from_secs(60);
const SHORT_TOLERANCE: Duration = Duration::from_secs(2);
const TOLERANCE: Duration = Duration::from_secs(5);

/// Multiples of less than this would fit nearly every life.
const LEAST_MULTIPLE: u32 = 30;

/// What ends calls after some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// Its name.
    pub id: String,
    /// Seconds: from.
    pub least: Option<u32>,
    /// Seconds: to.
    pub most: Option<u32>,
    /// Seconds: several lengths.
    #[serde(default)]
    pub at: Vec<u32>,
    /// Seconds: every multiple.
    pub every: Option<u32>,
    /// Why such a call ended.
    pub cause: String,
    /// What the trace or the platform's row has to show.
    pub proof: String,
    /// The release reasons that the platform gives then: one of them with this length is more than the
    /// length alone.
    #[serde(default)]
    pub release_reasons: Vec<String>,
    /// Who may own it, the likeliest first, said for an outbound call.
    pub parties: Vec<Party>,
    /// What to do, in order.
    pub next: Vec<String>,
    /// "documentation" or "inference"; empty where nobody said.
    #[serde(default)]
    pub source: String,
}

impl Lifetime {
    /// Whether it ends calls at any length, so that a length does not speak for it.
    #[must_use]
    pub fn is_of_any_length(&self) -> bool {
        self.least.is_none() && self.most.is_none() && self.at.is_empty() && self.every.is_none()
    }

    /// Whether it ends calls at one length only.
    #[must_use]
    pub fn is_of_one_length(&self) -> bool {
        self.least.is_some() && self.least == self.most
    }

    /// Whether a call that lasted so long, from its answer to its end, fits. Within 2 s for lives below 60 s, within
    /// 5 s from there on.
    #[must_use]
    pub fn fits(&self, life: Duration) -> bool {
        let tolerance = if life < SHORT {
            SHORT_TOLERANCE
        } else {
            TOLERANCE
        };
        let seconds = |number: u32| Duration::from_secs(u64::from(number));
        let is_near = |number: &u32| seconds(*number).abs_diff(life) <= tolerance;
        let is_within = match (self.least, self.most) {
            (Some(least), Some(most)) => {
                life.saturating_add(tolerance) >= seconds(least)
                    && life <= seconds(most).saturating_add(tolerance)
            }
            _ => false,
        };
        let is_multiple = self.every.is_some_and(|every| {
            let every = seconds(every).as_millis();
            let rest = life.as_millis().checked_rem(every).unwrap_or(every);
            let away = rest.min(every.saturating_sub(rest));
            away <= tolerance.as_millis() && life.saturating_add(tolerance).as_millis() >= every
        });
        is_within || is_multiple || self.at.iter().any(is_near)
    }
}

impl Entry for Lifetime {
    const SECTION: &'static str = "lifetimes";

    fn about(&self) -> String {
        self.id.to_lowercase()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let forms = [
            self.least.is_some() || self.most.is_some(),
            !self.at.is_empty(),
            self.every.is_some(),
        ];
        let several = forms.into_iter().filter(|is_there| *is_there).count() > 1;
        let length = match (self.least, self.most, self.every) {
            _ if several => Some((
                "id",
                "has more than one of: least with most, at, every".to_owned(),
            )),
            (Some(_), None, _) => Some(("least", "stands without most".to_owned())),
            (None, Some(_), _) => Some(("most", "stands without least".to_owned())),
            (Some(least), Some(most), _) if most < least => {
                Some(("most", format!("{most} is less than {least}")))
            }
            (_, _, Some(every)) if every < LEAST_MULTIPLE => {
                let said =
                    format!("{every} is too short: nearly every call lasts a multiple of it");
                Some(("every", said))
            }
            _ => None,
        };
        length.or_else(|| no_party(&self.parties))
    }
}
