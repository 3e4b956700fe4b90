//! Nothing crosses to a reader who must not see it: every value that only others know is planted and looked for, in
//! the text, in the data and in every file.

use std::io::Read as _;
use std::sync::Arc;

use calltriage::chat::Made;
use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::{Case, Investigator, Peer, PeerKind, Peers};
use calltriage::report::{Audience, Screen};
use calltriage::sources::{Evidence, Known};
use calltriage::wire::Observations;
use jiff::Timestamp;
use serde_json::json;

use super::{desk, made, text};
use crate::support::connexcs::{Fake, NOW};
use crate::support::{dns, trace};

/// A call whose customer's side is full of what a carrier must not see, and whose carrier's side of what a customer
/// must not.
const CALL: &str = r#"
    0.00 cust>plat INVITE from=4411canary || v=0 || o=- 1 1 IN IP4 10.11.12.13 || c=IN IP4 10.11.12.13 || m=audio 4000 RTP/AVP 8
    0.01 plat>cust 407 | Proxy-Authenticate: Digest realm="realmcanary", nonce="n1"
    0.02 cust>plat ACK
    0.03 cust>plat INVITE cseq=2 from=4411canary | User-Agent: DeviceCanary/1 | X-Internal: 10.44.55.66 | Proxy-Authorization: Digest username="usercanary", realm="realmcanary", nonce="n1", uri="sip:x", response="d1ge57canary"
    0.04 plat>cust 100 cseq=2
    0.05 plat>car INVITE leg=b from=441632960001
    0.09 car>plat 100 leg=b
    0.61 car>plat 503 leg=b | Reason: Q.850;cause=34 | Server: CarrierSwitchCanary/7 | Warning: 399 172.16.77.88 "full"
    0.62 plat>car ACK leg=b
    0.63 plat>cust 500 cseq=2
    0.64 cust>plat ACK cseq=2"#;

/// What only the customer's side has. Its address without the port stands in what the carrier was sent.
const OF_CUSTOMER: &[&str] = &[
    "4411canary",
    "devicecanary",
    "10.44.55.66",
    "10.11.12.13",
    "198.51.100.10:5060",
    "a@198.51.100.10",
    "usercanary",
    "realmcanary",
    "customercanary",
    "serverconary",
    "enginecanary",
];

/// What only the carrier's side has.
const OF_CARRIER: &[&str] = &[
    "carriercanary",
    "carrierswitchcanary",
    "172.16.77.88",
    "203.0.113.9",
    "b@198.51.100.10",
    "0.7654",
    "0.9876",
    "serverconary",
];

/// What nobody ever gets.
const OF_NOBODY: &[&str] = &["d1ge57canary"];

async fn planted(audience: Audience) -> (Made, Timestamp) {
    let now = Timestamp::from_second(NOW).unwrap();
    let fake = Fake::written(CALL).await;
    let mut row = fake.get("log?s=a%40198.51.100.10").await.json()[0].take();
    let routing = &mut row["routing"];
    routing["callidb"] = json!("b@198.51.100.10");
    routing["server"] = json!("serverconary");
    routing["re"] = json!("enginecanary");
    routing["customer_id"] = json!(12);
    routing["cost"] = json!("0.7654");
    routing["log"] = json!(["customercanary sent to carriercanary at 0.9876"]);
    routing["attempts"] =
        json!([{ "provider_id": 105, "provider": "carriercanary", "sip_code": 503 }]);
    fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    let named = [
        ("customercanary", PeerKind::Customer, "198.51.100.10"),
        ("carriercanary", PeerKind::Carrier, "203.0.113.9"),
    ];
    let peers = named.map(|(name, kind, address)| Peer {
        name: name.to_owned(),
        kind,
        addresses: vec![address.parse().unwrap()],
    });
    let source = fake.source(Endpoints::default());
    let desk = desk(
        Investigator::new(vec![source], Peers::new(peers.into())),
        None,
    );
    (made(&desk, "a@198.51.100.10", audience, now).await, now)
}

/// Everything that leaves, as one text in lower case.
fn everything(made: &Made, now: Timestamp) -> String {
    let mut all = text(made, now);
    all.push_str(&made.report.public().to_string());
    all.push_str(&made.report.full_subject());
    for file in &made.files {
        all.push_str(&file.name);
        all.push_str(&String::from_utf8_lossy(&file.bytes));
    }
    all.to_lowercase()
}

