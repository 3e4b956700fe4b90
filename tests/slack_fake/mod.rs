//! The Slack fake itself: that it refuses what Slack refuses and delivers as Slack delivers, asked by
//! plain clients that share no code with it.

mod client;
mod contract;
mod delivery;
mod http;
mod refusals;
