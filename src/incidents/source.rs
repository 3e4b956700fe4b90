//! What the board is fed with: the calls of a stretch of time out of the platforms' records, and calls diagnosed as
//! examples. Asks in the background and judges nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::signal::{Example, Seen};
use super::watch::{Part, Watch};
use crate::archive::Archive;
use crate::call::{CallQuery, Term, Window};
use crate::diagnosis::investigator::progress::unwatched;
use crate::diagnosis::{Diagnosis, Investigated, Investigator, Party};
use crate::platform::{Carrier, Customer, Id};
use crate::sources::api::in_background;
use crate::sources::{CdrField, CdrQuery, Columns, ConnexCs, Lookup};

/// Records asked for at once.
const MOST_RECORDS: usize = 5000;

/// A stretch that has more is asked for in halves, down to this length, with this many requests at most.
const SHORTEST_PIECE: SignedDuration = SignedDuration::from_mins(1);
const MOST_PIECES: usize = 30;

/// Records come late: so far back is looked again.
const LATE: SignedDuration = SignedDuration::from_mins(3);

/// Calls that lasted so long, in seconds, may have ended after the look that would have seen them: so often they are looked
/// for, so far back.
const LONG: u32 = 120;
const LONG_EVERY: SignedDuration = SignedDuration::from_mins(10);
const LONG_BACK: SignedDuration = SignedDuration::from_hours(1);

/// So many customers' names are asked for at one look.
const MOST_NAMES: usize = 3;

/// How long the list of carriers is believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);

/// What one look at a platform gave.
#[derive(Debug, Default)]
pub struct Looked {
    /// The calls.
    pub calls: Vec<Seen>,
    /// How many requests it took.
    pub requests: usize,
    /// Whether there were more records than are given at once.
    pub is_full: bool,
}

/// Names that were looked up.
#[derive(Debug, Default)]
struct Names {
    carriers: Vec<Carrier>,
    carriers_at: Option<Timestamp>,
    customers: BTreeMap<Id, Customer>,
    /// When long calls were last looked for.
    long_at: Option<Timestamp>,
}

/// The platforms' records, and the investigator that looks at single calls.
#[derive(Debug)]
pub struct Source {
    investigator: Investigator,
    archive: Archive,
    names: Mutex<BTreeMap<String, Names>>,
}

impl Source {
    /// Over this investigator; what it finds is kept in `archive`.
    #[must_use]
    pub fn new(investigator: Investigator, archive: Archive) -> Source {
        Source {
            investigator,
            archive,
            names: Mutex::default(),
        }
    }

    /// The platforms that are watched.
    pub fn platforms(&self) -> impl Iterator<Item = &ConnexCs> {
        self.investigator.platforms()
    }

    /// What the status page lists now; nothing where it is not configured or could not be verified.
    pub async fn announced(&self) -> Option<Vec<crate::platform::Incident>> {
        match self.investigator.status_page()?.incidents().await {
            Lookup::Found(incidents) => Some(incidents),
            Lookup::Empty => Some(Vec::new()),
            Lookup::Unavailable(why) => {
                tracing::debug!(why, "the status page was not verified");
                None
            }
        }
    }

    /// The calls of a platform from some time to another, in pieces where there are more than are given at once; and
    /// whether these are all. What cannot be had is missing: windows fill up by themselves.
    pub async fn recalled(
        &self,
        platform: &ConnexCs,
        from: Timestamp,
        to: Timestamp,
    ) -> (Vec<Seen>, bool) {
        let (mut calls, mut all) = (Vec::new(), true);
        let (mut pieces, mut asked) = (vec![(from, to)], 0);
        while let Some((from, to)) = pieces.pop() {
            let Ok(looked) = self.calls(platform, &[], from, to).await else {
                all = false;
                continue;
            };
            asked += looked.requests;
            let half = to.duration_since(from) / 2;
            let middle = from.checked_add(half).unwrap_or(to);
            if looked.is_full && half >= SHORTEST_PIECE && asked < MOST_PIECES {
                pieces.extend([(middle, to), (from, middle)]);
            } else {
                all &= !looked.is_full;
                calls.extend(looked.calls);
            }
        }
        (calls, all)
    }

