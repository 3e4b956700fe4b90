//! The client's end of the socket: the store of the running bot. Repeats nothing by itself, because
//! a lost answer does not tell whether the change happened.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::check_path;
use super::frame;
use super::message::{PROTOCOL, Request, Response};
use crate::store::{Entry, Op, StoreError, Stored};

/// A slow disk included.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The store of the running bot. Clones share one connection and take turns.
#[derive(Debug, Clone)]
pub struct RemoteStore {
    path: PathBuf,
    patience: Duration,
    connection: Arc<Mutex<Option<UnixStream>>>,
}

impl RemoteStore {
    /// Connects to the process that listens at `path`, and waits up to `patience` for its hello, now and whenever the
    /// connection has to be made again; nothing when there is none.
    ///
    /// # Errors
    /// `Unavailable` when there is one that does not answer or that speaks another version.
    pub async fn connect(path: &Path, patience: Duration) -> Result<Option<Self>, StoreError> {
        check_path(path)?;
        let Some(stream) = open(path, patience).await? else {
            return Ok(None);
        };
        let connection = Arc::new(Mutex::new(Some(stream)));
        Ok(Some(RemoteStore {
            path: path.to_owned(),
            patience,
            connection,
        }))
    }

    pub(in crate::store) async fn get(
        &self,
        ns: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>, StoreError> {
        let request = Request::Get {
            ns: ns.to_owned(),
            key: key.to_owned(),
            now,
        };
        match self.ask(&request).await? {
            Response::Value(value) => Ok(value),
            _ => Err(garbled()),
        }
    }

    pub(in crate::store) async fn scan(
        &self,
        ns: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        let request = Request::Scan {
            ns: ns.to_owned(),
            prefix: prefix.to_owned(),
            after: after.map(str::to_owned),
            limit,
            now,
        };
        match self.ask(&request).await? {
            Response::Entries(entries) => Ok(entries),
            _ => Err(garbled()),
        }
    }

    pub(in crate::store) async fn apply(
        &self,
        ops: Vec<Op>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.number(&Request::Apply { ops, now }).await
    }

    pub(in crate::store) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.number(&Request::Sweep { now }).await
    }

    async fn number(&self, request: &Request) -> Result<u64, StoreError> {
        match self.ask(request).await? {
            Response::Number(number) => Ok(number),
            _ => Err(garbled()),
        }
    }

    async fn ask(&self, request: &Request) -> Result<Response, StoreError> {
        let mut connection = self.connection.lock().await;
        // Taken out, and put back only after a whole exchange: who stops waiting half way must not
        // leave an answer for the next question.
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => open(&self.path, self.patience).await?.ok_or_else(gone)?,
        };
        let response = match timeout(ANSWER_WITHIN, exchange(&mut stream, request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(StoreError::unavailable("asking the bot", &error)),
            Err(_) => return Err(silent()),
        };
        *connection = Some(stream);
        match response {
            Response::Failed(error) => Err(error),
            other => Ok(other),
        }
    }
}

/// Nothing when nobody listens: no socket, or one whose process is dead.
async fn open(path: &Path, patience: Duration) -> Result<Option<UnixStream>, StoreError> {
    let hello = async {
        let mut stream = UnixStream::connect(path).await?;
        let response = exchange(&mut stream, &Request::Hello { protocol: PROTOCOL }).await?;
        Ok::<_, io::Error>((stream, response))
    };
    match timeout(patience, hello).await {
        Ok(Ok((stream, Response::Hello { protocol: PROTOCOL }))) => Ok(Some(stream)),
        Ok(Ok(_)) => Err(StoreError::Unavailable(
            "the running bot is of another version; restart it".to_owned(),
        )),
        Ok(Err(error)) if is_nobody(&error) => Ok(None),
        Ok(Err(error)) => Err(StoreError::unavailable("asking the running bot", &error)),
        Err(_) => Err(silent()),
    }
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        // The last three: it closed while we knocked.
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
    )
}

async fn exchange(stream: &mut UnixStream, request: &Request) -> io::Result<Response> {
    frame::send(stream, request).await?;
    frame::receive(stream)
        .await?
        .ok_or_else(|| ErrorKind::UnexpectedEof.into())
}

fn gone() -> StoreError {
    StoreError::Unavailable("the bot has stopped; run the command again".to_owned())
}

fn silent() -> StoreError {
    StoreError::Unavailable("the running bot does not answer; look at its log".to_owned())
}

fn garbled() -> StoreError {
    StoreError::Unavailable("the bot answered another question".to_owned())
}
