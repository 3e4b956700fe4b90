//! What a platform tells, as values.

mod incident;
