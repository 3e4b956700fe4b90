//! The fuzz targets as tests: what once went wrong is replayed, and each target is led through the
//! seeds that it starts from, which are made here. `FUZZ_SEEDS=1 cargo test fuzz_cases::` writes
//! them to `fuzz/corpus`.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bytes::Bytes;
use calltriage::capture::read_stream;
use calltriage::sip::redact::without_credentials;
use calltriage::sip::{Message, Name, Packet};

use crate::support::capture_writer::{CONTAINERS, Flag, LINKS, WRAPS, Writer, gzip, tcp, udp};
use crate::support::hep::{Hep, Packing};
use crate::support::text_writer::{DIALECTS, print};
use crate::support::websocket::{self, ASKED, GRANTED, fragmented};
use crate::support::{dns, icmp, media, tls, trace};

const CALL: &str = "
    0.00 cust>plat INVITE | Supported: timer, 100rel || v=0 || o=a 1 1 IN IP4 192.0.2.1 || c=IN IP4 192.0.2.1 || m=audio 4000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000
    0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\", qop=\"auth\"
    0.02 cust>plat ACK
    0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", realm=\"x\", nonce=\"y\", response=\"z\"
    0.04 plat>cust 486 cseq=2 | Reason: Q.850;cause=17
    0.05 cust>plat ACK cseq=2";

/// Messages with all that is read of one.
const RICH: [&str; 3] = [
    "INVITE sip:bob@example.com;user=phone SIP/2.0
v: SIP/2.0/TLS [2001:db8::9]:5061;branch=z9hG4bK1;rport;received=192.0.2.9, SIP / 2.0 / UDP h;branch=x
f: \"A, \\\"B\\\"\" <sip:a%20b@example.com:5070;transport=tcp?X=y>;tag=1
t: <tel:+441632960001;phone-context=+44>
i: 1@example.com
CSeq: 0009
 INVITE
m: <sip:a@192.0.2.1>;expires=60, *
RAck: 1 2 INVITE
RSeq: 7
Replaces: 2@h;to-tag=a;from-tag=b;early-only
Refer-To: <sip:c@h?Replaces=1%40h%3Bto-tag%3Da%3Bfrom-tag%3Db>
b: <sip:r@h>
o: refer;id=9
Subscription-State: terminated;reason=noresource;expires=5
Identity: eyJhbGciOiJFUzI1NiJ9.eyJhdHRlc3QiOiJBIiwib3JpZyI6eyJ0biI6IjEifSwiZGVzdCI6eyJ0biI6WyIyIl19LCJpYXQiOjF9.c2ln;info=<https://h/c>;alg=ES256;ppt=shaken
Diversion: <sip:d@h>;reason=user-busy;counter=2;privacy=full
History-Info: <sip:e@h?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1
P-Asserted-Identity: \"E\" <sip:e@h>, <tel:1>
P-Preferred-Identity: <sip:e@h>
Privacy: id;critical
Warning: 399 h \"text\", 301 h:5060 \"t\"
Retry-After: 18000 (a (nested) comment);duration=3600
Session-Expires: 1800;refresher=uac
k: timer, 100rel
Allow: INVITE,ACK
Authorization: Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:h\",response=\"0\",qop=auth,nc=01,cnonce=\"c\"
Reason: Q.850;cause=16;text=\"t\", SIP;cause=200
c: multipart/mixed;boundary=\"b\"
l: 250

--b
Content-Type: application/sdp

v=0
o=a 1 1 IN IP4 192.0.2.1
c=IN IP4 192.0.2.1
m=audio 4000 RTP/AVP 0
k=clear:x
--b
Content-Type: application/isup;version=itu-t92+
Content-Disposition: signal;handling=optional

\x0c\x02\0\x02\u{0}
--b
Content-Type: message/sipfrag

SIP/2.0 486 Busy
--b--
",
    "SIP/2.0 401 Unauthorized
Via: SIP/2.0/UDP h
WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale=true, algorithm=MD5, qop=\"auth,auth-int\", Digest realm=\"s\"
Proxy-Authenticate: Basic realm=\"r\"
Authentication-Info: rspauth=\"1\", cnonce=\"2\"
Content-Type: application/dtmf-relay

Signal=5
Duration=160
",
    "INFO sip:h SIP/2.0
Content-Type: application/kpml-response+xml

<kpml-response digits=\"123\"/>
",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    paths
        .into_iter()
        .filter(|it| it.is_file())
        .map(read)
        .collect()
}

