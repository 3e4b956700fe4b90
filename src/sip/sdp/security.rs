//! How the media of a description are encrypted: SDES (RFC 4568), DTLS (RFC 5763, RFC 8122). Keeps
//! which suite and which hash, never a key.

/// More lines of one kind than this are no offer and only cost time.
const MOST: usize = 32;

/// The security attributes of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// The `a=crypto` lines, in order of preference.
    pub crypto: Vec<Crypto>,
    /// The hashes of the `a=fingerprint` lines in lower case, as `sha-256`; the fingerprints
    /// themselves are not kept.
    pub fingerprints: Vec<String>,
    /// Which side opens the DTLS connection.
    pub setup: Option<Setup>,
}

/// One `a=crypto` line (RFC 4568 section 4) without its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Crypto {
    /// The number that offer and answer share; 0 where it cannot be read.
    pub tag: u32,
    /// In upper case: `AES_CM_128_HMAC_SHA1_80`.
    pub suite: String,
}

/// `a=setup` (RFC 4145 section 4, RFC 5763 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setup {
    /// Opens the connection.
    Active,
    /// Waits for it.
    Passive,
    /// Either; an offer has it, an answer must not.
    ActPass,
    /// Not yet.
    HoldConn,
}

impl Setup {
    fn parse(value: &str) -> Option<Setup> {
        Some(match value.to_ascii_lowercase().as_str() {
            "active" => Setup::Active,
            "passive" => Setup::Passive,
            "actpass" => Setup::ActPass,
            "holdconn" => Setup::HoldConn,
            _ => return None,
        })
    }
}

impl Security {
    /// Takes an attribute in; whether it was one of these.
    pub(super) fn attribute(&mut self, name: &str, value: &str) -> bool {
        let mut words = value.split_whitespace();
        match name {
            "crypto" if self.crypto.len() < MOST => self.crypto.push(Crypto {
                tag: words
                    .next()
                    .and_then(|tag| tag.parse().ok())
                    .unwrap_or_default(),
                suite: words.next().unwrap_or_default().to_ascii_uppercase(),
            }),
            "fingerprint" if self.fingerprints.len() < MOST => self
                .fingerprints
                .extend(words.next().map(str::to_ascii_lowercase)),
            "setup" => self.setup = Setup::parse(value),
            "crypto" | "fingerprint" => {}
            _ => return false,
        }
        true
    }

    /// What the session says holds for a stream that says nothing itself (RFC 8122 section 5).
    pub(super) fn inherit(&mut self, session: &Security) {
        if self.crypto.is_empty() {
            self.crypto.clone_from(&session.crypto);
        }
        if self.fingerprints.is_empty() {
            self.fingerprints.clone_from(&session.fingerprints);
        }
        self.setup = self.setup.or(session.setup);
    }

    /// Whether it has a suite in common with another, as an answer must have with its offer.
    #[must_use]
    pub fn shares_suite(&self, other: &Security) -> bool {
        let has = |one: &Crypto| other.crypto.iter().any(|crypto| crypto.suite == one.suite);
        self.crypto.iter().any(has)
    }
}
