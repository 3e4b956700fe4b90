//! Rules on the signatures of calls (STIR/SHAKEN), between countries whose networks sign. A token is read and never
//! verified: what an answer says of it, and what cannot be right, is all that is told.

mod certificate;
mod diverted;
mod numbers;
mod stale;
mod token;
mod unsigned;
mod verified;

use super::Rule;
use crate::diagnosis::case::Case;
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::signing::{Carried, Signing, stir_reason};
use crate::sip::Name;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &unsigned::CALL_UNSIGNED,
    &stale::SIGNATURE_STALE,
    &numbers::SIGNED_NUMBERS_DIFFER,
    &certificate::SIGNING_CERTIFICATE_REFUSED,
    &certificate::SIGNATURE_MADE_BEHIND,
    &token::SIGNATURE_MALFORMED,
    &unsigned::LOW_ATTESTATION,
    &verified::VERIFICATION_CLAIMED,
    &diverted::DIVERTED_UNSIGNED,
    &verified::SIGNATURE_COMPLAINT,
];

/// The refusals that a fault of the signature can be behind.
const REFUSALS: &[&str] = &[
    "other-refusal",
    "call-forbidden",
    "request-rejected",
    "refused-by-platform",
];

/// No signature, though one is demanded (RFC 8224 section 6.2.2).
const UNSIGNED: u16 = 428;
/// The token is too old: 403 with "Stale Date" (RFC 8224 section 6.2.2).
const STALE: u16 = 403;
/// The certificate could not be fetched.
const NO_CERTIFICATE: u16 = 436;
/// The certificate is not one that is trusted.
const UNTRUSTED: u16 = 437;
/// The signature is wrong, or does not fit the message.
const INVALID: u16 = 438;

/// A refusal because of the signature, and what it says of it.
struct Complaint<'a> {
    refusal: Refusal<'a>,
    /// One of the causes above, or another one of a STIR reason.
    cause: u16,
}

/// What a refusal of the call says of its signature: a STIR reason counts first, then the code and text.
fn complaint<'a>(case: &Case<'a>) -> Option<Complaint<'a>> {
    let refusal = Refusal::of(case)?;
    let stated = stir_reason(refusal.origin.answer.message()).map(|(cause, _)| cause);
    let by_code = || match refusal.code {
        UNSIGNED | NO_CERTIFICATE | UNTRUSTED | INVALID => Some(refusal.code),
        STALE if refusal.speaks_of_signature() => Some(STALE),
        _ => None,
    };
    let cause = stated.or_else(by_code)?;
    Some(Complaint { refusal, cause })
}

/// The signature of the INVITE that a refusal with one of these causes answers.
fn refused_for<'a, 'c>(
    case: &'c Case<'a>,
    causes: &[u16],
) -> Option<(Complaint<'a>, &'c Signing<'a>, &'c Carried<'a>)> {
    let complaint = complaint(case).filter(|it| causes.contains(&it.cause))?;
    let signing = case.signing()?;
    let carried = signing.on(complaint.refusal.origin.hop)?;
    Some((complaint, signing, carried))
}

/// Who signed what was refused; who sent it, where it carried no token.
fn signer(case: &Case<'_>, signing: &Signing<'_>, carried: &Carried<'_>) -> Side {
    match signing.signer_of(case, carried) {
        Side::Unknown if carried.identities.is_empty() => case.roles.side(carried.hop.client),
        side => side,
    }
}

/// Whether any INVITE of the call carries a token: what is looked at before anything is read.
fn has_token(case: &Case<'_>) -> bool {
    let mut invites = case.call.hops.iter().filter_map(|hop| hop.first_invite());
    invites.any(|invite| invite.message().header(Name::Identity).is_some())
}
