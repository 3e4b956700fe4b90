//! Every call of a set of captures, one after another, in memory that does not grow with the size
//! of the files: a first pass counts what belongs to each call, a second one gathers its messages
//! and lets them go as soon as the call is whole. Judges nothing.

mod gather;
mod held;
mod limits;
mod order;
mod plan;
mod ties;

pub use gather::{Line, Unit};
pub use limits::Limits;
pub use plan::{Plan, Which};
