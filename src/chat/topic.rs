//! What `explain` knows: the rule, SIP code or Q.850 cause that a text names. Pure.

use super::answer;
use crate::diagnosis::rules::{self, Rule};
use crate::knowledge::{self, Cause, SipCode};

/// What can be explained.
#[derive(Debug, Clone, Copy)]
pub enum Topic {
    /// A rule of the catalogue.
    Rule(&'static Rule),
    /// A SIP response code.
    Code(&'static SipCode),
    /// A Q.850 cause.
    Cause(&'static Cause),
}

impl Topic {
    /// The rule, SIP code or Q.850 cause that stands anywhere in a text.
    #[must_use]
    pub fn find(text: &str) -> Option<Topic> {
        let mut words = text.split(|c: char| c.is_whitespace() || c == ',' || c == '?');
        words.find_map(|word| {
            if let Some(rule) = rules::find(&word.to_ascii_lowercase()) {
                return Some(Topic::Rule(rule));
            }
            let number: u16 = word.parse().ok()?;
            let cause = u8::try_from(number).ok().and_then(knowledge::q850);
            knowledge::sip_code(number)
                .map(Topic::Code)
                .or_else(|| cause.map(Topic::Cause))
        })
    }

    /// All there is to say of it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Topic::Rule(rule) => answer::rule_text(rule),
            Topic::Code(code) => answer::code_text(code),
            Topic::Cause(cause) => answer::cause_text(cause),
        }
    }
}

/// What to say where there is nothing to explain.
#[must_use]
pub fn cannot_explain(text: &str) -> String {
    let near = crate::nearest::nearest(text.trim(), rules::all().map(|rule| rule.id));
    let meant = near.map_or(String::new(), |id| format!(" Did you mean {id}?"));
    format!(
        "Nothing is known of {:?}: name a rule, a SIP response code or a Q.850 cause, as in \
         `explain 503`.{meant}",
        text.trim()
    )
}
