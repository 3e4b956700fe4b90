//! The `calltriage` program: starts the command line and turns its outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    calltriage::cli::main()
}
