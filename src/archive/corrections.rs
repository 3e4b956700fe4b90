//! Verdicts that were marked as wrong, in the store: they outlive the investigations.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Archive, json};
use crate::diagnosis::{Accuracy, Correction};
use crate::store::{Expected, Op, StoreError};

/// Where corrections lie, by investigation and call.
pub const CORRECTIONS: &str = "corrections";

impl Archive {
    /// Keeps a correction; of two of the same call of one investigation the later one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn correct(&self, correction: &Correction, now: Timestamp) -> Result<(), StoreError> {
        let call = correction.call_ids.first().map_or("", String::as_str);
        // A Call-ID may be longer than a key; the investigation tells its calls apart by the beginning.
        let call: String = call.chars().take(100).collect();
        let key = format!("{}/{call}", correction.investigation);
        let op = Op::put(CORRECTIONS, &key, Expected::Any, json(correction));
        self.store.apply(vec![op], now).await.map(|_| ())
    }

    /// All corrections, in the order of their investigations.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn corrections(&self, now: Timestamp) -> Result<Vec<Correction>, StoreError> {
        self.everything(CORRECTIONS, now).await
    }

    /// How often each rule's verdicts were marked as wrong, the most often first; only rules that made a
    /// verdict that is kept, or a wrong one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn accuracy(&self, now: Timestamp) -> Result<Vec<Accuracy>, StoreError> {
        let mut counted: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for summary in self.list("", usize::MAX, now).await? {
            counted.entry(summary.rule).or_default().0 += 1;
        }
        for correction in self.corrections(now).await? {
            counted.entry(correction.rule).or_default().1 += 1;
        }
        let rules = counted.into_iter().filter(|(rule, _)| !rule.is_empty());
        let mut all: Vec<Accuracy> = rules
            .map(|(rule, (verdicts, wrong))| Accuracy {
                rule,
                verdicts: verdicts.max(wrong),
                wrong,
            })
            .collect();
        all.sort_by(|a, b| (b.wrong, b.verdicts, &a.rule).cmp(&(a.wrong, a.verdicts, &b.rule)));
        Ok(all)
    }
}
