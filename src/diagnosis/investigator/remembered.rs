//! A call of which the sources give no messages now: judged from the evidence that was kept of it, beside what they do
//! say now. Loads and keeps nothing.

use super::{Investigated, Investigator, complaint, lead};
use crate::call::CallQuery;
use crate::diagnosis::investigation::{Investigation, Outcome, Step, StepName};
use crate::sources::{Evidence, Source};

impl Investigator {
    /// What was found, with its call judged from kept evidence; `kept` is an investigation of that call alone.
    #[must_use]
    pub fn judge_remembered(
        &self,
        found: Investigated,
        kept: (Investigation, Evidence),
        query: &CallQuery,
    ) -> Investigated {
        let (kept, mut evidence) = kept;
        let from = format!(
            "{}, kept {}",
            kept.id,
            kept.asked_at.strftime("%F %H:%M UTC")
        );
        let fresh = found.evidence;
        renew(&mut evidence, &fresh);
        let mut judged = self.judge_again(kept, &evidence);
        let mut now = found.investigation;

        let names: Vec<String> = self
            .sources
            .iter()
            .map(|it: &Source| format!("{}: ", it.name()))
            .collect();
        let failed_now = now.calls.iter().flat_map(|it| &it.not_checked);
        let failed_now: Vec<String> = failed_now
            .filter(|why| names.iter().any(|name| why.starts_with(name)))
            .cloned()
            .collect();
        let known = evidence.calls(&[]);
        let knowledge = self.knowledge();
        for call in &mut judged.calls {
            let new = failed_now
                .iter()
                .filter(|it| !call.not_checked.contains(it));
            let new: Vec<String> = new.cloned().collect();
            call.not_checked.extend(new);
            let records = call.find_in(&known).and_then(|it| it.records.as_ref());
            complaint::answer(call, &query.symptoms, &knowledge, records);
        }

        let trace = now
            .steps
            .iter_mut()
            .find(|it| it.step == StepName::SipTrace);
        let is_gone = trace
            .as_ref()
            .is_some_and(|it| it.outcome == Outcome::NothingFound);
        if let Some(Step { detail, .. }) = trace {
            detail.push_str(&format!(" Judged from the messages of {from}."));
        }
        judged.notes.push(if is_gone && now.lead.is_none() {
            format!("The sources hold its messages no more: judged anew from the evidence of {from}.")
        } else {
            format!(
                "The sources could not be asked for all of it now: judged anew from the evidence of {from}."
            )
        });
        now.lead = now.lead.map(|it| lead::over_kept(&it, &from));
        Investigated {
            investigation: Investigation {
                id: now.id,
                query: now.query,
                asked_at: now.asked_at,
                lead: now.lead,
                steps: now.steps,
                ..judged
            },
            evidence,
            unread: found.unread,
            kept: found.kept,
        }
    }
}

/// What the sources say now goes before what they said then.
fn renew(kept: &mut Evidence, fresh: &Evidence) {
    for new in &fresh.records {
        let is_same = |it: &&mut crate::platform::Records| it.source == new.source;
        match kept.records.iter_mut().find(is_same) {
            Some(known) => known.renew(new.clone()),
            None => kept.records.push(new.clone()),
        }
    }
    if !fresh.incidents.is_empty() {
        kept.incidents.clone_from(&fresh.incidents);
    }
    if fresh.expected.is_some() {
        kept.expected.clone_from(&fresh.expected);
    }
}
