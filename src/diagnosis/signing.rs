//! How a call was signed on its way (STIR, RFC 8224): which INVITE carried which token, who first sent it, and
//! whether calls between these countries are signed at all. The evidence that the rules on signatures share; it
//! verifies no signature and names no rule.

use std::sync::Arc;

use super::case::Case;
use super::party::Side;
use crate::call::{Country, located};
use crate::sip::header::{Identity, Party, Passport};
use crate::sip::{Hop, Message, Name, Signal};

/// More hops than this tell nothing new.
const MOST: usize = 64;

/// The INVITEs of a call between countries that sign, with the tokens of each.
#[derive(Debug, Clone)]
pub struct Signing<'a> {
    /// One entry a hop, in the order of the hops, those without a token too.
    pub carried: Vec<Carried<'a>>,
}

/// What one INVITE carried.
#[derive(Debug, Clone)]
pub struct Carried<'a> {
    /// The hop that it was sent on.
    pub hop: &'a Hop,
    /// The INVITE, as first seen on that hop.
    pub invite: &'a Arc<Signal>,
    /// Its Identity headers, in order.
    pub identities: Vec<Identity>,
}

/// A token where it first was on the way.
#[derive(Debug, Clone, Copy)]
pub struct First<'s, 'a> {
    /// The INVITE that brought it.
    pub carried: &'s Carried<'a>,
    /// The token.
    pub identity: &'s Identity,
    /// The side that sent it there: the signer, or who had it from a signer that was not seen.
    pub signer: Side,
}

impl<'a> Signing<'a> {
    /// How the call was signed. Nothing where no INVITE was seen, or where calls between the countries of its two
    /// numbers are not signed: numbers that cannot be placed lie in none.
    #[must_use]
    pub fn of(case: &Case<'a>) -> Option<Signing<'a>> {
        let carried = case.call.hops.iter().take(MOST).filter_map(|hop| {
            let invite = hop.first_invite()?;
            Some(Carried {
                hop,
                invite,
                identities: invite.message().identities(),
            })
        });
        let signing = Signing {
            carried: carried.collect(),
        };
        let signs = |country: Option<Country>| country.is_some_and(|it| case.tuning.signs(&it));
        let is_signed = signs(signing.country(callers, |token| &token.orig))
            && signs(signing.country(called, |token| &token.dest));
        is_signed.then_some(signing)
    }

    /// Where a number lies: as an INVITE has it, else as a token claims it, which is always in full.
    fn country(
        &self,
        written: impl Fn(&Message) -> Vec<String>,
        claimed: impl Fn(&Passport) -> &[Party],
    ) -> Option<Country> {
        let place = |user: &str| located(user).map(|(_, country)| country);
        let by_message = self.carried.iter().find_map(|carried| {
            let users = written(carried.invite.message());
            users.iter().find_map(|user| place(user))
        });
        let claims = || {
            self.passports()
                .flat_map(|(_, token)| claimed(token))
                .find_map(|party| match party {
                    Party::Number(digits) => place(&format!("+{}", digits.trim_start_matches('+'))),
                    Party::Uri(_) => None,
                })
        };
        by_message.or_else(claims)
    }

    /// Every token that can be read, with the INVITE that carried it.
    fn passports(&self) -> impl Iterator<Item = (&Carried<'a>, &Passport)> {
        self.carried.iter().flat_map(|carried| {
            let tokens = carried.identities.iter().filter_map(Identity::passport);
            tokens.map(move |token| (carried, token))
        })
    }

    /// What one hop carried.
    #[must_use]
    pub fn on(&self, hop: &Hop) -> Option<&Carried<'a>> {
        self.carried.iter().find(|carried| carried.hop.id == hop.id)
    }

    /// What the hop before this one carried.
    #[must_use]
    pub fn before(&self, carried: &Carried<'_>) -> Option<&Carried<'a>> {
        let (upstream, _) = carried.hop.upstream?;
        self.carried.iter().find(|other| other.hop.id == upstream)
    }

    /// Every token once, where it first was on the way.
    pub fn firsts<'s>(&'s self, case: &'s Case<'_>) -> impl Iterator<Item = First<'s, 'a>> {
        self.carried.iter().flat_map(move |carried| {
            let is_new = move |identity: &&Identity| {
                let before = self.before(carried);
                before.is_none_or(|before| !before.identities.contains(identity))
            };
            carried
                .identities
                .iter()
                .filter(is_new)
                .map(move |identity| First {
                    carried,
                    identity,
                    signer: signer(case, carried.hop),
                })
        })
    }

