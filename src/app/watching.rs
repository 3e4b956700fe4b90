//! Incidents as the configuration has them: scopes and conditions read, parts put together. Holds no logic beyond which
//! part gets what.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::archive::Archive;
use crate::config::{Config, ConfigError, Every, Least, Written};
use crate::diagnosis::Investigator;
use crate::incidents::board::{CLOSED_KEPT, Settings};
use crate::incidents::keeper::Parts;
use crate::incidents::life::Severity;
use crate::incidents::orders::{Orders, Pace};
use crate::incidents::pager::Pager;
use crate::incidents::poster::Poster;
use crate::incidents::quiet::{Planned, Quiet};
use crate::incidents::routes::Route;
use crate::incidents::schedule::Digest;
use crate::incidents::shelf::Shelf;
use crate::incidents::source::Source;
use crate::incidents::watch::{CONDITIONS, Condition, SCOPES, Scope, Watch};
use crate::metrics::Metrics;
use crate::sources::api::SystemClock;
use crate::store::Store;

/// Incidents as they are configured, checked.
#[derive(Debug, Clone)]
pub struct Watching {
    /// How the board decides.
    pub settings: Settings,
    /// What is watched.
    pub watches: Vec<Watch>,
    /// How fast.
    pub pace: Pace,
    /// What is told in figures.
    pub digests: Vec<Digest>,
}

/// What the configuration says of incidents.
///
/// # Errors
/// Every scope and condition that cannot be read.
pub fn watching(config: &Config) -> Result<Watching, ConfigError> {
    let set = &config.incidents;
    let mut problems = Vec::new();
    let mut scope = |written: &Written| {
        let read = written.text.parse::<Scope>();
        let refused =
            |_| written.refused(format!("found {:?}", written.text), SCOPES.to_owned(), None);
        read.map_err(refused).map_err(|it| problems.push(it)).ok()
    };
    let planned: Vec<Planned> = set
        .planned
        .iter()
        .filter_map(|it| {
            Some(Planned {
                scope: scope(&it.scope)?,
                from: it.from,
                to: it.to,
                what: it.what.clone(),
            })
        })
        .collect();
    let severity = |least: Least| match least {
        Least::Minor => Severity::Minor,
        Least::Major => Severity::Major,
        Least::Total => Severity::Total,
    };
    let routes: Vec<Route> = set
        .routes
        .iter()
        .map(|it| Route {
            channel: it.channel.clone(),
            least: severity(it.severity),
            scope: it.scope.as_ref().and_then(&mut scope),
        })
        .collect();
    let scopes: Vec<Option<Scope>> = set
        .watches
        .iter()
        .map(|it| it.scope.as_ref().map_or(Some(Scope::default()), &mut scope))
        .collect();
    let mut watches = Vec::new();
    for (it, scope) in set.watches.iter().zip(scopes) {
        let condition = match it.when.text.parse::<Condition>() {
            Ok(condition) => condition,
            Err(_) => {
                problems.push(it.when.refused(
                    format!("found {:?}", it.when.text),
                    CONDITIONS.to_owned(),
                    None,
                ));
                continue;
            }
        };
        watches.extend(scope.map(|scope| Watch {
            name: it.name.clone(),
            scope,
            condition,
            channel: it.channel.clone(),
            by: None,
        }));
    }
    problems.sort_by_key(|problem| problem.line);
    if !problems.is_empty() {
        return Err(ConfigError::Invalid(problems));
    }
    let own = set.watches.first().map(|it| it.channel.clone());
    let channel = set.channel.clone().or(own).unwrap_or_default();
    let length =
        |it: std::time::Duration| SignedDuration::try_from(it).unwrap_or(SignedDuration::MAX);
    let zones = config
        .channels
        .iter()
        .filter_map(|it| Some((format!("{}:{}", it.chat, it.id), it.timezone.clone()?)));
    let size = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
    let quiet = set.quiet.as_ref().map(|it| Quiet {
        from: it.from,
        to: it.to,
        zone: it.zone.clone().unwrap_or(config.timezone.clone()),
    });
    let hooks = set.hooks.iter().map(|it| {
        (
            it.name.clone(),
            it.channel.clone().unwrap_or_else(|| channel.clone()),
        )
    });
    let digests = set.digests.iter().map(|it| Digest {
        channel: it.channel.clone(),
        weekly: it.every == Every::Week,
        at: it.at,
        zone: config.timezone.clone(),
    });
    Ok(Watching {
        settings: Settings {
            routes,
            quiet,
            planned,
            most_posts: size(set.most_posts),
            hooks: hooks.collect(),
            zone: config.timezone.clone(),
            zones: zones.collect(),
            closed_kept: config.retention.incidents.unwrap_or(CLOSED_KEPT),
            page_after: set.pager.as_ref().map(|it| length(it.after)),
            channel,
        },
        watches,
        pace: Pace {
            every: length(set.every),
            requests: size(set.requests),
            requests_each: size(set.requests_each),
        },
        digests: digests.collect(),
    })
}

/// What the keeper is told to do.
///
/// # Errors
/// One sentence, where the pager cannot be called at all.
pub fn orders(config: &Config, watching: Watching) -> anyhow::Result<Orders> {
    let pager = config.incidents.pager.as_ref();
    let pager = pager
        .map(|it| Pager::new(it.url.clone(), it.token.clone()))
        .transpose()?;
    Ok(Orders {
        watches: watching.watches,
        settings: watching.settings,
        pace: watching.pace,
        pager: pager.map(Arc::new),
        digests: watching.digests,
    })
}

/// What the keeper of this run works with.
#[must_use]
pub fn keeping(
    orders: Orders,
    investigator: Investigator,
    store: Store,
    posters: Vec<Arc<dyn Poster>>,
    metrics: Metrics,
) -> Parts {
    Parts {
        orders,
        source: Source::new(investigator, Archive::new(store.clone())),
        shelf: Shelf::new(store),
        posters,
        metrics,
        clock: Arc::new(SystemClock::start()),
    }
}
