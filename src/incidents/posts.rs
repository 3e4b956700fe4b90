//! What stands in a channel: the card of an incident, what its thread is told, and which message that is. Draws values;
//! sends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::grouping::{Axis, Cause};
use super::life::{AGREEING, CARRIER, Incident, Severity, State, Turn};
use super::mute::Mute;
use crate::diagnosis::patterns::Share;
use crate::render::incident::{CHART_MINUTES, Exemplar, IncidentCard, Press, Shade};

/// So many calls are shown as examples.
const EXAMPLES: usize = 3;

/// What is said of an incident that went into another one, before the id of that.
pub(super) const JOINED: &str = "joined into ";

/// Names beyond these are counted.
const MOST_NAMES: usize = 3;

/// How far the delivery of a message is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum Stage {
    /// It is being sent: whether it stands is not known.
    Sending,
    /// It stands.
    Standing {
        /// Its id in the chat.
        message: String,
    },
    /// It has to be sent again.
    Failed {
        /// Not before.
        until: Timestamp,
        /// How often it failed.
        times: u32,
    },
    /// It can never be sent there.
    Refused,
}

/// The message of an incident in one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The channel, as in "slack:C012AB3CD".
    pub channel: String,
    /// What the message carries, so that it is found again.
    pub key: String,
    /// How far it is.
    pub stage: Stage,
    /// What it shows, in short.
    pub shown: u64,
    /// When it was last changed.
    pub edited: Timestamp,
    /// What its thread has still to be told: a key and a text each.
    pub to_say: Vec<(String, String)>,
    /// How often its thread was told something.
    pub told: usize,
    /// How often sending it failed.
    #[serde(default)]
    pub failures: u32,
    /// Whether something is being said in its thread at the moment.
    #[serde(skip)]
    pub saying: bool,
}

impl Post {
    /// One that is being sent.
    #[must_use]
    pub fn new(channel: String, key: String, now: Timestamp) -> Post {
        Post {
            channel,
            key,
            stage: Stage::Sending,
            shown: 0,
            edited: now,
            to_say: Vec::new(),
            told: 0,
            failures: 0,
            saying: false,
        }
    }
}

/// For whom a card is drawn.
pub struct Reader<'a> {
    /// How times are written.
    pub time: &'a dyn Fn(Timestamp) -> String,
    /// The mute that keeps it quiet.
    pub mute: Option<&'a Mute>,
}

