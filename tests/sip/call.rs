//! Calls out of packets: transactions, repetitions, hops and the joining of legs.

use calltriage::sip::{
    Call, Certainty, EndedBy, Join, JoinBy, Link, Method, Repeat, Transaction, calls, threads,
};

use crate::support::trace::{call, packets};

fn all(text: &str) -> Vec<Call> {
    calls(threads(packets(text)), &[])
}

/// Which legs form which call, by the short names of the trace language: `a+b c`.
fn grouped(calls: &[Call]) -> String {
    let names = |call: &Call| -> Vec<String> {
        let ids = call.legs.iter().map(|leg| leg.call_id.as_str());
        ids.map(|id| id.split('@').next().unwrap().to_owned())
            .collect()
    };
    let calls: Vec<String> = calls.iter().map(|call| names(call).join("+")).collect();
    calls.join(" ")
}

/// The transactions, one a line: method, CSeq, requests, responses, ACKs, CANCELs, final code.
fn shown(call: &Call) -> Vec<String> {
    let line = |t: &Transaction| {
        let inside = if t.in_dialog { " inside" } else { "" };
        format!(
            "{} {}{inside}: {} requests, {} responses, {} acks, {} cancels, {:?}",
            t.method,
            t.cseq,
            t.requests.len(),
            t.responses.len(),
            t.acks.len(),
            t.cancels.len(),
            t.final_code().unwrap_or(0)
        )
    };
    call.transactions.iter().map(|t| line(t)).collect()
}

/// The hops, one a word: `leg:client>server` with what it hangs under.
fn hops(call: &Call) -> Vec<String> {
    let hop = |hop: &calltriage::sip::Hop| {
        let up = hop
            .upstream
            .map_or(String::new(), |(id, link)| format!(" {link:?} {id}"));
        format!("{} {}>{}{up}", hop.leg, hop.client, hop.server)
    };
    call.hops.iter().map(hop).collect()
}

#[test]
fn an_ack_belongs_to_its_invite() {
    let refused = call(
        "0.0 cust>plat INVITE
         0.1 plat>cust 407
         0.2 cust>plat ACK
         0.3 cust>plat INVITE cseq=2
         0.4 plat>cust 486 cseq=2
         0.5 cust>plat ACK cseq=2",
    );
    assert_eq!(
        shown(&refused),
        [
            "INVITE 1: 1 requests, 1 responses, 1 acks, 0 cancels, 407",
            "INVITE 2: 1 requests, 1 responses, 1 acks, 0 cancels, 486",
        ]
    );
    // The ACK to a 2xx has a branch of its own; a re-INVITE has its own ACK.
    let answered = call(
        "0.0 cust>plat INVITE
         0.1 plat>cust 200
         0.2 cust>plat ACK
         5.0 cust>plat INVITE cseq=2 in
         5.1 plat>cust 200 cseq=2
         5.2 cust>plat ACK cseq=2
         9.0 plat>cust INVITE by=callee in
         9.1 cust>plat 200 by=callee
         9.2 plat>cust ACK by=callee",
    );
    assert_eq!(
        shown(&answered),
        [
            "INVITE 1: 1 requests, 1 responses, 1 acks, 0 cancels, 200",
            "INVITE 2 inside: 1 requests, 1 responses, 1 acks, 0 cancels, 200",
            "INVITE 101 inside: 1 requests, 1 responses, 1 acks, 0 cancels, 200",
        ]
    );
    assert_eq!(answered.legs[0].facts.reinvites, 2);
}

#[test]
fn the_200_of_another_request_is_no_answer() {
    let cancelled = call(
        "0.0 cust>plat INVITE
         0.1 plat>cust 180
         2.0 cust>plat CANCEL
         2.1 plat>cust 200 CANCEL cseq=1
         2.2 plat>cust 487
         2.3 cust>plat ACK",
    );
    assert_eq!(
        shown(&cancelled),
        [
            "INVITE 1: 1 requests, 2 responses, 1 acks, 1 cancels, 487",
            "CANCEL 1: 1 requests, 1 responses, 0 acks, 0 cancels, 200",
        ]
    );
    let facts = &cancelled.legs[0].facts;
    assert_eq!((facts.answered, facts.final_code), (false, Some(487)));
    assert_eq!(facts.ended_by, Some(EndedBy::Canceled));

    let others = call(
        "0.0 cust>plat INVITE
         0.1 plat>cust 183
         0.2 cust>plat PRACK
         0.3 plat>cust 200 PRACK
         0.4 cust>plat UPDATE cseq=3
         0.5 plat>cust 200 UPDATE cseq=3
         0.6 plat>cust OPTIONS cseq=9
         0.7 cust>plat 200 OPTIONS cseq=9
         0.8 plat>cust 486
         0.9 cust>plat ACK",
    );
    let facts = &others.legs[0].facts;
    assert_eq!(
        (facts.answered, facts.final_code, facts.setup_ms),
        (false, Some(486), None)
    );
}

