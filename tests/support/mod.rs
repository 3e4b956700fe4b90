//! What several tests need. Holds no tests.

pub mod capture_writer;
