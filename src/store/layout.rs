//! The layouts that stored values have had: brings values of an older program to what this one reads, and never back.
//! A layout is a number; a release that changes what a value looks like, so that a reader of before would misread it,
//! adds a step here. A field that may be absent needs none.

use jiff::Timestamp;

use super::value::{Expected, Op};
use super::{Store, StoreError};

const NS: &str = "layout";
const KEY: &str = "number";

/// Values changed at once. A crash in between leaves some changed, which the step then leaves alone.
const PAGE: usize = 50;

/// One namespace's way from one layout to the next: the new value, or nothing where it has the new layout already.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The layout that it leads to.
    pub to: u32,
    /// The namespace.
    pub ns: &'static str,
    /// The change.
    pub change: fn(&[u8]) -> Option<Vec<u8>>,
}

/// Every step there ever was, in order. One that was released is never changed.
pub const STEPS: &[Step] = &[];

/// The layout that a program with these steps writes.
#[must_use]
pub fn of(steps: &[Step]) -> u32 {
    steps.iter().map(|step| step.to).max().unwrap_or(1)
}

/// The value as these steps leave it that begin after layout `from`.
#[must_use]
pub fn brought_up(steps: &[Step], from: u32, ns: &str, value: &[u8]) -> Option<Vec<u8>> {
    let of_it = steps.iter().filter(|step| step.to > from && step.ns == ns);
    of_it.fold(None, |changed, step| {
        (step.change)(changed.as_deref().unwrap_or(value)).or(changed)
    })
}

/// Brings everything in the store to the layout of these steps. Values that were never given a layout have the first.
///
/// # Errors
/// `Unavailable` where a newer program has written the store; else those of the store.
pub async fn bring_up(store: &Store, steps: &[Step], now: Timestamp) -> Result<(), StoreError> {
    let ours = of(steps);
    let stored = store.get(NS, KEY, now).await?;
    let found = match &stored {
        None => 1,
        Some(it) => std::str::from_utf8(&it.bytes)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| StoreError::Corrupt("the number of the layout".to_owned()))?,
    };
    if found > ours {
        return Err(StoreError::Unavailable(format!(
            "a newer calltriage has written it (layout {found}, this one knows {ours}); start that one"
        )));
    }
    if found == ours {
        return Ok(());
    }
    let mut spaces: Vec<&str> = steps.iter().map(|step| step.ns).collect();
    spaces.dedup();
    for ns in spaces {
        bring_up_all(store, steps, found, ns, now).await?;
    }
    let number = Op::put(NS, KEY, Expected::Any, ours.to_string());
    store.apply(vec![number], now).await.map(|_| ())
}

async fn bring_up_all(
    store: &Store,
    steps: &[Step],
    from: u32,
    ns: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let page = store.scan(ns, "", after.as_deref(), PAGE, now).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        let next = last.key.clone();
        let mut ops = Vec::new();
        // What is damaged stays as it is, and is named when it is read.
        for entry in page {
            let Ok(stored) = entry.stored else { continue };
            if let Some(value) = brought_up(steps, from, ns, &stored.bytes) {
                let expected = Expected::Version(stored.version);
                ops.push(Op::put(ns, &entry.key, expected, value).expiring(stored.expires_at));
            }
        }
        match store.apply(ops, now).await {
            Ok(_) => after = Some(next),
            // Somebody else does the same: read again, and leave alone what is done.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}