#[test]
fn devices_without_branches() {
    let old = packets(
        "0.0 cust>plat INVITE branch=
         0.5 cust>plat INVITE branch=
         0.6 plat>cust 200 branch=
         0.7 cust>plat ACK branch=
         5.0 cust>plat BYE branch=
         5.1 plat>cust 200 BYE branch=",
    );
    let calls = calls(threads(old), &[]);
    assert_eq!(
        shown(&calls[0]),
        [
            "INVITE 1: 2 requests, 1 responses, 1 acks, 0 cancels, 200",
            "BYE 2 inside: 1 requests, 1 responses, 0 acks, 0 cancels, 200",
        ]
    );
}

#[test]
fn sent_again_or_recorded_twice() {
    let text = "0.000 cust>plat INVITE
                0.002 cust>plat INVITE
                0.500 cust>plat INVITE
                0.549 cust>plat INVITE
                0.599 cust>plat INVITE
                0.600 plat>cust 407
                0.610 cust>plat INVITE cseq=2
                0.700 plat>cust 180 cseq=2
                0.701 plat>car  INVITE cseq=2
                1.000 plat>cust 200 cseq=2
                1.500 plat>cust 200 cseq=2
                1.510 plat>cust 200 cseq=2 totag=fork";
    let call = call(text);
    let of = |kind| {
        call.signals
            .iter()
            .filter(|(_, s)| s.repeat == kind)
            .map(|(_, s)| s.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Repeat::CaptureDuplicate), [2, 4]);
    assert_eq!(of(Repeat::Retransmission), [3, 5, 11]);
    let facts = &call.legs[0].facts;
    assert_eq!((facts.capture_duplicates, facts.retransmissions), (2, 3));
    assert_eq!(call.transactions[0].requests.len(), 3);
}

#[test]
fn an_answer_recorded_before_its_request() {
    let text = "0.00 plat>cust 200 file=1
                0.05 cust>plat INVITE
                0.06 cust>plat ACK file=1
                5.00 plat>cust 200 cseq=2 file=1
                5.05 cust>plat INVITE cseq=2 in
                6.00 plat>cust 200 BYE cseq=3 file=1
                6.05 cust>plat BYE cseq=3";
    let call = call(text);
    assert_eq!(
        shown(&call),
        [
            "INVITE 1: 1 requests, 1 responses, 1 acks, 0 cancels, 200",
            "INVITE 2 inside: 1 requests, 1 responses, 0 acks, 0 cancels, 200",
            "BYE 3 inside: 1 requests, 1 responses, 0 acks, 0 cancels, 200",
        ]
    );
    assert_eq!(call.hops.len(), 1);
}

#[test]
fn answers_alone() {
    // One direction only: the answers to a re-INVITE are no second way of the call.
    let call = call(
        "0.0 plat>cust 180
         1.0 plat>cust 200
         5.0 cust>plat 200 by=callee
         7.0 plat>cust 200 cseq=2
         9.0 plat>cust 200 BYE cseq=3",
    );
    assert_eq!(hops(&call), ["0 198.51.100.10:5060>192.0.2.5:5060"]);
    assert_eq!(call.hops[0].final_code(), Some(200));
    assert_eq!(
        shown(&call)[1],
        "INVITE 101 inside: 0 requests, 1 responses, 0 acks, 0 cancels, 200"
    );
    assert_eq!(
        shown(&call)[2],
        "INVITE 2 inside: 0 requests, 1 responses, 0 acks, 0 cancels, 200"
    );
}

