//! Every call that the sources hold, one after another, in memory that does not grow with their
//! number. Hands out lines of text; what stands in them is said by the caller.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::gathered::Gathered;
use super::judge;
use super::registered::{Registered, Registrations};
use super::status::Announced;
use super::steps::Told;
use super::{Investigator, slice};
use crate::call::CallQuery;
use crate::diagnosis::investigation::Investigation;
use crate::diagnosis::patterns::{Ledger, Survey};
use crate::sip::call::joined;
use crate::sip::facts::facts;
use crate::sip::signal::are_keep_alives;
use crate::sip::{Call, Facts, Kind};
use crate::sources::{Everything, Evidence, Known, Line, Unit, Unread};

/// Makes a line of text out of something.
pub type Render<T> = Arc<dyn Fn(&T) -> String + Send + Sync>;

/// Takes in a line, and says whether it wants more.
pub type Take = Box<dyn FnMut(String) -> bool + Send>;

impl Investigator {
    /// Investigates every call and registration that the sources hold, each by itself, in the order
    /// in which they begin. `id` begins the id of each. Gives what could not be read.
    pub async fn investigate_each(
        &self,
        id: String,
        now: Timestamp,
        render: Render<Investigation>,
        mut take: Take,
    ) -> Unread {
        let judge = self.judge.clone();
        self.sweep(true, move |swept| {
            let registrations = registrations(swept);
            let (observed, left_out) = swept.observed();
            let gathered = Gathered {
                unread: swept.unread(),
                evidence: Evidence {
                    observed,
                    ..Evidence::default()
                },
                ..Gathered::default()
            };
            let mut unread = swept.gather(
                &|unit| {
                    let id = format!("{id}-{}", unit.number + 1);
                    let judged = calls(unit)
                        .into_iter()
                        .filter(|call| call.kind() != Kind::Other || call.has_bye())
                        .map(|call| {
                            let concerning = registrations.concerning(&call);
                            let known = Known {
                                call,
                                records: None,
                            };
                            let call = &known.call;
                            let told = Told {
                                sources: &[],
                                query: &CallQuery::default(),
                                found: slice::from_ref(&known),
                                registered: &concerning,
                                announced: &Announced::default(),
                                gathered: &gathered,
                                now,
                                seen_until: call.ended().and_then(|it| swept.seen_until(it)),
                                trace_ms: swept.took_ms(),
                            };
                            let call_id = call.first_leg().map_or("", |leg| leg.call_id.as_str());
                            let investigation =
                                judge::conclude(&judge, id.clone(), (call_id, call_id), now, &told);
                            line(call, render(&investigation))
                        });
                    judged.collect()
                },
                &mut *take,
            );
            unread.damaged.extend(left_out);
            unread
        })
        .await
    }

    /// What all calls, registrations and keep-alives that the sources hold show together; what could not
    /// be read.
    pub async fn survey(&self) -> (Survey, Unread) {
        let judge = self.judge.clone();
        let ledger: Arc<Mutex<Ledger>> = Arc::default();
        let keeping = Arc::clone(&ledger);
        let unread = self
            .sweep(true, move |swept| {
                let (observed, left_out) = swept.observed();
                let evidence = Evidence {
                    observed,
                    ..Evidence::default()
                };
                let work = |unit: Unit| -> Vec<Line> {
                    let entries = calls(unit).into_iter().filter_map(|call| {
                        let until = call.ended().and_then(|it| swept.seen_until(it));
                        let known = Known {
                            call,
                            records: None,
                        };
                        let entry = judge.entry(&known, &evidence, until)?;
                        Some(line(&known.call, serde_json::to_string(&entry).ok()?))
                    });
                    entries.collect()
                };
                let mut keep = |text: String| {
                    if let Ok(entry) = serde_json::from_str(&text) {
                        let mut ledger = keeping.lock().unwrap_or_else(PoisonError::into_inner);
                        ledger.add(entry);
                    }
                    true
                };
                let mut unread = swept.gather(&work, &mut keep);
                unread.damaged.extend(left_out);
                unread
            })
            .await;
        let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        (Survey::of(&ledger, &self.judge.tuning), unread)
    }

