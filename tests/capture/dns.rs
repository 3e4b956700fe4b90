//! DNS messages in captures: what is read of them, and which of them are handed out with a call.

use bytes::Bytes;
use calltriage::capture::{Files, Index, Plan};
use calltriage::wire::dns::read;
use calltriage::wire::{DnsAnswer, DnsData, DnsKind, DnsMessage, DnsRecord};

use super::{address, at, shown};
use crate::support::capture_writer::{LINKS, PCAP, WRAPS, Writer, udp};
use crate::support::dns::{SERVER, answer, datagrams, message, question, record};
use crate::support::trace;

const CLIENT: &str = "192.0.2.5:40000";
const ASKED: &str = "_sip._udp.Carrier.example";

/// Record, what it says of the name asked for.
fn own(data: DnsData) -> DnsRecord {
    DnsRecord {
        name: "_sip._udp.carrier.example".to_owned(),
        data,
    }
}

fn of(name: &str, data: DnsData) -> DnsRecord {
    DnsRecord {
        name: name.to_owned(),
        data,
    }
}

fn records(kind: &str, asked: &str, said: &str) -> Vec<DnsRecord> {
    let read = read(&answer(7, kind, asked, said), false).unwrap();
    read.answer.unwrap().records
}

#[test]
fn question_and_answer_over_every_link() {
    let said = "ok; _sip._udp.Carrier.example SRV 5070 gw.carrier.example; gw.carrier.example A 203.0.113.9";
    for link in LINKS {
        for wrap in WRAPS {
            let mut writer = Writer::new(PCAP, link.number());
            let (client, server) = (address(CLIENT), address(SERVER));
            let both = [
                udp(client, server, &question(7, "SRV", ASKED)),
                udp(server, client, &answer(7, "SRV", ASKED, said)),
            ];
            for (number, ip) in both.iter().enumerate() {
                for packet in wrap.packets(ip, u16::try_from(number).unwrap()) {
                    writer.frame(at(5), &link.frame(&packet));
                }
            }
            let shown = shown(&writer.bytes);
            assert!(
                shown.packets.is_empty() && shown.media.is_empty() && shown.warnings.is_empty()
            );
            let [asked, answered] = &shown.dns[..] else {
                panic!("{:?}", shown.dns)
            };
            assert_eq!((asked.id, asked.kind, asked.at), (7, DnsKind::Srv, at(5)));
            assert_eq!(asked.name, "_sip._udp.carrier.example");
            assert_eq!(asked.service_of(), Some("carrier.example"));
            assert_eq!((asked.client(), asked.server()), (client, server));
            assert_eq!((answered.client(), answered.server()), (client, server));
            assert_eq!(asked.answer, None);
            let target = "gw.carrier.example".to_owned();
            let expected = DnsAnswer {
                code: 0,
                is_whole: true,
                refers: false,
                records: vec![
                    own(DnsData::Srv { port: 5070, target }),
                    of(
                        "gw.carrier.example",
                        DnsData::Address([203, 0, 113, 9].into()),
                    ),
                ],
            };
            assert_eq!(answered.answer, Some(expected));
        }
    }
}

#[test]
fn records_of_each_kind_and_no_other() {
    assert_eq!(
        records(
            "NAPTR",
            "c.example",
            "ok; c.example NAPTR _sip._udp.c.example"
        ),
        [of(
            "c.example",
            DnsData::Naptr("_sip._udp.c.example".to_owned())
        )]
    );
    assert_eq!(
        records(
            "AAAA",
            "c.example",
            "ok; c.example CNAME d.example; d.example AAAA 2001:db8::9"
        ),
        [
            of("c.example", DnsData::Alias("d.example".to_owned())),
            of(
                "d.example",
                DnsData::Address("2001:db8::9".parse().unwrap())
            ),
        ]
    );
    let code = |said: &str| {
        let read = read(&answer(7, "A", "c.example", said), false).unwrap();
        let answer = read.answer.unwrap();
        (answer.code, answer.refers, answer.is_whole)
    };
    assert_eq!(code("NXDOMAIN"), (3, false, true));
    assert_eq!(code("REFUSED"), (5, false, true));
    assert_eq!(code("none"), (0, false, true));
    assert_eq!(code("elsewhere"), (0, true, true));
    // Nothing of other kinds, of addresses and numbers, of two questions, of updates, of another port.
    for (kind, name) in [
        ("PTR", "c.example"),
        ("TXT", "c.example"),
        ("NAPTR", "1.4.4.e164.arpa"),
    ] {
        assert_eq!(read(&question(7, kind, name), false), None, "{kind} {name}");
    }
    let asked = question(7, "A", "c.example");
    let with = |at: usize, byte: u8| {
        let mut changed = asked.clone();
        changed[at] = byte;
        read(&changed, false)
    };
    assert!(with(0, 9).is_some());
    assert_eq!(with(2, 0x28), None);
    assert_eq!(with(5, 2), None);
    let mut writer = Writer::new(PCAP, 101);
    writer.ip(
        at(5),
        &udp(address(CLIENT), address("192.0.2.53:5353"), &asked),
    );
    assert_eq!(shown(&writer.bytes).dns, []);
}

