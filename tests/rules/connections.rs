//! TCP connections that were reset under a message, or refused before there was one.

use calltriage::diagnosis::PeerKind;
use calltriage::wire::{IcmpError, IcmpKind, Observations, TcpReset};

use super::network::{Judged, address, at, icmp, router};
use super::told;

/// A reset at a time by one end, as `FROM>TO`.
fn reset(seconds: f64, way: &str, refuses: bool) -> TcpReset {
    let (source, destination) = way.split_once('>').unwrap();
    TcpReset {
        at: at(seconds),
        file: 0,
        frame: 1,
        source: address(source),
        destination: address(destination),
        refuses,
    }
}

fn seen(resets: Vec<TcpReset>) -> Observations {
    Observations {
        resets,
        ..Observations::default()
    }
}

/// A call of ten minutes to a peer behind a firewall that forgets connections; its BYE is lost.
const IDLE: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b tcp
    1.00 car>plat 200 leg=b tcp
    1.01 plat>cust 200
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b tcp
    600.00 cust>plat BYE
    600.01 plat>cust 200 BYE
    600.02 plat>car BYE leg=b tcp";

/// The INVITE is lost with its connection, and the platform gives up.
const LOST: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.02 plat>car INVITE leg=b tcp
    0.30 plat>cust 503
    0.31 cust>plat ACK";

