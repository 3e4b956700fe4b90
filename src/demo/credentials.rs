//! What the demo platform lets in: an access token, a refresh token that is exchanged for one, or a user
//! with a password. They protect nothing; they are there so that a client must send them right.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64_URL};
use serde_json::json;

/// The credentials that are accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// An access token, minted by hand.
    pub token: String,
    /// A refresh token.
    pub refresh_token: String,
    /// A user name.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// How long access tokens last that were exchanged, in seconds.
    pub lifetime: i64,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

impl Default for Credentials {
    fn default() -> Credentials {
        Credentials {
            token: "demo".to_owned(),
            refresh_token: "demo-refresh".to_owned(),
            user: "demo@example.com".to_owned(),
            password: "demo-password".to_owned(),
            lifetime: 1800,
        }
    }
}

/// What a request may do with what it brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Ask for data.
    Data,
    /// Ask for tokens only.
    Tokens,
    /// Both, as a user with a password may.
    Everything,
    /// Nothing.
    Nothing,
}

/// The credentials together with the tokens that were issued.
#[derive(Debug)]
pub(super) struct Door {
    credentials: Credentials,
    /// Until when each access token is good, in seconds; refresh tokens have no end here.
    access: Mutex<HashMap<String, i64>>,
    refresh: Mutex<Vec<String>>,
}

impl Door {
    pub(super) fn new(credentials: Credentials) -> Door {
        let refresh = Mutex::new(vec![credentials.refresh_token.clone()]);
        let access = Mutex::default();
        Door {
            credentials,
            access,
            refresh,
        }
    }

    /// What the Authorization header of a request lets it do, at a time in seconds.
    pub(super) fn allows(&self, authorization: &str, now: i64) -> Allowed {
        let Some((scheme, content)) = authorization.split_once(' ') else {
            return Allowed::Nothing;
        };
        let Credentials { user, password, .. } = &self.credentials;
        match scheme {
            "Basic" if content == BASE64.encode(format!("{user}:{password}")) => {
                Allowed::Everything
            }
            "Bearer" if content == self.credentials.token => Allowed::Data,
            "Bearer" if self.is_good(content, now) => Allowed::Data,
            "Bearer" if self.is_refresh(content) => Allowed::Tokens,
            _ => Allowed::Nothing,
        }
    }

    fn is_good(&self, token: &str, now: i64) -> bool {
        let issued = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(token).is_some_and(|end| *end > now)
    }

    fn is_refresh(&self, token: &str) -> bool {
        let issued = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        issued.iter().any(|issued| issued == token)
    }

    /// A new access token.
    pub(super) fn issue_access(&self, now: i64) -> String {
        let mut issued = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, end| *end > now);
        let end = now.saturating_add(self.credentials.lifetime);
        let token = jwt("access", end, issued.len());
        issued.insert(token.clone(), end);
        token
    }

    /// A new refresh token that lasts so many seconds.
    pub(super) fn issue_refresh(&self, lifetime: i64, now: i64) -> String {
        let mut issued = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        let token = jwt("refresh", now.saturating_add(lifetime), issued.len());
        issued.push(token.clone());
        token
    }
}

/// A token of the usual form (RFC 7519), signed by nobody.
fn jwt(kind: &str, end: i64, number: usize) -> String {
    let part = |value: serde_json::Value| BASE64_URL.encode(value.to_string());
    let head = part(json!({ "alg": "none", "typ": "JWT" }));
    let body = part(json!({ "exp": end, "typ": kind, "jti": number }));
    format!("{head}.{body}.{}", BASE64_URL.encode(kind))
}
