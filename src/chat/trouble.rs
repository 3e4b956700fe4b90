//! Why an attempt at an answer ended, and with that what becomes of the request. Decides nothing.

use super::outlet::Failure;
use crate::store::StoreError;

/// Why an attempt ended.
pub(super) enum Trouble {
    /// It may go better later.
    Passing(String),
    /// It never will.
    Final(String),
    /// The store cannot be used.
    Unkept(String),
    /// Another process carries it out.
    Taken,
    /// This process ends, and whoever comes next carries it out.
    HandedOver,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Passing(why) => Trouble::Passing(why),
            Failure::Final(why) => Trouble::Final(why),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            // Of all that is written for a job only the job itself can stand otherwise than expected.
            StoreError::Conflict { .. } => Trouble::Taken,
            error => Trouble::Unkept(error.to_string()),
        }
    }
}
