//! What people complain about, by phase of the call, recognised from many phrasings. Explains
//! nothing: a symptom is what was said, not what is wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::durations;
use super::words::Word;

/// A complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// Calls fail; nothing more was said.
    DoesNotConnect,
    /// Incoming calls do not arrive.
    NotDelivered,
    /// Calls arrive at the wrong place.
    WrongDestination,
    /// Post-dial delay: it takes long until it rings.
    SlowSetup {
        /// How long, in seconds, if said.
        after_s: Option<u64>,
    },
    /// A device cannot register.
    CannotRegister,
    /// A device loses its registration.
    RegistrationLost,
    /// An answered call ends by itself.
    Drop {
        /// After how many seconds, if said.
        after_s: Option<u64>,
    },
    /// A call does not end when it should.
    DoesNotEnd,
    /// More time is billed than was spoken.
    Overbilled,
    /// Billed, but nobody answered.
    FalseAnswer,
    /// One side hears nothing.
    OneWayAudio,
    /// Nobody hears anything.
    NoAudio,
    /// Gaps, robotic voices, crackling.
    Choppy,
    /// Echo.
    Echo,
    /// The voice comes late.
    Delay,
    /// Static, hiss, hum.
    Noise,
    /// Key presses are not understood.
    Dtmf,
}

/// When in a call a symptom shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the answer.
    Setup,
    /// Apart from any call.
    Registration,
    /// While the call is up.
    Maintenance,
    /// At its end and after.
    TearDown,
    /// Sound that is not there.
    Audio,
    /// Sound that is bad.
    Quality,
    /// Key presses.
    Dtmf,
}

impl Symptom {
    /// The phase the symptom belongs to.
    #[must_use]
    pub fn phase(self) -> Phase {
        match self {
            Symptom::DoesNotConnect
            | Symptom::NotDelivered
            | Symptom::WrongDestination
            | Symptom::SlowSetup { .. } => Phase::Setup,
            Symptom::CannotRegister | Symptom::RegistrationLost => Phase::Registration,
            Symptom::Drop { .. } => Phase::Maintenance,
            Symptom::DoesNotEnd | Symptom::Overbilled | Symptom::FalseAnswer => Phase::TearDown,
            Symptom::OneWayAudio | Symptom::NoAudio => Phase::Audio,
            Symptom::Choppy | Symptom::Echo | Symptom::Delay | Symptom::Noise => Phase::Quality,
            Symptom::Dtmf => Phase::Dtmf,
        }
    }

    /// The same complaint with the duration that was said with it, where it can have one.
    #[must_use]
    pub(super) fn after(self, seconds: u64) -> Self {
        match self {
            Symptom::Drop { after_s: None } => Symptom::Drop {
                after_s: Some(seconds),
            },
            Symptom::SlowSetup { after_s: None } => Symptom::SlowSetup {
                after_s: Some(seconds),
            },
            other => other,
        }
    }
}

const DROP: Symptom = Symptom::Drop { after_s: None };
const SLOW_SETUP: Symptom = Symptom::SlowSetup { after_s: None };

/// Canonical names, one a symptom.
const NAMES: &[(&str, Symptom)] = &[
    ("does-not-connect", Symptom::DoesNotConnect),
    ("not-delivered", Symptom::NotDelivered),
    ("wrong-destination", Symptom::WrongDestination),
    ("slow-setup", SLOW_SETUP),
    ("cannot-register", Symptom::CannotRegister),
    ("registration-lost", Symptom::RegistrationLost),
    ("drop", DROP),
    ("does-not-end", Symptom::DoesNotEnd),
    ("overbilled", Symptom::Overbilled),
    ("false-answer", Symptom::FalseAnswer),
    ("one-way-audio", Symptom::OneWayAudio),
    ("no-audio", Symptom::NoAudio),
    ("choppy", Symptom::Choppy),
    ("echo", Symptom::Echo),
    ("delay", Symptom::Delay),
    ("noise", Symptom::Noise),
    ("dtmf", Symptom::Dtmf),
];

