//! SIP over WebSocket: frames of every length, masked or not, in fragments and cut anywhere give the
//! messages that were sent.

use calltriage::sip::{Packet, Transport};

use super::{By, Connection, at, request, response};
use crate::support::websocket::{
    ASKED, BINARY, GRANTED, PING, TEXT, fragmented, frame, frame_of, message,
};

const CLIENT: &str = "192.0.2.1:40000";
const SERVER: &str = "192.0.2.2:80";
const MASK: Option<[u8; 4]> = Some([0x37, 0xfa, 0x21, 0x3d]);

fn upgraded() -> Connection {
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(ASKED);
    connection.server(GRANTED);
    connection
}

fn bytes_of(packets: &[Packet]) -> Vec<Vec<u8>> {
    assert!(packets.iter().all(|it| it.transport == Transport::Ws));
    packets.iter().map(|it| it.bytes.to_vec()).collect()
}

#[test]
fn both_directions_after_the_upgrade() {
    let mut connection = upgraded();
    connection.client(&message(MASK, &request(1)));
    connection.server(&message(None, &response(1)));
    connection.client(&message(MASK, b"\r\n\r\n"));
    connection.client(&[message(MASK, &request(2)), message(MASK, &request(3))].concat());
    let shown = connection.shown();
    let sent = [request(1), response(1), request(2), request(3)];
    assert_eq!(bytes_of(&shown.packets), sent);
    let frames: Vec<_> = shown.packets.iter().map(|it| it.place.frame).collect();
    assert_eq!(frames, [5, 6, 8, 8]);
    assert_eq!(shown.packets[0].at, at(4000));
    assert_eq!(shown.packets[0].source.to_string(), CLIENT);
    assert_eq!(shown.packets[1].source.to_string(), SERVER);
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn frames_may_follow_the_head_in_one_segment() {
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(&[ASKED, &message(MASK, &request(1))].concat());
    connection.server(&[GRANTED, &message(None, &response(1))].concat());
    assert_eq!(
        bytes_of(&connection.shown().packets),
        [request(1), response(1)]
    );
}

#[test]
fn split_at_every_byte() {
    let sent = [request(1), response(2), request(3)];
    let frames = [
        message(MASK, &sent[0]),
        fragmented(MASK, &sent[1], 50),
        frame_of(0x80 | BINARY, 8, Some([1, 2, 3, 4]), &sent[2]),
    ]
    .concat();
    for head in [ASKED, b""] {
        let stream = [head, &frames].concat();
        let begin = || match head {
            b"" => Connection::middle(CLIENT, SERVER),
            _ => Connection::opened(CLIENT, SERVER),
        };
        for cut in 0..stream.len() {
            let mut connection = begin();
            connection.client(&stream[..cut]);
            connection.client(&stream[cut..]);
            let shown = connection.shown();
            assert_eq!(bytes_of(&shown.packets), sent, "{cut}");
            assert_eq!(shown.packets[2].place.frame, connection.frames);
            assert_eq!(shown.warnings, Vec::<String>::new());
        }
        let mut connection = begin();
        for byte in &stream {
            connection.client(&[*byte]);
        }
        assert_eq!(bytes_of(&connection.shown().packets), sent);
    }
}

#[test]
fn every_length_and_mask() {
    let short = b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n";
    let long = [&b"MESSAGE sip:a@b SIP/2.0\r\n\r\n"[..], &[b'x'; 70_000]].concat();
    for mask in [None, Some([0; 4]), MASK, Some([0xff; 4])] {
        for (wide, payload) in [(0, &short[..]), (2, short), (8, short), (8, &long)] {
            for head in [true, false] {
                let mut connection = match head {
                    true => upgraded(),
                    false => Connection::middle(CLIENT, SERVER),
                };
                let bytes = frame_of(0x80 | TEXT, wide, mask, payload);
                for part in bytes.chunks(1400) {
                    connection.client(part);
                }
                assert_eq!(
                    bytes_of(&connection.shown().packets),
                    [payload],
                    "{mask:?} {wide}"
                );
            }
        }
    }
}

#[test]
fn fragments_of_every_size_with_pings_between_them() {
    for size in 1..request(1).len() {
        let mut connection = upgraded();
        connection.client(&fragmented(MASK, &request(1), size));
        connection.server(&fragmented(None, &response(1), size));
        let shown = connection.shown();
        assert_eq!(
            bytes_of(&shown.packets),
            [request(1), response(1)],
            "{size}"
        );
        assert_eq!(shown.warnings, Vec::<String>::new());
    }
    // An empty last fragment.
    let mut connection = upgraded();
    connection.client(&frame(TEXT, MASK, &request(1)));
    connection.client(&frame(0x80, MASK, b""));
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), [request(1)]);
    assert_eq!(shown.packets[0].place.frame, 6);
}

#[test]
fn a_start_in_the_middle_waits_for_a_message() {
    for (mask, payload) in [(MASK, request(5)), (None, response(5))] {
        let before = frame(0x80 | BINARY, mask, &[0x81; 300]);
        let stream = [
            &before[120..],
            &message(mask, &payload),
            &message(mask, &payload),
        ]
        .concat();
        for size in [1, 7, 64, 5000] {
            let mut connection = Connection::middle(CLIENT, SERVER);
            for part in stream.chunks(size) {
                connection.client(part);
            }
            let shown = connection.shown();
            assert_eq!(
                bytes_of(&shown.packets),
                [payload.clone(), payload.clone()],
                "{size}"
            );
            assert_eq!(shown.warnings, Vec::<String>::new());
        }
    }
}

