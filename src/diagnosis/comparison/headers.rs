//! The headers of an INVITE that decide how it is treated, as they are compared. Of numbers the way
//! they are written counts, not which they are; no credentials.

use super::profile::Entry;
use crate::call::Form;
use crate::sip::header::{NameAddr, Refresher};
use crate::sip::{Hop, Message, Name};

/// The values of the INVITE that counts on a hop; nothing where only answers were seen.
pub(super) fn of(hop: &Hop) -> Option<Vec<Entry>> {
    let invite = hop.decisive().and_then(|it| it.request())?;
    Some(of_message(invite.message()))
}

fn of_message(invite: &Message) -> Vec<Entry> {
    let form = |user: &str| Form::of(user).label().to_owned();
    let forms = |all: &[NameAddr]| {
        let mut labels: Vec<String> = all.iter().map(|it| form(user(it))).collect();
        labels.dedup();
        or_none(labels.join(", "))
    };
    let uri = invite.request_uri();
    let uri_user = uri
        .as_ref()
        .and_then(|uri| uri.user.clone())
        .unwrap_or_default();
    let scheme = uri.map_or_else(String::new, |uri| uri.scheme.to_lowercase());
    let diversions: Vec<NameAddr> = invite
        .diversions()
        .into_iter()
        .map(|it| it.address)
        .collect();
    let tokens = |name: Name| {
        let mut tokens = invite.tokens(name);
        tokens
            .iter_mut()
            .for_each(|token| token.make_ascii_lowercase());
        tokens.sort_unstable();
        tokens.dedup();
        or_none(tokens.join(", "))
    };
    vec![
        Entry::said("Request-URI", format!("{}, {scheme}:", form(&uri_user))),
        Entry::said("From", form(&invite.from_user())),
        Entry::said("To", form(&invite.to_user())),
        Entry::said("P-Asserted-Identity", forms(&invite.asserted())),
        Entry::said("P-Preferred-Identity", forms(&invite.preferred())),
        Entry::said("Diversion", forms(&diversions)),
        Entry::said("Privacy", or_none(invite.privacy().join(", "))),
        Entry::said(
            "User-Agent",
            or_none(invite.agent().unwrap_or_default().trim().to_owned()),
        ),
        Entry::said("Supported", tokens(Name::Supported)),
        Entry::said("Require", tokens(Name::Require)),
        Entry::said("Allow", tokens(Name::Allow)),
        Entry::said("Session-Expires", session(invite)),
        Entry::said("Identity", identity(invite)),
    ]
}

/// The user part of an address; of a tel URI its number.
fn user(address: &NameAddr) -> &str {
    address.uri.user.as_deref().unwrap_or(&address.uri.host)
}

fn session(invite: &Message) -> String {
    let Some(session) = invite.session_expires() else {
        return "none".to_owned();
    };
    let refresher = match session.refresher {
        Some(Refresher::Uac) => ", uac refreshes",
        Some(Refresher::Uas) => ", uas refreshes",
        None => "",
    };
    format!("{} s{refresher}", session.seconds)
}

/// What a signed identity attests (RFC 8588); the signature itself is nobody's business.
fn identity(invite: &Message) -> String {
    let passports = invite.passports();
    match (invite.header(Name::Identity), passports.first()) {
        (None, _) => "none".to_owned(),
        (Some(_), None) => "unreadable".to_owned(),
        (Some(_), Some(passport)) => {
            let attest = passport.attest.as_deref();
            attest.map_or("without attestation".to_owned(), |it| {
                format!("attests {it}")
            })
        }
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}
