//! The levels by the platform's own rules.

use calltriage::report::severity::{Category, Level, Reach, Setting, propose, refused, response};
use jiff::Timestamp;

fn level(failing: usize, stated: Option<Reach>, setting: Setting) -> Level {
    propose(failing, stated, setting, None).level
}

#[test]
fn what_was_seen_is_never_critical() {
    assert_eq!(level(1, None, Setting::Live), Level::P4);
    for many in [2, 5, 10_000] {
        assert_eq!(level(many, None, Setting::Live), Level::P3, "{many}");
    }
}

#[test]
fn a_person_states_what_is_critical() {
    let live = |reach| level(5, Some(reach), Setting::Live);
    assert_eq!(live(Reach::OneCustomerDown), Level::P2);
    assert_eq!(live(Reach::AllOurCalls), Level::P1);
    assert_eq!(live(Reach::WholePlatform), Level::P0);
    let proposed = propose(5, Some(Reach::AllOurCalls), Setting::Live, None);
    assert!(
        proposed.reason.contains("stated by the reporter"),
        "{}",
        proposed.reason
    );
}

#[test]
fn new_interconnects_and_changes_are_never_critical() {
    for (_, reach) in Reach::ALL {
        for setting in [Setting::NewInterconnect, Setting::Change] {
            let proposed = propose(9, Some(reach), setting, None);
            assert!(!proposed.level.is_critical(), "{proposed:?}");
            assert!(refused(Level::P2, 9, Some(reach), setting).is_some());
            assert!(refused(Level::P4, 9, Some(reach), setting).is_none());
        }
    }
}

#[test]
fn it_is_lowered_by_a_word_and_never_raised() {
    let lowered = propose(5, None, Setting::Live, Some(Level::P5));
    assert_eq!(lowered.level, Level::P5);
    assert_eq!(
        propose(5, None, Setting::Live, Some(Level::P0)).level,
        Level::P3
    );
    assert_eq!(
        refused(Level::P1, 5, None, Setting::Live).as_deref(),
        Some("P1 needs a scope that is so wide: the scope given comes to P3.")
    );
}

#[test]
fn hours_and_ways_are_those_of_the_moment() {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let (noon, night) = (at("2026-02-16T12:00:00Z"), at("2026-02-16T20:00:00Z"));
    let first = |level, category, at| {
        let response = response(level, category, at);
        (
            response.is_open,
            response.channels[0].split(':').next().unwrap().to_owned(),
        )
    };
    use Category::{Operational, Platform};
    assert_eq!(
        first(Level::P3, Operational, noon),
        (true, "e-mail".to_owned())
    );
    assert_eq!(
        first(Level::P3, Operational, night),
        (false, "e-mail".to_owned())
    );
    assert_eq!(
        first(Level::P1, Platform, night),
        (true, "phone".to_owned())
    );
    // Operational problems are not worked on around the clock, however urgent.
    assert_eq!(
        first(Level::P1, Operational, night),
        (false, "phone".to_owned())
    );
    // The platform itself is down: whoever filed it under what, they are at it.
    assert_eq!(
        first(Level::P0, Operational, night),
        (true, "phone".to_owned())
    );
    let critical = response(Level::P2, Platform, night).channels;
    let order: Vec<&str> = critical
        .iter()
        .map(|it| it.split(':').next().unwrap())
        .collect();
    assert_eq!(order, ["phone", "SMS", "Telegram", "e-mail"]);
    assert!(
        response(Level::P4, Operational, night)
            .said
            .contains("150 USD")
    );
    assert!(
        !response(Level::P5, Operational, night)
            .said
            .contains("150 USD")
    );
}
