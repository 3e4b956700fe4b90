//! calltriage: hand it a Call-ID or a number, and it says what happened to the call, who owns it,
//! how sure that is, which packets prove it and what to do next.
//!
//! The modules depend on each other in one direction only; `ARCHITECTURE.md` draws it.

pub mod capture;
pub mod sip;
pub mod wire;

#[cfg(feature = "bot")]
pub mod app;
#[cfg(feature = "bot")]
pub mod archive;
#[cfg(feature = "bot")]
pub mod call;
#[cfg(feature = "bot")]
pub mod chat;
#[cfg(feature = "bot")]
pub mod cli;
#[cfg(feature = "bot")]
pub mod config;
#[cfg(feature = "bot")]
pub mod data;
#[cfg(feature = "bot")]
pub mod demo;
#[cfg(feature = "bot")]
pub mod diagnosis;
#[cfg(feature = "bot")]
pub mod doctor;
#[cfg(feature = "bot")]
pub mod examples;
#[cfg(feature = "bot")]
pub mod incidents;
#[cfg(feature = "bot")]
pub mod knowledge;
#[cfg(feature = "bot")]
pub mod latest;
#[cfg(feature = "bot")]
pub mod metrics;
#[cfg(feature = "bot")]
pub mod nearest;
#[cfg(feature = "bot")]
pub mod peers;
#[cfg(feature = "bot")]
pub mod platform;
#[cfg(feature = "bot")]
pub mod render;
#[cfg(feature = "bot")]
pub mod report;
#[cfg(feature = "bot")]
pub mod setup;
#[cfg(feature = "bot")]
pub mod sources;
#[cfg(feature = "bot")]
pub mod store;
#[cfg(feature = "bot")]
pub mod supervisor;
#[cfg(feature = "bot")]
pub mod web;