#[test]
fn a_wrong_mask_makes_no_message() {
    let mut bytes = message(MASK, &request(1));
    bytes[5] ^= 0x40;
    for head in [true, false] {
        let mut connection = match head {
            true => upgraded(),
            false => Connection::middle(CLIENT, SERVER),
        };
        connection.client(&bytes);
        let shown = connection.shown();
        assert!(shown.packets.is_empty() && shown.warnings.is_empty());
    }
}

#[test]
fn compressed_messages_are_told() {
    let mut connection = upgraded();
    connection.client(&frame(0xc0 | TEXT, MASK, &[7; 200]));
    connection.client(&frame(0x40 | TEXT, MASK, &[7; 200]));
    connection.client(&frame(0x80, MASK, &[7; 20]));
    connection.client(&message(MASK, &request(1)));
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), [request(1)]);
    assert_eq!(
        shown.warnings,
        [
            "2 compressed messages over WebSocket skipped, the first at frame 5: permessage-deflate is not read"
        ]
    );
    // Nobody asked about the WebSocket of a web page.
    let mut connection = Connection::opened(CLIENT, SERVER);
    let page = b"GET /feed HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    connection.client(&[&page[..], &frame(0xc0 | TEXT, MASK, &[7; 200])].concat());
    assert_eq!(connection.shown().warnings, Vec::<String>::new());
}

#[test]
fn a_message_of_no_end_is_bounded() {
    let mut connection = upgraded();
    let lying = [
        &[0x81, 0xff],
        &(1_u64 << 40).to_be_bytes()[..],
        &[1; 4],
        &[7; 500],
    ]
    .concat();
    connection.client(&lying);
    let shown = connection.shown();
    assert!(shown.packets.is_empty());
    assert_eq!(
        shown.warnings,
        ["1 oversized message over WebSocket skipped, the first at frame 5"]
    );
    // Fragments without end; what follows them is read.
    let mut connection = upgraded();
    connection.client(&frame(BINARY, MASK, b"OPTIONS sip:a@b SIP/2.0\r\n"));
    for _ in 0..80 {
        connection.client(&frame(0, MASK, &[b'x'; 16_000]));
    }
    connection.client(&frame(0x80, MASK, b"end"));
    connection.client(&message(MASK, &request(1)));
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), [request(1)]);
    assert_eq!(shown.warnings.len(), 1);
}

#[test]
fn what_no_frame_can_be_is_told_and_passed_over() {
    let nonsense: [Vec<u8>; 7] = [
        // Reserved bits and opcodes, a continuation of nothing, control frames that are too long or
        // in fragments, a length with its sign set.
        frame(0x91, MASK, b"reserved"),
        frame(0x83, MASK, b"reserved"),
        frame(0x8b, MASK, b"reserved"),
        frame(0x80, MASK, b"of nothing"),
        frame(0x80 | PING, MASK, &[b'x'; 126]),
        frame(PING, MASK, b"part"),
        [&[0x81, 0x7f][..], &[0xff; 8], b"negative"].concat(),
    ];
    for it in nonsense {
        let mut connection = upgraded();
        connection.client(&it);
        connection.client(&message(MASK, &request(1)));
        let shown = connection.shown();
        assert_eq!(bytes_of(&shown.packets), [request(1)], "{it:?}");
        assert_eq!(
            shown.warnings,
            ["1 run of bytes between WebSocket frames that are none, the first at frame 5"]
        );
    }
}

#[test]
fn a_gap_costs_what_it_touches() {
    let mut connection = upgraded();
    let whole = message(MASK, &request(1));
    connection.client(&whole[..100]);
    connection.lose(By::Client, u32::try_from(whole.len()).unwrap() - 100);
    connection.client(&message(MASK, &request(2)));
    let shown = connection.shown();
    assert_eq!(
        bytes_of(&shown.packets),
        [&request(1)[..100 - 8], &request(2)]
    );
    assert_eq!(
        shown.warnings,
        ["1 message over TCP with bytes missing from the capture, the first at frame 5"]
    );
}

#[test]
fn http_that_stays_http_is_no_trouble() {
    for head in [
        &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\r\n",
        b"GET /long HTTP/1.1\r\nA: ",
    ] {
        let mut connection = Connection::opened(CLIENT, SERVER);
        connection.client(head);
        connection.client(&[b'x'; 70_000][..60_000]);
        connection.client(&[b'x'; 70_000][..60_000]);
        let shown = connection.shown();
        assert!(shown.packets.is_empty() && shown.warnings.is_empty());
    }
    // A refused upgrade, then one that is granted.
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(b"GET /sip HTTP/1.1\r\nHost: a\r\n\r\n");
    connection.client(&[ASKED, &message(MASK, &request(1))].concat());
    assert_eq!(bytes_of(&connection.shown().packets), [request(1)]);
}
