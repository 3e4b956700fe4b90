//! One index over many captures: what is found, in which order, and that it can be read again.

use std::fs;
use std::path::PathBuf;

use calltriage::capture::{Files, Index, Plan, Term};

use super::{address, at};
use crate::support::capture_writer::{PCAP, PCAPNG, Writer, udp};
use crate::support::media::rtp;

/// Each caller has a tag of its own: calls that share one may be legs of one call.
fn message(call_id: &str, from: &str, to: &str) -> Vec<u8> {
    format!(
        "INVITE sip:{to}@example.net SIP/2.0\r\nFrom: <sip:{from}@example.net>;tag={from}\r\n\
         To: <sip:{to}@example.net>\r\n{call_id}CSeq: 1 INVITE\r\n\r\n",
    )
    .into_bytes()
}

/// Three captures: two of the same call, one of them later, in a folder in a folder.
fn captures() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let (a, b, c) = (
        address("192.0.2.1:5060"),
        address("192.0.2.2:5070"),
        address("[2001:db8::1]:5060"),
    );
    let d = address("[2001:db8::2]:5060");
    let mut late = Writer::new(PCAP, 101);
    late.ip(
        at(500),
        &udp(
            b,
            a,
            &message("Call-ID: one@x\r\n", "bob", "+44 1782 454123"),
        ),
    );
    late.ip(
        at(600),
        &udp(c, d, &message("i: two@x\r\n", "01782454123", "alice")),
    );
    let mut early = Writer::new(PCAPNG, 101);
    early.ip(
        at(100),
        &udp(a, b, &message("Call-ID: one@x\r\n", "441782454123", "101")),
    );
    early.ip(at(50), &udp(a, b, &message("", "nobody", "9991234567")));
    early.ip(
        at(900),
        &udp(a, b, &message("Call-ID: one@x\r\n", "441782454123", "101")),
    );
    fs::create_dir_all(folder.path().join("b/c")).unwrap();
    fs::write(folder.path().join("a.pcap"), late.bytes).unwrap();
    fs::write(folder.path().join("b/c/early"), early.bytes).unwrap();
    fs::write(folder.path().join("b/notes"), "not a capture").unwrap();
    let paths = vec![folder.path().to_path_buf()];
    (folder, paths)
}

fn ids(index: &Index, term: &Term) -> Vec<String> {
    index
        .find(term, None)
        .iter()
        .map(|entry| entry.call_id().to_owned())
        .collect()
}

#[test]
fn entries_tell_each_call() {
    let (folder, paths) = captures();
    let mut told = Vec::new();
    let index = Index::build(&paths, &mut |done, all| told.push((done, all)));
    assert!(index.problems().next().is_none() && index.warnings().is_empty());
    assert_eq!(
        index.files().collect::<Vec<_>>(),
        [
            folder.path().join("a.pcap"),
            folder.path().join("b/c/early")
        ]
    );
    let one = index.call("one@x").unwrap();
    assert_eq!(
        (one.first(), one.last(), one.messages()),
        (at(100), at(900), 3)
    );
    assert_eq!((one.from_user(), one.to_user()), ("441782454123", "101"));
    assert_eq!(one.files().collect::<Vec<_>>(), [0, 1]);
    let ends = [address("192.0.2.2:5070"), address("192.0.2.1:5060")];
    assert_eq!(one.addresses(), ends, "in the order of files");
    let order: Vec<_> = index.calls().map(|it| it.call_id()).collect();
    assert_eq!(order, ["", "one@x", "two@x"]);
    assert!(told.is_sorted());
    assert_eq!(told.first().unwrap().0, 0);
    let (done, all) = *told.last().unwrap();
    assert_eq!(done, all);
}

