//! One message on a stream: four bytes of length, then JSON. Bounded, so that neither side can make
//! the other run out of memory.

use std::io::{self, ErrorKind};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::store::limits::{MAX_APPLY_BYTES, MAX_KEY_BYTES, MAX_OPS};

/// The largest apply: its bytes as base64 (a third more), and for each change its keys (a JSON
/// escape is six bytes) and the words around them. A page of a scan is no larger.
const MAX_FRAME_BYTES: usize = MAX_APPLY_BYTES / 3 * 4 + MAX_OPS * (6 * MAX_KEY_BYTES + 512);

pub(super) async fn send<T: Serialize>(stream: &mut UnixStream, message: &T) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= MAX_FRAME_BYTES)
        .ok_or_else(|| too_long(body.len()))?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(&body).await
}

/// Nothing when the other side has closed between two messages.
pub(super) async fn receive<T: DeserializeOwned>(stream: &mut UnixStream) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    };
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES {
        return Err(too_long(length));
    }
    let mut body = Vec::new();
    // Grows with what arrives, not with what was announced.
    stream
        .take(u64::try_from(length).unwrap_or(u64::MAX))
        .read_to_end(&mut body)
        .await?;
    if body.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&body)?))
}

fn too_long(length: usize) -> io::Error {
    let words = format!("a message of {length} bytes, {MAX_FRAME_BYTES} are allowed");
    io::Error::new(ErrorKind::InvalidData, words)
}
