//! Audio, as far as signalling, RTCP and the log tell of it.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn what_can_be_told_of_audio_is_told() {
    hold(SCENARIOS);
}

const HUNG_UP: &str = up!("60.00 cust>plat BYE
     60.01 plat>car BYE leg=b
     60.02 car>plat 200 BYE leg=b
     60.03 plat>cust 200 BYE");

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "F1",
        title: "the customer offers a private address for media",
        ask: "a@198.51.100.10 one-way audio",
        ladder: "0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 192.168.1.4 || s=- || c=IN IP4 192.168.1.4 || t=0 0 || m=audio 4000 RTP/AVP 8
            0.04 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 192.168.1.4 || s=- || c=IN IP4 192.168.1.4 || t=0 0 || m=audio 4000 RTP/AVP 8
            1.00 car>plat 200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 8
            1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 8
            1.02 cust>plat ACK
            1.03 plat>car ACK leg=b
            20.00 cust>plat BYE
            20.01 plat>car BYE leg=b
            20.02 car>plat 200 BYE leg=b
            20.03 plat>cust 200 BYE",
        rule: "private-media-address",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "public media address",
        ..PLAIN
    },
    Scenario {
        row: "F1",
        title: "one-way audio is reported and the signalling is as it should be: that is said, nobody is blamed",
        ask: "a@198.51.100.10 one-way audio",
        ladder: HUNG_UP,
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Capture the audio (RTP) on both sides",
        says: &["the audio itself was not looked at"],
        ..PLAIN
    },
    Scenario {
        row: "F2",
        title: "silent, and the platform ended the call after half a minute",
        ask: "a@198.51.100.10 no audio",
        is_traced: false,
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 31,
            "release_reason": "MI Termination", "provider_id": 105}}"#,
        rule: "released-in-log",
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        next: "from which side no media came",
        ..PLAIN
    },
    Scenario {
        row: "F3",
        title: "choppy: jitter, loss and MOS are bad; the direction has to be found",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"{"processed": [{"mos": 2.9, "jitter": 48, "packet_loss": "3.1", "rtt": 80},
            {"mos": 3.1, "jitter": 52, "packet_loss": "2.9", "rtt": null}], "aggregate": {}}"#)],
        rule: "poor-quality-reported",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "each direction",
        says: &["MOS 3.0", "jitter 50.0 ms", "loss 3.0 %"],
        ..PLAIN
    },
    Scenario {
        row: "F3",
        title: "the same figures as a plain list",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[{"mos": 2.9, "jitter": 48, "packet_loss": 3.1}]"#)],
        rule: "poor-quality-reported",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "each direction",
        ..PLAIN
    },
    Scenario {
        row: "F4",
        title: "delay: the round trip alone is bad, so a nearer media zone",
        ask: "a@198.51.100.10 delay",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[{"mos": 4.1, "jitter": 3, "packet_loss": 0, "rtt": 420}]"#)],
        rule: "poor-quality-reported",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        next: "nearer media zone",
        says: &["round trip 420.0 ms"],
        ..PLAIN
    },
    Scenario {
        row: "F3",
        title: "choppy, and RTCP shows a clean network: one of the two ends, and nobody is blamed",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[{"mos": 4.3, "jitter": 3, "packet_loss": 0.1, "rtt": 60},
            {"mos": 4.2, "jitter": 4, "packet_loss": 0, "rtt": 61}, {"mos": 4.3, "jitter": 3, "packet_loss": 0, "rtt": 60}]"#)],
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "another handset",
        says: &["RTCP reported good quality (mean MOS 4.3, loss 0.0 %, jitter 3 ms)"],
        ..PLAIN
    },
    Scenario {
        row: "F3",
        title: "choppy, and a single report: too little to judge by",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[{"mos": 4.3, "jitter": 3, "packet_loss": 0.1}]"#)],
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Capture the audio (RTP) on both sides",
        says: &["one report of RTCP is at hand, too little to judge by"],
        ..PLAIN
    },
    Scenario {
        row: "F5",
        title: "noise: nothing in signalling or RTCP shows it, and nobody is blamed",
        ask: "a@198.51.100.10 static noise",
        ladder: HUNG_UP,
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Capture the audio (RTP) on both sides",
        ..PLAIN
    },
    Scenario {
        row: "F6",
        title: "bad although audio goes directly between the two: not the platform",
        ask: "a@198.51.100.10 choppy",
        ladder: "0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
            0.04 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
            1.00 car>plat 200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 8
            1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 8
            1.02 cust>plat ACK
            1.03 plat>car ACK leg=b
            60.00 cust>plat BYE
            60.01 plat>car BYE leg=b
            60.02 car>plat 200 BYE leg=b
            60.03 plat>cust 200 BYE",
        given: &[(Endpoint::Rtcp, r#"[{"mos": 2.9, "jitter": 48, "packet_loss": 3.1}]"#)],
        rule: "poor-quality-reported",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Take it to the customer and to the carrier",
        never: &["a media zone nearer"],
        ..PLAIN
    },
    Scenario {
        row: "F7",
        title: "bad through the platform's media server: whose direction it is has to be found before a zone is blamed",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[{"mos": 2.2, "jitter": 70, "packet_loss": 6, "rtt": 350}]"#)],
        rule: "poor-quality-reported",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "each direction",
        ..PLAIN
    },
    Scenario {
        row: "F3",
        title: "choppy, the mean of all reports is good, and one leg alone is bad: that leg",
        ask: "a@198.51.100.10 choppy",
        ladder: HUNG_UP,
        given: &[(Endpoint::Rtcp, r#"[
            {"mos": 2.9, "jitter": 40, "packet_loss": 1.9, "source_ip": "203.0.113.9", "destination_ip": "192.0.2.5"},
            {"mos": 2.9, "jitter": 40, "packet_loss": 1.9, "source_ip": "203.0.113.9", "destination_ip": "192.0.2.5"},
            {"mos": 2.9, "jitter": 40, "packet_loss": 1.9, "source_ip": "203.0.113.9", "destination_ip": "192.0.2.5"},
            {"mos": 4.4, "jitter": 2, "packet_loss": 0, "source_ip": "198.51.100.10", "destination_ip": "192.0.2.5"},
            {"mos": 4.4, "jitter": 2, "packet_loss": 0, "source_ip": "198.51.100.10", "destination_ip": "192.0.2.5"},
            {"mos": 4.4, "jitter": 2, "packet_loss": 0, "source_ip": "198.51.100.10", "destination_ip": "192.0.2.5"}]"#)],
        has_peers: true,
        rule: "poor-quality-reported",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "Look at the line of",
        says: &["MOS 2.9", "those of the other leg are good"],
        never: &["RTCP reported good quality"],
        ..PLAIN
    },
];