#[test]
fn terms_find_what_they_say() {
    let (_folder, paths) = captures();
    let index = Index::build(&paths, &mut |_, _| {});
    let number = |text: &str| ids(&index, &Term::Number(text.to_owned()));
    assert_eq!(number("+44 (1782) 454-123"), ["one@x"]);
    assert_eq!(number("1782454123"), ["one@x", "two@x"]);
    assert_eq!(number("2454123"), ["one@x", "two@x"]);
    assert_eq!(number("454123"), ["one@x", "two@x"]);
    assert_eq!(number("245412"), Vec::<String>::new(), "no end of a number");
    assert_eq!(
        number("23"),
        Vec::<String>::new(),
        "two digits tell nothing"
    );
    assert_eq!(number("101"), ["one@x"]);
    assert_eq!(number("no digits"), Vec::<String>::new());
    assert_eq!(number("1234567"), [""]);
    let at_address = |text: &str, port| {
        ids(
            &index,
            &Term::Address {
                ip: text.parse().unwrap(),
                port,
            },
        )
    };
    assert_eq!(at_address("192.0.2.2", None), ["", "one@x"]);
    assert_eq!(at_address("192.0.2.2", Some(5070)), ["", "one@x"]);
    assert_eq!(at_address("192.0.2.2", Some(5060)), Vec::<String>::new());
    assert_eq!(at_address("2001:db8::1", None), ["two@x"]);
    assert_eq!(ids(&index, &Term::User("alice".to_owned())), ["two@x"]);
    assert_eq!(ids(&index, &Term::CallId("two@x".to_owned())), ["two@x"]);
    assert_eq!(
        ids(&index, &Term::CallId("TWO@x".to_owned())),
        Vec::<String>::new()
    );
    let term = Term::Number("1782454123".to_owned());
    let during = |from, to| {
        let found = index.find(&term, Some(&(at(from)..=at(to))));
        found.iter().map(|it| it.call_id()).collect::<Vec<_>>()
    };
    assert_eq!(during(0, 99), Vec::<&str>::new());
    assert_eq!(during(0, 100), ["one@x"]);
    assert_eq!(during(600, 700), ["one@x", "two@x"]);
    assert_eq!(during(901, 999), Vec::<&str>::new());
}

#[test]
fn packets_are_read_again_in_order_of_time() {
    let (folder, paths) = captures();
    let index = Index::build(&paths, &mut |_, _| {});
    let loaded = index.load(&["one@x", "unknown"]);
    assert!(loaded.problems.is_empty());
    let places: Vec<_> = loaded
        .packets
        .iter()
        .map(|it| (it.at, it.place.file, it.place.frame))
        .collect();
    assert_eq!(places, [(at(100), 1, 1), (at(500), 0, 1), (at(900), 1, 3)]);
    assert_eq!(index.load(&[""]).packets.len(), 1);
    fs::remove_file(folder.path().join("a.pcap")).unwrap();
    let loaded = index.load(&["one@x"]);
    assert_eq!(loaded.packets.len(), 2);
    assert_eq!(loaded.problems.len(), 1);
    assert!(loaded.problems[0].ends_with("no such file or folder; check the path"));
}

#[test]
fn what_is_no_message_shows_until_when_something_would_have_been_seen() {
    let (a, b) = (address("192.0.2.1:5060"), address("192.0.2.2:5060"));
    let mut writer = Writer::new(PCAP, 101);
    writer.ip(at(0), &udp(a, b, &message("Call-ID: one@x\r\n", "1", "2")));
    writer.ip(at(60_000_000), &udp(a, b, &rtp(0, 1, 160, 7)));
    let folder = tempfile::tempdir().unwrap();
    let paths = vec![folder.path().join("a.pcap")];
    fs::write(&paths[0], writer.bytes).unwrap();
    let index = Index::build(&paths, &mut |_, _| ());
    assert_eq!(index.seen_until(at(0)), Some(at(60_000_000)));
    let plan = Plan::of(Files::find(&paths), true, &mut |_, _| ());
    assert_eq!(plan.seen_until(at(0)), Some(at(60_000_000)));
}
