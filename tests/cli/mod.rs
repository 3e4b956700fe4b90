//! The program from outside: the built binary over real files, sockets and signals, with the
//! user's state folder in a folder of the test's own.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod bad_input;
mod captures;
mod chat;
mod check_config;
mod compare;
mod doctor;
mod everything;
mod explain;
mod facts;
mod files;
mod giving;
mod history;
mod hostile;
mod init;
mod many;
mod observed;
mod output;
mod patterns;
mod pcap;
mod pictures;
pub mod schemas;
mod serving;
mod text;
mod wrong;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use calltriage::sip::{Packet, Transport};
use serde_json::Value;
use tempfile::TempDir;

pub use crate::support::bot::signal;
use crate::support::capture_writer::{Flag, PCAP, Writer, tcp, udp};
use crate::support::trace;

/// Long enough for a loaded machine; nothing waits that long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The examples of the repository.
pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures")
}

/// One example capture, as an argument.
pub fn example(name: &str) -> String {
    examples().join(name).to_str().unwrap().to_owned()
}

/// A folder to work in, with the program's state in it.
pub struct Desk {
    dir: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Desk {
        Desk {
            dir: TempDir::new().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and gives its name, by which the program finds it: it runs in this folder.
    pub fn file<'n>(&self, name: &'n str, bytes: impl AsRef<[u8]>) -> &'n str {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        name
    }

    /// The folder of the store.
    pub fn store(&self) -> PathBuf {
        self.path("state/calltriage")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
        command
            .args(args)
            .env_clear()
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it with nothing on stdin.
    pub fn run(&self, args: &[&str]) -> Done {
        finish(self.command(args), "")
    }

    /// Runs it with these lines on stdin.
    pub fn say(&self, args: &[&str], lines: &str) -> Done {
        finish(self.command(args), lines)
    }
}

impl Done {
    /// It answered: exit code 0, and nothing on stderr.
    #[track_caller]
    pub fn answered(self) -> Done {
        assert_eq!((self.code, &*self.err), (Some(0), ""), "{self:?}");
        self
    }

    /// Each line of stdout as JSON; nothing else may stand there.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        self.out.lines().map(read).collect()
    }

    /// The only line of stdout as JSON.
    #[track_caller]
    pub fn one_json(&self) -> Value {
        let mut values = self.json();
        assert_eq!(values.len(), 1, "{self:?}");
        values.remove(0)
    }
}

/// Runs a command to its end, but no longer than patience lasts.
pub fn finish(mut command: Command, stdin: &str) -> Done {
    if !stdin.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    let (pid, pipe, text) = (child.id(), child.stdin.take(), stdin.to_owned());
    let writer = thread::spawn(move || {
        // A program that ends before it has read everything is no trouble.
        pipe.map(|mut pipe| pipe.write_all(text.as_bytes()).ok())
    });
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = is_done.recv_timeout(PATIENCE) else {
        signal(pid, "KILL");
        panic!("{command:?} did not end");
    };
    writer.join().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output.unwrap();
    Done {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// A written call as a capture file.
pub fn capture(text: &str) -> Vec<u8> {
    pcap(&trace::packets(text))
}

/// Packets as a capture file.
pub fn pcap(packets: &[Packet]) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 101);
    let mut sequences: HashMap<(SocketAddr, SocketAddr), u32> = HashMap::new();
    for packet in packets {
        let (source, destination) = (packet.source, packet.destination);
        if packet.transport == Transport::Udp {
            writer.ip(packet.at, &udp(source, destination, &packet.bytes));
            continue;
        }
        let next = sequences.entry((source, destination)).or_insert_with(|| {
            writer.ip(packet.at, &tcp(source, destination, 0, Flag::Syn, b""));
            1
        });
        let segment = tcp(source, destination, *next, Flag::Data, &packet.bytes);
        writer.ip(packet.at, &segment);
        *next += u32::try_from(packet.bytes.len()).unwrap();
    }
    writer.bytes
}

/// A written call with words of single messages replaced: `(message, from, to)`, messages counted
/// from 0.
pub fn edited(text: &str, edits: &[(usize, &str, &str)]) -> Vec<Packet> {
    let mut packets = trace::packets(text);
    for (at, from, to) in edits {
        let message = String::from_utf8(packets[*at].bytes.to_vec()).unwrap();
        assert!(message.contains(from), "{message}");
        packets[*at].bytes = message.replace(from, to).into();
    }
    packets
}
