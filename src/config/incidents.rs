//! `[incidents]`, `[[watches]]` and `[[hooks]]`: what is watched, who hears of it, and what other programs may post
//! here. Says what is configured; conditions and scopes are judged by whoever watches.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use url::Url;

use super::address::WebAddress;
use super::permissions::{Audience, Channel};
use super::reader::{Choice, Refusal, Section, Setting, Value, Written};
use super::secret::Secret;
use super::values::Size;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_secs(30);

/// Requests an hour for all watches, and for one incident.
const REQUESTS: u32 = 900;
const REQUESTS_EACH: u32 = 120;

/// New messages an hour and channel.
const MOST_POSTS: u32 = 12;

/// How long a total outage may stand unacknowledged before the pager is called.
const PAGE_AFTER: Duration = Duration::from_secs(600);

/// The largest body of a hook: Alertmanager's longest ones are some hundred kilobytes.
const LARGEST_BODY: u64 = 1_000_000;

/// Requests a second that a hook takes.
const PER_SECOND: u32 = 200;

/// Everything about incidents.
#[derive(Debug, Clone)]
pub struct Incidents {
    /// The channel of what no watch found.
    pub channel: Option<String>,
    /// How often the log is looked at.
    pub every: Duration,
    /// How many requests an hour the watches may make in all.
    pub requests: u32,
    /// How many for one incident or watch.
    pub requests_each: u32,
    /// How many new messages a channel gets in an hour; zero is no limit.
    pub most_posts: u32,
    /// Quiet hours.
    pub quiet: Option<QuietHours>,
    /// Work that is planned.
    pub planned: Vec<PlannedWork>,
    /// Which channels hear of what besides.
    pub routes: Vec<RouteTo>,
    /// What is called when nobody takes note of a total outage.
    pub pager: Option<Pager>,
    /// Digests.
    pub digests: Vec<DigestTo>,
    /// What is watched.
    pub watches: Vec<WatchOf>,
    /// What other programs may post.
    pub hooks: Vec<Hook>,
}

impl Incidents {
    /// The channels that may hear of some, as in "slack:C012AB3CD", each once.
    #[must_use]
    pub fn channels(&self) -> BTreeSet<&str> {
        let told = self.channel.iter();
        let told = told.chain(self.routes.iter().map(|it| &it.channel));
        let told = told.chain(self.digests.iter().map(|it| &it.channel));
        let told = told.chain(self.watches.iter().map(|it| &it.channel));
        let told = told.chain(self.hooks.iter().filter_map(|it| it.channel.as_ref()));
        told.map(String::as_str).collect()
    }
}

/// Hours in which only what cannot wait is posted.
#[derive(Debug, Clone)]
pub struct QuietHours {
    /// From when.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// In which zone; that of the program where nothing is said.
    pub zone: Option<TimeZone>,
}

/// Work on a carrier or customer that is known beforehand.
#[derive(Debug, Clone)]
pub struct PlannedWork {
    /// On what.
    pub scope: Written,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// What it is.
    pub what: String,
}

/// What a channel hears of.
#[derive(Debug, Clone)]
pub struct RouteTo {
    /// The channel.
    pub channel: String,
    /// How bad it has to be.
    pub severity: Least,
    /// About what.
    pub scope: Option<Written>,
}

/// How bad something has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    /// Anything.
    Minor,
    /// Most calls of a place, or several customers.
    Major,
    /// Everything.
    Total,
}

impl Choice for Least {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("minor", Least::Minor),
        ("major", Least::Major),
        ("total", Least::Total),
    ];
}

/// An address that is called when nobody takes note of a total outage.
#[derive(Debug, Clone)]
pub struct Pager {
    /// The address.
    pub url: Url,
    /// What proves that it is us: sent as a bearer token.
    pub token: Option<Secret>,
    /// After how long.
    pub after: Duration,
}

/// A digest.
#[derive(Debug, Clone)]
pub struct DigestTo {
    /// The channel.
    pub channel: String,
    /// How often.
    pub every: Every,
    /// At what time, in the zone of the program; a weekly one on Mondays.
    pub at: Time,
}