/// A piece as the targets read it: its length, then its bytes.
fn piece(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(4095)];
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn pieces(head: u8, pieces: &[Vec<u8>]) -> Vec<u8> {
    let pieces: Vec<u8> = pieces.iter().flat_map(|it| piece(it)).collect();
    [&[head], &pieces[..]].concat()
}

/// A conversation: who sends (with how it is cut), and what.
fn talk(parts: &[(u8, &[u8])]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = parts
        .iter()
        .flat_map(|(head, bytes)| {
            bytes
                .chunks(4095)
                .map(|it| [&[*head], &piece(it)[..]].concat())
        })
        .collect();
    [&[0], &parts.concat()[..]].concat()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn captures(ending: &str) -> Vec<Vec<u8>> {
    let examples = files(&folder("examples/captures"));
    let small = examples
        .into_iter()
        .filter(|(_, bytes)| bytes.len() < 12_000);
    small
        .filter(|(path, _)| path.extension().is_some_and(|it| it == ending))
        .map(|(_, bytes)| bytes)
        .collect()
}

/// One call in every container.
fn written(is_ng: bool) -> Vec<Vec<u8>> {
    let call = trace::packets(CALL);
    let (one, other) = CONTAINERS.split_at(4);
    let containers = if is_ng { other } else { one };
    let links = LINKS.iter().zip(WRAPS);
    containers
        .iter()
        .cycle()
        .zip(links)
        .map(|(container, (link, wrap))| {
            let mut writer = Writer::new(*container, link.number());
            for (number, it) in call.iter().take(2).enumerate() {
                let ip = udp(it.source, it.destination, &it.bytes);
                for packet in wrap.packets(&ip, u16::try_from(number).unwrap()) {
                    writer.frame(it.at, &link.frame(&packet));
                }
            }
            writer.bytes
        })
        .collect()
}

fn messages() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = RICH
        .iter()
        .map(|it| it.replace('\n', "\r\n").into())
        .collect();
    found.extend(trace::packets(CALL).iter().map(|it| it.bytes.to_vec()));
    for capture in captures("pcap") {
        let mut first = Vec::new();
        let mut take = |it: Packet| first.push(it.bytes.to_vec());
        read_stream(&capture[..], Path::new("example"), 0, &mut take).unwrap();
        found.extend(first.into_iter().take(4));
    }
    found
}

fn layers() -> Vec<Vec<u8>> {
    let (a, b) = (address("192.0.2.1:5060"), address("192.0.2.2:5060"));
    let (c, d) = (address("[2001:db8::1]:5060"), address("[2001:db8::2]:5060"));
    let message = &trace::packets(CALL)[2].bytes;
    // In the order in which the target numbers them.
    let link = |number: u16| {
        [101, 1, 113, 276, 0, 108]
            .iter()
            .position(|it| *it == number)
    };
    let mut seeds = Vec::new();
    for ip in [udp(a, b, message), udp(c, d, message)] {
        for wrap in WRAPS {
            for it in LINKS {
                let frames = wrap
                    .packets(&ip, 7)
                    .iter()
                    .map(|ip| it.frame(ip))
                    .collect::<Vec<_>>();
                let head = u8::try_from(link(it.number()).unwrap()).unwrap();
                seeds.push(pieces(head, &frames));
            }
        }
    }
    seeds
}

