//! Gets the files that people hand over, from wherever the chat keeps them. Looks at names and sizes only: what is in
//! them is for the desk.

use super::Handed;
use super::outlet::{Failure, Outlet};
use super::request::{Attached, Request};
use super::threads::Thread;

/// Files beyond these are not looked at: together they have to fit into memory.
const MOST_FILES: usize = 10;

/// The files of one question have no more bytes than this together.
const MOST_BYTES: u64 = 32_000_000;

/// The files that came with a request or stand in its thread already; one sentence where they cannot be taken.
///
/// # Errors
/// Where the chat could not be asked.
pub(super) async fn fetched<O: Outlet>(
    outlet: &O,
    request: &Request,
    thread: Option<&Thread>,
) -> Result<Result<Vec<Handed>, String>, Failure> {
    let known = thread.map_or(&[][..], |it| it.files.as_slice());
    let new = request.files.iter().filter(|it| !known.contains(it));
    let files: Vec<&Attached> = known.iter().chain(new).take(MOST_FILES).collect();
    let mut left = MOST_BYTES;
    let mut handed = Vec::new();
    for file in files {
        if file.size > left {
            return Ok(Err(too_large(file)));
        }
        match outlet.fetch(file, left).await {
            Ok(bytes) => {
                left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(left));
                handed.push(Handed {
                    name: file.name.clone(),
                    bytes,
                });
            }
            Err(Failure::Final(why)) if request.files.contains(file) => {
                return Ok(Err(format!("{}: {why}.", file.name)));
            }
            // What is gone from the thread since is not missed.
            Err(Failure::Final(_)) => {}
            Err(passing) => return Err(passing),
        }
    }
    Ok(Ok(handed))
}

fn too_large(file: &Attached) -> String {
    format!(
        "{} has {} MB; no more than {} MB are taken. Cut it first, as in: tshark -r FILE -Y sip -w SMALLER",
        file.name,
        file.size.div_ceil(1_000_000),
        MOST_BYTES / 1_000_000
    )
}
