//! What takes the place of a store whose disk takes nothing: it knows nothing and keeps nothing, and says why. Touches no
//! disk, so that what stands there is as it was once somebody has made room.

use std::sync::Arc;

use super::error::StoreError;

/// Keeps nothing. Made by [`Store::forgetful`](super::Store::forgetful).
#[derive(Debug, Clone)]
pub struct Forgetful {
    why: Arc<StoreError>,
}

impl Forgetful {
    pub(super) fn new(why: StoreError) -> Forgetful {
        Forgetful { why: Arc::new(why) }
    }

    /// What is said of every change.
    pub(super) fn why(&self) -> StoreError {
        StoreError::clone(&self.why)
    }
}
