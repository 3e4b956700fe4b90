//! `[discord]`: the application, its secrets, the way its messages come in, and who of its servers are our own people.
//! Contacts nothing.

use std::time::Duration;

use url::Url;

use super::address::WebAddress;
use super::reader::{Choice, Refusal, Section, Setting, Value};
use super::secret::Secret;

/// Where Discord is: <https://docs.discord.com/developers/reference>.
const API_URL: &str = "https://discord.com/";

/// Discord asks for a heartbeat each 41 seconds and answers it.
const GATEWAY_LIMIT: Duration = Duration::from_secs(90);

/// A Discord application, as it is configured.
#[derive(Debug, Clone)]
pub struct Discord {
    /// The token of the bot.
    pub token: Secret,
    /// The id of the application.
    pub application_id: u64,
    /// How interactions come in, with what this way needs.
    pub way_in: DiscordWayIn,
    /// Where Discord is. Another than Discord's own only on this machine; the gateway's address comes from it too.
    pub api_url: Url,
    /// The servers in which commands are registered at once; none: in all of them, and in direct messages.
    pub servers: Vec<u64>,
    /// The servers in which everybody is one of us.
    pub internal_servers: Vec<u64>,
    /// The roles whose members are our own people.
    pub staff_roles: Vec<u64>,
    /// Without a sign of life of the gateway for longer than this, the program says that it is not ready; after twice
    /// that it connects anew.
    pub gateway_limit: Duration,
}

impl Discord {
    /// Whether the address is Discord's own.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.api_url.as_str() == API_URL
    }
}

/// How Discord hands over what people do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscordWayIn {
    /// Over a connection that the bot opens.
    Gateway,
    /// Requests of Discord to our HTTP listener, proved by the application's key.
    Http(PublicKey),
}

/// The key that proves what Discord sends (Ed25519).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl Setting for PublicKey {
    fn allowed() -> String {
        "the public key of the application: 64 hexadecimal digits".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        let digit = |at: usize| text.get(at..at + 2).filter(|_| text.is_ascii());
        let byte = |at: usize| u8::from_str_radix(digit(at * 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
        let is_hex = text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
        let key = bytes.filter(|_| is_hex).and_then(|it| it.try_into().ok());
        key.map(PublicKey).ok_or_else(Refusal::plain)
    }
}

/// An id that Discord gave: never 0.
#[derive(Debug, Clone, Copy)]
struct Snowflake(u64);

impl Setting for Snowflake {
    fn allowed() -> String {
        "an id of Discord's, as in \"1088506190374604890\"".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = match value.raw.as_integer() {
            Some(integer) => integer.as_str(),
            None => value.text()?,
        };
        let id = text.parse().ok().filter(|id| *id > 0);
        id.map(Snowflake).ok_or_else(Refusal::plain)
    }
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Gateway,
    Http,
}

impl Choice for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("gateway", Mode::Gateway), ("http", Mode::Http)];
}

pub(super) fn read(root: &mut Section<'_>) -> Option<Option<Discord>> {
    root.optional_table("discord", |section| {
        let token = section.required("token");
        let application_id: Option<Snowflake> = section.required("application_id");
        let mode = section.optional("mode").unwrap_or(Mode::Gateway);
        // It may stand there all the same, so that one word switches.
        let public_key = match mode {
            Mode::Gateway => section.optional("public_key"),
            Mode::Http => section.required("public_key"),
        };
        let api_url = match section.optional::<WebAddress>("api_url") {
            Some(WebAddress(url)) if url.scheme() == "https" && url.as_str() != API_URL => {
                section.refuse(
                    "api_url",
                    "found another host than Discord's".to_owned(),
                    format!(
                        "{:?}, or an http:// address on this machine",
                        API_URL.trim_end_matches('/')
                    ),
                );
                None
            }
            Some(WebAddress(url)) => Some(url),
            None => Url::parse(API_URL).ok(),
        };
        let mut ids = |key| {
            let listed = section.optional_list::<Snowflake>(key).unwrap_or_default();
            listed.into_iter().map(|Snowflake(id)| id).collect()
        };
        let (servers, internal_servers, staff_roles) =
            (ids("servers"), ids("internal_servers"), ids("staff_roles"));
        let gateway_limit = section.optional("gateway_limit").unwrap_or(GATEWAY_LIMIT);
        let way_in = match mode {
            Mode::Gateway => Some(DiscordWayIn::Gateway),
            Mode::Http => public_key.map(DiscordWayIn::Http),
        };
        Some(Discord {
            token: token?,
            application_id: application_id?.0,
            way_in: way_in?,
            api_url: api_url?,
            servers,
            internal_servers,
            staff_roles,
            gateway_limit,
        })
    })
}
