//! Calls are read again from where they begin in a large file, and nothing is missing of them,
//! wherever that is and whatever stands before it.

use calltriage::capture::Index;
use calltriage::sip::{Glance, Packet};

use super::read;
use crate::support::capture_writer::{CONTAINERS, Container, PCAP, PCAPNG, Writer, gzip};
use crate::support::traffic::{Traffic, busy};

/// Enough for several batches.
const CALLS: usize = 700;

fn written(traffic: &Traffic, container: Container, late_interface: bool) -> Vec<u8> {
    let mut writer = Writer::new(container, 101);
    for (number, (at, frame)) in traffic.frames.iter().enumerate() {
        if late_interface && number == traffic.frames.len() / 3 {
            writer.interface(101, &[]);
        }
        writer.ip(*at, frame);
    }
    writer.bytes
}

/// The messages of a call, as a reading of the whole file shows them.
fn expected(all: &[Packet], call_id: &str) -> Vec<Packet> {
    let own = |packet: &&Packet| Glance::of(&packet.bytes).call_id() == call_id;
    let mut packets: Vec<Packet> = all.iter().filter(own).cloned().collect();
    packets.sort_by_key(|packet| (packet.at, packet.place));
    packets
}

/// Loads calls of every kind from a file with these bytes. Gives what part of it was read for the
/// last OPTIONS, which stand alone at its end, and for the last call over TCP.
fn load_each(bytes: &[u8]) -> [f64; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.pcap");
    std::fs::write(&path, bytes).unwrap();
    let index = Index::build(&[path], &mut |_, _| {});
    let (all, _) = read(bytes);
    let load = |call: usize| {
        let call_id = format!("c{call}@198.51.100.10");
        let before = index.bytes_read();
        let loaded = index.load(&[&call_id]);
        let own = expected(&loaded.packets, &call_id);
        assert_eq!(own, expected(&all, &call_id), "{call_id}");
        assert!(!own.is_empty(), "{call_id}");
        let read = index.bytes_read() - before;
        read as f64 / bytes.len() as f64
    };
    for call in (0..6).map(|kind| CALLS / 2 / 6 * 6 + kind) {
        load(call);
    }
    let last = |kind: usize| (0..CALLS).rfind(|call| call % 6 == kind).unwrap();
    [load(last(5)), load(last(2))]
}

#[test]
fn calls_that_stand_alone_are_read_from_where_they_begin() {
    let traffic = busy(CALLS);
    let containers = [PCAP, CONTAINERS[1], PCAPNG, CONTAINERS[5]];
    for container in containers {
        let [alone, over_tcp] = load_each(&written(&traffic, container, false));
        assert!(alone < 0.6, "{container:?}: {alone} of the file");
        assert!(over_tcp > 0.8, "{container:?}: {over_tcp} of the file");
    }
}

#[test]
fn what_has_no_marks_is_read_from_its_beginning() {
    let traffic = busy(CALLS);
    let [alone, _] = load_each(&written(&traffic, PCAPNG, true));
    assert!(alone > 0.8, "{alone} of the file");
    let [alone, _] = load_each(&gzip(&written(&traffic, PCAP, false)));
    assert!(alone > 0.8, "{alone} of the file");
}
