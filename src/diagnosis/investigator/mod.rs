//! Walks the troubleshooting flow for one query: asks all sources at once, decides in the order of
//! the flow, and leaves an [`Investigation`]. Does the waiting; the judging is the rules'.

mod back;
pub mod cancel;
mod comparing;
mod complaint;
mod configured;
mod dry_run;
mod elsewhere;
mod every;
mod gathered;
mod judge;
mod lead;
mod names;
mod platform;
pub mod progress;
mod reading;
mod registered;
mod remembered;
mod scoping;
mod simulation;
mod standing;
mod statistics;
mod status;
mod steps;
mod summing;
mod unheard;
mod unspoken;
mod whois;

use std::slice;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use self::cancel::Course;
pub use self::comparing::{Around, Wanted};
pub use self::dry_run::Proposal;
use self::gathered::Gathered;
use self::judge::Judge;
pub use self::names::Named;
use self::progress::{Tick, Watch, unwatched};
use self::registered::RegisterLook;
use self::status::Announced;
use self::steps::{Told, millis};
use super::common::{Traits, common};
use super::investigation::{Diagnosis, Investigation, StepName};
use super::tuning::Tuning;
use crate::call::{CallQuery, MAX_TERMS};
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::peers::Peers;
use crate::sip::Packet;
use crate::sources::{ConnexCs, Evidence, Known, Source, StatusPage, Unread, say_once};

/// More calls than are diagnosed for one answer: as many as can be named in one question.
const MOST_CALLS: usize = MAX_TERMS;

/// Asks the sources and judges what they give.
#[derive(Debug)]
pub struct Investigator {
    sources: Vec<Source>,
    status_page: Option<Arc<StatusPage>>,
    judge: Judge,
}

/// An investigation with the evidence it rests on.
#[derive(Debug)]
pub struct Investigated {
    /// What came out.
    pub investigation: Investigation,
    /// The messages of its calls and what was seen besides, as they were fetched.
    pub evidence: Evidence,
    /// What could not be read on the way.
    pub unread: Unread,
    /// Whether it was kept for later.
    pub kept: bool,
}

/// What is investigated.
struct Asked<'a> {
    /// What the result is called.
    id: String,
    /// What the person wrote.
    typed: &'a str,
    /// As what it was read.
    query: &'a CallQuery,
    now: Timestamp,
}

impl Investigator {
    /// With these sources; `peers` say whose addresses are whose. It knows what is built in.
    #[must_use]
    pub fn new(sources: Vec<Source>, peers: Peers) -> Investigator {
        Investigator {
            sources,
            status_page: None,
            judge: Judge {
                peers,
                knowledge: Latest::new(Arc::new(Knowledge::built_in().clone())),
                tuning: Arc::new(Tuning::default()),
            },
        }
    }

    /// The same with the platform's status page.
    #[must_use]
    pub fn with_status_page(self, status_page: Option<StatusPage>) -> Investigator {
        Investigator {
            status_page: status_page.map(Arc::new),
            ..self
        }
    }

    /// The same over these sources instead.
    #[must_use]
    pub fn over(&self, sources: Vec<Source>) -> Investigator {
        Investigator {
            sources,
            status_page: self.status_page.clone(),
            judge: self.judge.clone(),
        }
    }

    /// The same, knowing this.
    #[must_use]
    pub fn knowing(mut self, knowledge: Latest<Knowledge>) -> Investigator {
        self.judge.knowledge = knowledge;
        self
    }

    /// The same, judging by the catalogue as it is tuned.
    #[must_use]
    pub fn tuned(mut self, tuning: Arc<Tuning>) -> Investigator {
        self.judge.tuning = tuning;
        self
    }

    /// How the catalogue is tuned.
    #[must_use]
    pub fn tuning(&self) -> &Tuning {
        &self.judge.tuning
    }

    /// What it knows of codes, causes and texts.
    #[must_use]
    pub fn knowledge(&self) -> Arc<Knowledge> {
        self.judge.knowledge.now()
    }

    /// The sources it asks.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The platforms among them.
    pub fn platforms(&self) -> impl Iterator<Item = &ConnexCs> {
        self.sources.iter().filter_map(Source::platform)
    }

    /// The status page, where one is configured.
    #[must_use]
    pub fn status_page(&self) -> Option<&StatusPage> {
        self.status_page.as_deref()
    }

