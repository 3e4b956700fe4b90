//! The real program, running with a configuration of a test's own in a folder of its own; ends with its value.

#![allow(
    dead_code,
    reason = "shared with the measurements: neither needs all of it"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Only to end a test that would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

const CONFIG: &str = "calltriage.toml";

/// A chat that a bot can be configured for.
pub trait Chat {
    /// The bot's section for it, for messages that come in by this way; what is added belongs to it until a section begins.
    fn section(&self, mode: &str) -> String;
}

/// The running bot, and the folder that it keeps its things in.
pub struct Bot {
    dir: TempDir,
    child: Option<Child>,
    /// How much earlier runs wrote into the log.
    logged_before: usize,
}

impl Bot {
    /// Configured for this chat, with more settings.
    pub fn configured(chat: &impl Chat, mode: &str, more: &str) -> Bot {
        let head = "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n";
        let config = format!("{head}{}{more}", chat.section(mode));
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join(CONFIG), config).unwrap();
        Bot {
            dir,
            child: None,
            logged_before: 0,
        }
    }

    /// Adds to its configuration.
    pub fn configure_also(&self, more: &str) {
        let path = self.dir.path().join(CONFIG);
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, config + more).unwrap();
    }

    /// Replaces something in its configuration.
    pub fn reconfigure(&self, from: &str, to: &str) {
        self.reconfigure_all(&[(from, to)]);
    }

    /// Replaces several things at once.
    pub fn reconfigure_all(&self, changes: &[(&str, &str)]) {
        let config = std::fs::read_to_string(self.dir.path().join(CONFIG)).unwrap();
        let changed = changes.iter().fold(config, |config, (from, to)| {
            assert!(config.contains(from), "{from}");
            config.replace(from, to)
        });
        // In one step, as an editor does: nobody reads half of it.
        self.write("new", &changed);
        std::fs::rename(self.dir.path().join("new"), self.dir.path().join(CONFIG)).unwrap();
    }

    /// The program with its configuration and these words.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
        command
            .args(["--config", CONFIG])
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
        self.logged_before = self.log().len();
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

    /// The id of its process.
    fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
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
            let own = log.get(self.logged_before..).unwrap_or_default();
            let said = own.rsplit_once("listening on http://");
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

    /// A figure that the system tells of it, as `VmRSS` (the memory that it takes now, in kB) or `VmHWM` (at most).
    pub fn figure(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let figure = line.unwrap().split_whitespace().next();
        figure.unwrap().parse().unwrap()
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

/// How long connections are dropped every second: some seconds here, a minute where everything is checked (`.ci/run`).
pub fn dropped_seconds() -> usize {
    std::env::var("DROPPED_SECONDS").map_or(6, |it| it.parse().unwrap())
}

/// Sends a signal to a process that a test started.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{name} {pid}")])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// What a listener answers: the status and the body.
pub fn fetched(address: &str, path: &str) -> (u16, String) {
    asked(address, "GET", path, "", "")
}

/// What a listener answers to this method with these lines of a head and this body: the status and the body.
pub fn asked(address: &str, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}
