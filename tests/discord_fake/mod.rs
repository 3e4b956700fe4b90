//! The fake Discord itself: what other people's clients find there.

mod contract;
