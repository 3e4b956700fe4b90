//! Session descriptions: where media should flow and in which formats.

use calltriage::sip::sdp::{Sdp, Setup};

/// One line a stream: kind, address, port, direction, codecs.
fn media(text: &str) -> Vec<String> {
    let sdp = Sdp::parse(text);
    sdp.media
        .iter()
        .map(|m| {
            let address = m.address.as_deref().unwrap_or("-");
            format!(
                "{} {address}:{} {:?} {}",
                m.kind,
                m.port,
                m.direction,
                m.codecs().join(",")
            )
        })
        .collect()
}

const OWN: &str = "v=0\r\no=- 7 8 IN IP4 192.0.2.1\r\ns=-\r\n";

#[test]
fn addresses() {
    let with = |session: &str, stream: &str| {
        media(&format!("{OWN}{session}m=audio 4000 RTP/AVP 8\r\n{stream}"))
    };
    for (session, stream, expected) in [
        ("c=IN IP4 192.0.2.1\r\n", "", "192.0.2.1"),
        (
            "c=IN IP4 192.0.2.1\r\n",
            "c=IN IP4 192.0.2.2\r\n",
            "192.0.2.2",
        ),
        ("", "c=IN IP4 192.0.2.2/127\r\n", "192.0.2.2"),
        ("c=IN IP6 2001:db8::1\r\n", "", "2001:db8::1"),
        ("", "", "-"),
        ("c=IN\r\n", "", "-"),
        ("c=IN IP4 media.example.com\n", "", "media.example.com"),
    ] {
        assert_eq!(
            with(session, stream),
            [format!("audio {expected}:4000 SendRecv PCMA")]
        );
    }
    let of = |address: &str| {
        Sdp::parse(&format!("c=IN IP4 {address}\nm=audio 1 x 0"))
            .audio()
            .unwrap()
            .ip()
    };
    assert_eq!(of("192.0.2.1"), "192.0.2.1".parse().ok());
    assert_eq!(of("2001:db8::1"), "2001:db8::1".parse().ok());
    assert_eq!(of("0.0.0.0"), None);
    assert_eq!(of("host"), None);
}

#[test]
fn streams_ports_and_directions() {
    let text = format!(
        "{OWN}c=IN IP4 192.0.2.1\r\na=sendonly\r\n\
         m=audio 4000/2 RTP/AVP 8\r\n\
         m=video 0 RTP/AVP 34\r\na=inactive\r\n\
         m=Image 5000 udptl t38\r\na=recvonly \r\n\
         m=audio x RTP/AVP 0\r\n"
    );
    assert_eq!(
        media(&text),
        [
            "audio 192.0.2.1:4000 SendOnly PCMA",
            "video 192.0.2.1:0 Inactive H263",
            "image 192.0.2.1:5000 RecvOnly ",
            "audio 192.0.2.1:0 SendOnly PCMU",
        ]
    );
}

#[test]
fn codecs() {
    for (formats, maps, expected) in [
        ("0 8 18 3 9 4 13", "", "PCMU,PCMA,G729,GSM,G722,G723"),
        (
            "96 101",
            "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n",
            "OPUS",
        ),
        ("96 97", "a=rtpmap:97  amr-wb/16000\r\n", "AMR-WB"),
        (
            "8",
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\n",
            "PCMA",
        ),
        ("8", "a=rtpmap:8\r\na=rtpmap:\r\na=rtpmap\r\n", "PCMA"),
        ("", "", ""),
        ("999999 -1 x", "", ""),
    ] {
        let text = format!("{OWN}m=audio 1 RTP/AVP {formats}\r\n{maps}");
        assert_eq!(media(&text), [format!("audio -:1 SendRecv {expected}")]);
    }
}

#[test]
fn origins() {
    let key = |origin: &str| Sdp::parse(&format!("v=0\no={origin}\n")).origin_key();
    assert_eq!(key("- 7 8 IN IP4 192.0.2.1"), key("- 7 9 IN IP4 192.0.2.1"));
    assert_ne!(key("- 7 8 IN IP4 192.0.2.1"), key("- 6 8 IN IP4 192.0.2.1"));
    assert_eq!(key("- 7 8 IN IP4"), None);
    assert_eq!(key(""), None);
}

#[test]
fn garbage() {
    for text in [
        "",
        "v=0",
        "=",
        "m=",
        "m=\na=\nc=\n",
        "\0\0",
        "a=sendonly",
        "m=audio",
        "x\n=\n==\nm",
    ] {
        let sdp = Sdp::parse(text);
        assert!(sdp.media.iter().all(|m| m.codecs().is_empty()), "{text:?}");
        assert_eq!(sdp.origin_key(), None);
    }
    // A list without end costs no time.
    let long = format!(
        "m=audio 1 x {}\n{}",
        "0 ".repeat(300_000),
        "a=rtpmap:1 x/1\n".repeat(60_000)
    );
    assert_eq!(Sdp::parse(&long).media.len(), 1);
}

