//! What stands around the facts of a report: when it began, what may follow, what was done to find out and what could not
//! be, what many calls share, and what its reader is asked to do. Counts what was looked at; looks at nothing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::audience::Audience;
use super::compose::{Composer, Counted, Seen, proof};
use super::part::{Part, moment};
use super::{Basis, Statement};
use crate::diagnosis::{Outcome, Party, Severity};
use crate::render::card::for_customer;

impl<'c> Composer<'c> {
    pub(super) fn times(&self, about: &'c Seen<'c>) -> Vec<Statement> {
        // A customer is told when their call was, and what we count is our affair.
        if self.audience == Audience::Customer {
            return Vec::new();
        }
        let calls = |text: String| self.says(text, Basis::Calls, "calls counted");
        let failing: Vec<Timestamp> = self.alike(about).filter_map(Seen::began).collect();
        let is_theirs = |it: &&'c Seen<'c>| self.is_of_same_peer(about, it);
        // Others that somebody named were chosen: that they fail says nothing of those in between.
        let is_found = |it: &&'c Seen<'c>| std::ptr::eq(*it, about) || !it.is_named;
        let found = || self.seen.iter().filter(is_theirs).filter(is_found);
        let looked = found().count();
        let chosen = self.seen.iter().filter(is_theirs).count() - looked;
        let good: Vec<Timestamp> = found()
            .filter(|it| it.is_good())
            .filter_map(Seen::began)
            .collect();
        let failed = self.alike(about).filter(is_found).count();
        let mut said = Vec::new();
        let (first, last) = (failing.iter().min(), failing.iter().max());
        if let Some(first) = first {
            said.push(calls(format!(
                "The first {} known to fail so began at {}.",
                noun(about),
                moment(*first)
            )));
        }
        if looked < 2 && chosen > 0 {
            let text = format!(
                "These {} calls were chosen as examples; whether all others fail so is not said by them.",
                chosen + 1
            );
            said.push(calls(text));
            return said;
        }
        if looked < 2 {
            said.push(calls(format!(
                "One {} was looked at; whether it is continuous is not known.",
                noun(about)
            )));
            return said;
        }
        let is_between = |at: &&Timestamp| first.is_some_and(|first| *at > first);
        let how = match (failed, good.iter().find(is_between)) {
            (0 | 1, _) => "one call that fails so",
            (_, None) => "continuous since then",
            (_, Some(_)) => "intermittent: good calls lie between failing ones",
        };
        said.push(calls(format!(
            "Of {looked} calls looked at {failed} failed so and {} were good: {how}.",
            good.len()
        )));
        if let Some(last) = last.filter(|_| failing.len() > 1) {
            said.push(calls(format!(
                "The last call known to fail so began at {}.",
                moment(*last)
            )));
        }
        said.push(calls(match good.iter().max() {
            Some(at) => format!("The last good call known began at {}.", moment(*at)),
            None => "No good call like it is known.".to_owned(),
        }));
        said
    }

    pub(super) fn assumptions(&self, about: &Seen<'c>) -> Vec<Statement> {
        if self.audience != Audience::Platform {
            return Vec::new();
        }
        let findings = about.diagnosis.findings.iter();
        let told = findings.filter(|it| it.severity > Severity::Info && !it.cause.is_empty());
        let said = told.map(|it| {
            let text = format!("{} ({})", it.cause, it.certainty.word());
            self.says(text, Basis::Finding(it.rule.clone()), &proof(it))
        });
        said.collect()
    }

    pub(super) fn steps(&self, examples: usize) -> Vec<Statement> {
        match self.audience {
            Audience::Platform => {
                let looked = self.material.investigation.steps.iter();
                let looked = looked.filter(|it| it.outcome != Outcome::NotChecked);
                let said = looked.map(|it| {
                    let text = format!("{}: {}. {}", it.step.label(), it.outcome.word(), it.detail);
                    self.says(text, Basis::Step, "")
                });
                said.collect()
            }
            Audience::Carrier => {
                let text = match examples {
                    1 => "We looked at the messages of this call between you and us.".to_owned(),
                    n => format!(
                        "We looked at the messages of {n} calls between you and us; each shows the same."
                    ),
                };
                vec![self.says(text, Basis::Calls, "")]
            }
            Audience::Customer => Vec::new(),
        }
    }

