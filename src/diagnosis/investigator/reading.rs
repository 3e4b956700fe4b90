//! Where the platform's documentation tells more of a verdict: what of the platform the verdict rests on, and the
//! page on it. Asked once the verdict stands; changes nothing of it.

use futures_util::future::{FutureExt, OptionFuture, join_all};

use super::Investigator;
use super::scoping::MOST_ASKED;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::investigation::Diagnosis;
use crate::knowledge::Knowledge;
use crate::sources::Known;

/// The timers of the platform that rules speak of.
const TIMERS: [(&str, &str); 5] = [
    ("balance-ran-out", "Balance check"),
    ("high-pdd", "PDD Timeout"),
    ("ping-timeout", "SIP Ping"),
    ("platform-gave-up", "Ring Timeout"),
    ("session-timer-expired", "SIP Session Timer"),
];

impl Investigator {
    /// For each diagnosis a page, where its verdict rests on something that is known of the platform.
    pub(super) fn pages<'s>(
        &'s self,
        diagnoses: &[Diagnosis],
        found: &[Known],
    ) -> impl Future<Output = Vec<Option<String>>> + use<'s> {
        let knowledge = self.knowledge();
        let asked = diagnoses.iter().map(|diagnosis| {
            let records = diagnosis.find_in(found)?.records.as_ref()?;
            let platform = self.platforms().find(|it| it.name() == records.source)?;
            let term = term(diagnosis, &knowledge)?.to_owned();
            Some(async move { platform.page_on(&term).await }.boxed())
        });
        let few = diagnoses.len() <= MOST_ASKED;
        let asked: Vec<_> = asked.filter(|_| few).map(OptionFuture::from).collect();
        join_all(asked).map(|pages| pages.into_iter().map(Option::flatten).collect())
    }
}

/// What the documentation is asked for: always a word out of our tables, never one out of a packet.
fn term<'k>(diagnosis: &Diagnosis, knowledge: &'k Knowledge) -> Option<&'k str> {
    let rule = diagnosis.verdict.rule.as_str();
    let finding = diagnosis.findings.iter().find(|it| it.rule == rule)?;
    let reason = |text| knowledge.reason(text).map(|it| it.entry.text.as_str());
    let release = |text| knowledge.release(text).map(|it| it.entry.text.as_str());
    let of_platform = |text| {
        let found = knowledge.platform_reason(text);
        found.map(|it| it.entry.text.as_str())
    };
    let of_timer = || {
        let (_, name) = TIMERS.iter().find(|(of, _)| *of == rule)?;
        knowledge.timer(name).map(|it| it.entry.name.as_str())
    };
    said(finding, "sip_reason")
        .and_then(reason)
        .or_else(|| said(finding, "release_reason").and_then(release))
        .or_else(|| {
            diagnosis
                .logged
                .as_ref()?
                .reason
                .as_deref()
                .and_then(of_platform)
        })
        .or_else(of_timer)
}

/// What a field of the records says that proves a finding.
fn said<'f>(finding: &'f Finding, name: &str) -> Option<&'f str> {
    let field = finding.fields.iter().find(|it| it.name == name)?;
    Some(&field.value)
}

#[cfg(test)]
mod tests {
    use super::TIMERS;
    use crate::diagnosis::rules;
    use crate::knowledge::Knowledge;

    #[test]
    fn rules_and_timers_are_there() {
        for (rule, timer) in TIMERS {
            assert!(rules::find(rule).is_some(), "{rule}");
            assert!(Knowledge::built_in().timer(timer).is_some(), "{timer}");
        }
    }
}
