//! sngrep, ngrep, Homer and tcpdump, beyond what every dialect shares.

use super::{UTC, busy, invite, message, read, shown};

#[test]
fn sngrep_with_colours_and_host_names() {
    let text = format!(
        "\u{1b}[1m2026/01/31 10:00:00.123456 proxy.example.net:5060 -> 192.0.2.5:5060\u{1b}[0m\n{}\n\n\
         2026/01/31 10:00:00.200000 192.0.2.5:5060 -> PROXY.example.net:5060\n{}\n",
        invite().replace("INVITE", "\u{1b}[33mINVITE\u{1b}[m"),
        busy(),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 2026-01-31T10:00:00.123456Z 0.0.0.1:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 2026-01-31T10:00:00.2Z 192.0.2.5:5060 > 0.0.0.1:5060 udp SIP/2.0 486 Busy Here",
        ]
    );
    assert_eq!(
        warnings,
        [
            UTC,
            "hosts without an address are shown as 0.0.0.x: 0.0.0.1 for proxy.example.net"
        ]
    );
}

#[test]
fn sngrep_calls_one_after_the_other_keep_their_times() {
    let text = format!(
        "2026/01/31 23:59:59.9 192.0.2.1:5060 -> 192.0.2.5:5060\n{}\n\n\
         2026/01/31 10:00:00.1 192.0.2.1:5060 -> 192.0.2.5:5060\n{}\n\n",
        invite(),
        invite(),
    );
    let (packets, _) = read(text);
    assert!(packets[1].at < packets[0].at);
}

#[test]
fn ngrep_without_times_and_with_ipv6() {
    let text = format!(
        "interface: eth0 (192.0.2.0/255.255.255.0)\nmatch: INVITE\n####\n\
         U 2001:db8::1:5060 -> 2001:db8::2:5062 #5\n{}\n#\nT 192.0.2.5:5060 -> 192.0.2.1:40000 [AP] #9\n{}\nexit\n9 received, 0 dropped\n",
        invite().replace('\n', ".\n"),
        busy().replace('\n', ".\n"),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1970-01-01T00:00:00Z [2001:db8::1]:5060 > [2001:db8::2]:5062 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 1970-01-01T00:00:00.1Z 192.0.2.5:5060 > 192.0.2.1:40000 tcp SIP/2.0 486 Busy Here",
        ]
    );
    assert_eq!(warnings, [super::NO_TIMES]);
}

#[test]
fn ngrep_times_since_the_first_packet_and_since_the_one_before() {
    let trace = |first: &str, second: &str, third: &str| {
        let lines = [first, second, third].map(|since| {
            format!(
                "\nU +{since} 192.0.2.1:5060 -> 192.0.2.5:5060\n{}\n",
                invite().replace('\n', ".\n")
            )
        });
        let (packets, warnings) = read(lines.concat());
        assert_eq!(
            warnings,
            ["times count from an unknown moment: dates and times of day mean nothing"]
        );
        let times = packets.iter().map(|it| it.at.to_string());
        times.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        trace("0.000000", "0.500000", "1.500000"),
        "1970-01-01T00:00:00Z 1970-01-01T00:00:00.5Z 1970-01-01T00:00:01.5Z",
    );
    assert_eq!(
        trace("2.000000", "0.500000", "1.500000"),
        "1970-01-01T00:00:02Z 1970-01-01T00:00:02.5Z 1970-01-01T00:00:04Z",
    );
}

#[test]
fn homer_says_the_zone() {
    let text = format!(
        "proto:TCP 2026-01-31T10:00:00.123456+02:00  192.0.2.1:5060 ---> 192.0.2.5:5060\r\n\r\n{}\r\n",
        invite().replace('\n', "\r\n"),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 2026-01-31T08:00:00.123456Z 192.0.2.1:5060 > 192.0.2.5:5060 tcp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0"
        ]
    );
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn tcpdump_with_the_headers_of_ip_before_the_message() {
    let text = format!(
        "10:00:00.123456 IP 192.0.2.1.5060 > 192.0.2.5.5062: SIP: INVITE sip:x SIP/2.0\n\
         E..*....@.@..........{}",
        message("OPTIONS sip:192.0.2.5 SIP/2.0", "1 OPTIONS"),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1972-01-01T10:00:00.123456Z 192.0.2.1:5060 > 192.0.2.5:5062 udp OPTIONS sip:192.0.2.5 SIP/2.0"
        ]
    );
    assert_eq!(
        warnings,
        ["times without a date: taken as of 1972-01-01", UTC]
    );
}
