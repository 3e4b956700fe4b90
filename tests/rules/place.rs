//! Whether a call went where it should have gone, in each way in which that can be said.

use calltriage::call::{Context, Expected, Reading, parse};
use calltriage::diagnosis::{Case, PeerKind, Peers};
use calltriage::sip::{Join, calls, threads};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::verdict::{inbound, outbound};
use crate::support::trace::packets;

/// A call to 441632960002 that went to the user 1001 at a customer's address.
const CALL: &str = "0.00 cust>plat INVITE
    0.04 plat>car INVITE leg=b to=1001
    0.30 car>plat 200 leg=b to=1001
    0.31 plat>cust 200
    0.32 cust>plat ACK
    0.33 plat>car ACK leg=b to=1001";

/// The same, where the called side is shown the number that was dialled.
const RETAINED: &str = "0.00 cust>plat INVITE
    0.04 plat>car INVITE leg=b
    0.30 car>plat 200 leg=b
    0.31 plat>cust 200
    0.32 cust>plat ACK
    0.33 plat>car ACK leg=b";

fn expected(text: &str) -> Expected {
    let context = Context::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
    match parse(&format!("a@b expect=\"{text}\""), &context) {
        Reading::Query(query) => query.expected.unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Which of the two rules speaks: `wrong`, `right`, or neither.
fn judged(text: &str, peers: &Peers, expect: &str) -> &'static str {
    let legs = Join::known("a@198.51.100.10", "b@198.51.100.10");
    let call = calls(threads(packets(text)), &[legs]).remove(0);
    let expected = expected(expect);
    let case = Case::new(&call, peers, None).expecting(Some(&expected));
    let findings = super::shown::findings(&case);
    let is_found = |rule: &str| {
        let is_found = findings.iter().any(|it| it.rule == rule);
        super::shown::asked(rule, !is_found);
        is_found
    };
    match (is_found("wrong-destination"), is_found("right-destination")) {
        (true, false) => "wrong",
        (false, true) => "right",
        (false, false) => "cannot tell",
        (true, true) => panic!("{findings:?}"),
    }
}

#[test]
fn a_place_is_compared_with_what_is_alike() {
    let peers = inbound();
    assert!(peers.iter().any(|peer| peer.kind == PeerKind::Customer));
    let rows = [
        (CALL, "203.0.113.9", "right"),
        (CALL, "203.0.113.9:5060", "right"),
        (CALL, "203.0.113.9:5080", "wrong"),
        (CALL, "203.0.113.200", "wrong"),
        // Behind a NAT the device has another address than the call was sent to.
        (CALL, "192.168.1.4", "cannot tell"),
        (CALL, "1001", "right"),
        (CALL, "1002", "wrong"),
        (CALL, "sip:1001@203.0.113.9", "right"),
        (CALL, "1001@203.0.113.200", "wrong"),
        // A name cannot be compared with an address.
        (CALL, "1001@pbx.example.com", "cannot tell"),
        // The number that was dialled is no place.
        (CALL, "+44 1632 960002", "cannot tell"),
        // The user name is not seen where the number is kept.
        (RETAINED, "1001", "cannot tell"),
        (RETAINED, "203.0.113.200", "wrong"),
        (RETAINED, "203.0.113.9", "right"),
    ];
    for (text, expect, said) in rows {
        assert_eq!(judged(text, &peers, expect), said, "{expect}");
    }
    // A call out has a place where it should go, too.
    assert_eq!(judged(CALL, &outbound(), "203.0.113.200"), "wrong");
    assert_eq!(judged(CALL, &outbound(), "203.0.113.9"), "right");
}
