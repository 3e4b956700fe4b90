//! The composition root: the only place that knows every concrete type and puts them together.
//! Holds no logic beyond which part gets what.

mod settings;
mod watching;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::archive::{self, Archive};
use crate::chat::access::{Access, Rules};
use crate::chat::commands::Table;
use crate::chat::{Desk, Reporting, audit, threads};
use crate::config::{Config, ConfigError, Retention, SourceKind, Written};
use crate::diagnosis::{Investigator, Misfit, Tuning};
use crate::examples;
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::report::delivery::Courier;
use crate::report::draft::{self, Drafts};
use crate::report::template::Templates;
use crate::sources::api::SystemClock;
use crate::sources::captures::{Captures, LARGE, Progress};
use crate::sources::{ConnexCs, Source, StatusPage};
use crate::store::{Lifetimes, Place, Store};
use crate::web::{Identity, TlsError};

pub use settings::{Settings, Wrong};
pub use watching::{Watching, keeping, orders, watching};

/// What answers call the captures that were named on the command line.
const NAMED_CAPTURES: &str = "captures";

/// What answers call the captures that are built in.
const BUILT_IN: &str = "examples";

/// Where evidence comes from in this run.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Captures named on the command line.
    pub captures: Vec<PathBuf>,
    /// Whether the configured sources are asked too.
    pub with_configured: bool,
    /// Whether one question is asked and no other.
    pub asked_once: bool,
}

/// The sources of this run: the named captures, the configured sources, else the examples that
/// are built in.
///
/// # Errors
/// One sentence, where a configured source cannot be asked at all.
pub fn sources(
    config: &Config,
    evidence: &Evidence,
    progress: Option<&Progress>,
) -> anyhow::Result<Vec<Source>> {
    let captures = |name: &str, paths: &[PathBuf]| {
        let captures = Captures::paths(name, paths.to_vec(), config.peers.clone());
        let captures = captures.with_progress(progress.cloned());
        Source::Captures(Arc::new(if evidence.asked_once {
            captures.asked_once(LARGE)
        } else {
            captures
        }))
    };
    let mut sources = Vec::new();
    if !evidence.captures.is_empty() {
        sources.push(captures(NAMED_CAPTURES, &evidence.captures));
    }
    if evidence.with_configured {
        for source in &config.sources {
            sources.push(match &source.kind {
                SourceKind::Captures { paths } => captures(&source.name, paths),
                SourceKind::ConnexCs(configured) => {
                    let clock = Arc::new(SystemClock::start());
                    let platform = ConnexCs::new(&source.name, configured, clock)?;
                    Source::ConnexCs(Arc::new(platform))
                }
            });
        }
    }
    if sources.is_empty() {
        let built_in = Captures::in_memory(BUILT_IN, examples::captures(), config.peers.clone());
        sources.push(Source::Captures(Arc::new(built_in)));
    }
    Ok(sources)
}

/// The catalogue as the configuration tunes it.
///
/// # Errors
/// Everything in `[rules]` that the catalogue does not know.
pub fn tuning(config: &Config) -> Result<Tuning, ConfigError> {
    let (mut tuning, mut problems) = (Tuning::default(), Vec::new());
    let settings = &config.rules;
    let mut check = |written: &Written, taken: Result<(), Misfit>| {
        let refused = taken.map_err(|it| written.refused(it.found, it.allowed, it.meant));
        problems.extend(refused.err());
    };
    for it in &settings.off {
        check(it, tuning.switch_off(&it.text));
    }
    for it in &settings.severity {
        check(it, tuning.weigh(&it.key, &it.text));
    }
    for it in &settings.limits {
        check(it, tuning.limit(&it.key, &it.text));
    }
    if let Some(countries) = &settings.signing_countries {
        tuning.sign_nowhere();
        for it in countries {
            check(it, tuning.sign_in(&it.text));
        }
    }
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() {
        Ok(tuning)
    } else {
        Err(ConfigError::Invalid(problems))
    }
}