fn segments() -> Vec<Vec<u8>> {
    let plain = [
        // A message whole; the head in pieces; an answer; one out of order; the end.
        vec![
            0x00, 1, 0x00, 0, 0x20, 0, 0x30, 0, 0x50, 0, 0x60, 0, 0x12, 1, 0x12, 0,
        ],
        vec![
            0x00, 0, 0x24, 0, 0, 20, 0x20, 0, 0x34, 0, 0xff, 0xd0, 0x40, 0, 0x02, 2, 0x00, 2,
        ],
        vec![
            0x00, 0x80, 10, 0x04, 0, 0, 40, 0x04, 0, 0xff, 0x38, 0x00, 3, 0x01, 1, 0x01, 0,
        ],
    ];
    let message = &trace::packets(CALL)[0].bytes;
    let cut = message
        .chunks(60)
        .map(|part| [&[8, 0], &piece(part)[..]].concat());
    let turned = message
        .chunks(60)
        .rev()
        .map(|part| [&[8, 0], &piece(part)[..]].concat());
    [
        plain.to_vec(),
        vec![
            cut.collect::<Vec<_>>().concat(),
            turned.collect::<Vec<_>>().concat(),
        ],
    ]
    .concat()
}

fn heps() -> Vec<Vec<u8>> {
    let message = &trace::packets(CALL)[0].bytes;
    let mut seeds = Vec::new();
    for (kind, protocol) in [(1, 17), (1, 6), (5, 17), (35, 17)] {
        let hep = |packing| Hep {
            at: media::at(0),
            source: address("192.0.2.1:5060"),
            destination: address("192.0.2.2:5060"),
            protocol,
            kind,
            packing,
            payload: message,
        };
        let plain = hep(Packing::Plain);
        let all = [
            hep(Packing::Zlib).v3(),
            hep(Packing::Gzip).v3(),
            plain.v3(),
            plain.v2(true),
            plain.v2(false),
            plain.v1(),
        ];
        seeds.push(pieces(0, &all));
        seeds.extend(all.iter().map(|it| pieces(0, std::slice::from_ref(it))));
        let stream = [plain.v3(), hep(Packing::Gzip).v3(), plain.v3()].concat();
        for head in [0, 0x10, 0x30] {
            seeds.push([&[1], &talk(&[(head, &stream)])[..]].concat());
        }
    }
    seeds
}

fn sockets() -> Vec<Vec<u8>> {
    let call = trace::packets(CALL);
    let mask = Some([9, 0x80, 7, 0xff]);
    let asked = websocket::message(mask, &call[0].bytes);
    let answered = websocket::message(None, &call[1].bytes);
    let close = websocket::frame(0x88, mask, &[3, 0xe8]);
    let ping = websocket::frame(0x89, None, b"hello");
    let parts = fragmented(mask, &call[0].bytes, 50);
    let wide = websocket::frame_of(0x81, 8, None, &call[1].bytes);
    vec![
        talk(&[
            (0, ASKED),
            (1, GRANTED),
            (0, &asked),
            (1, &answered),
            (0, &close),
            (0xc8, b""),
        ]),
        talk(&[
            (0x10, ASKED),
            (0x11, GRANTED),
            (0x10, &asked),
            (0x31, &answered),
        ]),
        talk(&[(0, &asked), (1, &ping), (1, &answered), (0, &asked)]),
        talk(&[(0, ASKED), (0x20, &parts), (1, &wide)]),
    ]
}

fn handshakes() -> Vec<Vec<u8>> {
    let names = [(0x82, "sip.example.net"), (0x86, "sip:example.net")];
    let hello = tls::record(
        tls::HANDSHAKE,
        &tls::client_hello(Some("sip.example.net"), &[0x304, 0x303], &["sip/2"]),
    );
    let short = tls::record(tls::HANDSHAKE, &tls::client_hello(None, &[], &[]));
    let flight = tls::record(
        tls::HANDSHAKE,
        &[
            tls::server_hello(tls::TLS_1_2),
            tls::certificate("a", &names),
        ]
        .concat(),
    );
    let modern = [
        tls::record(tls::HANDSHAKE, &tls::server_hello(tls::TLS_1_3)),
        tls::data(60),
    ]
    .concat();
    let change = [tls::change_cipher(), tls::data(60)].concat();
    let alert = tls::alert(true, 40);
    vec![
        talk(&[
            (0, &hello),
            (1, &flight),
            (0, &change),
            (1, &change),
            (0, &tls::data(100)),
            (0xc8, b""),
        ]),
        talk(&[
            (0, &hello),
            (1, &modern),
            (0, &change),
            (1, &tls::data(100)),
        ]),
        talk(&[(0x10, &short), (0x31, &flight), (0, &alert)]),
        talk(&[(0, &hello), (1, &alert), (0xcd, b"")]),
        [
            &[1],
            &talk(&[(0, &tls::data(100)), (1, &tls::data(30))])[1..],
        ]
        .concat(),
    ]
}

