//! The bot's end of the socket: answers other processes from its own store.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::check_path;
use super::frame;
use super::message::{PROTOCOL, Request, Response};
use super::remote::RemoteStore;
use crate::store::{PATIENCE_WITH_HISTORY, Store, StoreError};

/// One-shot commands come one or two at a time.
const MAX_CLIENTS: usize = 64;

/// A socket that listens; whoever connects is answered once [`Server::serve`] runs.
#[derive(Debug)]
pub struct Server {
    listener: UnixListener,
    path: PathBuf,
}

impl Server {
    /// Listens at `path`, in place of a socket that a dead process left there.
    ///
    /// # Errors
    /// `Unavailable` when a living process answers there, or the path cannot be used.
    pub async fn bind(path: &Path) -> Result<Self, StoreError> {
        check_path(path)?;
        if RemoteStore::connect(path, PATIENCE_WITH_HISTORY)
            .await?
            .is_some()
        {
            return Err(StoreError::Unavailable(format!(
                "another bot answers at {}; stop it first",
                path.display()
            )));
        }
        let listener = bind_private(path).map_err(|error| {
            StoreError::unavailable(&format!("listening at {}", path.display()), &error)
        })?;
        Ok(Server {
            listener,
            path: path.to_owned(),
        })
    }

    /// Answers until `shutdown` is ready, then removes the socket. Requests still running then are
    /// carried out but not answered.
    pub async fn serve(self, store: Store, shutdown: impl Future<Output = ()>) {
        let mut clients = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = clients.join_next() => {}
                accepted = self.listener.accept(), if clients.len() < MAX_CLIENTS => {
                    match accepted {
                        Ok((stream, _)) => {
                            clients.spawn(answer(stream, store.clone()));
                        }
                        // Out of file handles: nothing announces when one is free again.
                        Err(error) => {
                            tracing::warn!(%error, "store socket: cannot accept");
                            tokio::time::sleep(Duration::from_millis(100)).await;
                        }
                    }
                }
            }
        }
        clients.shutdown().await;
        let _ = fs::remove_file(&self.path);
    }
}

/// Binds under another name and renames, so that the socket is never open to others, and a stale
/// one is replaced at once.
fn bind_private(path: &Path) -> io::Result<UnixListener> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(&new, path)?;
    Ok(listener)
}

async fn answer(mut stream: UnixStream, store: Store) {
    loop {
        let request = match frame::receive(&mut stream).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => {
                tracing::debug!(%error, "store socket: a request that cannot be read");
                return;
            }
        };
        let response = perform(&store, request).await;
        if let Err(error) = frame::send(&mut stream, &response).await {
            tracing::debug!(%error, "store socket: an answer that cannot be delivered");
            return;
        }
    }
}

async fn perform(store: &Store, request: Request) -> Response {
    let outcome = match request {
        Request::Hello { .. } => Ok(Response::Hello { protocol: PROTOCOL }),
        Request::Get { ns, key, now } => store.get(&ns, &key, now).await.map(Response::Value),
        Request::Scan {
            ns,
            prefix,
            after,
            limit,
            now,
        } => store
            .scan(&ns, &prefix, after.as_deref(), limit, now)
            .await
            .map(Response::Entries),
        Request::Apply { ops, now } => store.apply(ops, now).await.map(Response::Number),
        Request::Sweep { now } => store.sweep(now).await.map(Response::Number),
    };
    outcome.unwrap_or_else(Response::Failed)
}
