//! A platform's published incident, and whether it may explain a call. Compares times and the names
//! of components; fetches no page, and what follows for a verdict is decided elsewhere.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::sip::Certainty;

/// How much earlier or later than published an incident may truly have begun or ended: people write
/// it down after they notice it.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// Where a page does not say when an incident began or ended, it is taken to have gone on so long
/// before and after what was last written about it, and no longer.
const UNSAID: SignedDuration = SignedDuration::from_hours(24);

/// What a platform says went wrong on its side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its headline.
    pub title: String,
    /// What was written about it, instructions among it: plain text, the newest first, each update
    /// on lines of its own.
    pub text: String,
    /// The components that it names; none means that it names none.
    pub components: Vec<String>,
    /// How far it is.
    pub progress: Progress,
    /// The page's own word for that, as in "monitoring".
    pub status: String,
    /// The page's own word for how bad it is, as in "major"; empty where there is none.
    pub impact: String,
    /// When it began, as far as the page says.
    pub started: Option<Timestamp>,
    /// When it ended, as far as the page says.
    pub resolved: Option<Timestamp>,
    /// When it was last written about, as far as the page says.
    pub updated: Option<Timestamp>,
    /// Where to read more.
    pub link: Option<String>,
}

/// How far an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// Work that is announced and has not begun.
    Announced,
    /// It goes on, as far as is known.
    Open,
    /// It is over.
    Over,
    /// The page does not say whether it goes on.
    Unsaid,
}

/// What of a call an incident is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its first sign.
    pub began: Timestamp,
    /// Its last sign.
    pub ended: Timestamp,
    /// Names of what it used on the platform: servers, zones, cities, regions, as in "fr1js3",
    /// "London", "Europe".
    pub places: Vec<String>,
    /// What it used of the platform's services.
    pub used: Used,
}

/// What a call used of a platform's services, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Whether it came in, to a customer.
    pub comes_in: Option<bool>,
    /// Whether it is no call and a registration.
    pub registers: Option<bool>,
    /// Whether it was answered, so that there was audio.
    pub is_answered: Option<bool>,
}

/// What an incident has to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// How sure it is that the incident touched the call. Never certain: that stands in no packet.
    pub certainty: Certainty,
    /// Why, completing "the incident …".
    pub why: String,
}

/// Names of what carries calls, as pages of incidents write them.
const CALLS: &[&str] = &[
    "call",
    "calls",
    "calling",
    "did",
    "dids",
    "inbound",
    "media",
    "origination",
    "outbound",
    "pstn",
    "registration",
    "registrations",
    "routing",
    "rtp",
    "sip",
    "switch",
    "switching",
    "telephony",
    "termination",
    "trunk",
    "trunking",
    "trunks",
    "voice",
    "voip",
];

/// Names of what carries none.
const NOT_CALLS: &[&str] = &[
    "admin",
    "api",
    "billing",
    "chat",
    "dashboard",
    "docs",
    "documentation",
    "email",
    "invoice",
    "invoices",
    "invoicing",
    "login",
    "panel",
    "payment",
    "payments",
    "portal",
    "reporting",
    "reports",
    "sms",
    "statistics",
    "support",
    "tickets",
    "ui",
    "website",
];

/// Words that name nothing by themselves.
const FILLERS: &[&str] = &[
    "and", "control", "cloud", "core", "customer", "engine", "gateway", "gateways", "network",
    "of", "platform", "server", "servers", "service", "services", "system", "systems", "the",
    "web",
];

impl Incident {
    /// What it has to do with a call; nothing where it was at another time or of something that
    /// calls do not use. A component that is not known can only make it possible.
    #[must_use]
    pub fn relation(&self, call: &Call) -> Option<Relation> {
        let (in_time, when) = self.overlap(call)?;
        let (concerned, what) = self.concern(call)?;
        Some(Relation {
            certainty: in_time.min(concerned),
            why: format!("{when} and {what}"),
        })
    }

