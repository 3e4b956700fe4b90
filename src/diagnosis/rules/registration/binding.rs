//! What a 2xx to a REGISTER granted, read from both. Judges nothing.

use crate::sip::header::NameAddr;
use crate::sip::{Message, Name};

/// What a 2xx to a REGISTER means.
pub(super) enum Binding {
    /// Registered, for so many seconds where it is said.
    Bound(Option<u32>),
    /// Taken back.
    Removed,
    /// Only asked.
    Asked,
}

/// Reads what a 2xx granted: its own word on the contact that was sent, else its Expires, else
/// what was asked for.
pub(super) fn binding(request: &Message, answer: &Message) -> Binding {
    let asked = contacts(request);
    let Some(first) = asked.first() else {
        return Binding::Asked;
    };
    let wildcard = request
        .elements(Name::Contact)
        .iter()
        .any(|contact| contact.trim() == "*");
    let wanted = wanted(request);
    if wildcard || wanted == Some(0) {
        return Binding::Removed;
    }
    let listed = contacts(answer);
    let same = |contact: &&NameAddr| {
        (&contact.uri.user, &contact.uri.host, contact.uri.port)
            == (&first.uri.user, &first.uri.host, first.uri.port)
    };
    let own = listed.iter().find(same).or_else(|| match &listed[..] {
        [only] => Some(only),
        _ => None,
    });
    let granted = own
        .and_then(expires_param)
        .or_else(|| answer.seconds(Name::Expires));
    Binding::Bound(granted.or(wanted))
}

/// The expiry that a REGISTER asks for: its contact's own, else the header's.
pub(super) fn wanted(request: &Message) -> Option<u32> {
    let contact = contacts(request).first().and_then(expires_param);
    contact.or_else(|| request.seconds(Name::Expires))
}

/// The contacts of a message, in order.
pub(super) fn contacts(message: &Message) -> Vec<NameAddr> {
    let elements = message.elements(Name::Contact);
    elements.iter().map(|text| NameAddr::parse(text)).collect()
}

fn expires_param(contact: &NameAddr) -> Option<u32> {
    contact.param("expires")?.trim().parse().ok()
}
