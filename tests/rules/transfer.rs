//! Rules on transfers, on hold and on requests out of order inside a call.

use super::{Row, check_rows};

const UP: &str = "0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8
    0.02 plat>car INVITE leg=b || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 8
    1.00 car>plat 200 leg=b || v=0 || c=IN IP4 203.0.113.9 || m=audio 6000 RTP/AVP 8
    1.01 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5002 RTP/AVP 8
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b";
const END: &str = "90.00 car>plat BYE leg=b by=callee cseq=900
    90.01 plat>cust BYE by=callee cseq=900
    90.02 cust>plat 200 BYE by=callee cseq=900
    90.03 plat>car 200 BYE leg=b by=callee cseq=900";

fn up(inside: &str) -> String {
    format!("{UP}\n{inside}\n{END}")
}

#[test]
fn each_rule_names_a_side_and_is_silent_at_its_edge() {
    let refer = "20.0 cust>plat REFER cseq=3 | Refer-To: <sip:13125550777@192.0.2.5>
        20.1 plat>cust 202 REFER cseq=3";
    let notify = |fragment: &str| {
        format!(
            "21.0 plat>cust NOTIFY by=callee cseq=201 | Event: refer | Subscription-State: terminated;reason=noresource \
             | Content-Type: message/sipfrag || {fragment}
             21.1 cust>plat 200 NOTIFY by=callee cseq=201"
        )
    };
    let refused = refer.replace("202 REFER", "603 REFER");
    let hold = "20.0 cust>plat INVITE in cseq=3 || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8 || a=sendonly
        20.1 plat>cust 200 in cseq=3 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5002 RTP/AVP 8 || a=recvonly
        20.2 cust>plat ACK cseq=3";
    let resume =
        "40.0 cust>plat INVITE in cseq=4 || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 8
        40.1 plat>cust 200 in cseq=4 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5002 RTP/AVP 8
        40.2 cust>plat ACK cseq=4";
    let stale = "20.0 cust>plat UPDATE cseq=5
        20.1 plat>cust 200 UPDATE cseq=5
        30.0 cust>plat UPDATE cseq=4 branch=z9hG4bK-stale
        30.1 plat>cust 500 UPDATE cseq=4 branch=z9hG4bK-stale | Retry-After: 3";
    let replaces = "0.00 cust>plat INVITE | Replaces: gone@h;to-tag=a;from-tag=b
        0.02 plat>car INVITE leg=b | Replaces: gone@h;to-tag=a;from-tag=b
        0.10 car>plat 481 leg=b
        0.11 plat>car ACK leg=b
        0.12 plat>cust 481
        0.13 cust>plat ACK";
    check_rows(&[
        Row {
            rule: "transfer-failed",
            call: up(&refused),
            outbound: "configuration>configuration likely error",
            inbound: "configuration>configuration likely error",
            edges: vec![
                up(&refer.replace("202 REFER", "401 REFER")),
                up(&format!("{refer}\n{}", notify("SIP/2.0 200 OK"))),
                up(&format!(
                    "{refused}\n25.0 cust>plat REFER cseq=4\n25.1 plat>cust 202 REFER cseq=4\n26.0 plat>cust NOTIFY by=callee cseq=202 | Event: refer"
                )),
            ],
        },
        Row {
            rule: "transfer-failed",
            call: up(&format!("{refer}\n{}", notify("SIP/2.0 486 Busy Here"))),
            outbound: "undecided>customer possible error",
            inbound: "undecided>carrier possible error",
            edges: vec![up(&format!("{refer}\n{}", notify("SIP/2.0 100 Trying")))],
        },
        Row {
            rule: "transfer-failed",
            call: up(refer),
            outbound: "configuration>configuration possible warning",
            inbound: "configuration>configuration possible warning",
            edges: vec![
                // It ended before a NOTIFY was due.
                up(refer).replace("90.0", "30.0"),
                up(&refer.replace("| Refer-To", "| Refer-Sub: false | Refer-To")),
            ],
        },
        Row {
            rule: "transfer-failed",
            call: up(
                "20.0 plat>car REFER leg=b cseq=3 | Refer-To: <sip:13125550777@192.0.2.5>
                20.1 car>plat 405 REFER leg=b cseq=3",
            ),
            outbound: "carrier>carrier likely error",
            inbound: "customer>customer likely error",
            edges: vec![],
        },
        Row {
            rule: "replaces-failed",
            call: replaces.into(),
            outbound: "configuration>configuration possible error",
            inbound: "configuration>configuration possible error",
            edges: vec![
                replaces.replace("Replaces: gone@h;to-tag=a;from-tag=b", "Subject: x"),
                replaces.replace("481", "503"),
            ],
        },
        Row {
            rule: "replaces-failed",
            call: "0.00 cust>plat INVITE | Replaces: gone@h;to-tag=a;from-tag=b
                0.02 plat>car INVITE leg=b
                0.12 plat>cust 481
                0.13 cust>plat ACK"
                .into(),
            outbound: "customer>customer possible error",
            inbound: "carrier>carrier possible error",
            edges: vec![],
        },
        Row {
            rule: "stuck-on-hold",
            call: up(hold),
            outbound: "customer>customer possible warning",
            inbound: "carrier>carrier possible warning",
            edges: vec![
                up(&format!("{hold}\n{resume}")),
                up(hold).replace("90.0", "30.0"),
                up(&format!("{hold}\n{refer}")
                    .replace("cseq=3 | Refer", "cseq=5 | Refer")
                    .replace("202 REFER cseq=3", "202 REFER cseq=5")),
                // The side that holds may hang up.
                format!("{UP}\n{hold}\n90.0 cust>plat BYE cseq=9\n90.1 plat>cust 200 BYE cseq=9"),
            ],
        },
        Row {
            rule: "stale-cseq",
            call: up(stale),
            outbound: "customer>customer likely warning",
            inbound: "carrier>carrier likely warning",
            edges: vec![
                up(&stale.replace("cseq=4", "cseq=6")),
                up(&stale.replace("plat>cust 500", "plat>cust 200")),
            ],
        },
    ]);
}

/// The call that Replaces names was seen: its tags tell who mixed them up.
#[test]
fn swapped_tags_are_the_senders() {
    let with = |replaces: &str| {
        format!(
            "0.00 cust>plat INVITE leg=x
             0.10 plat>cust 200 leg=x
             0.20 cust>plat ACK leg=x
             5.00 cust2>plat INVITE leg=x cseq=7 tag=other | Replaces: {replaces}
             5.10 plat>cust2 481 leg=x cseq=7 tag=other
             5.11 cust2>plat ACK leg=x cseq=7 tag=other"
        )
    };
    let found = |replaces: &str| super::found("replaces-failed", &with(replaces)).join("");
    let swapped = found("x@198.51.100.10;to-tag=caller-x;from-tag=callee-x");
    assert!(
        swapped.contains("stand each in the other's place"),
        "{swapped}"
    );
    let right = found("x@198.51.100.10;to-tag=callee-x;from-tag=caller-x");
    assert!(right.contains("are those of that call"), "{right}");
    let others = found("x@198.51.100.10;to-tag=a;from-tag=b");
    assert!(others.contains("are not those of that call"), "{others}");
}
