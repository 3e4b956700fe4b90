//! Investigations made readable: the ladder and the card. Draws only; decides nothing.

pub mod card;
pub mod clean;
pub mod ladder;

pub use card::Card;
