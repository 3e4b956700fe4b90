//! A platform to try the bot on without an account: an HTTP server that answers as ConnexCS is
//! documented to, over calls that were recorded. It checks what it is asked as strictly as it can, and
//! misbehaves when told to, so that tests meet every fault on a real socket.

mod asked;
mod behaviour;
mod billing;
mod breakdown;
mod call;
mod credentials;
mod directory;
mod endpoint;
mod line;
mod log_row;
mod party;
mod query;
mod seen;
mod server;
mod shape;
mod simulated;
mod trace_row;
mod traffic;
mod world;

pub use behaviour::{Behaviour, Script};
pub use credentials::Credentials;
pub use endpoint::Endpoint;
pub use seen::{Seen, Sent};
pub use server::{BASE_PATH, Platform, STATUS_PATH, Server};
pub use traffic::{Played, Short, Traffic, merge};
pub use world::World;
