//! Rules: for each a trace that fires it and one at its edge that does not, one file a family.

mod agents;
mod authentication;
mod blame;
mod cancel;
mod captures;
mod codes;
mod connections;
mod delay;
mod dialog;
mod dns;
mod encryption;
mod ending;
mod forking;
mod headers;
mod incident;
mod invariance;
mod keep_alive;
mod legs;
mod loops;
mod many;
mod media;
mod media_addresses;
mod media_afterwards;
mod media_changed;
mod media_early;
mod media_opening;
mod media_streams;
mod network;
mod place;
mod prack;
mod presses;
mod record;
mod record_quality;
mod registration;
mod repeats;
mod settings;
mod setup;
pub mod shown;
mod siblings;
mod signing;
mod silence;
mod sound;
mod timeless;
mod trace;
mod transfer;
pub mod verdict;

use calltriage::diagnosis::{Case, Finding, Party, Peers, rules};
use calltriage::sip::Kind;
use calltriage::wire::Observations;

use crate::support::trace::call;

/// The findings of one rule on a written call, one line each:
/// `party>to_act certainty/fact_certainty [packets] fact cause`.
pub fn found(rule: &str, text: &str) -> Vec<String> {
    found_with(rule, text, Observations::NONE)
}

/// The same with what was seen besides the messages.
pub fn found_with(rule: &str, text: &str, observed: &Observations) -> Vec<String> {
    let call = call(text);
    let of = |peers: &Peers| {
        let case = Case::new(&call, peers, None).observing(observed);
        let mut findings = shown::findings(&case);
        findings.retain(|finding| finding.rule == rule);
        findings
    };
    let mut is_silent = true;
    if call.kind() == Kind::Call {
        let (out, back) = (of(&verdict::outbound()), of(&verdict::inbound()));
        is_silent = out.is_empty() && back.is_empty();
        out.iter()
            .zip(&back)
            .for_each(|it| changes_places(it, text));
    }
    let found: Vec<String> = of(&Peers::default()).iter().map(line).collect();
    shown::asked(rule, is_silent && found.is_empty());
    found
}

/// Whose the cause is changes places with the direction: the same side of the same call is never the customer's, or the
/// carrier's, both ways. A balance is the customer's whichever way the call goes.
#[track_caller]
fn changes_places((out, back): (&Finding, &Finding), text: &str) {
    let is_same = out.party == back.party && matches!(out.party, Party::Customer | Party::Carrier);
    let is_balance = out.rule == "platform-ended-call";
    assert!(
        (!is_same || is_balance) && back.party != Party::FarEnd,
        "{:?} on the way out is {:?} on the way in\n{text}",
        out.party,
        back.party
    );
}

fn line(finding: &Finding) -> String {
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

/// The one finding of a rule as people read it, and whose it is on an outbound and on an inbound call.
#[track_caller]
pub fn told(rule: &str, text: &str, observed: &Observations) -> String {
    assert!(rules::find(rule).is_some(), "no rule is called {rule}");
    let call = call(text);
    let one = |peers: &Peers| {
        let case = Case::new(&call, peers, None).observing(observed);
        let mut findings = shown::findings(&case);
        findings.retain(|finding| finding.rule == rule);
        let [finding] = findings.as_slice() else {
            panic!("{rule}: {findings:#?}")
        };
        finding.clone()
    };
    let (out, back) = (one(&verdict::outbound()), one(&verdict::inbound()));
    let whose = |it: &Finding| {
        let parties = format!("{}, to act {}", it.party.label(), it.to_act.label());
        format!("{parties}; {}", it.certainty.word())
    };
    format!(
        "{} (packets {:?})\noutbound: {}\ninbound: {}\n{}\n{}\nNext: {}\n",
        out.severity.word(),
        out.packets,
        whose(&out),
        whose(&back),
        out.fact,
        out.cause,
        out.next,
    )
}

/// The rule fires once, with exactly this line.
#[track_caller]
pub fn fires(rule: &str, text: &str, expected: &str) {
    assert_eq!(found(rule, text), [expected]);
}

/// A rule on one call: who owns it and who acts (`party>to_act certainty severity`) where the customer calls out and
/// where a carrier hands the call in, `-` where it is silent; and calls at its edge.
pub struct Row<'t> {
    pub rule: &'t str,
    pub call: String,
    pub outbound: &'t str,
    pub inbound: &'t str,
    pub edges: Vec<String>,
}

