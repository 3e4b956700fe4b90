//! What can go wrong with the store, in sentences a person can act on. Carries no engine's own types.

use std::io::{self, ErrorKind};

use serde::{Deserialize, Serialize};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum StoreError {
    /// What is stored is not what the caller expected: somebody else was faster.
    #[error("{ns}/{key} was changed in the meantime; read it again and repeat")]
    Conflict {
        /// The namespace of the value.
        ns: String,
        /// Its key.
        key: String,
    },
    /// The engine cannot be asked now.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// The disk takes nothing.
    #[error(
        "the store cannot be written: {0}; make room on its disk or make it writable, then restart calltriage"
    )]
    Unwritable(String),
    /// Stored data is not what was written.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// A key, a value or a batch is over its limit.
    #[error("too large for the store: {0}")]
    TooLarge(String),
}

impl StoreError {
    /// Lets pass that the disk takes nothing, for what can be done without.
    ///
    /// # Errors
    /// Any other.
    pub fn unless_unwritable(self) -> Result<(), StoreError> {
        match self {
            StoreError::Unwritable(_) => Ok(()),
            other => Err(other),
        }
    }

    pub(super) fn unavailable(doing: &str, error: &io::Error) -> Self {
        let why = format!("{doing}: {error}");
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => {
                StoreError::Unwritable(why)
            }
            _ => StoreError::Unavailable(why),
        }
    }
}