fn errors() -> Vec<Vec<u8>> {
    let call = trace::packets(CALL);
    let it = &call[0];
    let v6 = [address("[2001:db8::1]:5060"), address("[2001:db8::2]:5060")];
    let quoted = [
        udp(it.source, it.destination, &it.bytes),
        tcp(it.source, it.destination, 1, Flag::Data, &it.bytes),
        udp(v6[0], v6[1], &it.bytes),
    ];
    let mut seeds = Vec::new();
    for (which, quoted) in quoted.iter().enumerate() {
        let is_v6 = which == 2;
        let header = if is_v6 { 40 } else { 20 };
        let kinds: &[(u8, u8)] = if is_v6 {
            &[(1, 4), (2, 0), (3, 0)]
        } else {
            &[(3, 3), (3, 4), (11, 0), (5, 1)]
        };
        for (kind, code) in kinds {
            for length in [28, 300] {
                let quote = &quoted[..quoted.len().min(header + length)];
                let error = icmp::error(is_v6, *kind, *code, [0, 9, 4, 0], quote);
                seeds.push([&[u8::from(is_v6), 0], &piece(&error[header..])[..]].concat());
            }
        }
    }
    seeds.push([&[2, 5], &piece(&[3, 3, 0, 0, 0, 0, 0, 0])[..]].concat());
    seeds
}

fn lookups() -> Vec<Vec<u8>> {
    let said = "0.1 plat NAPTR c.example
        0.2 plat NAPTR c.example = ok; c.example NAPTR _sip._udp.c.example
        0.3 plat SRV _sip._udp.c.example
        0.4 plat SRV _sip._udp.c.example = ok; _sip._udp.c.example SRV 5070 d.example; d.example A 192.0.2.9
        0.5 plat AAAA d.example = none
        0.6 plat A d.example = ok; d.example CNAME e.example; e.example A 192.0.2.9
        0.7 plat A e.example = elsewhere
        0.8 plat A e.example = NXDOMAIN";
    let one = |it: dns::Sent| {
        let answers = u8::from(it.source.port() == 53);
        [&[answers, 0], &piece(&it.payload)[..]].concat()
    };
    let each: Vec<Vec<u8>> = dns::datagrams(said).into_iter().map(one).collect();
    let cut = each.iter().map(|it| [&[it[0] | 2, 9], &it[2..]].concat());
    [each.clone(), cut.collect(), vec![each.concat()]].concat()
}

fn streams() -> Vec<Vec<u8>> {
    let packet = |how: u8, step: u16, payload: &[u8]| {
        [&[how], &step.to_be_bytes()[..], &piece(payload)].concat()
    };
    let rtp = |how: u8, from: u16, kind: u8| -> Vec<u8> {
        let one = |it: u16| {
            let bytes = media::rtp(kind, from.wrapping_add(it), u32::from(it) * 160, 7);
            packet(how, 1000, &bytes[..40])
        };
        (0..12).flat_map(one).collect()
    };
    let report = media::sender_report(7, &[(8, 20, -3, 400)]);
    let other = media::receiver_report(8, &[(7, 0, 5, 40), (9, 0, 0, 0)]);
    vec![
        rtp(0, 65_530, 0),
        [
            rtp(0, 1, 0),
            rtp(1, 1, 101),
            packet(2, 9, &report),
            packet(3, 9, &other),
        ]
        .concat(),
        [
            rtp(0x80, 1, 96),
            rtp(0x08, 5, 97),
            packet(4, 9, &[report, other].concat()),
        ]
        .concat(),
    ]
}

