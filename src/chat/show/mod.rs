//! What people see in any chat, before a platform puts it into its own form: replies as headed parts with buttons, forms
//! and files, all plain values. Knows no platform's markup and none of its limits.

pub mod buttons;
mod card;
pub mod files;
pub mod forms;
pub mod incident;
mod lists;
pub mod reply;
mod reports;
pub mod sheet;
pub mod text;

use crate::chat::commands::Table;
pub use lists::past;

/// About what a reply is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The id of the job that is answered; what has buttons carries it, so that a click tells it.
    pub job: &'a str,
    /// Whether there are buttons: not where a click could not be answered.
    pub buttons: bool,
    /// The commands that buttons may stand for.
    pub table: &'a Table,
}
