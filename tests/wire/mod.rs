//! What is read of the wire besides SIP messages.

mod media;
