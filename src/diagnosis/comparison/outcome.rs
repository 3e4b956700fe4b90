//! How a call ended, as it is compared: code, cause, verdict, who hung up.

use super::Judged;
use super::profile::Entry;
use crate::diagnosis::common::{Aspect, Traits};
use crate::sip::{Certainty, EndedBy, Hop};

/// The values; there are always some, as each call has a verdict.
pub(super) fn of(call: Judged<'_>) -> Vec<Entry> {
    let traits = Traits::of_diagnosed(call.case, call.diagnosis);
    let verdict = &call.diagnosis.verdict;
    // The phrase is the sender's own: what it usually says may be another one.
    let hops = call
        .case
        .call
        .ingress()
        .into_iter()
        .chain(&call.case.call.hops);
    let finals: Vec<_> = hops.filter_map(Hop::final_response).collect();
    let said = |code: u16| {
        let answer = finals.iter().find(|it| it.code() == Some(code))?;
        let phrase = answer.message().reason_phrase().trim().to_owned();
        (!phrase.is_empty()).then(|| format!("{code} {phrase}"))
    };
    let usual = |code: u16| match call.case.knowledge.sip_code(code) {
        Some(known) => format!("{code} {}", known.phrase),
        None => code.to_string(),
    };
    let code = |code: u16| said(code).unwrap_or_else(|| usual(code));
    // A row alone has the platform's own words, which tell more than the phrase of the code.
    let row = call.case.records.and_then(|it| it.row.as_ref());
    let row = row.filter(|_| call.diagnosis.facts.is_empty());
    let worded = |of: u16| match row.filter(|row| row.code == Some(of)) {
        Some(row) => format!("{of} {}", row.reason.as_deref().unwrap_or_default())
            .trim_end()
            .to_owned(),
        None => code(of),
    };
    let told = traits.code.map_or("no final answer".to_owned(), worded);
    let refused = traits.refusal.map_or("not refused".to_owned(), worded);
    let cause = traits.of(Aspect::Cause).next().map(|cause| {
        let number = cause.parse().ok();
        let name = number
            .and_then(|it| call.case.knowledge.q850(it))
            .map_or("", |it| &it.name);
        format!("{cause} {name}").trim_end().to_owned()
    });
    let by = verdict.answered_by.clone();
    let mut entries = vec![
        Entry::said("Caller was told", told),
        Entry::said("Refused with", refused),
        Entry::said("Q.850 cause", cause.unwrap_or("none".to_owned())),
        Entry::said("Answered or acted", by.unwrap_or("nobody".to_owned())),
        Entry::said("Rule", verdict.rule.clone()),
        Entry::said("Cause lies with", verdict.party.label()),
    ];
    if let Some(facts) = call.diagnosis.facts.first() {
        let by_platform =
            call.diagnosis.findings.iter().any(|it| {
                it.rule == "platform-ended-call" && it.fact_certainty == Certainty::Certain
            });
        let ended = match facts.ended_by {
            Some(_) if by_platform => "the platform, on both sides",
            Some(EndedBy::Caller) => "the caller hung up",
            Some(EndedBy::Callee) => "the called side hung up",
            Some(EndedBy::Canceled) => "cancelled",
            None => "no BYE, no CANCEL",
        };
        entries.push(Entry::said("Ended by", ended));
    }
    entries
}
