//! What is no trace, and text that is made to exhaust or confuse its reader.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use calltriage::capture::{Index, read_stream};
use proptest::prelude::*;

use super::{busy, invite, message, read};
use crate::support::capture_writer::gzip;

fn refused(bytes: &[u8]) -> String {
    let outcome = read_stream(bytes, Path::new("t"), 0, &mut |_| panic!("no message"));
    outcome.unwrap_err().to_string()
}

#[test]
fn text_that_only_speaks_of_sip_is_refused() {
    for text in [
        "We use SIP/2.0 here.\nFrom: me\n",
        "10:00 INVITE sip:a@b SIP/2.0 was sent\n",
        "INVITE sip:a@b SIP/2.0\n\nnothing follows\n",
        "INVITE sip:a@b SIP/2.0\nX-Other: 1\n\n",
        "INVITE sip:a@b SIP/2.0\nFrom: a\nTo: b\nCall-ID: [call_id]\nCSeq: 1 INVITE\n\n",
        "INVITE sip:a@b SIP/2.0\nFrom: a\nTo: b\nCall-ID: 1\nCSeq: {n} INVITE\n\n",
        "    \"INVITE sip:a@b SIP/2.0\\r\\n\\\n     From: a\\r\\nTo: b\\r\\nCall-ID: 1\\r\\nCSeq: 1 INVITE\\r\\n\"\n",
        "the phone sent INVITE sip:a@b SIP/2.0\nVia: SIP/2.0/UDP c\n\n",
        "GET / HTTP/1.1\nVia: SIP/2.0/UDP c\n\n",
        "Via: SIP/2.0/UDP c\nFrom: a\nTo: b\n\n",
    ] {
        assert_eq!(
            refused(text.as_bytes()),
            "t: not a pcap or pcapng capture but text without a SIP message; check that whole SIP messages stand in it, or record with tcpdump -w",
            "{text}",
        );
    }
    let scenario = format!(
        "<?xml version=\"1.0\"?>\n<scenario><send><![CDATA[\n{}]]></send>\n",
        invite()
    );
    assert!(refused(scenario.as_bytes()).contains("HTML or XML"));
    // A damaged capture is none, whatever lines are in it.
    let damaged = [b"\xd4\xc3\xb2\0\0\0\n", invite().as_bytes()].concat();
    assert!(refused(&damaged).contains("data that begins with"));
}

#[test]
fn folders_are_searched_for_traces_and_other_text_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("README.md", b"how to call");
    write("a.log", invite().as_bytes());
    write("b.txt.gz", &gzip(busy().as_bytes()));
    write("c.log", b"Jan  1 10:00:00 host sshd[1]: Accepted\n");
    let index = Index::build(&[folder.path().to_owned()], &mut |_, _| {});
    assert_eq!(index.problems().count(), 0);
    let names: Vec<_> = index
        .files()
        .map(|it| it.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a.log", "b.txt.gz"]);
    assert_eq!(index.calls().count(), 1);
    assert_eq!(index.calls().next().unwrap().messages(), 2);
}

#[test]
fn a_log_may_run_for_a_while_before_its_first_message() {
    let noise = "[2026-01-31 10:00:00] NOTICE[1]: nothing\n".repeat(4000);
    assert_eq!(read(noise + &invite()).0.len(), 1);
}

#[test]
fn damaged_gzip_gives_what_stands_before() {
    let packed = gzip((invite() + &busy().repeat(2000)).as_bytes());
    let (packets, warnings) = read(&packed[..packed.len() - 8]);
    assert!(!packets.is_empty());
    assert!(
        warnings[0].starts_with("damaged, cut or not readable any more after message"),
        "{warnings:?}"
    );
}

/// The same bytes again and again.
struct Repeated<'a> {
    unit: &'a [u8],
    at: usize,
    left: usize,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.unit[self.at..];
        let count = rest.len().min(buffer.len()).min(self.left);
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at = (self.at + count) % self.unit.len();
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn a_line_without_end_is_cut() {
    let start = invite();
    let endless = Repeated {
        unit: &[b'x'; 4096],
        at: 0,
        left: 20_000_000,
    };
    let end = busy();
    let source = start
        .as_bytes()
        .chain(endless)
        .chain(b"\n".as_slice())
        .chain(end.as_bytes());
    let mut count = 0;
    let report = read_stream(source, Path::new("t"), 0, &mut |_| count += 1).unwrap();
    assert_eq!(count, 2);
    assert!(report.warnings.contains(
        &"1 line of over 256 KiB, the first at message 1: what is beyond was dropped".to_owned()
    ));
}

