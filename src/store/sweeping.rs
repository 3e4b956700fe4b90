//! Removes what has expired, now and then, for as long as somebody has the store. Decides nothing of how long that is.

use std::time::Duration;

use jiff::Timestamp;

use super::{Store, StoreError};

/// What is over is not seen any more anyway: this only makes room.
pub(super) const BETWEEN_SWEEPS: Duration = Duration::from_secs(3600);

impl Store {
    /// Begins to sweep a store that this process has for itself.
    pub(super) fn sweep_now_and_then(&self) {
        let Store::Sled(store) = self else { return };
        let store = store.without_holding();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(BETWEEN_SWEEPS).await;
                let Some(store) = store.again() else { return };
                Store::Sled(store).sweep_all().await;
            }
        });
    }

    /// Sweeps until nothing is left, and logs what came of it.
    pub(super) async fn sweep_all(&self) {
        match self.swept(Timestamp::now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "what had expired was removed"),
            Err(error) => tracing::warn!(%error, "what has expired is not removed"),
        }
    }

    async fn swept(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            match self.sweep(now).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }
}
