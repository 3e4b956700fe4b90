//! What a bad answer says in words, made fit to be shown: the error text of a body, cleaned, cut,
//! without credentials and with its numbers masked. Judges nothing.

use jiff::civil::Date;
use serde_json::Value;

use crate::sip::redact::without_digests;

/// Enough to understand an error by.
const LONGEST: usize = 200;

/// From this many digits on it is somebody's number.
const NUMBER: usize = 7;

/// What people write between the digits of a number.
const SEPARATORS: &str = " -()";

/// The last digits that stay, to tell two numbers apart.
const LAST: usize = 3;

/// The error text of a body, if it has one: the `error` or `message` of JSON, or plain text. A page
/// for people (HTML) says nothing more than its status. `whole` says whether this is all of the
/// body; `secrets` are blanked wherever they stand.
pub(super) fn said<'a>(
    body: &[u8],
    whole: bool,
    secrets: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // A secret that the cut went through would not be found.
    let text = if whole {
        text
    } else {
        text.rsplit_once(char::is_whitespace)?.0
    };
    let text = match serde_json::from_str(text) {
        Ok(json) => in_json(&json)?,
        Err(_) if text.starts_with('<') => return None,
        Err(_) => text.to_owned(),
    };
    let mut text = cleaned(&text);
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "(hidden)");
    }
    let words: Vec<_> = text.split(' ').map(hidden_token).collect();
    let text = without_digests(&words.join(" "));
    let text = cut(&masked(&text));
    (!text.is_empty()).then_some(text)
}

fn in_json(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => ["error", "message"]
            .iter()
            .filter_map(|key| object.get(*key))
            .find_map(in_json),
        _ => None,
    }
}

/// One line of visible text.
pub(super) fn cleaned(text: &str) -> String {
    let blanked: String = text
        .chars()
        .filter(|c| !turns_or_hides(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters without width, and those that turn the direction of writing.
fn turns_or_hides(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Hides what looks like a JSON Web Token (RFC 7519), whosever it is: they begin with `{"` in base64.
fn hidden_token(word: &str) -> String {
    match word.find("eyJ") {
        Some(at) => format!("{}(hidden)", word.get(..at).unwrap_or_default()),
        None => word.to_owned(),
    }
}

/// Masks telephone numbers, and whatever else has as many digits in a row, also with what people write between them.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars() {
        let goes_on = c.is_ascii_digit() || (!run.is_empty() && SEPARATORS.contains(c));
        if goes_on {
            run.push(c);
            continue;
        }
        end_of_run(&mut out, &mut run);
        out.push(c);
    }
    end_of_run(&mut out, &mut run);
    out
}

/// Closes a run of digits: masked where it is a number, as it is where it is short. A date before it is none of it.
fn end_of_run(out: &mut String, run: &mut String) {
    let is_date = |it: &&str| it.parse::<Date>().is_ok();
    let date = run.get(..10).filter(is_date).unwrap_or_default();
    let rest = run.get(date.len()..).unwrap_or_default();
    let is_between = |c| SEPARATORS.contains(c);
    let digits: Vec<char> = rest.chars().filter(char::is_ascii_digit).collect();
    out.push_str(date);
    if digits.len() < NUMBER {
        out.push_str(rest);
    } else {
        out.extend(rest.chars().take_while(|c| is_between(*c)));
        out.push_str("...");
        out.extend(digits.iter().skip(digits.len().saturating_sub(LAST)));
        let number = rest.trim_end_matches(is_between);
        out.push_str(rest.get(number.len()..).unwrap_or_default());
    }
    run.clear();
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept}…")
}
