//! A text trace from outside: read like any capture, and what it does not say is said.

use super::Desk;
use crate::support::text_writer::{Dialect, print};
use crate::support::trace;

fn busy() -> Vec<calltriage::sip::Packet> {
    trace::packets(
        "0.00 cust>plat INVITE
         0.02 plat>cust 100
         1.50 plat>cust 486 phrase=Busy_Here
         1.52 cust>plat ACK",
    )
}

#[test]
fn a_paste_is_diagnosed_and_its_times_are_not_believed() {
    let desk = Desk::new();
    let here = "192.0.2.5:5060".parse().unwrap();
    desk.file("paste.txt", print(Dialect::Quoted, &busy(), here, false));
    let notes = [
        "paste.txt: no time stamps: the order is that of the text, and no duration means anything",
        "paste.txt: 4 messages without addresses, the first is 1: they are guessed from Via, Route and Request-URI",
    ];
    let said = notes.map(|note| format!("calltriage: {note}\n")).concat();

    let listed = desk.run(&["calls", "--json", "paste.txt"]);
    assert_eq!((listed.code, &listed.err), (Some(0), &said));
    assert_eq!(listed.one_json()["final"], 486);

    let diagnosed = desk.run(&["diagnose", "a@198.51.100.10", "--capture", "paste.txt"]);
    assert_eq!((diagnosed.code, &diagnosed.err), (Some(0), &said));
    // Who reads the card alone reads it there, too; the card is as wide as the terminal.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for note in notes {
        assert!(words(&diagnosed.out).contains(note), "{}", diagnosed.out);
    }
    assert!(diagnosed.out.contains("called-busy"));
    let card = words(&diagnosed.out);
    assert!(card.contains("When not recorded; only the order of messages is known"));
    assert!(card.contains("no times were recorded: those shown are made up"));
    assert!(!card.contains("Took") && !card.contains("1970"), "{card}");
    assert_eq!(listed.one_json()["pdd_ms"], serde_json::Value::Null);
    // Nor does a sentence make a duration up.
    let unknown = "answered 486 Busy Here an unknown time after the INVITE";
    assert!(card.contains(unknown), "{card}");
}

#[test]
fn every_command_reads_a_log() {
    let desk = Desk::new();
    let here = "192.0.2.5:5060".parse().unwrap();
    desk.file("sngrep.txt", print(Dialect::Sngrep, &busy(), here, false));
    let id = "a@198.51.100.10";
    let ladder = desk.run(&["ladder", id, "--capture", "sngrep.txt"]);
    assert_eq!(
        (ladder.code, &*ladder.err),
        (
            Some(0),
            "calltriage: sngrep.txt: times without a zone: taken as UTC\n"
        )
    );
    assert!(ladder.out.contains("+1.500"), "{}", ladder.out);
    let written = desk.run(&[
        "pcap",
        id,
        "--capture",
        "sngrep.txt",
        "--output",
        "out.pcap",
    ]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    let again = desk.run(&["calls", "--json", "out.pcap"]);
    let facts = desk.run(&["calls", "--json", "sngrep.txt"]);
    assert_eq!(again.out, facts.out);
}
