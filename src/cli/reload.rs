//! Changes of the settings while the bot runs: on SIGHUP, and when a file changes. Knowledge, permissions, channels and
//! what is watched are taken over as a whole or not at all; the rest waits for the next start, and that is said.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use toml::Table;

use super::log::Voice;
use crate::app::{self, Settings};
use crate::chat::access::Access;
use crate::config::{Config, Surroundings};
use crate::incidents::Keeper;
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::metrics::{self, Metrics};
use crate::supervisor::Stopped;
use crate::web::Tls;

/// How often the files are looked at. One that still changes from look to look is waited for.
const LOOK: Duration = Duration::from_secs(1);

/// The sections that are taken over while it runs.
const TAKEN: [&str; 5] = [
    "knowledge",
    "permissions",
    "channels",
    "watches",
    "incidents",
];

/// What changes, and where to.
#[derive(Clone)]
pub struct Reload {
    /// The configuration; without one nothing can change.
    pub path: Option<PathBuf>,
    /// Files that it names besides.
    pub files: Vec<PathBuf>,
    pub knowledge: Latest<Knowledge>,
    pub access: Arc<Access>,
    pub keeper: Arc<Keeper>,
    /// What shows the certificate, where the listener speaks TLS.
    pub tls: Option<Tls>,
    pub metrics: Metrics,
    pub voice: Voice,
}

/// What a file was like when it was looked at.
type Stamp = Option<(SystemTime, u64, u64)>;

impl Reload {
    /// Takes changes over until `stopped`.
    ///
    /// # Errors
    /// Where the system lets nobody hear signals.
    pub async fn follow(mut self, stopped: Stopped) -> anyhow::Result<()> {
        let mut hangup = signal(SignalKind::hangup())?;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopped = stopped;
        let mut in_use = self.text();
        let (mut taken, mut seen) = (self.stamps(), self.stamps());
        loop {
            let is_due = tokio::select! {
                () = &mut stopped => return Ok(()),
                _ = hangup.recv() => true,
                _ = looks.tick() => {
                    let now = self.stamps();
                    let is_settled = now == seen;
                    seen = now;
                    is_settled && seen != taken
                }
            };
            if is_due {
                taken = self.stamps();
                self.take(&mut in_use).await;
                // Other files may be named now.
                let named = self.stamps();
                if named.len() != taken.len() {
                    taken = named;
                }
                seen.clone_from(&taken);
            }
        }
    }

    /// Takes over what stands in the files now, or says why not.
    async fn take(&mut self, in_use: &mut Option<Table>) {
        let Some(path) = self.path.clone() else {
            self.voice
                .note("there is no configuration file to read again");
            return;
        };
        let text = self.text();
        let read = Settings::read(Some(&path), &Surroundings::of_process());
        let ordered = read.map_err(anyhow::Error::from).and_then(|settings| {
            let orders = app::orders(&settings.config, settings.watching.clone())?;
            let identity = app::identity(&settings.config)?;
            Ok((settings, orders, identity))
        });
        let (settings, orders, identity) = match ordered {
            Ok(read) => read,
            Err(error) => {
                self.metrics.count(&metrics::RELOADS, &["refused"]);
                let said = format!("the settings stay as they were, since {error:#}");
                self.voice.wrong(&said);
                return;
            }
        };
        self.files = files(&settings.config);
        self.knowledge.replace(settings.knowledge);
        self.access.follow(app::rules(&settings.config));
        self.keeper.follow(orders).await;
        if let (Some(tls), Some(identity)) = (&self.tls, identity) {
            tls.show(identity);
        }
        self.metrics.count(&metrics::RELOADS, &["taken"]);
        note_taken(&self.metrics);
        let waits = waiting(in_use.as_ref(), text.as_ref());
        *in_use = text;
        let more = match waits.as_slice() {
            [] => String::new(),
            names => format!("; a restart is needed for [{}]", names.join("], [")),
        };
        let certificate = match self.tls {
            Some(_) => " and the certificate",
            None => "",
        };
        let said =
            format!("knowledge, permissions, channels and watches{certificate} are read again");
        self.voice.note(&format!("{said}{more}"));
    }

    /// The configuration as it stands there, where it can be read.
    fn text(&self) -> Option<Table> {
        let text = fs::read_to_string(self.path.as_ref()?).ok()?;
        text.parse().ok()
    }

    fn stamps(&self) -> Vec<Stamp> {
        let files = self.path.iter().chain(&self.files);
        files.map(|it| stamp(it)).collect()
    }
}

/// The files that a configuration names and that are looked at besides.
pub fn files(config: &Config) -> Vec<PathBuf> {
    let tls = config.http.tls.iter();
    let tls = tls.flat_map(|it| [&it.certificate, &it.key]);
    config.knowledge.files.iter().chain(tls).cloned().collect()
}

/// Notes when the settings in use were read.
pub fn note_taken(metrics: &Metrics) {
    let now = Timestamp::now().as_duration().as_secs_f64();
    metrics.set(&metrics::SETTINGS_SINCE, &[], now);
}

fn stamp(path: &Path) -> Stamp {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len(), about.ino()))
}

/// The sections that differ and are not taken over while it runs.
fn waiting(before: Option<&Table>, after: Option<&Table>) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let differs = |name: &&String| {
        !TAKEN.contains(&name.as_str()) && before.get(name.as_str()) != after.get(name.as_str())
    };
    names.into_iter().filter(differs).cloned().collect()
}
