//! What the two ends of the socket say to each other. No I/O.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::error::StoreError;
use crate::store::value::{Entry, Op, Stored};

/// Raised when either side could misread the other.
pub(super) const PROTOCOL: u32 = 2;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    Hello {
        protocol: u32,
    },
    Get {
        ns: String,
        key: String,
        now: Timestamp,
    },
    Scan {
        ns: String,
        prefix: String,
        after: Option<String>,
        limit: usize,
        now: Timestamp,
    },
    Apply {
        ops: Vec<Op>,
        now: Timestamp,
    },
    Sweep {
        now: Timestamp,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Response {
    Hello { protocol: u32 },
    Value(Option<Stored>),
    Entries(Vec<Entry>),
    Number(u64),
    Failed(StoreError),
}