#[test]
fn a_message_without_end_and_many_messages_are_bounded() {
    let head =
        message("INVITE sip:a@192.0.2.1 SIP/2.0", "1 INVITE").replace("Content-Length: 0\n\n", "");
    let endless = Repeated {
        unit: b"X-Header: 0123456789\n",
        at: 0,
        left: 1_000_000,
    };
    let mut longest = 0;
    read_stream(
        head.as_bytes().chain(endless),
        Path::new("t"),
        0,
        &mut |it| longest = longest.max(it.bytes.len()),
    )
    .unwrap();
    assert!((200_000..300_000).contains(&longest));

    let unit = busy();
    let many = Repeated {
        unit: unit.as_bytes(),
        at: 0,
        left: unit.len() * 21_000,
    };
    let mut count = 0;
    read_stream(many, Path::new("t"), 0, &mut |it| {
        count += 1;
        assert_eq!(it.place.frame, count);
    })
    .unwrap();
    assert_eq!(count, 21_000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    /// Pieces of traces in any order neither panic nor make more than is there.
    #[test]
    fn pieces_in_any_order(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("INVITE sip:a@b SIP/2.0".to_owned()),
                Just("SIP/2.0 200 OK".to_owned()),
                Just("Via: SIP/2.0/UDP a;branch=z9hG4bK1".to_owned()),
                Just("From: <sip:a@b>;tag=1".to_owned()),
                Just("Content-Length: 18446744073709551615".to_owned()),
                Just("Content-Length: 5".to_owned()),
                Just("\n".to_owned()),
                Just("\n\n".to_owned()),
                Just("v=0".to_owned()),
                Just("#012".to_owned()),
                Just("\\r\\n\\\"\\u12".to_owned()),
                Just("\"msg\":\"".to_owned()),
                Just("> ".to_owned()),
                Just("   ".to_owned()),
                Just(".".to_owned()),
                Just("\u{1b}[".to_owned()),
                Just("<--- SIP read from UDP:192.0.2.1:5060 --->".to_owned()),
                Just("recv 1 bytes from udp/[192.0.2.1]:5060 at 99:00:00.1:".to_owned()),
                Just("U +4294967295.9 1:1 -> 2:2".to_owned()),
                Just("192.0.2.1:5060 -> 192.0.2.2:5060".to_owned()),
                Just("Feb 29 23:59:60".to_owned()),
                Just("Dec 31 12:59:60 PM".to_owned()),
                Just("03/02/1900 1:00:00 am".to_owned()),
                Just("01/12/2099, 23:59:59 -2359".to_owned()),
                Just("To: &lt;sip:a&amp;".to_owned()),
                Just("<mailto:a|b@c>".to_owned()),
                Just("<<sip:|>&lt;".to_owned()),
                Just("9999-12-31T23:59:59.999999999-23:59".to_owned()),
                Just("time: 9999999999999.1".to_owned()),
                Just("--- ".to_owned()),
                ".{0,12}",
            ],
            0..60,
        ),
        wide in any::<bool>(),
    ) {
        let text = invite() + &pieces.concat();
        let bytes: Vec<u8> = if wide {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.clone().into_bytes()
        };
        let mut handed_out = 0;
        if let Ok(report) = read_stream(&*bytes, Path::new("t"), 0, &mut |it| handed_out += it.bytes.len()) {
            // Each line may have gained a CR, and each message a blank line.
            prop_assert!(handed_out <= 2 * text.len() + 4);
            prop_assert!(report.warnings.len() <= 33);
        }
    }

    #[test]
    fn any_bytes_behind_a_message(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read_stream(&*[invite().as_bytes(), &bytes].concat(), Path::new("t"), 0, &mut |_| ());
    }
}

#[test]
fn the_largest_content_length_promises_a_body_that_does_not_come() {
    let promised = invite().replace(
        "Content-Length: 0",
        &format!("Content-Length: {}", usize::MAX),
    );
    let (packets, _) = read(format!("{promised}one line\n\n{}", busy()));
    assert_eq!(packets.len(), 2);
}

#[test]
fn the_first_message_may_come_late_in_a_log() {
    let line = "[2026-02-16 09:10:00] VERBOSE[1] pbx.c: nothing of interest happens here\n";
    let log = |bytes: usize| line.repeat(bytes / line.len() + 1);
    let trace = format!("{}\n{}", invite(), busy());
    // As behind no log at all.
    assert_eq!(
        read(format!("{}{trace}", log(1 << 20))).0.len(),
        read(&trace).0.len()
    );
    let packed = gzip(format!("{}{trace}", log(1 << 20)).as_bytes());
    assert_eq!(read(packed).0.len(), 2);
    // What is no text is not read on.
    let program = [&b"\x01\x02"[..], log(1 << 20).as_bytes(), trace.as_bytes()].concat();
    assert!(refused(&program).contains("data that begins with"));
    let endless = format!("{}{trace}", log(9 << 20));
    assert!(refused(endless.as_bytes()).contains("text without a SIP message"));
}
