//! `calltriage report` over recorded calls, as a person gets it.

use crate::cli::{Desk, example};

fn report(capture: &str, query: &str, audience: &str, format: &str) -> String {
    let desk = Desk::new();
    let capture = example(capture);
    let args = [
        "report",
        "--capture",
        &capture,
        query,
        "--for",
        audience,
        "--format",
        format,
    ];
    desk.run(&args).answered().out
}

#[test]
fn to_the_platform() {
    insta::assert_snapshot!(report("no-circuits.pcap", "441632960106", "platform", "text"), @r"
    [P4][Operational] Outbound call to 441632960106 (United Kingdom) fails with 500 Service Unavailable since 2026-11-23 02:53 UTC

    Category: Operational
    Severity: P4 (not critical): it concerns one call (by what was seen)
    Scope: one call
    Traffic: live traffic

    SYMPTOM
    carrier 203.0.113.9:5060 and carrier 203.0.113.19:5060 answered 503, the last 503 Service Unavailable with Q.850 cause 34 (No circuit/channel available) 0.07 s after the INVITE, without ringing; the caller was told 500; 2 routes tried: 203.0.113.9 503, 203.0.113.19 503. [messages 5, 7, 9, 11]

    CALL 1
    Call-ID (callid):   4d7112070d2bab29143f000002504980@198.51.100.10
    Out (callidb):      !!:6tESCV8fC9Kve9kMHomfnV8jC3HvC9XvC9mdC9Esn9IXCV5F-TYO-T8vCZFOCX**
    Time:               2026-11-23 02:53:54.671 UTC
    CLI:                441632960001
    Dialled:            441632960106
    Direction:          outbound
    Customer:           customer 198.51.100.10:5060
    Carrier:            carrier 203.0.113.19:5060
    Source:             198.51.100.10:5060
    Ended with:         500 Service Unavailable

    WHEN
    - The first call known to fail so began at 2026-11-23 02:53:54.671 UTC.
    - One call was looked at; whether it is continuous is not known.
    - Recent changes: not said

    OBSERVATIONS (facts)
    - carrier 203.0.113.9:5060 and carrier 203.0.113.19:5060 answered 503, the last 503 Service Unavailable with Q.850 cause 34 (No circuit/channel available) 0.07 s after the INVITE, without ringing; the caller was told 500; 2 routes tried: 203.0.113.9 503, 203.0.113.19 503. [messages 5, 7, 9, 11]

    ASSUMPTIONS (ours, to be doubted)
    - No free circuit there; some carriers say the same when our own channel or call-rate limit at them is reached. (likely)

    STEPS TAKEN
    - register log: nothing found. no REGISTER of these users within ten minutes
    - SIP trace: cause found. 12 messages under 2 Call-IDs

    NOT CHECKED
    - status page: no status page is configured
    - call log: captures hold no call log, and no platform is configured
    - Who is who: assumed outbound: no configured peer says which side is the customer.
    - That these Call-IDs are one call is likely: nothing in them names the other.

    FAILING AND GOOD CALL
    No comparable good call is known.

    COMMON TO FAILING CALLS
    - nothing is known that they share

    REPLICATION
    not said

    ATTACHMENTS
    - ladder-1.png
    - ladder-1.txt
    - trace-1.txt
    - trace-1.pcap
    - investigation.json

    Please look at this call on your side and tell us what caused it and what has to be changed, by whom.

    Contact: not named
    ");
}

#[test]
fn to_a_carrier() {
    insta::assert_snapshot!(report("no-circuits.pcap", "441632960106", "carrier", "text"), @r"
    1 call to 441632960106 (United Kingdom): 503 Service Unavailable since 2026-11-23 02:53 UTC

    For a call to 441632960106 you returned 503 Service Unavailable with Q.850 cause 34.

    CALL 1
    Call-ID:   !!:6tESCV8fC9Kve9kMHomfnV8jC3HvC9XvC9mdC9Esn9IXCV5F-TYO-T8vCZFOCX**
    Time:      2026-11-23 02:53:54.742 UTC
    We / you:  192.0.2.5:5060 / 203.0.113.19:5060
    From:      441632960001
    To:        441632960106
    Code:      503 Service Unavailable, Q.850 cause 34

    WHEN
    - The first call known to fail so began at 2026-11-23 02:53:54.742 UTC.
    - One call was looked at; whether it is continuous is not known.

    WHAT WE SAW BETWEEN US (call 1)
    - 2026-11-23 02:53:54.742 UTC we sent INVITE (192.0.2.5:5060 → 203.0.113.19:5060).
    - 2026-11-23 02:53:54.744 UTC you returned 100 Trying to INVITE (203.0.113.19:5060 → 192.0.2.5:5060).
    - 2026-11-23 02:53:54.808 UTC you returned 503 Service Unavailable to INVITE, Q.850 cause 34 (203.0.113.19:5060 → 192.0.2.5:5060).
    - 2026-11-23 02:53:54.808 UTC we sent ACK (192.0.2.5:5060 → 203.0.113.19:5060).

    WHAT WE DID
    - We looked at the messages of this call between you and us.

    ATTACHED
    - ladder-1.png
    - ladder-1.txt
    - trace-1.txt
    - trace-1.pcap
    - calls.csv

    Please look up this call on your side and tell us why 503 was returned, and from when on it is corrected.

    Contact: not named
    ");
}

#[test]
fn to_a_customer() {
    insta::assert_snapshot!(report("no-circuits.pcap", "441632960106", "customer", "text"), @r"
    Your call to 441632960106 on 2026-11-23 02:53 UTC

    The call failed, probably because of something beyond your side.
    - Call: 441632960001 → 441632960106
    - When: 2026-11-23 02:53:54 UTC

    Call-ID 4d7112070d2bab29143f000002504980@198.51.100.10

    Nothing to do on your side: we are taking care of it.
    ");
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(report("carrier-silent.pcap", "441632960110", "carrier", "md"), @r"
    # 1 call to 441632960110 (United Kingdom): no reply to our INVITE on 2026-11-23 02:53 UTC

    For a call to 441632960110 we did not receive any reply to our INVITE.

    ## Call 1
    - **Call-ID:** \!\!:6VCFCT8sn9qTn9Yd69exe9BFe9YFCWmW6VEj638363bXCV5F-TYO-T8vCZFOCX\*\*
    - **Time:** 2026-11-23 02:53:57.034 UTC
    - **We / you:** 192.0.2.5:5060 / 203.0.113.9:5060
    - **From:** 441632960001
    - **To:** 441632960110

    ## When
    - The first call known to fail so began at 2026-11-23 02:53:57.034 UTC.
    - One call was looked at; whether it is continuous is not known.

    ## What we saw between us (call 1)
    - 2026-11-23 02:53:57.034 UTC we sent INVITE (192.0.2.5:5060 → 203.0.113.9:5060), and again 2 times until 2026-11-23 02:53:58.493 UTC.
    - We did not receive any reply to the INVITE of 2026-11-23 02:53:57.034 UTC.

    ## What we did
    - We looked at the messages of this call between you and us.

    ## Attached
    - ladder-1.png
    - ladder-1.txt
    - trace-1.txt
    - trace-1.pcap
    - calls.csv

    Please look up this call on your side and tell us what you see.

    - **Contact:** not named
    ");
}

#[test]
fn as_data() {
    let read: serde_json::Value = serde_json::from_str(&report(
        "no-circuits.pcap",
        "441632960106",
        "platform",
        "json",
    ))
    .unwrap();
    assert_eq!(read["audience"], "platform");
    assert_eq!(read["severity"]["level"], "P4");
    assert!(
        read["observations"][0]["proof"]
            .as_str()
            .unwrap()
            .starts_with("messages ")
    );
    assert!(read.get("rule").is_none(), "our own books");
}

/// A mail program that is not ours reads it, with its picture and its files.
#[test]
fn as_a_mail() {
    let desk = Desk::new();
    let capture = example("no-circuits.pcap");
    let args = [
        "report",
        "--capture",
        &capture,
        "441632960106",
        "--for",
        "carrier",
        "--format",
        "eml",
    ];
    let mail = desk.run(&args).answered().out;
    let name = desk.file("report.eml", mail);
    let program = "import sys, email, email.policy\n\
        m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)\n\
        print(m['subject'])\n\
        for p in m.iter_parts():\n\
        \x20   print(p.get_content_type(), p.get_content_disposition(), p.get_filename(), len(p.get_payload(decode=True)) > 50)\n";
    let read = std::process::Command::new("python3")
        .args(["-c", program])
        .arg(desk.path(name))
        .output();
    let Ok(read) = read else {
        println!("skipped: no python3 to read a mail with");
        return;
    };
    insta::assert_snapshot!(String::from_utf8(read.stdout).unwrap(), @r"
    1 call to 441632960106 (United Kingdom): 503 Service Unavailable since 2026-11-23 02:53 UTC
    text/plain None None True
    image/png inline ladder-1.png True
    text/plain attachment ladder-1.txt True
    text/plain attachment trace-1.txt True
    application/vnd.tcpdump.pcap attachment trace-1.pcap True
    text/csv attachment calls.csv True
    ");
}

/// What is written is what was recorded: tshark finds the same messages in it.
#[test]
fn the_capture_holds_the_messages_of_its_reader() {
    let desk = Desk::new();
    let capture = example("no-circuits.pcap");
    let run = |audience: &str| {
        let folder = format!("files-{audience}");
        let args = [
            "report",
            "--capture",
            &capture,
            "441632960106",
            "--for",
            audience,
            "--files",
            &folder,
        ];
        desk.run(&args).answered();
        let tshark = std::process::Command::new("tshark")
            .args([
                "-r",
                "trace-1.pcap",
                "-Y",
                "sip",
                "-T",
                "fields",
                "-e",
                "ip.src",
                "-e",
                "ip.dst",
            ])
            .args(["-e", "sip.Request-Line", "-e", "sip.Status-Line"])
            .current_dir(desk.path(&folder))
            .output();
        tshark.ok().map(|it| String::from_utf8(it.stdout).unwrap())
    };
    let (Some(all), Some(theirs)) = (run("platform"), run("carrier")) else {
        println!("skipped: no tshark to read a capture with");
        return;
    };
    let trace = std::fs::read_to_string(desk.path("files-platform/trace-1.txt")).unwrap();
    assert_eq!(
        all.lines().count(),
        trace.lines().filter(|it| it.starts_with("--- ")).count()
    );
    assert!(theirs.lines().count() > 1 && theirs.lines().count() < all.lines().count());
    assert!(
        theirs.lines().all(|line| line.contains("203.0.113.")),
        "{theirs}"
    );
    assert!(theirs.lines().all(|line| all.contains(line)), "{theirs}");
}

#[test]
fn templates_of_an_operator_are_checked_at_start() {
    let desk = Desk::new();
    let capture = example("no-circuits.pcap");
    desk.file("words/customer.txt", "Dear customer, {{ symptom }}\n");
    let config = desk.file("c.toml", "[reports]\ntemplates = \"words\"\n");
    let args = [
        "report",
        "--config",
        config,
        "--capture",
        &capture,
        "441632960106",
        "--for",
        "customer",
    ];
    let out = desk.run(&args).answered().out;
    assert!(out.starts_with("Dear customer, The call failed"), "{out}");

    desk.file("words/carrier.md", "{{ nothing_like_it }}");
    let done = desk.run(&args);
    insta::assert_snapshot!(done.err, @"calltriage: [reports] templates: carrier.md: line 1: undefined value");
    desk.file("words/carrier.md", "fine");
    desk.file("words/carier.txt", "");
    insta::assert_snapshot!(desk.run(&args).err, @"calltriage: [reports] templates: carier.txt: no template has this name; allowed: note.txt, note.md, platform.txt, platform.md, carrier.txt, carrier.md, customer.txt, customer.md");
}

/// The page of the documentation shows one for each reader, as the program writes it.
#[test]
fn the_page_shows_real_ones() {
    let page = include_str!("../../docs/reports.md");
    for audience in ["platform", "carrier", "customer"] {
        let text = report("no-circuits.pcap", "441632960106", audience, "text");
        assert!(page.contains(text.trim_end()), "{audience}: {text}");
    }
}
