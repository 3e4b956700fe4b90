//! Calls to users whose registration had run out.

use calltriage::diagnosis::patterns::Entry;
use jiff::SignedDuration;

use super::{found, refused, registration};

/// A registration of alice at a second, for so many seconds.
fn registered(second: i64, seconds: i64) -> Entry {
    Entry {
        code: Some(200),
        answered: true,
        registered_for: Some(SignedDuration::from_secs(seconds)),
        ..registration(900 + second as usize, second, "alice", 0)
    }
}

fn call(second: i64, code: u16) -> Entry {
    Entry {
        called: "alice".to_owned(),
        code: Some(code),
        refusal: Some(code),
        ..refused(second as usize, second)
    }
}

#[test]
fn registration_expired() {
    let all = [registered(0, 300), call(400, 480), call(500, 404)];
    insta::assert_debug_snapshot!(found("registration-expired", all), @r#"
    [
        "2 (customer equipment>customer equipment likely, error) alice was called twice and not reached, first 100.0 s after its registration had run out. Its device had not registered again by then.",
    ]
    "#);
    let none = |all: Vec<Entry>| assert_eq!(found("registration-expired", all), [""; 0]);
    // It still held; it was renewed; another code; it is not known how long, or that, the user was registered.
    none(vec![registered(0, 300), call(299, 480)]);
    none(vec![
        registered(0, 300),
        registered(250, 300),
        call(400, 480),
    ]);
    none(vec![registered(0, 300), call(400, 486)]);
    none(vec![call(400, 480)]);
    let unsaid = Entry {
        registered_for: None,
        ..registered(200, 0)
    };
    none(vec![registered(0, 300), unsaid, call(400, 480)]);
    // Taken back.
    let removed = [registered(0, 0), call(60, 480)];
    assert_eq!(found("registration-expired", removed).len(), 1);
}
