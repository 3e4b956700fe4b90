//! The bot in Slack: the real program against the fake workspace.

mod dialogue;
mod doctor;
mod faults;
mod files;
mod http;
pub mod incidents;
pub mod killed;
mod outages;
mod platform;
pub mod reports;
mod running;
pub mod talk;
mod watch;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use crate::cli::PATIENCE;
use crate::support::slack::{APP_TOKEN, BOT_TOKEN, Fake, SIGNING_SECRET};

/// A call of the examples that the called party refused as busy.
pub const BUSY: &str = "busy-1@198.51.100.10";

/// The running bot, and the folder that it keeps its things in.
pub struct Bot {
    dir: TempDir,
    child: Option<Child>,
}

impl Bot {
    /// Configured for this workspace, with more settings.
    pub fn configured(fake: &Fake, mode: &str, more: &str) -> Bot {
        let dir = TempDir::new().unwrap();
        let config = format!(
            "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n[slack]\nmode = \"{mode}\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
             app_token = {{ value = \"{APP_TOKEN}\" }}\nsigning_secret = {{ value = \"{SIGNING_SECRET}\" }}\n\
             api_url = \"{}\"\n{more}",
            fake.api_url()
        );
        std::fs::write(dir.path().join("calltriage.toml"), config).unwrap();
        Bot { dir, child: None }
    }

    /// Replaces something in its configuration.
    pub fn reconfigure(&self, from: &str, to: &str) {
        self.reconfigure_all(&[(from, to)]);
    }

    /// Replaces several things at once.
    pub fn reconfigure_all(&self, changes: &[(&str, &str)]) {
        let path = self.dir.path().join("calltriage.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let changed = changes.iter().fold(config, |config, (from, to)| {
            assert!(config.contains(from), "{from}");
            config.replace(from, to)
        });
        // In one step, as an editor does: nobody reads half of it.
        let new = path.with_extension("new");
        std::fs::write(&new, changed).unwrap();
        std::fs::rename(new, path).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
        command
            .args(["--config", "calltriage.toml"])
            .args(args)
            .env_clear()
            .env("XDG_STATE_HOME", self.dir.path())
            .env("CALLTRIAGE_LOG", "debug")
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Starts it; what it logs goes to a file in its folder.
    pub fn start(&mut self) {
        self.start_with(|_| {});
    }

    /// The same, with more said to the system.
    pub fn start_with(&mut self, more: impl FnOnce(&mut Command)) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .unwrap();
        let mut command = self.command(&["run"]);
        more(&mut command);
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    /// The folder that it keeps its things in.
    pub fn folder(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Writes a file into its folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        crate::cli::signal(self.child.as_ref().unwrap().id(), name);
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// Waits until it has ended, and says how.
    pub fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        while !self.is_over() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::yield_now();
        }
        self.child.take().unwrap().wait().unwrap()
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Where its listener is, once it listens.
    pub fn address(&self) -> String {
        let began = Instant::now();
        loop {
            let log = self.log();
            let said = log.rsplit_once("listening on http://");
            if let Some((address, _)) = said.and_then(|it| it.1.split_once('\n')) {
                return address.to_owned();
            }
            assert!(began.elapsed() < PATIENCE, "it does not listen: {log}");
            std::thread::yield_now();
        }
    }

    /// What its listener answers: the status and the body.
    pub fn get(&self, path: &str) -> (u16, String) {
        fetched(&self.address(), path)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the bot's log:\n{}", self.log());
        }
    }
}

/// A workspace with the bot in it, over Socket Mode.
pub async fn in_slack(more: &str) -> (Fake, Bot) {
    let fake = Fake::fast().await;
    let mut bot = Bot::configured(&fake, "socket", more);
    bot.start();
    fake.until_connected(2).await;
    (fake, bot)
}

/// What a listener answers: the status and the body.
pub fn fetched(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}
