//! The card of written calls, as data and in the terminal.

use calltriage::diagnosis::{
    Case, Field, Finding, Outcome, Party, Peer, PeerKind, Peers, Severity, Step, StepName, Verdict,
};
use calltriage::render::card::{Card, Fact, Style, Tone, for_call, terminal};
use calltriage::sip::Certainty;
use calltriage::wire::{MediaStream, Observations};
use jiff::tz::{TimeZone, offset};

use super::scenes;
use crate::support::trace::call;

const PLAIN: Style = Style {
    color: false,
    width: 80,
};

fn peers() -> Peers {
    let peer = |name: &str, kind, network: &str| Peer {
        name: name.to_owned(),
        kind,
        addresses: vec![network.parse().unwrap()],
    };
    Peers::new(vec![
        peer("ExampleTel", PeerKind::Customer, "198.51.100.0/24"),
        peer("Acme", PeerKind::Carrier, "203.0.113.9"),
        peer("Zenith", PeerKind::Carrier, "203.0.113.19"),
    ])
}

fn finding(severity: Severity, fact: &str, cause: &str, packets: &[usize]) -> Finding {
    Finding {
        rule: "an-example".into(),
        party: Party::Carrier,
        to_act: Party::Carrier,
        severity,
        certainty: Certainty::Likely,
        fact_certainty: Certainty::Certain,
        answered_by: Some("Acme 203.0.113.9:5060".into()),
        fact: fact.into(),
        cause: cause.into(),
        fields: Vec::new(),
        packets: packets.to_vec(),
        next: String::new(),
        explains: Vec::new(),
    }
}

fn verdict(finding: &Finding, next: &[&str]) -> Verdict {
    Verdict {
        rule: finding.rule.clone(),
        party: finding.party,
        to_act: finding.to_act,
        certainty: finding.certainty,
        fact_certainty: finding.fact_certainty,
        answered_by: finding.answered_by.clone(),
        summary: format!("{} {}", finding.fact, finding.cause),
        next: next.iter().map(|next| (*next).to_owned()).collect(),
    }
}

/// The card of a call whose first finding is the verdict.
fn card(written: &str, peers: &Peers, findings: &[Finding], next: &[&str]) -> Card {
    let call = call(written);
    let case = Case::new(&call, peers, None);
    let verdict = findings.first().map(|first| verdict(first, next));
    let zone = TimeZone::fixed(offset(2));
    for_call(&case, verdict.as_ref(), findings, &zone)
}

fn refused() -> Card {
    let findings = [
        finding(
            Severity::Error,
            "Acme 203.0.113.9:5060 refused with 503, Q.850 cause 34 (+0.31 s).",
            "It had no circuit free.",
            &[5, 9, 11],
        ),
        finding(
            Severity::Info,
            "Zenith 203.0.113.19:5060 answered 503; the caller was told 500 (+0.63 s).",
            "A proxy must do so (RFC 3261 section 16.7).",
            &[9, 11],
        ),
    ];
    card(
        scenes::FAILOVER,
        &peers(),
        &findings,
        &[
            "Report to Acme, with three examples.",
            "If it goes on, exclude Acme from this destination; that takes up to 60 s to be in force.",
        ],
    )
}

