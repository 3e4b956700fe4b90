//! Reason texts and release reasons: each is found however it is spelt, and none where another word stands.

use calltriage::diagnosis::party::{Direction, Party, of_release, turned};
use calltriage::knowledge::{End, Knowledge, Matched, Refused};

use super::known;

fn reason(text: &str) -> Option<(String, Matched)> {
    let found = known().reason(text)?;
    Some((found.entry.text.clone(), found.matched))
}

fn is(text: &str, entry: &str, matched: Matched) {
    assert_eq!(reason(text), Some((entry.to_owned(), matched)), "{text:?}");
}

fn release(text: &str) -> Option<(String, Matched, Option<End>)> {
    let found = known().release(text)?;
    Some((found.entry.text.clone(), found.matched, found.end))
}

/// Other ways to write the same letters.
fn dressed(text: &str) -> Vec<String> {
    vec![
        text.to_uppercase(),
        text.to_lowercase(),
        format!("  {text}. "),
        text.replace(' ', "  "),
        text.replace(' ', "_"),
        text.replace(['(', ')', ':', ',', '/'], " "),
        text.replace(' ', ""),
    ]
}

/// What the platform's documentation writes, with the codes that it gives there.
const ROUTING: &[(&str, u16)] = &[
    ("IP Not Authorised", 401),
    ("IP Not Authorised", 403),
    ("Not Found", 404),
    ("Request Timeout", 408),
    ("Request Terminated", 487),
    ("Unidentified Internal Switch", 500),
    ("Server not accepting calls (Paused)", 500),
    ("Unknown User", 503),
    ("Unable to perform LRN", 503),
    ("LCR Unavailable", 503),
    ("Blocked by Dial plan", 503),
    ("No Routes Available (Pre)", 503),
    ("No Routes Available (U)", 503),
    ("No Routes Available (Lock)", 503),
    ("No Routes Available (Profit Assurance)", 503),
    ("Dropping Call (Strategy)", 503),
    ("Internal Strategic Routing Error", 503),
    ("No Route Available", 580),
    ("Switch IP Variable Not Provided", 580),
    ("To (oU) User Missing", 580),
    ("To (fU) User Missing", 580),
];

#[test]
fn every_text_of_the_routing_engine_is_there_with_its_code() {
    for (text, code) in ROUTING {
        is(text, text, Matched::Exact);
        let entry = known().reason(text).unwrap().entry;
        assert!(entry.codes.contains(code), "{text}: {code}");
    }
}

#[test]
fn every_other_text_is_there() {
    for text in [
        "OK",
        "No Rule Available",
        "RTP IP Blocked",
        "CLI restriction in effect",
        "Request Terminated: Server at max cps / channels",
        "Destination Blocked",
        "Number not Found (ASRPlus)",
        "Number on DNC List",
        "Disallowed by Date/Time Restriction",
        "Date/Time Restriction Syntax Error",
        "CLI Not Authorized",
        "Ring Timeout",
        "Canceled",
        "No SIP Ping Reply",
        "No channel capacity available for your account",
        "Authentication Required",
    ] {
        is(text, text, Matched::Exact);
    }
    // With the code before it, as a script or a person writes it.
    is(
        "403 Destination Blocked",
        "Destination Blocked",
        Matched::Exact,
    );
    is(
        "100 Trying (High CPS, Buffering)",
        "High CPS, Buffering",
        Matched::Exact,
    );
    is(
        "503 no routes available (lock)",
        "No Routes Available (Lock)",
        Matched::Exact,
    );
    for code in [400, 402, 407, 603, 604] {
        assert!(known().platform_code(code).is_some(), "{code}");
    }
}

