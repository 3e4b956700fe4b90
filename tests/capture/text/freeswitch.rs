//! FreeSWITCH's siptrace, beyond what every dialect shares.

use super::{UTC, busy, invite, read, shown};

fn block(head: &str, message: &str) -> String {
    let ruler = "-".repeat(72);
    let lines: String = message.lines().map(|it| format!("   {it}\n")).collect();
    format!("{head}\n   {ruler}\n{lines}   {ruler}\n")
}

#[test]
fn times_of_day_alone_run_over_midnight() {
    let text = [
        block(
            "recv 300 bytes from udp/[198.51.100.10]:5060 at 23:59:59.900000:",
            &invite(),
        ),
        block(
            "send 300 bytes to udp/[198.51.100.10]:5060 at 00:00:00.100000:",
            &busy(),
        ),
    ]
    .concat();
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1972-01-01T23:59:59.9Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 1972-01-02T00:00:00.1Z 192.0.2.5:5060 > 198.51.100.10:5060 udp SIP/2.0 486 Busy Here",
        ]
    );
    assert_eq!(
        warnings,
        [
            "times without a date: taken as of 1972-01-01",
            UTC,
            "only the far address of each message is written: the near one is taken to be 192.0.2.5:5060 throughout",
        ]
    );
}

#[test]
fn the_date_comes_from_the_nearest_line() {
    let text = [
        block(
            "recv 300 bytes from udp/[198.51.100.10]:5060 at 23:59:59.900000:",
            &invite(),
        ),
        "2026-02-01 00:00:00.000100 [DEBUG] sofia.c:1 Channel is new\n".to_owned(),
        block(
            "send 300 bytes to tls/[198.51.100.10]:5061 at 00:00:00.100000:",
            &busy(),
        ),
        block(
            "send 300 bytes to udp/[198.51.100.10] at 00:00:00.200000:",
            &busy(),
        ),
    ]
    .concat();
    let (packets, warnings) = read(text);
    let times: Vec<_> = packets.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(
        times,
        [
            "2026-01-31T23:59:59.9Z",
            "2026-02-01T00:00:00.1Z",
            "2026-02-01T00:00:00.2Z"
        ]
    );
    assert_eq!(packets[2].destination.port(), 5060);
    assert_eq!(
        warnings[0],
        "times without a full date: it was taken from the nearest line that has one"
    );
}

/// mod_logfile with its `uuid` parameter.
#[test]
fn each_line_behind_the_uuid_of_the_channel() {
    let text = block(
        "recv 300 bytes from udp/[198.51.100.10]:5060 at 10:00:00.100000:",
        &invite(),
    );
    let lines = text
        .lines()
        .map(|it| format!("4a3c1f9e-0000-4000-8000-00000000beef {it}\n"));
    let (packets, _) = read(lines.collect::<String>());
    assert_eq!(packets[0].bytes, invite().replace('\n', "\r\n"));
}