    /// The plain figures of every Call-ID that the sources hold, in the order in which they begin;
    /// keep-alives only with `all`. Gives what could not be read.
    pub async fn facts_of_each(&self, all: bool, render: Render<Facts>, mut take: Take) -> Unread {
        self.sweep(false, move |swept| {
            swept.gather(
                &|unit| {
                    let (threads, _) = unit.threads();
                    let listed = threads
                        .iter()
                        .filter(|thread| all || !are_keep_alives(thread.signals.iter()));
                    let lines = listed.filter_map(facts).map(|facts| Line {
                        at: facts.started,
                        text: render(&facts),
                        call_id: facts.call_id,
                    });
                    lines.collect()
                },
                &mut *take,
            )
        })
        .await
    }

    /// The figures of the latest calls that are `wanted`, those of the caller's leg, in the order in
    /// which they begin; how many older ones there are; what could not be read.
    pub async fn latest(
        &self,
        wanted: Arc<dyn Fn(&Call) -> bool + Send + Sync>,
        most: usize,
    ) -> (Vec<Facts>, usize, Unread) {
        let kept: Arc<Mutex<(VecDeque<String>, usize)>> = Arc::default();
        let keeping = kept.clone();
        let unread = self
            .sweep(true, move |swept| {
                let mut keep = |text: String| {
                    let mut kept = keeping.lock().unwrap_or_else(PoisonError::into_inner);
                    let (lines, older) = &mut *kept;
                    lines.push_back(text);
                    if lines.len() > most {
                        lines.pop_front();
                        *older += 1;
                    }
                    true
                };
                swept.gather(
                    &|unit| {
                        let calls = calls(unit).into_iter().filter(|call| wanted(call));
                        let lines = calls.filter_map(|call| {
                            let facts = &call.first_leg()?.facts;
                            Some(line(&call, serde_json::to_string(facts).ok()?))
                        });
                        lines.collect()
                    },
                    &mut keep,
                )
            })
            .await;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, older) = std::mem::take(&mut *kept);
        let facts = lines.iter().filter_map(|it| serde_json::from_str(it).ok());
        (facts.collect(), older, unread)
    }

    /// Counts everything and leaves the rest to `work`, where blocking is allowed.
    async fn sweep(
        &self,
        joined: bool,
        work: impl FnOnce(&Everything) -> Unread + Send + 'static,
    ) -> Unread {
        let finder = Everything::finder(&self.sources);
        let swept = tokio::task::spawn_blocking(move || work(&finder.count(joined)));
        swept.await.unwrap_or_else(|_| Unread {
            lost: vec!["reading the captures broke off; see the log".to_owned()],
            damaged: Vec::new(),
        })
    }
}

/// The registrations among everything.
fn registrations(everything: &Everything) -> Registrations {
    let mut found = Registrations::default();
    let work = |unit: Unit| {
        let calls = calls(unit);
        let lines = calls.iter().filter_map(|call| {
            let text = serde_json::to_string(&Registered::of(call)?).ok()?;
            Some(line(call, text))
        });
        lines.collect()
    };
    everything.registrations(&work, &mut |text| {
        if let Ok(one) = serde_json::from_str(&text) {
            found.add(one);
        }
        true
    });
    found
}

fn calls(unit: Unit) -> Vec<Call> {
    let (threads, joins) = unit.threads();
    joined(threads, joins)
}

fn line(call: &Call, text: String) -> Line {
    Line {
        at: call.started().unwrap_or_default(),
        call_id: call
            .first_leg()
            .map(|leg| leg.call_id.clone())
            .unwrap_or_default(),
        text,
    }
}