    /// Whose addresses are whose.
    #[must_use]
    pub fn peers(&self) -> &Peers {
        &self.judge.peers
    }

    /// Investigates one query. `typed` is what the person wrote, `id` names the result; `watch` is told
    /// how it goes on.
    pub async fn investigate(
        &self,
        id: String,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
        watch: Watch<'_>,
    ) -> Investigated {
        let course = Course::to_the_end(watch);
        // Futures in one another are large, and stand on the stack: the large ones are put on the heap.
        Box::pin(self.investigate_while(id, typed, query, now, course)).await
    }

    /// The same, which may be cancelled: the answer is then what was learnt so far.
    pub async fn investigate_while(
        &self,
        id: String,
        typed: &str,
        query: &CallQuery,
        now: Timestamp,
        course: Course<'_>,
    ) -> Investigated {
        for step in [StepName::StatusPage, StepName::CallLog, StepName::SipTrace] {
            course.tell(Tick::Started(step));
        }
        // Fetched side by side; decided in the order of the flow.
        let (announced, gathered) =
            tokio::join!(self.announced(course), self.gather(query, now, course),);
        let asked = Asked {
            id,
            typed,
            query,
            now,
        };
        Box::pin(self.conclude(asked, &announced, gathered, course)).await
    }

    /// Decides in the order of the flow what was gathered on a query.
    async fn conclude(
        &self,
        asked: Asked<'_>,
        announced: &Announced,
        (mut gathered, trace_ms): (Gathered, u64),
        course: Course<'_>,
    ) -> Investigated {
        let Asked {
            id,
            typed,
            query,
            now,
        } = asked;
        course.tell(Tick::Ended(announced.step(&[], now)));
        gathered.evidence.incidents.clone_from(&announced.incidents);
        gathered.evidence.expected.clone_from(&query.expected);
        let mut found = gathered.matched_calls(query, &self.judge.peers);
        let left_out = found.len().saturating_sub(MOST_CALLS);
        found.drain(..left_out);
        let mut left_out = left_out.saturating_add(gathered.older(query, &found));
        if query.is_about_registration() {
            // Those are calls.
            left_out = 0;
        }
        course.tell(Tick::Started(StepName::RegisterLog));
        let running = course.running();
        let silent = gathered.platform.as_ref().map(|it| it.silent.clone());
        let silent = silent.unwrap_or_default();
        let registered = RegisterLook::at(&self.sources, query, &found, &silent);
        let registered = running.unless_cancelled(Box::pin(registered)).await;
        let registered = registered.unwrap_or_else(RegisterLook::cancelled);
        let told = Told {
            sources: &self.sources,
            query,
            found: &found,
            registered: &registered,
            announced,
            gathered: &gathered,
            seen_until: gathered.seen_until,
            trace_ms,
            now,
        };
        let mut investigation =
            judge::conclude(&self.judge, id, (typed, &query.to_string()), now, &told);
        for step in &investigation.steps {
            course.tell(Tick::Ended(step.clone()));
        }
        if let [call] = investigation.calls.as_slice()
            && self.scope_is_asked_of(call, &found).is_some()
        {
            course.tell(Tick::Judged(Box::new(call.verdict.clone())));
        }
        let pages = self.pages(&investigation.calls, &found);
        let scopes = Box::pin(self.add_scope(&mut investigation.calls, &found, now));
        let (pages, _, configured) = tokio::join!(
            running.unless_cancelled(pages),
            running.unless_cancelled(scopes),
            running.unless_cancelled(Box::pin(self.configured(&found, &silent))),
        );
        let configured = configured.unwrap_or_default();
        for (call, page) in investigation
            .calls
            .iter_mut()
            .zip(pages.unwrap_or_default())
        {
            call.read_more = page;
        }
        if running.is_cancelled() && gathered.cut.is_none() {
            gathered.notes.push(
                "Cancelled before everything was asked: the steps and scopes that are missing were not \
                 looked at."
                    .to_owned(),
            );
        }
        investigation.notes.clone_from(&query.notes);
        investigation.lead = lead::of(&self.sources, &gathered, &found, now);
        investigation.notes.append(&mut gathered.notes);
        investigation.notes.extend(configured.said);
        for call in &mut investigation.calls {
            say_once(
                &mut call.not_checked,
                configured.unavailable.iter().cloned(),
            );
        }
        // A platform knows its customers and carriers itself.
        if self.platforms().next().is_none() {
            let unknown = complaint::unknown_peers(&query.scope, &self.judge.peers);
            investigation.notes.extend(unknown);
        }
        if left_out > 0 {
            investigation.notes.push(format!(
                "{left_out} older calls match too; add a time or a Call-ID to see them."
            ));
        }
        (investigation.not_found, investigation.not_asked) = summing::missing(query, &gathered);
        // Of several calls the summary says it.
        if let [_] = &*investigation.calls {
            let missing = investigation.said_missing();
            investigation.notes.extend(missing);
        }
        let mut investigation = summing::summed_up(investigation, &self.judge.peers, &found);
        if !gathered.traits.is_empty() {
            // A scope is more than the few of its calls that were diagnosed.
            investigation.common = Some(common(&gathered.traits));
        }
        if investigation.calls.is_empty() {
            let not_found = unspoken::not_found(&self.sources, query, &gathered).await;
            investigation.calls.push(not_found);
        }
        Investigated {
            investigation,
            evidence: Evidence {
                packets: kept(&found),
                records: found
                    .into_iter()
                    .filter_map(|known| known.records)
                    .collect(),
                granted: registered.granted(),
                ..gathered.evidence
            },
            unread: gathered.unread,
            kept: false,
        }
    }

