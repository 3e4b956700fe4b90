//! Every call of large sets of captures, one after another: the same as reading them one by one,
//! whatever the memory, the files and what becomes of these meanwhile.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use calltriage::capture::{self, Files, Limits, Line, Plan, Unit, Which};
use calltriage::peers::Peers;
use calltriage::sip::facts::facts;
use calltriage::sip::join::{Joined, joins};
use calltriage::sip::{Facts, Join, Packet, threads};
use calltriage::sources::{Captures, Everything, Source};
use tempfile::TempDir;

use crate::support::capture_writer::gzip;
use crate::support::trace;
use crate::support::traffic::{Traffic, busy};

/// What a line says of a Call-ID.
fn line(facts: &Facts) -> String {
    serde_json::to_string(facts).unwrap()
}

/// A file of these bytes in a folder of its own.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A folder with so many files of the traffic.
fn cut(traffic: &Traffic, count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, bytes) in traffic.files(count).iter().enumerate() {
        fs::write(folder.path().join(format!("{number:02}.pcap")), bytes).unwrap();
    }
    folder
}

fn plan(path: &Path, joined: bool) -> Plan {
    let files = Files::find(&[path.to_path_buf()]);
    Plan::of(files, joined, &mut |_, _| {})
}

/// What the messages of a file come to, read one after another in one go.
fn singly(path: &Path) -> Vec<String> {
    let mut packets: Vec<Packet> = Vec::new();
    let report = capture::read(path, &mut |packet| packets.push(packet)).unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    let mut all: Vec<Facts> = threads(packets).iter().filter_map(facts).collect();
    all.sort_by(|a, b| (a.started, &a.call_id).cmp(&(b.started, &b.call_id)));
    all.iter().map(line).collect()
}

/// The lines of all Call-IDs as they come, and what could not be read.
fn gathered(plan: &Plan, which: Which) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let lost = plan.gather(
        which,
        &work,
        &mut |line| {
            lines.push(line);
            true
        },
        &mut |_, _| {},
    );
    (lines, lost)
}

fn work(unit: Unit) -> Vec<Line> {
    let (threads, _) = unit.threads();
    let lines = threads.iter().filter_map(facts).map(|facts| Line {
        at: facts.started,
        text: line(&facts),
        call_id: facts.call_id,
    });
    lines.collect()
}

/// All lines, where nothing is wrong with the files.
#[track_caller]
fn all(plan: &Plan) -> Vec<String> {
    assert!(plan.problems().is_empty(), "{:?}", plan.problems());
    assert!(plan.warnings().is_empty(), "{:?}", plan.warnings());
    let (lines, lost) = gathered(plan, Which::All);
    assert!(lost.is_empty(), "{lost:?}");
    lines
}

fn started(line: &str) -> (String, String) {
    let facts: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| facts[name].as_str().unwrap().to_owned();
    (text("started"), text("call_id"))
}

#[test]
fn large_captures_say_what_reading_one_by_one_says() {
    let traffic = busy(600);
    let bytes = traffic.file();
    // Several batches, so that threads are at work.
    assert!(bytes.len() > 2 * 1024 * 1024, "{}", bytes.len());
    let (_folder, path) = file("all.pcap", &bytes);
    let expected = singly(&path);
    // One Call-ID a call and one more for each with two legs, and the lasting registration.
    assert_eq!(expected.len(), 600 + 100 + 1);
    assert!(expected.iter().any(|it| it.contains("\"tcp\"")));

    let (_folder, packed) = file("all.pcap.gz", &gzip(&bytes));
    let folder = cut(&traffic, 10);
    for path in [&*path, &*packed, folder.path()] {
        for joined in [false, true] {
            let lines = all(&plan(path, joined));
            assert!(lines == expected, "{} {joined}", path.display());
        }
    }
    let many: Vec<String> = all(&plan(&path, false));
    assert!(many == expected, "it is not the same each time");
}

