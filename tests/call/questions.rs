//! What is asked back, what is refused, and what is left out of too much.

use calltriage::call::{MAX_TERMS, Reading, parse};

use super::{check_all, context};

#[test]
fn ambiguous() {
    check_all(&[
        (
            "1001",
            "Is 1001 a SIP user/extension or the end of a number? user:1001 | digits:1001",
        ),
        (
            "503",
            "Is 503 a SIP code, a SIP user/extension or the end of a number? code:503 | user:503 | digits:503",
        ),
        (
            "calls to 1001 fail",
            "Is 1001 a SIP user/extension, the end of a number or a prefix? user:1001 symptom:does-not-connect | digits:1001 symptom:does-not-connect | prefix:1001 symptom:does-not-connect",
        ),
        (
            "jon",
            "What is jon: a SIP user, a Call-ID, a customer, a carrier or a server? user:jon | call-id:jon | customer:jon | carrier:jon | server:jon",
        ),
        (
            "jon can't register",
            "What is jon: a SIP user, a Call-ID, a customer, a carrier or a server? user:jon symptom:cannot-register | call-id:jon symptom:cannot-register | customer:jon symptom:cannot-register | carrier:jon symptom:cannot-register | server:jon symptom:cannot-register",
        ),
        (
            "#12",
            "Is #12 a customer or a carrier? customer:#12 | carrier:#12",
        ),
        (
            "Dual to Germany",
            "Is Dual meant as the customer or as the carrier? customer:Dual destination:DE | carrier:Dual destination:DE",
        ),
        (
            "12345678901234567890",
            "Is 12345678901234567890 a Call-ID, or a number with too many digits? call-id:12345678901234567890 | digits:12345678901234567890",
        ),
        (
            "203.0.113.9 1771229400",
            "Is 1771229400 a phone number or a time? 203.0.113.9 +441771229400 | 203.0.113.9 from 2026-02-16T07:55:00Z to 2026-02-16T08:25:00Z",
        ),
        ("1771229400", "+441771229400"),
    ]);
}

#[test]
fn nothing() {
    const EXAMPLE: &str = "for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.";
    let empty = format!("Say which call to look for, {EXAMPLE}");
    let useless = format!(
        "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that, {EXAMPLE}"
    );
    let which = format!(
        "That says what happened or when, but not to which calls: add a Call-ID, a number, an address, a customer, a carrier or a destination, {EXAMPLE}"
    );
    check_all(&[
        ("", &empty),
        (" \n\t", &empty),
        ("hello", &useless),
        ("why is it so slow today", &which),
        ("calls fail since 2h", &which),
        ("one-way audio", &which),
        ("?!", &useless),
    ]);
}

#[test]
fn too_much() {
    let ids: Vec<String> = (0..110).map(|i| format!("{i}@192.0.2.1")).collect();
    let Reading::Query(query) = parse(&ids.join(" "), &context()) else {
        panic!("not a query");
    };
    assert_eq!(query.terms.len(), MAX_TERMS);
    assert_eq!(query.notes, ["10 more were left out: at most 100 at once"]);

    let long = format!(
        "70634039@192.168.0.204 {}1764424037@192.168.0.204",
        "so ".repeat(5325)
    );
    let Reading::Query(query) = parse(&long, &context()) else {
        panic!("not a query");
    };
    assert_eq!(query.to_string(), "70634039@192.168.0.204");
    assert_eq!(query.notes, ["only the first 16000 characters were read"]);
}
