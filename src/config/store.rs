//! `[store]`: what must survive a restart. Opens nothing.

use std::path::PathBuf;

use super::Secret;
use super::reader::Section;

/// `[store]`: what must survive a restart.
#[derive(Debug, Clone)]
pub struct Store {
    /// Its folder. None where none is set and the user has neither a state folder nor a home.
    pub path: Option<PathBuf>,
    /// The server that has the data instead.
    pub server: Option<Server>,
}

/// A PostgreSQL server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address, with the password in it.
    pub url: Secret,
    /// A file with a certificate in PEM that is trusted besides those of the system.
    pub ca: Option<PathBuf>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Store> {
    let state = section.around().state_folder();
    let default = || state.map(|folder| folder.join("calltriage"));
    let path = section.optional("path").or_else(default);
    let url = section.optional::<Secret>("url");
    let ca = section.optional("ca");
    if let Some(url) = &url
        && !is_address(url)
    {
        section.refuse(
            "url",
            "found another address (not shown)".to_owned(),
            "the address of a PostgreSQL server, as in \"postgres://USER:PASSWORD@HOST/DATABASE\""
                .to_owned(),
        );
    }
    let server = url.map(|url| Server { url, ca });
    Some(Store { path, server })
}

fn is_address(url: &Secret) -> bool {
    let is_url = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.expose().starts_with(scheme));
    let parsed = url.expose().parse::<tokio_postgres::Config>();
    is_url && parsed.is_ok_and(|it| !it.get_hosts().is_empty() || !it.get_hostaddrs().is_empty())
}
