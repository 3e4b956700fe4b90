//! Fills a card with what one call and its diagnosis give. What only a whole investigation knows
//! (steps, what was not checked, hints) is left empty for it to add.

use jiff::tz::TimeZone;

use super::{Card, Fact, Judgement, Point, Tone, figures};
use crate::diagnosis::verdict::explaining;
use crate::diagnosis::{Case, Field, Finding, Party, Severity, Verdict};
use crate::render::{clean, ladder};
use crate::sip::Certainty;

/// The card of one call. `zone` is the reader's; times are given in UTC and in it.
#[must_use]
pub fn for_call(
    case: &Case<'_>,
    verdict: Option<&Verdict>,
    findings: &[Finding],
    zone: &TimeZone,
) -> Card {
    let chosen = verdict.and_then(|_| explaining(case, findings));
    let proof = chosen.map_or(&[][..], |finding| &finding.packets);
    let summary = verdict.map_or("", |verdict| &verdict.summary);
    let (_, rest) = first_sentence(summary);
    Card {
        lead: None,
        headline: verdict.map_or_else(|| undiagnosed(case), headline_of),
        tone: tone(case, verdict, chosen),
        judgement: verdict.map(judgement),
        facts: figures::facts(case, zone),
        summary: clean::line(rest),
        findings: findings
            .iter()
            .map(|finding| point(finding, chosen == Some(finding)))
            .collect(),
        ruled_out: Vec::new(),
        not_checked: Vec::new(),
        next: verdict.map_or_else(Vec::new, |verdict| {
            verdict.next.iter().map(|next| clean::line(next)).collect()
        }),
        steps: Vec::new(),
        ids: figures::ids(case),
        ladder: ladder::text(case, proof, ladder::Limits::CHAT),
        drawing: ladder::svg(case, proof, ladder::Theme::Light),
        hints: Vec::new(),
    }
}

/// The card of a call of which no message was found.
#[must_use]
pub fn without_call(verdict: &Verdict, call_ids: &[String]) -> Card {
    let (sentence, rest) = first_sentence(&verdict.summary);
    Card {
        lead: None,
        headline: clean::line(sentence),
        tone: Tone::Neutral,
        judgement: None,
        facts: Vec::new(),
        summary: clean::line(rest),
        findings: Vec::new(),
        ruled_out: Vec::new(),
        not_checked: Vec::new(),
        next: verdict.next.iter().map(|next| clean::line(next)).collect(),
        steps: Vec::new(),
        ids: call_ids
            .iter()
            .map(|id| Fact::new("Call-ID", clean::line(id)))
            .collect(),
        ladder: String::new(),
        drawing: String::new(),
        hints: Vec::new(),
    }
}

/// The first sentence and what follows it. A full stop inside an address or a number ends none.
fn first_sentence(text: &str) -> (&str, &str) {
    let ends_here = |at: &usize| {
        let after = text.get(at + 2..).and_then(|rest| rest.chars().next());
        after.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
    };
    let end = text
        .match_indices(". ")
        .map(|(at, _)| at)
        .find(ends_here)
        .map_or(text.len(), |at| at + 1);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What a verdict comes to in one sentence, the party in front: what stands at the top of a card.
#[must_use]
pub fn headline_of(verdict: &Verdict) -> String {
    let (sentence, _) = first_sentence(&verdict.summary);
    headline(verdict.party, &clean::line(sentence))
}

/// The sentence with the party in front, where there is one to look at.
fn headline(party: Party, sentence: &str) -> String {
    let text = match party {
        Party::Nobody => sentence.to_owned(),
        // The sentence begins with the node of that party: that says it.
        party if sentence.starts_with(party.label()) => sentence.to_owned(),
        party => format!("{}: {sentence}", party.label()),
    };
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A call that was not answered never looks good, even where nobody did anything wrong.
fn tone(case: &Case<'_>, verdict: Option<&Verdict>, chosen: Option<&Finding>) -> Tone {
    match (verdict.map(|v| v.party), chosen.map(|f| f.severity)) {
        (_, Some(Severity::Error)) => Tone::Bad,
        (_, Some(Severity::Warning)) => Tone::Warning,
        (Some(Party::Nobody), _) if case.answer().is_some() => Tone::Good,
        _ => Tone::Neutral,
    }
}

fn judgement(verdict: &Verdict) -> Judgement {
    Judgement {
        party: verdict.party,
        to_act: verdict.to_act,
        fact_certainty: verdict.fact_certainty,
        // Nobody reads that a cause is certain beside one that is undecided.
        certainty: match verdict.party {
            Party::Undecided => Certainty::Possible,
            _ => verdict.certainty,
        },
        answered_by: verdict.answered_by.as_deref().map(clean::line),
    }
}

fn point(finding: &Finding, is_verdict: bool) -> Point {
    Point {
        rule: finding.rule.clone(),
        severity: finding.severity,
        fact: clean::line(&finding.fact),
        cause: clean::line(&finding.cause),
        certainty: finding.certainty,
        packets: finding.packets.clone(),
        fields: finding.fields.iter().map(shown).collect(),
        is_verdict,
    }
}

/// A field as it can be shown: on one line, and no longer than proves anything.
fn shown(field: &Field) -> Field {
    const LONGEST: usize = 80;
    let value = clean::line(&field.value);
    let cut: String = value.chars().take(LONGEST).collect();
    let mark = if cut.len() < value.len() { "…" } else { "" };
    Field {
        record: clean::line(&field.record),
        name: clean::line(&field.name),
        value: format!("{cut}{mark}"),
    }
}

/// The headline of a call that no rule explains: what is so, and nothing more.
fn undiagnosed(case: &Case<'_>) -> String {
    let failed = case.failure().and_then(|answer| answer.message().code());
    match (case.answer(), failed) {
        (Some(_), _) => "Answered; no rule found anything wrong.".to_owned(),
        (None, Some(code)) => format!("Ended with {code}; no rule explains it."),
        (None, None) => "No rule explains it.".to_owned(),
    }
}
