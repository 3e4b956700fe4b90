//! A watch: which calls, under which condition, over which sliding window; and how both are written. Pure: counts what
//! it is given, fetches nothing and reads no clock.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::grouping::{Axis, Cause};
use super::signal::{Seen, digits};
use crate::config::duration;
use crate::diagnosis::patterns::{Share, median};

/// The shortest window: records come late.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// The longest one: the calls of it are kept in memory.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// Fewer calls than this say nothing of a share.
pub const FEWEST: usize = 30;

/// What is rising where no factor is given: so many times as usual.
const FACTOR: u32 = 3;

/// One thing that calls are chosen by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// One number, caller or called.
    Number(String),
    /// The first digits of the called number.
    Prefix(String),
    /// A customer by number or name.
    Customer(String),
    /// A carrier by number or name.
    Carrier(String),
    /// One of the platform's servers.
    Server(String),
}

/// Which calls: all parts hold; none means all calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Scope(pub Vec<Part>);

impl Scope {
    /// Whether a call is in it.
    #[must_use]
    pub fn holds(&self, call: &Seen) -> bool {
        self.0.iter().all(|part| part.holds(call))
    }

    /// Whether all calls of a cause are in it.
    #[must_use]
    pub fn covers(&self, cause: &Cause) -> bool {
        match (self.0.as_slice(), cause.axis) {
            ([], _) => cause.is_of_calls(),
            ([Part::Prefix(it)], Axis::Prefix) => cause.value.starts_with(it.as_str()),
            ([Part::Customer(it)], Axis::Customer) | ([Part::Carrier(it)], Axis::Carrier) => {
                is_called(&cause.value, it)
            }
            ([Part::Server(it)], Axis::Server) => cause.value == *it,
            _ => false,
        }
    }

    /// The cause that it is itself, as its calls name it; nothing where it is more than one thing.
    #[must_use]
    pub fn cause(&self, of: &[&Seen]) -> Option<Cause> {
        let name = |named: fn(&Seen) -> Option<&super::signal::Named>| {
            of.iter().find_map(|it| named(it)).map(|it| it.name.clone())
        };
        match self.0.as_slice() {
            [] => Some(Cause::new(Axis::Everything, "")),
            [Part::Prefix(it)] => Some(Cause::new(Axis::Prefix, it.as_str())),
            [Part::Server(it)] => Some(Cause::new(Axis::Server, it.as_str())),
            [Part::Customer(_)] => {
                name(|it| it.customer.as_ref()).map(|it| Cause::new(Axis::Customer, it))
            }
            [Part::Carrier(_)] => {
                name(|it| it.carrier.as_ref()).map(|it| Cause::new(Axis::Carrier, it))
            }
            _ => None,
        }
    }
}

impl Part {
    fn holds(&self, call: &Seen) -> bool {
        let is = |named: &Option<super::signal::Named>, wanted: &str| {
            named.as_ref().is_some_and(|it| is_called(&it.name, wanted))
        };
        match self {
            Part::Number(number) => call.from == *number || call.to == *number,
            Part::Prefix(prefix) => call.to.starts_with(prefix.as_str()),
            Part::Customer(wanted) => is(&call.customer, wanted),
            Part::Carrier(wanted) => is(&call.carrier, wanted),
            Part::Server(wanted) => call.server.as_ref() == Some(wanted),
        }
    }
}

/// Whether a customer or carrier, named as in `Acme (#12)`, is what somebody wrote: its number, its name, or both.
fn is_called(name: &str, wanted: &str) -> bool {
    let wanted = wanted.trim().trim_start_matches('#');
    let (plain, id) = name.rsplit_once('#').unwrap_or((name, ""));
    let plain = plain.trim_end_matches(" (");
    let is = |it: &str| !it.is_empty() && it.eq_ignore_ascii_case(wanted);
    is(id.trim_end_matches(')')) || is(plain) || is(name)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("all");
        }
        for (at, part) in self.0.iter().enumerate() {
            let (kind, value) = match part {
                Part::Number(it) => ("number", it),
                Part::Prefix(it) => ("prefix", it),
                Part::Customer(it) => ("customer", it),
                Part::Carrier(it) => ("carrier", it),
                Part::Server(it) => ("server", it),
            };
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{kind}:{value}")?;
        }
        Ok(())
    }
}

