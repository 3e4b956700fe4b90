//! A call whose cause nothing shows: what is ruled out, and the filters that are ready to be sent.

use calltriage::diagnosis::undecided::{captures, ruled_out};
use calltriage::diagnosis::{Case, Peers};

use crate::support::trace::call;

#[test]
fn what_was_seen_rules_out_and_both_ends_are_to_be_captured() {
    let call = call(
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.02 plat>car INVITE leg=b
         0.05 car>plat 100 leg=b
         4.00 car>plat 200 leg=b
         4.01 plat>cust 200
         4.02 cust>plat ACK
         4.03 plat>car ACK leg=b
         9.00 cust>plat BYE
         9.01 plat>cust 200 BYE
         9.02 plat>car BYE leg=b
         9.03 car>plat 200 BYE leg=b",
    );
    let case = Case::new(&call, &Peers::default(), None);
    insta::assert_snapshot!(ruled_out(&case).join("\n"), @r"
    A silent hop: each INVITE was answered within 0.03 s.
    Gaps in the trace: none that the messages themselves show.
    A lost ACK: each answer was acknowledged.
    A lost BYE: each was answered with 2xx.
    ");
    insta::assert_snapshot!(captures(&case).join("\n"), @r"
    Capture at carrier 203.0.113.9:5060, the last node that was seen, while the call is made again: tcpdump -ni any -s0 -w call.pcap 'host 203.0.113.9 and port 5060' (to look at once: sngrep -d any host 203.0.113.9 and port 5060).
    Capture at customer 198.51.100.10:5060, where the call begins, while the call is made again: tcpdump -ni any -s0 -w call.pcap 'host 198.51.100.10 and port 5060' (to look at once: sngrep -d any host 198.51.100.10 and port 5060).
    ");
}

#[test]
fn what_is_missing_rules_nothing_out() {
    let call = call(
        "0.00 cust>plat INVITE
         0.50 cust>plat INVITE
         4.00 plat>cust 200 totag=x
         9.00 cust>plat BYE",
    );
    let case = Case::new(&call, &Peers::default(), None);
    insta::assert_snapshot!(ruled_out(&case).join("\n"), @r"
    A silent hop: each INVITE was answered within 4.00 s.
    Gaps in the trace: none that the messages themselves show.
    ");
    insta::assert_snapshot!(captures(&case).join("\n"), @r"
    Capture at far end 192.0.2.5:5060, and on its other side, while the call is made again: tcpdump -ni any -s0 -w call.pcap 'host 192.0.2.5 and port 5060' (to look at once: sngrep -d any host 192.0.2.5 and port 5060).
    Capture at customer 198.51.100.10:5060, where the call begins, while the call is made again: tcpdump -ni any -s0 -w call.pcap 'host 198.51.100.10 and port 5060' (to look at once: sngrep -d any host 198.51.100.10 and port 5060).
    ");
}
