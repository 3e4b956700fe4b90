//! Configuration from outside: what a file says, every problem in it, secrets, peers.

mod annotated;
mod connexcs;
mod discord;
mod peers;
mod problems;
mod rules;
mod secrets;

use calltriage::config::{Config, ConfigError, Surroundings};

/// Reads a text as if it stood in `/etc/calltriage/c.toml`, without any environment.
fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(
        "c.toml",
        text,
        &Surroundings::new("/etc/calltriage", &|_| None),
    )
}
