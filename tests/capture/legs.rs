//! Who asks for one leg gets the whole call, and nothing of the calls beside it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use calltriage::capture::Index;
use calltriage::sip::{JoinBy, Packet, threads};

use crate::support::capture_writer::{PCAP, Writer, udp};
use crate::support::media::rtp;
use crate::support::trace;
use crate::support::traffic::pairs;

/// A capture of these messages, with media of another call among them where it is said.
fn capture(packets: &[Packet], media: bool) -> (tempfile::TempDir, Vec<PathBuf>) {
    let mut writer = Writer::new(PCAP, 101);
    let ends = ["198.51.100.10:4000", "192.0.2.5:5000"].map(|it| it.parse().unwrap());
    for (packet, number) in packets.iter().zip(0_u16..) {
        writer.ip(
            packet.at,
            &udp(packet.source, packet.destination, &packet.bytes),
        );
        if media {
            let heard = rtp(0, number, u32::from(number) * 160, 7);
            writer.ip(packet.at, &udp(ends[0], ends[1], &heard));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.pcap");
    std::fs::write(&path, writer.bytes).unwrap();
    (folder, vec![path])
}

fn call_ids(packets: &[Packet]) -> BTreeSet<String> {
    let threads = threads(packets.to_vec());
    threads.into_iter().map(|thread| thread.call_id).collect()
}

fn id(leg: &str) -> String {
    format!("{leg}@198.51.100.10")
}

#[test]
fn either_leg_brings_the_whole_call() {
    let header = JoinBy::Header("X-Other-Leg".to_owned());
    let ways = [
        ("s", JoinBy::SessionId),
        ("h", header),
        ("p", JoinBy::PassedOn),
        ("n", JoinBy::Numbers),
    ];
    for media in [false, true] {
        let (_folder, paths) = capture(&pairs(), media);
        let index = Index::build(&paths, &mut |_, _| {});
        for (name, by) in &ways {
            let both = [id(&format!("{name}a")), id(&format!("{name}b"))];
            for asked in &both {
                let loaded = index.load(&[asked]);
                assert_eq!(call_ids(&loaded.packets), BTreeSet::from(both.clone()));
                assert_eq!(loaded.packets.len(), 7, "{asked}");
                let [join] = &loaded.joins[..] else {
                    panic!("{asked}: {:?}", loaded.joins)
                };
                let found = (&join.a, &join.b, &join.by);
                assert_eq!(found, (&both[0], &both[1], by));
            }
        }
        let two = index.load(&[id("sa"), id("nb")]);
        assert_eq!(call_ids(&two.packets).len(), 4);
        assert_eq!(two.joins.len(), 2);
    }
}

/// A recorder may begin a new file between any two messages.
#[test]
fn legs_are_found_across_files() {
    let folder = tempfile::tempdir().unwrap();
    for (number, packet) in pairs().iter().enumerate() {
        let mut writer = Writer::new(PCAP, 101);
        let (from, to) = (packet.source, packet.destination);
        writer.ip(packet.at, &udp(from, to, &packet.bytes));
        let path = folder.path().join(format!("{number:02}.pcap"));
        std::fs::write(path, writer.bytes).unwrap();
    }
    let paths = vec![folder.path().to_path_buf()];
    let index = Index::build(&paths, &mut |_, _| {});
    for name in ["s", "h", "p", "n"] {
        let both = [id(&format!("{name}a")), id(&format!("{name}b"))];
        for asked in &both {
            let loaded = index.load(&[asked]);
            assert_eq!(call_ids(&loaded.packets), BTreeSet::from(both.clone()));
            assert_eq!(loaded.packets.len(), 7, "{asked}");
            assert_eq!(loaded.joins.len(), 1, "{asked}");
        }
    }
}

/// Whoever goes through the same platform at the same time, to another number, is nobody's leg.
#[test]
fn neighbours_are_left_alone() {
    let packets = trace::packets(
        "0.00 cust>plat INVITE leg=one from=441632960101 to=441632960201
         0.01 plat>car INVITE leg=other from=441632960102 to=441632960202
         0.02 cust>plat INVITE leg=third from=441632960103 to=441632960203
         0.10 plat>cust 486 leg=one from=441632960101 to=441632960201
         0.11 car>plat 486 leg=other from=441632960102 to=441632960202
         0.12 plat>cust 486 leg=third from=441632960103 to=441632960203",
    );
    for media in [false, true] {
        let (_folder, paths) = capture(&packets, media);
        let index = Index::build(&paths, &mut |_, _| {});
        for leg in ["one", "other", "third"] {
            let loaded = index.load(&[id(leg)]);
            assert_eq!(call_ids(&loaded.packets), BTreeSet::from([id(leg)]));
            assert!(loaded.joins.is_empty(), "{:?}", loaded.joins);
        }
    }
}

/// A call that goes through two platforms is one call from end to end.
#[test]
fn legs_of_legs_belong_to_it() {
    let who = "from=441632960101 to=441632960201";
    let packets = trace::packets(&format!(
        "0.00 cust>plat INVITE leg=first {who}
         0.01 plat>192.0.2.6:5060 INVITE leg=second {who}
         0.02 192.0.2.6:5060>car INVITE leg=last {who}
         0.10 car>192.0.2.6:5060 486 leg=last {who}
         0.11 192.0.2.6:5060>plat 486 leg=second {who}
         0.12 plat>cust 486 leg=first {who}"
    ));
    let (_folder, paths) = capture(&packets, false);
    let index = Index::build(&paths, &mut |_, _| {});
    for leg in ["first", "second", "last"] {
        let loaded = index.load(&[id(leg)]);
        assert_eq!(loaded.packets.len(), 6, "{leg}");
        assert_eq!(loaded.joins.len(), 2, "{leg}");
    }
}
