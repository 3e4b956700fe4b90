//! Whether an incident may explain a call: by its time and by what it names.

use calltriage::platform::{Call, Incident, Progress, Used};
use calltriage::sip::Certainty;
use jiff::Timestamp;

/// A moment of one day, as in "09:10".
fn at(time: &str) -> Timestamp {
    format!("2026-02-16T{time}:00Z").parse().unwrap()
}

/// A call from 12:00 to 12:05 by a server in London.
fn call() -> Call {
    let places = ["lon1js2", "London", "New York"];
    Call {
        began: at("12:00"),
        ended: at("12:05"),
        places: places.map(str::to_owned).to_vec(),
        used: Used::default(),
    }
}

fn incident(components: &[&str]) -> Incident {
    Incident {
        title: "Calls fail".to_owned(),
        text: String::new(),
        components: components.iter().map(|name| (*name).to_owned()).collect(),
        progress: Progress::Open,
        status: "investigating".to_owned(),
        impact: "major".to_owned(),
        started: Some(at("11:00")),
        resolved: None,
        updated: None,
        link: None,
    }
}

fn certainty(incident: &Incident) -> Option<Certainty> {
    incident
        .relation(&call())
        .map(|relation| relation.certainty)
}

const LIKELY: Option<Certainty> = Some(Certainty::Likely);
const POSSIBLE: Option<Certainty> = Some(Certainty::Possible);

#[test]
fn it_has_to_go_on_during_the_call() {
    let times = |started: Option<&str>, resolved: Option<&str>| Incident {
        started: started.map(at),
        resolved: resolved.map(at),
        progress: if resolved.is_some() {
            Progress::Over
        } else {
            Progress::Open
        },
        ..incident(&["SIP"])
    };
    assert_eq!(certainty(&times(Some("11:00"), None)), LIKELY);
    assert_eq!(certainty(&times(Some("12:05"), None)), LIKELY);
    // People write an incident down a quarter of an hour late, and close it as early; or it had not begun.
    assert_eq!(certainty(&times(Some("12:20"), None)), POSSIBLE);
    assert_eq!(certainty(&times(Some("12:21"), None)), None);
    assert_eq!(certainty(&times(Some("10:00"), Some("12:00"))), LIKELY);
    assert_eq!(certainty(&times(Some("10:00"), Some("11:45"))), POSSIBLE);
    assert_eq!(certainty(&times(Some("10:00"), Some("11:44"))), None);
    assert_eq!(certainty(&times(None, Some("12:01"))), POSSIBLE);
    assert_eq!(certainty(&times(None, Some("11:44"))), None);
}

#[test]
fn what_the_page_does_not_say_makes_it_possible_for_a_day() {
    let unsaid = |started: Option<&str>, updated: Option<Timestamp>, progress| Incident {
        started: started.map(at),
        updated,
        progress,
        ..incident(&["SIP"])
    };
    let yesterday = |time: &str| Some(at(time) - jiff::SignedDuration::from_hours(24));
    let tomorrow = |time: &str| Some(at(time) + jiff::SignedDuration::from_hours(24));
    for progress in [Progress::Over, Progress::Unsaid] {
        assert_eq!(certainty(&unsaid(Some("11:00"), None, progress)), POSSIBLE);
        assert_eq!(
            certainty(&unsaid(None, yesterday("12:01"), progress)),
            POSSIBLE
        );
        assert_eq!(certainty(&unsaid(None, yesterday("11:59"), progress)), None);
        assert_eq!(
            certainty(&unsaid(None, tomorrow("12:04"), progress)),
            POSSIBLE
        );
        assert_eq!(certainty(&unsaid(None, tomorrow("12:06"), progress)), None);
        assert_eq!(certainty(&unsaid(None, None, progress)), POSSIBLE);
    }
    assert_eq!(certainty(&unsaid(None, None, Progress::Open)), POSSIBLE);
    let announced = unsaid(Some("11:00"), None, Progress::Announced);
    assert_eq!(certainty(&announced), None);
}

