//! What people paste: no times, no addresses, and whatever mail and chat did to it.

use calltriage::sip::facts::facts;
use calltriage::sip::threads;

use super::{NO_TIMES, busy, invite, message, read, shown};

#[test]
fn messages_one_after_the_other() {
    let text = format!("Hello,\nhere it is:\n\n{}{}Regards\n", invite(), busy());
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1970-01-01T00:00:00Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 1970-01-01T00:00:00.1Z 192.0.2.5:5060 > 198.51.100.10:5060 udp SIP/2.0 486 Busy Here",
        ]
    );
    assert_eq!(
        warnings,
        [
            NO_TIMES,
            "2 messages without addresses, the first is 1: they are guessed from Via, Route and Request-URI"
        ]
    );
}

#[test]
fn a_single_message_without_its_last_line_ends() {
    let text = invite();
    let (packets, _) = read(text.trim_end());
    assert_eq!(packets[0].bytes, invite().replace('\n', "\r\n"));
}

#[test]
fn a_message_that_was_cut_says_so() {
    let cut = invite().replace("Content-Length: 0\n\n", "");
    assert!(shown(&read(&cut).0)[0].ends_with("[HeadersNotEnded]"));
    let body = invite().replace(
        "Content-Length: 0\n\n",
        "Content-Length: 200\n\nv=0\no=- 1 1 IN IP4 x\n",
    );
    let (packets, _) = read(format!("{body}\n{}", busy()));
    assert_eq!(packets.len(), 2);
    assert!(shown(&packets)[0].ends_with("[BodyShort { said: 200, present: 23 }]"));
}

#[test]
fn a_wrong_content_length_loses_nothing() {
    let sdp =
        "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/AVP 8\n";
    for length in [0, 5, 40, 500] {
        let with = invite().replace(
            "Content-Length: 0\n\n",
            &format!("Content-Type: application/sdp\nContent-Length: {length}\n\n{sdp}"),
        );
        let (packets, _) = read(format!("{with}\n{}", busy()));
        assert_eq!(packets.len(), 2, "{length}");
        assert!(
            packets[0].bytes.ends_with(b"m=audio 4000 RTP/AVP 8\r\n"),
            "{length}"
        );
    }
    let without = invite().replace(
        "Content-Length: 0\n\n",
        &format!("Content-Type: application/sdp\n\n{sdp}\n"),
    );
    let (packets, _) = read(format!("{without}That is all.\n"));
    assert!(packets[0].bytes.ends_with(b"m=audio 4000 RTP/AVP 8\r\n"));
}

#[test]
fn bodies_whose_lines_ended_with_lf_keep_them() {
    let body = "one\ntwo\nthree";
    let text = invite().replace(
        "Content-Length: 0\n\n",
        &format!(
            "Content-Type: text/plain\nContent-Length: {}\n\n{body}\n",
            body.len()
        ),
    );
    let (packets, _) = read(text);
    assert!(packets[0].bytes.ends_with(body.as_bytes()));
    assert_eq!(shown(&packets).len(), 1);
}

#[test]
fn sip_within_a_body_is_no_message() {
    let fragment = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n";
    let notify = message("NOTIFY sip:a@192.0.2.5 SIP/2.0", "2 NOTIFY").replace(
        "Content-Length: 0\n\n",
        &format!(
            "Content-Type: message/sipfrag;version=2.0\nContent-Length: {}\n\n{fragment}",
            fragment.len()
        ),
    );
    let (packets, _) = read(format!("{notify}\n{}", busy()));
    assert_eq!(packets.len(), 2);
    assert!(packets[0].bytes.ends_with(fragment.as_bytes()));
}

#[test]
fn wrapped_lines_are_joined() {
    let text = invite().replace("Via: SIP/2.0/UDP ", "Via: SIP/2.0/UDP \n");
    let (packets, warnings) = read(text);
    assert_eq!(packets[0].source, "198.51.100.10:5060".parse().unwrap());
    assert!(warnings.contains(
        &"1 line that looked wrapped, the first in message 1: each was joined to the one before".to_owned()
    ));
}