#[test]
fn connection_reset_after_a_long_silence() {
    let observed = seen(vec![reset(600.05, "car>plat", false)]);
    insta::assert_snapshot!(told("connection-reset", IDLE, &observed), @r"
    warning (packets [9])
    outbound: network, to act carrier; possible
    inbound: network, to act customer equipment; possible
    The TCP connection between Switch 192.0.2.5:5060 and One 203.0.113.9:5060 was reset by One 203.0.113.9:5060, or in its name, 0.03 s after the BYE (+10 min 0 s) from Switch 192.0.2.5:5060, which was not answered. Before that no message of this call had gone over it for 9 min 58 s.
    A NAT or firewall that has forgotten a connection resets it at the next message; One 203.0.113.9:5060 may have restarted as well.
    Next: Have the connection between Switch 192.0.2.5:5060 and One 203.0.113.9:5060 kept alive more often than it was idle here; see which idle time the firewalls on the way have.
    ");
}

#[test]
fn connection_reset_without_a_silence_before_it() {
    let observed = seen(vec![reset(0.04, "car>plat", false)]);
    insta::assert_snapshot!(told("connection-reset", LOST, &observed), @r"
    error (packets [3])
    outbound: carrier, to act carrier; possible
    inbound: customer equipment, to act customer equipment; possible
    The TCP connection between Switch 192.0.2.5:5060 and One 203.0.113.9:5060 was reset by One 203.0.113.9:5060, or in its name, 0.02 s after the INVITE (+0.02 s) from Switch 192.0.2.5:5060, which was not answered.
    The program there ended or restarted, or a machine in front of it cut the connection.
    Next: Look in the log of One 203.0.113.9:5060 for that time: a restart, a crash, a limit of connections.
    ");
    let call = Judged::new(LOST, observed);
    assert_eq!(call.verdict(), "connection-reset carrier>carrier possible");
}

#[test]
fn connection_reset_takes_an_answer_with_it() {
    let text = "0.00 cust>plat INVITE tcp
        0.01 plat>cust 100 tcp
        0.02 plat>car INVITE leg=b
        4.00 car>plat 200 leg=b
        4.01 plat>car ACK leg=b
        4.02 plat>cust 200 tcp
        8.00 plat>car BYE leg=b
        8.01 car>plat 200 BYE leg=b";
    let call = Judged::new(text, seen(vec![reset(4.03, "cust>plat", false)]));
    let found = call.found("connection-reset");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("error customer>customer possible/certain")
            && found[0].contains("the 200 to the INVITE (+4.02 s) from platform"),
        "{found:?}"
    );
}

#[test]
fn connection_reset_is_silent_where_nothing_was_lost() {
    let none = |text: &str, observed| {
        let found = Judged::new(text, observed).found("connection-reset");
        assert_eq!(found, Vec::<String>::new(), "{text}");
    };
    let late = || seen(vec![reset(600.05, "car>plat", false)]);
    // Answered all the same, be it over another connection.
    let answered = format!("{IDLE}\n601.00 car>plat 200 BYE leg=b tcp");
    none(&answered, late());
    // The sender itself closed it; another connection; too late to have to do with it; only refused.
    none(IDLE, seen(vec![reset(600.05, "plat>car", false)]));
    none(
        IDLE,
        seen(vec![reset(600.05, "203.0.113.9:40000>plat", false)]),
    );
    none(IDLE, seen(vec![reset(633.0, "car>plat", false)]));
    none(IDLE, seen(vec![reset(600.05, "car>plat", true)]));
    // Of UDP no connection tells.
    none(&IDLE.replace(" tcp", ""), late());
}

#[test]
fn connection_reset_takes_the_limit_of_idle_time_that_is_set() {
    let call = Judged::new(IDLE, seen(vec![reset(600.05, "car>plat", false)]));
    let mut tuning = calltriage::diagnosis::Tuning::default();
    tuning.limit("connection-reset.idle", "15m").unwrap();
    let case = call.case().tuned(&tuning);
    let findings = super::shown::findings(&case);
    let found = findings.iter().find(|it| it.rule == "connection-reset");
    assert_eq!(found.unwrap().party, calltriage::diagnosis::Party::Carrier);
}

const NOWHERE: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.40 plat>cust 503 phrase=Service_Unavailable
    0.41 cust>plat ACK";
const WAY: &str = "203.0.113.9:5060>192.0.2.5:40000";

#[test]
fn connection_refused_before_the_platform_gave_up() {
    let platform = [("plat", PeerKind::Platform), ("cust", PeerKind::Customer)];
    let call = Judged::new(NOWHERE, seen(vec![reset(0.1, WAY, true)])).among(&platform);
    insta::assert_snapshot!(call.found("connection-refused").join("\n"), @"error carrier>carrier likely/certain [1, 3] plat 192.0.2.5:5060 wanted to open a TCP connection to 203.0.113.9:5060 at +0.10 s, and it was refused. The machine is up, and nothing listens on port 5060, or a firewall refuses it in its name. No INVITE of this call was seen to go there; that it was meant to, and not one of another call, does not stand in the packets.");
    assert_eq!(call.verdict(), "connection-refused carrier>carrier likely");
    let inbound = [("plat", PeerKind::Platform), ("cust", PeerKind::Carrier)];
    let call = Judged::new(NOWHERE, seen(vec![reset(0.1, WAY, true)])).among(&inbound);
    assert_eq!(
        call.verdict(),
        "connection-refused customer>customer likely"
    );
}

#[test]
fn connection_refused_by_a_router() {
    let platform = [("plat", PeerKind::Platform), ("cust", PeerKind::Customer)];
    let error = icmp(
        0.1,
        "192.0.2.5:40000>203.0.113.9:5060",
        IcmpKind::Prohibited,
    );
    let tcp = |error: IcmpError| IcmpError {
        udp: false,
        ..error
    };
    let seen = |error| Observations {
        icmp: vec![error],
        ..Observations::default()
    };
    let call = Judged::new(NOWHERE, seen(tcp(router(error.clone())))).among(&platform);
    assert_eq!(call.verdict(), "connection-refused network>carrier likely");
    let call = Judged::new(NOWHERE, seen(tcp(error.clone()))).among(&platform);
    assert_eq!(call.verdict(), "connection-refused carrier>carrier likely");
    // About a datagram it is no connection.
    let call = Judged::new(NOWHERE, seen(error)).among(&platform);
    assert!(call.found("connection-refused").is_empty());
}

#[test]
fn connection_refused_is_silent_or_careful_where_it_may_be_another_calls() {
    let none = |text: &str, way: &str, seconds: f64| {
        let found = Judged::new(text, seen(vec![reset(seconds, way, true)]));
        assert!(found.found("connection-refused").is_empty(), "{text}");
    };
    none(NOWHERE, WAY, 9.0);
    none(NOWHERE, "203.0.113.9:5060>192.0.2.77:40000", 0.1);
    // An INVITE did get there.
    none(NOWHERE, "198.51.100.10:5060>192.0.2.5:40000", 0.1);
    none(LOST, WAY, 0.1);
    let broken = Judged::new(NOWHERE, seen(vec![reset(0.1, WAY, false)]));
    assert!(broken.found("connection-refused").is_empty());
    let text = NOWHERE.replace("503 phrase=Service_Unavailable", "404");
    let call = Judged::new(&text, seen(vec![reset(0.1, WAY, true)]));
    let found = call.found("connection-refused");
    assert!(
        found[0].starts_with("warning far-end>far-end possible"),
        "{found:?}"
    );
    assert!(
        !call.verdict().starts_with("connection"),
        "{}",
        call.verdict()
    );
}

/// The platform hangs up and cannot open a connection to the Contact that the device had given.
const BACK: &str = "0.00 cust>plat INVITE tcp | Contact: <sip:1@198.51.100.10:5099;transport=tcp>
    0.02 plat>car INVITE leg=b
    1.00 car>plat 200 leg=b
    1.01 plat>cust 200 tcp
    1.02 cust>plat ACK tcp
    1.03 plat>car ACK leg=b
    60.00 car>plat BYE leg=b by=callee
    60.01 plat>car 200 BYE leg=b by=callee";

#[test]
fn connection_refused_at_the_contact() {
    let way = "198.51.100.10:5099>192.0.2.5:40000";
    let observed = seen(vec![reset(60.03, way, true)]);
    insta::assert_snapshot!(told("connection-refused", BACK, &observed), @r"
    warning (packets [1])
    outbound: customer equipment, to act customer equipment; likely
    inbound: carrier, to act carrier; likely
    Switch 192.0.2.5:5060 wanted to open a TCP connection to 198.51.100.10:5099, the Contact of Acme 198.51.100.10:5060 (+0.00 s), at +60.0 s, and it was refused.
    The machine is up, and nothing listens on port 5099, or a firewall refuses it in its name. What Switch 192.0.2.5:5060 had to send inside the call could not be sent.
    Next: Let Acme 198.51.100.10:5060 keep its own connection open and be reached over it (RFC 5626), or let it name an address in its Contact at which it takes connections.
    ");
    let none = |text: &str, way: &str| {
        let call = Judged::new(text, seen(vec![reset(60.03, way, true)]));
        assert!(call.found("connection-refused").is_empty(), "{text}");
    };
    // Another port, another asker, and a Contact that is not asked first.
    none(BACK, "198.51.100.10:5060>192.0.2.5:40000");
    none(BACK, "198.51.100.10:5099>203.0.113.9:40000");
    let routed = BACK.replace(
        "INVITE tcp |",
        "INVITE tcp | Record-Route: <sip:198.51.100.77;lr> |",
    );
    none(&routed, way);
}
