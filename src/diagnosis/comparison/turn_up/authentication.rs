//! Whether an address is let in, and as whom: by credentials that were taken, or by itself. The user
//! name is told, the digest never.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Check, Seen, check as said, many, rows};
use crate::diagnosis::comparison::Judged;
use crate::sip::{Method, Transaction};

/// A request that the address sent to be let in, and whether it was sent on.
struct Asked<'a> {
    transaction: &'a Transaction,
    sent_on: bool,
}

/// The first INVITEs of its calls, and its REGISTERs.
fn asked<'a>(address: IpAddr, all: &'a [Judged<'_>]) -> Vec<Asked<'a>> {
    let mut found = Vec::new();
    for call in all.iter().map(|it| it.case.call) {
        for hop in call.hops.iter().filter(|hop| hop.client.ip() == address) {
            let sent_on = call.downstream(hop).next().is_some();
            let last = hop.invites.len();
            found.extend((1..).zip(&hop.invites).map(|(at, transaction)| Asked {
                transaction,
                sent_on: sent_on && at == last,
            }));
        }
        let registers = call.with_method(Method::Register);
        let own = registers.filter(|it| it.client.ip() == address);
        found.extend(own.map(|transaction| Asked {
            transaction,
            sent_on: false,
        }));
    }
    found
}

/// How the address is let in: as which user, or by itself.
pub(super) fn check(address: IpAddr, all: &[Judged<'_>]) -> Check {
    const WHAT: &str = "Authenticated";
    let asked = asked(address, all);
    let (mut users, mut by_address, mut refused) = (BTreeSet::new(), 0, 0);
    for one in &asked {
        let code = one.transaction.final_code();
        let request = one.transaction.request();
        let credentials = request
            .map(|it| it.message().credentials())
            .unwrap_or_default();
        let user = credentials.into_iter().next().map(|it| it.username);
        let is_refused = matches!(code, Some(401 | 403 | 407));
        let went_on = one.sent_on
            || one.transaction.progress().next().is_some()
            || matches!(code, Some(200..=299));
        match user {
            // An answer about something else comes after the credentials were taken.
            Some(user) if went_on || code.is_some() && !is_refused => {
                users.insert(user);
            }
            Some(_) if is_refused => refused += 1,
            None if went_on => by_address += 1,
            None if code == Some(403) => refused += 1,
            _ => {}
        }
    }
    for row in rows(all) {
        match (row.is_let_in(), &row.auth_user) {
            (Some(false), _) => refused += 1,
            (_, Some(user)) => {
                users.insert(user.clone());
            }
            (Some(true), None) => by_address += 1,
            (None, None) => {}
        }
    }
    let is_silent = asked.is_empty() && rows(all).next().is_none();
    let users: Vec<String> = users
        .into_iter()
        .map(|user| format!("\"{user}\""))
        .collect();
    let also = match refused {
        0 => String::new(),
        more => format!("; {} refused", many(more, "request")),
    };
    match (users.as_slice(), by_address, refused) {
        _ if is_silent => {
            let why = "It sent neither an INVITE nor a REGISTER.";
            said(WHAT, Seen::NotSeen, why.to_owned())
        }
        ([], 0, 0) => {
            let why = "None of its requests went further, so that nothing shows it.";
            said(WHAT, Seen::NotSeen, why.to_owned())
        }
        ([], 0, refused) => {
            let why = format!("It was never let in: {} refused.", many(refused, "request"));
            said(WHAT, Seen::Wrong, why)
        }
        ([], ..) => {
            let why = format!("By its address, without credentials{also}.");
            said(WHAT, Seen::Good, why)
        }
        (users, ..) => {
            let why = format!("As {}{also}.", users.join(", "));
            said(WHAT, Seen::Good, why)
        }
    }
}
