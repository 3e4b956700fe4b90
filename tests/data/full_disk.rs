//! A disk that is full or read-only: the bot goes on answering, and says that it cannot remember.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::discord;
use crate::slack::Bot;
use crate::slack::talk::{answer, whisper};
use crate::support::discord as support;
use crate::support::slack::{ANN, Fake, NOC};

/// A small file system of its own.
struct Disk {
    folder: PathBuf,
    _dir: TempDir,
}

impl Disk {
    /// Nothing where it cannot be mounted, which is said.
    fn new() -> Option<Disk> {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join("disk");
        std::fs::create_dir(&folder).unwrap();
        let mounted = mount(
            &["-t", "tmpfs", "-o", "size=64m", "calltriage-test"],
            &folder,
        );
        if !mounted {
            eprintln!("skipped: a file system of its own needs root");
            return None;
        }
        Some(Disk { folder, _dir: dir })
    }

    /// Leaves no room on it.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.folder.join("ballast")).unwrap();
        let block = vec![0; 64 * 1024];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        let rest = [0; 512];
        while std::io::Write::write_all(&mut file, &rest).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.folder.join("ballast")).unwrap();
    }

    fn read_only(&self) -> bool {
        let done = mount(&["-o", "remount,ro"], &self.folder);
        if !done {
            eprintln!("skipped: a mounted disk is not made read-only here");
        }
        done
    }

    fn writable(&self) {
        assert!(mount(&["-o", "remount,rw"], &self.folder));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}

fn mount(args: &[&str], folder: &Path) -> bool {
    let mut command = Command::new("mount");
    let done = command.args(args).arg(folder).output();
    done.is_ok_and(|it| it.status.success())
}

async fn on(disk: &Disk) -> (Fake, Bot) {
    let path = disk.folder.join("store");
    let settings = format!("[store]\npath = \"{}\"\n", path.display());
    crate::slack::in_slack(&settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_it_answers_and_says_that_it_cannot_remember() {
    let Some(disk) = Disk::new() else { return };
    let (fake, mut bot) = on(&disk).await;
    fake.user(ANN).slash(NOC, "/triage explain nobody-1");
    answer(&fake, NOC, "nobody-1").await;
    disk.fill();
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(&fake, NOC, "486").await;
    whisper(&fake, ANN, "I will not remember this answer").await;
    fake.user(ANN).slash(NOC, "/triage explain nobody-2");
    answer(&fake, NOC, "nobody-2").await;
    let ready = bot.get("/health/ready");
    assert_eq!(ready.0, 200);
    assert!(
        ready
            .1
            .starts_with("ok, but nothing is remembered: the store"),
        "{ready:?}"
    );
    assert!(
        bot.get("/metrics")
            .1
            .contains("calltriage_not_kept_total{chat=\"slack\"} ")
    );
    // With room again and started again, it remembers again.
    disk.make_room();
    bot.kill();
    fake.until("the death", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage 441632960106");
    answer(&fake, NOC, "No circuit").await;
    let history = bot.command(&["history"]).output().unwrap();
    let history = String::from_utf8(history.stdout).unwrap();
    assert!(history.contains("441632960106"), "{history}");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_read_only_disk_it_answers_and_says_that_it_cannot_remember() {
    let Some(disk) = Disk::new() else { return };
    let (fake, _bot) = on(&disk).await;
    if !disk.read_only() {
        return;
    }
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(&fake, NOC, "486").await;
    whisper(&fake, ANN, "I will not remember this answer").await;
    fake.nothing_refused();
}

/// Ends the bot, and waits until the workspace knows.
async fn stop(fake: &Fake, bot: &mut Bot) {
    bot.signal("TERM");
    assert!(bot.ended().success());
    fake.until("the end of all connections", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
}

/// Starts it on a disk that takes nothing: it answers all the same, and says so wherever somebody looks.
async fn starts_and_answers(fake: &Fake, bot: &mut Bot, why: &str) {
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(fake, NOC, "486").await;
    whisper(fake, ANN, "I will not remember this answer").await;
    let (status, said) = bot.get("/health/ready");
    assert_eq!(status, 200);
    let begins = "ok, but nothing is remembered: the store cannot be written: ";
    assert!(said.starts_with(begins) && said.contains(why), "{said}");
    let log = bot.log();
    assert!(
        log.contains("nothing that is answered is remembered: "),
        "{log}"
    );
    let doctor = bot.command(&["doctor"]).output().unwrap();
    let doctor = String::from_utf8(doctor.stdout).unwrap();
    let store = doctor.lines().find(|it| it.contains(" store "));
    let store = store.unwrap_or_else(|| panic!("{doctor}"));
    assert!(store.contains("does not") && store.contains(why), "{store}");
}

fn history(bot: &Bot) -> String {
    let history = bot.command(&["history"]).output().unwrap();
    String::from_utf8(history.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_on_a_read_only_disk_and_loses_nothing() {
    let Some(disk) = Disk::new() else { return };
    let (fake, mut bot) = on(&disk).await;
    fake.user(ANN).slash(NOC, "/triage 441632960106");
    answer(&fake, NOC, "No circuit").await;
    stop(&fake, &mut bot).await;
    if !disk.read_only() {
        return;
    }
    starts_and_answers(&fake, &mut bot, "Read-only file system").await;
    stop(&fake, &mut bot).await;
    disk.writable();
    let history = history(&bot);
    assert!(history.contains("441632960106"), "{history}");
    assert!(!history.contains("441632960105"), "{history}");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_on_a_full_disk() {
    let Some(disk) = Disk::new() else { return };
    let fake = Fake::fast().await;
    let path = disk.folder.join("store");
    let mut bot = Bot::configured(
        &fake,
        "socket",
        &format!("[store]\npath = \"{}\"\n", path.display()),
    );
    disk.fill();
    starts_and_answers(&fake, &mut bot, "No space left on device").await;
    stop(&fake, &mut bot).await;
    disk.make_room();
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage 441632960106");
    answer(&fake, NOC, "No circuit").await;
    assert_eq!(bot.get("/health/ready"), (200, "ok".to_owned()));
    assert!(history(&bot).contains("441632960106"));
    fake.nothing_refused();
}

/// Where its store has something, a full disk need not show at the start; nothing that it has may be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_meets_a_full_disk_at_the_start_loses_nothing() {
    let Some(disk) = Disk::new() else { return };
    let (fake, mut bot) = on(&disk).await;
    fake.user(ANN).slash(NOC, "/triage 441632960106");
    answer(&fake, NOC, "No circuit").await;
    stop(&fake, &mut bot).await;
    disk.fill();
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(&fake, NOC, "486").await;
    whisper(&fake, ANN, "I will not remember this answer").await;
    stop(&fake, &mut bot).await;
    disk.make_room();
    let history = history(&bot);
    assert!(history.contains("441632960106"), "{history}");
    assert!(!bot.log().contains("lost data"), "{}", bot.log());
    fake.nothing_refused();
}

#[tokio::test]
async fn discord_is_answered_too() {
    let Some(disk) = Disk::new() else { return };
    let path = disk.folder.join("store");
    let store = format!("[store]\npath = \"{}\"\n", path.display());
    let (fake, _bot) = discord::in_discord(discord::OURS, &store).await;
    disk.fill();
    let call = [("call", json!(discord::BUSY))];
    let asking = fake.user(support::ANN);
    asking.slash(support::NOC, "diagnose", &call);
    fake.answer(support::NOC, "486").await;
    fake.whisper(support::ANN, "I will not remember this answer")
        .await;
}
