//! What people read: ladders and cards of written calls, letter by letter, and what holds of all.

mod card;
mod clean;
mod ladder;
mod limits;
mod pictures;
mod scenes;
