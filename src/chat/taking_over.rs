//! Requests whose answers an earlier run left, or another process that died: they go on where they were. Takes nothing
//! from whoever is alive.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::outlet::Outlet;
use super::work::{Running, Work};
use crate::store::StoreError;

/// How often it is looked whether another process has left something.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

impl<O: Outlet> Work<O> {
    /// Goes on with what an earlier run left; where other processes share the store, from now on also with what one of
    /// them leaves that dies.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(self: &Arc<Self>, now: Timestamp) -> Result<usize, StoreError> {
        let count = self.take_over(now).await?;
        if self.jobs.are_shared() {
            tokio::spawn(Arc::clone(self).look_after());
        }
        Ok(count)
    }

    async fn take_over(self: &Arc<Self>, now: Timestamp) -> Result<usize, StoreError> {
        let left = self.jobs.left_over(now).await?;
        self.wait_on(&left, now).await?;
        let count = left.len();
        for job in left {
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(Running::new(job, true)));
        }
        Ok(count)
    }

    /// Takes over what is left behind, again and again. Ends never.
    async fn look_after(self: Arc<Self>) {
        loop {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            match self.take_over(Timestamp::now()).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "requests of a process that died are answered"),
                Err(error) => tracing::warn!(%error, "what other processes left is not looked for"),
            }
        }
    }
}
