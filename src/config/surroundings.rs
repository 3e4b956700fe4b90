//! What a configuration may refer to outside its own file: environment variables, other files, the user's folders.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where relative paths start and where environment variables are looked up. Tests make their own.
pub struct Surroundings<'a> {
    folder: PathBuf,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Surroundings<'a> {
    /// Surroundings in which relative paths start at `folder` and variables come from `variable`.
    pub fn new(folder: impl Into<PathBuf>, variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Surroundings {
            folder: folder.into(),
            variable,
        }
    }

    /// The environment of this process; relative paths start where the process does.
    #[must_use]
    pub fn of_process() -> Surroundings<'static> {
        Surroundings::new("", &|name| std::env::var(name).ok())
    }

    /// The same environment, for a configuration file that stands in `folder`.
    #[must_use]
    pub fn within(&self, folder: &Path) -> Surroundings<'a> {
        Surroundings::new(folder, self.variable)
    }

    /// The value of an environment variable; an empty one counts as not set.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// A path as written in a configuration: `~/` is the user's home, relative paths start at the file's folder.
    #[must_use]
    pub fn path(&self, written: &str) -> PathBuf {
        match (written.strip_prefix("~/"), self.variable("HOME")) {
            (Some(rest), Some(home)) => Path::new(&home).join(rest),
            _ => self.folder.join(written),
        }
    }

    /// The user's state folder (XDG Base Directory Specification), if this user has one.
    #[must_use]
    pub fn state_folder(&self) -> Option<PathBuf> {
        let stated = self.variable("XDG_STATE_HOME").map(PathBuf::from);
        // The specification tells us to ignore a relative path.
        stated.filter(|path| path.is_absolute()).or_else(|| {
            self.variable("HOME")
                .map(|home| Path::new(&home).join(".local/state"))
        })
    }
}

/// The text of a file that a person wrote: refuses what is no regular file (a FIFO would wait for ever), what is
/// larger than `limit` bytes and what is not UTF-8. The error completes "cannot read it: …".
pub fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    let said = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let about = std::fs::metadata(path).map_err(said)?;
    if !about.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(said)?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(said)?;
    if bytes.len() as u64 > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}