#[test]
fn over_a_proxy_with_one_call_id() {
    let way = "Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK-up";
    let forked = call(&format!(
        "0.00 cust>plat INVITE branch=z9hG4bK-up
         0.01 plat>car  INVITE branch=z9hG4bK-d1 | {way}
         0.02 plat>car2 INVITE branch=z9hG4bK-d2 | {way}
         0.10 car>plat  180 branch=z9hG4bK-d1 | {way}
         0.20 car2>plat 486 branch=z9hG4bK-d2 | {way}
         1.00 car>plat  200 branch=z9hG4bK-d1 | {way}
         1.01 plat>cust 200 branch=z9hG4bK-up"
    ));
    let ways = [
        "0 198.51.100.10:5060>192.0.2.5:5060",
        "0 192.0.2.5:5060>203.0.113.9:5060 Via 0",
        "0 192.0.2.5:5060>203.0.113.19:5060 Via 0",
    ];
    assert_eq!(hops(&forked), ways);
    let codes: Vec<_> = forked.hops.iter().map(|hop| hop.final_code()).collect();
    assert_eq!(codes, [Some(200), Some(200), Some(486)]);
    assert_eq!(forked.ingress().unwrap().id, 0);

    // The same from the answers alone, whose Vias tell as much.
    let answers = call(&format!(
        "0.09 plat>cust 100 branch=z9hG4bK-up
         0.10 car>plat  180 branch=z9hG4bK-d1 | {way}
         0.20 car2>plat 486 branch=z9hG4bK-d2 | {way}"
    ));
    assert_eq!(hops(&answers), ways);
    // And where the far side was recorded by a clock that is early.
    let early = call(&format!(
        "0.00 plat>car  INVITE branch=z9hG4bK-d1 file=1 | {way}
         0.05 cust>plat INVITE branch=z9hG4bK-up"
    ));
    assert_eq!(
        hops(&early),
        [
            "0 192.0.2.5:5060>203.0.113.9:5060 Via 1",
            "0 198.51.100.10:5060>192.0.2.5:5060"
        ]
    );
    assert_eq!(early.ingress().unwrap().id, 1);
}

#[test]
fn vias_that_go_in_a_circle() {
    let call = call(
        "0.00 cust>plat INVITE branch=z9hG4bK-1 | Via: SIP/2.0/UDP x;branch=z9hG4bK-2
         0.01 plat>car  INVITE branch=z9hG4bK-2 | Via: SIP/2.0/UDP x;branch=z9hG4bK-1",
    );
    assert_eq!(
        call.hops
            .iter()
            .filter(|hop| hop.upstream.is_none())
            .count(),
        1
    );
}

/// Two legs through the platform; `{}` are the options of the far one.
fn two_legs(far: &str) -> String {
    format!(
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.02 plat>car  INVITE leg=b {far}
         0.50 car>plat  180 leg=b {far}
         0.51 plat>cust 180
         1.00 car>plat  200 leg=b {far}
         1.01 plat>cust 200"
    )
}

#[track_caller]
fn joined(text: &str, by: &JoinBy, certainty: Certainty) -> Call {
    let calls = all(text);
    assert_eq!(grouped(&calls), "a+b");
    let join = &calls[0].joins[0];
    assert_eq!((&join.by, join.certainty), (by, certainty));
    assert_eq!(
        (join.a.as_str(), join.b.as_str()),
        ("a@198.51.100.10", "b@198.51.100.10")
    );
    calls.into_iter().next().unwrap()
}

#[test]
fn over_a_platform_with_two_call_ids() {
    let hiding = joined(
        &two_legs("tag=caller-a"),
        &JoinBy::PassedOn,
        Certainty::Likely,
    );
    let ways = [
        "0 198.51.100.10:5060>192.0.2.5:5060",
        "1 192.0.2.5:5060>203.0.113.9:5060 JoinedLeg 0",
    ];
    assert_eq!(hops(&hiding), ways);

    assert_eq!(
        hops(&joined(&two_legs(""), &JoinBy::Numbers, Certainty::Likely)),
        ways
    );
    joined(
        &two_legs("from=anonymous"),
        &JoinBy::Numbers,
        Certainty::Possible,
    );
    joined(
        &two_legs("to=00441632960002"),
        &JoinBy::Numbers,
        Certainty::Likely,
    );
    // The media description went through, the numbers were changed on one side.
    let sdp = "|| v=0 || o=- 77 1 IN IP4 198.51.100.10";
    let text = two_legs("to=5550001").replace("INVITE\n", &format!("INVITE {sdp}\n"));
    let text = text.replace(
        "INVITE leg=b to=5550001",
        &format!("INVITE leg=b to=5550001 {sdp}"),
    );
    joined(&text, &JoinBy::PassedOn, Certainty::Likely);
    // Other numbers at the same time through the same node are another call.
    assert_eq!(grouped(&all(&two_legs("to=5550001"))), "a b");
}

