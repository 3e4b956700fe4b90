//! What has to be kept of a Call-ID's setup while a large capture is read: all of it as long as
//! messages may change it, and then what it came to. Reads no message.

use jiff::{SignedDuration, Timestamp};

use super::reader::SetupReader;
use super::setup::Setup;

/// The setup of a Call-ID while its messages are still read, or all that has to be kept of it.
#[derive(Debug, Clone)]
pub enum Settling {
    /// Messages may still change it.
    Open(Box<SetupReader>),
    /// Its messages are long past; nothing where no INVITE opened it.
    Settled(Option<Box<Setup>>),
}

/// So long after its last message nothing of a Call-ID changes how it was set up: timer C of RFC 3261
/// section 16.6 is above three minutes.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(400);

impl Settling {
    /// What one reader has read.
    #[must_use]
    pub fn of(mut reader: SetupReader) -> Settling {
        reader.let_go();
        Settling::Open(Box::new(reader))
    }

    /// Takes in what another reader read of the same Call-ID.
    pub fn add(&mut self, other: SetupReader) {
        match self {
            Settling::Open(reader) => {
                reader.merge(other);
                reader.let_go();
            }
            Settling::Settled(Some(known)) => {
                if let Some(setup) = other.setup() {
                    known.merge(*setup);
                }
            }
            Settling::Settled(none) => *none = other.setup(),
        }
    }

    /// Keeps no more than is needed of what was last heard of long before this time.
    pub fn settle(&mut self, now: Timestamp) {
        if let Settling::Open(reader) = self
            && reader
                .last()
                .is_some_and(|last| now.duration_since(last) > SETTLED_AFTER)
        {
            let reader = std::mem::take(&mut **reader);
            *self = Settling::Settled(reader.setup());
        }
    }

    /// What it came to; nothing where no INVITE opens it.
    #[must_use]
    pub fn setup(self) -> Option<Box<Setup>> {
        match self {
            Settling::Open(reader) => reader.setup(),
            Settling::Settled(setup) => setup,
        }
    }
}
