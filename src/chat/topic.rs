//! What `explain` knows: the rules, and the entries of the tables that a text names. Pure; how each is told stands in
//! `explained`.

use std::time::Duration;

use serde_json::{Value, json};

use super::explained;
use crate::config;
use crate::diagnosis::Tuning;
use crate::diagnosis::rules::{self, Rule};
use crate::knowledge::{
    Cause, Knowledge, Match, Matched, Reason, Released, SipCode, Symptom, Timer,
};
use crate::render::clean;

/// What can be explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Topic<'k> {
    /// A rule of the catalogue.
    Rule(&'static Rule),
    /// A SIP response code.
    Code(&'k SipCode),
    /// A code that is not registered and that the platform uses.
    PlatformCode(u16),
    /// A Q.850 cause.
    Cause(&'k Cause),
    /// A reason text of the platform.
    Reason(Match<'k, Reason>),
    /// A release reason of the platform.
    Release(Released<'k>),
    /// A timer.
    Timer(Match<'k, Timer>),
    /// How long an answered call lasted.
    Lifetime(Duration),
    /// A symptom.
    Symptom(&'k Symptom),
}

/// What the numbers in a text are, after a word that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Code,
    Cause,
}

impl<'k> Topic<'k> {
    /// Everything that a text names, each once: what the text as a whole is, then every rule, SIP code and Q.850
    /// cause in it. A number is what the word before it says; without one it is a SIP code if there is such a code.
    #[must_use]
    pub fn all(text: &str, knowledge: &'k Knowledge) -> Vec<Topic<'k>> {
        if let Some(life) = lifetime(question(text)) {
            return vec![Topic::Lifetime(life)];
        }
        let mut topics = Topic::whole(question(text), knowledge);
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
                (None, Ok(number)) => Topic::number(number, named, text, knowledge),
                (None, Err(_)) => None,
            };
            let topic = topic.filter(|topic| !topics.contains(topic));
            topics.extend(topic);
        }
        topics
    }

    /// What a text is as a whole: a symptom's id, or a text or timer of the platform. The same words may be several.
    fn whole(text: &str, knowledge: &'k Knowledge) -> Vec<Topic<'k>> {
        if let Some(symptom) = knowledge.symptom(text) {
            return vec![Topic::Symptom(symptom)];
        }
        // A rule is written with its dashes; a text beside a call is no name.
        if rules::find(&text.to_ascii_lowercase()).is_some() || names_a_call(text) {
            return Vec::new();
        }
        let reason = knowledge.reason(text);
        let release = knowledge.release(text);
        let timer = knowledge.timer(text);
        let found = [
            reason.map(|it| (it.matched, Topic::Reason(it))),
            release.map(|it| (it.matched, Topic::Release(it))),
            timer.map(|it| (it.matched, Topic::Timer(it))),
        ];
        let is_same = |matched: Matched| matches!(matched, Matched::Exact | Matched::Spelling);
        let found: Vec<(Matched, Topic<'k>)> = found.into_iter().flatten().collect();
        let any_same = found.iter().any(|(matched, _)| is_same(*matched));
        found
            .into_iter()
            .filter(|(matched, _)| !any_same || is_same(*matched))
            .map(|(_, topic)| topic)
            .collect()
    }

    fn number(
        number: u16,
        named: Option<Named>,
        text: &str,
        knowledge: &'k Knowledge,
    ) -> Option<Topic<'k>> {
        let registered = knowledge.sip_code(number).map(Topic::Code);
        let code = registered.or_else(|| {
            let is_used = knowledge.platform_code(number).is_some()
                || knowledge.reasons().any(|it| it.codes.contains(&number));
            is_used.then_some(Topic::PlatformCode(number))
        });
        let cause = u8::try_from(number).ok();
        let cause = cause.and_then(|number| knowledge.q850(number));
        let cause = cause.map(Topic::Cause);
        match named {
            Some(Named::Cause) => cause.or(code),
            Some(Named::Code) => code.or(cause),
            // Beside a call, a small number is more likely part of a time: "since 30 minutes".
            None => code.or(cause.filter(|_| !names_a_call(text))),
        }
    }

    /// All there is to say of it.
    #[must_use]
    pub fn text(self, knowledge: &Knowledge, tuning: &Tuning) -> String {
        let told = self.told(knowledge, tuning);
        // Entries may come from a file of a stranger's.
        let lines: Vec<String> = told.lines().map(clean::line).collect();
        lines.join("\n")
    }

    fn told(self, knowledge: &Knowledge, tuning: &Tuning) -> String {
        match self {
            Topic::Rule(rule) => explained::rule(rule, tuning),
            Topic::Code(code) => explained::code(code, knowledge),
            Topic::PlatformCode(code) => explained::platform_code(code, knowledge),
            Topic::Cause(cause) => explained::cause(cause),
            Topic::Reason(found) => explained::reason(&found),
            Topic::Release(found) => explained::release(&found),
            Topic::Timer(found) => explained::timer(&found),
            Topic::Lifetime(life) => explained::lifetime(life, knowledge),
            Topic::Symptom(symptom) => explained::symptom(symptom),
        }
    }

    /// What the tables have of it, for programs: its kind, and the entries as they stand in the files.
    #[must_use]
    pub fn data(self, knowledge: &Knowledge) -> Value {
        match self {
            Topic::Rule(rule) => json!({ "kind": "rule", "id": rule.id }),
            Topic::Code(code) => json!({ "kind": "sip-code", "entry": code }),
            Topic::PlatformCode(code) => json!({
                "kind": "platform-code",
                "code": code,
                "entry": knowledge.platform_code(code),
            }),
            Topic::Cause(cause) => json!({ "kind": "q850-cause", "entry": cause }),
            Topic::Reason(found) => json!({
                "kind": "reason",
                "matched": found.matched,
                "entry": found.entry,
            }),
            Topic::Release(found) => json!({
                "kind": "release-reason",
                "matched": found.matched,
                "end": found.end,
                "entry": found.entry,
            }),
            Topic::Timer(found) => json!({
                "kind": "timer",
                "matched": found.matched,
                "entry": found.entry,
            }),
            Topic::Lifetime(life) => json!({
                "kind": "lifetime",
                "seconds": life.as_secs_f64(),
                "hypotheses": knowledge.lifetimes_of(life).collect::<Vec<_>>(),
            }),
            Topic::Symptom(symptom) => json!({ "kind": "symptom", "entry": symptom }),
        }
    }
}

/// The length that a text is: with its unit, or a number of seconds after a word that says it is one.
fn lifetime(text: &str) -> Option<Duration> {
    let text = text.to_lowercase();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
    match first {
        "lifetime" | "life" | "duration" | "lasted" | "after" => {
            let rest = rest.trim();
            let seconds = || rest.parse().ok().map(Duration::from_secs);
            config::duration(rest).or_else(seconds)
        }
        _ => config::duration(&text),
    }
}

/// A text without what makes a question of it: quotes, marks, and the words around what is asked for.
fn question(text: &str) -> &str {
    let marks = |c: char| c.is_whitespace() || "\"'“”?!.,".contains(c);
    let text = text.trim_matches(marks);
    let opening = ["what is ", "what does ", "what means "]
        .into_iter()
        .find_map(|opening| {
            let (first, rest) = text.split_at_checked(opening.len())?;
            first.eq_ignore_ascii_case(opening).then_some(rest)
        });
    let text = opening.unwrap_or(text).trim_matches(marks);
    let verb = text
        .rsplit_once(char::is_whitespace)
        .filter(|(_, last)| ["mean", "means"].contains(&&*last.to_ascii_lowercase()));
    verb.map_or(text, |(before, _)| before.trim_matches(marks))
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
pub(super) fn may_be_about_a_call(text: &str, knowledge: &Knowledge) -> bool {
    let named = |word: &str| {
        let word = word.to_ascii_lowercase();
        [
            "code", "cause", "sip", "rule", "q.850", "q850", "mean", "means",
        ]
        .contains(&&*word)
    };
    let is_sentence = || words(text).filter(|word| !named(word)).count() > 1;
    names_a_call(text) || (is_sentence() && meant(text, knowledge).is_empty())
}

/// What to say where there is nothing to explain.
#[must_use]
pub fn cannot_explain(text: &str, knowledge: &Knowledge) -> String {
    let meant = match meant(text, knowledge).as_slice() {
        [] => String::new(),
        [one] => format!(" Did you mean {one}?"),
        several => format!(" Did you mean one of {}?", several.join(", ")),
    };
    format!(
        "Nothing is known of {:?}: name a rule, a SIP response code, a Q.850 cause, a text or timer \
         of the platform, or how long a call lasted, as in `explain 503` or `explain 32s`.{meant}",
        text.trim()
    )
}

/// What was probably meant, as it may be typed: the names that go on where the text ends, else the nearest one.
fn meant(text: &str, knowledge: &Knowledge) -> Vec<String> {
    /// Fewer letters begin too many names.
    const FEWEST_LETTERS: usize = 4;
    /// More are no help.
    const MOST: usize = 5;
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let texts = knowledge.reasons().map(|it| &it.text);
    let texts = texts.chain(knowledge.releases().map(|it| &it.text));
    let texts = texts.chain(knowledge.timers().map(|it| &it.name));
    let names: Vec<&str> = rules::all()
        .map(|rule| rule.id)
        .chain(texts.map(String::as_str))
        .collect();
    let quoted = |name: &str| match name.contains(char::is_whitespace) {
        true => format!("{name:?}"),
        false => name.to_owned(),
    };
    let typed = letters(question(text));
    if typed.chars().count() >= FEWEST_LETTERS {
        let begun = names.iter().filter(|it| letters(it).starts_with(&typed));
        let begun: Vec<String> = begun.take(MOST).map(|name| quoted(name)).collect();
        if !begun.is_empty() {
            return begun;
        }
    }
    let nearest = crate::nearest::nearest(question(text), names);
    nearest.map(quoted).into_iter().collect()
}
