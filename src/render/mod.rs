//! Investigations made readable: the ladder and the card. Draws only; decides nothing.
