//! Whether platforms that told nothing answer again. Asks each no more than one small question, one after another;
//! who has to be asked anew then is known elsewhere.

use super::Investigator;

impl Investigator {
    /// Whether each platform answers; where one does not, those after it are not asked.
    pub async fn platforms_answer(&self) -> bool {
        for platform in self.platforms() {
            if !platform.answers().await {
                return false;
            }
        }
        true
    }

    /// Leaves the platforms alone for a while, after `times` that they were asked in vain: longer with each.
    pub async fn leave_alone(&self, times: u32) {
        if let Some(first) = self.platforms().next() {
            first.pause(times).await;
        }
    }
}