    pub(super) fn not_checked(&self, about: &Seen<'c>) -> Vec<Statement> {
        if self.audience != Audience::Platform {
            return Vec::new();
        }
        let steps = self.material.investigation.steps.iter();
        let open = steps
            .filter(|it| it.outcome == Outcome::NotChecked && !it.detail.starts_with("not needed"));
        let open = open.map(|it| format!("{}: {}", it.step.label(), it.detail));
        let mut said: Vec<Statement> = Vec::new();
        let around = self.material.lost.iter();
        let around = around.map(|why| format!("Calls around it: {}", why.trim_end_matches('.')));
        for text in open
            .chain(about.diagnosis.not_checked.iter().cloned())
            .chain(around)
        {
            let statement = self.says(text, Basis::Step, "");
            if !said.contains(&statement) {
                said.push(statement);
            }
        }
        said
    }

    /// What we do next: no affair of a carrier or customer.
    pub(super) fn next(&self, about: &Seen<'c>) -> Vec<Statement> {
        if self.audience != Audience::Platform {
            return Vec::new();
        }
        let verdict = &about.diagnosis.verdict;
        let rule = || Basis::Finding(verdict.rule.clone());
        verdict
            .next
            .iter()
            .map(|it| self.says(it, rule(), ""))
            .collect()
    }

    /// What failing calls share. Most of it counts calls of others too, so that only the platform is told.
    pub(super) fn common(&self) -> Vec<Statement> {
        let Counted { platform, carrier } = self.material.counted;
        let shared = self.material.common.iter().flat_map(|it| &it.shared);
        let shared = shared.map(|it| it.sentence.as_str());
        let told: Vec<&str> = match self.audience {
            Audience::Platform => platform.iter().map(String::as_str).chain(shared).collect(),
            Audience::Carrier => carrier.as_deref().into_iter().collect(),
            Audience::Customer => Vec::new(),
        };
        told.into_iter()
            .map(|it| self.says(it, Basis::Calls, "calls counted"))
            .collect()
    }

    pub(super) fn request(&self, about: &Seen<'c>, calls: usize) -> Statement {
        let these = match calls {
            1 => format!("this {}", noun(about)),
            _ => format!("these {}s", noun(about)),
        };
        let text = match self.audience {
            Audience::Platform => {
                let verdict = &about.diagnosis.verdict;
                if verdict.to_act == Party::Nobody {
                    let text =
                        "By what we see nobody has to act. Please tell us if you see it otherwise.";
                    return self.says(text, Basis::Words, "");
                }
                let next = verdict
                    .next
                    .first()
                    .filter(|_| verdict.to_act == Party::Platform);
                let next = next.map_or_else(String::new, |it| format!(" {it}"));
                format!(
                    "Please look at {these} on your side and tell us what caused it and what has to be changed, by whom.{next}"
                )
            }
            Audience::Carrier if about.part.is_some_and(Part::is_cancelled_by_us) => format!(
                "We ended {these} ourselves. Please look up what you saw until our CANCEL, and tell us whether it rang."
            ),
            Audience::Carrier => match self.refusal(about) {
                Some((code, ..)) => format!(
                    "Please look up {these} on your side and tell us why {code} was returned, and from when on it is corrected."
                ),
                None => format!("Please look up {these} on your side and tell us what you see."),
            },
            Audience::Customer => {
                let next = for_customer(about.diagnosis, &TimeZone::UTC).next;
                next.join(" ")
            }
        };
        self.says(text, Basis::Words, "")
    }
}

/// What it is about, in a word.
fn noun(about: &Seen<'_>) -> &'static str {
    match about.diagnosis.is_registration() {
        true => "registration",
        false => "call",
    }
}
