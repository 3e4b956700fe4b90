//! The header fields of a message by type, beyond those that every call needs. Reads them when
//! asked, and keeps nothing.

use super::header::{
    Diversion, Event, HistoryEntry, Identity, NameAddr, Passport, RAck, ReferTo, Replaces,
    RetryAfter, SubscriptionState, Token, Warning, tokens,
};
use super::message::Message;
use super::name::{Method, Name};

impl Message {
    /// RSeq of a reliable provisional response (RFC 3262 section 7.1).
    #[must_use]
    pub fn rseq(&self) -> Option<u32> {
        self.header(Name::RSeq)?.parse().ok()
    }

    /// RAck of a PRACK (RFC 3262 section 7.2).
    #[must_use]
    pub fn rack(&self) -> Option<RAck> {
        RAck::parse(&self.header(Name::RAck)?)
    }

    /// Replaces (RFC 3891): the dialog that this INVITE takes the place of.
    #[must_use]
    pub fn replaces(&self) -> Option<Replaces> {
        Replaces::parse(&self.header(Name::Replaces)?)
    }

    /// Refer-To of a REFER (RFC 3515).
    #[must_use]
    pub fn refer_to(&self) -> Option<ReferTo> {
        Some(ReferTo::parse(&self.header(Name::ReferTo)?))
    }

    /// Referred-By (RFC 3892): who sent the REFER that made this request.
    #[must_use]
    pub fn referred_by(&self) -> Option<NameAddr> {
        Some(NameAddr::parse(&self.header(Name::ReferredBy)?))
    }

    /// Event (RFC 6665).
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        Event::parse(&self.header(Name::Event)?)
    }

    /// Subscription-State of a NOTIFY (RFC 6665).
    #[must_use]
    pub fn subscription_state(&self) -> Option<SubscriptionState> {
        SubscriptionState::parse(&self.header(Name::SubscriptionState)?)
    }

    /// All Identity headers (RFC 8224), those that cannot be read too. No signature is verified.
    #[must_use]
    pub fn identities(&self) -> Vec<Identity> {
        self.elements(Name::Identity)
            .iter()
            .map(|value| Identity::parse(value))
            .collect()
    }

    /// The PASSporTs that can be read out of the Identity headers (RFC 8225). What they claim is
    /// not verified.
    #[must_use]
    pub fn passports(&self) -> Vec<Passport> {
        self.identities()
            .into_iter()
            .filter_map(|identity| match identity.token {
                Token::Full(passport) => Some(*passport),
                Token::Compact | Token::Malformed(_) => None,
            })
            .collect()
    }

    /// All Diversion values (RFC 5806), the latest diversion first.
    #[must_use]
    pub fn diversions(&self) -> Vec<Diversion> {
        self.elements(Name::Diversion)
            .iter()
            .map(|value| Diversion::parse(value))
            .collect()
    }

    /// All History-Info entries (RFC 7044) in the order written, the oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.elements(Name::HistoryInfo)
            .iter()
            .map(|value| HistoryEntry::parse(value))
            .collect()
    }

    /// P-Asserted-Identity (RFC 3325): who the sender is, as the network vouches. At most a SIP and
    /// a tel URI.
    #[must_use]
    pub fn asserted(&self) -> Vec<NameAddr> {
        self.addresses(Name::PAssertedIdentity)
    }

    /// P-Preferred-Identity (RFC 3325): which of its identities the sender wants to be asserted.
    #[must_use]
    pub fn preferred(&self) -> Vec<NameAddr> {
        self.addresses(Name::PPreferredIdentity)
    }

    /// The addresses of a header with several of them, as Route and Contact.
    #[must_use]
    pub fn addresses(&self, name: Name) -> Vec<NameAddr> {
        self.elements(name)
            .iter()
            .map(|value| NameAddr::parse(value))
            .collect()
    }

    /// Privacy (RFC 3323), in lower case: `id`, `user`, `header`, `session`, `none`, `critical`.
    #[must_use]
    pub fn privacy(&self) -> Vec<String> {
        let mut values = self.tokens(Name::Privacy);
        values
            .iter_mut()
            .for_each(|value| value.make_ascii_lowercase());
        values
    }

    /// All Warning values that have a code (RFC 3261 section 20.43).
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.elements(Name::Warning)
            .iter()
            .filter_map(|value| Warning::parse(value))
            .collect()
    }

    /// Retry-After (RFC 3261 section 20.33).
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        RetryAfter::parse(&self.header(Name::RetryAfter)?)
    }

    /// The tokens of a header over all its lines: option tags of Require, Proxy-Require, Supported
    /// and Unsupported, packages of Allow-Events.
    #[must_use]
    pub fn tokens(&self, name: Name) -> Vec<String> {
        self.headers(name)
            .flat_map(|value| tokens(&value))
            .collect()
    }

    /// Whether a header lists a token, in any case: `has_token(Name::Require, "100rel")`.
    #[must_use]
    pub fn has_token(&self, name: Name, token: &str) -> bool {
        self.tokens(name)
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(token))
    }

    /// The methods of Allow (RFC 3261 section 20.5).
    #[must_use]
    pub fn allowed(&self) -> Vec<Method> {
        self.tokens(Name::Allow)
            .iter()
            .map(|token| Method::parse(token))
            .collect()
    }
}
