//! What a server says in words: whether the text of an answer blames the address that asks, its
//! account or its credentials. Reads texts alone; who is right is not its to say.

use crate::sip::{Name, Signal};

/// Whether the answer says that the address which asked is not let in.
pub fn blames_source(answer: &Signal) -> bool {
    let words = words(answer);
    let denied = has_start(
        &words,
        &[
            "unauthor",
            "unknown",
            "denied",
            "deny",
            "forbid",
            "block",
            "reject",
            "unident",
            "unrecogni",
            "untrust",
            "invalid",
            "disallow",
        ],
    ) || (has_word(&words, &["not"])
        && has_start(
            &words,
            &[
                "auth", "allow", "permit", "recogn", "known", "trust", "valid", "listed", "accept",
            ],
        ));
    !has_word(&words, ABOUT_ELSE)
        && (has_word(&words, &["acl", "whitelist", "allowlist"])
            || (denied && has_word(&words, &["ip", "source", "src"])))
}

/// Whether the answer says that the account which asks is not known. A 404 with these words is
/// about the called user.
pub fn blames_account(answer: &Signal) -> bool {
    let words = words(answer);
    matches!(answer.message().code(), Some(401 | 403 | 407 | 503))
        && words.windows(2).any(|pair| pair == ["unknown", "user"])
        && !has_word(&words, ABOUT_ELSE)
}

/// Whether the answer says that the credentials are wrong.
pub fn blames_credentials(answer: &Signal) -> bool {
    let words = words(answer);
    let named = has_word(&words, &["password", "credentials", "credential", "digest"]);
    let auth = has_word(&words, &["auth", "authentication"])
        && (has_word(&words, &["bad", "wrong", "id", "username"])
            || has_start(&words, &["fail", "invalid", "incorrect"]));
    match answer.message().code() {
        Some(400..=499) => named || auth || blames_account(answer),
        _ => blames_account(answer),
    }
}

/// Whether the answer speaks of something else than who asks.
pub fn is_about_else(answer: &Signal) -> bool {
    has_word(&words(answer), ABOUT_ELSE)
}

/// Whether the answer says nothing that its code does not say: `Forbidden`, or not a word.
pub fn is_mute(answer: &Signal) -> bool {
    words(answer).iter().all(|word| word == "forbidden")
}

/// Words that show that a refusal is about something else than who asks.
const ABOUT_ELSE: &[&str] = &[
    "rtp",
    "media",
    "cli",
    "ani",
    "number",
    "caller",
    "callerid",
    "destination",
    "dest",
    "prefix",
    "codec",
    "called",
    "balance",
    "credit",
    "channel",
    "channels",
    "cps",
    "method",
];

/// The words of an answer: reason phrase, Warning and Reason texts, in lower case.
fn words(answer: &Signal) -> Vec<String> {
    let message = answer.message();
    let mut text = message.reason_phrase().to_owned();
    for warning in message.headers(Name::Warning) {
        // The quoted text alone: before it stand a code and the name of the host.
        text.push(' ');
        text.push_str(warning.split_once('"').map_or("", |(_, text)| text));
    }
    for reason in message.reasons() {
        text.push(' ');
        text.push_str(&reason.text);
    }
    text.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn has_word(words: &[String], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(&word.as_str()))
}

fn has_start(words: &[String], any: &[&str]) -> bool {
    words
        .iter()
        .any(|word| any.iter().any(|start| word.starts_with(start)))
}
