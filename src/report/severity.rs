//! How urgent a report is, and how it is told: the platform's own rules for its levels, response hours and channels
//! (ConnexCS, "Reporting a problem"). Pure: rules and words; knows no call.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// How urgent it is, by the platform's scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The platform is down: all customers, all calls.
    P0,
    /// All our calls fail.
    P1,
    /// One of our customers is entirely down.
    P2,
    /// Some calls of a customer or carrier fail, not all.
    P3,
    /// A call failed, or a feature is broken, and business goes on.
    P4,
    /// It works not quite as expected; a wish.
    P5,
}

impl Level {
    /// The words and the levels, the most urgent first.
    pub const ALL: [(&'static str, Level); 6] = [
        ("P0", Level::P0),
        ("P1", Level::P1),
        ("P2", Level::P2),
        ("P3", Level::P3),
        ("P4", Level::P4),
        ("P5", Level::P5),
    ];

    /// As in `P3`.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Level::ALL.iter().find(|(_, level)| *level == self);
        found.map_or("P4", |(word, _)| word)
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Level> {
        let found = Level::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, level)| *level)
    }

    /// Whether it is called critical: people are woken for it.
    #[must_use]
    pub fn is_critical(self) -> bool {
        self <= Level::P2
    }
}

/// Whose affair it is, in the platform's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// The stability of the platform, which is outside our control.
    Platform,
    /// Configuration, carriers and customers, which are within our control.
    Operational,
}

impl Category {
    /// The words that are chosen from, as they are typed, and as people read them.
    pub const ALL: [(&'static str, Category); 2] = [
        ("platform", Category::Platform),
        ("operational", Category::Operational),
    ];

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Category> {
        let found = Category::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, category)| *category)
    }

    /// As a form explains it.
    #[must_use]
    pub fn said(self) -> &'static str {
        match self {
            Category::Platform => "Platform: its stability, outside our control",
            Category::Operational => "Operational: configuration, carriers, customers",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Category::Platform => "Platform",
            Category::Operational => "Operational",
        }
    }
}

/// How far it reaches. More than a part of somebody's calls only a person can state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// One call is known.
    OneCall,
    /// Several calls of a customer or carrier, not all of them.
    SomeCalls,
    /// One of our customers cannot call at all.
    OneCustomerDown,
    /// None of our calls work.
    AllOurCalls,
    /// Nobody's calls on the platform work.
    WholePlatform,
}

impl Reach {
    /// The words that are chosen from, as they are typed.
    pub const ALL: [(&'static str, Reach); 5] = [
        ("one-call", Reach::OneCall),
        ("some-calls", Reach::SomeCalls),
        ("one-customer-down", Reach::OneCustomerDown),
        ("all-our-calls", Reach::AllOurCalls),
        ("whole-platform", Reach::WholePlatform),
    ];

    /// As it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Reach::ALL.iter().find(|(_, reach)| *reach == self);
        found.map_or("one-call", |(word, _)| word)
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Reach> {
        let found = Reach::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, reach)| *reach)
    }

    /// As a reader is told it.
    #[must_use]
    pub fn said(self) -> &'static str {
        match self {
            Reach::OneCall => "one call",
            Reach::SomeCalls => "several calls of one customer or carrier, not all",
            Reach::OneCustomerDown => "one of our customers, entirely",
            Reach::AllOurCalls => "all our calls",
            Reach::WholePlatform => "the whole platform, all customers",
        }
    }

    fn level(self) -> Level {
        match self {
            Reach::OneCall => Level::P4,
            Reach::SomeCalls => Level::P3,
            Reach::OneCustomerDown => Level::P2,
            Reach::AllOurCalls => Level::P1,
            Reach::WholePlatform => Level::P0,
        }
    }
}

/// What the calls were made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Live traffic of something that worked before.
    #[default]
    Live,
    /// An interconnect that never worked yet.
    NewInterconnect,
    /// Something that is being changed, tested or taken into service.
    Change,
}

impl Setting {
    /// The words that are chosen from, as they are typed.
    pub const ALL: [(&'static str, Setting); 3] = [
        ("live", Setting::Live),
        ("new-interconnect", Setting::NewInterconnect),
        ("change", Setting::Change),
    ];

    /// As it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Setting::ALL.iter().find(|(_, it)| *it == self);
        found.map_or("live", |(word, _)| word)
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Setting> {
        let found = Setting::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, it)| *it)
    }

    /// As a reader is told it.
    #[must_use]
    pub fn said(self) -> &'static str {
        match self {
            Setting::Live => "live traffic",
            Setting::NewInterconnect => "a new interconnect",
            Setting::Change => "a change, a test or on-boarding",
        }
    }
}

/// A level with why it is that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// The level.
    pub level: Level,
    /// Why, in one sentence.
    pub reason: String,
    /// How far it reaches.
    pub reach: Reach,
    /// What the calls were made for.
    pub setting: Setting,
}