/// How often a digest is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Every day.
    Day,
    /// Every Monday.
    Week,
}

impl Choice for Every {
    const WORDS: &'static [(&'static str, Self)] = &[("day", Every::Day), ("week", Every::Week)];
}

/// A watch.
#[derive(Debug, Clone)]
pub struct WatchOf {
    /// Its name.
    pub name: String,
    /// Which calls.
    pub scope: Option<Written>,
    /// Under which condition.
    pub when: Written,
    /// The channel that hears of it.
    pub channel: String,
}

/// Something that another program may post.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its name, and the last part of its address.
    pub name: String,
    /// What it posts.
    pub kind: HookKind,
    /// What proves that it is that program.
    pub secret: Secret,
    /// The channel that hears of it; that of [`Incidents`] where nothing is said.
    pub channel: Option<String>,
    /// The largest body in bytes.
    pub largest_body: u64,
    /// How many requests a second it takes.
    pub per_second: u32,
}

/// What a hook is posted.
#[derive(Debug, Clone)]
pub enum HookKind {
    /// Prometheus Alertmanager, version 4 of its webhook.
    Alertmanager,
    /// Grafana's alerting.
    Grafana,
    /// Any JSON, by this mapping.
    Json(Box<Mapping>),
}

/// Where in a JSON what stands, each as a JSON pointer (RFC 6901).
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The list of alerts; nothing where the whole is one.
    pub alerts: Option<String>,
    /// What tells an alert from others.
    pub id: Option<String>,
    /// What it says.
    pub title: Option<String>,
    /// More of it.
    pub text: Option<String>,
    /// Where it says whether it goes on.
    pub status: Option<String>,
    /// What stands there when it is over.
    pub resolved: Option<String>,
    /// How bad it is.
    pub severity: Option<String>,
    /// When it began.
    pub starts: Option<String>,
    /// What the calls have in common: customer, carrier, prefix, number, server.
    pub customer: Option<String>,
    /// The carrier.
    pub carrier: Option<String>,
    /// The first digits.
    pub prefix: Option<String>,
    /// The number.
    pub number: Option<String>,
    /// The server.
    pub server: Option<String>,
}

/// The word that says what a hook is posted.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Alertmanager,
    Grafana,
    Json,
}

impl Choice for Kind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("alertmanager", Kind::Alertmanager),
        ("grafana", Kind::Grafana),
        ("json", Kind::Json),
    ];
}

/// A channel with its chat.
struct ChannelName(String);

impl Setting for ChannelName {
    fn allowed() -> String {
        r#"CHAT:ID, as in "slack:C012AB3CD", or "terminal:log" for what the program prints"#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        let (chat, id) = text.split_once(':').ok_or_else(Refusal::plain)?;
        let is_known = matches!(chat, "slack" | "discord" | "terminal");
        if !is_known || id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Refusal::plain());
        }
        Ok(ChannelName(text.to_owned()))
    }
}

/// A time of the day.
struct ClockTime(Time);

impl Setting for ClockTime {
    fn allowed() -> String {
        r#"a time of the day, as in "22:00""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value
            .text()?
            .parse()
            .map(ClockTime)
            .map_err(|_| Refusal::plain())
    }
}

/// A moment.
struct Moment(Timestamp);

impl Setting for Moment {
    fn allowed() -> String {
        r#"a moment with its zone, as in "2026-02-16T22:00:00Z""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value
            .text()?
            .parse()
            .map(Moment)
            .map_err(|_| Refusal::plain())
    }
}

/// A place in a JSON.
struct Pointer(String);

impl Setting for Pointer {
    fn allowed() -> String {
        r#"a JSON pointer, as in "/alert/title""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        (text.starts_with('/') && text.len() <= 200)
            .then(|| Pointer(text.to_owned()))
            .ok_or_else(Refusal::plain)
    }
}

/// The name of something that is part of an address.
struct Slug(String);

