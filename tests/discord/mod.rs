//! The bot in Discord: the real program against the fake service.

mod both;
mod dialogue;
mod doctor;
mod forms;
mod gateway;
mod http;
mod incidents;
mod killed;
mod limits;
mod privacy;
mod talk;
mod tokens;

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::discord::{APPLICATION, Fake, PUBLIC_KEY, SERVER, STAFF, TOKEN};

/// A call of the examples that the called party refused as busy.
pub const BUSY: &str = "busy-1@198.51.100.10";

/// What makes the engineers of the fake our own people.
pub const OURS: &str = "staff_roles = [\"1088000000000000110\"]\n";

/// The running bot, and the folder that it keeps its things in.
pub struct Bot {
    dir: TempDir,
    child: Option<Child>,
}

impl Bot {
    /// Configured for this service; `own` are more settings of `[discord]`, `more` other sections.
    pub fn configured(fake: &Fake, mode: &str, own: &str, more: &str) -> Bot {
        let dir = TempDir::new().unwrap();
        let config = format!(
            "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n[discord]\nmode = \"{mode}\"\ntoken = {{ value = \"{TOKEN}\" }}\n\
             application_id = \"{APPLICATION}\"\npublic_key = \"{PUBLIC_KEY}\"\nservers = [\"{SERVER}\"]\n\
             api_url = \"{}\"\ngateway_limit = \"3s\"\n{own}\n{more}",
            fake.api_url()
        );
        std::fs::write(dir.path().join("calltriage.toml"), config).unwrap();
        assert!(OURS.contains(&STAFF.to_string()));
        Bot { dir, child: None }
    }

    /// Adds to its configuration.
    pub fn configure_also(&self, more: &str) {
        let path = self.dir.path().join("calltriage.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, config + more).unwrap();
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
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .unwrap();
        let mut command = self.command(&["run"]);
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Where its listener is, once it says so.
    pub async fn address(&self) -> String {
        let look = async {
            loop {
                if let Some((_, after)) = self.log().rsplit_once("listening on http://") {
                    return after.lines().next().unwrap().to_owned();
                }
                tokio::task::yield_now().await;
            }
        };
        let found = tokio::time::timeout(crate::support::discord::PATIENCE, look).await;
        found.expect("it never listened")
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

/// A server with the bot in it, over the gateway.
pub async fn in_discord(own: &str, more: &str) -> (Fake, Bot) {
    let fake = Fake::start().await;
    let mut bot = Bot::configured(&fake, "gateway", own, more);
    bot.start();
    fake.until_connected().await;
    (fake, bot)
}
