//! Where a store is: the folder that a process has for itself, and the database server behind it where several
//! processes share one store; and how long what is kept there. Opens neither.

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::lifetimes::Lifetimes;

/// Where a store is.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    server: Option<Server>,
    lifetimes: Lifetimes,
}

/// A PostgreSQL server.
#[derive(Clone)]
pub struct Server {
    /// Its address with the password in it.
    pub(super) url: SecretString,
    /// A file with a certificate in PEM that is trusted besides those of the system.
    pub(super) ca: Option<PathBuf>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server(hidden)")
    }
}

impl Place {
    /// The same folder, with the data on the PostgreSQL server at `url` instead of in files. `ca` is trusted besides
    /// the certificates of the system.
    #[must_use]
    pub fn on_server(self, url: &str, ca: Option<PathBuf>) -> Place {
        let url = SecretString::from(url.to_owned());
        Place {
            server: Some(Server { url, ca }),
            ..self
        }
    }

    /// The same, with things kept for so long.
    #[must_use]
    pub fn keeping(self, lifetimes: Lifetimes) -> Place {
        Place { lifetimes, ..self }
    }

    /// How long what is kept.
    pub(super) fn lifetimes(&self) -> &Lifetimes {
        &self.lifetimes
    }

    /// The server, where there is one.
    pub(super) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }
}

/// Wherever the data is, the process has the folder.
impl Deref for Place {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.folder
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Place {
        place.clone()
    }
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Place {
        Place {
            folder: folder.to_owned(),
            server: None,
            lifetimes: Lifetimes::default(),
        }
    }
}

impl From<&PathBuf> for Place {
    fn from(folder: &PathBuf) -> Place {
        Place::from(folder.as_path())
    }
}