impl Setting for Slug {
    fn allowed() -> String {
        "lower-case letters, digits and dashes".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!text.is_empty() && text.len() <= 40 && text.chars().all(fits))
            .then(|| Slug(text.to_owned()))
            .ok_or_else(Refusal::plain)
    }
}

/// The chats that can be told something.
#[derive(Clone, Copy)]
struct Chats<'a> {
    channels: &'a [Channel],
    slack: bool,
    discord: bool,
}

impl Chats<'_> {
    fn channel(self, section: &mut Section<'_>) -> Option<String> {
        let channel = section.optional("channel");
        channel.map(|it| self.configured(section, it))
    }

    fn required_channel(self, section: &mut Section<'_>) -> Option<String> {
        let channel = section.required("channel");
        channel.map(|it| self.configured(section, it))
    }

    /// Refuses a channel of a chat in which the program is not.
    fn configured(self, section: &Section<'_>, ChannelName(channel): ChannelName) -> String {
        let chat = channel.split(':').next().unwrap_or_default();
        let is_there = match chat {
            "slack" => self.slack,
            "discord" => self.discord,
            _ => true,
        };
        let is_read_outside = |it: &Channel| {
            it.audience == Audience::Customer && format!("{}:{}", it.chat, it.id) == channel
        };
        if !is_there {
            let found = format!("found a channel of {chat}, and there is no section [{chat}]");
            let allowed = format!("a channel of another chat, or [{chat}] with its settings");
            section.refuse("channel", found, allowed);
        } else if self.channels.iter().any(is_read_outside) {
            let found = format!("found {channel}, which [[channels]] says that a customer reads");
            let allowed = "a channel of your own people: incidents name others".to_owned();
            section.refuse("channel", found, allowed);
        }
        channel
    }
}

pub(super) fn read(root: &mut Section<'_>, channels: &[Channel]) -> Option<Incidents> {
    let chats = Chats {
        channels,
        slack: root.has("slack"),
        discord: root.has("discord"),
    };
    let watches = watches(root, chats);
    let hooks = hooks(root, chats);
    root.table("incidents", |section| {
        let channel = chats.channel(section);
        let needs = hooks.iter().any(|it| it.channel.is_none());
        if channel.is_none() && needs {
            let allowed = "the channel of hooks that name none".to_owned();
            section.refuse("channel", "missing".to_owned(), allowed);
        }
        let every = section.optional("every").unwrap_or(EVERY);
        if every < Duration::from_secs(5) {
            let allowed = "5s or more: each look is a request".to_owned();
            section.refuse("every", "found less than 5s".to_owned(), allowed);
        }
        Some(Incidents {
            channel,
            every,
            requests: section.optional("requests").unwrap_or(REQUESTS),
            requests_each: section.optional("requests_each").unwrap_or(REQUESTS_EACH),
            most_posts: section.optional("most_posts").unwrap_or(MOST_POSTS),
            quiet: section.optional_table("quiet", quiet)?,
            planned: section.tables("planned", planned),
            routes: section.tables("routes", |it| route(it, chats)),
            pager: section.optional_table("pager", pager)?,
            digests: section.tables("digests", |it| digest(it, chats)),
            watches,
            hooks,
        })
    })
}

fn quiet(section: &mut Section<'_>) -> Option<QuietHours> {
    let from = section.required("from").map(|ClockTime(it)| it);
    let to = section.required("to").map(|ClockTime(it)| it);
    let zone = section.optional("timezone");
    Some(QuietHours {
        from: from?,
        to: to?,
        zone,
    })
}

fn planned(section: &mut Section<'_>) -> Option<PlannedWork> {
    let scope = section.required_written("scope");
    let from = section.required("from").map(|Moment(it)| it);
    let to = section.required("to").map(|Moment(it)| it);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        let found = "found a time that is not after from".to_owned();
        section.refuse("to", found, "the end of the work".to_owned());
    }
    let what = section.required("what");
    Some(PlannedWork {
        scope: scope?,
        from: from?,
        to: to?,
        what: what?,
    })
}

