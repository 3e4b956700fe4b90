//! The traffic of a scope in figures: attempts, answers, codes. Counts what captures and the platforms' records hold;
//! diagnoses nothing that it need not.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Investigator, platform, summing};
use crate::call::CallQuery;
use crate::diagnosis::brief::Brief;
use crate::diagnosis::common::{Aspect, Ended, Traits};
use crate::diagnosis::patterns::Share;
use crate::sip::Kind;

/// Codes and carriers beyond these are counted together.
const MOST_LISTED: usize = 5;

impl Investigator {
    /// The figures of the calls that a query describes.
    pub async fn statistics(&self, query: &CallQuery, now: Timestamp) -> Brief {
        let mut brief = Brief::about(query.to_string());
        let mut traits = Vec::new();
        if self.sources().iter().any(|it| it.captures().is_some()) {
            traits.extend(self.captured(query, &mut brief).await);
        }
        for asked in self.platforms() {
            let found = Box::pin(platform::counted(asked, query, now)).await;
            traits.extend(found.traits);
            found.notes.into_iter().for_each(|it| brief.note(it));
            for why in found.unavailable {
                brief.note(format!("{}: {}.", asked.name(), why.trim_end_matches('.')));
            }
        }
        if self.platforms().next().is_none() {
            let unknown = super::complaint::unknown_peers(&query.scope, self.peers());
            unknown.into_iter().for_each(|it| brief.note(it));
        }
        traits.retain(|it| it.kind == Kind::Call);
        count(&traits, &mut brief);
        brief
    }

    /// The calls of the captures.
    async fn captured(&self, query: &CallQuery, brief: &mut Brief) -> Vec<Traits> {
        let mut gathered = super::Gathered::default();
        gathered.trace_too(self.sources(), query).await;
        gathered
            .unread
            .sentences()
            .for_each(|it| brief.note(it.clone()));
        let calls = gathered.matched_calls(query, self.peers());
        let evidence = &gathered.evidence;
        let judged = calls.iter().map(|known| {
            let diagnosis = self.diagnose(known, evidence, gathered.seen_until);
            summing::traits(self.peers(), known, &diagnosis)
        });
        judged.collect()
    }
}

/// The figures of ITU-T E.425 and what stands beside them.
fn count(calls: &[Traits], brief: &mut Brief) {
    let all = calls.len();
    brief.know("Attempts", all.to_string());
    if all == 0 {
        return;
    }
    let answered = Share::of(calls, |it| it.answered);
    // One that was answered was carried, whatever was wrong with it.
    let carried = Share::of(calls, |it| it.answered || it.ended != Ended::Failed);
    brief.know("Answered", answered.part.to_string());
    brief.know(
        "ASR (answered of all, E.425)",
        format!("{} %", answered.percent()),
    );
    let ner = format!(
        "{} %: all but the {} that were lost on the way",
        carried.percent(),
        all.saturating_sub(carried.part)
    );
    brief.know("NER (E.425)", ner);
    let mut times: Vec<Timestamp> = calls.iter().filter_map(|it| it.at).collect();
    times.sort_unstable();
    if let (Some(first), Some(last)) = (times.first(), times.last()) {
        let said = format!(
            "{} to {} UTC",
            first.strftime("%F %H:%M"),
            last.strftime("%F %H:%M")
        );
        brief.know("Seen", said);
    }
    let code = |it: &Traits| it.refusal.or(it.code).filter(|code| *code >= 300);
    brief.know(
        "Codes",
        most(calls.iter().filter_map(code), &|code| code.to_string()),
    );
    for (name, aspect) in [
        ("Carriers", Aspect::Carrier),
        ("Customers", Aspect::Customer),
        ("Destinations", Aspect::Destination),
    ] {
        let values = calls.iter().flat_map(|it| it.of(aspect).map(str::to_owned));
        brief.know(name, most(values, &String::clone));
    }
}

/// The most frequent of some values, each with how often it came.
fn most<T: Ord>(values: impl Iterator<Item = T>, name: &dyn Fn(&T) -> String) -> String {
    let mut counted: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counted.entry(value).or_default() += 1;
    }
    let mut counted: Vec<(T, usize)> = counted.into_iter().collect();
    counted.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let rest: usize = counted
        .iter()
        .skip(MOST_LISTED)
        .map(|(_, times)| times)
        .sum();
    let shown = counted.iter().take(MOST_LISTED);
    let mut told: Vec<String> = shown
        .map(|(value, times)| format!("{} {times}×", name(value)))
        .collect();
    if rest > 0 {
        told.push(format!("others {rest}×"));
    }
    told.join(", ")
}