#[test]
fn it_has_to_name_what_the_call_used() {
    let table: [(&[&str], Option<Certainty>); 17] = [
        (&["SIP"], LIKELY),
        (&["Voice Calls"], LIKELY),
        (&["Outbound routing"], LIKELY),
        (&["SIP server lon1js2"], LIKELY),
        (&["London"], LIKELY),
        (&["SIP London"], LIKELY),
        (&["New York"], LIKELY),
        // Another place, or one that is not known.
        (&["SIP Frankfurt"], POSSIBLE),
        (&["New Delhi"], POSSIBLE),
        (&["Frankfurt"], POSSIBLE),
        (&["fr1js3"], POSSIBLE),
        (&["Core platform"], POSSIBLE),
        (&[], POSSIBLE),
        // What calls do not use.
        (&["Billing"], None),
        (&["Control Panel", "Customer portal", "API"], None),
        (&["Billing", "SIP routing"], LIKELY),
        (&["Voice API"], POSSIBLE),
    ];
    for (components, expected) in table {
        assert_eq!(certainty(&incident(components)), expected, "{components:?}");
    }
    let headline = |title: &str| Incident {
        title: title.to_owned(),
        ..incident(&[])
    };
    assert_eq!(certainty(&headline("Invoices are late")), None);
    assert_eq!(certainty(&headline("Something is wrong")), POSSIBLE);
    assert_eq!(certainty(&headline("")), POSSIBLE);
}

#[test]
fn it_says_why() {
    let why = |incident: &Incident| incident.relation(&call()).unwrap().why;
    assert_eq!(
        why(&incident(&["Email", "SIP Paris", "SIP London"])),
        r#"began 2026-02-16 11:00 UTC, goes on and names "SIP London", which the call used"#
    );
    let over = Incident {
        resolved: Some(at("12:02")),
        ..incident(&["Core"])
    };
    assert_eq!(
        why(&over),
        r#"began 2026-02-16 11:00 UTC, ended 2026-02-16 12:02 UTC and names "Core", which the call may have used"#
    );
    let unsaid = Incident {
        started: None,
        progress: Progress::Unsaid,
        ..incident(&[])
    };
    assert_eq!(
        why(&unsaid),
        "began at a time that the page does not say, ended at a time that the page does not say and names no component"
    );
}

#[test]
fn moments_at_the_edge_of_the_calendar_do_not_overflow() {
    for edge in [Timestamp::MIN, Timestamp::MAX] {
        let incident = Incident {
            started: Some(edge),
            resolved: Some(edge),
            updated: Some(edge),
            ..incident(&["SIP"])
        };
        assert_eq!(certainty(&incident), None);
    }
}

#[test]
fn it_has_to_name_a_service_that_the_call_used() {
    let out = Used {
        comes_in: Some(false),
        registers: Some(false),
        is_answered: Some(false),
    };
    let talked = Used {
        comes_in: Some(true),
        is_answered: Some(true),
        ..out
    };
    let device = Used {
        registers: Some(true),
        ..Used::default()
    };
    // For a call out that failed, one in that was answered, a registration.
    let table: [(&[&str], [Option<Certainty>; 3]); 10] = [
        (&["SIP"], [LIKELY, LIKELY, LIKELY]),
        (&["SIP Termination"], [LIKELY, None, LIKELY]),
        (&["Outbound calls London"], [LIKELY, None, LIKELY]),
        (&["DIDs"], [None, LIKELY, LIKELY]),
        (&["Inbound calls"], [None, LIKELY, LIKELY]),
        (&["Inbound and outbound calls"], [LIKELY, LIKELY, LIKELY]),
        (&["Origination", "Termination"], [LIKELY, LIKELY, LIKELY]),
        (&["SIP registration"], [POSSIBLE, POSSIBLE, LIKELY]),
        (&["RTP London"], [POSSIBLE, LIKELY, LIKELY]),
        (&["Media and routing"], [POSSIBLE, LIKELY, LIKELY]),
    ];
    for (components, expected) in table {
        let found = [out, talked, device].map(|used| {
            let call = Call { used, ..call() };
            let relation = incident(components).relation(&call);
            relation.map(|it| it.certainty)
        });
        assert_eq!(found, expected, "{components:?}");
    }
}

#[test]
fn a_name_is_named_whole() {
    let named = |components: &[&str], name: &str| incident(components).names(name);
    assert!(named(&["Carrier Example Tel (UK)"], "Example Tel"));
    assert!(named(&[], "calls"));
    assert!(!named(&["Example"], "Example Tel"));
    assert!(!named(&["SIP"], ""));
}
