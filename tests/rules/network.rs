//! What the network says of messages that did not arrive.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use calltriage::diagnosis::{Case, Peer, PeerKind, Peers, verdict};
use calltriage::sip::{Call, Kind, Packet, calls, threads};
use calltriage::wire::{IcmpError, IcmpKind, Observations, TlsAlert, TlsConnection};
use jiff::Timestamp;

use super::verdict::{inbound, outbound};
use super::{changes_places, line};
use crate::support::trace::{HOSTS, START, packets};

pub(super) fn address(name: &str) -> SocketAddr {
    let known = HOSTS.iter().find(|(host, _)| *host == name);
    known.map_or(name, |(_, address)| address).parse().unwrap()
}

pub(super) fn at(seconds: f64) -> Timestamp {
    let micros = (seconds * 1e6).round() as i64;
    Timestamp::from_microsecond(START * 1_000_000 + micros).unwrap()
}

/// An ICMP error at a time about a packet `FROM>TO`, by the host itself unless another says so.
pub(super) fn icmp(seconds: f64, way: &str, kind: IcmpKind) -> IcmpError {
    let (source, destination) = way.split_once('>').unwrap();
    let destination = address(destination);
    IcmpError {
        at: at(seconds),
        file: 0,
        frame: 1,
        reporter: destination.ip(),
        kind,
        source: address(source),
        destination,
        udp: true,
        call_id: None,
    }
}

pub(super) fn router(error: IcmpError) -> IcmpError {
    let reporter: IpAddr = "192.0.2.254".parse().unwrap();
    IcmpError { reporter, ..error }
}

fn seen(icmp: Vec<IcmpError>) -> Observations {
    Observations {
        icmp,
        ..Observations::default()
    }
}

