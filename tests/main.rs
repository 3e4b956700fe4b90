//! All integration tests as one binary, so that they are linked once.

// `cfg(test)` tells clippy that helpers outside test functions are tests too.
#[cfg(test)]
mod call;
