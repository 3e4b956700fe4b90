//! The tables of what is known: they read, say what the standards say, and are found however a text is spelt.

mod figures;
mod files;
mod standards;
mod texts;

use calltriage::knowledge::Knowledge;

/// What is built in.
fn known() -> &'static Knowledge {
    Knowledge::built_in()
}