#[tokio::test]
async fn nothing_of_the_customer_reaches_the_carrier() {
    let (made, now) = planted(Audience::Carrier).await;
    // The Call-ID on the carrier's own side is its to know, whatever address was written into it.
    let all = everything(&made, now).replace("b@198.51.100.10", "(own id)");
    for canary in OF_CUSTOMER.iter().chain(OF_NOBODY) {
        assert!(!all.contains(canary), "{canary}: {all}");
    }
    // And it is no empty page: what is theirs is there.
    for own in [
        "(own id)",
        "203.0.113.9:5060",
        "503",
        "q.850 cause 34",
        "you returned",
    ] {
        assert!(all.contains(own), "{own}: {all}");
    }
    let words = text(&made, now).to_lowercase();
    for judging in [
        "fault",
        "certain",
        "likely",
        "possible",
        "blame",
        "wrong",
        "your error",
    ] {
        assert!(!words.contains(judging), "{judging}: {words}");
    }
}

#[tokio::test]
async fn nothing_of_the_carrier_reaches_the_customer() {
    let (made, now) = planted(Audience::Customer).await;
    let all = everything(&made, now);
    for canary in OF_CARRIER.iter().chain(OF_NOBODY) {
        assert!(!all.contains(canary), "{canary}: {all}");
    }
    assert!(all.contains("a@198.51.100.10"), "{all}");
}

#[tokio::test]
async fn no_digest_reaches_anybody() {
    let (made, now) = planted(Audience::Platform).await;
    let all = everything(&made, now);
    for canary in OF_NOBODY {
        assert!(!all.contains(canary), "{canary}");
    }
    for known in [
        "a@198.51.100.10",
        "b@198.51.100.10",
        "customercanary",
        "carriercanary",
    ] {
        assert!(all.contains(known), "{known}");
    }
}

/// Files that are packed hold no more than those that are not.
#[tokio::test]
async fn what_is_packed_can_be_read_again() {
    let now = Timestamp::from_second(NOW).unwrap();
    let fake = Fake::written(CALL).await;
    let source = fake.source(Endpoints::default());
    let table = calltriage::chat::commands::Table::embedded().unwrap();
    let zone = jiff::tz::TimeZone::UTC;
    let investigator = Investigator::new(vec![source], Peers::default());
    let templates = calltriage::report::template::Templates::built_in().unwrap();
    let settings = calltriage::config::Reports {
        zip_over: 10,
        ..Default::default()
    };
    let reporting = calltriage::chat::Reporting::new(settings, Vec::new(), templates, None);
    let desk = calltriage::chat::Desk::new(investigator, None, table, zone, None)
        .reporting_with(reporting);
    let made = made(&Arc::new(desk), "a@198.51.100.10", Audience::Platform, now).await;
    let names: Vec<&str> = made.files.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["ladder-1.png", "report.zip"]);
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("report.zip");
    std::fs::write(&path, &made.files[1].bytes).unwrap();
    let listed = std::process::Command::new("python3")
        .args(["-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.namelist()); sys.stdout.write(z.read('trace-1.txt').decode())"])
        .arg(&path)
        .output();
    let Ok(listed) = listed else {
        println!("skipped: no python3 to read an archive with");
        return;
    };
    let mut out = String::new();
    listed.stdout.as_slice().read_to_string(&mut out).unwrap();
    assert!(
        out.contains("trace-1.pcap") && out.contains("INVITE sip:"),
        "{out} {listed:?}"
    );
}

/// What we ask of DNS, and from where, is ours to know.
#[test]
fn names_that_we_looked_up_reach_nobody_else() {
    let call = trace::call("0.00 cust>plat INVITE\n0.20 plat>cust 503\n0.21 cust>plat ACK");
    let observed = Observations {
        dns: dns::seen(
            "0.02 10.9.9.9 SRV _sip._udp.canary.example
            0.03 10.9.9.9 SRV _sip._udp.canary.example = ok; _sip._udp.canary.example SRV 5060 gw.canary.example",
        ),
        ..Observations::default()
    };
    let peers = Peers::default();
    let case = Case::new(&call, &peers, None).observing(&observed);
    let evidence = Evidence {
        observed: observed.clone(),
        ..Evidence::default()
    };
    let known = Known {
        call: call.clone(),
        records: None,
    };
    let diagnosis =
        Investigator::new(Vec::new(), Peers::default()).diagnose(&known, &evidence, None);
    let said = "10.9.9.9 looked up canary.example: SRV of _sip._udp.canary.example found, A of gw.canary.example none";
    let to = |audience| {
        let screen = Screen::new(audience, None, [(&diagnosis, Some(&case), None)]);
        screen.clear(said).to_string()
    };
    assert_eq!(to(Audience::Platform), said);
    for audience in [Audience::Carrier, Audience::Customer] {
        let cleared = to(audience);
        assert!(
            !cleared.contains("canary") && !cleared.contains("10.9"),
            "{cleared}"
        );
    }
}