/// What a target starts from.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "message" => messages(),
        "sdp" => {
            let rich = b"v=0\r\no=- 1 2 IN IP6 ::1\r\ns=-\r\nc=IN IP4 192.0.2.1/127\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0\r\na=fingerprint:sha-256 AA:BB\r\nm=audio 4000/2 RTP/SAVPF 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=rtcp:4001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\na=ptime:20\r\na=maxptime:40\r\na=sendonly\r\na=setup:actpass\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host\r\na=candidate:2 1 UDP 1 192.0.2.9 4002 typ srflx raddr 10.0.0.1 rport 4000\r\na=ice-ufrag:a\r\na=end-of-candidates\r\nm=image 4002 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n".to_vec();
            let bodies = messages().into_iter().filter_map(|it| {
                let at = it.windows(4).position(|it| it == b"\r\n\r\n")?;
                it[at..]
                    .starts_with(b"\r\n\r\nv=0")
                    .then(|| it[at + 4..].to_vec())
            });
            bodies.chain([rich]).collect()
        }
        "pcap" => [captures("pcap"), written(false)].concat(),
        "pcapng" => [captures("pcapng"), written(true)].concat(),
        "gzip" => {
            let short: Vec<_> = [written(false), written(true)].concat();
            let packed = short.iter().map(|it| [&[0], &gzip(it)[..]].concat());
            let damaged = short.iter().map(|it| [&[1, 0, 40, 0], &it[..]].concat());
            packed.chain(damaged).collect()
        }
        "layers" => layers(),
        "tcp" => segments(),
        "hep" => heps(),
        "websocket" => sockets(),
        "tls" => handshakes(),
        "icmp" => errors(),
        "dns" => lookups(),
        "text" => {
            let call = trace::packets(CALL);
            let here = address("192.0.2.5:5060");
            let printed = |crlf| DIALECTS.map(|it| print(it, &call[..3], here, crlf).into_bytes());
            [printed(false), printed(true)].concat()
        }
        "media" => streams(),
        _ => panic!("{target} has no seeds"),
    }
}

#[test]
fn what_once_went_wrong_does_not_again() {
    for (target, run) in targets::TARGETS {
        for (path, bytes) in files(&folder("fuzz/cases").join(target)) {
            let begun = Instant::now();
            println!("{}", path.display());
            run(&bytes);
            // Those that took too long took minutes.
            assert!(begun.elapsed().as_secs() < 20, "{} is slow", path.display());
        }
    }
}

/// What was found to cost the square of its length costs its length: these would take a minute and
/// more.
#[test]
fn what_repeats_takes_no_longer_than_its_length() {
    let begun = Instant::now();
    let head = "INVITE sip:a@h SIP/2.0\r\nVia: ";
    let long = Message::parse(Bytes::from(format!(
        "{head}{}\r\n\r\n",
        ",a".repeat(500_000)
    )));
    assert_eq!(long.elements(Name::Via).len(), 500_000);
    let raw = Bytes::from(format!("{head}{}\r\n\r\n", "sip:".repeat(75_000)));
    assert_eq!(without_credentials(&raw), raw);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn every_target_takes_its_seeds() {
    for (target, run) in targets::TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty());
        let corpus = folder("fuzz/corpus").join(target);
        for (number, seed) in seeds.iter().enumerate() {
            run(seed);
            if std::env::var_os("FUZZ_SEEDS").is_some() {
                std::fs::create_dir_all(&corpus).unwrap();
                std::fs::write(corpus.join(format!("seed-{number:03}")), seed).unwrap();
            }
        }
    }
}

/// A target that nobody runs finds nothing.
#[test]
fn every_target_is_a_program_and_has_cases_of_no_other() {
    let names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    let manifest = std::fs::read_to_string(folder("fuzz/Cargo.toml")).unwrap();
    let programs = manifest
        .lines()
        .filter_map(|it| it.strip_prefix("path = \"targets/"));
    let programs: Vec<&str> = programs.filter_map(|it| it.strip_suffix(".rs\"")).collect();
    assert_eq!(programs, names);
    for entry in std::fs::read_dir(folder("fuzz/cases"))
        .into_iter()
        .flatten()
    {
        let name = entry.unwrap().file_name();
        assert!(names.iter().any(|it| **it == *name), "cases of {name:?}");
    }
}
