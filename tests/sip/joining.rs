//! Which Call-IDs are one call, where many calls look alike: what joins legs, and what must not.

use calltriage::sip::{Call, Certainty, calls, threads};

use crate::support::trace::packets;

/// Which legs form which call, by the short names of the trace language: `a+b c`; with how sure that is where it is
/// not certain.
fn told(text: &str) -> String {
    let calls = calls(threads(packets(text)), &[]);
    let one = |call: &Call| {
        let ids = call
            .legs
            .iter()
            .map(|leg| leg.call_id.split('@').next().unwrap());
        let ids = ids.collect::<Vec<_>>().join("+");
        match call.join_certainty() {
            Certainty::Certain => ids,
            other => format!("{ids} ({})", other.word()),
        }
    };
    calls.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn another_callers_leg_is_not_put_to_a_waiting_call() {
    let with = |at: &str, from: &str| {
        told(&format!(
            "0.00 cust>plat INVITE from=441515550101
             0.01 plat>cust 100 from=441515550101
             {at} plat>car INVITE leg=b from={from}
             {at}9 car>plat 503 leg=b from={from}
             4.00 plat>cust 403 from=441515550101"
        ))
    };
    assert_eq!(with("2.00", "441515550101"), "a+b (likely)");
    assert_eq!(with("2.00", "447700900123"), "a b");
    // A platform that shows its own number does so at once.
    assert_eq!(with("0.02", "447700900123"), "a+b (possible)");
    // An extension is no number of its own.
    assert_eq!(with("2.00", "1001"), "a+b (possible)");
    assert_eq!(with("2.00", "anonymous"), "a+b (possible)");
}

#[test]
fn a_next_route_may_show_another_number() {
    assert_eq!(
        told(
            "0.00 cust>plat INVITE from=441515550101
             0.02 plat>car INVITE leg=b from=441515550101
             3.00 car>plat 503 leg=b from=441515550101
             3.02 plat>car2 INVITE leg=c from=447700900123
             4.00 car2>plat 603 leg=c from=447700900123
             4.01 plat>cust 603 from=441515550101"
        ),
        "a+b+c (possible)"
    );
}

#[test]
fn a_call_that_is_over_takes_no_leg_in_one_capture() {
    let with = |at: &str, file: &str| {
        told(&format!(
            "0.00 cust>plat INVITE
             0.50 plat>cust 403
             0.51 cust>plat ACK
             {at} plat>car INVITE leg=b {file}
             9.00 car>plat 503 leg=b {file}"
        ))
    };
    assert_eq!(with("0.51", ""), "a+b (likely)");
    assert_eq!(with("0.60", ""), "a b");
    // Two captures may have two clocks.
    assert_eq!(with("0.60", "file=2"), "a+b (likely)");
}

#[test]
fn one_capture_may_be_a_little_out_of_order() {
    let with = |at: &str| {
        told(&format!(
            "{at} cust>plat INVITE
             5.002 plat>car INVITE leg=b
             6.00 car>plat 503 leg=b
             6.01 plat>cust 503"
        ))
    };
    assert_eq!(with("5.004"), "a+b (likely)");
    assert_eq!(with("5.030"), "b a");
    // What stands before it is preferred.
    let two = "0.00 cust>plat INVITE
               0.02 plat>car INVITE leg=b
               0.03 cust>plat INVITE leg=c
               0.60 plat>cust 503 leg=c
               0.90 car>plat 486 leg=b
               0.91 plat>cust 486";
    assert_eq!(told(two), "a+b (likely) c");
}

#[test]
fn the_same_port_outweighs_no_tag() {
    // Another caller's call waits at the port that the leg is sent from.
    assert_eq!(
        told(
            "0.00 cust>192.0.2.5:5060 INVITE
             0.01 car2>192.0.2.5:5080 INVITE leg=c tag=other
             0.02 192.0.2.5:5080>car INVITE leg=b tag=caller-a
             1.00 car>192.0.2.5:5080 486 leg=b tag=caller-a
             1.01 192.0.2.5:5060>cust 486
             3.00 192.0.2.5:5080>car2 200 leg=c tag=other"
        ),
        "a+b (likely) c"
    );
}

#[test]
fn a_diverted_call_goes_on_to_another_number() {
    let with = |diversion: &str| {
        told(&format!(
            "0.00 car>plat INVITE to=441632960001
             0.01 plat>cust INVITE leg=b to=441632960001
             0.50 cust>plat 302 leg=b to=441632960001
             0.60 plat>car2 INVITE leg=c to=447700900777 {diversion}
             1.40 car2>plat 404 leg=c to=447700900777
             1.41 plat>car 404 to=441632960001"
        ))
    };
    let diversion = "| Diversion: <sip:441632960001@x>;reason=unconditional";
    assert_eq!(with(diversion), "a+b+c (likely)");
    assert_eq!(with(""), "a+b (likely) c");
    // Back to the carrier that it came from, at once.
    let back = |diversion: &str| {
        told(&format!(
            "0.00 car>plat INVITE to=441632960001
             0.05 plat>car INVITE leg=b to=447700900777 {diversion}
             0.50 car>plat 404 leg=b to=447700900777
             0.51 plat>car 480 to=441632960001"
        ))
    };
    assert_eq!(back(diversion), "a+b (likely)");
    assert_eq!(back(""), "a b");
}

#[test]
fn behind_a_proxy_the_leg_goes_by_it_again() {
    // The proxy keeps the Call-ID, the platform behind it makes one of its own.
    let text = "0.00 cust>192.0.2.4:5060 INVITE
                0.01 192.0.2.4:5060>plat INVITE | Via: SIP/2.0/UDP x;branch=z9hG4bK-up
                0.02 plat>192.0.2.4:5060 INVITE leg=b
                0.03 192.0.2.4:5060>car INVITE leg=b | Via: SIP/2.0/UDP x;branch=z9hG4bK-down
                0.50 car>192.0.2.4:5060 503 leg=b | Via: SIP/2.0/UDP x;branch=z9hG4bK-down
                0.51 192.0.2.4:5060>plat 503 leg=b
                0.52 plat>192.0.2.4:5060 503 | Via: SIP/2.0/UDP x;branch=z9hG4bK-up
                0.53 192.0.2.4:5060>cust 503";
    assert_eq!(told(text), "a+b (likely)");
    // As two captures show it, one on each side of the platform.
    let apart = text.replace("leg=b", "leg=b file=2");
    assert_eq!(told(&apart), "a+b (likely)");
}

#[test]
fn a_recording_is_no_leg() {
    let with = |header: &str| {
        told(&format!(
            "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b
             1.00 plat>192.0.2.200:5060 INVITE leg=r {header}
             1.10 192.0.2.200:5060>plat 503 leg=r
             3.00 car>plat 486 leg=b
             3.01 plat>cust 486"
        ))
    };
    assert_eq!(with("| Require: siprec"), "a+b (likely) r");
    assert_eq!(with(""), "a+b+r (likely)");
}

const ID: &str =
    "| Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000";

#[test]
fn a_session_is_not_always_one_call() {
    // The legs of a conference come from one machine; a device may give all its calls one.
    assert_eq!(
        told(&format!(
            "0.00 plat>car INVITE to=441632960001 {ID}
             0.10 plat>car2 INVITE leg=b to=441632960002 {ID}"
        )),
        "a b"
    );
    assert_eq!(
        told(&format!(
            "0.00 cust>plat INVITE {ID}
             3600.00 cust2>plat INVITE leg=b {ID}
             3600.10 plat>car INVITE leg=c {ID}"
        )),
        "a b+c"
    );
    // In another capture, its clock may be wrong; the way shows which leg is the caller's.
    assert_eq!(
        told(&format!(
            "0.00 plat>car INVITE leg=b file=2 {ID}
             3600.00 cust>plat INVITE {ID}"
        )),
        "a+b"
    );
}

#[test]
fn a_header_names_what_waits() {
    let with = |at: &str, from: &str, header: &str| {
        told(&format!(
            "0.00 cust>plat INVITE from=441515550101 to=1001
             1.00 plat>cust 200 from=441515550101 to=1001
             {at} plat>car INVITE leg=b from={from} to=441632960002 | X-Leg: {header}"
        ))
    };
    let (other, same) = ("441632960009", "441515550101");
    assert_eq!(with("0.50", other, "a@198.51.100.10"), "a+b");
    assert_eq!(with("0.50", other, "<a@198.51.100.10>;leg=1"), "a+b");
    // The agent's own call, or one that was before.
    assert_eq!(with("600.00", other, "a@198.51.100.10"), "a b");
    // A queue answers first, and looks for an agent then.
    assert_eq!(with("600.00", same, "a@198.51.100.10"), "a+b (likely)");
}