#[test]
fn clocks_digits_and_packet_times() {
    let sdp = Sdp::parse(
        "v=0\r\na=maxptime:60\r\nm=audio 4000 RTP/AVP 8 96 101 102\r\na=rtpmap:96 opus/48000/2\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=rtpmap:102 telephone-event/48000\r\na=ptime:20\r\n\
         a=rtcp:4003 IN IP4 192.0.2.9\r\na=rtcp-mux\r\nm=video 4002 RTP/AVP 31\r\n",
    );
    let audio = sdp.audio().unwrap();
    let clocks: Vec<_> = audio.formats.iter().map(|format| format.clock).collect();
    assert_eq!(clocks, [Some(8000), Some(48_000), Some(8000), Some(48_000)]);
    let events: Vec<_> = audio.telephone_events().collect();
    assert_eq!(events, [("101", Some(8000)), ("102", Some(48_000))]);
    assert_eq!((audio.ptime, audio.maxptime), (Some(20), Some(60)));
    assert_eq!((audio.rtcp_port, audio.rtcp_mux), (Some(4003), true));
    assert!(audio.is_rtp() && !audio.is_srtp() && !audio.is_t38());
    let video = &sdp.media[1];
    assert_eq!(
        (video.formats[0].clock, video.rtcp_port, video.rtcp_mux),
        (Some(90_000), None, false)
    );
}

#[test]
fn encryption_without_keys() {
    let key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    let print = "AB:CD:EF";
    let text = format!(
        "v=0\r\na=fingerprint:SHA-256 {print}\r\na=setup:actpass\r\n\
         m=audio 1 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20|1:4\r\n\
         a=crypto:2 aes_256_cm_hmac_sha1_80 inline:{key}\r\na=crypto:x\r\n\
         m=audio 1 UDP/TLS/RTP/SAVPF 111\r\na=setup:passive\r\na=fingerprint:sha-1 {print}\r\n"
    );
    let sdp = Sdp::parse(&text);
    let [sdes, dtls] = sdp.media.as_slice() else {
        unreachable!()
    };
    let suites: Vec<_> = sdes
        .security
        .crypto
        .iter()
        .map(|c| (c.tag, c.suite.as_str()))
        .collect();
    assert_eq!(
        suites,
        [
            (1, "AES_CM_128_HMAC_SHA1_80"),
            (2, "AES_256_CM_HMAC_SHA1_80"),
            (0, "")
        ]
    );
    assert!(sdes.is_srtp() && !sdes.is_dtls());
    assert_eq!(sdes.security.setup, Some(Setup::ActPass));
    assert_eq!(sdes.security.fingerprints, ["sha-256"]);
    assert!(dtls.is_srtp() && dtls.is_dtls() && dtls.is_rtp());
    assert_eq!(dtls.security.setup, Some(Setup::Passive));
    assert_eq!(dtls.security.fingerprints, ["sha-1"]);
    assert!(sdes.security.shares_suite(&sdes.security));
    assert!(!sdes.security.shares_suite(&dtls.security));
    let shown = format!("{sdp:?}");
    assert!(!shown.contains(key) && !shown.contains(print));
}

#[test]
fn ice() {
    let sdp = Sdp::parse(
        "v=0\r\na=ice-lite\r\na=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\nm=audio 9 RTP/AVP 0\r\n\
         a=candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host\r\n\
         a=candidate:2 2 tcp 1 2001:db8::2 9 typ SRFLX raddr 192.0.2.1 rport 8998\r\n\
         a=candidate:3 1 UDP 1 a.local 9 typ\r\na=candidate:4 1 UDP 1 192.0.2.1 99999 typ host\r\n\
         a=end-of-candidates\r\n",
    );
    assert!(sdp.ice_lite);
    let ice = &sdp.media[0].ice;
    assert!(ice.has_ufrag && ice.is_complete);
    let shown: Vec<_> = ice
        .candidates
        .iter()
        .map(|c| {
            format!(
                "{} {} {} {} {} {}",
                c.component,
                c.transport,
                c.address,
                c.port,
                c.kind,
                c.ip().is_some()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1 UDP 192.0.2.1 8998 host true",
            "2 TCP 2001:db8::2 9 srflx true"
        ]
    );
    assert!(!format!("{sdp:?}").contains("x9cml"));
}

#[test]
fn fax() {
    let sdp = Sdp::parse(
        "m=image 4000 udptl t38\r\na=T38FaxVersion:3\r\na=T38MaxBitRate:14400\r\n\
         a=T38FaxRateManagement:transferredTCF\r\na=t38faxudpec:t38UDPRedundancy\r\n\
         a=T38FaxMaxDatagram:400\r\na=T38FaxMaxBuffer:x\r\na=T38FaxFillBitRemoval\r\n\
         m=audio 4002 RTP/AVP 8\r\n",
    );
    let fax = &sdp.media[0];
    assert!(fax.is_t38() && fax.is_udptl() && !fax.is_rtp());
    let t38 = fax.t38.as_ref().unwrap();
    assert_eq!(
        (
            t38.version,
            t38.max_bit_rate,
            t38.max_datagram,
            t38.max_buffer
        ),
        (3, Some(14400), Some(400), None)
    );
    assert_eq!(t38.rate_management.as_deref(), Some("transferredTCF"));
    assert_eq!(t38.error_correction.as_deref(), Some("t38UDPRedundancy"));
    assert_eq!(sdp.media[1].t38, None);
}
