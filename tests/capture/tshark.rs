//! What tshark finds in the same captures, where it is installed: the same messages in the same
//! frames. HEP is not among them: tshark reads it with a plug-in only.

use std::fs;
use std::process::Command;

use calltriage::wire::{DnsData, DnsMessage, DnsRecord};

use super::{By, Connection, address, at, read, request, response, shown};
use crate::support::capture_writer::{Flag, LINKS, PCAP, PCAPNG, WRAPS, Writer, udp};
use crate::support::websocket::{self, ASKED, GRANTED};
use crate::support::{dns, icmp, tls};

/// These fields of the frames that pass the filter, as tshark prints them; `None` without tshark.
fn told_by_tshark(
    bytes: &[u8],
    options: &[&str],
    filter: &str,
    fields: &[&str],
) -> Option<Vec<Vec<String>>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.pcapng");
    fs::write(&path, bytes).unwrap();
    let done = Command::new("tshark")
        .args(["-n", "-Y", filter, "-T", "fields"])
        .args(options)
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .arg("-r")
        .arg(path)
        .output()
        .ok()?;
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = String::from_utf8(done.stdout).unwrap();
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    Some(text.lines().map(row).collect())
}

/// Frame and Call-ID of each message; `None` without tshark.
fn seen_by_tshark(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let rows = told_by_tshark(bytes, &[], "sip", &["frame.number", "sip.Call-ID"])?;
    let pair = |row: Vec<String>| <[String; 2]>::try_from(row).unwrap().into();
    Some(rows.into_iter().map(pair).collect())
}

