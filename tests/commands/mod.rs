//! The command table from outside: what a text means, what help says, what is refused at start.

mod help;
mod parse;
mod table;

use calltriage::chat::commands::Table;

fn commands() -> Table {
    Table::embedded().unwrap()
}
