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

/// What the numbers in a text are, after a word that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Code,
    Cause,
}

impl Topic {
    /// Every rule, SIP code and Q.850 cause that a text names, each once. A number is what the word
    /// before it says; without one it is a SIP code if there is such a code.
    #[must_use]
    pub fn all(text: &str) -> Vec<Topic> {
        let mut topics: Vec<Topic> = Vec::new();
        let mut named = None;
        for word in words(text) {
            let word = word.to_ascii_lowercase();
            match word.as_str() {
                "cause" | "causes" | "q.850" | "q850" => named = Some(Named::Cause),
                // In "cause code 34" it is still a cause.
                "code" | "codes" if named == Some(Named::Cause) => {}
                "code" | "codes" | "sip" | "status" | "response" => named = Some(Named::Code),
                _ => {}
            }
            let topic = match (rules::find(&word), word.parse()) {
                (Some(rule), _) => Some(Topic::Rule(rule)),
                (None, Ok(number)) => Topic::number(number, named, text),
                (None, Err(_)) => None,
            };
            let is_new = |topic: &Topic| !topics.iter().any(|known| known.is(*topic));
            let topic = topic.filter(is_new);
            topics.extend(topic);
        }
        topics
    }

    fn number(number: u16, named: Option<Named>, text: &str) -> Option<Topic> {
        let code = knowledge::sip_code(number).map(Topic::Code);
        let cause = u8::try_from(number).ok().and_then(knowledge::q850);
        let cause = cause.map(Topic::Cause);
        match named {
            Some(Named::Cause) => cause.or(code),
            Some(Named::Code) => code.or(cause),
            // Beside a call, a small number is more likely part of a time: "since 30 minutes".
            None => code.or(cause.filter(|_| !names_a_call(text))),
        }
    }

    fn is(self, other: Topic) -> bool {
        match (self, other) {
            (Topic::Rule(one), Topic::Rule(two)) => one.id == two.id,
            (Topic::Code(one), Topic::Code(two)) => one == two,
            (Topic::Cause(one), Topic::Cause(two)) => one == two,
            _ => false,
        }
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || ",;=:?".contains(c))
        .map(|word| word.trim_matches(|c: char| ".!()\"'".contains(c)))
        .filter(|word| !word.is_empty())
}

/// Whether a word could only be a Call-ID, an address or a number that somebody calls.
fn names_a_call(text: &str) -> bool {
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).count();
    text.split_whitespace()
        .any(|word| word.contains('@') || digits(word) > 3)
}

/// Whether a text that names nothing to explain is a question about a call: "what is wrong with
/// 441632960106". A lone name or a short number is a rule or a code that does not exist.
pub(super) fn may_be_about_a_call(text: &str) -> bool {
    let named = |word: &str| {
        let word = word.to_ascii_lowercase();
        [
            "code", "cause", "sip", "rule", "q.850", "q850", "mean", "means",
        ]
        .contains(&&*word)
    };
    names_a_call(text) || words(text).filter(|word| !named(word)).count() > 1
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
