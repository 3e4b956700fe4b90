//! Incidents that the platform announced: when one explains a call, when it is only mentioned, and when it
//! is not.

use calltriage::diagnosis::verdict::{Verdict, verdict};
use calltriage::diagnosis::{Case, Finding, Party, Peers, Severity};
use calltriage::platform::{Incident, Progress};
use calltriage::sip::Certainty;
use jiff::{SignedDuration, Timestamp};

use super::record::refused as refused_in_log;
use super::verdict::{inbound, outbound};
use crate::support::trace::{START, call};

/// A call that the carrier refused with this answer.
fn refused(answer: &str) -> String {
    format!(
        "0.00 cust>plat INVITE
         0.04 plat>car INVITE leg=b
         0.61 car>plat {answer} leg=b
         0.62 plat>car ACK leg=b
         0.63 plat>cust {answer}
         0.64 cust>plat ACK"
    )
}

/// A call that the platform itself refused.
const BY_PLATFORM: &str = "0.00 cust>plat INVITE\n0.63 plat>cust 503\n0.64 cust>plat ACK";

/// An incident that began an hour before the calls of these tests and goes on.
fn incident(components: &[&str]) -> Incident {
    let began = Timestamp::from_second(START).unwrap() - SignedDuration::from_hours(1);
    Incident {
        title: "Calls fail".into(),
        text: "Use the second server until noon.\nOlder news".into(),
        components: components.iter().map(|it| (*it).to_owned()).collect(),
        progress: Progress::Open,
        status: "investigating".into(),
        impact: "major".into(),
        started: Some(began),
        resolved: None,
        updated: None,
        link: Some("https://status.example.com/1".into()),
    }
}

fn judged(text: &str, incidents: &[Incident]) -> (Verdict, Option<Finding>) {
    judged_among(&outbound(), text, incidents)
}

fn judged_among(peers: &Peers, text: &str, incidents: &[Incident]) -> (Verdict, Option<Finding>) {
    let call = call(text);
    let case = Case::new(&call, peers, None).hearing(incidents);
    let findings = super::shown::findings(&case);
    let verdict = verdict(&case, &findings).unwrap();
    let mentioned = findings.into_iter().find(|it| it.rule == "known-incident");
    super::shown::asked("known-incident", mentioned.is_none());
    (verdict, mentioned)
}

#[test]
fn one_that_covers_the_call_comes_before_everything_else() {
    let (verdict, _) = judged(BY_PLATFORM, &[incident(&["SIP"])]);
    assert_eq!(
        (verdict.rule.as_str(), verdict.party, verdict.certainty),
        ("known-incident", Party::Platform, Certainty::Likely)
    );
    assert!(
        verdict
            .summary
            .contains("It says: Use the second server until noon."),
        "{}",
        verdict.summary
    );
    assert!(verdict.next[0].contains("https://status.example.com/1"));
    // Whichever way the call goes.
    let (back, _) = judged_among(&inbound(), BY_PLATFORM, &[incident(&["SIP"])]);
    assert_eq!((back.rule, back.party), (verdict.rule, verdict.party));
    // Also where a carrier that it sent the call to never reacted.
    let unanswered = "0.00 cust>plat INVITE
         0.04 plat>car INVITE leg=b
         0.54 plat>car INVITE leg=b
         1.54 plat>car INVITE leg=b
         3.04 plat>cust 503
         3.05 cust>plat ACK";
    let (verdict, _) = judged(unanswered, &[incident(&["SIP"])]);
    assert_eq!(verdict.rule, "known-incident");
}

#[test]
fn what_came_from_outside_stays_whose_it_is() {
    for (peers, party) in [(outbound(), Party::Carrier), (inbound(), Party::Customer)] {
        let (verdict, mentioned) = judged_among(&peers, &refused("503"), &[incident(&["SIP"])]);
        assert_eq!(
            (verdict.rule.as_str(), verdict.party),
            ("server-failure", party)
        );
        let mentioned = mentioned.unwrap();
        assert_eq!(
            (mentioned.party, mentioned.severity, mentioned.certainty),
            (Party::Nobody, Severity::Info, Certainty::Possible)
        );
        assert!(
            mentioned.cause.contains("answered 503 itself"),
            "{mentioned:?}"
        );
    }
    // An incident may be about that carrier.
    let of_carrier = Incident {
        title: "Calls by carrier One fail".into(),
        ..incident(&["SIP"])
    };
    let (verdict, _) = judged(&refused("503"), &[of_carrier]);
    assert_eq!(verdict.rule, "known-incident");
}

#[test]
fn one_of_what_the_call_did_not_use_is_not_mentioned() {
    let way_in = [incident(&["Inbound calls"])];
    let (_, mentioned) = judged(BY_PLATFORM, &way_in);
    assert_eq!(mentioned, None);
    let (verdict, _) = judged_among(&inbound(), BY_PLATFORM, &way_in);
    assert_eq!(verdict.rule, "known-incident");
}

#[test]
fn one_that_names_nothing_is_mentioned_and_hides_no_cause() {
    let (verdict, mentioned) = judged(&refused("503"), &[incident(&[])]);
    assert_eq!(verdict.rule, "server-failure");
    let mentioned = mentioned.unwrap();
    assert_eq!(
        (mentioned.severity, mentioned.certainty),
        (Severity::Info, Certainty::Possible)
    );
}

#[test]
fn what_people_did_is_no_incident() {
    let gave_up = "0.00 cust>plat INVITE
         0.04 plat>car INVITE leg=b
         0.30 car>plat 180 leg=b
         0.31 plat>cust 180
         9.00 cust>plat CANCEL
         9.01 plat>cust 200 CANCEL
         9.02 plat>cust 487
         9.03 cust>plat ACK";
    for text in [refused("486"), refused("603"), gave_up.to_owned()] {
        let (_, mentioned) = judged(&text, &[incident(&["SIP"])]);
        assert_eq!(mentioned, None, "{text}");
    }
}

#[test]
fn one_of_another_time_or_of_other_things_is_not_mentioned() {
    let began = Timestamp::from_second(START).unwrap();
    let over = Incident {
        started: Some(began - SignedDuration::from_hours(3)),
        resolved: Some(began - SignedDuration::from_hours(2)),
        progress: Progress::Over,
        ..incident(&["SIP"])
    };
    for other in [over, incident(&["Billing"])] {
        let (verdict, mentioned) = judged(&refused("503"), &[other]);
        assert_eq!(verdict.rule, "server-failure");
        assert_eq!(mentioned, None);
    }
}

#[test]
fn one_that_names_the_region_of_the_routing_engine_is_of_this_call() {
    let mentioned_for = |engine: &str| {
        let mut records = refused_in_log(503, "Service Unavailable");
        if let Some(row) = &mut records.row {
            row.engine = Some(engine.to_owned());
        }
        let incidents = [incident(&["Europe"])];
        let (call, peers) = (call(BY_PLATFORM), outbound());
        let case = Case::new(&call, &peers, None)
            .recorded(Some(&records))
            .hearing(&incidents);
        let findings = super::shown::findings(&case);
        findings.into_iter().find(|it| it.rule == "known-incident")
    };
    let ours = mentioned_for("fr1js3").unwrap();
    assert_eq!(ours.certainty, Certainty::Likely);
    // Where a machine of this name stands is not known.
    let others = mentioned_for("ny1js1").unwrap();
    assert_eq!(
        (others.certainty, others.severity),
        (Certainty::Possible, Severity::Info)
    );
}