/// How far it reaches by what was seen alone: never more than a part of somebody's calls.
#[must_use]
pub fn seen(failing: usize) -> Reach {
    if failing > 1 {
        Reach::SomeCalls
    } else {
        Reach::OneCall
    }
}

/// The level of a problem. `stated` is how far a person says that it reaches, `failing` how many calls are known to
/// fail so. `wanted` may lower what follows from these and never raises it.
#[must_use]
pub fn propose(
    failing: usize,
    stated: Option<Reach>,
    setting: Setting,
    wanted: Option<Level>,
) -> Proposed {
    let reach = stated.unwrap_or_else(|| seen(failing));
    let by_reach = reach.level();
    let of_setting = match setting {
        Setting::Live => by_reach,
        Setting::NewInterconnect | Setting::Change => by_reach.max(Level::P3),
    };
    let level = wanted.map_or(of_setting, |wanted| wanted.max(of_setting));
    let who = if stated.is_some() {
        "stated by the reporter"
    } else {
        "by what was seen"
    };
    let mut reason = match (reach, failing) {
        (Reach::SomeCalls, n) if n > 1 => {
            format!(
                "{n} calls are known to fail so, of {} ({who})",
                reach.said()
            )
        }
        _ => format!("it concerns {} ({who})", reach.said()),
    };
    if of_setting > by_reach {
        reason.push_str(&format!("; {} is never critical", setting.said()));
    }
    if level > of_setting {
        reason.push_str("; the reporter puts it lower");
    }
    Proposed {
        level,
        reason,
        reach,
        setting,
    }
}

/// Why somebody's level cannot stand; nothing where it can.
#[must_use]
pub fn refused(
    wanted: Level,
    failing: usize,
    stated: Option<Reach>,
    setting: Setting,
) -> Option<String> {
    let proposed = propose(failing, stated, setting, None);
    if wanted >= proposed.level {
        return None;
    }
    let wanted = wanted.word();
    let rule = match setting {
        Setting::Live => format!(
            "{wanted} needs a scope that is so wide: the scope given comes to {}",
            proposed.level.word()
        ),
        Setting::NewInterconnect | Setting::Change => {
            format!(
                "{} is never critical, so it is {} at most",
                setting.said(),
                proposed.level.word()
            )
        }
    };
    Some(format!("{rule}."))
}

/// How soon an answer can be expected, and the ways to give the report, the first one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Whether somebody is there at that moment.
    pub is_open: bool,
    /// All of it in a sentence or two.
    pub said: String,
    /// The ways, in the order in which they should be tried.
    pub channels: Vec<String>,
}

/// Opening and closing of the hours in which all but the platform's own outages are worked on: 08:00-20:00 UTC.
const HOURS: (i8, i8) = (8, 20);

/// What the platform's support promises for a report that is sent at this moment.
#[must_use]
pub fn response(level: Level, category: Category, at: Timestamp) -> Response {
    let hour = at.to_zoned(TimeZone::UTC).hour();
    let in_hours = (HOURS.0..HOURS.1).contains(&hour);
    // P0 is the platform itself being down, whoever filed it under what.
    let around_the_clock =
        level == Level::P0 || (category == Category::Platform && level.is_critical());
    let at = at.strftime("%H:%M UTC");
    let said = match (around_the_clock, in_hours) {
        (true, _) => {
            "Worked on around the clock; expect terse replies, and look at the status page."
                .to_owned()
        }
        (false, true) => {
            format!(
                "Sent at {at}, within 08:00-20:00 UTC; replies come as soon as they can, no time is promised."
            )
        }
        (false, false) if level == Level::P3 || level == Level::P4 => format!(
            "Sent at {at}, outside 08:00-20:00 UTC: best effort until 08:00 UTC, or at 150 USD an hour before."
        ),
        (false, false) => {
            format!("Sent at {at}, outside 08:00-20:00 UTC: best effort until 08:00 UTC.")
        }
    };
    let phone = if level.is_critical() || (9..23).contains(&hour) {
        "phone: the number on www.connexcs.com (09:00-23:00 UTC, around the clock for P0-P2)"
    } else {
        "phone: the number on www.connexcs.com, from 09:00 UTC"
    };
    let direct = [
        phone,
        "SMS: +44 7481 346 455 (UK), +1 408 475 9494 (USA)",
        "Telegram: @connexcs_support_bot",
    ];
    let mail = "e-mail: support@connexcs.com";
    let channels: Vec<&str> = match level.is_critical() {
        true => direct.into_iter().chain([mail]).collect(),
        false => vec![mail, phone],
    };
    Response {
        is_open: around_the_clock || in_hours,
        said,
        channels: channels.into_iter().map(str::to_owned).collect(),
    }
}