#[test]
fn an_indented_paste_keeps_its_folded_headers() {
    let text: String = invite()
        .replace(";tag=a", "\n  ;tag=a")
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect();
    let (packets, _) = read(text);
    assert_eq!(
        packets[0].bytes,
        invite()
            .replace(";tag=a", "\n  ;tag=a")
            .replace('\n', "\r\n")
    );
}

#[test]
fn hosts_by_name_and_the_way_of_a_proxy() {
    let first = message("INVITE sip:b@Example.net SIP/2.0", "1 INVITE");
    // The proxy's own Via stands above that of the request it received.
    let second = message("INVITE sip:b@203.0.113.9 SIP/2.0", "1 INVITE")
        .replace("Via:", "Via: SIP/2.0/TCP 192.0.2.77;branch=z9hG4bKp\nVia:");
    let trying = message("SIP/2.0 100 Trying", "1 INVITE")
        .replace(";branch", ";received=203.0.113.50;rport=4444;branch");
    let elsewhere = message("INVITE sip:b@example.net:5070 SIP/2.0", "1 INVITE")
        .replace("z9hG4bK1", "z9hG4bKother");
    let (packets, warnings) = read([first, second, trying, elsewhere].concat());
    let ends: Vec<_> = packets
        .iter()
        .map(|it| format!("{} {} {}", it.source, it.destination, it.transport))
        .collect();
    assert_eq!(
        ends,
        [
            "198.51.100.10:5060 192.0.2.77:5060 udp",
            "192.0.2.77:5060 203.0.113.9:5060 tcp",
            "192.0.2.77:5060 198.51.100.10:5060 udp",
            "198.51.100.10:5060 0.0.0.1:5070 udp",
        ]
    );
    assert_eq!(
        warnings[2],
        "hosts without an address are shown as 0.0.0.x: 0.0.0.1 for example.net"
    );
}

#[test]
fn copies_count_as_sent_again_and_nothing_as_answered_at_once() {
    let (packets, _) = read(invite() + &invite() + &busy());
    let apart = |a: usize, b: usize| packets[b].at.duration_since(packets[a].at).as_millis();
    assert_eq!((apart(0, 1), apart(1, 2)), (100, 100));
}

#[test]
fn a_time_shortly_before_a_message_is_its_time() {
    let text = format!(
        "Jan 31 2026 is no time\n2026-01-31 10:00:00.123 UTC: //-1/SIP/Msg/ccsipDisplayMsg:\nReceived:\n{}\n\
         2026-01-31 10:00:00.456Z: something else\nand\nmore\nof it\n{}",
        invite(),
        busy(),
    );
    let (packets, warnings) = read(text);
    let times: Vec<_> = packets.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(
        times,
        ["2026-01-31T10:00:00.123Z", "2026-01-31T10:00:00.123Z"]
    );
    assert_eq!(
        warnings[0],
        "1 message without a time, the first is 2: each was given that of one near it"
    );
}

#[test]
fn texts_without_times_are_days_apart() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.txt"] {
        std::fs::write(folder.path().join(name), invite()).unwrap();
    }
    let index = calltriage::capture::Index::build(&[folder.path().to_owned()], &mut |_, _| {});
    let all: Vec<&str> = index.calls().map(|it| it.call_id()).collect();
    let packets = index.load(&all).packets;
    let times: Vec<_> = packets.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(times, ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"]);
}

/// A call that was pasted without times behind one that has them.
#[test]
fn a_call_without_any_time_has_no_durations() {
    let timed = |at: &str, message: &str| {
        format!("2026-01-31 10:00:{at} 198.51.100.10:5060 -> 192.0.2.5:5060\n{message}\n")
    };
    let other = |message: String| message.replace("Call-ID: a@", "Call-ID: b@") + "\n";
    let ringing = message("SIP/2.0 180 Ringing", "1 INVITE");
    let untimed = [invite(), ringing.clone(), busy()].map(other).concat();
    let first = timed("00.5", &invite());
    let last = timed("02.5", &busy());
    for text in [
        format!("{first}{last}{untimed}"),
        format!("{untimed}{first}{last}"),
        format!("{first}{untimed}{last}"),
    ] {
        let (packets, warnings) = read(&text);
        assert!(
            warnings
                .iter()
                .any(|it| it.starts_with("3 messages of calls without any time, the first is")),
            "{warnings:?}"
        );
        let facts = |call_id: &str| {
            let threads = threads(packets.clone());
            let thread = threads.iter().find(|it| it.call_id == call_id);
            facts(thread.unwrap()).unwrap()
        };
        let without = facts("b@198.51.100.10");
        assert_eq!((without.pdd_ms, without.recorded()), (None, None));
        assert_eq!(without.messages, 3);
        let with = facts("a@198.51.100.10");
        assert_eq!(with.started.to_string(), "2026-01-31T10:00:00.5Z");
    }
    // One time is enough, wherever it stands, for its call to stay by the others.
    let (packets, _) = read(format!("{first}{}{}", ringing, last));
    assert_eq!(packets[1].at, packets[0].at);
}