fn one_call(packets: Vec<Packet>) -> Call {
    let mut calls = calls(threads(packets), &[]);
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

pub(super) struct Judged {
    call: Call,
    observed: Observations,
    peers: Peers,
}

impl Judged {
    pub(super) fn new(text: &str, observed: Observations) -> Judged {
        Judged::of(packets(text), observed)
    }

    fn of(packets: Vec<Packet>, observed: Observations) -> Judged {
        Judged {
            call: one_call(packets),
            observed,
            peers: Peers::default(),
        }
    }

    pub(super) fn among(self, peers: &[(&str, PeerKind)]) -> Judged {
        let peers = peers.iter().map(|(host, kind)| Peer {
            name: (*host).to_owned(),
            kind: *kind,
            addresses: vec![format!("{}/32", address(host).ip()).parse().unwrap()],
        });
        Judged {
            peers: Peers::new(peers.collect()),
            ..self
        }
    }

    pub(super) fn case(&self) -> Case<'_> {
        Case::new(&self.call, &self.peers, None).observing(&self.observed)
    }

    pub(super) fn found(&self, rule: &str) -> Vec<String> {
        let findings = super::shown::findings(&self.case());
        let found: Vec<String> = findings
            .iter()
            .filter(|finding| finding.rule == rule)
            .map(|finding| format!("{} {}", finding.severity.word(), line(finding)))
            .collect();
        let is_silent = self.is_silent_both_ways(rule);
        super::shown::asked(rule, found.is_empty() && is_silent);
        found
    }

    /// Whether a rule says nothing where a customer calls out, nor where a carrier hands the call in. What it says of
    /// both is of the same side.
    #[track_caller]
    fn is_silent_both_ways(&self, rule: &str) -> bool {
        if self.call.kind() != Kind::Call || self.peers.iter().next().is_some() {
            return true;
        }
        let of = |peers: &Peers| {
            let case = Case::new(&self.call, peers, None).observing(&self.observed);
            let mut findings = super::shown::findings(&case);
            findings.retain(|finding| finding.rule == rule);
            findings
        };
        let (out, back) = (of(&outbound()), of(&inbound()));
        let both = out.iter().zip(&back);
        both.for_each(|it| changes_places(it, rule));
        out.is_empty() && back.is_empty()
    }

    /// `rule party>to_act certainty`.
    pub(super) fn verdict(&self) -> String {
        let case = self.case();
        let verdict = verdict::verdict(&case, &super::shown::findings(&case)).unwrap();
        let word = |party| {
            serde_json::to_value(party)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        format!(
            "{} {}>{} {}",
            verdict.rule,
            word(verdict.party),
            word(verdict.to_act),
            verdict.certainty.word()
        )
    }
}

const SILENT: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.02 plat>car INVITE leg=b
    0.52 plat>car INVITE leg=b
    1.52 plat>car INVITE leg=b
    3.00 plat>cust 503
    3.01 cust>plat ACK";

#[test]
fn icmp_unreachable_from_the_host_itself() {
    let errors = seen(vec![
        icmp(0.03, "plat>car", IcmpKind::PortUnreachable),
        icmp(0.53, "plat>car", IcmpKind::PortUnreachable),
    ]);
    let call = Judged::new(SILENT, errors);
    assert_eq!(
        call.found("icmp-unreachable"),
        [
            "error carrier>carrier likely/certain [3, 4, 5] carrier 203.0.113.9:5060 itself \
             reported twice by ICMP that nothing listens on the port: about a packet there, 0.01 s \
             after the INVITE (+0.02 s) from platform 192.0.2.5:5060 to carrier 203.0.113.9:5060, \
             which was not answered. The host is up, and nothing listens on 203.0.113.9:5060 there, \
             or its own firewall rejects it."
        ]
    );
    assert_eq!(call.verdict(), "icmp-unreachable carrier>carrier likely");
    assert_eq!(call.found("no-response").len(), 1);
}

#[test]
fn icmp_unreachable_from_a_router_is_the_networks() {
    let error = icmp(3.0, "plat>car", IcmpKind::HostUnreachable);
    let call = Judged::new(SILENT, seen(vec![router(error)]));
    assert_eq!(call.verdict(), "icmp-unreachable network>carrier likely");
    let error = icmp(0.1, "plat>car", IcmpKind::Prohibited);
    let call = Judged::new(SILENT, seen(vec![router(error)]));
    assert!(
        call.found("icmp-unreachable")[0].contains("A firewall at 192.0.2.254"),
        "{:?}",
        call.found("icmp-unreachable")
    );
}

#[test]
fn icmp_unreachable_follows_the_roles() {
    let errors = || seen(vec![icmp(0.03, "plat>car", IcmpKind::PortUnreachable)]);
    let inbound = [("cust", PeerKind::Carrier), ("car", PeerKind::Customer)];
    let call = Judged::new(SILENT, errors()).among(&inbound);
    assert_eq!(call.verdict(), "icmp-unreachable customer>customer likely");
    let one_leg = "0.0 cust>plat INVITE";
    let errors = seen(vec![icmp(0.01, "cust>plat", IcmpKind::PortUnreachable)]);
    let call = Judged::new(one_leg, errors);
    assert_eq!(call.verdict(), "icmp-unreachable far-end>far-end likely");
}

#[test]
fn icmp_unreachable_is_about_the_call_that_it_quotes() {
    let quoting = |id: &str| {
        let error = icmp(0.03, "plat>car", IcmpKind::PortUnreachable);
        let call_id = Some(id.to_owned());
        Judged::new(SILENT, seen(vec![IcmpError { call_id, ..error }]))
    };
    let found = quoting("b@198.51.100.10").found("icmp-unreachable");
    assert!(
        found[0].contains("about the INVITE (+0.02 s) from"),
        "{found:?}"
    );
    assert!(
        quoting("other@198.51.100.10")
            .found("icmp-unreachable")
            .is_empty()
    );
}

#[test]
fn icmp_unreachable_is_silent_about_other_ways_and_times() {
    let none = |error| {
        let call = Judged::new(SILENT, seen(vec![error]));
        assert_eq!(call.found("icmp-unreachable"), Vec::<String>::new());
    };
    // Before the first message there, too long after the last, another port, TCP.
    none(icmp(0.01, "plat>car", IcmpKind::PortUnreachable));
    none(icmp(6.0, "plat>car", IcmpKind::PortUnreachable));
    none(icmp(
        0.1,
        "plat>203.0.113.9:5080",
        IcmpKind::PortUnreachable,
    ));
    let tcp = icmp(0.1, "plat>car", IcmpKind::PortUnreachable);
    none(IcmpError { udp: false, ..tcp });
}

#[test]
fn icmp_unreachable_is_silent_when_the_message_was_answered() {
    let text = SILENT.replace(
        "3.00 plat>cust 503",
        "2.00 car>plat 100 leg=b\n3.00 plat>cust 503",
    );
    let errors = seen(vec![icmp(0.03, "plat>car", IcmpKind::PortUnreachable)]);
    assert!(
        Judged::new(&text, errors)
            .found("icmp-unreachable")
            .is_empty()
    );
}

#[test]
fn icmp_unreachable_is_a_note_where_another_route_took_the_call() {
    let text = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        0.03 plat>car2 INVITE leg=c
        1.00 car2>plat 200 leg=c
        1.01 plat>cust 200
        1.02 cust>plat ACK
        1.03 plat>car2 ACK leg=c
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE
        9.02 plat>car2 BYE leg=c
        9.03 car2>plat 200 BYE leg=c";
    let errors = seen(vec![icmp(0.025, "plat>car", IcmpKind::PortUnreachable)]);
    let call = Judged::new(text, errors);
    let found = call.found("icmp-unreachable");
    assert!(found[0].starts_with("info carrier>carrier"), "{found:?}");
    assert_eq!(call.verdict(), "hung-up nobody>nobody likely");
}

const UP: &str = "0.00 cust>plat INVITE || v=0 || o=x 1 1 IN IP4 198.51.100.10 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 0
    0.02 plat>car INVITE leg=b || v=0 || o=y 1 1 IN IP4 192.0.2.5 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 0
    1.00 car>plat 200 leg=b || v=0 || o=z 1 1 IN IP4 203.0.113.9 || c=IN IP4 203.0.113.9 || m=audio 6000 RTP/AVP 0
    1.01 plat>cust 200 || v=0 || o=y 1 1 IN IP4 192.0.2.5 || c=IN IP4 192.0.2.5 || m=audio 5002 RTP/AVP 0
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b
    ";

#[test]
fn icmp_unreachable_explains_a_bye_that_nobody_answers() {
    let text = format!(
        "{UP}9.00 cust>plat BYE
         9.01 plat>cust 200 BYE
         9.02 plat>car BYE leg=b
         9.52 plat>car BYE leg=b
         10.52 plat>car BYE leg=b"
    );
    let errors = seen(vec![icmp(9.03, "plat>car", IcmpKind::PortUnreachable)]);
    let call = Judged::new(&text, errors);
    assert_eq!(call.found("bye-unanswered").len(), 1);
    assert_eq!(call.verdict(), "icmp-unreachable carrier>carrier likely");
}

#[test]
fn icmp_unreachable_about_an_answer_that_does_not_get_back() {
    let text = "0.00 cust>plat INVITE
        0.01 plat>cust 200
        0.50 cust>plat INVITE
        0.51 plat>cust 200
        1.50 cust>plat INVITE
        1.51 plat>cust 200
        3.50 cust>plat INVITE
        3.51 plat>cust 200";
    let errors = seen(vec![icmp(0.02, "plat>cust", IcmpKind::PortUnreachable)]);
    let call = Judged::new(text, errors);
    assert_eq!(call.found("response-lost").len(), 1);
    assert_eq!(call.verdict(), "icmp-unreachable customer>customer likely");
}

#[test]
fn icmp_unreachable_explains_a_registration_without_answer() {
    let text = "0.0 cust>plat REGISTER\n0.5 cust>plat REGISTER\n1.5 cust>plat REGISTER\n\
                3.5 cust>plat REGISTER";
    let errors = seen(vec![icmp(0.1, "cust>plat", IcmpKind::PortUnreachable)]);
    let call = Judged::new(text, errors);
    assert_eq!(call.found("registration-unanswered").len(), 1);
    assert!(
        call.verdict().starts_with("icmp-unreachable "),
        "{}",
        call.verdict()
    );
}

#[test]
fn icmp_unreachable_that_a_packet_is_too_big_is_its_senders() {
    let error = icmp(0.03, "plat>car", IcmpKind::TooBig);
    let call = Judged::new(SILENT, seen(vec![router(error)]));
    assert_eq!(
        call.verdict(),
        "icmp-unreachable configuration>configuration likely"
    );
}

#[test]
fn media_port_unreachable_during_the_talk() {
    let text = format!("{UP}9.00 cust>plat BYE\n9.01 plat>cust 200 BYE");
    let at = |times: &[f64], to: &str| {
        let way = format!("192.0.2.5:5000>{to}");
        let errors = times
            .iter()
            .map(|at| icmp(*at, &way, IcmpKind::PortUnreachable));
        Judged::new(&text, seen(errors.collect()))
    };
    let found = at(&[3.0, 4.0], "203.0.113.9:6000").found("media-port-unreachable");
    assert_eq!(
        found,
        [
            "warning carrier>carrier likely/certain [3] carrier 203.0.113.9:5060 wanted its audio \
             at 203.0.113.9:6000 (+1.00 s), and that host itself said twice during the talk (from \
             +3.00 s to +4.00 s) that nothing listens there. The port that it announced was not \
             open, so that it heard nothing then."
        ]
    );
    let quiet = |times: &[f64], to: &str| {
        let found = at(times, to).found("media-port-unreachable");
        assert_eq!(found, Vec::<String>::new());
    };
    quiet(&[3.0], "203.0.113.9:6000");
    quiet(&[1.1, 1.2, 1.3], "203.0.113.9:6000");
    quiet(&[8.8, 8.9, 9.1], "203.0.113.9:6000");
    quiet(&[3.0, 4.0], "203.0.113.9:7000");
}

#[test]
fn media_port_unreachable_is_silent_after_another_port_was_announced() {
    let text = format!(
        "{UP}2.00 car>plat INVITE in leg=b by=callee || v=0 || o=z 1 2 IN IP4 203.0.113.9 || c=IN IP4 203.0.113.9 || m=audio 6002 RTP/AVP 0
         2.01 plat>car 200 leg=b by=callee || v=0 || o=y 1 2 IN IP4 192.0.2.5 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 0
         2.02 car>plat ACK leg=b by=callee
         9.00 cust>plat BYE"
    );
    let way = "192.0.2.5:5000>203.0.113.9:6000";
    let errors = [3.0, 4.0].map(|at| icmp(at, way, IcmpKind::PortUnreachable));
    let call = Judged::new(&text, seen(errors.to_vec()));
    assert!(call.found("media-port-unreachable").is_empty());
}

/// A header that makes a message larger by so many bytes.
fn padded(text: &str, bytes: usize) -> String {
    text.replace("PAD", &format!("| X-Pad: {}", "x".repeat(bytes)))
}

const BIG_LOST: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"
    0.02 cust>plat ACK
    0.10 cust>plat INVITE cseq=2 PAD
    0.60 cust>plat INVITE cseq=2 PAD
    1.60 cust>plat INVITE cseq=2 PAD
    3.60 cust>plat INVITE cseq=2 PAD";

#[test]
fn udp_too_big_where_smaller_ones_are_answered() {
    let call = Judged::new(&padded(BIG_LOST, 1000), Observations::default());
    let found = call.found("udp-too-big");
    assert!(
        found[0].starts_with("error customer>customer likely/certain")
            && found[0].contains("4 times (from +0.10 s) and got no answer, while a INVITE of"),
        "{found:?}"
    );
    assert_eq!(call.verdict(), "udp-too-big customer>customer likely");
    // As small as the first it is no matter of size.
    let call = Judged::new(&padded(BIG_LOST, 10), Observations::default());
    assert!(call.found("udp-too-big").is_empty());
}

#[test]
fn udp_too_big_alone_is_no_more_than_a_note() {
    let text = padded(
        "0.00 cust>plat INVITE PAD
         1.00 plat>cust 486
         1.01 cust>plat ACK",
        1000,
    );
    let call = Judged::new(&text, Observations::default());
    assert!(call.found("udp-too-big")[0].starts_with("info nobody>nobody"));
    assert!(call.verdict().starts_with("called-busy"));
    let tcp = text.replace("INVITE |", "INVITE tcp |");
    let tcp = Judged::new(&tcp, Observations::default());
    assert!(tcp.found("udp-too-big").is_empty());
}

#[test]
fn udp_too_big_does_not_explain_a_silence_that_nothing_small_breaks() {
    let text = padded(
        "0.0 cust>plat INVITE PAD
         0.5 cust>plat INVITE PAD
         1.5 cust>plat INVITE PAD
         3.5 cust>plat INVITE PAD",
        1000,
    );
    let call = Judged::new(&text, Observations::default());
    assert!(call.found("udp-too-big")[0].starts_with("warning network>customer possible"));
    assert!(
        call.verdict().starts_with("no-response "),
        "{}",
        call.verdict()
    );
}

/// The packets of a text, those that hold a word shortened by so many bytes.
fn cut(text: &str, word: &str, by: usize) -> Vec<Packet> {
    let mut packets = packets(text);
    for packet in &mut packets {
        if String::from_utf8_lossy(&packet.bytes).contains(word) {
            packet.bytes = Bytes::copy_from_slice(&packet.bytes[..packet.bytes.len() - by]);
        }
    }
    packets
}

const REFUSED: &str =
    "0.00 cust>plat INVITE || v=0 || o=x 1 1 IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 0
    0.01 plat>cust 400 phrase=Content_Length_Mismatch
    0.02 cust>plat ACK";

#[test]
fn message_cut_off_that_its_receiver_refuses() {
    let call = Judged::of(cut(REFUSED, "v=0", 10), Observations::default());
    let found = call.found("message-cut-off");
    assert!(
        found[0].starts_with("error customer>customer likely/certain")
            && found[0].contains("too early: its body has"),
        "{found:?}"
    );
    assert_eq!(call.verdict(), "message-cut-off customer>customer likely");
    assert!(call.found("trace-cut-short").is_empty());
    // Any other 400 may be about something else, and only the capture lack the rest.
    let other = REFUSED.replace("Content_Length_Mismatch", "Bad_Request");
    let call = Judged::of(cut(&other, "v=0", 10), Observations::default());
    assert!(call.found("message-cut-off")[0].starts_with("warning customer>customer possible"));
    assert!(call.verdict().starts_with("request-rejected "));
}

#[test]
fn trace_cut_short_where_the_message_was_taken_as_whole() {
    let text = REFUSED.replace("400 phrase=Content_Length_Mismatch", "486");
    let call = Judged::of(cut(&text, "v=0", 10), Observations::default());
    let found = call.found("trace-cut-short");
    assert!(
        found[0].starts_with("info nobody>nobody likely/certain"),
        "{found:?}"
    );
    assert!(call.found("message-cut-off").is_empty());
    assert!(
        Judged::new(&text, Observations::default())
            .found("trace-cut-short")
            .is_empty()
    );
}

fn tls(seconds: f64, way: &str, alert: u8, by_client: bool) -> Observations {
    let (client, server) = way.split_once('>').unwrap();
    let alert = TlsAlert {
        at: at(seconds + 0.05),
        frame: 9,
        by_client,
        fatal: true,
        description: alert,
    };
    let connection = TlsConnection {
        at: at(seconds),
        file: 0,
        frame: 8,
        client: address(client),
        server: address(server),
        server_name: Some("sbc.carrier.example".into()),
        version: Some("TLS 1.2".into()),
        certificate_names: Vec::new(),
        alerts: vec![alert],
        established: false,
    };
    Observations {
        tls: vec![connection],
        ..Observations::default()
    }
}

const NOWHERE: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.40 plat>cust 503 phrase=Service_Unavailable
    0.41 cust>plat ACK";

#[test]
fn tls_handshake_failed_before_the_platform_gave_up() {
    let platform = [("plat", PeerKind::Platform), ("cust", PeerKind::Customer)];
    let judged = |alert, by_client| {
        let way = "192.0.2.5:40000>203.0.113.9:5061";
        Judged::new(NOWHERE, tls(0.1, way, alert, by_client)).among(&platform)
    };
    let expired = judged(45, true);
    let found = expired.found("tls-handshake-failed");
    assert!(
        found[0].starts_with("error carrier>carrier likely/certain")
            && found[0].contains("with the alert certificate_expired (45)"),
        "{found:?}"
    );
    assert_eq!(
        expired.verdict(),
        "tls-handshake-failed carrier>carrier likely"
    );
    // What else a node speaks TLS for is none of the call's.
    let web = tls(0.1, "192.0.2.5:40000>203.0.113.9:443", 45, true);
    let web = Judged::new(NOWHERE, web).among(&platform);
    let found = web.found("tls-handshake-failed");
    assert!(
        found[0].starts_with("warning carrier>carrier possible/certain"),
        "{found:?}"
    );
    assert!(!web.verdict().starts_with("tls-"), "{}", web.verdict());
    let wanted = judged(116, false).verdict();
    assert_eq!(
        wanted,
        "tls-handshake-failed configuration>configuration likely"
    );
    let version = judged(70, false).verdict();
    assert_eq!(
        version,
        "tls-handshake-failed undecided>configuration likely"
    );
}

#[test]
fn tls_handshake_failed_is_silent_or_careful_where_it_may_be_another_calls() {
    let way = "192.0.2.5:40000>203.0.113.9:5061";
    let none = |text: &str, observed| {
        let found = Judged::new(text, observed).found("tls-handshake-failed");
        assert_eq!(found, Vec::<String>::new());
    };
    none(NOWHERE, tls(9.0, way, 45, true));
    none(
        NOWHERE,
        tls(0.1, "192.0.2.77:40000>203.0.113.9:5061", 45, true),
    );
    none(
        NOWHERE,
        tls(0.1, "192.0.2.5:40000>198.51.100.10:5061", 45, true),
    );
    none(SILENT, tls(0.1, way, 45, true));
    let text = NOWHERE.replace("503 phrase=Service_Unavailable", "404");
    let call = Judged::new(&text, tls(0.1, way, 45, true));
    let found = call.found("tls-handshake-failed");
    assert!(
        found[0].starts_with("warning far-end>far-end possible"),
        "{found:?}"
    );
    assert!(!call.verdict().starts_with("tls"), "{}", call.verdict());
}
