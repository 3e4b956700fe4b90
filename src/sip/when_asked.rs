//! What is worked out when it is first asked for, and then kept. Holds no logic of its own.

use std::sync::OnceLock;

/// Something that many ask for, and some never. Whether it was worked out makes no difference to what
/// its owner is.
#[derive(Debug, Clone)]
pub(super) struct WhenAsked<T>(OnceLock<T>);

impl<T> PartialEq for WhenAsked<T> {
    fn eq(&self, _: &WhenAsked<T>) -> bool {
        true
    }
}

impl<T> Eq for WhenAsked<T> {}

impl<T> Default for WhenAsked<T> {
    fn default() -> WhenAsked<T> {
        WhenAsked(OnceLock::new())
    }
}

impl<T> WhenAsked<T> {
    /// The value, worked out if need be.
    pub(super) fn get(&self, work_out: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(work_out)
    }
}