#[test]
fn every_link_and_wrap_is_read_as_tshark_reads_it() {
    let families = [
        ("192.0.2.1:5060", "198.51.100.9:5060"),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5060"),
    ];
    let mut writer = Writer::new(PCAPNG, LINKS[0].number());
    for link in &LINKS[1..] {
        writer.interface(link.number(), &[]);
    }
    let mut number = 0;
    let mut time = u64::try_from(at(0).as_microsecond()).unwrap();
    for (interface, link) in (0..).zip(LINKS) {
        for wrap in WRAPS {
            for (a, b) in families {
                number += 1;
                let ip = udp(address(a), address(b), &request(number));
                for packet in wrap.packets(&ip, u16::try_from(number).unwrap()) {
                    time += 1000;
                    writer.enhanced(interface, time, &link.frame(&packet));
                }
            }
        }
    }
    let (packets, report) = read(&writer.bytes);
    assert_eq!((packets.len(), report.warnings.len()), (number, 0));
    let Some(expected) = seen_by_tshark(&writer.bytes) else {
        return;
    };
    let found: Vec<_> = packets
        .iter()
        .enumerate()
        .map(|(at, it)| (it.place.frame.to_string(), format!("call-{}", at + 1)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn websocket_is_read_as_tshark_reads_it() {
    let mut connection = Connection::opened("192.0.2.1:40000", "192.0.2.2:80");
    connection.client(ASKED);
    connection.server(GRANTED);
    let mask = Some([7, 0x55, 0xaa, 0xfe]);
    connection.client(&websocket::message(mask, &request(1)));
    connection.server(&websocket::message(None, &response(1)));
    let long = websocket::frame_of(0x82, 8, mask, &request(2));
    connection.client(&long[..100]);
    connection.client(&long[100..]);
    let found: Vec<_> = connection
        .shown()
        .packets
        .iter()
        .zip(["call-1", "call-1", "call-2"])
        .map(|(it, call)| (it.place.frame.to_string(), call.to_owned()))
        .collect();
    if let Some(expected) = seen_by_tshark(&connection.writer.bytes) {
        assert_eq!(found, expected);
    }
}

#[test]
fn tls_is_read_as_tshark_reads_it() {
    let mut connection = Connection::opened("192.0.2.1:40000", "192.0.2.2:5061");
    let versions = [tls::TLS_1_3, tls::TLS_1_2];
    let hello = tls::client_hello(Some("sip.example.net"), &versions, &["sip/2"]);
    connection.client(&tls::record(tls::HANDSHAKE, &hello));
    let names = [(0x82, "one.example.net"), (0x82, "two.example.net")];
    let flight = [
        tls::server_hello(tls::TLS_1_2),
        tls::certificate("one.example.net", &names),
    ];
    connection.server(&tls::record(tls::HANDSHAKE, &flight.concat()));
    connection.client(&tls::alert(true, 48));
    connection.segment(By::Client, Flag::Fin, b"");
    let shown = connection.shown();
    let it = &shown.tls[0];
    let fields = [
        "tls.handshake.extensions_server_name",
        "x509ce.dNSName",
        "tls.alert_message.desc",
    ];
    let options = ["-d", "tcp.port==5061,tls"];
    let Some(rows) = told_by_tshark(&connection.writer.bytes, &options, "tls", &fields) else {
        return;
    };
    let text = |text: &str| text.to_owned();
    assert_eq!(
        rows,
        [
            [it.server_name.clone().unwrap(), text(""), text("")],
            [text(""), it.certificate_names.join(","), text("")],
            [text(""), text(""), it.alerts[0].description.to_string()],
        ]
    );
}

#[test]
fn icmp_is_read_as_tshark_reads_it() {
    let mut writer = Writer::new(PCAP, 101);
    let quoted = udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5070"),
        &request(1),
    );
    writer.ip(at(0), &icmp::error(false, 3, 3, [0; 4], &quoted));
    let quoted = udp(
        address("[2001:db8::1]:5060"),
        address("[2001:db8::2]:5070"),
        &request(2),
    );
    writer.ip(at(0), &icmp::error(true, 1, 4, [0; 4], &quoted));
    let fields = ["frame.number", "udp.srcport", "udp.dstport", "sip.Call-ID"];
    let Some(rows) = told_by_tshark(&writer.bytes, &[], "icmp || icmpv6", &fields) else {
        return;
    };
    let shown = shown(&writer.bytes);
    let ours = shown.icmp.iter().map(|it| {
        vec![
            it.frame.to_string(),
            it.source.port().to_string(),
            it.destination.port().to_string(),
            it.call_id.clone().unwrap(),
        ]
    });
    assert_eq!(ours.collect::<Vec<_>>(), rows);
}

#[test]
fn dns_is_read_as_tshark_reads_it() {
    let text = "0.1 plat NAPTR c.example
        0.2 plat NAPTR c.example = ok; c.example NAPTR _sip._udp.c.example
        0.3 plat SRV _sip._udp.c.example = ok; _sip._udp.c.example SRV 5070 d.example; _sip._udp.c.example SRV 5071 e.d.example; d.example A 192.0.2.9
        0.4 plat AAAA f.example = ok; f.example CNAME d.example; d.example AAAA 2001:db8::9
        0.5 plat A d.example = NXDOMAIN
        0.6 plat A d.example = elsewhere";
    let mut writer = Writer::new(PCAP, 101);
    for it in dns::datagrams(text) {
        writer.ip(it.at, &udp(it.source, it.destination, &it.payload));
    }
    let fields = [
        "frame.number",
        "dns.qry.name",
        "dns.flags.rcode",
        "dns.naptr.replacement",
        "dns.srv.port",
        "dns.srv.target",
        "dns.cname",
        "dns.a",
        "dns.aaaa",
    ];
    let Some(rows) = told_by_tshark(&writer.bytes, &[], "dns", &fields) else {
        return;
    };
    let row = |it: &DnsMessage| {
        let records = it.answer.as_ref().map_or(&[][..], |it| &it.records);
        let each = |of: &dyn Fn(&DnsData) -> Option<String>| {
            let data = |record: &DnsRecord| of(&record.data);
            records
                .iter()
                .filter_map(data)
                .collect::<Vec<_>>()
                .join(",")
        };
        vec![
            it.frame.to_string(),
            it.name.clone(),
            it.answer
                .as_ref()
                .map_or(String::new(), |it| it.code.to_string()),
            each(&|it| match it {
                DnsData::Naptr(name) => Some(name.clone()),
                _ => None,
            }),
            each(&|it| match it {
                DnsData::Srv { port, .. } => Some(port.to_string()),
                _ => None,
            }),
            each(&|it| match it {
                DnsData::Srv { target, .. } => Some(target.clone()),
                _ => None,
            }),
            each(&|it| match it {
                DnsData::Alias(name) => Some(name.clone()),
                _ => None,
            }),
            each(&|it| match it {
                DnsData::Address(ip) if ip.is_ipv4() => Some(ip.to_string()),
                _ => None,
            }),
            each(&|it| match it {
                DnsData::Address(ip) if ip.is_ipv6() => Some(ip.to_string()),
                _ => None,
            }),
        ]
    };
    assert_eq!(
        shown(&writer.bytes).dns.iter().map(row).collect::<Vec<_>>(),
        rows
    );
}
