//! Countries and the names people call them by. The table is data in `config/knowledge`, compiled in.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A country in the sense of the numbering plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Country {
    /// ISO 3166 code, as in `GB`.
    pub iso: String,
    /// Calling code without `+`; several countries may share one.
    pub calling_code: u16,
}

#[derive(Deserialize, Default)]
struct File {
    countries: BTreeMap<String, Row>,
    services: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Row {
    code: u16,
    names: Vec<String>,
}

/// What a name stands for: a country, or the prefix of a service that belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Called {
    Country(Country),
    Service(String),
}

// A test proves that the table parses; an empty one would only mean that no name is known.
static FILE: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("../../config/knowledge/countries.toml")).unwrap_or_default()
});

static NAMES: LazyLock<HashMap<String, Called>> = LazyLock::new(|| {
    let countries = FILE.countries.iter().flat_map(|(iso, row)| {
        let country = Country {
            iso: iso.clone(),
            calling_code: row.code,
        };
        row.names
            .iter()
            .map(move |name| (key(name), Called::Country(country.clone())))
    });
    let services = FILE.services.iter();
    countries
        .chain(services.map(|(name, code)| (key(name), Called::Service(code.clone()))))
        .collect()
});

/// The country with an ISO code, upper or lower case.
#[must_use]
pub fn country_of(iso: &str) -> Option<Country> {
    let iso = iso.to_ascii_uppercase();
    let row = FILE.countries.get(&iso)?;
    Some(Country {
        calling_code: row.code,
        iso,
    })
}

/// The country with a name, in any case.
#[must_use]
pub fn country_called(name: &str) -> Option<Country> {
    match called(name)? {
        Called::Country(country) => Some(country),
        Called::Service(_) => None,
    }
}

/// What a name stands for.
pub(super) fn called(name: &str) -> Option<Called> {
    NAMES.get(&key(name)).cloned()
}

impl Country {
    /// The name that is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        let row = FILE.countries.get(&self.iso);
        row.and_then(|row| row.names.first())
            .map_or(self.iso.as_str(), String::as_str)
    }
}

/// Names are compared without case, dots and apostrophes, which is how plain words come.
fn key(name: &str) -> String {
    name.to_lowercase().replace(['.', '\''], "")
}
#[cfg(test)]
mod tests {
    use phonenumber::metadata::DATABASE;

    use super::FILE;

    #[test]
    fn the_table_agrees_with_the_numbering_plan() {
        for (iso, row) in &FILE.countries {
            let code = DATABASE.by_id(iso).map(phonenumber::Metadata::country_code);
            assert_eq!(code, Some(row.code), "{iso}");
        }
        for iso in DATABASE
            .iter()
            .map(phonenumber::Metadata::id)
            .filter(|iso| *iso != "001")
        {
            assert!(FILE.countries.contains_key(iso), "{iso} is missing");
        }
    }

    #[test]
    fn every_calling_code_has_an_entry() {
        for code in (1..1000_u16).filter(|code| DATABASE.region(code).is_some()) {
            let digits = code.to_string();
            let country = FILE.countries.values().any(|row| row.code == code);
            let service = FILE
                .services
                .values()
                .any(|prefix| prefix.starts_with(&digits));
            assert!(country || service, "{code} is missing");
        }
    }
}