/// As Slack keeps a text and as a page's source has it.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// A call between addresses with a note in a body.
fn with_note(note: &str) -> String {
    let head = invite().replace(
        "Content-Length: 0\n\n",
        &format!(
            "Content-Type: text/plain\nContent-Length: {}\n\n{note}\n\n",
            note.len()
        ),
    );
    let line = |ends: &str| format!("2026-01-31 10:00:00.5 {ends}\n");
    let there = line("198.51.100.10:5060 -> 192.0.2.5:5060");
    let back = line("192.0.2.5:5060 -> 198.51.100.10:5060");
    format!("{there}{head}{back}{}\n", busy())
}

#[test]
fn entities_are_undone_where_the_whole_text_is_so_written() {
    let plain = with_note("a &lt; b &amp; \"c\"");
    let read_plain = read(&plain).0;
    assert!(read_plain[0].bytes.ends_with(b"a &lt; b &amp; \"c\""));
    assert_eq!(read(escaped(&plain)).0, read_plain);
    assert_eq!(read(escaped(&plain).replace('"', "&quot;")).0, read_plain);
    // Quoted by a mail, then escaped; and as UTF-16.
    let quoted: String = plain.lines().map(|line| format!("> {line}\n")).collect();
    assert_eq!(read(escaped(&quoted)).0, read_plain);
    let wide: Vec<u8> = escaped(&plain)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(wide).0, read_plain);
}

/// An address without brackets, and one that stands in a body.
#[test]
fn a_message_that_holds_an_entity_keeps_it() {
    let bare = with_note("From: &lt;sip:a@b&gt;");
    assert!(read(&bare).0[0].bytes.ends_with(b"&lt;sip:a@b&gt;"));
    let bare = with_note("write &lt;sip:a@b&gt;").replace(['<', '>'], "");
    let bare = bare.replace(" - ", " -> ");
    assert!(read(&bare).0[0].bytes.ends_with(b"write &lt;sip:a@b&gt;"));
}

#[test]
fn links_of_a_chat_are_undone() {
    let plain = with_note("x");
    let read_plain = read(&plain).0;
    let number = "441632960001@198.51.100.10";
    for link in [
        format!("<mailto:{number}|{number}>"),
        format!("<mailto:{number}>"),
    ] {
        let linked = plain.replace(number, &link);
        assert_ne!(linked, plain);
        assert_eq!(read(linked).0, read_plain, "{link}");
    }
    for link in [
        "<sip:441632960001@198.51.100.10|441632960001@198.51.100.10>",
        "<<sip:441632960001@198.51.100.10|441632960001@198.51.100.10>>",
    ] {
        let linked = plain.replace("<sip:441632960001@198.51.100.10>", link);
        assert_eq!(read(linked).0, read_plain, "{link}");
    }
    // As Slack hands a text out: both at once.
    let both = escaped(&plain).replace(number, &format!("<mailto:{number}|{number}>"));
    assert_eq!(read(both).0, read_plain);
    let both = escaped(&plain).replace(
        "sip:441632960001@198.51.100.10",
        "<sip:441632960001@198.51.100.10|sip:441632960001@198.51.100.10>",
    );
    assert_eq!(read(both).0, read_plain);
    // In a body alone they are its own.
    let own = with_note("see <http://example.net/|example.net>");
    assert!(
        read(&own).0[0]
            .bytes
            .ends_with(b"<http://example.net/|example.net>")
    );
}
