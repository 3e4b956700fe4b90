//! `init`: a first configuration. Asks in the terminal for what no flag gave, writes the file, tries what it names and
//! says what comes next. Reads no secret: it asks where one stands.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::output::Output;
use super::{Ended, doctor};
use crate::app::Evidence;
use crate::chat::commands::Table;
use crate::chat::discord::manifest::{interactions, invite};
use crate::chat::slack::manifest::{Way, manifest as slack_manifest};
use crate::config::{ConfigError, Surroundings};
use crate::setup::{Answers, DiscordApp, Place, SlackBy};

/// What stands for "not this".
const NONE: &str = "none";

/// Where people make a Slack app.
const SLACK_APPS: &str = "https://api.slack.com/apps?new_app=1";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the default wherever no flag says otherwise, and ask nothing.
    #[arg(long)]
    defaults: bool,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
    /// The address of a ConnexCS API, as https://app.connexcs.com/api/cp/, or none.
    #[arg(long, value_name = "URL")]
    platform: Option<String>,
    /// Where the API's token stands: env:NAME or file:PATH.
    #[arg(long, value_name = "PLACE")]
    token: Option<String>,
    /// Files or folders with captures, separated by commas, or none.
    #[arg(long, value_name = "PATHS")]
    captures: Option<String>,
    /// The address of the platform's status page, or none.
    #[arg(long, value_name = "URL")]
    status_page: Option<String>,
    /// How that page is written: statuspage, instatus, uptime-kuma or feed.
    #[arg(long, value_name = "KIND")]
    status_kind: Option<String>,
    /// How Slack reaches the bot: socket, http or none.
    #[arg(long, value_name = "MODE")]
    slack: Option<String>,
    /// Where the token of Slack's bot user stands.
    #[arg(long, value_name = "PLACE")]
    slack_bot_token: Option<String>,
    /// Where the token of the Slack app (socket) or its signing secret (http) stands.
    #[arg(long, value_name = "PLACE")]
    slack_secret: Option<String>,
    /// With http: the https:// address at which Slack reaches the bot.
    #[arg(long, value_name = "URL")]
    slack_url: Option<String>,
    /// How Discord reaches the bot: gateway, http or none.
    #[arg(long, value_name = "MODE")]
    discord: Option<String>,
    /// The id of the Discord application.
    #[arg(long, value_name = "ID")]
    discord_application: Option<String>,
    /// Where the token of Discord's bot stands.
    #[arg(long, value_name = "PLACE")]
    discord_token: Option<String>,
    /// The servers in which its commands are registered, separated by commas, or none for all.
    #[arg(long, value_name = "IDS")]
    discord_servers: Option<String>,
    /// The Discord roles of your own people, separated by commas, or none.
    #[arg(long, value_name = "IDS")]
    discord_staff: Option<String>,
    /// With http: the public key of the Discord application.
    #[arg(long, value_name = "KEY")]
    discord_public_key: Option<String>,
    /// With http: the https:// address at which Discord reaches the bot.
    #[arg(long, value_name = "URL")]
    discord_url: Option<String>,
    /// The time zone of people who write times without one.
    #[arg(long, value_name = "NAME")]
    timezone: Option<String>,
    /// The country whose numbers people write without its code: two letters, or none.
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Where health and metrics are served.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The folder of what must survive a restart, or none for the user's own.
    #[arg(long, value_name = "PATH")]
    store: Option<String>,
}

/// Where it is written without `--config`.
const FILE: &str = "calltriage.toml";