#[test]
fn legs_are_joined_as_among_all_calls() {
    let (_folder, path) = file("all.pcap", &busy(240).file());
    let mut packets: Vec<Packet> = Vec::new();
    capture::read(&path, &mut |packet| packets.push(packet)).unwrap();
    let sorted = |mut joins: Vec<Join>| {
        joins.sort_by(|a, b| (&a.a, &a.b).cmp(&(&b.a, &b.b)));
        joins
    };
    let all = joins(&threads(packets), &Joined::default());
    assert_eq!(all.ties, []);
    let expected = sorted(all.joins);
    assert_eq!(expected.len(), 40);
    let found: Mutex<Vec<Join>> = Mutex::default();
    let work = |unit: Unit| {
        let (threads, Joined { joins, .. }) = unit.threads();
        assert_eq!(threads.len(), joins.len() + 1);
        found.lock().unwrap().extend(joins);
        Vec::new()
    };
    let lost = plan(&path, true).gather(Which::All, &work, &mut |_| true, &mut |_, _| {});
    assert!(lost.is_empty());
    assert_eq!(sorted(found.into_inner().unwrap()), expected);
}

#[test]
fn little_memory_makes_no_difference() {
    let traffic = busy(120);
    let (_folder, path) = file("all.pcap", &traffic.file());
    let folder = cut(&traffic, 10);
    let expected = singly(&path);
    let bounds = |held, waiting| Limits {
        held,
        waiting,
        ..Limits::default()
    };
    for (path, joined) in [(&*path, false), (&*path, true), (folder.path(), true)] {
        let few = bounds(30_000, 2_000);
        let lines = all(&plan(path, joined).with_limits(few));
        assert!(lines == expected, "{few:?} {joined}");
    }
    // None at all: each pass makes one call whole, and each line waits in the file.
    let (_folder, path) = file("few.pcap", &busy(12).file());
    let expected = singly(&path);
    for none in [bounds(0, 0), bounds(0, 1_000_000), bounds(1_000_000, 0)] {
        let lines = all(&plan(&path, true).with_limits(none));
        assert_eq!(lines, expected, "{none:?}");
    }
}

/// The registration begins first and ends last, and calls end in any order: lines come in the order
/// in which calls begin all the same.
#[test]
fn lines_come_in_the_order_in_which_calls_begin() {
    let (_folder, path) = file("all.pcap", &busy(60).file());
    let waiting = |waiting| Limits {
        waiting,
        ..Limits::default()
    };
    for limits in [Limits::default(), waiting(500)] {
        let lines = all(&plan(&path, false).with_limits(limits));
        let order: Vec<_> = lines.iter().map(|it| started(it)).collect();
        assert!(order.is_sorted(), "{order:?}");
        assert_eq!(order[0].1, "c0@198.51.100.10", "they begin at once");
        assert_eq!(order[1].1, "lasting@198.51.100.10");
    }
    let mut taken = Vec::new();
    let lost = plan(&path, false).gather(
        Which::All,
        &work,
        &mut |line| {
            taken.push(line);
            taken.len() < 3
        },
        &mut |_, _| {},
    );
    assert!(lost.is_empty());
    assert_eq!(taken, singly(&path)[..3]);
}

#[test]
fn registrations_alone() {
    let (_folder, path) = file("all.pcap", &busy(60).file());
    let expected: Vec<String> = singly(&path)
        .into_iter()
        .filter(|it| it.contains("\"registration\""))
        .collect();
    assert_eq!(expected.len(), 11);
    assert!(plan(&path, true).has_registrations());
    for limits in [
        Limits::default(),
        Limits {
            held: 0,
            of_one: 1_000_000,
            waiting: 0,
        },
    ] {
        let plan = plan(&path, true).with_limits(limits);
        let (lines, lost) = gathered(&plan, Which::Registrations);
        assert!(lost.is_empty());
        assert_eq!(lines, expected);
    }
}

