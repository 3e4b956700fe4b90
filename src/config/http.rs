//! `[http]`: the listeners for health, metrics, hooks and chats. Listens nowhere.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::reader::Section;

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The address it listens on.
    pub listen: SocketAddr,
    /// How it is encrypted there; nothing leaves that to a proxy.
    pub tls: Option<Tls>,
    /// Another one for `/metrics` alone, always in the clear.
    pub metrics: Option<SocketAddr>,
}

/// `[http] tls`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// A file with the certificate and those that lead to its issuer, in PEM.
    pub certificate: PathBuf,
    /// A file with its key, in PEM.
    pub key: PathBuf,
}

/// Only this machine can reach it until somebody decides otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

pub(super) fn read(section: &mut Section<'_>) -> Option<Http> {
    let listen = section.optional("listen").unwrap_or(LISTEN);
    let metrics = section.optional("metrics");
    let tls = section.optional_table("tls", |section| {
        let (certificate, key) = (section.required("certificate"), section.required("key"));
        Some(Tls {
            certificate: certificate?,
            key: key?,
        })
    });
    Some(Http {
        listen,
        tls: tls?,
        metrics,
    })
}
