//! The life of what is kept: for how long, written out and taken in, rid of a person, brought over from older layouts,
//! and what happens where nothing can be written.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod full_disk;
mod layouts;
mod lifetimes;
mod moving;
mod purging;

use std::path::Path;

use calltriage::store::{Lifetimes, Place, Store};
use jiff::Timestamp;

use crate::cli::PATIENCE;

/// The store in a folder.
pub async fn open(folder: &Path) -> Store {
    open_keeping(folder, Lifetimes::default()).await
}

pub async fn open_keeping(folder: &Path, lifetimes: Lifetimes) -> Store {
    let place = Place::from(folder).keeping(lifetimes);
    let opening = Store::open(place, Timestamp::now(), PATIENCE)
        .await
        .unwrap();
    assert_eq!(opening.notice, None);
    opening.store
}
