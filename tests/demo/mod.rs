//! The demo platform from outside: real requests over real sockets, its answers read by the reader that
//! the bot uses.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod billing;
mod calls;
mod faults;
mod process;
mod refusals;
