//! Investigations made readable: the ladder and the card. Draws only; decides nothing.

pub mod card;
pub mod clean;
pub mod ladder;
pub mod picture;

pub use card::Card;