    /// The calls of a platform from some time to another, as far as the watches need them.
    ///
    /// # Errors
    /// One sentence, where it cannot be asked.
    pub async fn calls(
        &self,
        platform: &ConnexCs,
        watches: &[Watch],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Looked, String> {
        let from = from.checked_sub(LATE).unwrap_or(from);
        // All of them: what is lost somewhere is only told apart by what went well elsewhere.
        let mut query = CdrQuery {
            window: Window::new(from, to),
            fields: Vec::new(),
            most: MOST_RECORDS,
            columns: Columns::Few,
        };
        let mut looked = Looked {
            requests: 1,
            ..Looked::default()
        };
        let mut found = in_background(platform.cdrs(&query)).await;
        let narrowed = narrowed(watches);
        if matches!(&found, Lookup::Found(it) if it.rows.len() >= MOST_RECORDS)
            && !narrowed.is_empty()
        {
            query.fields = narrowed;
            looked.requests += 1;
            found = in_background(platform.cdrs(&query)).await;
        }
        let mut rows = match found {
            Lookup::Found(answer) => answer.rows,
            Lookup::Empty => Vec::new(),
            Lookup::Unavailable(why) => return Err(why),
        };
        looked.is_full = rows.len() >= MOST_RECORDS;
        if self.are_long_due(platform.name(), to) {
            looked.requests += 1;
            query.window = Window::new(to.checked_sub(LONG_BACK).unwrap_or(to), from);
            query.fields.push(CdrField::LastedAtLeast(LONG));
            // Without them the shares are somewhat off; the next time they are there.
            if let Lookup::Found(answer) = in_background(platform.cdrs(&query)).await {
                rows.extend(answer.rows);
            }
        }
        if rows.is_empty() {
            return Ok(looked);
        }
        let customers: Vec<Id> = rows.iter().filter_map(|it| it.customer_id).collect();
        looked.requests += in_background(self.learn_names(platform, &customers, to)).await;
        let names = self
            .names
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = names.get(platform.name());
        let customers: Vec<Customer> = known
            .into_iter()
            .flat_map(|it| it.customers.values().cloned())
            .collect();
        let carriers = known.map_or(&[][..], |it| it.carriers.as_slice());
        looked.calls = rows
            .iter()
            .filter_map(|it| Seen::of_cdr(it, &customers, carriers))
            .collect();
        Ok(looked)
    }

    /// Whether long calls are to be looked for now; they are then.
    fn are_long_due(&self, platform: &str, now: Timestamp) -> bool {
        let mut names = self
            .names
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = names.entry(platform.to_owned()).or_default();
        let last = known.long_at.get_or_insert(now);
        let is_due = now.duration_since(*last) >= LONG_EVERY;
        if is_due {
            *last = now;
        }
        is_due
    }

    /// Looks up the names of carriers and of a few customers; how many requests it took.
    async fn learn_names(&self, platform: &ConnexCs, customers: &[Id], now: Timestamp) -> usize {
        let (stale, unknown) = {
            let mut names = self
                .names
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let known = names.entry(platform.name().to_owned()).or_default();
            let stale = known
                .carriers_at
                .is_none_or(|at| now.duration_since(at) >= BELIEVED);
            let mut unknown: Vec<Id> = customers
                .iter()
                .copied()
                .filter(|id| !known.customers.contains_key(id))
                .collect();
            unknown.sort_unstable();
            unknown.dedup();
            unknown.truncate(MOST_NAMES);
            (stale, unknown)
        };
        let carriers = match stale {
            true => Some(platform.carriers().await),
            false => None,
        };
        let mut found = Vec::new();
        for id in &unknown {
            // Who has no name is called by the number.
            let blank = || Customer {
                id: *id,
                ..Customer::default()
            };
            match platform.customer(*id).await {
                Lookup::Found(customer) => found.push(Customer {
                    id: *id,
                    ..customer
                }),
                Lookup::Empty => found.push(blank()),
                Lookup::Unavailable(_) => {}
            }
        }
        let mut names = self
            .names
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = names.entry(platform.name().to_owned()).or_default();
        if let Some(carriers) = carriers {
            known.carriers_at = Some(now);
            if let Lookup::Found(answer) = carriers {
                known.carriers = answer.rows;
            }
        }
        known
            .customers
            .extend(found.into_iter().map(|it| (it.id, it)));
        usize::from(stale) + unknown.len()
    }

    /// Diagnoses calls by their Call-IDs, each as an investigation of its own that is kept.
    pub async fn examples(
        &self,
        calls: &[String],
        id: impl Fn(usize) -> String,
        now: Timestamp,
    ) -> Vec<Example> {
        let mut examples = Vec::new();
        for (at, call_id) in calls.iter().enumerate() {
            let query = CallQuery {
                terms: vec![Term::CallId(call_id.clone())],
                ..CallQuery::default()
            };
            let looking = self
                .investigator
                .investigate(id(at), call_id, &query, now, &unwatched);
            let done = Box::pin(in_background(looking)).await;
            if let Err(error) = self
                .archive
                .save(&done.investigation, &done.evidence, now)
                .await
            {
                tracing::warn!(%error, "an example was not kept");
            }
            examples.extend(self.example(call_id, &done));
        }
        examples
    }

    fn example(&self, call_id: &str, done: &Investigated) -> Option<Example> {
        let is_it = |it: &&Diagnosis| it.call_ids.iter().any(|id| id == call_id);
        let diagnosis = done.investigation.calls.iter().find(is_it)?;
        let seen = done.evidence.calls(&[]);
        let known = diagnosis.find_in(&seen);
        let row = known
            .and_then(|it| it.records.as_ref())
            .and_then(|it| it.row.as_ref());
        let places = row
            .into_iter()
            .flat_map(|row| [row.server.clone(), row.engine.clone()])
            .flatten();
        let verdict = &diagnosis.verdict;
        let headline = verdict
            .summary
            .split_inclusive(". ")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        let party = |party: Party| match party {
            Party::Undecided | Party::Nobody => String::new(),
            other => other.label().to_owned(),
        };
        Some(Example {
            call_id: call_id.to_owned(),
            investigation: done.investigation.id.clone(),
            at: diagnosis.started(),
            headline,
            rule: verdict.rule.clone(),
            party: party(verdict.party),
            to_act: party(verdict.to_act),
            next: verdict.next.first().cloned().unwrap_or_default(),
            places: places.collect(),
        })
    }
}

/// What all watches have in common, so that fewer records are fetched: one customer or carrier by its number.
fn narrowed(watches: &[Watch]) -> Vec<CdrField> {
    let field = |watch: &Watch| {
        watch.scope.0.iter().find_map(|part| match part {
            Part::Customer(id) => id.parse().ok().map(CdrField::Customer),
            Part::Carrier(id) => id.parse().ok().map(CdrField::Carrier),
            _ => None,
        })
    };
    let mut fields: Vec<Option<CdrField>> = watches.iter().map(field).collect();
    fields.dedup();
    match fields.as_slice() {
        [Some(one)] => vec![one.clone()],
        _ => Vec::new(),
    }
}
