//! One call as what it is compared by: areas with named values. Compares nothing but two values.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Judged, headers, media, outcome, route, row, timing};
use crate::diagnosis::case::seconds;

/// Where something of a call stands, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// How the call ended.
    Outcome,
    /// Which way it went.
    Route,
    /// The INVITE as the caller sent it.
    CallerInvite,
    /// The INVITE as it was sent on to the called side.
    SentOn,
    /// The caller's description of its media.
    CallerMedia,
    /// What the caller was answered.
    MediaToCaller,
    /// The description of media as it was sent on.
    MediaSentOn,
    /// The called side's description of its media.
    CalledMedia,
    /// How long each part took.
    Timing,
    /// The platform's own log.
    CallLog,
}

impl Area {
    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Area::Outcome => "Outcome",
            Area::Route => "Route",
            Area::CallerInvite => "INVITE of the caller",
            Area::SentOn => "INVITE sent on",
            Area::CallerMedia => "Media of the caller",
            Area::MediaToCaller => "Media told to the caller",
            Area::MediaSentOn => "Media sent on",
            Area::CalledMedia => "Media of the called side",
            Area::Timing => "Timing",
            Area::CallLog => "Call log",
        }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Words: the same or not.
    Said(String),
    /// A duration in milliseconds: a little more or less is the same.
    Took(i64),
}

/// Durations are the same that are less than this apart, in milliseconds, or of which the longer is
/// not half as long again.
const NOTICED_MS: i64 = 500;

impl Value {
    /// Whether there is no difference worth telling.
    pub(super) fn is_like(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Took(a), Value::Took(b)) => {
                let (short, long) = (*a.min(b), *a.max(b));
                let apart = long.saturating_sub(short);
                apart < NOTICED_MS || apart.saturating_mul(2) < short
            }
            (one, two) => one == two,
        }
    }

    pub(super) fn said(&self) -> String {
        match self {
            Value::Said(text) => text.clone(),
            Value::Took(ms) => seconds(SignedDuration::from_millis(*ms)),
        }
    }
}

/// A value with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub label: String,
    pub value: Value,
}

impl Entry {
    pub(super) fn said(label: impl Into<String>, text: impl Into<String>) -> Entry {
        Entry {
            label: label.into(),
            value: Value::Said(text.into()),
        }
    }

    pub(super) fn took(label: impl Into<String>, ms: i64) -> Entry {
        Entry {
            label: label.into(),
            value: Value::Took(ms),
        }
    }
}

/// An area of one call; without entries where there is no evidence on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub area: Area,
    pub entries: Option<Vec<Entry>>,
}

/// One call, area by area: always all of them.
pub(super) type Profile = Vec<Section>;

/// What a call is compared by.
pub(super) fn profile(call: Judged<'_>) -> Profile {
    let way = call.case.way();
    let first = way.first().copied();
    // Without a second hop nothing was sent on.
    let last = way.last().copied().filter(|_| way.len() > 1);
    [
        (Area::Outcome, Some(outcome::of(call))),
        (Area::Route, route::of(call.case)),
        (Area::CallerInvite, first.and_then(headers::of)),
        (Area::SentOn, last.and_then(headers::of)),
        (Area::CallerMedia, first.and_then(media::of_client)),
        (Area::MediaToCaller, first.and_then(media::of_server)),
        (Area::MediaSentOn, last.and_then(media::of_client)),
        (Area::CalledMedia, last.and_then(media::of_server)),
        (Area::Timing, timing::of(call)),
        (Area::CallLog, row::of(call.case)),
    ]
    .into_iter()
    .map(|(area, entries)| Section { area, entries })
    .collect()
}
