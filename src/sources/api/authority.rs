//! In whose name an API is asked: what shows a credential and hears what became of it. Says how a
//! credential travels (RFC 7617, RFC 6750), not where it comes from.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderValue;

use super::failure::Failure;
use super::sender::Sender;
use crate::config::Secret;

/// What one request shows. Cannot be printed.
#[derive(Clone)]
pub struct Credential {
    header: HeaderValue,
    secrets: Arc<[Secret]>,
}

impl Credential {
    /// A bearer token (RFC 6750 section 2.1).
    ///
    /// # Errors
    /// Where it has characters that no header may hold.
    pub fn bearer(token: Secret) -> Result<Credential, Failure> {
        let header = format!("Bearer {}", token.expose());
        Credential::new(&header, vec![token])
    }

    /// A user and a password (RFC 7617 section 2).
    ///
    /// # Errors
    /// Where the user's name has a colon: the other side would take it for the end of the name.
    pub fn basic(username: Secret, password: Secret) -> Result<Credential, Failure> {
        if username.expose().contains(':') {
            let why = "a user name with a colon cannot be sent";
            return Err(Failure::CannotAsk(why.to_owned()));
        }
        let encoded = STANDARD.encode(format!("{}:{}", username.expose(), password.expose()));
        let header = format!("Basic {encoded}");
        Credential::new(&header, vec![Secret::new(encoded), password, username])
    }

    fn new(header: &str, secrets: Vec<Secret>) -> Result<Credential, Failure> {
        let mut header = HeaderValue::from_str(header).map_err(|_| {
            Failure::CannotAsk(
                "the configured credential has characters that cannot be sent".to_owned(),
            )
        })?;
        // Libraries underneath print headers that are not marked.
        header.set_sensitive(true);
        Ok(Credential {
            header,
            secrets: secrets.into(),
        })
    }

    /// Whether both are the same.
    #[must_use]
    pub fn is(&self, other: &Credential) -> bool {
        self.header == other.header
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// What must not be shown of it, should an answer repeat it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::expose)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(hidden)")
    }
}

/// What has the credential of one API.
pub trait Authority: fmt::Debug + Send + Sync {
    /// The credential to show now; `sender` is there to fetch one.
    fn credential(&self, sender: &Arc<Sender>) -> BoxFuture<'_, Result<Credential, Failure>>;

    /// Hears that a credential was taken.
    fn accepted(&self, credential: &Credential);

    /// Hears that a credential was refused (401). Nothing means that a new one may be asked for
    /// and shown, once; otherwise this is why there is no answer.
    fn refused(&self, credential: &Credential) -> Option<Failure>;
}
