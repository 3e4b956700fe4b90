//! Incidents: what many calls and other programs show to be wrong, told once in the channels that should know, and
//! kept up to date until it is over. Diagnoses no call by itself and knows no chat.
//!
//! The core ([`Board`]) is pure: events in, actions out, time a parameter. The keeper does what it says.

mod answered;
mod asked;
pub mod baseline;
pub mod board;
pub mod budget;
mod deeds;
pub mod digest;
mod finding;
pub mod grouping;
mod judged;
pub mod keeper;
mod leading;
pub mod life;
mod looking;
pub mod mute;
/// What the keeper was told to do.
pub mod orders;
mod outside;
pub mod pager;
pub mod poster;
pub mod posts;
pub mod quiet;
mod rounds;
pub mod routes;
pub mod schedule;
mod settle;
pub mod shelf;
pub mod signal;
pub mod source;
pub mod watch;

pub use board::{Action, Board, Event, Settings};
pub use keeper::Keeper;
