//! Gzipped captures: as good as others, cut and damaged ones included, and no way to exhaust us.

use std::fs;
use std::path::Path;

use calltriage::capture::{Index, read_stream};

use super::{address, at, read, request};
use crate::support::capture_writer::{PCAP, PCAPNG, Writer, gzip, udp};

fn capture(messages: usize) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 101);
    for number in 0..messages {
        writer.ip(
            at(number as i64),
            &udp(
                address("192.0.2.1:5060"),
                address("192.0.2.2:5060"),
                &request(number),
            ),
        );
    }
    writer.bytes
}

fn refused(bytes: &[u8]) -> String {
    read_stream(bytes, Path::new("trace"), 0, &mut |_| ())
        .unwrap_err()
        .to_string()
}

#[test]
fn members_one_after_another_are_one_file() {
    let bytes = capture(20);
    let packed: Vec<u8> = bytes.chunks(700).flat_map(gzip).collect();
    let (packets, report) = read(&packed);
    assert_eq!((packets.len(), report.warnings.len()), (20, 0));
}

#[test]
fn a_cut_file_gives_the_frames_before_the_cut() {
    let packed = gzip(&capture(200));
    let mut most = 0;
    for length in (packed.len() / 4..packed.len()).step_by(97) {
        let (packets, report) = read(&packed[..length]);
        assert!(packets.len() >= most);
        most = packets.len();
        assert_eq!(report.warnings.len(), 1);
        assert!(
            report.warnings[0].starts_with("cut "),
            "{:?}",
            report.warnings
        );
    }
    assert!(most > 100);
}

#[test]
fn damage_costs_what_follows_it() {
    let mut packed = gzip(&capture(5));
    packed.extend(b"this is no gzip");
    let (packets, report) = read(&packed);
    assert_eq!(packets.len(), 5);
    assert_eq!(
        report.warnings,
        ["the gzip data is damaged at frame 6: only the frames before it were read"],
    );
    let mut packed = gzip(&capture(5));
    let checksum = packed.len() - 6;
    packed[checksum] ^= 1;
    assert_eq!(read(&packed).0.len(), 5);
    assert_eq!(read(&packed).1.warnings.len(), 1);
}

#[test]
fn what_holds_no_capture_is_named() {
    let not = "trace: not a pcap or pcapng capture but";
    assert_eq!(
        refused(&gzip(b"10:00 INVITE")),
        format!(
            "{not} gzip data that holds text without a SIP message; check that whole SIP messages stand in it, or record with tcpdump -w"
        ),
    );
    assert_eq!(
        refused(&gzip(&gzip(&capture(1)))),
        format!("{not} gzip data that holds gzip data; unpack it first"),
    );
    for damaged in [
        &b"\x1f\x8b\x08"[..],
        &gzip(&capture(1))[..20],
        b"\x1f\x8b\x08\xff\xff\xff",
    ] {
        assert_eq!(
            refused(damaged),
            format!("{not} damaged gzip data; copy or download it again"),
        );
    }
    assert!(refused(&gzip(b"")).starts_with("trace: the file is empty"));
}

#[test]
fn a_bomb_is_given_up() {
    // A thousandfold, in members so that making it takes no time either.
    let mut writer = Writer::new(PCAP, 101);
    let header = writer.bytes.len();
    writer.frame(at(0), &vec![0; 1_000_000]);
    let mut bomb = gzip(&writer.bytes[..header]);
    bomb.extend(gzip(&writer.bytes[header..]).repeat(200));
    let (packets, report) = read(&bomb);
    assert!(packets.is_empty());
    assert!(report.frames < 120, "{}", report.frames);
    assert_eq!(report.warnings.len(), 1);
    assert!(
        report.warnings[0]
            .starts_with("unpacks to over 256 times its size, or over 64 GiB, at frame "),
        "{}",
        report.warnings[0]
    );
    // One block of pcapng that is passed over is no way round it.
    let mut writer = Writer::new(PCAPNG, 101);
    writer.bytes.extend([0xad, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff]);
    let mut bomb = gzip(&writer.bytes);
    bomb.extend(gzip(&vec![0; 1_000_000]).repeat(200));
    assert!(read(&bomb).1.warnings[0].starts_with("unpacks to over"));
}

#[test]
fn packed_captures_are_found_in_folders_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.pcap.gz"), gzip(&capture(3))).unwrap();
    fs::write(folder.path().join("notes.gz"), gzip(b"notes")).unwrap();
    let index = Index::build(&[folder.path().to_path_buf()], &mut |done, all| {
        assert!(done <= all);
    });
    assert_eq!(index.problems().count(), 0);
    assert_eq!((index.files().count(), index.calls().count()), (1, 3));
    assert_eq!(index.load(&["call-2"]).packets[0].bytes, request(2));
}
