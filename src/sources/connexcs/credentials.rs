//! In whose name the platform is asked: a token made by hand, a refresh token for which access
//! tokens are fetched, or a user with its password. Never tries a refused one again and again: the
//! platform delays and then blocks whoever does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::renewal::Refresh;
use crate::config::{self, Secret};
use crate::sources::api::{Authority, Body, Clock, Credential, Failure, Flights, Path, Sender};

/// Where an access token is had for a refresh token.
const EXCHANGE: &str = "auth/jwt";

/// So long before its end a token is replaced: a look-up that begins with it may take a while.
const SPARE: SignedDuration = SignedDuration::from_secs(60);

/// A token that is new is used at least so long, should its end be past already: our clock or the
/// platform's is wrong then, and each look-up would fetch another.
const LEAST_USE: SignedDuration = SignedDuration::from_secs(30);

/// A token refused within this time of its making is not replaced: the next would fare no better.
const NEW: SignedDuration = SignedDuration::from_secs(60);

/// A credential that was taken so recently is good: what is refused then is the one path.
const RECENTLY: SignedDuration = SignedDuration::from_secs(60);

/// How long a refused credential is not shown again.
pub const HOLD: Duration = Duration::from_secs(10 * 60);

/// The credential of one account.
#[derive(Debug)]
pub struct Credentials {
    kind: Kind,
    /// What people call it, as in "token".
    called: &'static str,
    state: Arc<Mutex<State>>,
    exchanges: Flights<(), Result<Access, Failure>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
enum Kind {
    Fixed {
        credential: Credential,
        /// When it ends, where it says so itself.
        expires: Option<Timestamp>,
    },
    Refreshed(Arc<Refresh>),
}

/// How a credential that ends is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Somebody makes another one.
    ByHand,
    /// It is a refresh token that does not come from a file, so that a new one could not be kept.
    OnlyFromFile,
    /// It is renewed by itself.
    ByItself,
}

/// What is known of the credential by now.
#[derive(Debug, Default)]
struct State {
    access: Option<Access>,
    accepted: Option<Timestamp>,
    not_before: Option<Timestamp>,
    /// Why it is held back.
    held_for: HeldFor,
}

/// Why a credential is not shown for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum HeldFor {
    /// It was refused itself.
    #[default]
    Refused,
    /// No access token came for it.
    GaveNone,
    /// The access token that came for it was refused.
    AccessRefused,
}

/// A token that was fetched.
#[derive(Debug, Clone)]
struct Access {
    credential: Credential,
    made: Timestamp,
    /// From when on another is fetched; without it, when this one is refused.
    replaced: Option<Timestamp>,
}

impl Credentials {
    /// The credential as it is configured.
    ///
    /// # Errors
    /// Where it has characters that cannot be sent.
    pub fn new(
        configured: &config::Credentials,
        clock: Arc<dyn Clock>,
    ) -> Result<Credentials, Failure> {
        let (kind, called) = match configured {
            config::Credentials::Token(token) => {
                let kind = Kind::Fixed {
                    credential: Credential::bearer(token.clone())?,
                    expires: expiry(token.expose()),
                };
                (kind, "token")
            }
            config::Credentials::RefreshToken(token) => (
                Kind::Refreshed(Arc::new(Refresh::new(token)?)),
                "refresh token",
            ),
            config::Credentials::User { username, password } => {
                let credential = Credential::basic(username.clone(), password.clone())?;
                let kind = Kind::Fixed {
                    credential,
                    expires: None,
                };
                (kind, "user and password")
            }
        };
        Ok(Credentials {
            kind,
            called,
            state: Arc::default(),
            exchanges: Flights::new(),
            clock,
        })
    }

