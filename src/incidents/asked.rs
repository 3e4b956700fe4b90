//! What people ask to be watched besides what the configuration says: kept at once, by whichever process does it. Judges
//! no condition.

use super::keeper::Keeper;
use super::shelf::{Shelf, Wish};
use super::watch::Watch;

impl Keeper {
    /// Watches something more.
    ///
    /// # Errors
    /// One sentence, where it is not kept, or the name is the configuration's.
    pub async fn watch(&self, watch: Watch) -> Result<(), String> {
        if self.orders.now().has(&watch.name) {
            return Err(format!(
                "The watch {} stands in the configuration; give another name.",
                watch.name
            ));
        }
        let unkept = |error| format!("The watch was not kept: {error}");
        if self.fence().is_none() {
            return self.wish(&Wish::Watch(watch)).await.map_err(unkept);
        }
        let op = Shelf::watch(&watch.name, Some(&watch));
        self.keep(vec![op], self.clock.now())
            .await
            .map_err(unkept)?;
        self.board.lock().await.add_watch(watch);
        Ok(())
    }

    /// Watches something no longer.
    ///
    /// # Errors
    /// One sentence, where there is none of the name, or it is the configuration's.
    pub async fn unwatch(&self, name: &str) -> Result<(), String> {
        if self.orders.now().has(name) {
            return Err(format!(
                "The watch {name} stands in the configuration: take it out there."
            ));
        }
        if !self.board.lock().await.remove_watch(name) {
            return Err(format!(
                "There is no watch {name}; `watches` lists them all."
            ));
        }
        let kept = match self.fence() {
            None => self.wish(&Wish::Unwatch(name.to_owned())).await,
            Some(_) => {
                self.keep(vec![Shelf::watch(name, None)], self.clock.now())
                    .await
            }
        };
        kept.map_err(|error| format!("That was not kept: {error}"))
    }
}
