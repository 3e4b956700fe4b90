//! What the rules rest on: sides, the table of parties, where an answer was made, what a trace
//! lacks.

mod common;
mod undecided;

use calltriage::diagnosis::origin::Tried;
use calltriage::diagnosis::party::party;
use calltriage::diagnosis::{Case, Direction, Party, Peer, PeerKind, Peers, Side};
use calltriage::sip::Certainty;

use crate::support::trace::call;

#[test]
fn the_table_of_parties() {
    use Direction::{AssumedOutbound, Inbound, OneLeg, Outbound};
    use Party::{Carrier, Configuration, Customer, FarEnd, Network, Undecided};
    let rows = [
        (Side::Caller, [Customer, Carrier, Customer, Customer]),
        (Side::Platform, [Configuration; 4]),
        (Side::CalledPeer, [Carrier, Customer, Carrier, FarEnd]),
        (Side::CalledUser, [FarEnd, Customer, FarEnd, FarEnd]),
        (Side::Between, [Network; 4]),
        (Side::Unknown, [Undecided; 4]),
    ];
    for (side, parties) in rows {
        let found = [Outbound, Inbound, AssumedOutbound, OneLeg].map(|way| party(side, way));
        assert_eq!(found, parties, "{side:?}");
    }
}

const CALL: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    0.50 car>plat 503 leg=b
    0.51 plat>car ACK leg=b
    0.52 plat>cust 500
    0.53 cust>plat ACK";

fn direction(text: &str, named: &[(PeerKind, &str)]) -> (Direction, Certainty, Party) {
    let peer = |(kind, address): &(PeerKind, &str)| Peer {
        name: "Peer".into(),
        kind: *kind,
        addresses: vec![address.parse().unwrap()],
    };
    let peers = Peers::new(named.iter().map(peer).collect());
    let call = call(text);
    let roles = Case::new(&call, &peers, None).roles;
    let called = roles.party(Side::CalledPeer);
    (roles.direction, roles.most_certain(), called)
}

#[test]
fn peers_give_the_direction() {
    use Certainty::{Certain, Likely};
    use PeerKind::{Carrier, Customer, Platform};
    let (a, p, b) = ("198.51.100.10", "192.0.2.5", "203.0.113.9");
    let assumed = (Direction::AssumedOutbound, Likely, Party::Carrier);
    let outbound = (Direction::Outbound, Certain, Party::Carrier);
    let inbound = (Direction::Inbound, Certain, Party::Customer);
    // From a carrier, to whom nobody says: a customer, or another carrier.
    let assumed_inbound = (Direction::Inbound, Likely, Party::Customer);
    let on_net = (Direction::Outbound, Certain, Party::Customer);
    let cases: [(&[(PeerKind, &str)], _); 8] = [
        (&[], assumed),
        (&[(Platform, p)], assumed),
        (&[(Customer, a)], outbound),
        (&[(Carrier, b)], outbound),
        (&[(Carrier, a)], assumed_inbound),
        (&[(Customer, b)], inbound),
        // Transit: the called peer is a carrier, whoever sent the call in.
        (&[(Carrier, a), (Carrier, b)], outbound),
        // Between two customers there is no carrier.
        (&[(Customer, a), (Customer, b)], on_net),
    ];
    for (named, expected) in cases {
        assert_eq!(direction(CALL, named), expected, "{named:?}");
    }
}

#[test]
fn the_called_leg_of_a_known_platform_gives_no_direction() {
    let leg = "0.0 plat>car INVITE\n0.5 car>plat 486\n0.6 plat>car ACK";
    let platform = [(PeerKind::Platform, "192.0.2.5")];
    assert_eq!(
        direction(leg, &platform),
        (Direction::OneLeg, Certainty::Likely, Party::FarEnd)
    );
}

fn made(text: &str) -> (String, Option<u16>, Tried) {
    let call = call(text);
    let origin = Case::new(&call, &Peers::default(), None).origin().unwrap();
    let code = origin.answer.message().code();
    (origin.by.ip().to_string(), code, origin.tried)
}

#[test]
fn where_an_answer_was_made() {
    let carrier = |code| ("203.0.113.9".to_owned(), Some(code), Tried::Nothing);
    let platform = |code, tried| ("192.0.2.5".to_owned(), Some(code), tried);
    assert_eq!(made(CALL), carrier(503));
    // It cancelled the attempt itself: the 487 answers nobody.
    let cancel = "0.49 plat>car CANCEL leg=b\n0.50 car>plat 487";
    let gave_up = CALL.replace("0.50 car>plat 503", cancel);
    assert_eq!(made(&gave_up), platform(500, Tried::LastUnanswered));
    let challenged = CALL.replace("503 leg=b", "407 leg=b");
    assert_eq!(made(&challenged), platform(500, Tried::LastChallenged));
    assert_eq!(
        made(&challenged.replace("cust 500", "cust 407")),
        carrier(407)
    );
    // Two branches at once: the 408 is of the silent one.
    let fork = CALL.replace(
        "0.02 plat>car",
        "0.02 plat>car2 INVITE leg=c\n0.02 plat>car",
    );
    assert_eq!(
        made(&fork.replace("cust 500", "cust 408")),
        platform(408, Tried::LastUnanswered)
    );
    assert_eq!(made(&fork.replace("cust 500", "cust 503")), carrier(503));
}

fn lacks(text: &str) -> usize {
    let call = call(text);
    Case::new(&call, &Peers::default(), None)
        .quality
        .missing
        .len()
}

#[test]
fn what_a_trace_lacks() {
    assert_eq!(lacks(CALL), 0);
    assert_eq!(lacks("0.1 plat>cust 180\n5.0 plat>cust 486"), 1);
    assert_eq!(lacks("0.0 cust>plat INVITE\n2.0 cust>plat ACK in"), 1);
    assert_eq!(lacks("0.0 cust>plat INVITE\n9.0 cust>plat BYE"), 1);
    // Copies of an INVITE that nobody answers lack nothing.
    assert_eq!(lacks("0.0 cust>plat INVITE\n0.5 cust>plat INVITE"), 0);
}
