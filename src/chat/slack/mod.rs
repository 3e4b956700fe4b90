//! Slack: what is shown there, and what the app has to be allowed. Translates only; decides nothing.

/// The app as Slack has to know it.
pub mod manifest;
/// What people see.
pub mod show;
