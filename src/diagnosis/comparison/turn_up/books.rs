//! What the platform itself has of an address: as whom it is entered, and whether its firewall names it. Asks nobody;
//! an entry says who may send, not that anybody did.

use std::net::IpAddr;

use super::{Check, Seen, check};
use crate::diagnosis::firewall::Standing;

/// What was looked up of an address besides calls.
#[derive(Debug, Clone)]
pub struct Books {
    /// The entries that cover it, each with whose it is, in words; why not where they could not be asked for.
    pub entries: Result<Vec<String>, String>,
    /// What the firewall has of it.
    pub firewall: Standing,
}

/// What they tell; `is_silent`: nothing of the address was seen, so that the firewall may be why.
pub(super) fn checks(books: &Books, address: IpAddr, is_silent: bool) -> Vec<Check> {
    let mut checks = vec![entered(books)];
    if is_silent || books.firewall != Standing::NotAsked {
        checks.push(firewall(books, address));
    }
    checks
}

fn entered(books: &Books) -> Check {
    let (seen, sentence) = match &books.entries {
        Ok(entries) if entries.is_empty() => (
            Seen::NotSeen,
            "No IP entry covers it: only a SIP user's credentials can let it in.".to_owned(),
        ),
        Ok(entries) => (Seen::Good, format!("As {}.", entries.join("; "))),
        Err(why) => (Seen::NotSeen, format!("Could not be looked up: {why}.")),
    };
    check("Entered", seen, sentence)
}

fn firewall(books: &Books, address: IpAddr) -> Check {
    let standing = &books.firewall;
    let (seen, first) = match standing {
        Standing::NotAsked => (
            Seen::NotSeen,
            "Could not be checked: no endpoint configured.".to_owned(),
        ),
        Standing::Clean => (Seen::Good, standing.said(address)),
        Standing::Listed(_) => (Seen::Wrong, standing.said(address)),
        Standing::Unclear(_) => (Seen::NotSeen, standing.said(address)),
    };
    let next = standing.next(address).unwrap_or_default();
    let sentence = format!("{} {next}", first.trim());
    check("Firewall", seen, sentence.trim().to_owned())
}
