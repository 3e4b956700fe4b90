//! How an operator has tuned the catalogue: rules that are switched off, severities, limits and signing countries
//! other than declared. Checks names and figures against the declarations; reads no file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::finding::Severity;
use super::rules::{self, Figure, Limit, Rule};
use crate::call::{Country, country_of};
use crate::nearest::nearest;

/// What differs from the catalogue as declared. Nothing, unless it is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tuning {
    off: BTreeSet<&'static str>,
    severities: BTreeMap<&'static str, Severity>,
    limits: BTreeMap<&'static str, Figure>,
    /// ISO codes; nothing where an operator named none.
    signing_countries: Option<BTreeSet<String>>,
}

/// The countries whose networks sign calls unless an operator names others: those where the law demands it
/// (47 CFR 64.6301; CRTC 2018-32).
const SIGNING_COUNTRIES: [&str; 2] = ["CA", "US"];

/// The catalogue as it is declared.
static AS_DECLARED: Tuning = Tuning {
    off: BTreeSet::new(),
    severities: BTreeMap::new(),
    limits: BTreeMap::new(),
    signing_countries: None,
};

/// Why something was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What was found.
    pub found: String,
    /// What would be taken.
    pub allowed: String,
    /// What may have been meant.
    pub meant: Option<String>,
}

impl Tuning {
    /// The catalogue as it is declared.
    #[must_use]
    pub fn as_declared() -> &'static Tuning {
        &AS_DECLARED
    }

    /// Switches a rule off.
    ///
    /// # Errors
    /// Where no rule has this id.
    pub fn switch_off(&mut self, id: &str) -> Result<(), Misfit> {
        self.off.insert(rule(id)?.id);
        Ok(())
    }

    /// Has every finding of a rule weigh this much.
    ///
    /// # Errors
    /// Where no rule has this id, or no severity this name.
    pub fn weigh(&mut self, id: &str, severity: &str) -> Result<(), Misfit> {
        let rule = rule(id)?;
        let all = [Severity::Info, Severity::Warning, Severity::Error];
        let Some(severity) = all.into_iter().find(|it| it.word() == severity) else {
            let words = all.map(|it| format!("{:?}", it.word()));
            return Err(Misfit {
                found: format!("found {severity:?}"),
                allowed: words.join(", "),
                meant: nearest(severity, all.map(Severity::word)).map(|it| format!("{it:?}")),
            });
        };
        self.severities.insert(rule.id, severity);
        Ok(())
    }

    /// Sets a limit.
    ///
    /// # Errors
    /// Where no rule has such a limit, or the figure is not of its kind.
    pub fn limit(&mut self, key: &str, written: &str) -> Result<(), Misfit> {
        let limits = || rules::all().flat_map(|rule| rule.limits.iter().copied());
        let Some(limit) = limits().find(|limit| limit.key == key) else {
            let keys: Vec<&str> = limits().map(|limit| limit.key).collect();
            return Err(Misfit {
                found: "no rule has this limit".to_owned(),
                allowed: keys.join(", "),
                meant: nearest(key, keys).map(str::to_owned),
            });
        };
        let Some(figure) = limit.default.of_same_kind(written) else {
            return Err(Misfit {
                found: format!("found {written:?}"),
                allowed: limit.default.allowed().to_owned(),
                meant: None,
            });
        };
        self.limits.insert(limit.key, figure);
        Ok(())
    }

    /// Has no country's networks sign calls, until others are named.
    pub fn sign_nowhere(&mut self) {
        self.signing_countries = Some(BTreeSet::new());
    }

    /// Has the networks of a country, by its ISO 3166 code in capitals, sign calls.
    ///
    /// # Errors
    /// Where no country has this code.
    pub fn sign_in(&mut self, iso: &str) -> Result<(), Misfit> {
        let country = country_of(iso);
        let Some(country) = country.filter(|country| country.iso == iso) else {
            return Err(Misfit {
                found: format!("found {iso:?}"),
                allowed: "two capital letters of ISO 3166, as in \"US\"".to_owned(),
                meant: country_of(iso).map(|country| format!("{:?}", country.iso)),
            });
        };
        let countries = self.signing_countries.get_or_insert_default();
        countries.insert(country.iso);
        Ok(())
    }

    /// Whether the networks of a country sign calls.
    #[must_use]
    pub fn signs(&self, country: &Country) -> bool {
        match &self.signing_countries {
            Some(countries) => countries.contains(&country.iso),
            None => SIGNING_COUNTRIES.contains(&country.iso.as_str()),
        }
    }

    /// Whether a rule is switched off.
    #[must_use]
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.off.contains(rule.id)
    }

    /// How much the findings of a rule weigh, where an operator decided that.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.severities.get(rule.id).copied()
    }

    /// A limit that is a time.
    #[must_use]
    pub fn time(&self, limit: &Limit) -> SignedDuration {
        match self.figure(limit) {
            Figure::Time(time) => time,
            other => unfit(limit, other, SignedDuration::ZERO),
        }
    }

    /// A limit that is a number of things.
    #[must_use]
    pub fn count(&self, limit: &Limit) -> u64 {
        match self.figure(limit) {
            Figure::Count(count) => count,
            other => unfit(limit, other, 0),
        }
    }

    /// Whether so many reach a limit that is a number of things.
    #[must_use]
    pub fn reaches(&self, limit: &Limit, count: usize) -> bool {
        u64::try_from(count).is_ok_and(|count| count >= self.count(limit))
    }

    /// A limit that is a part of a hundred, or a score.
    #[must_use]
    pub fn number(&self, limit: &Limit) -> f64 {
        match self.figure(limit) {
            Figure::Percent(number) | Figure::Score(number) => number,
            other => unfit(limit, other, 0.0),
        }
    }

    /// A limit as it is in force.
    #[must_use]
    pub fn figure(&self, limit: &Limit) -> Figure {
        self.limits.get(limit.key).copied().unwrap_or(limit.default)
    }

    /// Whether a limit is another than declared.
    #[must_use]
    pub fn is_set(&self, limit: &Limit) -> bool {
        self.limits.contains_key(limit.key)
    }
}

/// A limit asked for as what it is not: a mistake in the rule, which its tests show.
fn unfit<T>(limit: &Limit, figure: Figure, instead: T) -> T {
    debug_assert!(false, "{} is {figure:?}", limit.key);
    instead
}

fn rule(id: &str) -> Result<&'static Rule, Misfit> {
    rules::find(id).ok_or_else(|| Misfit {
        found: "no rule has this id".to_owned(),
        allowed: "an id as `calltriage rules` lists them".to_owned(),
        meant: nearest(id, rules::all().map(|rule| rule.id)).map(str::to_owned),
    })
}
