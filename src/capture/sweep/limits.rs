//! How much memory the gathering of calls may take.

/// Bounds of memory, each in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages held for calls that are not whole yet: beyond that, calls wait for a later pass.
    pub held: usize,
    /// Messages of one call that are looked at.
    pub of_one: usize,
    /// Lines whose turn has not come: beyond that, they wait in a temporary file.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        const MEGABYTE: usize = 1024 * 1024;
        Limits {
            held: 96 * MEGABYTE,
            of_one: 64 * MEGABYTE,
            waiting: 16 * MEGABYTE,
        }
    }
}
