//! `[rules]`: how the catalogue is tuned, as it is written. Which rules and limits there are, the catalogue says.

use super::problem::Problem;
use super::reader::{Section, Written};

/// `[rules]`: what differs from the catalogue as declared, each as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSettings {
    /// Ids of rules that are switched off.
    pub off: Vec<Written>,
    /// Severities, by the rule's id.
    pub severity: Vec<Written>,
    /// Limits, by their key.
    pub limits: Vec<Written>,
    /// Countries whose networks sign calls; nothing where the key is not written.
    pub signing_countries: Option<Vec<Written>>,
}

impl Written {
    /// Says that the catalogue does not take it.
    #[must_use]
    pub fn refused(&self, found: String, allowed: String, did_you_mean: Option<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            line: self.line,
            column: None,
            key: self.path.clone(),
            found,
            allowed,
            did_you_mean,
        }
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<RuleSettings> {
    Some(RuleSettings {
        off: section.written_list("off"),
        severity: section.written_table("severity"),
        limits: section.written_table("limits"),
        signing_countries: section.written_list_if_any("signing_countries"),
    })
}
