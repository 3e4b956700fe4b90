//! Why a look-up at an API gave nothing, so that the right party is blamed: us, our network, or
//! whoever runs the API. Holds no token, no address with its query and no body.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 401: it does not take our credential.
    Unauthorised {
        /// What we showed, as in "token"; none where we have nothing to show.
        credential: Option<&'static str>,
        /// When that ended, where it says so itself and that is past.
        expired: Option<Timestamp>,
        /// Before this moment it is not shown again, so that nobody locks us out.
        not_before: Option<Timestamp>,
    },
    /// A refresh token was taken, and no access token came back for it.
    NoAccessToken,
    /// An access token that it had given for our refresh token is not taken.
    AccessRefused {
        /// Before this moment it is not asked again, so that nobody locks us out.
        not_before: Option<Timestamp>,
    },
    /// 403: it knows us, and does not let us.
    Forbidden {
        /// What it said.
        said: Option<String>,
    },
    /// 429: we ask more often than it allows.
    TooOften {
        /// How long it wants to be left alone, if it said so.
        wait: Option<Duration>,
    },
    /// 404: there is no such path, or no such record.
    NotFound {
        /// What it said.
        said: Option<String>,
    },
    /// Another 4xx: it does not understand what we ask.
    NotAccepted {
        /// The status.
        status: u16,
        /// What it said.
        said: Option<String>,
    },
    /// 5xx: it failed.
    Failed {
        /// The status.
        status: u16,
        /// What it said.
        said: Option<String>,
        /// How long it wants to be left alone, if it said so.
        wait: Option<Duration>,
    },
    /// Neither a good answer nor a refusal that HTTP knows.
    Odd {
        /// The status.
        status: u16,
    },
    /// It did not answer within the time that this look-up may take.
    TooSlow {
        /// That time.
        within: Duration,
    },
    /// The look-up did not get its turn within its time, behind others of ours.
    NoTurn {
        /// That time.
        within: Duration,
    },
    /// No connection came about, or it was cut before an answer.
    Unreachable(Unreachable),
    /// The answer ended before it was whole.
    BrokenOff {
        /// How many bytes had come.
        after: u64,
    },
    /// The answer is larger than we take.
    TooLarge {
        /// The most that we take, in bytes.
        largest: u64,
    },
    /// It sent us on to another address, where nothing of ours must go.
    SentOn {
        /// The host of that address, if it could be read.
        to: Option<String>,
    },
    /// The request itself cannot be made, and why.
    CannotAsk(String),
}

/// What kept a connection from coming about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// No address is known for the host's name.
    NoAddress,
    /// Nothing listens there, or something in between refuses.
    Refused,
    /// The other end or something in between cut the connection.
    Cut,
    /// The other end is not who it says, or does not speak TLS with us.
    Tls,
    /// Anything else on the way.
    Network,
}

/// Who or what a failure speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blame {
    /// Our credential.
    Credential,
    /// What our credential may do.
    Permission,
    /// How often we ask.
    Rate,
    /// Our own limits on what is asked at once.
    Queue,
    /// The API: it cannot be reached, is too slow or fails.
    Platform,
    /// This one request.
    Request,
}

impl Blame {
    /// The word for it in numbers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Blame::Credential => "credential",
            Blame::Permission => "permission",
            Blame::Rate => "rate",
            Blame::Queue => "queue",
            Blame::Platform => "platform",
            Blame::Request => "request",
        }
    }
}

