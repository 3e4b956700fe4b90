//! Rules: for each a trace that fires it and one at its edge that does not, one file a family.

mod authentication;
mod cancel;
mod delay;
mod dialog;
mod ending;
mod incident;
mod keep_alive;
mod many;
mod media;
mod media_streams;
mod network;
mod place;
mod prack;
mod record;
mod registration;
mod repeats;
mod settings;
mod setup;
mod siblings;
mod silence;
mod trace;
mod verdict;

use calltriage::diagnosis::{Case, Finding, Peers, rules};
use calltriage::wire::Observations;

use crate::support::trace::call;

/// The findings of one rule on a written call, one line each:
/// `party>to_act certainty/fact_certainty [packets] fact cause`.
pub fn found(rule: &str, text: &str) -> Vec<String> {
    found_with(rule, text, Observations::NONE)
}

/// The same with what was seen besides the messages.
pub fn found_with(rule: &str, text: &str, observed: &Observations) -> Vec<String> {
    assert!(rules::find(rule).is_some(), "no rule is called {rule}");
    let call = call(text);
    let case = Case::new(&call, &Peers::default(), None).observing(observed);
    let findings = rules::findings(&case);
    findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(line)
        .collect()
}

fn line(finding: &Finding) -> String {
    let word = |party| {
        serde_json::to_value(party)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    format!(
        "{}>{} {}/{} {:?} {} {}",
        word(finding.party),
        word(finding.to_act),
        finding.certainty.word(),
        finding.fact_certainty.word(),
        finding.packets,
        finding.fact,
        finding.cause,
    )
    .trim()
    .to_owned()
}

/// The rule fires once, with exactly this line.
#[track_caller]
pub fn fires(rule: &str, text: &str, expected: &str) {
    assert_eq!(found(rule, text), [expected]);
}

/// The rule says nothing.
#[track_caller]
pub fn silent(rule: &str, text: &str) {
    assert_eq!(found(rule, text), Vec::<String>::new());
}

#[allow(dead_code, reason = "each family uses what it needs")]
/// The verdict on a written call: `rule party>to_act certainty`.
#[track_caller]
pub fn verdict(text: &str) -> String {
    verdict_with(text, Observations::NONE)
}

/// The same with what was seen besides the messages.
#[track_caller]
pub fn verdict_with(text: &str, observed: &Observations) -> String {
    let call = call(text);
    let case = Case::new(&call, &Peers::default(), None).observing(observed);
    let findings = rules::findings(&case);
    let verdict = calltriage::diagnosis::verdict::verdict(&case, &findings).expect("a verdict");
    let word = |party| {
        serde_json::to_value(party)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (party, to_act) = (word(verdict.party), word(verdict.to_act));
    format!(
        "{} {party}>{to_act} {}",
        verdict.rule,
        verdict.certainty.word()
    )
}
