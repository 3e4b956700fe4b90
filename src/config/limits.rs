//! `[sources.limits]`: how much, how fast and how often an API is asked. Says it; holds nobody to it.

use std::num::NonZeroU32;
use std::time::Duration;

use super::reader::Section;
use super::values::Size;

/// How much, how fast and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many requests may follow one another at once after a pause.
    pub burst: NonZeroU32,
    /// How soon one more may follow after that; zero sets no pace.
    pub spacing: Duration,
    /// How many may be under way at once.
    pub in_flight: NonZeroU32,
    /// How many of these may be queries of call detail records.
    pub cdr_in_flight: NonZeroU32,
    /// How often one that failed in passing is tried again.
    pub retries: u32,
    /// The wait before the first of these; it doubles with each.
    pub back_off: Duration,
    /// How long a good answer is used again; zero never does.
    pub cache: Duration,
    /// The largest answer that is taken, in bytes.
    pub largest_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let count = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Limits {
            burst: count(10),
            spacing: Duration::from_millis(300),
            in_flight: count(4),
            cdr_in_flight: count(2),
            retries: 3,
            back_off: Duration::from_secs(3),
            cache: Duration::from_secs(60),
            largest_body: 32_000_000,
        }
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Limits> {
    let usual = Limits::default();
    section.table("limits", |section| {
        Some(Limits {
            burst: section.optional("burst").unwrap_or(usual.burst),
            spacing: section.optional("spacing").unwrap_or(usual.spacing),
            in_flight: section.optional("in_flight").unwrap_or(usual.in_flight),
            cdr_in_flight: section
                .optional("cdr_in_flight")
                .unwrap_or(usual.cdr_in_flight),
            retries: section.optional("retries").unwrap_or(usual.retries),
            back_off: section.optional("back_off").unwrap_or(usual.back_off),
            cache: section.optional("cache").unwrap_or(usual.cache),
            largest_body: section
                .optional("largest_body")
                .map_or(usual.largest_body, |Size(bytes)| bytes),
        })
    })
}