    /// The side that signed what a hop carried: who first sent its token about the caller, else its first token.
    #[must_use]
    pub fn signer_of(&self, case: &Case<'_>, carried: &Carried<'_>) -> Side {
        let is_about = |it: &&Identity| it.passport().is_some_and(is_about_caller);
        let identities = &carried.identities;
        let Some(identity) = identities.iter().find(is_about).or(identities.first()) else {
            return Side::Unknown;
        };
        let mut at: &Carried<'_> = carried;
        // Each hop has one before it, nearer to the caller, and no way goes round.
        while let Some(before) = self
            .before(at)
            .filter(|it| it.identities.contains(identity))
        {
            at = before;
        }
        signer(case, at.hop)
    }
}

/// Who sends on a hop. A platform of which it was not seen what it got may only pass on what it had.
fn signer(case: &Case<'_>, hop: &Hop) -> Side {
    match case.roles.side(hop.client) {
        Side::Platform if hop.upstream.is_none() => Side::Unknown,
        side => side,
    }
}

impl Carried<'_> {
    /// The token about the caller, `shaken` or a plain one, that can be read.
    #[must_use]
    pub fn about_caller(&self) -> Option<&Passport> {
        self.identities
            .iter()
            .filter_map(Identity::passport)
            .find(|token| is_about_caller(token))
    }

    /// Whether a token says that the call was diverted (RFC 8946).
    #[must_use]
    pub fn is_diverted(&self) -> bool {
        self.identities.iter().any(|identity| {
            let token = identity.passport().map(|token| token.ppt.as_str());
            let kind = token.or(identity.ppt.as_deref());
            kind.is_some_and(|kind| matches!(kind, "div" | "div-o"))
        })
    }
}

/// Whether a token says who calls and who is called: `shaken`, or the plain kind.
#[must_use]
pub fn is_about_caller(token: &Passport) -> bool {
    matches!(token.ppt.as_str(), "" | "shaken")
}

/// The numbers that may be the caller's, those that the network vouches for first (RFC 8224 section 8.1).
#[must_use]
pub fn callers(invite: &Message) -> Vec<String> {
    let asserted = invite.asserted().into_iter();
    let mut users: Vec<String> = asserted.filter_map(|it| it.uri.user).collect();
    users.push(invite.from_user());
    users
}

/// The numbers that may be the called one.
#[must_use]
pub fn called(invite: &Message) -> Vec<String> {
    let target = invite.request_uri().and_then(|uri| uri.user);
    [Some(invite.to_user()), target]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether a number as written may be the one that a token claims; a number that is not written in full may be any
/// that ends like it. Nothing where no number is written: a name, a short number, a withheld one.
#[must_use]
pub fn is_number(written: &str, claimed: &str) -> Option<bool> {
    const FEWEST: usize = 7;
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let claimed = digits(claimed);
    let full = located(written).map(|(full, _)| full);
    if full.as_ref() == Some(&claimed) {
        return Some(true);
    }
    let is_number = written
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.()".contains(c));
    let tail = digits(written);
    let tail = tail.trim_start_matches('0');
    if !written.starts_with('+') && is_number && tail.len() >= FEWEST {
        // Ten digits of North America, or a prefix for routing without a mark.
        return Some(claimed.ends_with(tail) || tail.ends_with(&claimed));
    }
    full.map(|_| false)
}

/// Whether any header says that the call was sent on to another number (RFC 5806, RFC 7044).
#[must_use]
pub fn tells_of_diversion(invite: &Message) -> bool {
    invite.header(Name::Diversion).is_some() || invite.history().len() > 1
}

/// The cause of a `Reason: STIR`, with its text (RFC 9410 section 4).
#[must_use]
pub fn stir_reason(message: &Message) -> Option<(u16, String)> {
    let reasons = message.reasons().into_iter();
    let mut stir = reasons.filter(|reason| reason.protocol.eq_ignore_ascii_case("STIR"));
    stir.find_map(|reason| Some((reason.cause?, reason.text)))
}