#[test]
fn case_punctuation_and_blanks_do_not_count() {
    for entry in known().reasons() {
        for text in dressed(&entry.text) {
            let (found, matched) = reason(&text).unwrap_or_else(|| panic!("{text:?}"));
            // Without blanks nothing shows where a text ends and its bracket begins, yet it is the same.
            assert_eq!((&found, matched), (&entry.text, Matched::Exact), "{text:?}");
        }
    }
    for entry in known().releases() {
        for text in dressed(&entry.text) {
            let (found, matched, _) = release(&text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!((&found, matched), (&entry.text, Matched::Exact), "{text:?}");
        }
    }
}

/// A slip in each long word of each text, one at a time: a letter left out, doubled, wrong, or two swapped.
#[test]
fn a_slip_in_a_long_word_is_forgiven() {
    let mut tried = 0;
    for entry in known().reasons() {
        let words: Vec<&str> = entry.text.split(' ').collect();
        for (n, word) in words.iter().enumerate() {
            let letters: Vec<char> = word.chars().collect();
            if letters.len() < 6 || !letters.iter().all(char::is_ascii_alphabetic) {
                continue;
            }
            let mut missing = letters.clone();
            missing.remove(3);
            let mut double = letters.clone();
            double.insert(3, letters[3]);
            let mut wrong = letters.clone();
            wrong[3] = 'q';
            let mut swapped = letters.clone();
            swapped.swap(2, 3);
            for slip in [missing, double, wrong, swapped] {
                if slip == letters {
                    continue;
                }
                let slip: String = slip.into_iter().collect();
                let mut text = words.clone();
                text[n] = &slip;
                is(&text.join(" "), &entry.text, Matched::Spelling);
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
    // The spellings that were met.
    is("IP Not Authorized", "IP Not Authorised", Matched::Spelling);
    is(
        "CLI not authorised",
        "CLI Not Authorized",
        Matched::Spelling,
    );
    is(
        "Blocked by Dialplan",
        "Blocked by Dial plan",
        Matched::Exact,
    );
    is("Cancelled", "Canceled", Matched::Spelling);
}

#[test]
fn another_word_is_another_text() {
    for (text, entry, matched) in [
        // The words in brackets decide.
        (
            "No Routes Available (Lock)",
            "No Routes Available (Lock)",
            Matched::Exact,
        ),
        (
            "No Routes Available (Lokc)",
            "No Routes Available",
            Matched::Beginning,
        ),
        (
            "No Routes Available (Pro)",
            "No Routes Available",
            Matched::Beginning,
        ),
        (
            "No Routes Available (Block)",
            "No Routes Available",
            Matched::Beginning,
        ),
        (
            "No Routes Available (Preferred)",
            "No Routes Available",
            Matched::Beginning,
        ),
        (
            "No Routes Available (Until Monday)",
            "No Routes Available",
            Matched::Beginning,
        ),
        ("No Routes Available", "No Routes Available", Matched::Exact),
        ("No Route Available", "No Route Available", Matched::Exact),
        (
            "No Route Available (Pre)",
            "No Routes Available (Pre)",
            Matched::Spelling,
        ),
        ("To (pU) User Missing", "", Matched::Exact),
        // The longest entry wins.
        ("Request Terminated", "Request Terminated", Matched::Exact),
        (
            "Request Terminated: Server at max channels",
            "Request Terminated: Server at max cps / channels",
            Matched::Exact,
        ),
        (
            "Request Terminated: Server at max memory",
            "Request Terminated: Server at max cps / channels",
            Matched::Beginning,
        ),
        (
            "Request Terminated by peer",
            "Request Terminated",
            Matched::Beginning,
        ),
        (
            "Server not accepting calls (Expired)",
            "Server not accepting calls (Paused)",
            Matched::Beginning,
        ),
        // The opposite is not a slip.
        ("IP Now Authorised", "", Matched::Exact),
        ("IP Authorised", "", Matched::Exact),
        ("LCR Available", "", Matched::Exact),
        ("Able to perform LRN", "", Matched::Exact),
        ("RTP IP Unblocked", "", Matched::Exact),
        ("Allowed by Date/Time Restriction", "", Matched::Exact),
        ("Unblocked by Dial plan", "", Matched::Exact),
        // A text goes on only where a word ends.
        ("Okapi", "", Matched::Exact),
        ("OK then", "OK", Matched::Beginning),
        ("Not Foundation", "", Matched::Exact),
        // Beginning in the middle is not beginning.
        ("The number was not found", "", Matched::Exact),
        ("Sorry: IP Not Authorised", "", Matched::Exact),
        // Three slips are too many.
        ("Unidentifed Intenal Swich", "", Matched::Exact),
        // What nobody has seen.
        ("Payment Required", "", Matched::Exact),
        ("Insufficient balance", "", Matched::Exact),
        ("PDD Timeout", "", Matched::Exact),
        ("Service Unavailable", "", Matched::Exact),
        ("503", "", Matched::Exact),
        ("", "", Matched::Exact),
        ("()/.-", "", Matched::Exact),
    ] {
        let expected = (!entry.is_empty()).then(|| (entry.to_owned(), matched));
        assert_eq!(reason(text), expected, "{text:?}");
    }
}

#[test]
fn the_longest_text_is_read_in_no_time() {
    let long = "No Routes Available ".repeat(100_000);
    assert_eq!(reason(&long).unwrap().1, Matched::Beginning);
    assert_eq!(reason(&"x".repeat(1_000_000)), None);
    assert_eq!(release(&"ping ".repeat(100_000)), None);
}

/// Only what no other software writes shows that the platform answered.
#[test]
fn common_phrases_are_no_proof_of_the_platform() {
    for common in [
        "OK",
        "Not Found",
        "Request Timeout",
        "Request Terminated",
        "Ring Timeout",
        "Canceled",
        "Proxy Authentication Required",
    ] {
        assert!(known().reason(common).is_some(), "{common}");
        assert_eq!(known().platform_reason(common), None, "{common}");
    }
    let own = known()
        .platform_reason("no routes available (PRE)")
        .unwrap();
    assert_eq!(own.entry.parties, [Party::Configuration]);
}

#[test]
fn text_first_code_second() {
    let said = |text: &str, code| match known().refused(text, code) {
        Some(Refused::Text(found)) => found.entry.text.clone(),
        Some(Refused::Code(found)) => found.code.to_string(),
        None => "unknown".to_owned(),
    };
    assert_eq!(
        said("No Routes Available (Lock)", Some(402)),
        "No Routes Available (Lock)"
    );
    assert_eq!(said("Payment Required", Some(402)), "402");
    assert_eq!(said("My own text", Some(503)), "unknown");
    assert_eq!(said("My own text", None), "unknown");
}

#[test]
fn release_reasons_are_found_in_what_the_panel_makes_of_them() {
    use End::{Downstream, Upstream};
    for (text, entry, matched, end) in [
        (
            "Downstream BYE",
            "Downstream BYE",
            Matched::Exact,
            Some(Downstream),
        ),
        (
            "Downstream BYE - Customer Disconnected",
            "Downstream BYE",
            Matched::Within,
            Some(Downstream),
        ),
        (
            "upstream bye - carrier disconnected",
            "Upstream BYE",
            Matched::Within,
            Some(Upstream),
        ),
        ("MI Termination", "MI Termination", Matched::Exact, None),
        ("Ping Timeout", "Ping Timeout", Matched::Exact, None),
        (
            "Caller Ping Timeout",
            "Ping Timeout",
            Matched::Within,
            Some(Downstream),
        ),
        (
            "Callee Ping Timeout",
            "Ping Timeout",
            Matched::Within,
            Some(Upstream),
        ),
        (
            "ReINVITE Ping Timeout",
            "ReINVITE Ping Timeout",
            Matched::Exact,
            None,
        ),
        (
            "Re-INVITE Ping Timeout",
            "ReINVITE Ping Timeout",
            Matched::Exact,
            None,
        ),
        (
            "Re-INVITE Ping Timeout (Upstream)",
            "ReINVITE Ping Timeout",
            Matched::Within,
            Some(Upstream),
        ),
        (
            "Caller ReINVITE Ping Timeout",
            "ReINVITE Ping Timeout",
            Matched::Within,
            Some(Downstream),
        ),
        (
            "Callee ReINVITE Ping Timeout",
            "ReINVITE Ping Timeout",
            Matched::Within,
            Some(Upstream),
        ),
        // It names both, so it names neither.
        (
            "Ping Timeout of caller and callee",
            "Ping Timeout",
            Matched::Within,
            None,
        ),
        ("Lifetime Timeout", "Lifetime Timeout", Matched::Exact, None),
        ("RTP Timeout", "RTP Timeout", Matched::Exact, None),
        ("MI Timeout", "MI Timeout", Matched::Exact, None),
        ("RTPProxy Timeout", "RTPProxy Timeout", Matched::Exact, None),
        (
            "SIP Race Condition",
            "SIP Race Condition",
            Matched::Exact,
            None,
        ),
        ("Cancelled", "Cancelled", Matched::Exact, Some(Downstream)),
        ("Normal Clearing", "Normal Clearing", Matched::Exact, None),
        ("Busy", "Busy", Matched::Exact, None),
        ("Failed", "Failed", Matched::Exact, None),
    ] {
        assert_eq!(
            release(text),
            Some((entry.to_owned(), matched, end)),
            "{text}"
        );
    }
    for unknown in [
        "",
        "BYE",
        "Timeout",
        // Not by spelling: the middle of a sentence gives too much room for that.
        "Upstreem BYE",
        "Slipping Timeout",
        "Busy everywhere",
        "Call Failed",
    ] {
        assert_eq!(release(unknown), None, "{unknown}");
    }
}

/// Upstream is the carrier's side only where the call is outbound.
#[test]
fn who_released_turns_with_the_direction() {
    let parties = |text: &str, direction| of_release(&known().release(text).unwrap(), direction);
    use Direction::{Inbound, OneLeg, Outbound};
    assert_eq!(parties("Downstream BYE", Outbound), [Party::Customer]);
    assert_eq!(parties("Downstream BYE", Inbound), [Party::Carrier]);
    assert_eq!(
        parties("Upstream BYE", Outbound),
        [Party::Carrier, Party::FarEnd]
    );
    assert_eq!(parties("Upstream BYE", Inbound), [Party::Customer]);
    assert_eq!(parties("Upstream BYE", OneLeg), [Party::FarEnd]);
    assert_eq!(parties("Caller Ping Timeout", Inbound), [Party::Carrier]);
    assert_eq!(
        parties("Ping Timeout", Outbound),
        [Party::Customer, Party::Carrier]
    );
    assert_eq!(
        parties("Ping Timeout", Inbound),
        [Party::Carrier, Party::Customer]
    );
    assert_eq!(
        parties("MI Termination", Inbound),
        [Party::Carrier, Party::Configuration]
    );
    let kept = [
        Party::Platform,
        Party::Nobody,
        Party::Undecided,
        Party::Network,
    ];
    assert_eq!(turned(&kept, Inbound), kept);
}

#[test]
fn every_entry_is_whole() {
    let known: &Knowledge = known();
    let is_sentence =
        |text: &str| text.ends_with(['.', '?']) && !text.starts_with(char::is_lowercase);
    let reasons = known
        .reasons()
        .flat_map(|it| it.next.iter().chain([&it.meaning]));
    let codes = known
        .platform_codes()
        .flat_map(|it| it.next.iter().chain([&it.meaning]));
    let releases = known
        .releases()
        .flat_map(|it| it.next.iter().chain([&it.meaning]));
    let fail_overs = known
        .fail_overs()
        .flat_map(|it| it.next.iter().chain([&it.meaning]));
    let lifetimes = known
        .lifetimes()
        .flat_map(|it| it.next.iter().chain([&it.cause, &it.proof]));
    let symptoms = known
        .symptoms()
        .flat_map(|it| it.next.iter().chain([&it.evidence]));
    let timers = known.timers().map(|it| &it.note);
    let pictures = known.pictures().map(|it| &it.stage);
    let all = reasons.chain(codes).chain(releases).chain(fail_overs);
    let all: Vec<&String> = all
        .chain(lifetimes)
        .chain(symptoms)
        .chain(timers)
        .chain(pictures)
        .collect();
    assert!(all.len() > 300, "{}", all.len());
    for text in all {
        assert!(is_sentence(text), "{text}");
    }
    assert!(known.reasons().all(|it| !it.source.is_empty()));
    assert!(known.waits().all(|it| it.seconds >= 60));
}
