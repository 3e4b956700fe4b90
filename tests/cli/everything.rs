//! Every call of large captures by the program as people run it: the same in one file or in many,
//! the same each time, and the same as asking for one call.

use calltriage::capture;
use calltriage::sip::facts::facts;
use calltriage::sip::signal::are_keep_alives;
use calltriage::sip::{Facts, Packet, threads};
use serde_json::Value;

use super::Desk;
use crate::support::capture_writer::gzip;
use crate::support::traffic::{Traffic, busy};

/// Writes the traffic as one file, as ten in a folder, and packed.
fn write(desk: &Desk, traffic: &Traffic) {
    let whole = traffic.file();
    desk.file("whole.pcap", &whole);
    desk.file("whole.pcap.gz", gzip(&whole));
    for (number, bytes) in traffic.files(10).iter().enumerate() {
        desk.file(&format!("ten/{number}.pcap"), bytes);
    }
}

/// The facts of all messages of a file, read in one go by one thread.
fn expected(desk: &Desk, name: &str, keep_alives: bool) -> Vec<String> {
    let mut packets: Vec<Packet> = Vec::new();
    capture::read(&desk.path(name), &mut |packet| packets.push(packet)).unwrap();
    let threads = threads(packets);
    let listed = threads
        .iter()
        .filter(|it| keep_alives || !are_keep_alives(it.signals.iter()));
    let mut all: Vec<Facts> = listed.filter_map(facts).collect();
    all.sort_by(|a, b| (a.started, &a.call_id).cmp(&(b.started, &b.call_id)));
    let line = |it: &Facts| serde_json::to_string(it).unwrap();
    all.iter().map(line).collect()
}

/// Takes out what differs from one run to another.
fn lasting(mut value: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in ["id", "asked_at", "took_ms"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

#[test]
fn the_list_of_a_large_capture() {
    let desk = Desk::new();
    write(&desk, &busy(600));
    for keep_alives in [false, true] {
        let options = if keep_alives { &["--all"][..] } else { &[] };
        let expected = expected(&desk, "whole.pcap", keep_alives);
        assert_eq!(expected.len(), if keep_alives { 701 } else { 601 });
        for path in ["whole.pcap", "whole.pcap.gz", "ten", "whole.pcap"] {
            let args = [&["calls", "--json", path][..], options].concat();
            let done = desk.run(&args).answered();
            let lines: Vec<&str> = done.out.lines().collect();
            assert!(lines == expected, "{path} {options:?}");
        }
    }
    // For people, one line a call below a heading.
    let first = desk.run(&["calls", "whole.pcap"]).answered().out;
    assert_eq!(first.lines().count(), 602);
    assert_eq!(desk.run(&["calls", "ten"]).answered().out, first);
}

#[test]
fn a_call_of_which_the_end_alone_was_seen_is_among_all() {
    let desk = Desk::new();
    let all = |name: &str, text: &str| {
        let file = desk.file(name, super::capture(text)).to_owned();
        let args = ["diagnose", "--all", "--json", "--capture", &file];
        desk.run(&args).answered().json().len()
    };
    let end = "25.0 cust>plat BYE\n25.1 plat>cust 200 BYE";
    assert_eq!(all("end.pcap", end), 1);
    assert_eq!(all("ping.pcap", &end.replace("BYE", "OPTIONS")), 0);
}

#[test]
fn every_call_of_a_large_capture_is_judged_as_it_is_alone() {
    let desk = Desk::new();
    write(&desk, &busy(240));
    let all = |path: &str| {
        let args = ["diagnose", "--all", "--json", "--capture", path];
        let values = desk.run(&args).answered().json();
        values.into_iter().map(lasting).collect::<Vec<_>>()
    };
    let whole = all("whole.pcap");
    assert!(whole == all("whole.pcap"), "it is not the same each time");
    assert!(whole == all("whole.pcap.gz"));
    assert!(whole == all("ten"));
    // Two legs are one call, keep-alives are none, and the registration that lasts is one.
    assert_eq!(whole.len(), 240 - 40 + 1);
    let started: Vec<&str> = whole
        .iter()
        .map(|it| it["calls"][0]["facts"][0]["started"].as_str().unwrap())
        .collect();
    assert!(started.is_sorted());

    for call in ["c0", "c1", "c2", "c3", "c4", "c120", "c238", "lasting"] {
        let id = format!("{call}@198.51.100.10");
        let among = whole.iter().find(|it| it["query"] == *id).unwrap();
        for path in ["whole.pcap", "ten"] {
            let args = ["diagnose", "--json", &id, "--capture", path];
            let alone = lasting(desk.run(&args).answered().one_json());
            assert_eq!(&alone, among, "{call} in {path}");
        }
    }
}
