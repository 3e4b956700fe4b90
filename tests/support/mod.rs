//! What several tests share.

pub mod capture_writer;
pub mod text_writer;
pub mod trace;
