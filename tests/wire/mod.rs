//! What is read of the wire besides SIP messages.

mod end_to_end;
mod media;
mod opening;
mod round_trip;