/// What may stand as a scope.
pub const SCOPES: &str = "all, or one or more of number:441632960001, prefix:44, customer:105, carrier:12, server:fr1, \
                          with blanks between";

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Scope, String> {
        let wrong = |word: &str| format!("{word:?} is no scope; write {SCOPES}");
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Scope::default());
        }
        let mut parts = Vec::new();
        for word in text.split_whitespace() {
            let (kind, value) = word.split_once(':').ok_or_else(|| wrong(word))?;
            let number = || Some(digits(value)).filter(|it| !it.is_empty());
            let name =
                || Some(value.trim_start_matches('#').to_owned()).filter(|it| !it.is_empty());
            let part = match kind.to_ascii_lowercase().as_str() {
                "number" => number().map(Part::Number),
                "prefix" => number().map(Part::Prefix),
                "customer" => name().map(Part::Customer),
                "carrier" => name().map(Part::Carrier),
                "server" => name().map(Part::Server),
                _ => None,
            };
            parts.push(part.ok_or_else(|| wrong(word))?);
        }
        if parts.is_empty() {
            return Err(wrong(text));
        }
        Ok(Scope(parts))
    }
}

/// What rises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rise {
    /// Lost calls of whatever cause.
    Failures,
    /// Calls with this code.
    Code(u16),
    /// Calls that this rule explains, among those that were diagnosed.
    Rule(String),
}

/// What has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// So many lost calls of one cause.
    Failures(usize),
    /// The answer-seizure ratio (ITU-T E.425) is surely below so many percent.
    AsrBelow(u32),
    /// The network effectiveness ratio (ITU-T E.425) is surely below so many percent.
    NerBelow(u32),
    /// The middle of the post-dial delays is above so many milliseconds.
    PddAbove(u32),
    /// Something is so many times as usual.
    Rising(Rise, u32),
    /// No call at all.
    NoTraffic,
}

/// A condition over a sliding window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What has to hold.
    pub when: When,
    /// How long the window is.
    pub window: SignedDuration,
}

impl Condition {
    /// Whether it cannot hold where the records show no call that was not answered.
    #[must_use]
    pub fn counts_failures(&self) -> bool {
        !matches!(self.when, When::PddAbove(_) | When::NoTraffic)
    }
}

