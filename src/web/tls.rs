//! TLS of the listener: a certificate with its key, which may be replaced while it listens. Who connects shows none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::config;
use crate::latest::Latest;

/// A certificate that was read, with its key.
#[derive(Debug, Clone)]
pub struct Identity(Arc<ServerConfig>);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as what it has to be.
    #[error("[http] tls: {} holds no {what} in PEM that can be read: {why}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it has to hold.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// They are read, but cannot be used together.
    #[error(
        "[http] tls: {} cannot be used with {}: {why}; it has to hold the certificate of that key first, then those \
         that lead to its issuer",
        .certificate.display(),
        .key.display()
    )]
    Refused {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What is wrong.
        why: rustls::Error,
    },
}

impl Identity {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    /// One sentence, where they cannot be used.
    pub fn read(files: &config::Tls) -> Result<Identity, TlsError> {
        let (certificate, key) = (&files.certificate, &files.key);
        let chain = chain(certificate).map_err(|it| unreadable(certificate, "certificate", &it))?;
        let secret = PrivateKeyDer::from_pem_file(key);
        let secret = secret.map_err(|it| unreadable(key, "key", &it))?;
        // Named, because another library in this program has a provider of its own.
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let settled = builder
            .with_safe_default_protocol_versions()
            .and_then(|it| it.with_no_client_auth().with_single_cert(chain, secret));
        let mut settled = settled.map_err(|why| TlsError::Refused {
            certificate: certificate.clone(),
            key: key.clone(),
            why,
        })?;
        settled.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Identity(Arc::new(settled)))
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)?.collect();
    let chain = chain?;
    match chain.is_empty() {
        true => Err(pem::Error::NoItemsFound),
        false => Ok(chain),
    }
}

fn unreadable(path: &Path, what: &'static str, why: &pem::Error) -> TlsError {
    TlsError::Unreadable {
        path: path.to_owned(),
        what,
        why: match why {
            pem::Error::Io(error) => error.to_string(),
            pem::Error::NoItemsFound => "there is none in it".to_owned(),
            // Not what stands there: it may be a part of a key.
            _ => "it is damaged".to_owned(),
        },
    }
}

/// Answers handshakes. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Tls {
    identity: Latest<ServerConfig>,
}

impl Tls {
    /// With this certificate.
    #[must_use]
    pub fn new(identity: Identity) -> Tls {
        Tls {
            identity: Latest::new(identity.0),
        }
    }

    /// Shows this certificate to whoever connects from now on.
    pub fn show(&self, identity: Identity) {
        self.identity.replace(identity.0);
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.identity.now()).accept(stream).await
    }
}
