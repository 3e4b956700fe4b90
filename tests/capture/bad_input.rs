//! Whatever a person names instead of a capture gets one sentence that says what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use calltriage::capture::{CaptureError, Index, read};

use super::{address, at, request};
use crate::support::capture_writer::{PCAP, Writer, udp};

/// What reading the path says, with the folder of the test left out.
fn said(folder: &Path, path: &Path) -> String {
    let error = read(path, &mut |_| panic!("no packet is there"))
        .unwrap_err()
        .to_string();
    assert!(!error.contains('\n'));
    error.replace(folder.to_str().unwrap(), "")
}

fn capture() -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 1);
    writer.ip(
        at(0),
        &udp(
            address("192.0.2.1:5060"),
            address("192.0.2.2:5060"),
            &request(1),
        ),
    );
    writer.bytes
}

#[test]
fn one_sentence_for_each_path_that_is_no_capture() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("calls")).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("empty.pcap", b"");
    write("zero.pcap", &[0; 100]);
    write("trace.gz", b"\x1f\x8b\x08\0\0");
    write("page.html", b"<!DOCTYPE html><html>");
    write("notes.txt", "10:00 INVITE → 486".as_bytes());
    write("tiny.pcap", b"\xd4\xc3\xb2");
    write("old.cap", b"snoop\0\0\0\0\0\0\x02");
    let pipe = folder.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
    let expected = [
        ("nowhere.pcap", "no such file or folder; check the path"),
        ("notes.txt/a", "no such file or folder; check the path"),
        ("calls", "a folder, not a capture file; name a file in it"),
        (
            "empty.pcap",
            "the file is empty; check that the recording ran and the disk was not full",
        ),
        (
            "zero.pcap",
            "not a pcap or pcapng capture but zero bytes only; the recording never reached the disk",
        ),
        (
            "trace.gz",
            "not a pcap or pcapng capture but damaged gzip data; copy or download it again",
        ),
        (
            "page.html",
            "not a pcap or pcapng capture but HTML or XML; check that it was downloaded as a file",
        ),
        (
            "notes.txt",
            "not a pcap or pcapng capture but text without a SIP message; check that whole SIP messages stand in it, or record with tcpdump -w",
        ),
        (
            "tiny.pcap",
            "not a pcap or pcapng capture but data that begins with d4 c3 b2; check which file was meant",
        ),
        (
            "old.cap",
            "not a pcap or pcapng capture but a Solaris snoop capture; convert it with Wireshark's editcap",
        ),
        (
            "pipe",
            "a named pipe, not a file; save the packets to a file first",
        ),
        (
            "socket",
            "a socket, not a file; save the packets to a file first",
        ),
    ];
    for (name, sentence) in expected {
        assert_eq!(
            said(folder, &folder.join(name)),
            format!("/{name}: {sentence}")
        );
    }
    let device = said(folder, Path::new("/dev/zero"));
    assert_eq!(
        device,
        "/dev/zero: a device, not a file; save the packets to a file first"
    );
    let odd = said(folder, &folder.join("two\nlines"));
    assert_eq!(odd, "/two\\nlines: no such file or folder; check the path");
}

#[test]
fn no_permission_is_said() {
    let path = PathBuf::from("a.pcap");
    assert_eq!(
        CaptureError::Denied { path }.to_string(),
        "a.pcap: reading it is not permitted; give this program's user the right to",
    );
}

#[test]
fn a_huge_file_of_nothing_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(said(folder.path(), &path).contains("zero bytes only"));
}

#[test]
fn the_rest_still_works() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    for name in ["none", "other", "other/deep", "some"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    write("other/a.txt", b"a");
    write("other/deep/b.txt", b"b");
    write("some/call.dat", &capture());
    write("some/cut.pcap", &capture()[..100]);
    write("some/readme.txt", b"what stands here");
    write("some/empty", b"");
    write("some/trace.pcap1", b"\x00\x01\x02\x03 what is none");
    assert!(
        Command::new("mkfifo")
            .arg(folder.join("some/pipe"))
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink(folder, folder.join("some/loop")).unwrap();
    let names = [
        "nowhere",
        "none",
        "other",
        "some/readme.txt",
        "some/pipe",
        "some",
        "some/call.dat",
    ];
    let paths: Vec<_> = names.iter().map(|name| folder.join(name)).collect();
    let index = Index::build(&paths, &mut |_, _| {});
    let plain = |texts: &[String]| -> Vec<String> {
        texts
            .iter()
            .map(|text| text.replace(folder.to_str().unwrap(), ""))
            .collect()
    };
    assert_eq!(
        plain(&index.problems().cloned().collect::<Vec<_>>()),
        [
            "/nowhere: no such file or folder; check the path",
            "/none: no pcap or pcapng file in this folder; it holds no file at all",
            "/other: no pcap or pcapng file in this folder; its 2 files are something else",
            "/some/readme.txt: not a pcap or pcapng capture but text without a SIP message; check that whole SIP messages stand in it, or record with tcpdump -w",
            "/some/pipe: a named pipe, not a file; save the packets to a file first",
            "/some/trace.pcap1: not a pcap or pcapng capture but data that begins with 00 01 02 03; check which file was meant",
        ],
    );
    assert_eq!(
        index.files().collect::<Vec<_>>(),
        [folder.join("some/call.dat"), folder.join("some/cut.pcap")]
    );
    assert_eq!(
        plain(index.warnings()),
        ["/some/cut.pcap: cut before its first frame ends: nothing to read"],
    );
    assert_eq!(index.calls().count(), 1);
    assert_eq!(index.calls().next().unwrap().messages(), 1);
}
