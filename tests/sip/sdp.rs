//! Session descriptions: where media should flow and in which formats.

use calltriage::sip::sdp::Sdp;

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
