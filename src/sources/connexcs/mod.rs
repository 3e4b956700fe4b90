//! ConnexCS as a source: in whose name its API is asked. Judges nothing.

pub mod credentials;