    /// Whether its headline or a component of it has all words of a name in it; none is named by no words.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        let wanted: Vec<String> = words(name).collect();
        let has_all = |text: &String| {
            let words: Vec<String> = words(text).collect();
            wanted.iter().all(|word| words.contains(word))
        };
        let mut texts = self.components.iter().chain([&self.title]);
        !wanted.is_empty() && texts.any(has_all)
    }

    /// Whether it went on during the call.
    fn overlap(&self, call: &Call) -> Option<(Certainty, String)> {
        if self.progress == Progress::Announced {
            return None;
        }
        let written = self.updated.or(self.started).or(self.resolved);
        let (earliest, begin) = match self.started {
            Some(started) => (plus(started, -MARGIN), format!("began {}", minute(started))),
            None => {
                let unsaid = "began at a time that the page does not say".to_owned();
                let earliest = written.map(|at| plus(at, -UNSAID));
                (earliest.unwrap_or(Timestamp::MIN), unsaid)
            }
        };
        let (latest, end) = match (self.resolved, self.progress) {
            (Some(resolved), _) => (
                plus(resolved, MARGIN),
                format!("ended {}", minute(resolved)),
            ),
            (None, Progress::Open | Progress::Announced) => (Timestamp::MAX, "goes on".to_owned()),
            (None, Progress::Over | Progress::Unsaid) => {
                let unsaid = "ended at a time that the page does not say".to_owned();
                let latest = written.map(|at| plus(at, UNSAID));
                (latest.unwrap_or(Timestamp::MAX), unsaid)
            }
        };
        if call.ended < earliest || latest < call.began {
            return None;
        }
        let is_end_said = self.resolved.is_some() || self.progress == Progress::Open;
        // By the page's own times it went on; else only if those are a little late.
        let is_within = self.started.is_some_and(|started| started <= call.ended)
            && self.resolved.is_none_or(|resolved| call.began <= resolved);
        let certainty = if is_within && is_end_said {
            Certainty::Likely
        } else {
            Certainty::Possible
        };
        Some((certainty, format!("{begin}, {end}")))
    }

    /// Whether the call used what it is about.
    fn concern(&self, call: &Call) -> Option<(Certainty, String)> {
        if self.components.is_empty() {
            // Whatever else stands in a headline: it is about this where it names calls and a place of the call.
            let is_told = used(&self.title, call)? == Certainty::Likely
                && words(&self.title).any(|word| CALLS.contains(&word.as_str()))
                && names_a_place(&self.title, call);
            return Some(match is_told {
                true => (
                    Certainty::Likely,
                    "names a place that the call used".to_owned(),
                ),
                false => (Certainty::Possible, "names no component".to_owned()),
            });
        }
        let judged = self.components.iter().filter_map(|component| {
            let certainty = used(component, call)?;
            Some((certainty, component))
        });
        // The first of the surest, so that the order of the page decides among equals.
        let (certainty, component) =
            judged.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        let what = match certainty {
            Certainty::Possible => format!("names {component:?}, which the call may have used"),
            _ => format!("names {component:?}, which the call used"),
        };
        Some((certainty, what))
    }
}

/// Whether a text names a place of the call: all of its words, "New York" and not any "New".
fn names_a_place(text: &str, call: &Call) -> bool {
    let words: Vec<_> = words(text).collect();
    let mut places = call
        .places
        .iter()
        .map(|place| self::words(place).collect::<Vec<_>>());
    places.any(|place| !place.is_empty() && place.iter().all(|word| words.contains(word)))
}

/// Whether a call used a component: by its name alone, since pages say no more of it.
fn used(component: &str, call: &Call) -> Option<Certainty> {
    let words: Vec<_> = words(component).collect();
    let places: Vec<Vec<String>> = call
        .places
        .iter()
        .map(|place| self::words(place).collect())
        .collect();
    let is_place = |word: &String| places.iter().flatten().any(|place| place == word);
    let named = |names: &[&str], word: &String| names.contains(&word.as_str());
    let carries = |word: &String| named(CALLS, word);
    let telling: Vec<_> = words.iter().filter(|word| !named(FILLERS, word)).collect();
    let at_a_place = names_a_place(component, call);
    let not_calls = telling.iter().any(|word| named(NOT_CALLS, word));
    let carrying: Vec<&str> = telling
        .iter()
        .filter(|word| carries(word))
        .map(|word| word.as_str())
        .collect();
    let calls = !carrying.is_empty();
    if not_calls && !calls {
        return None;
    }
    let served = served(&carrying, call.used)?;
    let all_known =
        !telling.is_empty() && telling.iter().all(|word| carries(word) || is_place(word));
    if at_a_place || (all_known && calls) {
        return Some(if not_calls {
            Certainty::Possible
        } else {
            served
        });
    }
    Some(Certainty::Possible)
}

/// Whether a call used the services of these names; nothing where it used none of them. Names of no service in
/// particular are those of all.
fn served(names: &[&str], used: Used) -> Option<Certainty> {
    let services: Vec<Service> = names.iter().filter_map(|name| Service::of(name)).collect();
    if services.is_empty() {
        return Some(Certainty::Likely);
    }
    services.iter().filter_map(|it| it.served(used)).max()
}

/// A service of a platform that not every call uses.
enum Service {
    Inbound,
    Outbound,
    Registration,
    Media,
}

impl Service {
    fn of(name: &str) -> Option<Service> {
        match name {
            "did" | "dids" | "inbound" | "origination" => Some(Service::Inbound),
            "outbound" | "termination" => Some(Service::Outbound),
            "registration" | "registrations" => Some(Service::Registration),
            "media" | "rtp" => Some(Service::Media),
            _ => None,
        }
    }

    fn served(&self, used: Used) -> Option<Certainty> {
        let likely_unless = |other: bool| match other {
            true => Certainty::Possible,
            false => Certainty::Likely,
        };
        match self {
            Service::Inbound => (used.comes_in != Some(false)).then_some(Certainty::Likely),
            Service::Outbound => (used.comes_in != Some(true)).then_some(Certainty::Likely),
            // A user who is not registered is not reached.
            Service::Registration => Some(likely_unless(used.registers == Some(false))),
            // Without a media server some calls are refused.
            Service::Media => Some(likely_unless(used.is_answered == Some(false))),
        }
    }
}

/// The words of a name, in small letters.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// A moment moved, as far as the calendar goes.
fn plus(moment: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    moment.checked_add(by).unwrap_or(end)
}

fn minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
