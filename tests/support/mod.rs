//! What several tests share.

pub mod capture_writer;
pub mod media;
pub mod trace;
