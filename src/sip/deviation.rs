//! The ways in which a message may depart from RFC 3261, by name. Looks for none.

use super::name::Name;

/// A way in which a message departs from RFC 3261, noted while it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Deviation {
    /// The first line is neither a request line nor a status line.
    GarbledStartLine,
    /// The version is not `SIP/2.0`.
    OtherVersion,
    /// Lines end with a bare LF instead of CRLF.
    BareLineFeed,
    /// A header line has no colon; it was skipped.
    HeaderWithoutColon,
    /// The blank line that ends the headers is missing: the message was cut or misbuilt.
    HeadersNotEnded,
    /// Content-Length is no number.
    ContentLengthUnreadable,
    /// Fewer body bytes are present than Content-Length says (RFC 3261 section 18.3).
    BodyShort {
        /// What Content-Length says, in bytes.
        said: usize,
        /// What is present, in bytes.
        present: usize,
    },
    /// More bytes follow than Content-Length says; they are not part of the body.
    BodyLong {
        /// What Content-Length says, in bytes.
        said: usize,
        /// What is present, in bytes.
        present: usize,
    },
    /// A header that every message needs is missing (RFC 3261 section 8.1.1).
    Missing(Name),
    /// A header that may stand once stands several times; the first one is used.
    Repeated(Name),
    /// The CSeq method is not the request's method.
    CSeqMethodDiffers,
    /// Some bytes of the head are not UTF-8.
    NotUtf8,

    // What follows is found by `Message::check` alone.
    /// More than one space, or other white space, between the words of a request line.
    SpacesInStartLine,
    /// White space at the end of a request line.
    SpaceAfterStartLine,
    /// White space in the Request-URI.
    SpaceInRequestUri,
    /// The Request-URI stands in angle brackets.
    BracketsAroundRequestUri,
    /// The Request-URI bears header fields (RFC 3261 section 19.1.1).
    HeadersInRequestUri,
    /// The status code is outside 100 to 699.
    CodeOutOfRange,
    /// Several Content-Length headers contradict each other.
    ContentLengthsDiffer,
    /// Commas or semicolons with nothing between them.
    StraySeparators(Name),
    /// A quoted string that is never closed.
    UnbalancedQuote(Name),
    /// An angle bracket that is never closed.
    UnclosedBracket(Name),
    /// A display name that needed quotes and has none.
    DisplayNameNotQuoted(Name),
    /// A URI that needed angle brackets and has none: it has a question mark or a comma
    /// (RFC 3261 section 20).
    UriNotBracketed(Name),
    /// White space in a URI.
    SpaceInUri(Name),
    /// A number larger, or with more digits, than the header may have.
    OutOfRange(Name),
    /// A header that cannot be read as what it is: no number, no date.
    Unreadable(Name),
    /// From has no tag (RFC 3261 section 8.1.1.3).
    NoFromTag,
    /// To of a response other than 100 has no tag (RFC 3261 section 8.2.6.2).
    NoToTag,
    /// A branch with the magic cookie and nothing behind it: it tells no transactions apart
    /// (RFC 3261 section 8.1.1.7).
    BranchWithoutId,
}

/// Adds a deviation unless it is there already.
pub(super) fn note(deviations: &mut Vec<Deviation>, deviation: Deviation) {
    if !deviations.contains(&deviation) {
        deviations.push(deviation);
    }
}