impl Failure {
    /// Whom it speaks of.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Failure::Unauthorised { .. }
            | Failure::NoAccessToken
            | Failure::AccessRefused { .. } => Blame::Credential,
            Failure::Forbidden { .. } => Blame::Permission,
            Failure::TooOften { .. } => Blame::Rate,
            Failure::NoTurn { .. } => Blame::Queue,
            Failure::Failed { .. }
            | Failure::TooSlow { .. }
            | Failure::Unreachable(_)
            | Failure::BrokenOff { .. } => Blame::Platform,
            Failure::NotFound { .. }
            | Failure::NotAccepted { .. }
            | Failure::Odd { .. }
            | Failure::TooLarge { .. }
            | Failure::SentOn { .. }
            | Failure::CannotAsk(_) => Blame::Request,
        }
    }

    /// Whether it is an answer of the API, if not the one that was wished for: whoever refuses is
    /// there.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        match self.blame() {
            Blame::Credential | Blame::Permission | Blame::Rate => true,
            Blame::Request => !matches!(self, Failure::CannotAsk(_)),
            Blame::Queue | Blame::Platform => false,
        }
    }

    /// One sentence that says what is wrong and what to do. `who` is asked, as in "the platform".
    #[must_use]
    pub fn sentence(&self, who: &str) -> String {
        match self {
            Failure::Unauthorised {
                credential,
                expired,
                not_before,
            } => unauthorised(who, *credential, *expired, *not_before),
            Failure::NoAccessToken => format!(
                "{who} gave no access token for our refresh token: make a new refresh token and put it into the configuration"
            ),
            Failure::AccessRefused { not_before } => format!(
                "{who} refused the access token that it gave for our refresh token (401): see whether the refresh token's user may use the API{}",
                held(*not_before)
            ),
            Failure::Forbidden { said } => format!(
                "our permission does not cover this at {who} (403): let its administrator grant our user to read it{}",
                quoted(said.as_deref())
            ),
            Failure::TooOften { wait } => {
                let rest = wait.map_or_else(String::new, |wait| {
                    format!(" and should wait {} more", length(wait))
                });
                format!(
                    "our rate is too high for {who} (429): we ask too often{rest}; ask again later"
                )
            }
            Failure::NotFound { said } => format!(
                "{who} has nothing there (404): neither such a record nor, perhaps, such a path{}",
                quoted(said.as_deref())
            ),
            Failure::NotAccepted { status, said } => format!(
                "{who} did not accept what we asked ({}){}",
                line(*status),
                quoted(said.as_deref())
            ),
            Failure::Failed { status, said, wait } => {
                let rest = wait.map_or_else(String::new, |wait| {
                    format!(" and wants to be left alone for {}", length(wait))
                });
                let said = quoted(said.as_deref());
                format!(
                    "{who} answered {}{rest}: ask again later{said}",
                    line(*status)
                )
            }
            Failure::Odd { status } => {
                format!(
                    "{who} answered {}, which is no answer to our question",
                    line(*status)
                )
            }
            Failure::TooSlow { within } => {
                format!(
                    "{who} did not answer within {}: ask again later",
                    length(*within)
                )
            }
            Failure::NoTurn { within } => format!(
                "this look-up did not get its turn within {}, behind our other look-ups at {who}: ask again",
                length(*within)
            ),
            Failure::Unreachable(why) => {
                format!("{who} cannot be reached from here: {}", why.words())
            }
            Failure::BrokenOff { after } => {
                format!("the answer of {who} broke off after {after} bytes: ask again")
            }
            Failure::TooLarge { largest } => format!(
                "the answer of {who} is larger than {}: ask for less, or raise largest_body",
                size(*largest)
            ),
            Failure::SentOn { to } => {
                let to = to
                    .as_deref()
                    .map_or_else(|| "elsewhere".to_owned(), |to| format!("to {to}"));
                format!(
                    "{who} sent us on {to}, which is not followed: check the address in the configuration"
                )
            }
            Failure::CannotAsk(why) => format!("{who} cannot be asked this: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence("the API"))
    }
}

impl Unreachable {
    fn words(self) -> &'static str {
        match self {
            Unreachable::NoAddress => {
                "no address is known for its name; check the name and our DNS"
            }
            Unreachable::Refused => {
                "the connection was refused; check the address and the firewall"
            }
            Unreachable::Cut => "the connection was cut before an answer came",
            Unreachable::Tls => {
                "no trusted TLS connection came about; check its certificate and our clock"
            }
            Unreachable::Network => "there is no way through the network",
        }
    }
}

fn unauthorised(
    who: &str,
    credential: Option<&str>,
    expired: Option<Timestamp>,
    not_before: Option<Timestamp>,
) -> String {
    let Some(credential) = credential else {
        return format!("{who} wants a credential (401), and none is configured");
    };
    let expired = expired.map_or_else(String::new, |at| {
        format!(", which expired on {}", minute(at))
    });
    let held = held(not_before);
    format!(
        "{who} refused our credential (401): put a valid {credential} into the configuration in place of this one{expired}{held}"
    )
}

/// Until when something is not tried.
fn held(not_before: Option<Timestamp>) -> String {
    not_before.map_or_else(String::new, |at| {
        format!("; it is not tried again before {}", minute(at))
    })
}

/// A moment for people, to the minute.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The status line as HTTP words it, whatever the server did.
fn line(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok();
    match known.and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

fn quoted(said: Option<&str>) -> String {
    said.map_or_else(String::new, |said| format!("; it said: {said}"))
}

fn length(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..=119 if time.subsec_millis() == 0 => format!("{seconds} s"),
        seconds @ 1..=119 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        1_000.. => format!("{} kB", bytes / 1_000),
        _ => format!("{bytes} bytes"),
    }
}