/// Every row is as written; what people read of each outbound call is as the snapshot of its rule has it.
#[track_caller]
pub fn check_rows(rows: &[Row<'_>]) {
    let (outbound, inbound) = (verdict::outbound(), verdict::inbound());
    let mut wrong = String::new();
    let mut told: Vec<(String, String)> = Vec::new();
    for row in rows {
        for (peers, expected) in [(&outbound, row.outbound), (&inbound, row.inbound)] {
            let findings = findings_of(row.rule, peers, &row.call);
            let short: Vec<String> = findings.iter().map(short).collect();
            let found = if short.is_empty() {
                "-".to_owned()
            } else {
                short.join(", ")
            };
            if found != expected {
                wrong.push_str(&format!(
                    "{}: {found} instead of {expected}\n{findings:#?}\n",
                    row.rule
                ));
            }
        }
        for edge in &row.edges {
            for peers in [&outbound, &inbound] {
                let found = findings_of(row.rule, peers, edge);
                if !found.is_empty() {
                    wrong.push_str(&format!(
                        "{}: fires at its edge\n{edge}\n{found:#?}\n",
                        row.rule
                    ));
                }
            }
        }
        let read = findings_of(row.rule, &outbound, &row.call)
            .iter()
            .map(read)
            .collect::<String>();
        match told.iter_mut().find(|(rule, _)| rule == row.rule) {
            Some((_, text)) => text.push_str(&format!("\n{read}")),
            None => told.push((row.rule.to_owned(), read)),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    for (rule, text) in told {
        insta::assert_snapshot!(rule, text);
    }
}

fn findings_of(rule: &str, peers: &Peers, text: &str) -> Vec<Finding> {
    let call = call(text);
    let case = Case::new(&call, peers, None);
    let mut findings = shown::findings(&case);
    findings.retain(|finding| finding.rule == rule);
    shown::asked(rule, findings.is_empty());
    findings
}

/// The findings of one rule on a written call among these peers, one line each.
pub fn found_among(peers: &Peers, rule: &str, text: &str) -> Vec<String> {
    findings_of(rule, peers, text).iter().map(line).collect()
}

fn word(party: Party) -> String {
    serde_json::to_value(party)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn short(finding: &Finding) -> String {
    format!(
        "{}>{} {} {}",
        word(finding.party),
        word(finding.to_act),
        finding.certainty.word(),
        finding.severity.word()
    )
}

/// A finding as people read it.
fn read(finding: &Finding) -> String {
    format!(
        "[{}] {:?}\n{}\n{}\n-> {}\n",
        short(finding),
        finding.packets,
        finding.fact,
        finding.cause,
        finding.next
    )
}

/// What a rule says of a call that a customer sends out, and whom it names where a carrier hands the same call in:
/// one line a finding.
pub fn both_ways(rule: &str, text: &str) -> String {
    let said = findings_of(rule, &verdict::outbound(), text);
    let inbound = findings_of(rule, &verdict::inbound(), text);
    let named = inbound.iter().map(|it| format!("inbound: {}", short(it)));
    let lines: Vec<String> = said.iter().map(line).chain(named).collect();
    lines.join("\n")
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
    let findings = shown::findings(&case);
    let verdict = calltriage::diagnosis::verdict::verdict(&case, &findings).expect("a verdict");
    let (party, to_act) = (word(verdict.party), word(verdict.to_act));
    format!(
        "{} {party}>{to_act} {}",
        verdict.rule,
        verdict.certainty.word()
    )
}
