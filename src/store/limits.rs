//! How much the store takes at once, and the checks every engine shares. Changes nothing.

use super::error::StoreError;
use super::value::Op;

/// The longest key and the longest namespace, together.
pub const MAX_KEY_BYTES: usize = 512;

/// The most bytes of values in one apply, and so the largest value. Small enough that an apply
/// spans few of the engine's segments, and that a batch fits a frame of the socket.
pub const MAX_APPLY_BYTES: usize = 4 * 1024 * 1024;

/// The most changes in one apply.
pub const MAX_OPS: usize = 1000;

/// The most entries in one page of a scan.
pub const MAX_PAGE_ENTRIES: usize = 1000;

/// A namespace's length is one byte in the engine's key.
const MAX_NS_BYTES: usize = 64;

pub(super) fn check_name(ns: &str, key: &str) -> Result<(), StoreError> {
    if ns.len() > MAX_NS_BYTES {
        return Err(StoreError::TooLarge(format!(
            "a namespace of {} bytes, {MAX_NS_BYTES} are allowed",
            ns.len()
        )));
    }
    if ns.len() + key.len() > MAX_KEY_BYTES {
        return Err(StoreError::TooLarge(format!(
            "a key of {} bytes in {ns}, {} are allowed",
            key.len(),
            MAX_KEY_BYTES - ns.len()
        )));
    }
    Ok(())
}

pub(super) fn check_ops(ops: &[Op]) -> Result<(), StoreError> {
    if ops.len() > MAX_OPS {
        return Err(StoreError::TooLarge(format!(
            "{} changes at once, {MAX_OPS} are allowed",
            ops.len()
        )));
    }
    let mut total = 0;
    for op in ops {
        check_name(op.ns(), op.key())?;
        total += op.bytes().len();
    }
    if total > MAX_APPLY_BYTES {
        return Err(StoreError::TooLarge(format!(
            "{total} bytes at once, {MAX_APPLY_BYTES} are allowed"
        )));
    }
    Ok(())
}
