//! Scanners, floods, enumeration, guessed passwords.

use calltriage::diagnosis::patterns::Entry;

use super::{answered, found, refused, registration};

fn shut_out(number: usize) -> Entry {
    Entry {
        stopped_here: true,
        code: Some(401),
        refusal: Some(401),
        carrier: None,
        customer: None,
        ..refused(number, number as i64)
    }
}

#[test]
fn scanner_by_the_numbers_it_calls() {
    insta::assert_debug_snapshot!(found("scanner", (0..10).map(shut_out)), @r#"
    [
        "10 (nobody>configuration possible, warning) 198.51.100.10 called 10 numbers, and the platform let none of these calls in. An unknown source: a stranger who scans, or a new interconnect that is not set up yet.",
    ]
    "#);
    assert_eq!(found("scanner", (0..9).map(shut_out)), [""; 0]);
    // One call that was let in, and it is somebody we know.
    let known = (0..10).map(shut_out).chain([answered(11, 60)]);
    assert_eq!(found("scanner", known), [""; 0]);
}

#[test]
fn scanner_by_its_name() {
    let tool = |number| Entry {
        agent: Some("friendly-scanner".to_owned()),
        ..shut_out(number)
    };
    insta::assert_debug_snapshot!(found("scanner", (0..3).map(tool)), @r#"
    [
        "3 (nobody>configuration likely, warning) 198.51.100.10 sent 3 requests as \"friendly-scanner\", and none got through. That is a tool which strangers look for open platforms with.",
    ]
    "#);
    assert_eq!(
        found("scanner", (0..2).map(tool)),
        [""; 0],
        "never from one packet"
    );
}

#[test]
fn request_flood() {
    let within = |count: usize| (0..count).map(|number| answered(number, 7));
    insta::assert_debug_snapshot!(found("request-flood", within(51)), @r#"
    [
        "51 (undecided>configuration possible, warning) 198.51.100.10 began 51 calls, registrations or keep-alives within a second. An attack, or a dialler that sends everything at once.",
    ]
    "#);
    assert_eq!(found("request-flood", within(50)), [""; 0]);
    assert!(found("request-flood", within(501))[0].contains(", error)"));
    // As many, but a second apart.
    let slow = (0..200).map(|number| answered(number, number as i64));
    assert_eq!(found("request-flood", slow), [""; 0]);
}

/// The same from another source.
fn other(entries: impl Iterator<Item = Entry>) -> impl Iterator<Item = Entry> {
    entries.map(|it| Entry {
        source: Some([203, 0, 113, 77].into()),
        ..it
    })
}

#[test]
fn registrations_that_all_pass_are_no_attack() {
    let accepted = (0..60).map(|number| Entry {
        code: Some(200),
        answered: true,
        ..registration(number, 7, &format!("10{number:02}"), 0)
    });
    insta::assert_debug_snapshot!(found("request-flood", accepted), @r#"
    [
        "60 (undecided>configuration possible, warning) 198.51.100.10 began 60 calls, registrations or keep-alives within a second. All are registrations, and all were accepted: its users register again at once, as after an outage or a restart.",
    ]
    "#);
}

#[test]
fn user_enumeration() {
    let probes =
        |count: usize| (0..count).map(|n| registration(n, n as i64, &format!("10{n:02}"), 0));
    // The last of them was watched for as long as its challenge may be answered.
    let watched = || [answered(99, 60)].into_iter();
    let probed = |count: usize| found("user-enumeration", probes(count).chain(other(watched())));
    insta::assert_debug_snapshot!(probed(10), @r#"
    [
        "10 (nobody>configuration likely, warning) 198.51.100.10 tried 10 users, and none of them let it in. Somebody finds out which users there are.",
    ]
    "#);
    assert_eq!(probed(9), [""; 0]);
    // A challenge that was only just made is no refusal.
    assert_eq!(found("user-enumeration", probes(12)), [""; 0]);
    // A customer is asked, not shut out.
    let customers = probes(10).map(|it| Entry {
        customer: Some("Acme".to_owned()),
        ..it
    });
    insta::assert_debug_snapshot!(found("user-enumeration", customers.chain(other(watched()))), @r#"
    [
        "10 (undecided>configuration possible, warning) 198.51.100.10 tried 10 users, and none of them let it in. A device with many users that has no, or wrong, credentials, or somebody behind it who finds out which users there are.",
    ]
    "#);
    // A gateway whose users register: one of them is let in.
    let mut gateway: Vec<Entry> = probes(10).collect();
    gateway[3].code = Some(200);
    gateway[3].answered = true;
    assert_eq!(found("user-enumeration", gateway), [""; 0]);
}

#[test]
fn password_guessing() {
    let guesses = |count: usize| (0..count).map(|n| registration(n, n as i64, "shop", 1));
    insta::assert_debug_snapshot!(found("password-guessing", guesses(10)), @r#"
    [
        "10 (undecided>configuration possible, warning) 198.51.100.10 was refused 10 times as user \"shop\"; it was never let in. Somebody guesses, or a device has an old password and does not stop.",
    ]
    "#);
    assert_eq!(found("password-guessing", guesses(9)), [""; 0]);
    let accepted = |number, second| Entry {
        code: Some(200),
        answered: true,
        user: Some("shop".to_owned()),
        ..registration(number, second, "shop", 0)
    };
    let got_in = guesses(10).chain([accepted(11, 60)]);
    insta::assert_debug_snapshot!(found("password-guessing", got_in), @r#"
    [
        "10 (undecided>configuration possible, error) 198.51.100.10 was refused 10 times as user \"shop\"; then it was let in. A password was guessed, or its owner found it again.",
    ]
    "#);
    // The password of a device that was in before has been changed.
    let changed = std::iter::once(accepted(99, -60)).chain(guesses(10));
    assert_eq!(found("password-guessing", changed), [""; 0]);
}
