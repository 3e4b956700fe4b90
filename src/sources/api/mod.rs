//! A client for asking an API over HTTP, politely and within a deadline. Knows no platform, no path
//! and no shape of an answer: those who use it do.
//!
//! One look-up waits for its turn, is tried again where that can help, and ends at its deadline,
//! whatever happens. Identical look-ups are sent once.

mod authority;
mod background;
mod body;
mod cache;
mod clock;
mod failure;
mod flights;
mod health;
mod path;
mod resolver;
mod retry;
mod said;
mod sender;
mod turns;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use serde_json::Value;
use tracing::{Instrument as _, field};

pub use authority::{Authority, Credential};
pub use background::in_background;
pub use body::Body;
pub use clock::{Clock, SystemClock};
pub use failure::{Blame, Failure, Unreachable};
pub use flights::Flights;
pub use health::{Health, Trouble};
pub use path::Path;
pub use sender::Sender;

use crate::config::Limits;
use crate::metrics::{self, Metrics};
use cache::Cache;
use sender::Request;

/// All answers that are kept together take no more than this many bytes.
const CACHED_BYTES: usize = 64 * 1024 * 1024;

/// How an API is to be asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What logs call it.
    pub name: String,
    /// Every path stands below this address.
    pub base_url: Url,
    /// How long one look-up may take, its waits and further tries included.
    pub deadline: Duration,
    /// The same for [`Class::Cdr`].
    pub cdr_deadline: Duration,
    /// How much and how fast.
    pub limits: Limits,
}

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reads a little.
    Log,
    /// Searches call detail records: takes longer, and fewer may be under way.
    Cdr,
    /// Changes or starts something: not tried again (but where a credential was refused, so that
    /// nothing happened), not shared and not kept.
    Effect,
    /// Asks only whether there is an answer now: not tried again, not shared and not kept.
    Probe,
}

/// However often it was asked in vain, an API is not left alone for longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// One API. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Api {
    asking: Arc<Asking>,
    flights: Arc<Flights<String, Result<Body, Failure>>>,
}

#[derive(Debug)]
struct Asking {
    settings: Settings,
    sender: Arc<Sender>,
    authority: Option<Arc<dyn Authority>>,
    cache: Cache,
    health: Mutex<Health>,
    /// Where look-ups are counted, once somebody wants to know.
    metrics: OnceLock<Metrics>,
    clock: Arc<dyn Clock>,
}

impl Api {
    /// An API that is asked in the name of `authority`, or without any credential.
    ///
    /// # Errors
    /// Where this machine has no TLS.
    pub fn new(
        settings: Settings,
        authority: Option<Arc<dyn Authority>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Api, Failure> {
        let sender = Arc::new(Sender::new(&settings, Arc::clone(&clock))?);
        let cache = Cache::new(settings.limits.cache, CACHED_BYTES);
        let asking = Asking {
            settings,
            sender,
            authority,
            cache,
            health: Mutex::default(),
            metrics: OnceLock::new(),
            clock,
        };
        Ok(Api {
            asking: Arc::new(asking),
            flights: Arc::default(),
        })
    }

    /// Reads what stands at `path`. `params` become the query.
    ///
    /// # Errors
    /// Why there is no good answer (2xx), at the deadline at the latest.
    pub async fn get(
        &self,
        path: impl Into<Path>,
        params: &[(&str, &str)],
        class: Class,
    ) -> Result<Body, Failure> {
        let request = self.asking.sender.get(&path.into(), params)?;
        self.ask(request, class).await
    }

    /// Sends JSON to `path`. It counts as reading, unless `class` says otherwise.
    ///
    /// # Errors
    /// Why there is no good answer (2xx), at the deadline at the latest.
    pub async fn post_json(
        &self,
        path: impl Into<Path>,
        json: &Value,
        class: Class,
    ) -> Result<Body, Failure> {
        let json = Bytes::from(json.to_string());
        let request = self.asking.sender.post(&path.into(), json)?;
        self.ask(request, class).await
    }

    /// How it has been doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.asking.health().clone()
    }

    /// Counts its look-ups there from now on; once is enough.
    pub fn count_in(&self, metrics: &Metrics) {
        let _ = self.asking.metrics.set(metrics.clone());
    }

    /// Forgets the answers of the last minute: whoever runs something again wants new ones.
    pub fn forget(&self) {
        self.asking.cache.clear();
    }

    /// Leaves it alone for a while, after `times` that it was asked in vain: longer with each.
    pub async fn pause(&self, times: u32) {
        let wait = retry::back_off(times, &self.asking.settings.limits);
        self.asking.clock.sleep(wait.min(LONGEST_PAUSE)).await;
    }

    async fn ask(&self, request: Request, class: Class) -> Result<Body, Failure> {
        let asking = Arc::clone(&self.asking);
        if matches!(class, Class::Effect | Class::Probe) {
            return asking.within_deadline(&request, class).await;
        }
        let key = request.key();
        let flight = self.flights.join(key.clone(), move || {
            Box::pin(async move {
                // In here, so that nobody can come too late for the flight and too soon for the cache.
                if let Some(body) = asking.cache.get(&key, asking.clock.elapsed()) {
                    return Ok(body);
                }
                let body = asking.within_deadline(&request, class).await?;
                asking.cache.put(key, body.clone(), asking.clock.elapsed());
                Ok(body)
            })
        });
        flight.await
    }
}

