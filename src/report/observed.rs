//! What was seen of a call, as each reader of its report is told it: findings and records for the platform, the messages
//! between us for a carrier, plain words for a customer. Concludes nothing.

use jiff::tz::TimeZone;

use super::audience::Audience;
use super::audience::WITHHELD;
use super::compose::{Composer, Seen, proof};
use super::part::Part;
use super::{Basis, Statement};
use crate::diagnosis::{Diagnosis, Severity};
use crate::render::card::for_customer;

impl<'c> Composer<'c> {
    /// What was seen of these calls.
    pub(super) fn observations(&self, examples: &[&Seen<'c>]) -> Vec<Statement> {
        let Some(about) = examples.first() else {
            return Vec::new();
        };
        match self.audience {
            Audience::Platform => self.platform_observations(about),
            Audience::Carrier => self.carrier_observations(about),
            Audience::Customer => self.customer_observations(about),
        }
    }

    fn platform_observations(&self, about: &Seen<'c>) -> Vec<Statement> {
        let diagnosis = about.diagnosis;
        let mut said: Vec<Statement> = Vec::new();
        let chosen = self.finding(about);
        let others = diagnosis.findings.iter().filter(|it| {
            it.severity > Severity::Info && chosen.is_none_or(|chosen| chosen.rule != it.rule)
        });
        for finding in chosen.into_iter().chain(others) {
            let rests = Basis::Finding(finding.rule.clone());
            said.push(self.says(&finding.fact, rests, &proof(finding)));
        }
        if let Some(log) = &diagnosis.logged {
            let code = log.code.map_or_else(String::new, |it| it.to_string());
            let reason = log.reason.clone().unwrap_or_default();
            let mut row = format!("Call log: code {code} {reason}");
            if let Some(release) = &log.release_reason {
                row.push_str(&format!(", release reason {release}"));
            }
            said.push(self.says(row.trim_end(), Basis::Log, "call log"));
            for (at, tried) in log.attempts.iter().enumerate() {
                let whom = tried
                    .carrier
                    .clone()
                    .unwrap_or_else(|| "a carrier".to_owned());
                let code = tried
                    .code
                    .map_or_else(|| "no code".to_owned(), |it| it.to_string());
                let reason = tried.reason.clone().unwrap_or_default();
                let line = format!("Attempt {}: {whom}, {code} {reason}", at + 1);
                said.push(self.says(line.trim_end(), Basis::Log, "call log, attempts"));
            }
            let lines = log.log.iter().take(12);
            said.extend(lines.map(|it| self.says(it, Basis::Log, "call log, log")));
        }
        if said.is_empty() {
            let rests = Basis::Finding(diagnosis.verdict.rule.clone());
            said.push(self.says(&diagnosis.verdict.summary, rests, ""));
        }
        said.extend(self.audio(diagnosis, None));
        if let Some(scope) = &diagnosis.scope {
            said.push(self.says(&scope.said, Basis::Calls, "calls counted"));
        }
        said
    }

    fn carrier_observations(&self, about: &Seen<'c>) -> Vec<Statement> {
        let Some(part) = about.part else {
            let line = "No messages of this call are at hand; the code is from our call log.";
            return vec![self.says(line, Basis::Log, "call log")];
        };
        let of_messages =
            |(text, numbers): (String, Vec<usize>)| self.says(text, Basis::Messages(numbers), "");
        let mut said: Vec<Statement> = part.told().into_iter().map(of_messages).collect();
        said.extend(part.not_received().into_iter().map(of_messages));
        said.extend(self.audio(about.diagnosis, Some(part)));
        said
    }

    fn customer_observations(&self, about: &Seen<'c>) -> Vec<Statement> {
        let card = for_customer(about.diagnosis, &TimeZone::UTC);
        let lines = card
            .facts
            .iter()
            .map(|it| format!("{}: {}", it.label, it.text));
        let told = lines.chain(Some(card.summary.clone()).filter(|it| !it.is_empty()));
        let rule = about.diagnosis.verdict.rule.clone();
        let said = told.map(|text| self.says(text, Basis::Finding(rule.clone()), ""));
        // What is not theirs to see is no news.
        said.filter(|it| !it.text.as_str().contains(WITHHELD))
            .collect()
    }

    /// The audio as it was counted; for a carrier only what went between it and us.
    fn audio(&self, diagnosis: &Diagnosis, part: Option<&Part<'_>>) -> Vec<Statement> {
        let theirs: Vec<String> = part
            .iter()
            .flat_map(|part| {
                let described = part
                    .packets()
                    .filter_map(|it| it.source.ip().eq(&part.them.ip()).then_some(&it.bytes));
                let connections = described.flat_map(|bytes| connection_addresses(bytes));
                std::iter::once(part.them.ip().to_string())
                    .chain(connections)
                    .collect::<Vec<_>>()
            })
            .collect();
        let names = |end: &str| theirs.iter().any(|ip| end.contains(ip.as_str()));
        let mut said = Vec::new();
        for it in &diagnosis.media {
            let (from, to) = match part {
                None => (it.from.clone(), it.to.clone()),
                Some(_) if names(&it.from) => ("you".to_owned(), "us".to_owned()),
                Some(_) if names(&it.to) => ("us".to_owned(), "you".to_owned()),
                Some(_) => continue,
            };
            let (packets, since, lost, jitter) =
                (it.packets, it.since_answer, it.lost, it.jitter_ms);
            let text = match since {
                0 => format!("Audio from {from} to {to}: no RTP was seen after the answer."),
                _ => format!(
                    "Audio from {from} to {to}: {packets} RTP packets, {lost} lost, mean jitter {jitter} ms."
                ),
            };
            said.push(self.says(text, Basis::Messages(Vec::new()), "RTP as captured"));
        }
        said
    }
}

/// The addresses that a description of media names.
fn connection_addresses(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter_map(|line| line.strip_prefix("c=IN IP"));
    lines
        .filter_map(|line| line.split_whitespace().nth(1))
        .map(str::to_owned)
        .collect()
}
