//! calltriage: hand it a Call-ID or a number, and it says what happened to the call, who owns it,
//! how sure that is, which packets prove it and what to do next.
//!
//! The modules depend on each other in one direction only; `ARCHITECTURE.md` draws it.

pub mod app;
pub mod archive;
pub mod call;
pub mod capture;
pub mod chat;
pub mod cli;
pub mod config;
pub mod demo;
pub mod diagnosis;
pub mod doctor;
pub mod examples;
pub mod knowledge;
pub mod nearest;
pub mod peers;
pub mod platform;
pub mod render;
pub mod sip;
pub mod sources;
pub mod store;
pub mod web;
pub mod wire;
