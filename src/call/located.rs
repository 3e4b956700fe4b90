//! A number as it stands in signalling: how it is written, and in which country it lies. Corrects
//! nothing and asks nobody.

use serde::{Deserialize, Serialize};

use super::countries::{self, Country};
use super::{numbers, plan};

/// How a called or calling number is written in a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// E.164 with its plus: `+441632960105`.
    PlusE164,
    /// E.164 digits without the plus: `441632960105`.
    E164,
    /// The international prefix before the country code: `00441632960105`.
    InternationalPrefix,
    /// As dialled inside a country: `01632960105`.
    National,
    /// A tech prefix before the number: `123*441632960105`.
    TechPrefix,
    /// Too few digits for a number: an extension or a service.
    Short,
    /// Digits that fit no country's numbers.
    OtherDigits,
    /// The caller is withheld (RFC 3323 section 4.1.1.3).
    Anonymous,
    /// No number: a name.
    Name,
    /// Nothing at all.
    Empty,
}

impl Form {
    /// How a user part is written.
    #[must_use]
    pub fn of(user: &str) -> Form {
        let user = user.trim();
        let digits = user.strip_prefix('+').unwrap_or(user);
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if user.is_empty() {
            return Form::Empty;
        }
        if user.eq_ignore_ascii_case("anonymous") {
            return Form::Anonymous;
        }
        if !is_digits(digits) {
            let (before, after) = user.rsplit_once(['#', '*']).unwrap_or_default();
            let prefixed =
                !before.is_empty() && is_digits(after.strip_prefix('+').unwrap_or(after));
            return if prefixed {
                Form::TechPrefix
            } else {
                Form::Name
            };
        }
        let fits = |digits: &str| plan::international_fit(digits).is_some();
        match (user.starts_with('+'), digits.strip_prefix("00")) {
            (true, _) if fits(digits) => Form::PlusE164,
            (false, Some(rest)) if fits(rest) => Form::InternationalPrefix,
            (false, _) if fits(digits) => Form::E164,
            _ if digits.len() < numbers::MIN_DIGITS => Form::Short,
            (false, None) if digits.starts_with('0') => Form::National,
            _ => Form::OtherDigits,
        }
    }

    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Form::PlusE164 => "E.164 with +",
            Form::E164 => "E.164 without +",
            Form::InternationalPrefix => "00 and E.164",
            Form::National => "national, with a leading 0",
            Form::TechPrefix => "with a tech prefix",
            Form::Short => "short",
            Form::OtherDigits => "digits of no country",
            Form::Anonymous => "anonymous",
            Form::Name => "a name, no number",
            Form::Empty => "empty",
        }
    }
}

/// Where a number lies: its E.164 digits without `+`, and its country. Nothing for a number that
/// does not carry its country code, and for names.
#[must_use]
pub fn located(user: &str) -> Option<(String, Country)> {
    let number = numbers::digits_only(user)?;
    number.calling_code?;
    let country = countries::country_of(&plan::country(&number.digits)?)?;
    Some((number.digits, country))
}
