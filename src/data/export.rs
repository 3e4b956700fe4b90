//! Writes out what is kept, a line of JSON each, while the bot runs. Changes nothing.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::Serialize;

use super::{Counts, End, Head, KEPT, Line, PAGE, VERSION, Value, WORK};
use crate::store::{Store, StoreError, layout};

/// Why not everything was written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the file cannot be written: {0}")]
    File(#[from] io::Error),
}

/// Writes what is kept to `file`; with `work` also what is on its way. Damaged values are left out and counted as such.
///
/// # Errors
/// Those of the store and of the file, which is then not whole and says so by lacking its last line.
pub async fn export(
    store: &Store,
    file: &mut (impl Write + Send),
    work: bool,
    now: Timestamp,
) -> Result<Counts, NotWritten> {
    let head = Head {
        calltriage_export: VERSION,
        layout: layout::of(layout::STEPS),
        at: now,
    };
    write(file, &head)?;
    let (mut counts, mut lines) = (Counts::default(), 0);
    let on_its_way = WORK.iter().filter(|_| work);
    for (kind, ns) in KEPT.iter().chain(on_its_way) {
        let mut after: Option<String> = None;
        loop {
            let page = store.scan(ns, "", after.as_deref(), PAGE, now).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for entry in page {
                let Ok(stored) = entry.stored else {
                    counts.add("damaged", 1);
                    continue;
                };
                let line = Line {
                    ns: (*ns).to_owned(),
                    key: entry.key,
                    value: match std::str::from_utf8(&stored.bytes) {
                        Ok(text) => Value::Text(text.to_owned()),
                        Err(_) => Value::Base64(BASE64.encode(&stored.bytes)),
                    },
                    expires_at: stored.expires_at,
                };
                write(file, &line)?;
                counts.add(kind, 1);
                lines += 1;
            }
        }
    }
    write(file, &End { end: lines })?;
    file.flush()?;
    Ok(counts)
}

fn write(file: &mut impl Write, line: &impl Serialize) -> Result<(), io::Error> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}
