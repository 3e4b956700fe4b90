//! chan_sip and PJSIP, beyond what every dialect shares.

use super::{UTC, busy, invite, message, read, shown};

#[test]
fn old_and_new_spellings() {
    let text = format!(
        "[Jan 31 10:00:00] DEBUG[1]: chan_sip.c: noise\n\
         <-- SIP read from 198.51.100.10:5060: \n{}\n--- (7 headers 0 lines) ---\n\
         Retransmitting #1 (NAT) to 198.51.100.10:5060:\n{}\n---\n\
         [2026-01-31 10:00:02] VERBOSE[7][C-01] res_pjsip_logger.c: <--- Transmitting SIP response (300 bytes) to TLS:[2001:db8::9]:5061 --->\n{}\n",
        invite(),
        busy(),
        busy(),
    );
    let (packets, warnings) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 2026-01-31T10:00:02Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 2026-01-31T10:00:02Z 192.0.2.5:5060 > 198.51.100.10:5060 udp SIP/2.0 486 Busy Here",
            "3 2026-01-31T10:00:02Z 192.0.2.5:5060 > [2001:db8::9]:5061 tls SIP/2.0 486 Busy Here",
        ]
    );
    assert_eq!(
        warnings,
        [
            "2 messages without a time, the first is 1: each was given that of one near it",
            UTC,
            "times in whole seconds: nothing shorter is known",
            "only the far address of each message is written: the near one is taken to be 192.0.2.5:5060 throughout",
        ]
    );
}

#[test]
fn the_near_end_is_learnt_from_what_it_sends() {
    let sent = message("OPTIONS sip:203.0.113.9 SIP/2.0", "1 OPTIONS")
        .replace("198.51.100.10:5060", "10.0.0.7:5080");
    let text = format!(
        "<--- SIP read from UDP:198.51.100.10:5060 --->\n{}\n<------------->\n\
         Reliably Transmitting (no NAT) to 203.0.113.9:5060:\n{sent}\n---\n",
        invite(),
    );
    let (packets, warnings) = read(text);
    assert_eq!(packets[0].destination, "10.0.0.7:5080".parse().unwrap());
    assert_eq!(packets[1].source, "10.0.0.7:5080".parse().unwrap());
    assert!(warnings.iter().any(|it| it.contains("10.0.0.7:5080")));
}

#[test]
fn nothing_tells_the_near_end() {
    let text = format!(
        "<--- Transmitting (NAT) to 198.51.100.10:5060 --->\n{}\n<------------>\n",
        busy(),
    );
    let (packets, warnings) = read(text);
    assert_eq!(packets[0].source, "0.0.0.0:0".parse().unwrap());
    assert_eq!(
        warnings[1],
        "only the far address of each message is written: 0.0.0.0:0 stands for the near one"
    );
}

#[test]
fn lines_of_the_console_between_messages() {
    let text = format!(
        "    -- Executing [s@default:1] Answer(\"SIP/x\") in new stack\n\
         <--- SIP read from UDP:198.51.100.10:5060 --->\n{}<------------->\n--- (7 headers 0 lines) ---\n\
         Sending to 198.51.100.10:5060 (NAT)\nUsing INVITE request as basis request - a@198.51.100.10\n\
         \x20 == Using SIP RTP CoS mark 5\n\
         <--- Transmitting (NAT) to 198.51.100.10:5060 --->\n{}\n\n<------------>\n\
         Scheduling destruction of SIP dialog 'a@198.51.100.10' in 32000 ms (Method: INVITE)\n",
        invite(),
        busy(),
    );
    let (packets, _) = read(text);
    assert_eq!(packets.len(), 2);
    let crlf = |text: String| text.replace('\n', "\r\n");
    assert_eq!(packets[0].bytes, crlf(invite()));
    assert_eq!(packets[1].bytes, crlf(busy()));
}

/// The wiki's way: no blank line before the mark.
#[test]
fn a_blank_line_that_was_lost_comes_back() {
    let text = format!(
        "<--- SIP read from UDP:198.51.100.10:5060 --->\n{}<------------->\n",
        invite().replace("Content-Length: 0\n\n", ""),
    );
    let (packets, _) = read(text);
    assert!(packets[0].bytes.ends_with(b"CSeq: 1 INVITE\r\n\r\n"));
}

/// Asterisk below systemd: the journal's prefix before each line, marks included.
#[test]
fn each_line_behind_the_prefix_of_the_journal() {
    let plain = format!(
        "<--- SIP read from UDP:198.51.100.10:5060 --->\n{}<------------->\n--- (7 headers 0 lines) ---\n\n<--- Transmitting (NAT) to 198.51.100.10:5060 --->\n{}\n<------------>\n",
        invite().replace("Content-Length: 0\n\n", ""),
        busy(),
    );
    let lines = plain
        .lines()
        .map(|it| format!("Jan 31 10:00:00 pbx asterisk[123]: {it}\n"));
    let (packets, _) = read(lines.collect::<String>());
    assert_eq!(
        shown(&packets),
        [
            "1 1972-01-31T10:00:00Z 198.51.100.10:5060 > 192.0.2.5:5060 udp INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 1972-01-31T10:00:00Z 192.0.2.5:5060 > 198.51.100.10:5060 udp SIP/2.0 486 Busy Here",
        ]
    );
}

#[test]
fn the_pjsip_library_itself() {
    let text = format!(
        "10:00:00.123   pjsua_core.c  ....TX 300 bytes Request msg INVITE/cseq=1 (tdta0x7f) to TLS 192.0.2.5:5061:\n{}--end msg--\n\
         10:00:00.456   pjsua_core.c  .RX 300 bytes Response msg 486/INVITE/cseq=1 (rdata0x7f) from TLS 192.0.2.5:5061:\n{}\n--end msg--\n",
        invite(),
        busy(),
    );
    let (packets, _) = read(text);
    assert_eq!(
        shown(&packets),
        [
            "1 1972-01-01T10:00:00.123Z 198.51.100.10:5060 > 192.0.2.5:5061 tls INVITE sip:441632960002@192.0.2.5:5060 SIP/2.0",
            "2 1972-01-01T10:00:00.456Z 192.0.2.5:5061 > 198.51.100.10:5060 tls SIP/2.0 486 Busy Here",
        ]
    );
}

/// What the log writes between two messages may come before the first one is whole.
#[test]
fn the_time_on_a_line_of_its_own_behind_a_cut_message() {
    let cut = invite().replace(
        "Content-Length: 0\n\n",
        "Content-Type: application/sdp\nContent-Length: 200\n\nv=0\no=- 1 1 IN IP4 x\n",
    );
    let log = |second: u32| format!("[2026-01-31 10:00:0{second}] VERBOSE[7] chan_sip.c: \n");
    let text = format!(
        "{}<--- SIP read from UDP:198.51.100.10:5060 --->\n{cut}{}<--- Transmitting (NAT) to 198.51.100.10:5060 --->\n{}\n<------------>\n",
        log(1),
        log(3),
        busy(),
    );
    let (packets, _) = read(text);
    let times: Vec<_> = packets.iter().map(|it| it.at.to_string()).collect();
    assert_eq!(times, ["2026-01-31T10:00:01Z", "2026-01-31T10:00:03Z"]);
}
