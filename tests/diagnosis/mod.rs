//! What rules rest on.
