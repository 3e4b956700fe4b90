//! What the platform's firewall has of an address, and what to do about it: the one wording for all who ask. The
//! shape of its answer is not documented, so only an answer that names the very address and denies nothing counts
//! as a hit.

use std::net::IpAddr;

use super::finding::Field;
use crate::platform::Words;

/// What a firewall has of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was not asked, or could not be.
    NotAsked,
    /// It has nothing.
    Clean,
    /// It names the address.
    Listed(String),
    /// It answered something else, which a person has to read.
    Unclear(String),
}

impl Standing {
    /// What an answer says of an address.
    #[must_use]
    pub fn of(answer: Option<&Words>, ip: IpAddr) -> Standing {
        match answer {
            None => Standing::NotAsked,
            Some(words) if words.is_empty() => Standing::Clean,
            Some(words) if words.names_address(ip) && !words.may_deny() => {
                Standing::Listed(words.shown())
            }
            Some(words) => Standing::Unclear(words.shown()),
        }
    }

    /// That, as a sentence with a blank before it; nothing where it was not asked.
    #[must_use]
    pub fn said(&self, ip: IpAddr) -> String {
        match self {
            Standing::NotAsked => String::new(),
            Standing::Clean => format!(" The platform's firewall has nothing of {ip}."),
            Standing::Listed(words) => format!(
                " The platform's firewall lists {ip} ({words}): what it blocks is never logged."
            ),
            Standing::Unclear(words) => format!(" On {ip} the firewall path answered: {words}."),
        }
    }

    /// What to do about it; nothing where the firewall is ruled out.
    #[must_use]
    pub fn next(&self, ip: IpAddr) -> Option<String> {
        let place = "the platform's firewall (Setup > Advanced > Firewall)";
        match self {
            Standing::Clean => None,
            Standing::Listed(_) => Some(format!(
                "Delete the row of {ip} in {place}, wait 15 minutes, and try again."
            )),
            Standing::Unclear(_) => Some(format!(
                "Read what the firewall path answered on {ip}; where it blocks it, delete the row in {place} \
                 and wait 15 minutes."
            )),
            Standing::NotAsked => Some(format!(
                "Look for {ip} in {place}: what it blocks is never logged. After removing the entry wait 15 \
                 minutes."
            )),
        }
    }

    /// The answer as proof.
    #[must_use]
    pub fn field(&self) -> Option<Field> {
        match self {
            Standing::NotAsked => None,
            Standing::Clean => Some(Field::new("firewall", "answer", "nothing")),
            Standing::Listed(words) | Standing::Unclear(words) => {
                Some(Field::new("firewall", "answer", words))
            }
        }
    }
}
