//! Reliable provisional responses (RFC 3262): which of them a PRACK acknowledges. Matches nothing
//! by itself.

use super::{CSeq, Method};

/// RAck: the response that a PRACK acknowledges (RFC 3262 section 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RAck {
    /// The RSeq of the response.
    pub rseq: u32,
    /// The CSeq of the response.
    pub cseq: CSeq,
}

impl RAck {
    /// Reads `776656 1 INVITE`; nothing where a number cannot be read.
    #[must_use]
    pub fn parse(value: &str) -> Option<RAck> {
        let mut words = value.split_whitespace();
        let rseq = words.next()?.parse().ok()?;
        Some(RAck {
            rseq,
            cseq: CSeq {
                number: words.next()?.parse().ok()?,
                method: Method::parse(words.next()?),
            },
        })
    }

    /// Whether it is about the response with these two headers.
    #[must_use]
    pub fn acknowledges(&self, rseq: u32, cseq: &CSeq) -> bool {
        self.rseq == rseq && self.cseq == *cseq
    }
}
