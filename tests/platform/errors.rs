//! Answers that are none: each is an error that says what came instead, without anybody's numbers.

use calltriage::sources::connexcs::read::{Unreadable, call_records, error_text, redacted};

fn error(body: &[u8]) -> Unreadable {
    call_records(body).unwrap_err()
}

#[test]
fn nothing_is_empty() {
    for body in [
        "",
        " \n",
        "null",
        "\"\"",
        "[]",
        "{}",
        "{\"result\":[]}",
        "{\"data\":null}",
        "{\"data\":{\"result\":[]}}",
        "\"Record Not Found\"",
        "Record Not Found",
        "{\"error\":\"Record not found.\"}",
        "{\"message\":\"Record Not Found\"}",
        "\u{feff}[]",
    ] {
        let read = call_records(body.as_bytes()).unwrap_or_else(|it| panic!("{body}: {it}"));
        assert_eq!((read.rows.len(), read.sentence()), (0, None), "{body}");
    }
}

#[test]
fn what_came_instead_is_said() {
    let said = |body: &str| error(body.as_bytes()).to_string();
    insta::assert_snapshot!(said("<!DOCTYPE html><html><title>502 Bad Gateway</title>"), @"the platform answered with a web page instead of data; check the base URL and any proxy in between: <!DOCTYPE html><html><title>502 Bad Gateway</title>");
    insta::assert_snapshot!(said("[{\"callid\": \"a@b\", \"rou"), @"the platform's answer is cut off after 23 bytes; ask again");
    insta::assert_snapshot!(said("Access Denied"), @"the platform's answer is no JSON; check the base URL: Access Denied");
    insta::assert_snapshot!(said("\"maintenance\""), @"the platform's answer has an unexpected shape (a text): maintenance");
    insta::assert_snapshot!(said("true"), @"the platform's answer has an unexpected shape (a truth value): ");
    insta::assert_snapshot!(said("{\"hello\":{\"world\":[1]}}"), @r#"the platform's answer has an unexpected shape (an object without any field of what was asked for): {"hello":{"world":[1]}}"#);
    insta::assert_snapshot!(said("{\"error\":\"Access Denied\"}"), @"the platform refused: Access Denied");
    insta::assert_snapshot!(said("{\"data\":null,\"message\":\"No 441782454123\"}"), @"the platform refused: No [hidden]");
    let deep = "[".repeat(100_000);
    assert_eq!(error(deep.as_bytes()), Unreadable::TooDeep);
}

#[test]
fn numbers_digests_and_tokens_are_hidden() {
    let hidden = [
        "441782454123",
        "+44 1782 454-123",
        "(020) 7946 0018",
        "70634039@192.168.0.204",
        "0a4f113b",
        "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NzEyMzYwMDB9.c2lnbmF0dXJl",
        "hunter",
        "dXNlcjpwYXNzd29yZA",
        "6629fae49393a05397450978507c4ef1",
        "٤٤١٧٨٢٤٥",
    ];
    let text = format!(
        "Warning: {} {} {} {} Digest response=\"6629fae49393a05397450978507c4ef1\", \
         cnonce=0a4f113b password: {} Authorization: Basic {} token={}",
        hidden[0], hidden[1], hidden[2], hidden[9], hidden[6], hidden[7], hidden[5],
    );
    for start in [text.as_str(), &format!("{} {}", hidden[3], hidden[8])] {
        let shown = redacted(start);
        for secret in hidden {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(!shown.contains("454"), "{shown}");
    }
    assert!(redacted("502 Bad Gateway").contains("502 Bad Gateway"));
    let long = redacted(&"x\n".repeat(10_000_000));
    assert_eq!(long.chars().count(), 201);
    assert!(!long.contains('\n'));
}

#[test]
fn a_failed_request_says_what_the_platform_said() {
    let said = |body: &str| error_text(body.as_bytes());
    assert_eq!(
        said("{\"error\":\"Access Denied\"}").as_deref(),
        Some("Access Denied")
    );
    assert_eq!(
        said("{\"message\":\"Too many\"}").as_deref(),
        Some("Too many")
    );
    assert_eq!(
        said("{\"error\":{\"message\":\"Bad\"}}").as_deref(),
        Some("Bad")
    );
    assert_eq!(said("Access Denied").as_deref(), Some("Access Denied"));
    assert_eq!(said("\"Denied\"").as_deref(), Some("Denied"));
    for silent in ["", "<html>", "[]", "{}", "null", "7"] {
        assert_eq!(said(silent), None, "{silent}");
    }
}

/// Bytes that are no text cost the answer nothing, and are said.
#[test]
fn broken_characters_are_replaced() {
    for body in [
        &b"[{\"callid\":\"a@b\",\"cli\":\"x\xff\"}]"[..],
        br#"[{"callid":"a@b","cli":"x\ud83d"}]"#,
        br#"[{"callid":"a@b","cli":"x\udc00"}]"#,
    ] {
        let read = call_records(body).unwrap();
        assert_eq!(read.rows[0].from.as_deref(), Some("x\u{fffd}"));
        assert!(read.sentence().unwrap().contains("no text"));
    }
    let whole = call_records(br#"[{"callid":"\\ud83d","cli":"\ud83d\ude00"}]"#).unwrap();
    assert_eq!(whole.rows[0].call_id.as_deref(), Some("\\ud83d"));
    assert_eq!(whole.rows[0].from.as_deref(), Some("😀"));
    assert_eq!(whole.sentence(), None);
}

#[test]
fn a_huge_text_stays_text() {
    let huge = "<script>&amp;\u{7}".repeat(700_000);
    let body = serde_json::json!([{"callid": "a@b", "sip_reason": huge}]).to_string();
    let read = call_records(body.as_bytes()).unwrap();
    let row = &read.rows[0];
    // In sentences it would bury everything else; what was received is whole all the same.
    let start: String = huge.chars().take(4096).collect();
    assert_eq!(row.reason.as_deref(), Some(format!("{start}…").as_str()));
    assert_eq!(row.raw["sip_reason"], huge);
}
