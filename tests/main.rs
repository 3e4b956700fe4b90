//! All integration tests, in one binary so that linking stays cheap.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod render;
mod rules;
mod support;
