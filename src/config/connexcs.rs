//! `[[sources]]` of the kind "connexcs": where the platform's API is and in whose name it is asked.
//! Asks nothing; what an endpoint means is the adapter's affair.

use std::time::Duration;

use super::address::WebAddress;
use super::limits::{self, Limits};
use super::reader::{Refusal, Section, Setting, Value};
use super::secret::Secret;
use super::values::limit;

/// One account on the platform.
#[derive(Debug, Clone)]
pub struct ConnexCs {
    /// Every path stands below this address.
    pub base_url: url::Url,
    /// In whose name it is asked.
    pub credentials: Credentials,
    /// How long one look-up may take, its waits and further tries included.
    pub deadline: Duration,
    /// The same for queries of call detail records.
    pub cdr_deadline: Duration,
    /// The platform's support by telephone, for when its API cannot be reached.
    pub support_phone: Option<String>,
    /// Paths that the platform does not document.
    pub endpoints: Endpoints,
    /// How much, how fast and how often.
    pub limits: Limits,
}

/// In whose name the platform is asked.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// An access token that somebody made by hand.
    Token(Secret),
    /// A refresh token, for which access tokens are fetched.
    RefreshToken(Secret),
    /// A user of the control panel.
    User {
        /// Its e-mail address.
        username: Secret,
        /// Its password.
        password: Secret,
    },
}

/// Paths below the base address that the platform does not document. Without one, what it would
/// tell cannot be checked, and the answer says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoints {
    /// Failed registrations; GET, with `{search}` replaced.
    pub register_log: Option<String>,
    /// A dry run of routing; POST.
    pub simulate: Option<String>,
    /// Blocked addresses; GET, with `{search}` replaced.
    pub firewall: Option<String>,
    /// Who is registered now; GET, with `{search}` replaced.
    pub registrations: Option<String>,
    /// Inbound numbers and where they lead; GET, with `{search}` replaced.
    pub did: Option<String>,
    /// Calls that are up now; GET.
    pub dialogs: Option<String>,
}

/// A path below the base address.
struct Below(String);

impl Setting for Below {
    fn allowed() -> String {
        r#"a path below base_url without a leading slash, as in "log/register?s={search}""#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let path = value.text()?.trim();
        let (place, _) = path.split_once('?').unwrap_or((path, ""));
        let leads_away = place
            .trim_end_matches('/')
            .split('/')
            .any(|segment| matches!(segment, "" | "." | ".."));
        let is_clean = path.chars().all(|c| c.is_ascii_graphic()) && !path.contains(['#', '\\']);
        if leads_away || !is_clean || place.contains(':') {
            return Err(Refusal::plain());
        }
        Ok(Below(path.to_owned()))
    }
}

/// Long enough for a busy platform, short enough for somebody who waits.
const DEADLINE: Duration = Duration::from_secs(15);

/// Call detail records are searched, not looked up.
const CDR_DEADLINE: Duration = Duration::from_secs(30);

pub(super) fn read(section: &mut Section<'_>) -> Option<ConnexCs> {
    let base_url = section.required("base_url").and_then(|WebAddress(url)| {
        if url.query().is_none() {
            return Some(url);
        }
        let allowed = WebAddress::allowed();
        section.refuse(
            "base_url",
            "found an address with a query".to_owned(),
            allowed,
        );
        None
    });
    let credentials = credentials(section);
    let deadline = limit(section, "deadline", DEADLINE);
    let cdr_deadline = limit(section, "cdr_deadline", CDR_DEADLINE);
    let support_phone = section.optional("support_phone");
    let endpoints = section.table("endpoints", |section| Some(endpoints(section)));
    let limits = limits::read(section);
    Some(ConnexCs {
        base_url: base_url?,
        credentials: credentials?,
        deadline,
        cdr_deadline,
        support_phone,
        endpoints: endpoints?,
        limits: limits?,
    })
}

fn endpoints(section: &mut Section<'_>) -> Endpoints {
    let mut path = |key| section.optional(key).map(|Below(path)| path);
    Endpoints {
        register_log: path("register_log"),
        simulate: path("simulate"),
        firewall: path("firewall"),
        registrations: path("registrations"),
        did: path("did"),
        dialogs: path("dialogs"),
    }
}

/// Exactly one kind: with two, nobody could say in whose name an answer was refused.
fn credentials(section: &mut Section<'_>) -> Option<Credentials> {
    const KINDS: [(&str, &[&str]); 3] = [
        ("token", &["token"]),
        ("refresh_token", &["refresh_token"]),
        ("username", &["username", "password"]),
    ];
    let chosen: Vec<_> = KINDS
        .iter()
        .filter(|(_, keys)| keys.iter().any(|key| section.has(key)))
        .collect();
    let allowed = "exactly one of token, refresh_token, or username with password";
    match chosen.as_slice() {
        [("token", _)] => {
            section.also_known(&["refresh_token", "username", "password"]);
            secret(section, "token").map(Credentials::Token)
        }
        [("refresh_token", _)] => {
            section.also_known(&["token", "username", "password"]);
            secret(section, "refresh_token").map(Credentials::RefreshToken)
        }
        [_] => {
            section.also_known(&["token", "refresh_token"]);
            let (username, password) = (section.required("username"), section.required("password"));
            let username: Secret = username?;
            if username.expose().contains(':') {
                let found = "found a user name with a colon, which cannot be sent".to_owned();
                section.refuse("username", found, "the e-mail address of a user".to_owned());
                return None;
            }
            Some(Credentials::User {
                username,
                password: password?,
            })
        }
        chosen => {
            section.also_known(&["token", "refresh_token", "username", "password"]);
            let (key, found) = match chosen.last() {
                None => ("token", "missing".to_owned()),
                Some((key, _)) => {
                    let names: Vec<_> = chosen.iter().map(|(name, _)| *name).collect();
                    (*key, format!("found {}", names.join(" and ")))
                }
            };
            section.refuse(key, found, allowed.to_owned());
            None
        }
    }
}

/// A token that can be sent as one.
fn secret(section: &mut Section<'_>, key: &'static str) -> Option<Secret> {
    let secret: Secret = section.required(key)?;
    if secret.expose().chars().all(|c| c.is_ascii_graphic()) {
        return Some(secret);
    }
    let found = "found blanks or other characters that no token has (not shown)".to_owned();
    section.refuse(key, found, "a token as the platform shows it".to_owned());
    None
}