fn route(section: &mut Section<'_>, chats: Chats<'_>) -> Option<RouteTo> {
    let channel = chats.required_channel(section);
    let severity = section.optional("severity").unwrap_or(Least::Minor);
    let scope = section.written("scope");
    Some(RouteTo {
        channel: channel?,
        severity,
        scope,
    })
}

fn pager(section: &mut Section<'_>) -> Option<Pager> {
    let url = section.required("url").map(|WebAddress(url)| url);
    let token = section.optional("token");
    let after = section.optional("after").unwrap_or(PAGE_AFTER);
    Some(Pager {
        url: url?,
        token,
        after,
    })
}

fn digest(section: &mut Section<'_>, chats: Chats<'_>) -> Option<DigestTo> {
    let channel = chats.required_channel(section);
    let every = section.optional("every").unwrap_or(Every::Day);
    let at = section
        .optional("at")
        .map_or(Time::constant(8, 0, 0, 0), |ClockTime(it)| it);
    Some(DigestTo {
        channel: channel?,
        every,
        at,
    })
}

fn watches(root: &mut Section<'_>, chats: Chats<'_>) -> Vec<WatchOf> {
    let mut names = super::Names::default();
    root.tables("watches", |section| {
        let name = section.required("name").map(|Slug(it)| it);
        names.check(section, name.as_deref());
        let scope = section.written("scope");
        let when = section.required_written("when");
        let channel = chats.required_channel(section);
        Some(WatchOf {
            name: name?,
            scope,
            when: when?,
            channel: channel?,
        })
    })
}

fn hooks(root: &mut Section<'_>, chats: Chats<'_>) -> Vec<Hook> {
    let mut names = super::Names::default();
    root.tables("hooks", |section| {
        let name = section.required("name").map(|Slug(it)| it);
        names.check(section, name.as_deref());
        // Two names say of themselves what is posted there.
        let by_name = match name.as_deref() {
            Some("alertmanager") => Some(Kind::Alertmanager),
            Some("grafana") => Some(Kind::Grafana),
            _ => None,
        };
        let kind = match by_name {
            Some(kind) => section.optional("kind").or(Some(kind)),
            None => section.required("kind"),
        };
        let mapping = section.optional_table("mapping", mapping);
        let kind = match kind {
            Some(Kind::Alertmanager) => Some(HookKind::Alertmanager),
            Some(Kind::Grafana) => Some(HookKind::Grafana),
            Some(Kind::Json) => match mapping {
                Some(Some(mapping)) => Some(HookKind::Json(Box::new(mapping))),
                Some(None) => {
                    let allowed = "a section that says where what stands".to_owned();
                    section.refuse("mapping", "missing".to_owned(), allowed);
                    None
                }
                None => None,
            },
            None => None,
        };
        let secret = section.required("secret");
        let channel = chats.channel(section);
        let largest = section
            .optional("largest_body")
            .map_or(LARGEST_BODY, |Size(it)| it);
        let per_second = section.optional("per_second").unwrap_or(PER_SECOND).max(1);
        Some(Hook {
            name: name?,
            kind: kind?,
            secret: secret?,
            channel,
            largest_body: largest,
            per_second,
        })
    })
}

fn mapping(section: &mut Section<'_>) -> Option<Mapping> {
    let mut at = |key: &'static str| section.optional(key).map(|Pointer(it)| it);
    let mapping = Mapping {
        alerts: at("alerts"),
        id: at("id"),
        title: at("title"),
        text: at("text"),
        status: at("status"),
        severity: at("severity"),
        starts: at("starts"),
        customer: at("customer"),
        carrier: at("carrier"),
        prefix: at("prefix"),
        number: at("number"),
        server: at("server"),
        resolved: None,
    };
    let resolved = section.optional("resolved");
    if mapping.title.is_none() {
        section.refuse("title", "missing".to_owned(), Pointer::allowed());
        return None;
    }
    Some(Mapping {
        resolved,
        ..mapping
    })
}
