//! `patterns`: what only shows in many calls together, out of a capture.

use super::{Desk, capture, example};

#[test]
fn the_figures_of_an_example_and_what_stands_out() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["patterns", &example("many-calls.pcap")]).answered().out, @r"
    40 calls, 24 answered · ASR 60 % · NER 90 % · SER 60 % · SEER 90 % · ISA 0 % · SRD 0.0 s · talk 1.5 s

    warning: 20 of 20 answered calls of 203.0.113.9 (100 %) were ended by the caller within 6.00 s. Too few calls went through other carriers to compare with: the carrier, the caller or what is called may be why.
      cause: undecided · to act: configuration · possible · short-calls
      20 of them, 2026-11-23 02:55:01 to 2026-11-23 02:55:07 UTC: many-calls-1@198.51.100.10, many-calls-2@198.51.100.10, many-calls-3@198.51.100.10, many-calls-4@198.51.100.10, many-calls-5@198.51.100.10
      Next: Listen to one of these calls, and look whether it rang and had audio both ways.
    ");
}

/// A stranger who looks for an open platform, as it stands in a capture.
fn scan(numbers: usize) -> Vec<u8> {
    let lines = (0..numbers).map(|n| {
        let at = n as f64 * 0.1;
        format!(
            "{at:.2} cust2>plat INVITE leg=s{n} to=4416329601{n:02} | User-Agent: friendly-scanner\n\
             {:.2} plat>cust2 403 leg=s{n}\n{:.2} cust2>plat ACK leg=s{n}\n",
            at + 0.02,
            at + 0.04
        )
    });
    capture(&lines.collect::<String>())
}

#[test]
fn a_scanner_in_a_capture() {
    let desk = Desk::new();
    let file = desk.file("scan.pcap", scan(12));
    insta::assert_snapshot!(desk.run(&["patterns", file]).answered().out, @r#"
    12 calls, 0 answered · ASR 0 % · NER 0 % · SER 0 % · SEER 0 % · ISA 0 %

    warning: 198.51.100.20 sent 12 requests as "friendly-scanner", and none got through. That is a tool which strangers look for open platforms with.
      cause: nobody · to act: configuration · likely · scanner
      12 of them, 2026-02-16 09:10:00 to 2026-02-16 09:10:01 UTC: s0@198.51.100.10, s1@198.51.100.10, s2@198.51.100.10, s3@198.51.100.10, s4@198.51.100.10
      Next: Where 198.51.100.20 is a new interconnect, add its address entry; else block it in the firewall.
    "#);
    let json = desk
        .run(&["patterns", "--json", file])
        .answered()
        .one_json();
    assert_eq!(json["patterns"][0]["rule"], "scanner");
    assert_eq!(json["patterns"][0]["count"], 12);
    assert_eq!(json["figures"]["calls"], 12);
    let file = desk.file("two.pcap", scan(2));
    let json = desk
        .run(&["patterns", "--json", file])
        .answered()
        .one_json();
    assert_eq!(json["patterns"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_chat_has_it_too() {
    let desk = Desk::new();
    let file = desk.file("scan.pcap", scan(12));
    let done = desk.say(&["chat", "--capture", file], "what stands out\nquit\n");
    assert!(
        done.out
            .contains("sent 12 requests as \"friendly-scanner\""),
        "{done:?}"
    );
}
