//! The numbering plan: what country and type digits belong to. Asks the `phonenumber` metadata and
//! never trusts a parse alone, which reads `911` as `+44 911`.

use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, PhoneNumber, Type};

use super::numbers::{MAX_DIGITS, MIN_DIGITS};

/// How well digits fit the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The length and first digits are right; the block may not be in use.
    Possible,
    /// A number that exists as far as the plan says.
    Valid,
}

/// The calling code that E.164 digits begin with; no code is the beginning of another.
pub(super) fn calling_code(digits: &str) -> Option<u16> {
    let code = |n: usize| digits.get(..n)?.parse::<u16>().ok();
    (1..=3)
        .filter_map(code)
        .find(|code| !digits.starts_with('0') && is_code(*code))
}

fn is_code(code: u16) -> bool {
    DATABASE.region(&code).is_some()
}

/// How E.164 digits (without `+`) fit the plan.
pub(super) fn international_fit(digits: &str) -> Option<Fit> {
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
        return None;
    }
    let code = calling_code(digits)?;
    if parsed(digits).is_some_and(|number| number.is_valid()) {
        return Some(Fit::Valid);
    }
    let national = digits.get(code.to_string().len()..)?;
    let regions = DATABASE.by_code(&code)?;
    regions
        .iter()
        .any(|metadata| is_possible(metadata, national))
        .then_some(Fit::Possible)
}

/// The E.164 digits of a number as it is dialled inside a country.
pub(super) fn national(digits: &str, home: &str) -> Option<(String, Fit)> {
    let metadata = DATABASE.by_id(home)?;
    let trunk = metadata
        .national_prefix()
        .filter(|prefix| !prefix.is_empty());
    let significant = trunk
        .and_then(|prefix| digits.strip_prefix(prefix))
        .unwrap_or(digits);
    let full = format!("{}{significant}", metadata.country_code());
    let fit = international_fit(&full).filter(|_| is_possible(metadata, significant))?;
    // A plan without a trunk digit (1 202 …) dials the calling code instead; that is not national.
    (significant.len() >= MIN_DIGITS && !full.starts_with('0')).then_some((full, fit))
}

/// The ISO code of the country that E.164 digits belong to, as far as the plan tells.
pub(super) fn country(digits: &str) -> Option<String> {
    let exact = parsed(digits)
        .filter(PhoneNumber::is_valid)
        .and_then(|number| number.country().id().map(|id| id.as_ref().to_owned()));
    exact.or_else(|| main_country(calling_code(digits)?))
}

/// The country a calling code stands for when nothing narrows it: the one most people mean.
pub(super) fn main_country(code: u16) -> Option<String> {
    let all = DATABASE.by_code(&code)?;
    let main = all
        .iter()
        .find(|metadata| metadata.is_main_country_for_code());
    let only = all.first().filter(|_| all.len() == 1);
    main.or(only)
        .map(|metadata| metadata.id().to_owned())
        .filter(|id| id != "001")
}

/// The type of E.164 digits; `None` when the plan does not know them.
pub(super) fn kind(digits: &str) -> Option<Type> {
    parsed(digits)
        .filter(PhoneNumber::is_valid)
        .map(|number| number.number_type(&DATABASE))
}

/// Whether the first digits and the length are right. The general pattern alone lets numbers be too
/// long: the lengths are with the types.
fn is_possible(metadata: &Metadata, national: &str) -> bool {
    let all = metadata.descriptors();
    let types = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.uan(),
    ];
    let long = |length: &u16| usize::from(*length) == national.len();
    all.general().is_match(national)
        && types
            .into_iter()
            .flatten()
            .any(|kind| kind.possible_length().iter().any(long))
}

fn parsed(digits: &str) -> Option<PhoneNumber> {
    phonenumber::parse(None, format!("+{digits}")).ok()
}
