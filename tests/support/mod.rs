//! What several tests share.

pub mod trace;