#[test]
fn named_by_the_other_leg() {
    let far = "to=5550001 from=5550002";
    let session =
        "Session-ID: 47755a9de7794ba387653f2099600ef2;remote=00000000000000000000000000000000";
    let with = |near: &str, other: &str| {
        let text = two_legs(far).replacen("INVITE\n", &format!("INVITE | {near}\n"), 1);
        text.replacen(
            &format!("INVITE leg=b {far}"),
            &format!("INVITE leg=b {far} | {other}"),
            1,
        )
    };
    joined(
        &with(session, session),
        &JoinBy::SessionId,
        Certainty::Certain,
    );
    let null = "Session-ID: 00000000000000000000000000000000";
    assert_eq!(grouped(&all(&with(null, null))), "a b");

    let header = |name: &str| with("Subject: x", &format!("{name}: a@198.51.100.10"));
    joined(
        &header("X-CID"),
        &JoinBy::Header("X-CID".to_owned()),
        Certainty::Certain,
    );
    // A call that this one returns is not this call (RFC 3261 section 20.21).
    assert_eq!(grouped(&all(&header("In-Reply-To"))), "a b");

    let known = [Join::known("a@198.51.100.10", "b@198.51.100.10")];
    let calls = calls(threads(packets(&two_legs(far))), &known);
    assert_eq!(grouped(&calls), "a+b");
    assert_eq!(calls[0].joins[0].by, JoinBy::Known);
}

#[test]
fn a_known_leg_is_joined_to_nothing_else() {
    let text = "0.00 cust>plat INVITE
                0.01 cust2>plat INVITE leg=c from=5550002
                0.02 plat>car INVITE leg=b from=5550002
                9.00 plat>car BYE leg=d";
    assert_eq!(grouped(&all(text)), "a c+b d");
    let id = |leg: &str| format!("{leg}@198.51.100.10");
    let known = [("a", "b"), ("a", "d"), ("c", "gone"), ("c", "c")]
        .map(|(a, b)| Join::known(&id(a), &id(b)));
    // Also a leg of which no INVITE was seen.
    assert_eq!(grouped(&calls(threads(packets(text)), &known)), "a+b+d c");
}

#[test]
fn a_second_carrier_with_a_third_call_id() {
    let call = call(
        "0.00 cust>plat INVITE
         0.02 plat>car  INVITE leg=b
         0.50 car>plat  503 leg=b
         0.51 plat>car  ACK leg=b
         0.52 plat>car2 INVITE leg=c
         1.00 car2>plat 200 leg=c
         1.01 plat>cust 200",
    );
    assert_eq!(call.legs.len(), 3);
    let links: Vec<_> = call.hops.iter().map(|hop| hop.upstream).collect();
    assert_eq!(
        links,
        [None, Some((0, Link::JoinedLeg)), Some((0, Link::JoinedLeg))]
    );

    // A proxy of the caller's leg had tried another way before: that refusal settled nothing.
    let text = "0.00 cust>plat INVITE branch=z9hG4bK-up
                0.01 plat>cust 100 branch=z9hG4bK-up
                0.02 plat>car  INVITE branch=z9hG4bK-d | Via: SIP/2.0/UDP x;branch=z9hG4bK-up
                0.50 car>plat  503 branch=z9hG4bK-d | Via: SIP/2.0/UDP x;branch=z9hG4bK-up
                1.00 plat>car2 INVITE leg=b
                9.00 plat>cust 503 branch=z9hG4bK-up";
    assert_eq!(grouped(&all(text)), "a+b");
}