/// What may stand as a condition.
pub const CONDITIONS: &str = "one of \"failures >= 10 in 5m\", \"asr below 40% in 15m\", \"ner below 90% in 15m\", \
                              \"pdd above 6s in 15m\", \"code 503 rising in 15m\", \"failures rising 3x in 15m\", \
                              \"rule no-circuits rising in 1h\", \"no traffic in 10m\"";

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let wrong = || format!("{text:?} is no condition; write {CONDITIONS}");
        let spaced = [">=", "<=", ">", "<"]
            .iter()
            .fold(text.to_lowercase(), |text, sign| {
                // Longer signs come first and are not taken apart again.
                match text.contains('=') && sign.len() == 1 {
                    true => text,
                    false => text.replace(sign, &format!(" {sign} ")),
                }
            });
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let (what, window) = match words.as_slice() {
            [what @ .., "in", window] => (what, *window),
            _ => return Err(wrong()),
        };
        let window = duration(window).and_then(|it| SignedDuration::try_from(it).ok());
        let window = window.ok_or_else(wrong)?;
        if window < SHORTEST || window > LONGEST {
            return Err(format!(
                "a window of {window:#} is not watched; write one between 1m and 6h"
            ));
        }
        let percent = |text: &str| {
            let number = text.trim_end_matches('%').parse::<u32>().ok();
            number.filter(|it| (1..=100).contains(it)).ok_or_else(wrong)
        };
        let factor = |text: &str| {
            let number = text.strip_suffix('x').and_then(|it| it.parse::<u32>().ok());
            number.filter(|it| (2..=100).contains(it)).ok_or_else(wrong)
        };
        let code = |text: &str| {
            let number = text.parse::<u16>().ok();
            number
                .filter(|it| (300..700).contains(it))
                .ok_or_else(wrong)
        };
        let when = match *what {
            ["failures", ">=" | ">", least] => {
                let least = least.parse::<usize>().map_err(|_| wrong())?;
                let more = usize::from(what.get(1) == Some(&">"));
                match least.saturating_add(more) {
                    0 => return Err(wrong()),
                    least => When::Failures(least),
                }
            }
            ["asr", "<" | "<=" | "below", share] => When::AsrBelow(percent(share)?),
            ["ner", "<" | "<=" | "below", share] => When::NerBelow(percent(share)?),
            ["pdd", ">" | ">=" | "above", time] => {
                let time = duration(time).ok_or_else(wrong)?;
                When::PddAbove(u32::try_from(time.as_millis()).map_err(|_| wrong())?)
            }
            ["failures", "rising"] => When::Rising(Rise::Failures, FACTOR),
            ["failures", "rising", times] => When::Rising(Rise::Failures, factor(times)?),
            ["code", number, "rising"] => When::Rising(Rise::Code(code(number)?), FACTOR),
            ["code", number, "rising", times] => {
                When::Rising(Rise::Code(code(number)?), factor(times)?)
            }
            ["rule", rule, "rising"] => When::Rising(Rise::Rule(rule.to_owned()), FACTOR),
            ["rule", rule, "rising", times] => {
                When::Rising(Rise::Rule(rule.to_owned()), factor(times)?)
            }
            ["no", "traffic"] => When::NoTraffic,
            _ => return Err(wrong()),
        };
        Ok(Condition { when, window })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.when {
            When::Failures(least) => write!(f, "failures >= {least}")?,
            When::AsrBelow(percent) => write!(f, "asr below {percent}%")?,
            When::NerBelow(percent) => write!(f, "ner below {percent}%")?,
            When::PddAbove(millis) => write!(
                f,
                "pdd above {:#}",
                SignedDuration::from_millis(i64::from(*millis))
            )?,
            When::Rising(Rise::Failures, times) => write!(f, "failures rising {times}x")?,
            When::Rising(Rise::Code(code), times) => write!(f, "code {code} rising {times}x")?,
            When::Rising(Rise::Rule(rule), times) => write!(f, "rule {rule} rising {times}x")?,
            When::NoTraffic => f.write_str("no traffic")?,
        }
        write!(f, " in {:#}", self.window)
    }
}

/// Something that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// What it is called; unique.
    pub name: String,
    /// Which calls.
    pub scope: Scope,
    /// Under which condition.
    pub condition: Condition,
    /// The channel that hears of it, as in "slack:C012AB3CD".
    pub channel: String,
    /// Who set it up in a chat; nobody where the configuration did.
    pub by: Option<String>,
}

/// The shares that are asked of calls.
pub mod shares {
    use super::{Seen, Share, median};

    /// Answer-seizure ratio (ITU-T E.425).
    #[must_use]
    pub fn asr(calls: &[&Seen]) -> Share {
        Share::of(calls, |it| it.answered)
    }

    /// Network effectiveness ratio (ITU-T E.425): busy, not answered or given up is no loss.
    #[must_use]
    pub fn ner(calls: &[&Seen]) -> Share {
        Share::of(calls, |it| it.answered || !it.failed())
    }

    /// The middle of the post-dial delays, in milliseconds, and of how many calls.
    #[must_use]
    pub fn pdd(calls: &[&Seen]) -> Option<(u32, usize)> {
        let delays: Vec<u32> = calls.iter().filter_map(|it| it.pdd_ms).collect();
        let count = delays.len();
        median(delays).map(|middle| (middle, count))
    }
}
