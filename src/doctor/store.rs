//! The store: whether a value that is written is read back.

use std::time::Instant;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{Check, State};
use crate::store::{Expected, Store, StoreError};

/// Where the probe stands; nothing else of the program does.
const NAMESPACE: &str = "doctor";
const KEY: &str = "probe";

/// Should taking it away fail, it goes by itself.
const LIFE: SignedDuration = SignedDuration::from_mins(1);

/// Writes a probe, reads it, takes it away. `opened` is the store, or why there is none.
pub async fn store(opened: Result<&Store, &str>, now: Timestamp) -> Check {
    let check = |state, said: String| Check::new("store", "", state, said);
    let store = match opened {
        Ok(store) => store,
        Err(why) => return check(State::Fails, why.to_owned()),
    };
    let began = Instant::now();
    let checked = match probed(store, now).await {
        Ok(true) => check(State::Works, "opens, writes and reads".to_owned()),
        Ok(false) => check(
            State::Fails,
            "what was written is not read back: keep its folder as evidence, and set [store] path \
             to another disk"
                .to_owned(),
        ),
        Err(error) => check(State::Fails, error.to_string()),
    };
    checked.since(began)
}

async fn probed(store: &Store, now: Timestamp) -> Result<bool, StoreError> {
    let written = Bytes::from(now.to_string());
    let until = now.checked_add(LIFE).ok();
    let any = Expected::Any;
    let put = store.put_if(NAMESPACE, KEY, any, written.clone(), until, now);
    put.await?;
    let read = store.get(NAMESPACE, KEY, now).await?;
    store.delete_if(NAMESPACE, KEY, Expected::Any, now).await?;
    Ok(read.is_some_and(|stored| stored.bytes == written))
}