/// Phrases: words in order, `|` between alternatives, `*` for any ending, `?` before a word that
/// may be missing. The longest that fits wins.
const PHRASES: &[(&str, Symptom)] = &[
    (
        "fail*|unreachable|rejected|refused|declined|blocked",
        Symptom::DoesNotConnect,
    ),
    (
        "cant|cannot|couldnt|wont|doesnt|dont|didnt|not|never|unable ?to connect*|complete*|call|dial|establish*",
        Symptom::DoesNotConnect,
    ),
    (
        "cant|cannot|wont|doesnt|dont|didnt|not|never ?get|gets|go|goes|going|getting through|out",
        Symptom::DoesNotConnect,
    ),
    ("doesnt|dont|didnt|not work*", Symptom::DoesNotConnect),
    ("fast busy", Symptom::DoesNotConnect),
    (
        "ring|rings|ringing ?out forever|endlessly|out",
        Symptom::DoesNotConnect,
    ),
    ("keeps|just ringing", Symptom::DoesNotConnect),
    (
        "cant|cannot|wont|doesnt|dont|not|never|unable ?to receive|receives|receiving|get ?any ?incoming|inbound calls",
        Symptom::NotDelivered,
    ),
    (
        "doesnt|dont|didnt|not|never|wont ring|rings|ringing",
        Symptom::NotDelivered,
    ),
    ("not|never ?being deliver*|arriv*", Symptom::NotDelivered),
    ("doesnt|dont|didnt|wont arrive|reach", Symptom::NotDelivered),
    (
        "wrong place|destination|number|person|extension|party|country",
        Symptom::WrongDestination,
    ),
    ("misrout*|mis-rout*", Symptom::WrongDestination),
    ("?high|long|slow pdd|post-dial", SLOW_SETUP),
    ("?high|long post dial ?delay", SLOW_SETUP),
    ("post-dial delay", SLOW_SETUP),
    (
        "slow|long|ages|forever to connect|ring|setup|establish",
        SLOW_SETUP,
    ),
    ("slow|long ?call setup", SLOW_SETUP),
    (
        "cant|cannot|couldnt|wont|doesnt|dont|didnt|not|never|unable|fail|fails|failed|failing ?to register*",
        Symptom::CannotRegister,
    ),
    (
        "registration|register|registering|registrations ?is|are|keeps fail*|reject*|refused|problem*|issue*|error*|timeout|denied",
        Symptom::CannotRegister,
    ),
    ("failed|failing registration*", Symptom::CannotRegister),
    (
        "registration ?is|gets|keeps lost|drop*|expir*|flapping",
        Symptom::RegistrationLost,
    ),
    (
        "loses|losing|lost ?its|their|the registration",
        Symptom::RegistrationLost,
    ),
    (
        "unregister*|deregister*|de-register*",
        Symptom::RegistrationLost,
    ),
    ("drop|drops|dropped|dropping|disconnect*", DROP),
    ("cut|cuts|cutting ?out|off", DROP),
    ("hangs|hung up", DROP),
    (
        "ends|ended|terminat*|dies|died ?by itself|suddenly|unexpectedly|after|early",
        DROP,
    ),
    (
        "doesnt|dont|didnt|not|never|wont end|ends|ending|hang|terminate|clear|stop|close|tear ?up|down",
        Symptom::DoesNotEnd,
    ),
    ("stuck|hung|hanging|zombie call*", Symptom::DoesNotEnd),
    (
        "over-bill*|overbill*|overcharg*|over-charg*",
        Symptom::Overbilled,
    ),
    ("billed|charged too long|much", Symptom::Overbilled),
    ("fas", Symptom::FalseAnswer),
    ("false answer*", Symptom::FalseAnswer),
    (
        "billed|charged but ?was not|never|nobody|noone ?really answer*",
        Symptom::FalseAnswer,
    ),
    ("billed|charged without answer*", Symptom::FalseAnswer),
    (
        "one-way|1-way|oneway|one-sided|single-sided ?audio|voice|speech|sound|media|rtp",
        Symptom::OneWayAudio,
    ),
    (
        "one|1|single way|sided|side audio|voice|speech|sound|media|rtp",
        Symptom::OneWayAudio,
    ),
    (
        "cant|cannot|couldnt|doesnt|dont|didnt|not hear me|us|them|him|her|caller|callee|customer|agent|agents",
        Symptom::OneWayAudio,
    ),
    (
        "cant|cannot|couldnt|not hear the ?other caller|other|callee|customer|agent|side|party",
        Symptom::OneWayAudio,
    ),
    ("only one side|party|direction", Symptom::OneWayAudio),
    (
        "no|without|missing|lost ?two-way audio|sound|voice|speech|media|rtp",
        Symptom::NoAudio,
    ),
    ("dead air", Symptom::NoAudio),
    ("silence|silent|mute|muted", Symptom::NoAudio),
    (
        "cant|cannot|couldnt|doesnt|dont|didnt|not hear ?anything|each ?other",
        Symptom::NoAudio,
    ),
    ("hear|hears|heard|hearing nothing", Symptom::NoAudio),
    (
        "choppy|robotic|jitter*|garbled|stutter*|distort*|crackl*|patchy|clipp*|scratchy",
        Symptom::Choppy,
    ),
    (
        "bad|poor|broken|low|terrible ?audio|voice|sound|call quality|audio|sound|voice|mos",
        Symptom::Choppy,
    ),
    ("breaking|breaks up", Symptom::Choppy),
    ("packet|rtp loss", Symptom::Choppy),
    ("audio|voice|quality issue*|problem*", Symptom::Choppy),
    ("echo|echoes|echoing|echos", Symptom::Echo),
    (
        "delay|delays|delayed|latency|lag|laggy|lagging",
        Symptom::Delay,
    ),
    ("static|noise|noisy|hiss*|humming|buzz*", Symptom::Noise),
    ("dtmf|keypress*|touchtone*", Symptom::Dtmf),
    ("key presses|tones", Symptom::Dtmf),
    ("touch tones", Symptom::Dtmf),
    (
        "digits not recogni*|detect*|accepted|working",
        Symptom::Dtmf,
    ),
];

