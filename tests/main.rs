//! All end-to-end tests, as one program so that linking stays cheap: each module is one part of
//! calltriage, used from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy lets tests do this, but not the functions that they share"
)]

mod call;
mod capture;
mod cli;
mod commands;
mod config;
mod data;
mod demo;
mod diagnosis;
mod discord;
mod discord_fake;
mod discord_show;
mod docs;
mod examples;
mod flow;
mod fuzz_cases;
mod incidents;
mod investigator;
mod knowledge;
mod packaging;
mod platform;
mod platform_faults;
mod render;
mod replicas;
mod reports;
mod robustness;
mod rules;
mod scenarios;
mod sip;
mod slack;
mod slack_fake;
mod slack_show;
mod sources;
mod store;
mod supervisor;
mod support;
mod tidy;
mod traces;
mod web;
mod wire;
mod work;
