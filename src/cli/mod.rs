//! The command line: one file a subcommand. Parses arguments and prints; the work is done elsewhere.

use std::process::ExitCode;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
