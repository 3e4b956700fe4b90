//! All integration tests, one binary: what they share is compiled and linked once.

mod capture;
mod support;