    /// What the status page says.
    async fn announced(&self, course: Course<'_>) -> Announced {
        let look = status::look(self.status_page.as_deref());
        let look = course.running().unless_cancelled(look).await;
        look.unwrap_or_else(Announced::cancelled)
    }

    /// What captures and platforms give on a query, asked side by side, and how long it took.
    async fn gather(
        &self,
        query: &CallQuery,
        now: Timestamp,
        course: Course<'_>,
    ) -> (Gathered, u64) {
        let began = Instant::now();
        let mut gathered = Gathered::default();
        let mut of_platforms = Gathered::default();
        let captures = gathered.trace_too(&self.sources, query);
        let knowledge = self.knowledge();
        let asked = (query, knowledge.as_ref());
        let (captures, ()) = tokio::join!(
            course.running().unless_cancelled(captures),
            Box::pin(of_platforms.ask_platforms(&self.sources, asked, MOST_CALLS, now, course)),
        );
        if captures.is_none() {
            gathered.lose_captures();
        }
        gathered.merge(of_platforms);
        (gathered, millis(began))
    }

    /// The calls that a query describes, joined, with what could not be read.
    pub async fn matching(&self, query: &CallQuery, now: Timestamp) -> (Vec<Known>, Unread) {
        let course = Course::to_the_end(&unwatched);
        let (gathered, _) = self.gather(query, now, course).await;
        (
            gathered.matched_calls(query, &self.judge.peers),
            gathered.unread,
        )
    }

    /// Judges a kept investigation anew from its evidence alone.
    #[must_use]
    pub fn judge_again(&self, kept: Investigation, evidence: &Evidence) -> Investigation {
        let calls = evidence.calls(&[]);
        let judged = |known: &Known| self.diagnose(known, evidence, kept.seen_until);
        let diagnoses = calls.iter().map(judged).collect();
        let judged = Investigation {
            calls: diagnoses,
            ..kept
        };
        summing::summed_up(judged, &self.judge.peers, &calls)
    }

    /// By what the calls of an investigation are compared, in their order; nothing of what was not
    /// found.
    #[must_use]
    pub fn traits(&self, done: &Investigated) -> Vec<Traits> {
        let seen = done.evidence.calls(&[]);
        let diagnoses = done.investigation.calls.iter();
        let of_diagnosis = |diagnosis: &Diagnosis| {
            let known = diagnosis.find_in(&seen)?;
            Some(summing::traits(&self.judge.peers, known, diagnosis))
        };
        diagnoses.filter_map(of_diagnosis).collect()
    }

    /// Judges one call. `evidence` may hold what concerns other calls too.
    #[must_use]
    pub fn diagnose(
        &self,
        known: &Known,
        evidence: &Evidence,
        seen_until: Option<Timestamp>,
    ) -> Diagnosis {
        judge::diagnose(&self.judge, known, evidence, &evidence.granted, seen_until)
    }
}

/// The messages of these calls, which is what the investigation rests on.
fn kept(found: &[Known]) -> Vec<Packet> {
    found
        .iter()
        .flat_map(|known| {
            known
                .call
                .signals
                .iter()
                .map(|(_, signal)| signal.packet.clone())
        })
        .collect()
}
