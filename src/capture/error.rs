//! Why a path yields no capture, each in one sentence that names the path and says what to do.
//! Damage inside a capture is not an error: it becomes a warning, and the rest is read.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A path that cannot be read as a capture. The texts are meant for the person who gave the path.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Nothing stands at the path.
    #[error("{}: no such file or folder; check the path", shown(.path))]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder where one file was asked for.
    #[error("{}: a folder, not a capture file; name a file in it", shown(.path))]
    Folder {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder in which nothing is a capture.
    #[error("{}: no pcap or pcapng file in this folder; {}", shown(.path), looked_at(.files))]
    NoCaptures {
        /// The path as given.
        path: PathBuf,
        /// How many files were looked at.
        files: usize,
    },
    /// A file of no bytes.
    #[error(
        "{}: the file is empty; check that the recording ran and the disk was not full",
        shown(.path)
    )]
    Empty {
        /// The path as given.
        path: PathBuf,
    },
    /// A file that begins like no capture.
    #[error("{}: not a pcap or pcapng capture but {looks_like}; {advice}", shown(.path))]
    NotCapture {
        /// The path as given.
        path: PathBuf,
        /// What it looks like, as in "text".
        looks_like: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// A pipe, socket or device. It was not opened: that could wait for ever.
    #[error("{}: {kind}, not a file; save the packets to a file first", shown(.path))]
    NotAFile {
        /// The path as given.
        path: PathBuf,
        /// What it is, as in "a named pipe".
        kind: &'static str,
    },
    /// The system does not let us read it.
    #[error("{}: reading it is not permitted; give this program's user the right to", shown(.path))]
    Denied {
        /// The path as given.
        path: PathBuf,
    },
    /// The system failed to read it.
    #[error("{}: cannot be read; check the disk or the network share", shown(.path))]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl CaptureError {
    /// The right variant for what the system said about a path.
    pub(super) fn from_io(path: &Path, source: io::Error) -> CaptureError {
        let path = path.to_path_buf();
        match source.kind() {
            // A file used as a folder ("trace.pcap/x") is a path at which nothing stands.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                CaptureError::NotFound { path }
            }
            io::ErrorKind::PermissionDenied => CaptureError::Denied { path },
            _ => CaptureError::Unreadable { path, source },
        }
    }
}

/// The path on one line, whatever its name holds.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for letter in path.to_string_lossy().chars() {
        if letter.is_control() {
            text.extend(letter.escape_default());
        } else {
            text.push(letter);
        }
    }
    text
}

fn looked_at(files: &usize) -> String {
    match files {
        0 => "it holds no file at all".to_owned(),
        1 => "its only file is something else".to_owned(),
        many => format!("its {many} files are something else"),
    }
}
