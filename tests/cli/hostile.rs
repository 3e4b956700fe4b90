//! Bytes from strangers: what they write into their messages reaches a terminal only as text.

use super::{Desk, Done, edited, pcap};

/// A refused call whose every text tries to command the terminal, with a Call-ID of 10 000
/// characters.
fn hostile() -> (Vec<u8>, String) {
    const ESC: &str = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\u{202e}";
    let text = "0.0 cust>plat INVITE from=FROM to=TO | User-Agent: HOSTILE
        0.1 plat>cust 180 from=FROM to=TO
        0.2 plat>cust 503 from=FROM to=TO phrase=PHRASE \
        | Reason: Q.850;cause=34;text=\"HOSTILE\" | Warning: 399 HOSTILE \"HOSTILE\" | Server: HOSTILE
        0.3 cust>plat ACK from=FROM to=TO";
    let call_id = format!("{}{ESC}@x", "i".repeat(9_990));
    let headers = [
        ("Call-ID: a@198.51.100.10", format!("Call-ID: {call_id}")),
        ("sip:FROM@", format!("sip:from{ESC}@")),
        ("sip:TO@", format!("sip:to{ESC}@")),
    ];
    let mut edits: Vec<(usize, &str, &str)> = (0..4)
        .flat_map(|at| {
            headers
                .iter()
                .map(move |(from, to)| (at, *from, to.as_str()))
        })
        .collect();
    edits.extend([(0, "HOSTILE", ESC), (2, "HOSTILE", ESC), (2, "PHRASE", ESC)]);
    (pcap(&edited(text, &edits)), call_id)
}

#[track_caller]
fn is_harmless(done: &Done) {
    for text in [&done.out, &done.err] {
        let bad = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(bad, None, "{done:?}");
    }
}

#[test]
fn no_escape_sequence_reaches_the_terminal() {
    let desk = Desk::new();
    let (bytes, call_id) = hostile();
    let file = desk.file("hostile.pcap", bytes);
    for args in [
        &["calls"][..],
        &["calls", "--all"],
        &["diagnose", "--all"],
        &["diagnose", "198.51.100.10"],
        &["ladder", "198.51.100.10"],
        &["history"],
        &["explain", "\x1b[2J"],
        &["rules", "\x1b[2J"],
        &["diagnose", "\x1b[2J@x"],
        &["calls", "\x1b[2J"],
    ] {
        let done = desk.run(&[args, &["--capture", file]].concat());
        is_harmless(&done);
        assert_eq!(
            done.code,
            Some(i32::from(args[1..] == ["\x1b[2J"])),
            "{done:?}"
        );
    }
    let chat = "calls\n198.51.100.10\nladder\nagain\nhistory\nnonsense \x1b[2J\nexplain \x1b[2J\n";
    is_harmless(&desk.say(&["--capture", file], chat).answered());

    let found = desk.run(&["calls", "--json", file]).answered().one_json();
    assert_eq!(found["call_id"], *call_id);
    assert_eq!(found["final"], 503);
}

#[test]
fn json_escapes_it() {
    let desk = Desk::new();
    let (bytes, call_id) = hostile();
    let file = desk.file("hostile.pcap", bytes);
    for args in [
        &["diagnose", "--all"][..],
        &["diagnose", "198.51.100.10"],
        &["ladder", "198.51.100.10"],
        &["history"],
    ] {
        let done = desk
            .run(&[args, &["--json", "--capture", file]].concat())
            .answered();
        assert!(!done.out.contains('\x1b'), "{args:?}");
        let value = done.one_json();
        if let Some(calls) = value["calls"].as_array() {
            assert_eq!(calls[0]["call_ids"][0], *call_id, "{args:?}");
        }
    }
}

/// The Call-ID that `calls --json` shows finds its call.
#[test]
fn a_long_call_id_is_found_by_itself() {
    let desk = Desk::new();
    let id = format!("{}@198.51.100.10", "1f7d8bce99".repeat(23));
    let packets = edited("0 cust>plat INVITE", &[(0, "a@198.51.100.10", &id)]);
    let file = desk.file("long.pcap", pcap(&packets));
    let done = desk.run(&["diagnose", "--json", &id, "--capture", file]);
    assert_eq!(done.answered().one_json()["calls"][0]["call_ids"][0], *id);
}