#[test]
fn what_was_cut_or_truncated_says_so() {
    let whole = answer(
        7,
        "A",
        "c.example",
        "ok; c.example A 203.0.113.9; c.example A 203.0.113.10",
    );
    for length in 0..whole.len() {
        let Some(cut) = read(&whole[..length], true) else {
            // The question itself is not there.
            assert!(length < 12 + 11 + 4, "{length}");
            continue;
        };
        assert!(!cut.answer.unwrap().is_whole, "{length}");
    }
    let truncated = message(7, [0x83, 0x80], "A", "c.example", [&[], &[], &[]]);
    assert!(!read(&truncated, false).unwrap().answer.unwrap().is_whole);
    // The code of RFC 6891: BADVERS is 16.
    let opt = vec![[&[0][..], &[0, 41, 16, 0, 1, 0, 0, 0, 0, 0]].concat()];
    let odd = message(7, [0x81, 0x80], "A", "c.example", [&[], &[], &opt]);
    assert_eq!(read(&odd, false).unwrap().answer.unwrap().code, 16);
}

#[test]
fn what_is_hostile_ends_the_reading() {
    let name_of = |name: &[u8]| {
        let mut bytes = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend(name);
        bytes.extend([0, 1, 0, 1]);
        read(&bytes, false).map(|it| it.name)
    };
    assert_eq!(
        name_of(b"\x01a\x03b.\xff\0").as_deref(),
        Some("a.b\\.\\255")
    );
    // To itself, forwards, beyond the end; kinds of labels that nobody uses; a name without end.
    for name in [
        &[0xc0, 12][..],
        &[1, b'a', 0xc0, 12],
        &[0xc0, 40],
        &[0xff, 0xff],
        &[0x41, 0],
        &[63],
    ] {
        assert_eq!(name_of(name), None, "{name:?}");
    }
    let long = [&[63][..], &[b'a'; 63]].concat();
    assert!(name_of(&[&long.repeat(3)[..], &[0]].concat()).is_some());
    assert_eq!(name_of(&[&long.repeat(4)[..], &[0]].concat()), None);
    // Two names that point at one another, and more records than anybody needs.
    let to = |at: u8| [0xc0, at];
    let loops = record(&to(12), 5, &to(12 + 11 + 4 + 12));
    let many: Vec<Vec<u8>> = (0..200)
        .map(|n| record(&to(12), 1, &[10, 0, 0, n]))
        .collect();
    let read = |records: &[Vec<u8>]| {
        let bytes = message(7, [0x81, 0x80], "A", "c.example", [records, &[], &[]]);
        read(&bytes, false).unwrap().answer.unwrap()
    };
    assert_eq!(read(&[loops]).records, []);
    let most = read(&many);
    assert_eq!((most.records.len(), most.is_whole), (64, false));
}

const CALL: &str = "0.00 cust>plat INVITE | Route: <sip:sbc.carrier.example;lr>
    0.20 plat>cust 478
    0.21 cust>plat ACK";

const DNS: &str = "0.02 plat A sbc.carrier.example
    0.03 plat A sbc.carrier.example = ok; sbc.carrier.example CNAME other.example
    0.04 plat A other.example
    0.05 plat A other.example = NXDOMAIN
    0.06 10.0.0.7 SRV _sip._udp.sbc.carrier.example
    0.07 plat SRV _sips._tcp.chosen.example
    0.08 10.0.0.7 SRV _sip._udp.somebody.example
    0.09 plat A www.example
    55.00 plat A sbc.carrier.example";

fn capture() -> Vec<u8> {
    let messages = trace::packets(CALL)
        .into_iter()
        .map(|it| (it.at, udp(it.source, it.destination, &it.bytes)));
    let dns = datagrams(DNS)
        .into_iter()
        .map(|it| (it.at, udp(it.source, it.destination, &it.payload)));
    let mut all: Vec<_> = messages.chain(dns).collect();
    all.sort_by_key(|(at, _)| *at);
    let mut writer = Writer::new(PCAP, 101);
    for (at, ip) in &all {
        writer.ip(*at, ip);
    }
    writer.bytes
}

/// Who asked for what.
fn asked(all: &[DnsMessage]) -> Vec<String> {
    let line = |it: &DnsMessage| {
        let mark = if it.answer.is_some() { " answered" } else { "" };
        format!("{} {} {}{mark}", it.client().ip(), it.kind.name(), it.name)
    };
    all.iter().map(line).collect()
}

#[test]
fn a_call_gets_what_concerns_its_names_around_its_time() {
    let captures = [("call.pcap".to_owned(), Bytes::from(capture()))];
    let loaded = Index::in_memory(&captures).load(&["a@198.51.100.10"]);
    assert_eq!(
        asked(&loaded.observed.dns),
        [
            "192.0.2.5 A sbc.carrier.example",
            "192.0.2.5 A sbc.carrier.example answered",
            "192.0.2.5 A other.example",
            "192.0.2.5 A other.example answered",
            "10.0.0.7 SRV _sip._udp.sbc.carrier.example",
            "192.0.2.5 SRV _sips._tcp.chosen.example",
        ]
    );
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    // Where all calls are looked at together, each finds its own among all that was asked.
    let plan = Plan::of(Files::in_memory(&captures), true, &mut |_, _| {});
    assert_eq!(plan.observed().0.dns.len(), 9);
}