    /// When the configured token ends, where it says so itself: it has to be replaced before.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Fixed { expires, .. } => *expires,
            Kind::Refreshed(refresh) => refresh.expires(),
        }
    }

    /// How it is replaced when it ends.
    #[must_use]
    pub fn renewal(&self) -> Renewal {
        match &self.kind {
            Kind::Fixed { .. } => Renewal::ByHand,
            Kind::Refreshed(refresh) if refresh.is_kept() => Renewal::ByItself,
            Kind::Refreshed(_) => Renewal::OnlyFromFile,
        }
    }

    /// Leaves the credential as it is from now on: whoever only looks changes nothing.
    pub fn leave(&self) {
        if let Kind::Refreshed(refresh) = &self.kind {
            refresh.leave();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is said of the credential that is configured when it is not taken.
    fn refusal(&self, why: HeldFor, not_before: Option<Timestamp>) -> Failure {
        match why {
            HeldFor::Refused => Failure::Unauthorised {
                credential: Some(self.called),
                expired: self.expires().filter(|end| *end <= self.clock.now()),
                not_before,
            },
            HeldFor::GaveNone => Failure::NoAccessToken,
            HeldFor::AccessRefused => Failure::AccessRefused { not_before },
        }
    }

    /// Holds the credential back from now on.
    fn hold(&self, why: HeldFor) -> Failure {
        let now = self.clock.now();
        let until = now.checked_add(HOLD).unwrap_or(Timestamp::MAX);
        let mut state = self.state();
        state.access = None;
        // Several may be refused at once; the first says until when.
        let until = *state.not_before.filter(|at| *at > now).get_or_insert(until);
        state.not_before = Some(until);
        state.held_for = why;
        drop(state);
        self.refusal(why, Some(until))
    }

    async fn access(
        &self,
        refresh: &Arc<Refresh>,
        sender: &Arc<Sender>,
    ) -> Result<Credential, Failure> {
        let now = self.clock.now();
        let fresh = |access: &&Access| access.replaced.is_none_or(|at| at > now);
        if let Some(access) = self.state().access.as_ref().filter(fresh) {
            return Ok(access.credential.clone());
        }
        let (sender, refresh) = (Arc::clone(sender), Arc::clone(refresh));
        let (clock, state) = (Arc::clone(&self.clock), Arc::clone(&self.state));
        let exchange = self.exchanges.join((), move || {
            let exchange = async move {
                refresh.renew_if_due(&sender, clock.as_ref()).await;
                let shown = refresh.credential();
                let access = exchange(&sender, &shown, clock.as_ref()).await?;
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.access = Some(access.clone());
                Ok(access)
            };
            exchange.boxed()
        });
        match exchange.await {
            Ok(access) => Ok(access.credential),
            Err(Failure::Unauthorised { .. }) => Err(self.hold(HeldFor::Refused)),
            Err(Failure::NoAccessToken) => Err(self.hold(HeldFor::GaveNone)),
            Err(failure) => Err(failure),
        }
    }
}

impl Authority for Credentials {
    fn credential(&self, sender: &Arc<Sender>) -> BoxFuture<'_, Result<Credential, Failure>> {
        let sender = Arc::clone(sender);
        async move {
            let now = self.clock.now();
            let (not_before, why) = {
                let state = self.state();
                (state.not_before.filter(|at| *at > now), state.held_for)
            };
            if not_before.is_some() {
                return Err(self.refusal(why, not_before));
            }
            match &self.kind {
                Kind::Fixed { credential, .. } => Ok(credential.clone()),
                Kind::Refreshed(refresh) => self.access(refresh, &sender).await,
            }
        }
        .boxed()
    }

    fn accepted(&self, _: &Credential) {
        let mut state = self.state();
        state.accepted = Some(self.clock.now());
        state.not_before = None;
    }

    fn refused(&self, credential: &Credential) -> Option<Failure> {
        let now = self.clock.now();
        let within = |since: Timestamp, time| now.duration_since(since) < time;
        let mut state = self.state();
        let mut why = HeldFor::Refused;
        if matches!(self.kind, Kind::Refreshed(_)) {
            why = HeldFor::AccessRefused;
            let current = state.access.as_ref();
            let current = current.filter(|access| access.credential.is(credential));
            match current {
                // Somebody fetched another meanwhile, or it is held back already.
                None => return None,
                Some(access) if !within(access.made, NEW) => {
                    state.access = None;
                    return None;
                }
                Some(_) => {}
            }
        }
        if state.accepted.is_some_and(|at| within(at, RECENTLY)) {
            drop(state);
            return Some(self.refusal(why, None));
        }
        drop(state);
        Some(self.hold(why))
    }
}

/// Fetches an access token.
async fn exchange(
    sender: &Sender,
    refresh: &Credential,
    clock: &dyn Clock,
) -> Result<Access, Failure> {
    let body = sender.exchange(&Path::from(EXCHANGE), refresh).await?;
    let token = token_in(&body).ok_or(Failure::NoAccessToken)?;
    let made = clock.now();
    let least = made.checked_add(LEAST_USE).unwrap_or(Timestamp::MAX);
    let replaced = expiry(token.expose()).map(|end| {
        let early = end.checked_sub(SPARE).unwrap_or(Timestamp::MIN);
        early.max(least)
    });
    let credential = Credential::bearer(token).map_err(|_| Failure::NoAccessToken)?;
    Ok(Access {
        credential,
        made,
        replaced,
    })
}

/// The token that an answer gives.
pub(super) fn token_in(body: &Body) -> Option<Secret> {
    let json: Value = serde_json::from_str(&body.text()).ok()?;
    let token = json.get("token")?.as_str()?;
    (!token.is_empty()).then(|| Secret::new(token.to_owned()))
}

/// When a token ends: the claim `exp` of its payload, in seconds since 1970 (RFC 7519 section
/// 4.1.4). The signature is its maker's affair.
pub(super) fn expiry(token: &str) -> Option<Timestamp> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let exp = claims.get("exp")?;
    let seconds = exp.as_i64().or_else(|| {
        let text = exp.as_str().map(str::to_owned);
        let text = text.unwrap_or_else(|| exp.to_string());
        text.split('.').next()?.parse().ok()
    })?;
    Timestamp::from_second(seconds).ok()
}