/// A length as people say it.
#[must_use]
pub fn spoken(length: SignedDuration) -> String {
    let minutes = length.as_mins();
    match (minutes / 60, minutes % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn names(counts: impl Iterator<Item = (String, usize)>) -> String {
    let mut counts: Vec<(String, usize)> = counts.collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rest = counts.len().saturating_sub(MOST_NAMES);
    let told = counts
        .iter()
        .take(MOST_NAMES)
        .map(|(name, times)| format!("{name} {times}×"));
    let mut told: Vec<String> = told.collect();
    if rest > 0 {
        told.push(format!("{rest} more"));
    }
    told.join(", ")
}

/// The first of some texts, and how many more there are.
fn some(texts: BTreeSet<String>) -> String {
    let rest = texts.len().saturating_sub(MOST_NAMES);
    let mut told: Vec<String> = texts.into_iter().take(MOST_NAMES).collect();
    if rest > 0 {
        told.push(format!("{rest} more"));
    }
    told.join(", ")
}

fn named<K: ToString>(counts: &BTreeMap<K, usize>) -> String {
    names(
        counts
            .iter()
            .map(|(name, times)| (name.to_string(), *times)),
    )
}

/// The headline: the cause with numbers.
#[must_use]
pub fn headline(it: &Incident) -> String {
    let share = it.share();
    let code = it
        .codes
        .iter()
        .max_by_key(|(_, times)| **times)
        .map(|(code, _)| *code);
    let with = |code: Option<u16>| code.map_or_else(String::new, |code| format!(", mostly {code}"));
    match it.cause.axis {
        Axis::Announced => match it.all {
            0 => format!("The platform announces: {}", it.cause.value),
            _ => format!(
                "The platform announces: {} ({} of {} calls there failed)",
                it.cause.value, share.part, share.whole
            ),
        },
        Axis::Alert => match it.alerted {
            0 | 1 => it.cause.value.clone(),
            several => format!("{}: {several} alerts", it.cause.value),
        },
        Axis::Silence => format!("No call at all: watch {}", it.cause.value),
        Axis::Source | Axis::Bot => it.cause.value.clone(),
        Axis::Watch => format!("Watch {}: {}", it.cause.value, it.said),
        Axis::Everything => format!(
            "{} of {} calls failed{}",
            share.part,
            share.whole,
            with(code)
        ),
        _ => {
            let place = it.cause.to_string();
            format!(
                "{} of {} {place} failed{}",
                share.part,
                share.whole,
                with(code)
            )
        }
    }
}

/// What is written in the thread at a turning point.
#[must_use]
pub fn turned(it: &Incident, turn: &Turn, time: &dyn Fn(Timestamp) -> String) -> String {
    match turn {
        Turn::Worse(severity) => format!("Now {}: {}.", severity.word(), headline(it)),
        Turn::Party(party) => format!(
            "{} calls looked at agree: likely {party}. {}",
            it.examples.len(),
            it.rule().map_or("", |it| it.headline.as_str())
        ),
        Turn::Spread(customers) => format!("{customers} customers are hit by now."),
        Turn::Back(after) => format!("It is back, {} after it was over.", spoken(*after)),
        Turn::Over => over(it, time),
    }
}

/// The summary of what is over.
fn over(it: &Incident, time: &dyn Fn(Timestamp) -> String) -> String {
    if let Some(other) = it.said.strip_prefix(JOINED) {
        return format!("Joined: {other} tells of it from now on.");
    }
    let lasted = match it.again {
        Some(_) => format!("{} in all, with pauses", spoken(it.lasted())),
        None => spoken(it.lasted()),
    };
    let (began, last) = (time(it.began), time(it.last_sign));
    match it.cause.axis {
        Axis::Source => format!("It answers again. It was away for {lasted}, since {began}."),
        Axis::Silence => format!("Calls come again. There was none for {lasted}, since {began}."),
        Axis::Announced => {
            format!("The platform says that it is over. It lasted {lasted}, since {began}.")
        }
        Axis::Alert => format!("All alerts are resolved. It lasted {lasted}, since {began}."),
        Axis::Bot => format!("It was away for {lasted}, from {began} to {last}."),
        Axis::Watch => format!("Over: as usual since {last}. It lasted {lasted}, since {began}."),
        _ => {
            let share = it.share();
            let calls = match it.after {
                (0, _) => {
                    "no call was seen there since, so whether it is cured is not known".to_owned()
                }
                (all, 0) => format!("all {all} calls since went well"),
                (all, lost) => format!("of {all} calls since {lost} were lost, as some always are"),
            };
            format!(
                "Over since {last}: {calls}. It lasted {lasted}, since {began}; {} of {} calls were lost.",
                share.part, share.whole
            )
        }
    }
}

/// The card of an incident.
#[must_use]
pub fn card(it: &Incident, reader: &Reader<'_>, now: Timestamp) -> IncidentCard {
    let time = reader.time;
    let (chart, chart_says) = chart(it, now, time);
    IncidentCard {
        id: it.id.clone(),
        headline: headline(it),
        tone: match (&it.state, it.severity) {
            (State::Closed { .. }, _) => Shade::Good,
            (State::Calm { .. }, _) | (_, Severity::Minor) => Shade::Warning,
            _ => Shade::Bad,
        },
        state: state(it, time),
        facts: facts(it, time),
        chart,
        chart_says,
        examples: examples(it),
        next: next(it),
        notes: notes(it, reader),
        buttons: buttons(it, reader.mute.is_some()),
    }
}

/// What its lost calls have in common, a sentence each, for ourselves and the platform; and what the one carrier may be
/// told that all of them went to.
#[must_use]
pub fn commonality(
    it: &Incident,
    time: &dyn Fn(Timestamp) -> String,
) -> (Vec<String>, Option<String>) {
    let told = ["Only there?", "Customers", "Carriers", "Dialled", "Codes"];
    let facts = facts(it, time).into_iter();
    let facts = facts.filter(|(label, _)| told.contains(&label.as_str()));
    let since = format!("{}, since {}.", headline(it), time(it.began));
    let share = it.share();
    // Of other causes a carrier would learn of our customers.
    let for_carrier = (it.cause.axis == Axis::Carrier).then(|| {
        format!(
            "Of {} calls that we sent to you since {} {} were not connected.",
            share.whole,
            time(it.began),
            share.part
        )
    });
    let facts = facts.map(|(label, text)| format!("{}: {text}.", label.trim_end_matches('?')));
    (std::iter::once(since).chain(facts).collect(), for_carrier)
}

/// So many calls show what is wrong: no support reads more.
const MOST_SHOWN: usize = 5;

/// The calls that show best what is wrong, by their Call-IDs: those of the rule that most agree on.
#[must_use]
pub fn shown_by(it: &Incident) -> Vec<String> {
    let Some(best) = it.rule() else {
        return Vec::new();
    };
    let others = it.examples.iter();
    let others = others.filter(|other| other.rule == best.rule && other.call_id != best.call_id);
    std::iter::once(best)
        .chain(others)
        .take(MOST_SHOWN)
        .map(|it| it.call_id.clone())
        .collect()
}

fn state(it: &Incident, time: &dyn Fn(Timestamp) -> String) -> String {
    let word = it.severity.word();
    match &it.state {
        State::Open => match it.again {
            Some(again) => format!(
                "Open again since {}, first since {} · {word}",
                time(again),
                time(it.began)
            ),
            None => format!("Open since {} · {word}", time(it.began)),
        },
        State::Calm { since } => {
            let closes = since.checked_add(it.measure.window * 3).unwrap_or(*since);
            format!(
                "Calm since {}; over at {} if it stays so · {word}",
                time(*since),
                time(closes)
            )
        }
        State::Closed { .. } => over(it, time),
    }
}

fn facts(it: &Incident, time: &dyn Fn(Timestamp) -> String) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, text: String| {
        if !text.is_empty() {
            facts.push((label.to_owned(), text));
        }
    };
    if it.lost > 0 {
        let (part, whole) = it.elsewhere;
        let elsewhere = Share { part, whole };
        let there = it.share();
        let others = match whole {
            0 => String::new(),
            _ => format!(
                "; of all other calls when it was noticed {part} of {whole} ({} %)",
                elsewhere.percent()
            ),
        };
        fact(
            "Only there?",
            format!("{} % lost there{others}", there.percent()),
        );
        if it.cause.axis != Axis::Customer {
            fact("Customers", named(&it.customers));
        }
        if it.cause.axis != Axis::Carrier {
            fact("Carriers", named(&it.carriers));
        }
        fact(
            "Dialled",
            names(
                it.prefixes
                    .iter()
                    .map(|(it, times)| (format!("{it}…"), *times)),
            ),
        );
        fact("Codes", named(&it.codes));
        let (_, since) = it.after;
        if since > 0 {
            let these = match since {
                1 => "1 call that was".to_owned(),
                several => format!("{several} calls that were"),
            };
            fact(
                "These count",
                format!("also {these} lost since then, as some always are"),
            );
        }
    }
    if !it.joined.is_empty() {
        let joined: Vec<String> = it.joined.iter().map(Cause::to_string).collect();
        fact("Joined", joined.join("; "));
    }
    if let Some((title, link)) = &it.announced {
        fact("Status page", format!("{title} {link}").trim().to_owned());
    }
    if it.cause.axis == Axis::Alert || !it.alerts.is_empty() {
        let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
        for alert in it.alerts.values() {
            *titles.entry(alert.title.as_str()).or_default() += 1;
        }
        fact("Alerts", named(&titles));
        let about: BTreeSet<String> = it
            .alerts
            .values()
            .filter_map(|it| Some(it.scope()?.to_string()))
            .collect();
        fact("About", some(about));
    }
    let examples = it.examples.len();
    if examples > 0 {
        let (party, act) = match it.party() {
            Some(party) => (
                format!("likely {party}"),
                it.rule().map_or("", |it| it.to_act.as_str()),
            ),
            None if it.is_of_several_carriers() => (
                format!(
                    "no single carrier: {} of them fail alike",
                    it.carriers.len()
                ),
                "",
            ),
            None if it.examples.iter().all(|it| it.party.is_empty()) => (
                "not known: no call that was looked at names one".to_owned(),
                "",
            ),
            None => (
                format!("not certain: fewer than {AGREEING} calls agree, or they name several"),
                "",
            ),
        };
        fact(
            "Party",
            format!(
                "{party} ({examples} of {} looked at)",
                it.share().part.max(examples)
            ),
        );
        let several = it.is_of_several_carriers();
        if !several || act != CARRIER {
            fact("To act", act.to_owned());
        }
        if several && it.cause.axis != Axis::Prefix {
            fact("All looked at used", shared(it).join(", "));
        }
    }
    if matches!(
        it.cause.axis,
        Axis::Announced | Axis::Source | Axis::Alert | Axis::Bot | Axis::Silence
    ) {
        fact("Says", it.said.clone());
    }
    if let Some(it) = &it.acknowledged {
        fact("Acknowledged", format!("{} at {}", it.by, time(it.at)));
    }
    facts
}

/// Lost calls a minute, from a little before it began until now or its end.
fn chart(it: &Incident, now: Timestamp, time: &dyn Fn(Timestamp) -> String) -> (Vec<u32>, String) {
    if it.lost == 0 {
        return (Vec::new(), String::new());
    }
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    let last = minute(it.closed().unwrap_or(now));
    let long = i64::try_from(CHART_MINUTES).unwrap_or(60);
    let first = (minute(it.began) - 5).max(last - long + 1);
    let of = |at: i64| it.minutes.get(&at).map_or(0, |it| it.lost);
    let from = Timestamp::from_second(first * 60).unwrap_or(now);
    let to = Timestamp::from_second(last * 60).unwrap_or(now);
    (
        (first..=last).map(of).collect(),
        format!("lost calls a minute, {} to {}", time(from), time(to)),
    )
}

fn examples(it: &Incident) -> Vec<Exemplar> {
    let shown = it.examples.iter().take(EXAMPLES);
    let exemplar = |it: &super::signal::Example| Exemplar {
        call_id: it.call_id.clone(),
        says: format!("{} [{}]", it.headline, it.rule),
    };
    shown.map(exemplar).collect()
}

/// What its calls share on the platform: by the names that people give it where there are any, else by addresses.
fn shared(it: &Incident) -> Vec<&str> {
    let places = it.places();
    let is_address = |it: &&&str| it.parse::<IpAddr>().is_ok();
    let named: Vec<&str> = places
        .iter()
        .filter(|it| !is_address(it))
        .copied()
        .collect();
    match named.is_empty() {
        true => places.into_iter().collect(),
        false => named,
    }
}

fn next(it: &Incident) -> Vec<String> {
    if !it.is_open() {
        return Vec::new();
    }
    let several = it.is_of_several_carriers() && it.rule().is_some_and(|it| it.to_act == CARRIER);
    let several = several.then(|| {
        let look = match (it.cause.axis, shared(it).as_slice()) {
            // They share what was dialled, whatever server they went through.
            (Axis::Prefix, _) => {
                "ask one of them what it is told behind it, and look at the called network, before you ask the others"
                    .to_owned()
            }
            (_, []) => "look at their server and its way out before you ask any of them".to_owned(),
            (_, places) => format!(
                "look at what these calls share, {} and its way out, before you ask any of them",
                places.join(", ")
            ),
        };
        format!("{} carriers fail alike: {look}.", it.carriers.len())
    });
    // Calls that were lost when another program raised an alert need not be lost by what it is about.
    let is_its = it.cause.axis != Axis::Alert || it.party().is_some();
    let of_calls = it
        .rule()
        .filter(|_| is_its)
        .map(|it| it.next.clone())
        .filter(|it| !it.is_empty());
    let own = match it.cause.axis {
        Axis::Source => Some(
            "Look whether the platform's API answers: `calltriage doctor`. Until then nothing is watched there.",
        ),
        Axis::Silence => {
            Some("Make a test call, and look whether customers' devices are registered.")
        }
        _ => None,
    };
    let announced = it
        .announced
        .as_ref()
        .filter(|_| it.lost > 0)
        .map(|(title, link)| {
            let text = format!(
                "Follow what the platform announces before you report these calls: {title} {link}"
            );
            text.trim().to_owned()
        });
    let next = several.or(of_calls).or(own.map(str::to_owned));
    announced.into_iter().chain(next).collect()
}

fn notes(it: &Incident, reader: &Reader<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(mute) = reader.mute {
        let until = match mute.until {
            Some(until) => format!("until {}", (reader.time)(until)),
            None => "until it is over".to_owned(),
        };
        notes.push(format!(
            "Muted by {} {until}: this message goes on being edited, its thread is quiet.",
            mute.by
        ));
    }
    if !it.measure.watch.is_empty() {
        notes.push(format!(
            "{} · watch {} ({})",
            it.id, it.measure.watch, it.measure.condition
        ));
    } else {
        notes.push(it.id.clone());
    }
    notes
}

fn buttons(it: &Incident, muted: bool) -> Vec<Press> {
    let press = |name, label, command: String| Press {
        name,
        label,
        command,
    };
    let mut all = Vec::new();
    if it.is_open() {
        if it.acknowledged.is_none() {
            all.push(press(
                "ack",
                "Acknowledge",
                format!("acknowledge {}", it.id),
            ));
        }
        match muted {
            true => all.push(press("unmute", "Unmute", format!("unmute {}", it.id))),
            false => {
                all.push(press(
                    "mute",
                    "Mute 1 h",
                    format!("mute {} --for 1h", it.id),
                ));
                all.push(press(
                    "silence",
                    "Mute until resolved",
                    format!("mute {}", it.id),
                ));
            }
        }
    }
    if it.lost > 0 || it.alerted > 1 {
        all.push(press("list", "Full list", format!("incidents {}", it.id)));
    }
    if it.rule().is_some() {
        let command = format!("report {}", it.id);
        all.push(press("report", "Report a problem", command));
    }
    all
}
