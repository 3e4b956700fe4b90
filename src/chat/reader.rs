//! Who reads an answer that tells of earlier questions: what was asked in private is for its asker alone, where nobody
//! else reads. Knows no platform.

/// Who reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reader {
    /// Whoever runs the program: the store is theirs.
    #[default]
    Operator,
    /// Anybody in a channel.
    Anybody,
    /// This person alone, as [`Asker::named`](super::request::Asker::named) has it.
    Alone(String),
}

impl Reader {
    /// Whether what is kept for this person alone, or for all, may be read.
    #[must_use]
    pub fn may_read(&self, only_for: Option<&str>) -> bool {
        match (self, only_for) {
            (Reader::Operator, _) | (_, None) => true,
            (Reader::Anybody, Some(_)) => false,
            (Reader::Alone(own), Some(who)) => own == who,
        }
    }

    /// Who alone may read later what is answered here.
    #[must_use]
    pub fn alone(&self) -> Option<&str> {
        match self {
            Reader::Alone(who) => Some(who),
            Reader::Operator | Reader::Anybody => None,
        }
    }
}
