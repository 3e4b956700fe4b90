//! The `calltriage` program: starts the command line and turns its outcome into an exit code.

use std::process::ExitCode;

/// A fifth of the time over a large capture goes into small allocations, and the system's allocator takes longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    calltriage::cli::main()
}