/// Complaints that none of the symptoms says, in the same writing.
const UNKNOWN: &[&str] = &[
    "no|without|missing ringback|ring-back ?tone",
    "no|without|missing ring back ?tone",
    "wrong|bad|missing|no|incorrect cli|clid|callerid|caller-id|ani",
    "wrong|bad|missing|no|incorrect caller|calling id|number|name",
    "cli|clid|callerid|caller-id ?is wrong|missing|incorrect|withheld",
    "caller id ?is wrong|missing|incorrect|withheld",
];

/// How many words a complaint takes that none of the symptoms says.
pub(super) fn unknown(words: &[Word]) -> Option<usize> {
    let taken = UNKNOWN.iter().filter_map(|phrase| {
        let pattern: Vec<&str> = phrase.split(' ').collect();
        fits(&pattern, words)
    });
    taken.max()
}

/// The symptom at the beginning of the words, and how many of them it takes.
pub(super) fn read(words: &[Word]) -> Option<(Symptom, usize)> {
    let mut best: Option<(Symptom, usize)> = None;
    for (phrase, symptom) in PHRASES {
        let pattern: Vec<&str> = phrase.split(' ').collect();
        if let Some(used) = fits(&pattern, words)
            && best.is_none_or(|(_, most)| used > most)
        {
            best = Some((*symptom, used));
        }
    }
    let (symptom, used) = best?;
    let rest = words.get(used..).unwrap_or_default();
    let linked = matches!(symptom, Symptom::Drop { .. } | Symptom::SlowSetup { .. });
    match duration(rest).filter(|_| linked) {
        Some((seconds, more)) => Some((symptom.after(seconds), used + more)),
        None => Some((symptom, used)),
    }
}

/// "after about 30 seconds", "lasts 30s": how long, and how many words that takes.
pub(super) fn duration(words: &[Word]) -> Option<(u64, usize)> {
    const LINKS: &[&str] = &[
        "after", "at", "within", "in", "of", "is", "are", "about", "around", "approx", "exactly",
        "roughly", "only", "just", "up", "the", "call", "lasts", "lasted", "every", "over",
    ];
    let link = |word: &&Word| LINKS.contains(&word.plain.as_str());
    let start = words.iter().take(4).take_while(link).count();
    let (seconds, used) = durations::read(words.get(start..)?)?;
    let ago = words
        .get(start + used)
        .is_some_and(|word| word.plain == "ago");
    (start > 0 && !ago).then_some((seconds, start + used))
}

/// A symptom by its canonical name, as in `drop-after-30s`.
pub(super) fn named(name: &str) -> Option<Symptom> {
    let (name, seconds) = match name.rsplit_once("-after-") {
        Some((name, seconds)) => (name, Some(seconds.strip_suffix('s')?.parse().ok()?)),
        None => (name, None),
    };
    let (_, symptom) = NAMES.iter().find(|(known, _)| *known == name)?;
    match seconds {
        None => Some(*symptom),
        Some(seconds) => Some(symptom.after(seconds)).filter(|after| after != symptom),
    }
}

/// How many words a pattern takes, if it fits.
fn fits(pattern: &[&str], words: &[Word]) -> Option<usize> {
    let Some((first, rest)) = pattern.split_first() else {
        return Some(0);
    };
    let (optional, alternatives) = first
        .strip_prefix('?')
        .map_or((false, *first), |alternatives| (true, alternatives));
    let word = words.first().map_or("", |word| word.plain.as_str());
    let same = |alternative: &str| match alternative.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == alternative,
    };
    let taken = if alternatives.split('|').any(same) {
        fits(rest, words.get(1..).unwrap_or_default()).map(|used| used + 1)
    } else {
        None
    };
    taken.or_else(|| if optional { fits(rest, words) } else { None })
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, after_s) = match *self {
            Symptom::Drop { after_s } => (DROP, after_s),
            Symptom::SlowSetup { after_s } => (SLOW_SETUP, after_s),
            other => (other, None),
        };
        let name = NAMES
            .iter()
            .find(|(_, symptom)| *symptom == base)
            .map_or("", |(name, _)| name);
        match after_s {
            Some(seconds) => write!(f, "{name}-after-{seconds}s"),
            None => f.write_str(name),
        }
    }
}