pub async fn init(args: &Args, path: Option<&Path>, output: Output) -> anyhow::Result<Ended> {
    let path = path.map_or_else(|| PathBuf::from(FILE), Path::to_owned);
    if path.exists() && !args.force {
        bail!(
            "{} is there already; give --force to write over it, or another file with --config",
            path.display()
        );
    }
    let around = Surroundings::of_process();
    let mut asking = Asking {
        answers: Answers::default(),
        around: around.within(path.parent().unwrap_or(Path::new(""))),
        defaults: args.defaults,
        from_terminal: io::stdin().is_terminal(),
    };
    let reached = asking.ask_all(args)?;
    let answers = asking.answers;
    write(&path, &answers.file(), args.force)?;
    let file = path.display();
    output.note(&format!("{file} is written"));
    if let Some((_, by)) = &answers.slack {
        let way = match (by, &reached.slack) {
            (SlackBy::Http(_), Some(url)) => Way::Http(url),
            _ => Way::Socket,
        };
        let manifest = slack_manifest(way, &Table::embedded()?);
        let manifest = serde_json::to_string_pretty(&manifest)?;
        output.note(&format!(
            "for the Slack app, at {SLACK_APPS}, choose \"From a manifest\" and paste this:\n{manifest}"
        ));
    }
    if let Some(app) = &answers.discord {
        if let Some(url) = &reached.discord {
            output.note(&format!(
                "for the Discord application, put this under General Information, Interactions Endpoint URL: {}",
                interactions(url)
            ));
        }
        output.note(&format!(
            "this invites the bot into a Discord server, with what it needs and no more: {}",
            invite(&app.application_id)
        ));
    }
    let missing: Vec<&str> = answers
        .variables()
        .into_iter()
        .filter(|name| around.variable(name).is_none())
        .collect();
    if !missing.is_empty() {
        output.note(&format!(
            "next: set {}, then see what works: calltriage doctor --config {file}",
            missing.join(" and ")
        ));
        return Ok(Ended::Answered);
    }
    let evidence = Evidence {
        captures: Vec::new(),
        with_configured: true,
        asked_once: false,
    };
    let ended = doctor::doctor(Some(&path), &evidence, output).await?;
    output.note(&match ended {
        Ended::Answered => format!("next: calltriage run --config {file}"),
        Ended::Incomplete => {
            format!("next: mend what does not work, then calltriage doctor --config {file}")
        }
    });
    Ok(ended)
}

/// Others than the group need not read where secrets stand.
fn write(path: &Path, text: &str, over: bool) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o640);
    match over {
        true => options.create(true).truncate(true),
        false => options.create_new(true),
    };
    let cannot = || format!("cannot write {}", path.display());
    let mut file = options.open(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)
}

/// The https:// addresses at which chats reach the bot, where they do.
struct Reached {
    slack: Option<String>,
    discord: Option<String>,
}

/// The questions, with what was answered so far.
struct Asking<'a> {
    answers: Answers,
    around: Surroundings<'a>,
    defaults: bool,
    from_terminal: bool,
}

