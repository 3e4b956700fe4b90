//! How long a registration was granted, as a plain value. Reads no message: who granted it has said so.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A registration that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The user that was registered.
    pub user: String,
    /// When it was.
    pub at: Timestamp,
    /// Until when that holds.
    pub until: Timestamp,
}

impl Granted {
    /// The user's last one before a time, where it had run out by then.
    #[must_use]
    pub fn run_out<'g>(all: &'g [Granted], user: &str, by: Timestamp) -> Option<&'g Granted> {
        let of_user = all.iter().filter(|it| it.user.eq_ignore_ascii_case(user));
        let last = of_user
            .filter(|it| it.at <= by)
            .max_by_key(|it| (it.at, it.until))?;
        (last.until <= by).then_some(last)
    }
}
