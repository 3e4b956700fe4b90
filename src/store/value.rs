//! What goes into the store and comes out: values, expectations, changes. No engine, no I/O.

use bytes::Bytes;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StoreError;

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The bytes that were put.
    #[serde(with = "base64_bytes")]
    pub bytes: Bytes,
    /// Which apply wrote it. Never the same for two writes.
    pub version: u64,
    /// From when on it counts as absent.
    pub expires_at: Option<Timestamp>,
}

/// One entry of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its value, or why that cannot be read.
    pub stored: Result<Stored, StoreError>,
}

/// What must be there for a change to happen. An expired value counts as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// The value of this version.
    Version(u64),
    /// Whatever it is; also replaces a damaged value.
    Any,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// Write a value.
    Put {
        /// The namespace.
        ns: String,
        /// The key.
        key: String,
        /// What must be there before.
        expected: Expected,
        /// The new value.
        #[serde(with = "base64_bytes")]
        bytes: Bytes,
        /// From when on it counts as absent.
        expires_at: Option<Timestamp>,
    },
    /// Remove a value.
    Delete {
        /// The namespace.
        ns: String,
        /// The key.
        key: String,
        /// What must be there before.
        expected: Expected,
    },
    /// Change nothing here: only what else is asked rests on it.
    Check {
        /// The namespace.
        ns: String,
        /// The key.
        key: String,
        /// What must be there.
        expected: Expected,
    },
}

impl Op {
    /// Writes `bytes` under `key`, for ever unless [`Op::expiring`] says otherwise.
    #[must_use]
    pub fn put(ns: &str, key: &str, expected: Expected, bytes: impl Into<Bytes>) -> Self {
        Op::Put {
            ns: ns.to_owned(),
            key: key.to_owned(),
            expected,
            bytes: bytes.into(),
            expires_at: None,
        }
    }

    /// Removes what is under `key`.
    #[must_use]
    pub fn delete(ns: &str, key: &str, expected: Expected) -> Self {
        Op::Delete {
            ns: ns.to_owned(),
            key: key.to_owned(),
            expected,
        }
    }

    /// Lets the other changes happen only if what is under `key` is as expected.
    #[must_use]
    pub fn check(ns: &str, key: &str, expected: Expected) -> Self {
        Op::Check {
            ns: ns.to_owned(),
            key: key.to_owned(),
            expected,
        }
    }

    /// The same write with a time from when on the value counts as absent.
    #[must_use]
    pub fn expiring(mut self, at: Option<Timestamp>) -> Self {
        if let Op::Put { expires_at, .. } = &mut self {
            *expires_at = at;
        }
        self
    }

    pub(super) fn ns(&self) -> &str {
        match self {
            Op::Put { ns, .. } | Op::Delete { ns, .. } | Op::Check { ns, .. } => ns,
        }
    }

    pub(super) fn key(&self) -> &str {
        match self {
            Op::Put { key, .. } | Op::Delete { key, .. } | Op::Check { key, .. } => key,
        }
    }

    pub(super) fn expected(&self) -> Expected {
        match self {
            Op::Put { expected, .. } | Op::Delete { expected, .. } | Op::Check { expected, .. } => {
                *expected
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Op::Put { bytes, .. } => bytes,
            Op::Delete { .. } | Op::Check { .. } => &[],
        }
    }

    pub(super) fn conflict(&self) -> StoreError {
        StoreError::Conflict {
            ns: self.ns().to_owned(),
            key: self.key().to_owned(),
        }
    }
}

/// A small record of the store's own as JSON.
pub(super) fn to_json<T: Serialize>(record: &T) -> Result<Bytes, StoreError> {
    serde_json::to_vec(record)
        .map(Bytes::from)
        .map_err(|error| StoreError::Corrupt(format!("cannot be written as JSON: {error}")))
}

/// The record that [`to_json`] wrote; `what` names it when it is not readable.
pub(super) fn from_json<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|error| StoreError::Corrupt(format!("{what} is not readable: {error}")))
}

/// Bytes as base64 text, for JSON.
pub(super) mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD
            .decode(text)
            .map(Bytes::from)
            .map_err(D::Error::custom)
    }
}
