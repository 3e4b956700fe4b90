//! What proxies write into syslog and the journal, and sipdump's files, beyond what every dialect
//! shares.

use super::{UTC, busy, invite, read, shown};

#[test]
fn each_line_behind_a_log_prefix_with_others_between() {
    let mut text = String::new();
    for (second, line) in (58..).zip(invite().lines()) {
        let time = if second < 60 {
            format!("Dec 31 23:59:{second}")
        } else {
            format!("Jan  1 00:00:{:02}", second - 60)
        };
        text += &format!("{time} sbc kamailio[123]: INFO: <script>: {line}\n");
        text += &format!("{time} sbc kamailio[124]: INFO: <script>: Via: not of this message\n");
        text += &format!("{time} sbc sshd[9]: Accepted publickey\n");
    }
    let (packets, warnings) = read(text);
    assert_eq!(
        packets[0].bytes,
        invite().trim_end().replace('\n', "\r\n") + "\r\n\r\n"
    );
    assert_eq!(
        shown(&packets),
        [
            "1 1971-12-31T23:59:58Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0"
        ]
    );
    assert_eq!(
        warnings,
        [
            "dates without a year: taken as of 1971 or 1972",
            UTC,
            "times in whole seconds: nothing shorter is known",
            "1 message without addresses, the first is 1: they are guessed from Via, Route and Request-URI",
        ]
    );
}

#[test]
fn escaped_line_ends_at_the_end_of_each_line() {
    for end in ["#015", "\\r\\n", "\\r", "^M", "\r"] {
        let text = invite().replace('\n', &format!("{end}\n"))
            + &busy().replace('\n', &format!("{end}\n"));
        let (packets, _) = read(text);
        assert_eq!(packets.len(), 2, "{end}");
        assert_eq!(packets[0].bytes, invite().replace('\n', "\r\n"), "{end}");
    }
}

#[test]
fn a_log_entry_that_announces_and_holds_a_message() {
    let line = format!(
        "Jan 31 10:00:00 pbx asterisk[1]: VERBOSE[7] chan_sip.c: \n<--- SIP read from UDP:198.51.100.10:5060 --->\n{}<------------->",
        invite().replace('\n', "\r\n"),
    );
    let text = line.replace('\r', "#015").replace('\n', "#012") + "\n";
    let (packets, _) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1972-01-31T10:00:00Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0"
        ]
    );
}

#[test]
fn sipdump_times_are_exact_and_have_a_zone() {
    let text = format!(
        "====================\ntag: snd\npid: 7\nprocess: 3\ntime: 1769853600.123456\ndate: Sat Jan 31 11:00:00 2026\nproto: tls ipv6\nsrcip: 2001:db8::1\nsrcport: 5061\ndstip: 2001:db8::2\ndstport: 40000\n~~~~~~~~~~~~~~~~~~~~\n{}||||||||||||||||||||\n",
        invite(),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 2026-01-31T10:00:00.123456Z [2001:db8::1]:5061 > [2001:db8::2]:40000 tls INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0"
        ]
    );
    assert_eq!(warnings, [""; 0]);
}

/// syslog and journald split an entry of several lines and put their own prefix before each.
#[test]
fn the_words_of_the_entry_stand_before_its_first_line_only() {
    for (prefix, words) in [
        (
            "Jan 31 10:00:00 sbc /usr/sbin/kamailio[123]: ",
            "INFO: <script>: ",
        ),
        ("kamailio_1  | ", "5(123) INFO: <script>: "),
        (
            "2026-01-31T10:00:00.123456+00:00 sbc ",
            "opensips[9]: DBG:core: ",
        ),
        ("", "12:00:00 [7] "),
    ] {
        let mut text = String::new();
        for message in [invite(), busy()] {
            let mut words = words;
            for line in message.lines() {
                text += &format!("{prefix}{words}{line}\n");
                words = "";
            }
            text += &format!("{prefix}\n");
        }
        let (packets, _) = read(&text);
        let crlf = |text: String| text.replace('\n', "\r\n");
        assert_eq!(packets.len(), 2, "{text}");
        assert_eq!(packets[0].bytes, crlf(invite()), "{text}");
        assert_eq!(packets[1].bytes, crlf(busy()), "{text}");
    }
}
