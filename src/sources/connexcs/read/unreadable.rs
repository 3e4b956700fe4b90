//! Why an answer of the platform could not be read at all. Shows only the redacted beginning of it.

/// An answer that is nothing that was asked for. Each is one sentence for a person; `start` is the
/// beginning of the answer without numbers, digests and tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// HTML where data was asked for: an error page, a login page, a proxy's page.
    #[error(
        "the platform answered with a web page instead of data; check the base URL and any proxy \
         in between: {start}"
    )]
    WebPage {
        /// How it begins.
        start: String,
    },
    /// JSON that stops before its end.
    #[error("the platform's answer is cut off after {bytes} bytes; ask again")]
    Cut {
        /// How much of it came.
        bytes: usize,
    },
    /// JSON nested deeper than any real answer is.
    #[error("the platform's answer is nested too deeply to be read; check the base URL")]
    TooDeep,
    /// Neither JSON nor a web page.
    #[error("the platform's answer is no JSON; check the base URL: {start}")]
    NotJson {
        /// How it begins.
        start: String,
    },
    /// JSON of another shape than any that is known.
    #[error("the platform's answer has an unexpected shape ({shape}): {start}")]
    Shape {
        /// What it is instead of a list.
        shape: &'static str,
        /// How it begins.
        start: String,
    },
    /// An error of the platform under an answer that should be good.
    #[error("the platform refused: {text}")]
    Refused {
        /// What it says, redacted.
        text: String,
    },
}
