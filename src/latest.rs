//! A value that is replaced as a whole while others read it: whoever took it keeps what it was. Knows nothing of what
//! it holds.

use std::sync::{Arc, PoisonError, RwLock};

/// The latest of its kind. Clones are the same one.
#[derive(Debug)]
pub struct Latest<T> {
    value: Arc<RwLock<Arc<T>>>,
}

impl<T> Latest<T> {
    /// Begins with this.
    #[must_use]
    pub fn new(value: Arc<T>) -> Latest<T> {
        Latest {
            value: Arc::new(RwLock::new(value)),
        }
    }

    /// What it is now.
    #[must_use]
    pub fn now(&self) -> Arc<T> {
        Arc::clone(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it for everybody who asks from now on.
    pub fn replace(&self, value: Arc<T>) {
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Latest {
            value: Arc::clone(&self.value),
        }
    }
}

impl<T: Default> Default for Latest<T> {
    fn default() -> Self {
        Latest::new(Arc::default())
    }
}
