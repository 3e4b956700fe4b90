//! The tables of SIP codes and Q.850 causes: they read, and say what the standards say.

use calltriage::knowledge::FILES;

use super::known;

#[test]
fn the_tables_read() {
    let known = known();
    let sections = |file: &str, heading: &str| {
        let (_, text) = FILES.iter().find(|(name, _)| *name == file).unwrap();
        text.matches(heading).count()
    };
    let codes = sections("sip-codes.toml", "[[codes]]");
    assert_eq!(known.sip_codes().count(), codes);
    let causes = sections("q850-causes.toml", "[[causes]]");
    assert_eq!(known.causes().count(), causes);
    for sentence in known
        .sip_codes()
        .map(|it| &it.meaning)
        .chain(known.causes().map(|it| &it.meaning))
    {
        assert!(
            sentence.ends_with('.') && sentence.matches(". ").count() == 0,
            "{sentence}"
        );
    }
    for cause in known.causes() {
        assert!((1..=127).contains(&cause.cause));
        assert!(
            [
                "the called side",
                "the carrier",
                "the calling side",
                "nobody"
            ]
            .contains(&cause.side.as_str())
        );
        assert!(
            cause.sip.is_none_or(|code| known.sip_code(code).is_some()),
            "{}",
            cause.cause
        );
    }
    for code in known.sip_codes() {
        assert!((100..700).contains(&code.code) && code.reference.starts_with("RFC "));
    }
}

#[test]
fn look_ups() {
    let known = known();
    assert_eq!(known.sip_code(503).unwrap().phrase, "Service Unavailable");
    assert_eq!(known.q850(34).unwrap().name, "No circuit/channel available");
    assert_eq!(known.sip_code(499), None);
    assert_eq!(known.q850(0), None);
    assert_eq!(known.q850(128), None);
}

/// RFC 3398 section 7.2.4.1, the whole table.
#[test]
fn causes_become_codes() {
    let listed = [
        (1, 404),
        (2, 404),
        (3, 404),
        (17, 486),
        (18, 408),
        (19, 480),
        (20, 480),
        (21, 403),
        (22, 410),
        (23, 410),
        (26, 404),
        (27, 502),
        (28, 484),
        (29, 501),
        (31, 480),
        (34, 503),
        (38, 503),
        (41, 503),
        (42, 503),
        (47, 503),
        (55, 403),
        (57, 403),
        (58, 503),
        (65, 488),
        (70, 488),
        (79, 501),
        (87, 403),
        (88, 503),
        (102, 504),
        (111, 500),
        (127, 500),
    ];
    for cause in 0..=u8::MAX {
        let expected = listed
            .iter()
            .find(|(number, _)| *number == cause)
            .map(|(_, code)| *code);
        assert_eq!(
            known().q850(cause).and_then(|known| known.sip),
            expected,
            "cause {cause}"
        );
        let code = if cause == 16 {
            None
        } else {
            Some(expected.unwrap_or(500))
        };
        assert_eq!(known().sip_code_of_cause(cause), code, "cause {cause}");
    }
    assert_eq!(known().sip_code_of_cause(16), None);
}
