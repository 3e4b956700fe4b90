//! ConnexCS as a source: its JSON, read into the values of `platform`. Knows the platform's words;
//! nothing above it does.

pub mod read;
