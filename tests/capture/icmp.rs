//! ICMP errors, with what they quote: every kind, every length of the quote, any wrapping.

use calltriage::wire::IcmpKind;

use super::{address, at, request, response, shown};
use crate::support::capture_writer::{Flag, LINKS, PCAP, WRAPS, Writer, fragment, outer, tcp, udp};
use crate::support::icmp::{error, reporter};

const ENDS: [(bool, &str, &str); 2] = [
    (false, "192.0.2.1:5060", "192.0.2.2:5070"),
    (true, "[2001:db8::1]:5060", "[2001:db8::2]:5070"),
];

#[test]
fn each_type_and_code_has_its_kind() {
    use IcmpKind::*;
    let v4 = [
        (3, 0, Some(NetworkUnreachable)),
        (3, 1, Some(HostUnreachable)),
        (3, 2, Some(ProtocolUnreachable)),
        (3, 3, Some(PortUnreachable)),
        (3, 4, Some(TooBig)),
        (3, 5, Some(Other)),
        (3, 9, Some(Prohibited)),
        (3, 10, Some(Prohibited)),
        (3, 13, Some(Prohibited)),
        (4, 0, Some(Other)),
        (11, 0, Some(TimeExceeded)),
        (11, 1, Some(Other)),
        (12, 0, Some(Other)),
        (0, 0, None),
        (5, 1, None),
        (8, 0, None),
    ];
    let v6 = [
        (1, 0, Some(NetworkUnreachable)),
        (1, 1, Some(Prohibited)),
        (1, 3, Some(HostUnreachable)),
        (1, 4, Some(PortUnreachable)),
        (1, 5, Some(Prohibited)),
        (2, 0, Some(TooBig)),
        (3, 0, Some(TimeExceeded)),
        (3, 1, Some(Other)),
        (4, 1, Some(ProtocolUnreachable)),
        (4, 0, Some(Other)),
        (128, 0, None),
        (135, 0, None),
    ];
    let all = v4.map(|it| (0, it)).into_iter().chain(v6.map(|it| (1, it)));
    for (family, (kind, code, expected)) in all {
        let (v6, a, b) = ENDS[family];
        let quoted = udp(address(a), address(b), &request(1));
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(5), &error(v6, kind, code, [0; 4], &quoted));
        let shown = shown(&writer.bytes);
        assert!(shown.packets.is_empty() && shown.warnings.is_empty());
        let found = shown.icmp.first();
        assert_eq!(found.map(|it| it.kind), expected, "{v6} {kind} {code}");
        let Some(found) = found else { continue };
        assert_eq!((found.at, found.file, found.frame), (at(5), 0, 1));
        assert_eq!(found.reporter, reporter(v6));
        assert_eq!((found.source, found.destination), (address(a), address(b)));
        assert!(found.udp);
        assert_eq!(found.call_id.as_deref(), Some("call-1"));
    }
}

