//! Captures of one call from two places, whose clocks differ: as files of one source, as two sources, and from what was
//! kept.

use jiff::SignedDuration;
use serde_json::Value;

use super::Desk;
use crate::support::capture_writer::udp;
use crate::support::trace::packets;
use crate::support::traffic::written;

/// The BYE was lost on the way from the customer, whose capture is the second.
const LOST_BYE: &str = "0.000 cust>plat INVITE file=1
    0.020 cust>plat INVITE
    0.500 plat>cust 200
    0.520 plat>cust 200 file=1
    0.530 cust>plat ACK file=1
    0.550 cust>plat ACK
    9.000 cust>plat BYE file=1
    9.500 cust>plat BYE file=1
    60.000 plat>cust BYE by=callee
    60.020 plat>cust BYE by=callee file=1
    60.030 cust>plat 200 BYE by=callee file=1
    60.050 cust>plat 200 BYE by=callee";

/// What one of them recorded.
fn recorded(file: u32, ahead: SignedDuration) -> Vec<u8> {
    let frames: Vec<_> = packets(LOST_BYE)
        .into_iter()
        .filter(|it| it.place.file == file)
        .map(|it| (it.at + ahead, udp(it.source, it.destination, &it.bytes)))
        .collect();
    written(&frames)
}

fn rules(investigation: &Value) -> Vec<&str> {
    let findings = investigation["calls"][0]["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect()
}

#[test]
fn what_one_lacks_was_lost_between_them() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("ours")).unwrap();
    std::fs::create_dir(desk.path("theirs")).unwrap();
    desk.file("ours/a.pcap", recorded(0, SignedDuration::ZERO));
    desk.file("theirs/b.pcap", recorded(1, SignedDuration::from_secs(3)));
    desk.file(
        "two.toml",
        "[[sources]]\nname = \"ours\"\nkind = \"captures\"\npaths = [\"ours\"]\n
         [[sources]]\nname = \"theirs\"\nkind = \"captures\"\npaths = [\"theirs\"]\n",
    );
    let both = ["--json", "--capture", "ours", "--capture", "theirs"];
    let one = desk.run(&[&["diagnose", "a@198.51.100.10"][..], &both].concat());
    let one = one.answered().one_json();
    let found = rules(&one);
    assert!(found.contains(&"lost-between-captures"), "{found:?}");
    assert!(found.contains(&"capture-clocks-differ"), "{found:?}");

    let every = desk.run(&[&["diagnose", "--all"][..], &both].concat());
    assert_eq!(every.answered().one_json()["calls"], one["calls"]);

    let sources = [
        "diagnose",
        "--json",
        "--config",
        "two.toml",
        "a@198.51.100.10",
    ];
    let sources = desk.run(&sources).answered().one_json();
    assert_eq!(sources["calls"], one["calls"]);

    let line = format!("again {}\n", one["id"].as_str().unwrap());
    let again = desk.say(&both, &line).one_json();
    assert_eq!(again["calls"], one["calls"]);
}
