//! Where calls go: a prefix, a country, or one type of a country's numbers. Decides by the numbering
//! plan whether a number lies there.

use std::fmt;

use phonenumber::Type;
use serde::{Deserialize, Serialize};

use super::countries::{self, Called, Country};
use super::keyed::{self, Key};
use super::plan;
use super::words::Word;

/// A set of called numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Numbers that begin with these E.164 digits.
    Prefix(String),
    /// All numbers of a country.
    Country(Country),
    /// One type of a country's numbers, as in "UK mobile".
    Kind {
        /// The country.
        country: Country,
        /// The type.
        kind: Kind,
    },
}

/// A type of number, as rates and routes tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Mobile.
    Mobile,
    /// Fixed line.
    Fixed,
    /// Free for the caller.
    TollFree,
    /// Premium rate.
    Premium,
}

const KINDS: &[(&str, Kind)] = &[
    ("mobile", Kind::Mobile),
    ("mobiles", Kind::Mobile),
    ("cell", Kind::Mobile),
    ("cellular", Kind::Mobile),
    ("fixed", Kind::Fixed),
    ("fixed-line", Kind::Fixed),
    ("landline", Kind::Fixed),
    ("landlines", Kind::Fixed),
    ("tollfree", Kind::TollFree),
    ("toll-free", Kind::TollFree),
    ("freephone", Kind::TollFree),
    ("premium", Kind::Premium),
    ("premium-rate", Kind::Premium),
];

/// Most words in the name of a country.
const LONGEST_NAME: usize = 5;

impl Destination {
    /// Whether E.164 digits (without `+`) lie in the destination.
    ///
    /// Where countries share a calling code, a number the plan does not know counts for the main
    /// one. In North America numbers do not tell mobile from fixed, so there they are both.
    #[must_use]
    pub fn covers(&self, digits: &str) -> bool {
        match self {
            Destination::Prefix(prefix) => digits.starts_with(prefix.as_str()),
            Destination::Country(country) => lies_in(digits, country),
            Destination::Kind { country, kind } => {
                lies_in(digits, country)
                    && plan::kind(digits).is_some_and(|found| kind.includes(found))
            }
        }
    }
}

fn lies_in(digits: &str, country: &Country) -> bool {
    digits.starts_with(&country.calling_code.to_string())
        && plan::country(digits).is_some_and(|iso| iso == country.iso)
}

impl Kind {
    fn includes(self, found: Type) -> bool {
        match self {
            Kind::Mobile => matches!(found, Type::Mobile | Type::FixedLineOrMobile),
            Kind::Fixed => matches!(found, Type::FixedLine | Type::FixedLineOrMobile),
            Kind::TollFree => found == Type::TollFree,
            Kind::Premium => found == Type::PremiumRate,
        }
    }

    fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

/// The destination at the beginning of the words, and how many of them it takes. `led` says that a
/// word such as "to" stood before, so that two capitals are a country and not shouting.
pub(super) fn read(words: &[Word], led: bool, home: Option<&str>) -> Option<(Destination, usize)> {
    let first = words.first()?;
    if let Some(prefix) = starred(&first.plain) {
        return Some((Destination::Prefix(prefix), 1));
    }
    if let Some((kind, used)) = kind(words) {
        // "mobiles in Germany", or those of the home country.
        let link = usize::from(
            words
                .get(used)
                .is_some_and(|w| w.plain == "in" || w.plain == "of"),
        );
        let abroad = words
            .get(used + link..)
            .filter(|_| link > 0)
            .and_then(|w| country(w, true));
        if let Some((Called::Country(country), more)) = abroad {
            return Some((Destination::Kind { country, kind }, used + link + more));
        }
        let country = countries::country_of(home?)?;
        return led.then_some((Destination::Kind { country, kind }, used));
    }
    let (called, used) = country(words, led)?;
    let country = match called {
        Called::Service(prefix) => return Some((Destination::Prefix(prefix), used)),
        Called::Country(country) => country,
    };
    match kind(words.get(used..)?) {
        Some((kind, more)) => Some((Destination::Kind { country, kind }, used + more)),
        None => Some((Destination::Country(country), used)),
    }
}

/// A destination by its canonical name: `GB`, `GB-mobile`, or a country's name.
pub(super) fn named(name: &str) -> Option<Destination> {
    if let Some((iso, kind)) = name.split_once('-')
        && let (Some(country), Some((_, kind))) = (
            countries::country_of(iso),
            KINDS.iter().find(|(known, _)| *known == kind),
        )
    {
        return Some(Destination::Kind {
            country,
            kind: *kind,
        });
    }
    let country = countries::country_of(name).or_else(|| countries::country_called(name));
    country.map(Destination::Country)
}

/// The digits of a prefix however it is written: `4479`, `+4479`, `004479`, `4479*`.
pub(super) fn prefix(text: &str) -> Option<Destination> {
    let digits = text
        .trim_start_matches('+')
        .trim_end_matches(['*', 'x', 'X', '.']);
    let digits = digits.strip_prefix("00").unwrap_or(digits);
    let fits = !digits.is_empty() && digits.len() <= 15;
    (fits && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| Destination::Prefix(digits.to_owned()))
}

/// Most digits that are a prefix rather than a number where a destination is expected.
const MAX_PREFIX: usize = 6;

/// A few digits, with a `+` perhaps, where a destination is expected.
pub(super) fn short_prefix(text: &str) -> Option<Destination> {
    let fits = |digits: &str| (1..=MAX_PREFIX).contains(&digits.len());
    prefix(text).filter(|found| matches!(found, Destination::Prefix(digits) if fits(digits)))
}

/// `4479*`, `4479xxx`.
fn starred(plain: &str) -> Option<String> {
    let end = plain.ends_with('*') || plain.ends_with("xxx");
    match prefix(plain).filter(|_| end)? {
        Destination::Prefix(digits) => Some(digits),
        _ => None,
    }
}

/// A country by name or ISO code; the longest name wins ("Guinea-Bissau", "South Sudan").
fn country(words: &[Word], led: bool) -> Option<(Called, usize)> {
    for count in (1..=LONGEST_NAME.min(words.len())).rev() {
        let name: Vec<&str> = words
            .iter()
            .take(count)
            .map(|word| word.plain.as_str())
            .collect();
        if let Some(called) = countries::called(&name.join(" ")) {
            return Some((called, count));
        }
    }
    let word = words.first()?;
    let capitals = word.typed.len() == 2 && word.typed.bytes().all(|b| b.is_ascii_uppercase());
    let typed = words
        .get(1)
        .is_some_and(|next| KINDS.iter().any(|(kind, _)| *kind == next.plain));
    let iso = (capitals && (led || typed)) || (word.plain == "us" && typed);
    let country = countries::country_of(&word.plain).filter(|_| iso)?;
    Some((Called::Country(country), 1))
}

fn kind(words: &[Word]) -> Option<(Kind, usize)> {
    let plain = |i: usize| words.get(i).map_or("", |word| word.plain.as_str());
    let (kind, mut used) = match (plain(0), plain(1)) {
        ("toll", "free") => (Kind::TollFree, 2),
        ("fixed", "line" | "lines") => (Kind::Fixed, 2),
        ("premium", "rate") => (Kind::Premium, 2),
        (name, _) => (KINDS.iter().find(|(known, _)| *known == name)?.1, 1),
    };
    used += usize::from(["number", "numbers", "phones"].contains(&plain(used)));
    Some((kind, used))
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Prefix(digits) => keyed::write(f, Key::Prefix, digits),
            Destination::Country(country) => keyed::write(f, Key::Destination, &country.iso),
            Destination::Kind { country, kind } => keyed::write(
                f,
                Key::Destination,
                &format!("{}-{}", country.iso, kind.name()),
            ),
        }
    }
}
