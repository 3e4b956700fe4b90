//! A first configuration out of a few answers: the annotated file with the keys switched on that were answered, so that
//! what can be set stands beside what is set. Asks nobody and writes no file.

mod annotated;

use crate::config::{Config, ConfigError, EMBEDDED, Surroundings};
use annotated::Annotated;

/// Where a secret stands. The secret itself is never written into a configuration from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an environment variable of this name.
    Variable(String),
    /// In the file at this path.
    File(String),
}

impl Place {
    /// Reads `env:NAME` or `file:PATH`; a bare word is a variable's name.
    ///
    /// # Errors
    /// One sentence, where it is neither; what was typed is not repeated, since it may be the secret itself.
    pub fn read(typed: &str) -> Result<Place, String> {
        let typed = typed.trim();
        if let Some(path) = typed.strip_prefix("file:").filter(|it| !it.is_empty()) {
            return Ok(Place::File(path.to_owned()));
        }
        let name = typed.strip_prefix("env:").unwrap_or(typed);
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        match !name.is_empty() && name.chars().all(is_name) {
            true => Ok(Place::Variable(name.to_owned())),
            false => Err(
                "write where the secret stands, not the secret: env:NAME (capital letters) or file:PATH".to_owned(),
            ),
        }
    }

    fn toml(&self) -> String {
        let (kind, text) = match self {
            Place::Variable(name) => ("env", name),
            Place::File(path) => ("file", path),
        };
        format!("{{ {kind} = {} }}", quoted(text))
    }
}

/// How Slack reaches the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlackBy {
    /// Over a connection that the bot opens; the app's token stands there.
    Socket(Place),
    /// Over HTTPS at an address of ours; the signing secret stands there.
    Http(Place),
}

/// A Discord application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscordApp {
    /// Its id.
    pub application_id: String,
    /// Where the token of its bot stands.
    pub token: Place,
    /// Its public key, where Discord reaches it over HTTPS at an address of ours; else the bot opens a connection.
    pub public_key: Option<String>,
    /// The servers in which commands are registered; none: all.
    pub servers: Vec<String>,
    /// The roles of our own people.
    pub staff_roles: Vec<String>,
}

/// What was answered. What was not stays at its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The time zone of people who write times without one.
    pub timezone: Option<String>,
    /// The country whose numbers people write without its code.
    pub home_country: Option<String>,
    /// Where the HTTP listener is.
    pub listen: Option<String>,
    /// The folder of the store.
    pub store: Option<String>,
    /// The address of a ConnexCS API, and where its token stands.
    pub platform: Option<(String, Place)>,
    /// Files and folders with captures.
    pub captures: Vec<String>,
    /// The kind of the status page, and its address.
    pub status_page: Option<(String, String)>,
    /// Where the token of the bot user of a Slack app stands, and how Slack reaches it.
    pub slack: Option<(Place, SlackBy)>,
    /// The Discord application.
    pub discord: Option<DiscordApp>,
}

/// The names that answers use for what was set up here.
const PLATFORM: &str = "main";
const CAPTURES: &str = "captures";

impl Answers {
    /// The configuration that they come to.
    #[must_use]
    pub fn file(&self) -> String {
        let mut file = Annotated::of(EMBEDDED);
        let top = [
            ("timezone", &self.timezone),
            ("home_country", &self.home_country),
        ];
        for (key, answer) in top {
            file.set("", "", key, answer.as_deref().map(quoted));
        }
        file.set("[http]", "", "listen", self.listen.as_deref().map(quoted));
        file.set("[store]", "", "path", self.store.as_deref().map(quoted));
        if let Some(paths) = list(&self.captures) {
            let mut set = |key, value| {
                file.set("[[sources]]", "kind = \"captures\"", key, Some(value));
            };
            set("name", quoted(CAPTURES));
            set("kind", quoted("captures"));
            set("paths", paths);
        }
        if let Some((base_url, token)) = &self.platform {
            let mut set = |key, value| {
                file.set("[[sources]]", "kind = \"connexcs\"", key, Some(value));
            };
            set("name", quoted(PLATFORM));
            set("kind", quoted("connexcs"));
            set("base_url", quoted(base_url));
            set("token", token.toml());
        }
        if let Some((kind, url)) = &self.status_page {
            file.set("[status_page]", "", "kind", Some(quoted(kind)));
            file.set("[status_page]", "", "url", Some(quoted(url)));
        }
        if let Some((bot_token, by)) = &self.slack {
            let (mode, key, place) = match by {
                SlackBy::Socket(place) => ("socket", "app_token", place),
                SlackBy::Http(place) => ("http", "signing_secret", place),
            };
            file.set("[slack]", "", "bot_token", Some(bot_token.toml()));
            file.set("[slack]", "", "mode", Some(quoted(mode)));
            file.set("[slack]", "", key, Some(place.toml()));
        }
        if let Some(app) = &self.discord {
            let mode = match app.public_key {
                Some(_) => "http",
                None => "gateway",
            };
            let mut set = |key, value| file.set("[discord]", "", key, value);
            set("token", Some(app.token.toml()));
            set("application_id", Some(quoted(&app.application_id)));
            set("mode", Some(quoted(mode)));
            set("public_key", app.public_key.as_deref().map(quoted));
            set("servers", list(&app.servers));
            set("staff_roles", list(&app.staff_roles));
        }
        file.text()
    }

    /// Checks what they come to in these surroundings, whether or not the secrets are there yet.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, around: &Surroundings<'_>) -> Result<(), ConfigError> {
        let names = self.variables();
        let variable = |name: &str| {
            let later = || names.contains(&name).then(|| "not-set-yet".to_owned());
            around.variable(name).or_else(later)
        };
        let around = Surroundings::new(around.path(""), &variable);
        Config::parse("the answers", &self.file(), &around).map(|_| ())
    }

    /// The environment variables that have to be set.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        let token = self.platform.iter().map(|(_, token)| token);
        let slack = self.slack.iter().flat_map(|(bot_token, by)| match by {
            SlackBy::Socket(place) | SlackBy::Http(place) => [bot_token, place],
        });
        let discord = self.discord.iter().map(|app| &app.token);
        let names = token
            .chain(slack)
            .chain(discord)
            .filter_map(|place| match place {
                Place::Variable(name) => Some(name.as_str()),
                Place::File(_) => None,
            });
        names.collect()
    }
}

/// Texts as TOML writes them; nothing for none.
fn list(texts: &[String]) -> Option<String> {
    let quoted: Vec<String> = texts.iter().map(|it| quoted(it)).collect();
    (!quoted.is_empty()).then(|| format!("[{}]", quoted.join(", ")))
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
