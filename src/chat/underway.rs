//! How much is being worked on, so that an end can wait for it, and tell it to leave off. Does none of it.

use tokio::sync::watch;

/// What is under way, whatever chat asked for it. Clones count the same.
#[derive(Debug, Clone, Default)]
pub struct Underway {
    count: watch::Sender<usize>,
    is_over: watch::Sender<bool>,
}

/// Something under way, until this is dropped.
#[derive(Debug)]
pub struct One(watch::Sender<usize>);

impl Underway {
    /// One more.
    #[must_use]
    pub fn begin(&self) -> One {
        self.count.send_modify(|count| *count += 1);
        One(self.count.clone())
    }

    /// How much is under way now.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until nothing is.
    pub async fn idle(&self) {
        // The sender lives as long as we do.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Tells all that is under way, and all that begins from now on, to leave its work to whoever comes next.
    pub fn hand_over(&self) {
        self.is_over.send_replace(true);
    }

    /// Waits until work has to be left off.
    pub async fn handed_over(&self) {
        let _ = self.is_over.subscribe().wait_for(|is_over| *is_over).await;
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
