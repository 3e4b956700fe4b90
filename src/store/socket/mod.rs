//! The store for other processes, over a Unix socket in its folder. Speaks the port's operations and
//! nothing else; only the user who runs the bot may connect.

mod frame;
mod message;
mod remote;
mod server;

pub use remote::RemoteStore;
pub use server::Server;

use std::path::{Path, PathBuf};

use super::error::StoreError;

/// Linux: `sun_path` holds 108 bytes with its closing zero.
const MAX_PATH_BYTES: usize = 107;

/// Where the process that has the store in `dir` listens.
#[must_use]
pub fn path_in(dir: &Path) -> PathBuf {
    dir.join("bot.sock")
}

fn check_path(path: &Path) -> Result<(), StoreError> {
    let length = path.as_os_str().len();
    if length > MAX_PATH_BYTES {
        return Err(StoreError::Unavailable(format!(
            "the socket's path {} has {length} bytes and may have {MAX_PATH_BYTES}; \
             put the store into a folder with a shorter path",
            path.display()
        )));
    }
    Ok(())
}
