//! Quality as RTCP told it to the platform: the worst tenth, the leg, the turning point.

use calltriage::diagnosis::{Case, Finding, Peers};
use calltriage::platform::{CallRecord, Quality, Records, Sample};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::media_streams::{CALLER, CARRIER, RELAY_A, RELAY_B, relayed, relayed_by, sdp};
use super::verdict::{inbound, outbound};
use crate::support::media::at;
use crate::support::trace::call;

fn sample(mos: f64, raw: Value) -> Sample {
    Sample {
        mos: Some(mos),
        jitter_ms: Some(3.0),
        loss_percent: Some(0.1),
        raw,
        ..Sample::default()
    }
}

fn found(rule: &str, text: &str, samples: Vec<Sample>, peers: &Peers) -> Vec<Finding> {
    let records = Records {
        row: Some(CallRecord::default()),
        quality: Some(Quality {
            samples,
            aggregate: None,
        }),
        ..Records::default()
    };
    let call = call(text);
    let case = Case::new(&call, peers, None).recorded(Some(&records));
    let mut findings = super::shown::findings(&case);
    findings.retain(|finding| finding.rule == rule);
    super::shown::asked(rule, findings.is_empty());
    findings
}

fn words(finding: &Finding) -> String {
    format!(
        "{}, {}, to act {}; {}\n{}\n{}\nNext: {}\n",
        finding.severity.word(),
        finding.party.label(),
        finding.to_act.label(),
        finding.certainty.word(),
        finding.fact,
        finding.cause,
        finding.next
    )
}

const POOR: &str = "poor-quality-reported";

/// Three reports a leg, under names that nobody documented.
fn both_legs(caller: f64, carrier: f64) -> Vec<Sample> {
    let of = |mos, address: &str, relay: &str| {
        let raw = json!({"mos": mos, "x": {"a": address, "b": relay}});
        std::iter::repeat_n(sample(mos, raw), 3)
    };
    let caller = of(caller, CALLER, RELAY_A);
    caller.chain(of(carrier, "203.0.113.9", RELAY_B)).collect()
}

#[test]
fn reports_of_both_legs_tell_which_is_bad() {
    let one = |samples, peers: &Peers| {
        let found = found(POOR, &relayed(), samples, peers);
        words(&found[0])
    };
    assert_snapshot!(
        [
            one(both_legs(4.2, 2.4), &outbound()),
            one(both_legs(4.2, 2.4), &inbound()),
            one(both_legs(2.4, 4.2), &outbound()),
            one(both_legs(2.4, 4.2), &inbound()),
        ]
        .join("\n")
    );
    // Both bad, or one of them not known: the figures do not tell.
    for samples in [both_legs(2.4, 2.4), both_legs(2.4, 4.2)[..5].to_vec()] {
        let told = one(samples, &outbound());
        assert!(
            told.contains("which one these figures do not tell"),
            "{told}"
        );
    }
}

#[test]
fn media_that_goes_past_the_platform_has_one_leg() {
    let direct = relayed_by(
        &sdp(CALLER, ""),
        &sdp(CALLER, ""),
        &sdp(CARRIER, ""),
        &sdp(CARRIER, ""),
    );
    let raw = json!({"from": CALLER, "to": CARRIER});
    let samples = vec![sample(2.4, raw); 6];
    let found = found(POOR, &direct, samples, &outbound());
    assert!(
        found[0].cause.contains("directly between the two sides"),
        "{found:?}"
    );
}

#[test]
fn the_worst_tenth_of_the_reports() {
    let series = |worst: f64, count: usize| {
        let mut samples = vec![sample(4.2, Value::Null); count];
        samples[1].mos = Some(worst);
        found(POOR, &relayed(), samples, &outbound())
    };
    assert_snapshot!(words(&series(3.0, 10)[0]));
    assert_eq!(series(3.6, 10), []);
    assert_eq!(series(3.0, 9), []);
}

/// Reports every ten seconds from +10 s on.
fn every_ten_seconds(series: &[f64]) -> Vec<Sample> {
    let timed = |(number, mos): (usize, &f64)| {
        let seconds = 10 * (number as i64 + 1);
        let mut sample = sample(*mos, Value::Null);
        sample.at = Some(at(seconds * 1_000_000));
        sample
    };
    series.iter().enumerate().map(timed).collect()
}

const TURNED: &str = "quality-turned";

#[test]
fn quality_that_turns_at_a_change_of_the_call() {
    let series = [4.2, 4.1, 4.2, 3.5, 3.4, 3.6];
    let quiet = found(TURNED, &relayed(), every_ten_seconds(&series), &outbound());
    let changed = relayed().replace(
        "41.00 cust>plat BYE",
        "35.00 plat>cust INVITE in by=callee
         35.10 cust>plat 200 in by=callee
         35.20 plat>cust ACK by=callee
         41.00 cust>plat BYE",
    );
    let changed = found(TURNED, &changed, every_ten_seconds(&series), &outbound());
    assert_snapshot!([words(&quiet[0]), words(&changed[0])].join("\n"));
}

#[test]
fn quality_that_goes_up_and_down_has_no_turning_point() {
    for series in [
        &[4.2, 3.4, 4.2, 3.5, 3.4, 3.6][..],
        &[3.5, 3.4, 3.6, 4.2, 4.1, 4.2],
        &[4.2, 4.1, 4.2, 4.0, 3.9, 4.0],
        &[4.2, 4.1, 3.4, 3.4, 3.4],
        &[],
    ] {
        let found = found(TURNED, &relayed(), every_ten_seconds(series), &outbound());
        assert_eq!(found, [], "{series:?}");
    }
}