/// The investigator over these sources and the configured status page, with what is known and how the
/// catalogue is tuned in this run.
///
/// # Errors
/// One sentence, where the status page cannot be asked at all.
pub fn investigator(
    config: &Config,
    knowledge: &Latest<Knowledge>,
    tuning: &Arc<Tuning>,
    sources: Vec<Source>,
) -> anyhow::Result<Investigator> {
    let page = config.status_page.as_ref();
    let page = page.map(|page| StatusPage::new(page, Arc::new(SystemClock::start())));
    let investigator = Investigator::new(sources, config.peers.clone());
    let investigator = investigator
        .knowing(knowledge.clone())
        .tuned(Arc::clone(tuning));
    Ok(investigator.with_status_page(page.transpose()?))
}

/// The desk that answers commands. `store` is where investigations are kept; nothing keeps none.
///
/// # Errors
/// One sentence, where the built-in command table contradicts itself or a template of reports cannot be used.
pub fn desk(
    config: &Config,
    investigator: Investigator,
    store: Option<Store>,
) -> anyhow::Result<Desk> {
    let table = Table::embedded()?;
    let home_country = config
        .home_country
        .map(|country| country.as_ref().to_owned());
    let templates = Templates::load(config.reports.templates.as_deref())?;
    let (settings, contacts) = (config.reports.clone(), config.contacts.clone());
    let reporting = Reporting::new(settings, contacts, templates, store.clone());
    let archive = store.map(Archive::new);
    let desk = Desk::new(
        investigator,
        archive,
        table,
        config.timezone.clone(),
        home_country,
    );
    Ok(desk.reporting_with(reporting))
}

/// What carries problem reports out of this store.
///
/// # Errors
/// One sentence, where a template of reports cannot be used.
pub fn courier(config: &Config, store: Store) -> anyhow::Result<Courier> {
    let templates = Templates::load(config.reports.templates.as_deref())?;
    let (settings, contacts) = (config.reports.clone(), config.contacts.clone());
    Ok(Courier::new(
        Drafts::new(store),
        settings,
        contacts,
        templates,
    ))
}

/// What all chats share: the desk, and who may do what.
#[must_use]
pub fn heart(config: &Config, desk: Desk) -> (Arc<Desk>, Arc<Access>) {
    (Arc::new(desk), Arc::new(Access::new(rules(config))))
}

/// What the listener shows to whoever connects, where it speaks TLS.
///
/// # Errors
/// One sentence, where the certificate cannot be used.
pub fn identity(config: &Config) -> Result<Option<Identity>, TlsError> {
    config.http.tls.as_ref().map(Identity::read).transpose()
}

/// Who may do what, and where what may be seen.
#[must_use]
pub fn rules(config: &Config) -> Rules {
    Rules {
        permissions: config.permissions.clone(),
        channels: config.channels.clone(),
    }
}

/// The store of a command that answers once, if it can be had within `patience`, and what has to be said about it.
pub async fn join_store(
    config: &Config,
    patience: Duration,
    now: Timestamp,
) -> (Option<Store>, Option<String>) {
    let Some(dir) = store_path(config) else {
        let why = "no history: neither [store] path nor a home folder is set";
        return (None, Some(why.to_owned()));
    };
    let joined = Store::open_or_join(dir, patience, now).await;
    (joined.store, joined.notice)
}

/// Where the store is: its folder, and the server that has the data instead where one is configured.
#[must_use]
pub fn store_path(config: &Config) -> Option<Place> {
    let place = Place::from(config.store.path.as_ref()?).keeping(lifetimes(&config.retention));
    Some(match &config.store.server {
        Some(server) => place.on_server(server.url.expose(), server.ca.clone()),
        None => place,
    })
}

/// How much longer than by default things are kept.
fn lifetimes(kept: &Retention) -> Lifetimes {
    let by = |set: Option<SignedDuration>, default: SignedDuration| {
        set.map_or(SignedDuration::ZERO, |it| it.saturating_sub(default))
    };
    let investigations = by(kept.investigations, archive::KEPT_FOR);
    let reports = by(kept.reports, draft::KEPT_FOR);
    Lifetimes::default()
        .longer(archive::INVESTIGATIONS, investigations)
        .longer(archive::SUMMARIES, investigations)
        .longer(archive::EVIDENCE, by(kept.evidence, archive::KEPT_FOR))
        .longer(audit::NS, by(kept.audit, audit::KEPT_FOR))
        .longer(threads::NS, by(kept.threads, threads::KEPT_FOR))
        .longer(draft::NS, reports)
        .longer(draft::FILES, reports)
}
