//! Captures built into the program, so that it has something to show without any. Real recordings;
//! `examples/README.md` says how they were made.

/// Each capture's name and content.
pub const CAPTURES: &[(&str, &[u8])] = &[];
