//! A disk that is full or read-only: the bot goes on answering, and says that it cannot remember.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::slack::Bot;
use crate::slack::talk::{answer, whisper};
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
        mount(&["-o", "remount,ro"], &self.folder)
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
        eprintln!("skipped: a mounted disk is not made read-only here");
        return;
    }
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(&fake, NOC, "486").await;
    whisper(&fake, ANN, "I will not remember this answer").await;
    fake.nothing_refused();
}