impl Asking<'_> {
    /// Asks everything.
    fn ask_all(&mut self, args: &Args) -> anyhow::Result<Reached> {
        let url = self.ask(
            "Address of a ConnexCS API (https://app.connexcs.com/api/cp/), or none",
            NONE,
            args.platform.as_deref(),
            |answers, typed| {
                // Only its address is judged here.
                let token = Place::Variable("TOKEN".to_owned());
                answers.platform = given(typed).map(|url| (url, token));
                Ok(())
            },
        )?;
        if given(&url).is_some() {
            self.ask(
                "Where its token stands (env:NAME or file:PATH)",
                "env:CONNEXCS_TOKEN",
                args.token.as_deref(),
                |answers, typed| {
                    answers.platform = Some((url.clone(), Place::read(typed)?));
                    Ok(())
                },
            )?;
        }
        self.ask(
            "Files or folders with captures, separated by commas, or none",
            NONE,
            args.captures.as_deref(),
            |answers, typed| {
                answers.captures = several(typed);
                Ok(())
            },
        )?;
        self.ask_page(args)?;
        let reached = Reached {
            slack: self.ask_slack(args)?,
            discord: self.ask_discord(args)?,
        };
        self.ask(
            "Time zone of times that are written without one",
            "UTC",
            args.timezone.as_deref(),
            |answers, typed| {
                answers.timezone = Some(typed.to_owned());
                Ok(())
            },
        )?;
        self.ask(
            "Country whose numbers are written without its code (two letters), or none",
            NONE,
            args.country.as_deref(),
            |answers, typed| {
                answers.home_country = given(typed);
                Ok(())
            },
        )?;
        self.ask(
            "Where health and metrics are served",
            "127.0.0.1:8080",
            args.listen.as_deref(),
            |answers, typed| {
                answers.listen = Some(typed.to_owned());
                Ok(())
            },
        )?;
        self.ask(
            "Folder of what must survive a restart, or none for your own state folder",
            NONE,
            args.store.as_deref(),
            |answers, typed| {
                answers.store = given(typed);
                Ok(())
            },
        )?;
        Ok(reached)
    }

    fn ask_page(&mut self, args: &Args) -> anyhow::Result<()> {
        let url = self.ask(
            "Address of the platform's status page, or none",
            NONE,
            args.status_page.as_deref(),
            |answers, typed| {
                answers.status_page = given(typed).map(|url| ("statuspage".to_owned(), url));
                Ok(())
            },
        )?;
        if given(&url).is_some() {
            self.ask(
                "How it is written (statuspage, instatus, uptime-kuma, feed)",
                "statuspage",
                args.status_kind.as_deref(),
                |answers, typed| {
                    answers.status_page = Some((typed.to_owned(), url.clone()));
                    Ok(())
                },
            )?;
        }
        Ok(())
    }

    /// How a chat reaches the bot: one of these ways, or none.
    fn ask_way(
        &mut self,
        chat: &str,
        ways: [&str; 2],
        flag: Option<&str>,
    ) -> anyhow::Result<String> {
        let allowed = ways.join(", ");
        let question = format!("How {chat} reaches the bot ({allowed}), or none");
        self.ask(&question, NONE, flag, |_, typed| {
            match ways.contains(&typed) || typed == NONE {
                true => Ok(()),
                false => Err(format!("found {typed:?}; allowed: {allowed}, none")),
            }
        })
    }

    /// Where a secret stands.
    fn ask_place(
        &mut self,
        question: &str,
        default: &str,
        flag: Option<&str>,
    ) -> anyhow::Result<Place> {
        let typed = self.ask(question, default, flag, |_, typed| {
            Place::read(typed).map(|_| ())
        })?;
        Place::read(&typed).map_err(anyhow::Error::msg)
    }

    /// The address at which a chat reaches the bot.
    fn ask_address(&mut self, chat: &str, flag: Option<&str>) -> anyhow::Result<String> {
        let question = format!("The https:// address at which {chat} reaches the bot");
        let url = self.ask(&question, "", flag, |_, typed| {
            match url::Url::parse(typed) {
                Ok(url) if url.scheme() == "https" => Ok(()),
                _ => Err(format!(
                    "found {typed:?}; allowed: an address with https://"
                )),
            }
        })?;
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// Asks for Slack; the address at which it reaches the bot, where it does.
    fn ask_slack(&mut self, args: &Args) -> anyhow::Result<Option<String>> {
        let mode = self.ask_way("Slack", ["socket", "http"], args.slack.as_deref())?;
        if mode == NONE {
            return Ok(None);
        }
        let bot_token = self.ask_place(
            "Where the token of Slack's bot user stands (xoxb-)",
            "env:SLACK_BOT_TOKEN",
            args.slack_bot_token.as_deref(),
        )?;
        let flag = args.slack_secret.as_deref();
        if mode == "socket" {
            let question = "Where the token of the Slack app stands (xapp-)";
            let app_token = self.ask_place(question, "env:SLACK_APP_TOKEN", flag)?;
            self.answers.slack = Some((bot_token, SlackBy::Socket(app_token)));
            return Ok(None);
        }
        let question = "Where the signing secret of the Slack app stands";
        let secret = self.ask_place(question, "env:SLACK_SIGNING_SECRET", flag)?;
        let url = self.ask_address("Slack", args.slack_url.as_deref())?;
        self.answers.slack = Some((bot_token, SlackBy::Http(secret)));
        Ok(Some(url))
    }

    /// Asks for Discord; the address at which it reaches the bot, where it does.
    fn ask_discord(&mut self, args: &Args) -> anyhow::Result<Option<String>> {
        let mode = self.ask_way("Discord", ["gateway", "http"], args.discord.as_deref())?;
        if mode == NONE {
            return Ok(None);
        }
        let token = self.ask_place(
            "Where the token of Discord's bot stands",
            "env:DISCORD_TOKEN",
            args.discord_token.as_deref(),
        )?;
        self.ask(
            "Id of the Discord application (General Information, Application ID)",
            "",
            args.discord_application.as_deref(),
            |answers, typed| {
                answers.discord = Some(DiscordApp {
                    application_id: typed.to_owned(),
                    token: token.clone(),
                    public_key: None,
                    servers: Vec::new(),
                    staff_roles: Vec::new(),
                });
                Ok(())
            },
        )?;
        type Set = fn(&mut DiscordApp, &str);
        let mut put = |question: &str, default: &str, flag: Option<&str>, set: Set| {
            self.ask(question, default, flag, |answers, typed| {
                if let Some(app) = &mut answers.discord {
                    set(app, typed);
                }
                Ok(())
            })
        };
        put(
            "Ids of the servers in which its commands are registered at once, separated by commas, or none",
            NONE,
            args.discord_servers.as_deref(),
            |app, typed| app.servers = several(typed),
        )?;
        put(
            "Ids of the roles of your own people, who may see all (else nothing is shown), separated by commas, or none",
            NONE,
            args.discord_staff.as_deref(),
            |app, typed| app.staff_roles = several(typed),
        )?;
        if mode == "gateway" {
            return Ok(None);
        }
        put(
            "Public key of the Discord application (General Information, Public Key)",
            "",
            args.discord_public_key.as_deref(),
            |app, typed| app.public_key = Some(typed.to_owned()),
        )?;
        self.ask_address("Discord", args.discord_url.as_deref())
            .map(Some)
    }

    /// One question, asked until the answer can be used; a flag's answer is used or refused.
    fn ask(
        &mut self,
        question: &str,
        default: &str,
        flag: Option<&str>,
        mut put: impl FnMut(&mut Answers, &str) -> Result<(), String>,
    ) -> anyhow::Result<String> {
        loop {
            let typed = match flag {
                Some(typed) => typed.trim().to_owned(),
                None if self.defaults => default.to_owned(),
                None => self.typed(question, default)?,
            };
            let mut answers = self.answers.clone();
            let put = put(&mut answers, &typed);
            match put.and_then(|()| answers.check(&self.around).map_err(|it| plainly(&it))) {
                Ok(()) => {
                    if flag.is_none() {
                        self.echo(if typed == default { "" } else { &typed });
                    }
                    self.answers = answers;
                    return Ok(typed);
                }
                Err(why) if flag.is_some() || self.defaults => bail!("{question}: {why}"),
                Err(why) => {
                    // It may be a secret at the wrong place.
                    self.echo("(refused)");
                    Output::new(false).note(&why);
                }
            }
        }
    }

    /// Shows what was answered where nobody typed it on a terminal.
    fn echo(&self, answer: &str) {
        if !self.from_terminal && !self.defaults {
            // Nobody can be told that stderr is closed.
            let _ = writeln!(io::stderr().lock(), "{answer}");
        }
    }

    fn typed(&self, question: &str, default: &str) -> anyhow::Result<String> {
        let mut terminal = io::stderr().lock();
        match default {
            "" => write!(terminal, "{question}: ")?,
            default => write!(terminal, "{question} [{default}]: ")?,
        }
        terminal.flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            writeln!(terminal)?;
            bail!(
                "the answers ended; give the others as flags, or --defaults to take the defaults"
            );
        }
        let line = line.trim();
        Ok(if line.is_empty() { default } else { line }.to_owned())
    }
}

/// An answer, unless it is that there is none.
fn given(typed: &str) -> Option<String> {
    (typed != NONE && !typed.is_empty()).then(|| typed.to_owned())
}

/// Several answers, separated by commas.
fn several(typed: &str) -> Vec<String> {
    let typed = given(typed).unwrap_or_default();
    let parts = typed.split(',').map(str::trim);
    parts
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What is wrong without a place in a file that is not written yet.
fn plainly(error: &ConfigError) -> String {
    let ConfigError::Invalid(problems) = error else {
        return error.to_string();
    };
    let said = problems.iter().map(|it| {
        let meant = it.did_you_mean.as_ref();
        let meant = meant.map_or_else(String::new, |it| format!("; did you mean {it}?"));
        format!("{}; allowed: {}{meant}", it.found, it.allowed)
    });
    said.collect::<Vec<_>>().join("\n")
}
