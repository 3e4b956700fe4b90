//! Investigations made readable: the ladder, the card, the summary of many calls, two calls side by
//! side. Draws only; decides nothing.

pub mod card;
pub mod clean;
pub mod comparison;
pub mod csv;
pub mod incident;
pub mod ladder;
mod page;
pub mod picture;
pub mod summary;
pub mod survey;
mod wrap;

pub use card::Card;