#[test]
fn a_call_with_more_messages_than_are_looked_at_is_cut_and_it_is_said() {
    let mut text =
        String::from("0.000 cust>plat INVITE leg=short\n0.001 plat>cust 486 leg=short\n");
    for n in 0..400 {
        text.push_str(&format!(
            "{}.000 cust>plat OPTIONS leg=long cseq={n}\n",
            n + 1
        ));
    }
    let (_folder, path) = file("long.pcap", &Traffic::of(&trace::packets(&text)).file());
    let source = Captures::paths("captures", vec![path.clone()], Peers::default());
    let sources = [Source::Captures(Arc::new(source))];
    let gather = |of_one| {
        let limits = Limits {
            of_one,
            ..Limits::default()
        };
        let everything = Everything::finder(&sources)
            .with_limits(limits)
            .count(false);
        let mut lines = Vec::new();
        let unread = everything.gather(&work, &mut |line| {
            lines.push(line);
            true
        });
        let messages = |line: &String| {
            let facts: Facts = serde_json::from_str(line).unwrap();
            (facts.call_id, facts.messages)
        };
        (lines.iter().map(messages).collect::<Vec<_>>(), unread)
    };
    let name = |leg: &str| format!("{leg}@198.51.100.10");
    let (lines, unread) = gather(1_000_000);
    assert_eq!(lines, [(name("short"), 2), (name("long"), 400)]);
    assert_eq!(unread.sentences().count(), 0);
    let (lines, unread) = gather(20_000);
    assert_eq!(lines[0], (name("short"), 2));
    assert!(lines[1].1 > 10 && lines[1].1 < 100, "{lines:?}");
    assert_eq!(unread.lost, Vec::<String>::new());
    assert_eq!(
        unread.damaged,
        [format!(
            "{}: more messages than one call has, only the first of them were looked at",
            name("long")
        )]
    );
}

/// What is written after the captures were found is left for the next time.
#[test]
fn a_file_that_grows_between_the_passes() {
    let traffic = busy(60);
    let folder = cut(&traffic, 10);
    let expected = all(&plan(folder.path(), true));
    let growing = folder.path().join("09.pcap");
    let before = fs::read(&growing).unwrap();
    let late = "600.0 cust>plat INVITE leg=late\n600.1 plat>cust 404 leg=late";
    let more = Traffic::of(&trace::packets(late)).file();
    // Without the head of the file.
    let frames = &more[24..];
    for part in [frames.len(), frames.len() - 10, 7] {
        fs::write(&growing, &before).unwrap();
        let plan = plan(folder.path(), true);
        let mut file = OpenOptions::new().append(true).open(&growing).unwrap();
        file.write_all(&frames[..part]).unwrap();
        assert_eq!(all(&plan), expected);
        let next = Plan::of(Files::find(&[folder.path().into()]), true, &mut |_, _| {});
        let (lines, lost) = gathered(&next, Which::All);
        assert!(lost.is_empty());
        let is_whole = part == frames.len();
        let added = if part == 7 { 0 } else { 1 };
        assert_eq!(lines.len(), expected.len() + added);
        assert_eq!(next.warnings().len(), usize::from(!is_whole));
        assert!(is_whole || next.warnings()[0].contains("09.pcap: cut in frame "));
    }
}

#[test]
fn a_file_that_goes_between_the_passes_is_said_once() {
    let traffic = busy(60);
    let folder = cut(&traffic, 10);
    let expected = all(&plan(folder.path(), true));
    let path = folder.path().join("05.pcap");
    let bytes = fs::read(&path).unwrap();
    let small = Limits {
        held: 5_000,
        ..Limits::default()
    };

    let gone = format!("{}: no such file or folder; check the path", path.display());
    let changed = format!("{}: changed while it was read", path.display());
    for (left, said) in [
        (None, &gone),
        (Some(bytes.len() / 2), &changed),
        (Some(24), &changed),
    ] {
        for limits in [Limits::default(), small] {
            fs::write(&path, &bytes).unwrap();
            let plan = plan(folder.path(), true).with_limits(limits);
            match left {
                None => fs::remove_file(&path).unwrap(),
                Some(left) => fs::write(&path, &bytes[..left]).unwrap(),
            }
            let (lines, lost) = gathered(&plan, Which::All);
            assert_eq!(lost, std::slice::from_ref(said));
            let order: Vec<_> = lines.iter().map(|it| started(it)).collect();
            assert!(order.is_sorted());
            // What lies in the other files is as it was.
            let same = lines.iter().filter(|it| expected.contains(it)).count();
            assert!(same > expected.len() / 2 && same < expected.len(), "{same}");
        }
    }
}