#[test]
fn the_quote_tells_as_much_as_it_reaches() {
    for (v6, a, b) in ENDS {
        let kind = if v6 { 1 } else { 3 };
        for message in [request(7), response(7)] {
            for over_tcp in [false, true] {
                let quoted = if over_tcp {
                    tcp(address(a), address(b), 9, Flag::Data, &message)
                } else {
                    udp(address(a), address(b), &message)
                };
                let header = if v6 { 40 } else { 20 };
                let value = quoted.windows(6).position(|it| it == b"call-7").unwrap();
                for length in 0..=quoted.len() {
                    let mut writer = Writer::new(PCAP, 101);
                    writer.ip(at(0), &error(v6, kind, 4, [0; 4], &quoted[..length]));
                    let shown = shown(&writer.bytes);
                    assert!(shown.packets.is_empty());
                    let found = shown.icmp.first();
                    assert_eq!(found.is_some(), length >= header + 4, "{length}");
                    let Some(found) = found else { continue };
                    assert_eq!(found.udp, !over_tcp);
                    // Up to the end of the line.
                    let whole = length >= value + "call-7\r\n".len();
                    assert_eq!(
                        found.call_id.as_deref(),
                        whole.then_some("call-7"),
                        "{length}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_follows_the_quote_is_no_part_of_it() {
    // RFC 4884: the quote is filled up, its length given in words of 4 or 8 bytes.
    for (v6, a, b) in ENDS {
        let head = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\n";
        let mut quoted = udp(address(a), address(b), &[&head[..], &[b'x'; 400]].concat());
        quoted.truncate(128 - 8);
        quoted.extend(*b"\r\n\0\0\0\0\0\0");
        quoted.extend(*b"\r\nCall-ID: of-another\r\n");
        let second = if v6 { [16, 0, 0, 0] } else { [0, 32, 0, 0] };
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(
            at(0),
            &error(v6, if v6 { 1 } else { 3 }, 3, second, &quoted),
        );
        assert_eq!(shown(&writer.bytes).icmp[0].call_id, None);
    }
    // So is padding behind a short packet.
    let (_, a, b) = ENDS[0];
    let short = udp(address(a), address(b), b"OPTIONS sip:a@b SIP/2.0\r\n");
    let quoted = [&short[..], b"Call-ID: of-another\r\n"].concat();
    let mut writer = Writer::new(PCAP, 101);
    writer.ip(at(0), &error(false, 3, 3, [0; 4], &quoted));
    assert_eq!(shown(&writer.bytes).icmp[0].call_id, None);
}

#[test]
fn only_the_head_of_a_sip_message_has_a_call_id() {
    let quotes: [(&[u8], Option<&str>); 7] = [
        (
            b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nCALL-ID : 1@a \r\n",
            Some("1@a"),
        ),
        (b"SIP/2.0 200 OK\r\ni:2\r\n", Some("2")),
        (b"OPTIONS sip:a SIP/2.0\r\n\r\nCall-ID: body\r\n", None),
        (b"GET / HTTP/1.1\r\nCall-ID: web\r\n", None),
        (b"OPTIONS sip:a SIP/2.0\r\nCall-ID: \r\n", None),
        (b"OPTIONS sip:a SIP/2.0\r\nCall-ID: \xff\xfe\r\n", None),
        (
            b"OPTIONS sip:a SIP/2.0\r\nX-Call-ID: 3\r\nCall-ID: 4\r\n",
            Some("4"),
        ),
    ];
    for (payload, expected) in quotes {
        let quoted = udp(address("192.0.2.1:1"), address("192.0.2.2:2"), payload);
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &error(false, 3, 3, [0; 4], &quoted));
        let found = shown(&writer.bytes).icmp[0].call_id.clone();
        assert_eq!(found.as_deref(), expected, "{}", payload.escape_ascii());
    }
}

#[test]
fn errors_come_through_every_link_and_wrap() {
    for (v6, a, b) in ENDS {
        let quoted = udp(address(a), address(b), &request(3));
        let packet = error(v6, if v6 { 1 } else { 3 }, 3, [0; 4], &quoted);
        for link in LINKS {
            for wrap in WRAPS {
                let mut writer = Writer::new(PCAP, link.number());
                for part in wrap.packets(&packet, 9) {
                    writer.frame(at(0), &link.frame(&part));
                }
                let shown = shown(&writer.bytes);
                let what = format!("{v6} {link:?} {wrap:?}");
                assert_eq!(shown.icmp.len(), 1, "{what}");
                assert_eq!(shown.icmp[0].call_id.as_deref(), Some("call-3"), "{what}");
                assert!(
                    shown.packets.is_empty() && shown.warnings.is_empty(),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn what_an_error_may_quote_besides_is_passed_over() {
    let sent = udp(address("192.0.2.1:1"), address("192.0.2.2:2"), &request(1));
    let sent6 = udp(
        address("[2001:db8::1]:1"),
        address("[2001:db8::2]:2"),
        &request(1),
    );
    let behind_headers = crate::support::capture_writer::Wrap::Extended.packets(&sent6, 1);
    let quotes = [
        // Later fragments have no ports; the first one has.
        (false, fragment(&sent, 1, 64, 128), 0),
        (false, fragment(&sent, 1, 0, 64), 1),
        (true, fragment(&sent6, 1, 64, 128), 0),
        (true, fragment(&sent6, 1, 0, 64), 1),
        (true, behind_headers[0].clone(), 1),
        (false, outer(false, 47, b"GRE and more of it"), 0),
        (false, outer(false, 1, &[8, 0, 0, 0, 0, 0, 0, 0]), 0),
        (false, vec![0x45; 3], 0),
        (false, vec![0x00; 60], 0),
        (false, vec![0x4f; 40], 0),
    ];
    for (v6, quoted, expected) in quotes {
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(
            at(0),
            &error(v6, if v6 { 1 } else { 3 }, 3, [0; 4], &quoted),
        );
        assert_eq!(shown(&writer.bytes).icmp.len(), expected, "{quoted:?}");
    }
}
