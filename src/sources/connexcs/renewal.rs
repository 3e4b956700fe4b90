//! A refresh token that is renewed before it ends, where the new one can be kept: in the file that it came
//! from. What fails here is warned of in the log and changes nothing: the old token goes on until its end.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::NamedTempFile;

use super::credentials::{expiry, token_in};
use crate::config::Secret;
use crate::sources::api::{Clock, Credential, Failure, Path, Sender};

/// Where a refresh token is had for a refresh token.
const RENEW: &str = "auth/jwt/refresh";

/// With fewer whole days left than these it is renewed.
pub const RENEWED_WITHIN: i64 = 15;

/// For how long a new one is asked for, in seconds: thirty days.
const LIFETIME: i64 = 2_592_000;

/// What the platform lists it under.
const AUDIENCE: &str = "calltriage";

/// Whoever waits for an answer about a call does not wait longer for this.
const PATIENCE: Duration = Duration::from_secs(3);

/// A renewal that failed is not tried again before.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// A refresh token, and the file that it is kept in.
#[derive(Debug)]
pub(super) struct Refresh {
    file: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    token: Secret,
    credential: Credential,
    /// Before this it is not renewed, whatever it says of its end.
    not_before: Timestamp,
}

impl Refresh {
    /// The token as it is configured.
    ///
    /// # Errors
    /// Where it has characters that cannot be sent.
    pub fn new(token: &Secret) -> Result<Refresh, Failure> {
        let credential = Credential::bearer(token.clone())?;
        Ok(Refresh {
            file: token.file().map(FilePath::to_owned),
            held: Mutex::new(Held {
                token: token.clone(),
                credential,
                not_before: Timestamp::MIN,
            }),
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token as it is shown.
    pub fn credential(&self) -> Credential {
        self.held().credential.clone()
    }

    /// When it ends, where it says so itself.
    pub fn expires(&self) -> Option<Timestamp> {
        expiry(self.held().token.expose())
    }

    /// Whether it comes from a file, in which a new one can be kept.
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Leaves it as it is from now on.
    pub fn leave(&self) {
        self.held().not_before = Timestamp::MAX;
    }

    /// Replaces it, where it ends soon and the new one can be kept.
    pub async fn renew_if_due(self: &Arc<Self>, sender: &Sender, clock: &dyn Clock) {
        let (Some(file), now) = (self.file.clone(), clock.now()) else {
            return;
        };
        let is_soon = |end: Timestamp| end > now && whole_days(now, end) < RENEWED_WITHIN;
        if self.held().not_before > now || !self.expires().is_some_and(is_soon) {
            return;
        }
        self.held().not_before = now.checked_add(AGAIN).unwrap_or(Timestamp::MAX);
        let outcome = tokio::select! {
            outcome = self.renew(sender, file) => outcome,
            () = clock.sleep(PATIENCE) => Err("the platform did not answer in time".to_owned()),
        };
        if let Err(why) = outcome {
            tracing::warn!("the refresh token was not renewed: {why}");
        }
    }

    async fn renew(&self, sender: &Sender, file: PathBuf) -> Result<(), String> {
        let (old, shown) = {
            let held = self.held();
            (held.token.clone(), held.credential.clone())
        };
        // The room for the new one first: one that cannot be kept is not asked for.
        let known = old.clone();
        let room = blocking(move || Room::beside(&file, &known)).await?;
        let room = match room {
            Room::Free(room) => room,
            Room::Changed(newer) => return self.take(newer),
        };
        let asked = Bytes::from(json!({ "lifetime": LIFETIME, "audience": AUDIENCE }).to_string());
        let body = sender
            .exchange_json(&Path::from(RENEW), asked, &shown)
            .await
            .map_err(|failure| failure.to_string())?;
        let token = token_in(&body).ok_or("the answer has no token")?;
        let is_later = match (expiry(token.expose()), expiry(old.expose())) {
            (Some(new), Some(old)) => new > old,
            _ => true,
        };
        if !is_later || !token.expose().chars().all(|c| c.is_ascii_graphic()) {
            return Err("the answer has no better token".to_owned());
        }
        let kept = token.clone();
        blocking(move || room.keep(&kept)).await?;
        self.take(token)?;
        tracing::info!("the refresh token was renewed");
        Ok(())
    }

    fn take(&self, token: Secret) -> Result<(), String> {
        let credential = Credential::bearer(token.clone()).map_err(|it| it.to_string())?;
        let mut held = self.held();
        held.token = token;
        held.credential = credential;
        Ok(())
    }
}

/// The days between two moments, the last begun one not counted.
pub fn whole_days(now: Timestamp, end: Timestamp) -> i64 {
    end.duration_since(now).as_hours().div_euclid(24)
}

/// Does what waits for a disk; says what went wrong in words without content.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(format!("its file cannot be replaced: {}", error.kind())),
        Err(_) => Err("its file cannot be replaced".to_owned()),
    }
}

/// What there is at the place of the token.
enum Room {
    Free(New),
    /// Somebody else has put another token there.
    Changed(Secret),
}

/// A file beside the one that it will replace.
struct New {
    file: NamedTempFile,
    at: PathBuf,
}

impl Room {
    fn beside(file: &FilePath, known: &Secret) -> io::Result<Room> {
        // What a link leads to is replaced, not the link.
        let at = file.canonicalize()?;
        let there = fs::read_to_string(&at)?;
        let there = there.trim_end_matches(['\r', '\n']);
        if there != known.expose() && !there.is_empty() {
            return Ok(Room::Changed(Secret::new(there.to_owned())));
        }
        let folder = at.parent().unwrap_or(FilePath::new("/"));
        // It is made for its owner alone (0600), and then gets the rights of the one that it replaces.
        let new = NamedTempFile::new_in(folder)?;
        new.as_file()
            .set_permissions(fs::metadata(&at)?.permissions())?;
        Ok(Room::Free(New { file: new, at }))
    }
}

impl New {
    fn keep(mut self, token: &Secret) -> io::Result<()> {
        self.file.write_all(token.expose().as_bytes())?;
        self.file.write_all(b"\n")?;
        self.file.as_file().sync_all()?;
        self.file.persist(&self.at).map_err(|failed| failed.error)?;
        if let Some(folder) = self.at.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}