#[test]
fn two_calls_between_the_same_numbers() {
    let near = "0.00 cust>plat INVITE
                0.01 cust>plat INVITE leg=b
                0.02 plat>car  INVITE leg=c {c}
                0.03 plat>car  INVITE leg=d {d}";
    let with = |c: &str, d: &str| grouped(&all(&near.replace("{c}", c).replace("{d}", d)));
    // Which is which cannot be known.
    assert_eq!(with("", ""), "a b c d");
    assert_eq!(with("tag=caller-b", "tag=caller-a"), "a+d b+c");
    // One after the other is no riddle, nor is one that was over.
    let text = "0.00 cust>plat INVITE
                0.02 plat>car  INVITE leg=b
                0.03 car>plat  486 leg=b
                0.04 plat>cust 486
                0.50 cust>plat INVITE leg=c
                0.52 plat>car  INVITE leg=d";
    assert_eq!(grouped(&all(text)), "a+b c+d");
}

#[test]
fn three_nodes_on_one_host() {
    let text = "0.00 127.0.0.1:5061>127.0.0.1:5062 INVITE
                0.01 127.0.0.1:5062>127.0.0.1:5063 INVITE leg=b
                0.02 127.0.0.1:5063>127.0.0.1:5064 INVITE leg=c
                0.03 127.0.0.1:5064>127.0.0.1:5063 200 leg=c";
    let calls = all(text);
    assert_eq!(grouped(&calls), "a+b+c");
    let links: Vec<_> = calls[0].hops.iter().map(|hop| hop.upstream).collect();
    assert_eq!(
        links,
        [None, Some((0, Link::JoinedLeg)), Some((1, Link::JoinedLeg))]
    );
    // Two programs of the platform behind one address: the port tells the nearer one.
    let text = "0.00 cust>192.0.2.5:5060 INVITE
                0.01 192.0.2.5:5060>192.0.2.5:5080 INVITE leg=b
                0.02 192.0.2.5:5080>car INVITE leg=c";
    let call = call(text);
    let links: Vec<_> = call.hops.iter().map(|hop| hop.upstream).collect();
    assert_eq!(
        links,
        [None, Some((0, Link::JoinedLeg)), Some((1, Link::JoinedLeg))]
    );
}

#[test]
fn habits_of_sipp() {
    // The same user, origin line and tags in every call, many at once, the platform slow.
    let sdp = "|| v=0 || o=user1 53655765 2353687637 IN IP4 127.0.0.1";
    let calls: String = (0..50)
        .map(|n| {
            let at = f64::from(n) * 0.02;
            format!(
                "{:.3} 198.51.100.10:{port}>plat INVITE leg=a{n} to=service from=sipp {sdp}
                 {:.3} plat>car INVITE leg=b{n} to=service from=sipp {sdp}
                 {:.3} plat>198.51.100.10:{port} 200 leg=a{n} to=service from=sipp\n",
                at,
                at + 0.030,
                at + 0.045,
                port = 5060,
            )
        })
        .collect();
    for call in all(&calls) {
        if let [near, far] = &*call.legs {
            assert_eq!(near.call_id.replace('a', "b"), far.call_id);
        } else {
            assert_eq!(call.legs.len(), 1);
        }
    }
    // Where the tags go through, each is found; a run before this had the same.
    let runs: String = [0.0, 300.0]
        .iter()
        .flat_map(|start| (0..50).map(move |n| (*start, n)))
        .map(|(start, n)| {
            let at = start + f64::from(n) * 0.02;
            format!(
                "{at:.3} cust>plat INVITE leg=a{start}-{n} to=service from=sipp tag=SIPpTag{n} {sdp}
                 {:.3} plat>car INVITE leg=b{start}-{n} to=service from=sipp tag=SIPpTag{n} {sdp}\n",
                at + 0.030,
            )
        })
        .collect();
    let calls = all(&runs);
    assert_eq!(calls.len(), 100);
    for call in calls {
        assert_eq!(call.legs[0].call_id.replace('a', "b"), call.legs[1].call_id);
    }
}

