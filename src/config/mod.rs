//! The settings of one running calltriage, read from TOML, environment and secret files, and checked as a whole.
//! Opens no connection and no store; hands each part to whom it concerns.

mod address;
mod connexcs;
mod discord;
mod http;
mod incidents;
mod knowledge;
mod limits;
mod log;
mod peers;
mod permissions;
mod problem;
pub mod reader;
mod reports;
mod retention;
mod rules;
mod secret;
mod slack;
mod sources;
mod status_page;
mod store;
mod surroundings;
mod telemetry;
mod values;

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use phonenumber::country;

use crate::peers::Peers;
pub use address::WebAddress;
pub use connexcs::{ConnexCs, Credentials, Endpoints};
pub use discord::{Discord, DiscordWayIn, PublicKey};
pub use http::{Http, Tls};
pub use incidents::{
    DigestTo, Every, Hook, HookKind, Incidents, Least, Mapping, Pager, PlannedWork, QuietHours,
    RouteTo, WatchOf,
};
pub use knowledge::KnowledgeFiles;
pub use limits::Limits;
pub use log::{Log, LogFormat, LogLevel};
pub use permissions::{Audience, Channel, PermissionRule, Permissions, Subject, SubjectKind};
pub use problem::{ConfigError, Problem};
pub use reader::Written;
use reader::{Reading, Section};
pub use reports::{Contact, ContactKind, Reports, Smtp, SmtpTls, Via};
pub use retention::Retention;
pub use rules::RuleSettings;
pub use secret::Secret;
pub use slack::{Slack, SlackWayIn};
pub use sources::{Source, SourceKind};
pub use status_page::{StatusPage, StatusPageKind};
pub use store::{Server, Store};
pub use surroundings::Surroundings;
pub use telemetry::Telemetry;
pub use values::duration;

/// The annotated file that is also the default.
pub const EMBEDDED: &str = include_str!("../../config/calltriage.toml");

/// How messages name the embedded file.
const EMBEDDED_NAME: &str = "(built-in) calltriage.toml";

/// Larger than any configuration that a person maintains.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Long enough for an answer of a platform, and shorter than service managers wait.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// In which zone times without one are read.
    pub timezone: TimeZone,
    /// The country whose numbers may be written without its code.
    pub home_country: Option<country::Id>,
    /// How long what was asked may take to be answered once the program is told to stop.
    pub stop_within: Duration,
    /// The HTTP listener.
    pub http: Http,
    /// How it says what it does.
    pub log: Log,
    /// Where traces go, if anywhere.
    pub telemetry: Option<Telemetry>,
    /// Where things are kept.
    pub store: Store,
    /// How long.
    pub retention: Retention,
    /// Who is behind which address.
    pub peers: Peers,
    /// Where evidence comes from.
    pub sources: Vec<Source>,
    /// Where the platform publishes its incidents, if that is configured.
    pub status_page: Option<StatusPage>,
    /// What an operator knows besides what is built in.
    pub knowledge: KnowledgeFiles,
    /// How the rules are tuned.
    pub rules: RuleSettings,
    /// The Slack app, if there is one.
    pub slack: Option<Slack>,
    /// The Discord application, if there is one.
    pub discord: Option<Discord>,
    /// Who may do what in chats.
    pub permissions: Permissions,
    /// The channels that are not like the others.
    pub channels: Vec<Channel>,
    /// How problem reports are written and sent.
    pub reports: Reports,
    /// Who gets them.
    pub contacts: Vec<Contact>,
    /// What is watched, and who hears of it.
    pub incidents: Incidents,
}

impl Config {
    /// The configuration in `path`, or the built-in one. Paths in it start at its own folder.
    pub fn load(path: Option<&Path>, around: &Surroundings<'_>) -> Result<Config, ConfigError> {
        let Some(path) = path else {
            return Config::parse(EMBEDDED_NAME, EMBEDDED, around);
        };
        let text =
            surroundings::read_text(path, LARGEST_FILE).map_err(|why| ConfigError::Unreadable {
                path: path.to_owned(),
                why,
            })?;
        let around = around.within(path.parent().unwrap_or(Path::new("")));
        Config::parse(&path.display().to_string(), &text, &around)
    }

    /// The configuration that `text` from `file` describes.
    pub fn parse(file: &str, text: &str, around: &Surroundings<'_>) -> Result<Config, ConfigError> {
        Config::reading(file, text, around).map(|reading| reading.value)
    }

    /// The same, with the keys that the text leaves at their defaults.
    pub fn reading(
        file: &str,
        text: &str,
        around: &Surroundings<'_>,
    ) -> Result<Reading<Config>, ConfigError> {
        reader::read(file, text, around, Config::shape)
    }

    fn shape(root: &mut Section<'_>) -> Option<Config> {
        let timezone = root.optional("timezone").unwrap_or(TimeZone::UTC);
        let home_country = root.optional("home_country");
        let stop_within = root.optional("stop_within").unwrap_or(STOP_WITHIN);
        let http = root.table("http", http::read);
        let log = root.table("log", log::read);
        let telemetry = telemetry::read(root);
        let store = root.table("store", store::read);
        let retention = root.table("retention", retention::read);
        let peers = peers::read(root);
        let sources = sources::read(root);
        let status_page = status_page::read(root);
        let knowledge = root.table("knowledge", knowledge::read);
        let rules = root.table("rules", rules::read);
        let slack = slack::read(root);
        let discord = discord::read(root);
        let permissions = permissions::permissions(root);
        let channels = permissions::channels(root);
        let reports = reports::reports(root);
        let contacts = reports::contacts(root);
        let incidents = incidents::read(root, &channels);
        Some(Config {
            timezone,
            home_country,
            stop_within,
            http: http?,
            log: log?,
            telemetry: telemetry?,
            store: store?,
            retention: retention?,
            peers,
            sources,
            status_page: status_page?,
            knowledge: knowledge?,
            rules: rules?,
            slack: slack?,
            discord: discord?,
            permissions: permissions?,
            channels,
            reports: reports?,
            contacts,
            incidents: incidents?,
        })
    }
}

/// Names that must differ within one kind of section, so that an answer naming one is clear.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn check(&mut self, section: &Section<'_>, name: Option<&str>) {
        let Some(name) = name else {
            return;
        };
        if self.0.iter().any(|other| other == name) {
            let found = format!("found {name:?} a second time");
            section.refuse("name", found, "a name of its own".to_owned());
        }
        self.0.push(name.to_owned());
    }
}