impl Asking {
    /// One look-up, its waits and tries included.
    async fn within_deadline(&self, request: &Request, class: Class) -> Result<Body, Failure> {
        let within = match class {
            Class::Log | Class::Effect | Class::Probe => self.settings.deadline,
            Class::Cdr => self.settings.cdr_deadline,
        };
        let began = self.clock.elapsed();
        let attempt = Attempt {
            request,
            class,
            deadline: began.saturating_add(within),
            queueing: AtomicBool::new(false),
            last: Mutex::default(),
        };
        let span = tracing::debug_span!(
            "look-up",
            otel.kind = "client",
            api = self.settings.name,
            asked = request.label(),
            outcome = field::Empty,
            otel.status_code = field::Empty,
        );
        let looking = async {
            tokio::select! {
                // The deadline first: what comes with it comes too late, and what others leave to us
                // at their own deadline is no turn.
                biased;
                () = self.clock.sleep(within) => Err(attempt.overdue(within)),
                outcome = self.tries(&attempt) => outcome,
            }
        };
        let outcome = looking.instrument(span.clone()).await;
        span.record("outcome", word(&outcome));
        if outcome.is_err() {
            span.record("otel.status_code", "error");
        }
        self.note(&attempt, &outcome, began);
        outcome
    }

    /// Tries until there is an answer, or another try cannot help.
    async fn tries(&self, attempt: &Attempt<'_>) -> Result<Body, Failure> {
        let mut tries = 0_u32;
        loop {
            let failure = match self.in_our_name(attempt).await {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            tries = tries.saturating_add(1);
            let limits = &self.settings.limits;
            let Some(wait) = retry::wait(&failure, attempt.class, tries, limits) else {
                return Err(failure);
            };
            // What cannot come in time is not waited for.
            if self.clock.elapsed().saturating_add(wait) >= attempt.deadline {
                return Err(failure);
            }
            attempt.failed(failure);
            self.clock.sleep(wait).await;
        }
    }

    /// One try, with a new credential if the first is refused, and no third.
    async fn in_our_name(&self, attempt: &Attempt<'_>) -> Result<Body, Failure> {
        let Some(authority) = &self.authority else {
            return self.once(attempt, None).await;
        };
        let credential = authority.credential(&self.sender).await?;
        let outcome = self.once(attempt, Some(&credential)).await;
        let Err(failure @ Failure::Unauthorised { .. }) = outcome else {
            return taken(authority, &credential, outcome);
        };
        if let Some(failure) = authority.refused(&credential) {
            return Err(failure);
        }
        let credential = authority.credential(&self.sender).await?;
        let outcome = self.once(attempt, Some(&credential)).await;
        if let Err(Failure::Unauthorised { .. }) = outcome {
            return Err(authority.refused(&credential).unwrap_or(failure));
        }
        taken(authority, &credential, outcome)
    }

    /// One request in its turn.
    async fn once(
        &self,
        attempt: &Attempt<'_>,
        credential: Option<&Credential>,
    ) -> Result<Body, Failure> {
        attempt.queueing.store(true, Ordering::Relaxed);
        let turn = self
            .sender
            .turns
            .turn(attempt.class, attempt.deadline)
            .await;
        attempt.queueing.store(false, Ordering::Relaxed);
        let _turn = turn?;
        self.sender.send(attempt.request, credential).await
    }

    fn note(&self, attempt: &Attempt<'_>, outcome: &Result<Body, Failure>, began: Duration) {
        let (api, asked) = (&self.settings.name, attempt.request.label());
        let took = self.clock.elapsed().saturating_sub(began);
        let ms = took.as_millis();
        if let Some(metrics) = self.metrics.get() {
            counted(metrics, api, outcome, took);
        }
        let now = self.clock.now();
        match outcome {
            Ok(body) => {
                let bytes = body.bytes.len();
                tracing::debug!(%api, %asked, %ms, %bytes, "asked");
                self.health().good(now, body.date);
            }
            Err(failure) => {
                tracing::warn!(%api, %asked, %ms, "{failure}");
                self.health().bad(failure, now);
            }
        }
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counted(metrics: &Metrics, api: &str, outcome: &Result<Body, Failure>, took: Duration) {
    let fails = match outcome.as_ref().map_err(Failure::blame) {
        Ok(_) => Some(0.0),
        // What is wrong with one request, or on our side, says nothing of the source.
        Err(Blame::Request | Blame::Permission | Blame::Queue) => None,
        Err(_) => Some(1.0),
    };
    metrics.count(&metrics::LOOK_UPS, &[api, word(outcome)]);
    metrics.observe(&metrics::LOOK_UP_SECONDS, &[api], took);
    if let Some(fails) = fails {
        metrics.set(&metrics::SOURCE_FAILING, &[api], fails);
    }
}

/// How a look-up ended, in a word of ours: nothing of what was asked or said.
fn word(outcome: &Result<Body, Failure>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(failure) => failure.blame().word(),
    }
}

/// Tells the authority of a credential that was taken.
fn taken(
    authority: &Arc<dyn Authority>,
    credential: &Credential,
    outcome: Result<Body, Failure>,
) -> Result<Body, Failure> {
    if outcome.is_ok() {
        authority.accepted(credential);
    }
    outcome
}

/// How far one look-up is.
struct Attempt<'a> {
    request: &'a Request,
    class: Class,
    /// In steady time.
    deadline: Duration,
    /// Whether it waits for its turn at the moment.
    queueing: AtomicBool,
    /// Why the last try failed.
    last: Mutex<Option<Failure>>,
}

impl Attempt<'_> {
    fn failed(&self, failure: Failure) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }

    /// What the deadline found it waiting for.
    fn overdue(&self, within: Duration) -> Failure {
        if !self.queueing.load(Ordering::Relaxed) {
            return Failure::TooSlow { within };
        }
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().unwrap_or(Failure::NoTurn { within })
    }
}