#[test]
fn only_answers_of_the_far_leg() {
    let text = "0.00 cust>plat INVITE
                0.30 car>plat  180 leg=b tag=caller-a
                0.31 plat>cust 180
                1.00 car>plat  200 leg=b tag=caller-a";
    let call = joined(text, &JoinBy::PassedOn, Certainty::Likely);
    assert_eq!(
        hops(&call),
        [
            "0 198.51.100.10:5060>192.0.2.5:5060",
            "1 192.0.2.5:5060>203.0.113.9:5060 JoinedLeg 0"
        ]
    );
    // The answer to a re-INVITE of a call that began before the capture opens none.
    let text = "0.00 plat>car  INVITE leg=b in
                0.01 car>plat  200 leg=b
                0.02 cust>plat INVITE
                0.03 plat>car2 INVITE leg=c";
    assert_eq!(grouped(&all(text)), "b a+c");
}

#[test]
fn clocks_that_differ() {
    // The far side was recorded by a clock that is 100 ms behind.
    let text = "0.000 cust>plat INVITE
                0.001 plat>cust 100
               -0.090 plat>car  INVITE leg=b file=1
               -0.050 car>plat  180 leg=b file=1
                0.051 plat>cust 180";
    let call = call(text);
    assert_eq!(grouped(std::slice::from_ref(&call)), "a+b");
    assert_eq!(call.first_leg().unwrap().call_id, "a@198.51.100.10");
    assert_eq!(
        hops(&call),
        [
            "1 192.0.2.5:5060>203.0.113.9:5060 JoinedLeg 1",
            "0 198.51.100.10:5060>192.0.2.5:5060"
        ]
    );
    assert_eq!(call.ingress().unwrap().leg, 0);
    // In one capture the order is what it is: the far leg was there before.
    let same_file = text.replace(" file=1", "");
    assert_eq!(grouped(&all(&same_file)), "b a");
}

#[test]
fn nodes() {
    let at = |call: &Call, address: &str| call.node(address.parse().unwrap()).to_string();
    // TCP: sent from a passing port, answered there, called back at the port of the Via.
    let tcp = call(
        "0.0 198.51.100.10:49152>plat INVITE tcp via=198.51.100.10:5060
         0.1 plat>198.51.100.10:49152 200 tcp via=198.51.100.10:5060
         0.2 198.51.100.10:49153>plat ACK tcp via=198.51.100.10:5060
         9.0 plat>198.51.100.10:5060 BYE by=callee tcp
         9.1 198.51.100.10:5060>plat 200 BYE by=callee tcp",
    );
    for port in [49152, 49153, 5060] {
        assert_eq!(
            at(&tcp, &format!("198.51.100.10:{port}")),
            "198.51.100.10:5060"
        );
    }
    assert_eq!(
        shown(&tcp),
        [
            "INVITE 1: 1 requests, 1 responses, 1 acks, 0 cancels, 200",
            "BYE 102 inside: 1 requests, 1 responses, 0 acks, 0 cancels, 200",
        ]
    );
    // NAT: the private address of the Via is nobody's name here; a new public port is the same.
    let nat = call(
        "0.0 198.51.100.10:1024>plat INVITE via=10.0.0.5:5060
         0.1 plat>198.51.100.10:1024 200 via=10.0.0.5:5060
         0.2 198.51.100.10:1025>plat ACK via=10.0.0.5:5060",
    );
    assert_eq!(at(&nat, "198.51.100.10:1025"), "198.51.100.10:1024");
    assert_eq!(
        shown(&nat),
        ["INVITE 1: 1 requests, 1 responses, 1 acks, 0 cancels, 200"]
    );
    // An answer that comes back by another port than its request went to.
    let other_way = call(
        "0.0 cust>plat INVITE branch=z9hG4bK-x
         0.1 192.0.2.5:6060>cust 100 branch=z9hG4bK-x
         0.2 plat>198.51.100.10:5090 200 branch=z9hG4bK-x",
    );
    assert_eq!(other_way.with_method(Method::Invite).count(), 1);
    assert_eq!(other_way.hops[0].final_code(), Some(200));
}

#[test]
fn messages_without_a_call_id_are_no_leg() {
    let mut packets = packets(&two_legs(""));
    for packet in &mut packets {
        let text = String::from_utf8(packet.bytes.to_vec()).unwrap();
        packet.bytes = text.replace("Call-ID: b@198.51.100.10", "X: y").into();
    }
    let calls = calls(threads(packets), &[]);
    assert_eq!(calls.iter().map(|call| call.legs.len()).max(), Some(1));
}
