//! Calls that go round in a circle, over too many nodes, or to one server by two ways.

use super::{both_ways, found, silent, verdict};

const RING: &str = "0.00 cust>plat INVITE mf=70
    0.01 plat>car INVITE mf=69 | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
    0.02 car>plat INVITE mf=68 | Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK-a-1920255060-203011395060-INVITE-1 | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
    0.03 plat>car 482 phrase=Loop_Detected
    0.04 car>plat ACK
    0.05 car>plat 482 phrase=Loop_Detected
    0.06 plat>car ACK
    0.07 plat>cust 482 phrase=Loop_Detected
    0.08 cust>plat ACK";

#[test]
fn a_circle_is_named_node_by_node() {
    insta::assert_snapshot!(both_ways("routing-loop", RING), @r#"
    undecided>configuration possible/certain [3, 4] The INVITE went round in a circle: 192.0.2.5:5060 > 203.0.113.9:5060 > 192.0.2.5:5060 (+0.02 s); Switch 192.0.2.5:5060 refused it with 482 "Loop Detected". One of them should have sent it elsewhere; which one, the packets do not tell.
    inbound: undecided>configuration possible error
    "#);
    assert_eq!(
        verdict(RING),
        "routing-loop undecided>configuration possible"
    );
    // Passing a node twice is no fault where nobody says so.
    silent("routing-loop", &RING.replace("482", "486"));
    silent("merged-request", RING);
    // And a 482 without a node that comes twice has another reason.
    silent("routing-loop", "0.00 cust>plat INVITE\n0.01 plat>cust 482");
}

#[test]
fn a_node_that_sends_to_itself_is_a_ring_of_one() {
    let text = "0.00 cust>plat INVITE
        0.01 plat>plat INVITE | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
        0.02 plat>plat 482
        0.03 plat>cust 482";
    insta::assert_snapshot!(both_ways("routing-loop", text), @r#"
    configuration>configuration likely/certain [2, 3] The INVITE went round in a circle: 192.0.2.5:5060 > 192.0.2.5:5060 (+0.01 s); Switch 192.0.2.5:5060 refused it with 482 "Phrase". 192.0.2.5:5060 sent it to itself: its own routing says so.
    inbound: configuration>configuration likely error
    "#);
}

#[test]
fn hops_are_spent() {
    let text = "0.00 cust>plat INVITE mf=70
        0.01 plat>car INVITE leg=b mf=0
        0.02 car>plat 483 leg=b
        0.03 plat>cust 483";
    insta::assert_snapshot!(both_ways("hops-spent", text), @r#"
    undecided>configuration possible/certain [2, 3] One 203.0.113.9:5060 refused the INVITE with 483 "Phrase" (+0.02 s); it arrived with Max-Forwards 0. Its Via headers name one node; a circle further back does not show where each round got a new Call-ID.
    inbound: undecided>configuration possible error
    "#);
    // They were spent further on than was seen.
    silent("hops-spent", &text.replace("mf=0", "mf=40"));
    let few = "0.00 cust>plat INVITE mf=1
        0.01 plat>car INVITE mf=0 | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
        0.02 car>plat 483
        0.03 plat>cust 483";
    insta::assert_snapshot!(both_ways("hops-spent", few), @r#"
    customer>customer likely/certain [1, 2, 3] One 203.0.113.9:5060 refused the INVITE with 483 "Phrase" (+0.02 s); it arrived with Max-Forwards 0. The call began with only 1; 70 is what the RFC wants.
    inbound: carrier>carrier likely error
    "#);
    assert_eq!(verdict(few), "hops-spent customer>customer likely");
}

#[test]
fn few_hops_left_are_a_note_on_a_call_that_passed() {
    let text = "0.00 cust>plat INVITE mf=5
        0.01 plat>cust 200
        0.02 cust>plat ACK
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE";
    insta::assert_snapshot!(both_ways("hops-spent", text), @r"
    customer>customer likely/certain [1] The INVITE reached Switch 192.0.2.5:5060 with Max-Forwards 5 (+0.00 s). The call began with only 5; 70 is what the RFC wants.
    inbound: carrier>carrier likely info
    ");
    assert_eq!(verdict(text), "hung-up nobody>nobody likely");
    silent("hops-spent", &text.replace("mf=5", "mf=6"));
    silent("hops-spent", &text.replace("mf=5", "without=Max-Forwards"));
}

#[test]
fn a_proxy_has_to_count_down() {
    let text = "0.00 cust>plat INVITE mf=70
        0.01 plat>car INVITE mf=70 | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
        0.02 car>plat 486
        0.03 plat>cust 486";
    insta::assert_snapshot!(both_ways("max-forwards-kept", text), @r"
    configuration>configuration likely/certain [1, 2] Switch 192.0.2.5:5060 sent the INVITE on with Max-Forwards 70 though it came with 70 (+0.01 s). A proxy has to count it down.
    inbound: configuration>configuration likely warning
    ");
    silent(
        "max-forwards-kept",
        &text.replacen("car INVITE mf=70", "car INVITE mf=69", 1),
    );
    // A back-to-back agent begins anew.
    silent(
        "max-forwards-kept",
        &text.replace("car INVITE mf=70 |", "car INVITE leg=b mf=70 | X-Was:"),
    );
}

/// A proxy behind the platform that nobody named is not ours, and one that is named a carrier's is that carrier's.
#[test]
fn whose_a_proxy_behind_the_platform_is() {
    let kept = "0.00 cust>plat INVITE mf=70
        0.01 plat>car INVITE leg=b mf=70
        0.02 car>car2 INVITE leg=b mf=70 | Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK-b-1920255060-203011395060-INVITE-1
        0.03 car2>car 486 leg=b
        0.04 car>plat 486 leg=b
        0.05 plat>cust 486";
    insta::assert_snapshot!(both_ways("max-forwards-kept", kept), @r"
    carrier>carrier likely/certain [2, 3] One 203.0.113.9:5060 sent the INVITE on with Max-Forwards 70 though it came with 70 (+0.02 s). A proxy has to count it down.
    inbound: customer>customer likely warning
    ");
    // Where nobody is named, two nodes stand in the middle, and neither is known to be ours.
    assert!(found("max-forwards-kept", kept)[0].starts_with("undecided>undecided possible"));
    let merged = "0.00 cust>plat INVITE
        0.01 plat>car INVITE leg=b
        0.02 car>car2 INVITE leg=b branch=z9hG4bK-one | Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK-b-1920255060-203011395060-INVITE-1
        0.03 car>car2 INVITE leg=b branch=z9hG4bK-two | Via: SIP/2.0/UDP 192.0.2.5:5060;branch=z9hG4bK-b-1920255060-203011395060-INVITE-1
        0.04 car2>car 482 leg=b branch=z9hG4bK-two
        0.05 car>plat 482 leg=b
        0.06 plat>cust 482";
    insta::assert_snapshot!(both_ways("merged-request", merged), @r#"
    carrier>carrier likely/certain [3, 4, 5] The same INVITE reached Two 203.0.113.19:5060 by two ways, from One 203.0.113.9:5060 (+0.02 s) and from One 203.0.113.9:5060 (+0.03 s); the second was refused with 482 "Phrase". One 203.0.113.9:5060 had sent it out both ways.
    inbound: customer>customer likely error
    "#);
    // Where nobody is named, two nodes stand in the middle, and neither is known to be ours.
    assert!(found("merged-request", merged)[0].starts_with("undecided>undecided possible"));
}

const MERGED: &str = "0.00 cust>plat INVITE
    0.01 plat>car INVITE branch=z9hG4bK-one | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
    0.02 plat>car INVITE branch=z9hG4bK-two | Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-a-19851100105060-1920255060-INVITE-1
    0.03 car>plat 482 branch=z9hG4bK-two phrase=Merged_Request
    0.04 plat>cust 482 phrase=Merged_Request";

#[test]
fn a_request_that_came_by_two_ways() {
    insta::assert_snapshot!(both_ways("merged-request", MERGED), @r#"
    configuration>configuration likely/certain [2, 3, 4] The same INVITE reached One 203.0.113.9:5060 by two ways, from Switch 192.0.2.5:5060 (+0.01 s) and from Switch 192.0.2.5:5060 (+0.02 s); the second was refused with 482 "Merged Request". Switch 192.0.2.5:5060 had sent it out both ways.
    inbound: configuration>configuration likely error
    "#);
    assert_eq!(
        verdict(MERGED),
        "merged-request configuration>configuration likely"
    );
    // The same one repeated is one request.
    silent(
        "merged-request",
        &MERGED.replace("z9hG4bK-two", "z9hG4bK-one"),
    );
    silent("merged-request", &MERGED.replace("482", "486"));
}

#[test]
fn a_long_chain_of_forwardings() {
    let diverted = |count: usize| {
        let headers: String = (0..count)
            .map(|at| format!(" | Diversion: <sip:44163296010{at}@192.0.2.5>;reason=unconditional"))
            .collect();
        format!("0.00 cust>plat INVITE{headers}\n1.00 plat>cust 480")
    };
    insta::assert_snapshot!(both_ways("forwarded-too-often", &diverted(5)), @r"
    undecided>undecided possible/certain [1] By its headers the call had been forwarded 5 times (+0.00 s), over 5 different numbers. Who set up these forwardings cannot be told from one call.
    inbound: undecided>undecided possible warning
    ");
    silent("forwarded-too-often", &diverted(4));
    let counted = "0.00 cust>plat INVITE | Diversion: <sip:441632960100@192.0.2.5>;counter=6\n1.00 plat>cust 480";
    insta::assert_snapshot!(both_ways("forwarded-too-often", counted), @r"
    undecided>undecided possible/certain [1] By its headers the call had been forwarded 6 times (+0.00 s). Who set up these forwardings cannot be told from one call.
    inbound: undecided>undecided possible warning
    ");
    // That a user was found at a contact is no forwarding.
    let found = (1..7)
        .map(|at| format!(" | History-Info: <sip:bob@h{at}>;index={at};rc=1"))
        .collect::<String>();
    silent(
        "forwarded-too-often",
        &format!("0.00 cust>plat INVITE{found}\n1.00 plat>cust 480"),
    );
}

/// A call that a carrier sends back, over legs with Call-IDs of their own.
const BOOMERANG: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.04 plat>car INVITE leg=b
    0.20 car>plat INVITE leg=c
    0.21 plat>car 482 leg=c phrase=Loop_Detected
    0.22 car>plat ACK leg=c
    0.30 car>plat 482 leg=b phrase=Loop_Detected
    0.31 plat>car ACK leg=b
    0.32 plat>cust 482 phrase=Loop_Detected
    0.34 cust>plat ACK";

#[test]
fn a_circle_over_legs_of_their_own() {
    insta::assert_snapshot!(both_ways("routing-loop", BOOMERANG), @r#"
    undecided>configuration possible/certain [4, 5] The INVITE went round in a circle: 192.0.2.5:5060 > 203.0.113.9:5060 > 192.0.2.5:5060 (+0.20 s); Switch 192.0.2.5:5060 refused it with 482 "Loop Detected". One of them should have sent it elsewhere; which one, the packets do not tell.
    inbound: undecided>configuration possible error
    "#);
    assert_eq!(
        verdict(BOOMERANG),
        "routing-loop undecided>configuration possible"
    );
    // A call that comes back and is not refused for it is another call.
    let calls = |text: &str| {
        let packets = crate::support::trace::packets(text);
        calltriage::sip::calls(calltriage::sip::threads(packets), &[]).len()
    };
    assert_eq!(calls(BOOMERANG), 1);
    assert_eq!(calls(&BOOMERANG.replace("482", "486")), 2);
}

#[test]
fn a_call_that_reached_one_server_by_two_ways_was_hung_up() {
    let text = "0.000 cust>plat INVITE
        0.005 cust>192.0.2.6:5060 INVITE
        0.010 plat>cust 100
        0.020 192.0.2.6:5060>plat INVITE
        0.030 plat>192.0.2.6:5060 482
        0.032 192.0.2.6:5060>plat ACK
        0.035 192.0.2.6:5060>cust 482
        0.040 cust>192.0.2.6:5060 ACK
        1.000 plat>cust 180
        3.000 plat>cust 200
        3.020 cust>plat ACK
        20.000 cust>plat BYE
        20.010 plat>cust 200 BYE";
    assert!(found("merged-request", text)[0].contains("by two ways"));
    assert_eq!(verdict(text), "hung-up nobody>nobody likely");
    // Where none of the servers answers, the last one tells how it ended.
    let refused = text.split("1.000").next().unwrap();
    silent("hung-up", refused);
    assert_eq!(
        verdict(refused),
        "merged-request undecided>configuration possible"
    );
}
