//! The tests that go through the front doors, as one binary.

mod store;
