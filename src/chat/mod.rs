//! A chat message in, a reply out, the same for every platform. Knows nothing of where evidence comes from.

pub mod commands;
