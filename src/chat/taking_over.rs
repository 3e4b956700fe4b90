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
    /// Until `stopped`: gives the answers that had to wait for a platform once it is back, and, where other processes
    /// share the store, goes on with what one of them leaves that dies or is stopped.
    pub async fn follow(self: Arc<Self>, stopped: impl Future<Output = ()>) {
        tokio::select! {
            () = stopped => {}
            () = Arc::clone(&self).answer_late() => {}
            () = self.look_after() => {}
        }
    }

    /// Goes on with what an earlier run left, or another process that is gone; how many requests that are.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn resume(self: &Arc<Self>, now: Timestamp) -> Result<usize, StoreError> {
        let left = self.jobs.left_over(now).await?;
        self.wait_on(&left, now).await?;
        let count = left.len();
        for job in left {
            let work = Arc::clone(self);
            tokio::spawn(work.carry_out(Running::new(job, true)));
        }
        Ok(count)
    }

    /// Takes over what is left behind, again and again, where another process can leave something. Ends never.
    async fn look_after(self: Arc<Self>) {
        if !self.jobs.are_shared() {
            std::future::pending::<()>().await;
        }
        loop {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            match self.resume(Timestamp::now()).await {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!(count, "requests of a process that is gone are answered");
                }
                Err(error) => tracing::warn!(%error, "what other processes left is not looked for"),
            }
        }
    }
}
