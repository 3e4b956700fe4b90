//! What several calls have in common: the traits of each, the groups that they fall into by cause,
//! and what failing calls share that good ones do not. Pure: fetches nothing and reads no clock.

mod chance;
mod groups;
mod named;
mod once;
mod rows;
mod sentence;
mod shared;
mod traced;
mod traits;

pub use groups::{Group, groups};
pub use named::Named;
pub use shared::{Common, Shared, common};
pub use traits::{Aspect, Ended, Traits};
