//! Work that nobody waits for: what is asked in it lets those go first whom people wait for. Says only which is which.

use std::future::Future;

tokio::task_local! {
    static BACKGROUND: ();
}

/// Does something in the background: its requests come after those of people, and never take all turns.
pub async fn in_background<F: Future>(work: F) -> F::Output {
    BACKGROUND.scope((), work).await
}

/// Whether this is done in the background.
pub(super) fn is_background() -> bool {
    BACKGROUND.try_with(|()| ()).is_ok()
}
