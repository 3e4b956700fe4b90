//! What the network says by itself of why messages did not arrive: ICMP errors, TCP connections
//! reset or refused, datagrams too big or cut off, TLS handshakes that failed.

mod cut;
pub(super) mod given_up;
mod icmp;
mod lost;
mod media_port;
mod other_source;
mod refused;
mod reset;
mod size;
mod tls;
mod undelivered;

use std::sync::Arc;

use super::Rule;
use super::silence::deciding_hop;
use crate::diagnosis::case::{Case, between};
use crate::sip::{Kind, Method, Transaction};

pub(super) use cut::is_lost_to_the_capture;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &icmp::ICMP_UNREACHABLE,
    &media_port::MEDIA_PORT_UNREACHABLE,
    &other_source::ANSWERED_FROM_ELSEWHERE,
    &size::UDP_TOO_BIG,
    &cut::MESSAGE_CUT_OFF,
    &lost::LOST_BETWEEN_CAPTURES,
    &reset::CONNECTION_RESET,
    &refused::CONNECTION_REFUSED,
    &tls::TLS_HANDSHAKE_FAILED,
];

/// So many errors, or cut messages, of one call are placed in it: more tell nothing new.
pub(super) const MOST: usize = 256;

/// Whether the call, or the registration, came to nothing because of this request: its silence
/// decided the call.
fn decides(case: &Case<'_>, request: &Arc<Transaction>) -> bool {
    match request.method {
        Method::Register => case.call.kind() == Kind::Registration,
        Method::Invite if !request.in_dialog => deciding_hop(case).is_some_and(|hop| {
            hop.invites
                .last()
                .is_some_and(|last| Arc::ptr_eq(last, request))
        }),
        _ => false,
    }
}

/// A request in words: its method, `the re-INVITE` inside a dialog.
fn request_words(request: &Transaction) -> String {
    match (&request.method, request.in_dialog) {
        (Method::Invite, true) => "re-INVITE".to_owned(),
        (method, _) => method.to_string(),
    }
}
