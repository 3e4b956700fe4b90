//! Which captures stand under the paths that were named. Reads the first bytes of files only, and
//! opens nothing that could block.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::CaptureError;
use super::files::sentence;
use super::open;

/// A capture to be read.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Its size.
    pub(super) bytes: u64,
    /// When it was changed last.
    pub(super) modified: Option<SystemTime>,
}

/// Captures and troubles in the order in which they were met.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) files: Vec<Found>,
    pub(super) problems: Vec<String>,
    /// Real paths, so that neither a link back nor a path named twice is followed twice.
    seen: HashSet<PathBuf>,
    /// Files met below the folder that was named.
    met: usize,
    /// Those among them that are captures, or might be and cannot be read.
    relevant: usize,
}

/// Finds the captures among these files and below these folders.
pub(super) fn captures(paths: &[PathBuf]) -> Walk {
    let mut walk = Walk::default();
    for path in paths {
        if !path.is_dir() {
            if let Err(error) = walk.file(path) {
                walk.problem(&error);
            }
        } else if walk.is_new(path) {
            (walk.met, walk.relevant) = (0, 0);
            walk.folder(path);
            if walk.relevant == 0 {
                walk.problem(&CaptureError::NoCaptures {
                    path: path.clone(),
                    files: walk.met,
                });
            }
        }
    }
    walk
}

/// Whether a file has the name of a capture, with or without a number behind it as rotating gives it.
fn is_named_so(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    [".pcap", ".pcapng", ".cap.gz"]
        .iter()
        .any(|it| name.contains(it))
        || name.ends_with(".cap")
}

impl Walk {
    fn folder(&mut self, folder: &Path) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.relevant += 1;
                return self.problem(&CaptureError::from_io(folder, error));
            }
        };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                if self.is_new(&path) {
                    self.folder(&path);
                }
                continue;
            }
            self.met += 1;
            match self.file(&path) {
                Ok(()) => self.relevant += 1,
                Err(error @ (CaptureError::Denied { .. } | CaptureError::Unreadable { .. })) => {
                    self.relevant += 1;
                    self.problem(&error);
                }
                Err(error @ CaptureError::NotCapture { .. }) if is_named_so(&path) => {
                    self.problem(&error);
                }
                // Whatever else stands in a folder is no trouble.
                Err(_) => {}
            }
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), CaptureError> {
        open::look_at(path)?;
        if self.is_new(path) {
            let known = fs::metadata(path).ok();
            self.files.push(Found {
                path: path.to_path_buf(),
                bytes: known.as_ref().map_or(0, Metadata::len),
                modified: known.and_then(|it| it.modified().ok()),
            });
        }
        Ok(())
    }

    fn is_new(&mut self, path: &Path) -> bool {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        self.seen.insert(real)
    }

    fn problem(&mut self, error: &CaptureError) {
        self.problems.push(sentence(error));
    }
}
