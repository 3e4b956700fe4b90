//! What an API answered: the bytes of a body, read up to a limit. Does not say what they mean.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{DATE, HeaderMap};

use super::failure::Failure;

/// A good answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The bytes as they came.
    pub bytes: Bytes,
    /// What time it was where it came from, to the second (RFC 9110 section 6.6.1), if it says so.
    pub date: Option<Timestamp>,
}

impl Body {
    /// The body as text. What is not UTF-8 shows as the replacement character; a byte order mark
    /// goes.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let bytes = self.bytes.as_ref();
        String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
    }
}

/// Reads a good answer whole, or not at all.
pub(super) async fn whole(mut response: Response, largest: u64) -> Result<Body, Failure> {
    if response.content_length().is_some_and(|size| size > largest) {
        return Err(Failure::TooLarge { largest });
    }
    let date = date(response.headers());
    let mut bytes = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => {
                return Err(Failure::BrokenOff {
                    after: bytes.len() as u64,
                });
            }
        }
        if bytes.len() as u64 > largest {
            return Err(Failure::TooLarge { largest });
        }
    }
    Ok(Body {
        bytes: bytes.freeze(),
        date,
    })
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Reads the beginning of a bad answer: what can be had of it, and whether that is all.
pub(super) async fn beginning(mut response: Response, most: usize) -> (Bytes, bool) {
    let mut bytes = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            bytes.truncate(most);
            return (bytes.freeze(), false);
        }
    }
    (bytes.freeze(), true)
}
