//! Queries against the example captures: which calls a query finds, and what is said of them
//! beside the verdict.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use calltriage::call::{Context, Reading, parse};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Diagnosis, Investigation, Investigator, Party, Peer, PeerKind, Peers};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures")
}

/// Asks one capture, with the lab's addresses named or not.
fn ask(capture: &str, question: &str, peers: &Peers) -> Investigation {
    let paths = vec![captures().join(capture)];
    let source = Source::Captures(Arc::new(Captures::paths("test", paths, peers.clone())));
    let investigator = Investigator::new(vec![source], peers.clone());
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let names = |kind: PeerKind| {
        peers
            .iter()
            .filter(|peer| peer.kind == kind)
            .map(|peer| peer.name.clone())
            .collect()
    };
    let context = Context {
        customers: names(PeerKind::Customer),
        carriers: names(PeerKind::Carrier),
        ..Context::new(now, TimeZone::UTC)
    };
    let query = match parse(question, &context) {
        Reading::Query(query) => query,
        other => panic!("{question}: {other:?}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(investigator.investigate("id".into(), question, &query, now, &unwatched))
        .investigation
}

fn lab() -> Peers {
    let peer = |name: &str, kind, address: &str| Peer {
        name: name.into(),
        kind,
        addresses: vec![address.parse().unwrap()],
    };
    Peers::new(vec![
        peer("Acme", PeerKind::Carrier, "203.0.113.9"),
        peer("Beta", PeerKind::Carrier, "203.0.113.19"),
        peer("Shop", PeerKind::Customer, "198.51.100.10"),
        peer("Switch", PeerKind::Platform, "192.0.2.5"),
    ])
}

fn rules(investigation: &Investigation) -> Vec<&str> {
    investigation
        .calls
        .iter()
        .map(|call| call.verdict.rule.as_str())
        .collect()
}

fn only(investigation: &Investigation) -> &Diagnosis {
    assert_eq!(investigation.calls.len(), 1);
    &investigation.calls[0]
}

#[test]
fn a_code_finds_every_call_that_ended_with_it() {
    let found = ask("many-calls.pcap", "code 404", &Peers::default());
    assert_eq!(rules(&found), ["number-not-found"; 4]);
    assert_eq!(found.notes, Vec::<String>::new());
}

#[test]
fn two_numbers_mean_the_calls_between_them() {
    let found = ask(
        "many-calls.pcap",
        "442079460206 442079460216",
        &Peers::default(),
    );
    assert_eq!(found.calls.len(), 2, "no call goes from one to the other");
    let caller = &only(&ask("many-calls.pcap", "442079460206", &Peers::default())).facts[0]
        .from
        .clone();
    let found = ask(
        "many-calls.pcap",
        &format!("from {caller} to 442079460206"),
        &Peers::default(),
    );
    assert_eq!(rules(&found), ["number-not-found"]);
}

#[test]
fn a_direction_leaves_out_calls_known_to_go_the_other_way() {
    assert_eq!(
        rules(&ask("busy-486.pcap", "outbound code 486", &lab())),
        ["called-busy"]
    );
    assert_eq!(
        rules(&ask("busy-486.pcap", "inbound code 486", &lab())),
        ["call-not-found"]
    );
    // Nothing tells it apart: then it may be.
    assert_eq!(
        rules(&ask("busy-486.pcap", "inbound code 486", &Peers::default())),
        ["called-busy"]
    );
}

#[test]
fn customers_and_carriers_are_told_apart_and_missing_ones_named() {
    assert_eq!(
        rules(&ask("busy-486.pcap", "carrier Acme code 486", &lab())),
        ["called-busy"]
    );
    assert_eq!(
        rules(&ask("busy-486.pcap", "carrier Beta code 486", &lab())),
        ["call-not-found"]
    );
    let found = ask("busy-486.pcap", "carrier Gamma code 486", &lab());
    assert!(
        found.notes.iter().any(|note| note.contains("Gamma")),
        "{:?}",
        found.notes
    );
}

#[test]
fn peers_name_the_nodes_and_make_the_cause_certain_enough() {
    let found = ask("busy-486.pcap", "code 486", &lab());
    let call = only(&found);
    assert!(
        call.verdict.summary.contains("Acme 203.0.113.9:5060"),
        "{}",
        call.verdict.summary
    );
    assert!(
        !call
            .not_checked
            .iter()
            .any(|sentence| sentence.contains("Who is who"))
    );
    let inbound = ask("inbound-silent.pcap", "203.0.113.9", &lab());
    assert_eq!(only(&inbound).verdict.to_act, Party::Customer);
}

#[test]
fn reported_audio_trouble_is_never_answered_with_all_is_well() {
    let found = ask(
        "answered-caller-ends.pcap",
        "441632960101 one-way audio",
        &Peers::default(),
    );
    let call = only(&found);
    assert_eq!(
        (call.verdict.party, call.verdict.to_act),
        (Party::Undecided, Party::Undecided)
    );
    assert!(
        call.not_checked
            .iter()
            .any(|sentence| sentence.contains("one way audio")),
        "{call:?}"
    );
    // Where the signalling shows a cause, that stays the verdict.
    let found = ask(
        "private-media.pcap",
        "one-way audio 198.51.100.10",
        &Peers::default(),
    );
    assert_eq!(rules(&found), ["private-media-address"]);
}

#[test]
fn a_customers_capture_alone_blames_nobody_for_what_lies_behind_the_platform() {
    let found = ask("customer-side-only.pcap", "code 500", &lab());
    assert_eq!(only(&found).verdict.party, Party::Undecided);
}