#[test]
fn refused_by_two_carriers() {
    insta::assert_snapshot!(terminal(&refused(), PLAIN), @r#"
    Carrier: Acme 203.0.113.9:5060 refused with 503, Q.850 cause 34 (+0.31 s).
    cause: carrier · to act: carrier · fact certain, cause likely · by Acme
    203.0.113.9:5060

      Call   441632960001 → 441632960002 · udp · outbound
      When   2026-02-16 09:10:00 UTC (11:10:00 UTC+02:00)
      Took   0.63 s to 500
      Hop 1  ExampleTel 198.51.100.10:5060 → platform 192.0.2.5:5060: 500 at +0.63 s
      Hop 2  platform 192.0.2.5:5060 → Acme 203.0.113.9:5060: 503 cause 34 at
             +0.31 s
      Hop 3  platform 192.0.2.5:5060 → Zenith 203.0.113.19:5060: 503 at +0.61 s
      Trace  12 messages, 3 legs, over 0.64 s
      Leg a  a@198.51.100.10
      Leg b  b@198.51.100.10
      Leg c  c@198.51.100.10

    It had no circuit free.
    Proof: messages 5, 9, 11 (an-example).

    Also found
      · Zenith 203.0.113.19:5060 answered 503; the caller was told 500 (+0.63 s). A
        proxy must do so (RFC 3261 section 16.7). (cause likely; messages 9, 11)

    Do next
      1. Report to Acme, with three examples.
      2. If it goes on, exclude Acme from this destination; that takes up to 60 s to
         be in force.

            ExampleTel        platform           Acme            Zenith
           198.51.100.10      192.0.2.5       203.0.113.9     203.0.113.19
       1a +0.000 │─── INVITE ────>│                │                │
       2a +0.002 │<───── 100 ─────│                │                │
       3b +0.040 │                │─── INVITE ────>│                │
       4b +0.052 │                │<───── 100 ─────│                │
    !  5b +0.310 │                │<═503 cause 34══│                │
       6b +0.312 │                │───── ACK ─────>│                │
       7c +0.330 │                │──────────── INVITE ────────────>│
       8c +0.345 │                │<───────────── 100 ──────────────│
    !  9c +0.610 │                │<═══ 503 Service Unavailable ════│
      10c +0.611 │                │───────────── ACK ──────────────>│
    ! 11a +0.630 │<═════ 500 ═════│                │                │
      12a +0.640 │───── ACK ─────>│                │                │
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    leg c c@198.51.100.10
    "#);
}

#[test]
fn with_everything_an_investigation_adds() {
    let findings = [Finding {
        party: Party::Customer,
        to_act: Party::Customer,
        answered_by: None,
        ..finding(
            Severity::Error,
            "The 200 was sent 7 times and no ACK came back.",
            "",
            &[8, 14],
        )
    }];
    let step = |step, outcome, detail: &str, took_ms| Step {
        step,
        outcome,
        detail: detail.into(),
        took_ms,
    };
    let mut card = card(
        scenes::MISSING_ACK,
        &Peers::default(),
        &findings,
        &["Ask the customer whether the Contact in our 200 is reachable from there."],
    );
    card.steps = vec![
        step(
            StepName::StatusPage,
            Outcome::NotChecked,
            "no endpoint configured",
            0,
        ),
        step(StepName::RegisterLog, Outcome::Clean, "", 112),
        step(StepName::Simulate, Outcome::NothingFound, "", 31),
        step(
            StepName::SipTrace,
            Outcome::CauseFound,
            "18 messages, 2 legs",
            240,
        ),
    ];
    card.not_checked =
        vec!["Whether the platform had an incident then: no status page is configured.".into()];
    card.hints = vec!["ladder a@198.51.100.10 · explain an-example · history".into()];
    insta::assert_snapshot!(terminal(&card, PLAIN), @r#"
    Customer equipment: The 200 was sent 7 times and no ACK came back.
    cause: customer equipment · to act: customer equipment · fact certain, cause
    likely

      Call   441632960001 → 441632960002 · udp · assumed outbound: no configured
             peer says which side is the customer
      When   2026-02-16 09:10:00 UTC (11:10:00 UTC+02:00)
      Took   1.20 s to 180 + 2.80 s to the answer + 32.01 s talk = 36.01 s
      Hop 1  customer 198.51.100.10:5060 → platform 192.0.2.5:5060: 200 at +4.00 s
      Hop 2  platform 192.0.2.5:5060 → carrier 203.0.113.9:5060: 200 at +4.00 s
      Trace  18 messages, 2 legs, 6 retransmissions, over 36.0 s
      Leg a  a@198.51.100.10
      Leg b  b@198.51.100.10

    Proof: messages 8, 14 (an-example).

    Not checked
      - Whether the platform had an incident then: no status page is configured.

    Do next
      1. Ask the customer whether the Contact in our 200 is reachable from there.

    Steps
      – status page: not checked, no endpoint configured
      ✓ register log: clean (112 ms)
      ○ simulate: nothing found (31 ms)
      ● SIP trace: cause found, 18 messages, 2 legs (240 ms)

              customer              platform               carrier
            198.51.100.10           192.0.2.5            203.0.113.9
       1a  +0.000 │────── INVITE ──────>│                     │
       2a  +0.002 │<─────── 100 ────────│                     │
       3b  +0.020 │                     │────── INVITE ──────>│
       4b  +1.200 │                     │<─────── 180 ────────│
       5a  +1.201 │<─────── 180 ────────│                     │
         … 2.80 s :                     :                     :
       6b  +4.000 │                     │<─── 200 (INVITE) ───│
       7b  +4.002 │                     │─────── ACK ────────>│
    !  8a  +4.003 │<═ 200 (INVITE) ×7 ══│                     │ to +35.503
         … 32.0 s :                     :                     :
      15a +36.010 │<─────── BYE ────────│                     │
      16b +36.011 │                     │─────── BYE ────────>│
      17b +36.030 │                     │<──── 200 (BYE) ─────│
      18a +36.050 │──── 200 (BYE) ─────>│                     │
    +0.000 is 2026-02-16 09:10:00.000 UTC · ! the verdict rests on it
    leg a a@198.51.100.10
    leg b b@198.51.100.10

    ladder a@198.51.100.10 · explain an-example · history
    "#);
}

#[test]
fn without_a_verdict_the_card_says_what_is_so() {
    insta::assert_snapshot!(terminal(&card(scenes::AUTHENTICATED, &Peers::default(), &[], &[]), PLAIN), @r#"
    Answered; no rule found anything wrong.

      Call   441632960001 → 441632960002 · udp · outbound
      When   2026-02-16 09:10:00 UTC (11:10:00 UTC+02:00)
      Took   2.10 s to 180 + 4.40 s to the answer + 56.50 s talk = 63.00 s
      Hop 1  customer 198.51.100.10:5060 → platform 192.0.2.5:5060: 200 at +6.50 s
      Hop 2  platform 192.0.2.5:5060 → carrier 203.0.113.9:5060: 200 at +6.50 s
      Trace  20 messages, 2 legs, over 63.0 s
      Leg a  a@198.51.100.10
      Leg b  b@198.51.100.10

              customer               platform                carrier
            198.51.100.10            192.0.2.5             203.0.113.9
       1a  +0.000 │────── INVITE ───────>│                      │
       2a  +0.003 │<──────── 407 ────────│                      │
       3a  +0.020 │──────── ACK ────────>│                      │
       4a  +0.022 │──── INVITE auth ────>│                      │
       5a  +0.024 │<──────── 100 ────────│                      │
       6b  +0.040 │                      │────── INVITE ───────>│
         … 2.06 s :                      :                      :
       7b  +2.100 │                      │<──────── 180 ────────│
       8a  +2.101 │<──────── 180 ────────│                      │
         … 4.40 s :                      :                      :
       9b  +6.500 │                      │<─── 200 (INVITE) ────│
      10b  +6.501 │                      │──────── ACK ────────>│
      11a  +6.502 │<─── 200 (INVITE) ────│                      │
      12a  +6.520 │──────── ACK ────────>│                      │
         … 33.5 s :                      :                      :
      13a +40.000 │───── re-INVITE ─────>│                      │
      14a +40.002 │<── 100 (re-INVITE) ──│                      │
      15a +40.010 │<── 200 (re-INVITE) ──│                      │
      16a +40.030 │──────── ACK ────────>│                      │
         … 23.0 s :                      :                      :
      17a +63.000 │──────── BYE ────────>│                      │
      18a +63.001 │<───── 200 (BYE) ─────│                      │
      19b +63.002 │                      │──────── BYE ────────>│
      20b +63.020 │                      │<───── 200 (BYE) ─────│
    +0.000 is 2026-02-16 09:10:00.000 UTC
    leg a a@198.51.100.10
    leg b b@198.51.100.10
    "#);
}

#[test]
fn the_headline_ends_where_the_first_sentence_does() {
    let card = refused();
    assert_eq!(
        card.headline,
        "Carrier: Acme 203.0.113.9:5060 refused with 503, Q.850 cause 34 (+0.31 s)."
    );
    assert_eq!(card.summary, "It had no circuit free.");
    assert_eq!(card.tone, Tone::Bad);
}

#[test]
fn a_verdict_that_nobody_has_to_act_on_names_no_party() {
    let finding = Finding {
        party: Party::Nobody,
        to_act: Party::Nobody,
        answered_by: None,
        ..finding(
            Severity::Info,
            "the caller hung up after 56.5 s.",
            "",
            &[17],
        )
    };
    let card = card(scenes::AUTHENTICATED, &Peers::default(), &[finding], &[]);
    assert_eq!(card.headline, "The caller hung up after 56.5 s.");
    assert_eq!(card.tone, Tone::Good);
    assert_eq!(
        card.judgement.unwrap().parts(),
        ["nobody has to act", "fact certain, cause likely"]
    );
}

#[test]
fn the_parts_of_a_call_add_up() {
    let card = card(scenes::MISSING_ACK, &Peers::default(), &[], &[]);
    let took = card.facts.iter().find(|fact| fact.label == "Took").unwrap();
    assert_eq!(
        took.text,
        "1.20 s to 180 + 2.80 s to the answer + 32.01 s talk = 36.01 s"
    );
}

#[test]
fn only_a_card_that_may_has_escape_codes() {
    let mut card = card(scenes::HOSTILE, &Peers::default(), &[], &[]);
    card.headline
        .push_str("\u{1b}]0;title\u{7}\r\nnext \u{9b}31m");
    card.ids.push(Fact::new("Call-ID\u{1b}", "x\u{1b}[2Jy"));
    card.ladder.push_str("\u{1b}[31m\r");
    let allowed = |c: char| c == '\n' || !c.is_control();
    let plain = terminal(&card, PLAIN);
    assert!(plain.chars().all(allowed), "{plain:?}");

    let colored = terminal(
        &card,
        Style {
            color: true,
            ..PLAIN
        },
    );
    let own = [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[36m",
        "\u{1b}[31m",
    ];
    let uncolored = own
        .iter()
        .fold(colored.clone(), |text, code| text.replace(code, ""));
    assert!(colored.contains("\u{1b}[1m"));
    assert_eq!(uncolored, plain);
}

#[test]
fn a_call_id_is_never_broken() {
    let long = "CNX3736_".repeat(20);
    let mut card = refused();
    card.ids.push(Fact::new("Leg d", long.clone()));
    for width in [0, 20, 40, 80, 500] {
        let page = terminal(
            &card,
            Style {
                color: false,
                width,
            },
        );
        assert!(page.contains(&long), "{page}");
    }
    let narrow = terminal(
        &card,
        Style {
            color: false,
            width: 60,
        },
    );
    let before_ladder = narrow.lines().take_while(|line| !line.contains('│'));
    let wide: Vec<_> = before_ladder
        .filter(|line| line.chars().count() > 60 && !line.contains(&long))
        .collect();
    // The two lines of the ladder's head are drawn, not wrapped.
    assert!(wide.len() <= 2, "{wide:?}");
}

#[test]
fn a_card_survives_json() {
    let card = refused();
    let json = serde_json::to_string(&card).unwrap();
    assert!(!json.contains("\\u001b"));
    assert_eq!(serde_json::from_str::<Card>(&json).unwrap(), card);
}

#[test]
fn audio_that_was_seen_has_a_line() {
    let sdp = |ip: &str, port: u16| format!("|| v=0 || c=IN IP4 {ip} || m=audio {port} RTP/AVP 0");
    let written = format!(
        "0.00 cust>plat INVITE {}
         1.00 plat>cust 200 {}
         1.02 cust>plat ACK
         9.00 cust>plat BYE
         9.01 plat>cust 200 BYE",
        sdp("198.51.100.10", 4000),
        sdp("192.0.2.5", 5000),
    );
    let line = |media: Vec<MediaStream>| {
        let observed = Observations {
            media,
            ..Observations::default()
        };
        let call = call(&written);
        let case = Case::new(&call, &Peers::default(), None).observing(&observed);
        let card = for_call(&case, None, &[], &TimeZone::UTC);
        let facts = card.facts.into_iter();
        facts
            .filter(|fact| fact.label == "Audio")
            .map(|fact| fact.text)
            .collect::<Vec<_>>()
    };
    assert_eq!(line(Vec::new()), Vec::<String>::new());
    let (caller, relay) = ("198.51.100.10:4000", "192.0.2.5:5000");
    let mut there = MediaStream::new(
        caller.parse().unwrap(),
        relay.parse().unwrap(),
        crate::support::media::at(1_100_000),
    );
    there.packets = 12_480;
    there.expected = 12_500;
    there.lost = 20;
    there.jitter_mean = 3_200;
    there.events = 4;
    there.longest_gap = 2_000_000;
    there.longest_gap_from = Some(crate::support::media::at(3_040_000));
    assert_eq!(
        line(vec![there.clone()]),
        [
            "customer → far end 12 480 packets, 0.2 % lost, jitter 3 ms, silent for 2.0 s from +3.04 s, 4 digits; \
             far end → customer none seen"
        ]
    );
    // Shorter than that anybody pauses.
    there.longest_gap = 1_999_999;
    let mut back = MediaStream::new(
        relay.parse().unwrap(),
        "198.51.100.10:61000".parse().unwrap(),
        crate::support::media::at(1_100_000),
    );
    back.packets = 999;
    back.clock_assumed = true;
    there.source = "198.51.100.10:61000".parse().unwrap();
    there.events = 0;
    assert_eq!(
        line(vec![there, back]),
        [
            "customer → far end 12 480 packets, 0.2 % lost, jitter 3 ms, from 198.51.100.10:61000; \
             far end → customer 999 packets, none lost, jitter about 0 ms"
        ]
    );
}

#[test]
fn what_stands_in_a_record_is_proof_too() {
    let field = |record: &str, name: &str, value: &str| Field::new(record, name, value);
    let mut refused = finding(Severity::Error, "Refused.", "Its text says why.", &[]);
    refused.fields = vec![
        field("call log", "sip_code", "503"),
        field("call log", "sip_reason", "No Routes\nAvailable (Lock)"),
        field("CDR", "release_reason", &"x".repeat(200)),
    ];
    let mut both = finding(Severity::Info, "Both say so.", "", &[3]);
    both.fields = vec![field("RTCP", "mos", "2.10")];
    let card = card(scenes::FAILOVER, &peers(), &[refused, both], &[]);
    let proofs: Vec<String> = card.findings.iter().map(|point| point.proof()).collect();
    let cut = "x".repeat(80);
    assert_eq!(
        proofs,
        [
            format!(
                "call log: sip_code 503, sip_reason No Routes Available (Lock); CDR: release_reason {cut}…"
            ),
            "message 3; RTCP: mos 2.10".to_owned(),
        ]
    );
    let shown = terminal(&card, PLAIN);
    assert!(shown.contains("Proof: call log: sip_code 503"), "{shown}");
}

#[test]
fn how_long_it_took_is_of_the_answer_that_was_kept() {
    let took = |text: &str| {
        let peers = peers();
        let call = call(text);
        let case = Case::new(&call, &peers, None);
        let card = for_call(&case, None, &[], &TimeZone::UTC);
        let told = |label: &str| {
            let fact = card.facts.iter().find(|it| it.label.starts_with(label));
            fact.map(|it| it.text.clone()).unwrap_or_default()
        };
        [told("Took"), told("Hop 1")]
    };
    let forked = "0.00 cust>plat INVITE
        4.00 plat>cust 200 totag=ta
        4.01 cust>plat ACK totag=ta
        4.03 plat>cust 200 totag=tb
        4.04 cust>plat ACK totag=tb
        4.06 cust>plat BYE totag=tb cseq=2
        4.08 plat>cust 200 BYE totag=tb cseq=2
        64.00 cust>plat BYE totag=ta cseq=3
        64.02 plat>cust 200 BYE totag=ta cseq=3";
    assert_eq!(
        took(forked)[0],
        "4.00 s to the answer + 60.00 s talk = 64.00 s"
    );
    // The answer is not in the trace; its ACK, with a branch of its own, is.
    let lost = "0.00 cust>plat INVITE
        5.00 cust>plat ACK in branch=z9hG4bK-own
        25.00 cust>plat BYE
        25.02 plat>cust 200 BYE";
    let [took, hop] = took(lost);
    assert_eq!(
        took,
        "5.00 s to the ACK of the answer + 20.00 s talk = 25.00 s"
    );
    assert!(hop.ends_with("answered, which was not captured"), "{hop}");
}
