//! The beginning of foreign text, fit to be shown in an error: no numbers, no digests, no tokens, no
//! control characters. Hides rather too much than too little.

/// So many characters are enough to recognise an answer by.
const LONGEST: usize = 200;

/// A run of digits is a number that belongs to somebody from this length on. An HTTP status and a
/// SIP code are shorter.
const LONGEST_PLAIN_NUMBER: usize = 4;

/// Words of this length with a digit in them are ids or tokens.
const SHORTEST_TOKEN: usize = 8;

/// Words of this length are tokens whatever they are made of.
const LONGEST_WORD: usize = 24;

/// Words after which a secret follows.
const BEFORE_SECRETS: [&str; 14] = [
    "authorization",
    "proxy-authorization",
    "bearer",
    "basic",
    "digest",
    "token",
    "password",
    "passwd",
    "secret",
    "response",
    "cnonce",
    "nonce",
    "key",
    "cookie",
];

/// The first 200 characters of a text on one line, with everything hidden that may be a number, a
/// digest, a token or a password.
#[must_use]
pub fn redacted(text: &str) -> String {
    let start: String = text
        .trim()
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let is_cut = text.trim().chars().nth(LONGEST).is_some();
    let mut out = without_tokens(&without_numbers(&start));
    if is_cut {
        out.push('…');
    }
    out
}

/// Digits with the separators that people write numbers with.
fn is_of_number(c: char) -> bool {
    c.is_numeric() || " ()-./:+".contains(c)
}

fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let close = |run: &mut String, out: &mut String| {
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        let is_number = digits >= LONGEST_PLAIN_NUMBER;
        let shown = run
            .chars()
            .map(|c| if is_number && c.is_numeric() { '#' } else { c });
        out.extend(shown);
        run.clear();
    };
    for c in text.chars() {
        if is_of_number(c) {
            run.push(c);
        } else {
            close(&mut run, &mut out);
            out.push(c);
        }
    }
    close(&mut run, &mut out);
    out
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || "_+=~%#-".contains(c)
}

fn without_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut hide_next = false;
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = split_while(rest, is_of_word);
        let (between, after) = split_while(after, |c| !is_of_word(c));
        rest = after;
        if !word.is_empty() {
            // `response=0a4f` is one word with its secret in it.
            let name = word.split('=').next().unwrap_or_default();
            let name = name.trim_matches(['_', '-']).to_ascii_lowercase();
            let announces = BEFORE_SECRETS.iter().any(|it| name.ends_with(it));
            let has_value = word.len() > name.len() + 1;
            let is_token = word.chars().count() >= LONGEST_WORD
                || (word.chars().count() >= SHORTEST_TOKEN
                    && word.chars().any(|c| c.is_numeric() || c == '#'));
            if hide_next || is_token || (announces && has_value) {
                out.push_str("[hidden]");
            } else {
                out.push_str(word);
            }
            hide_next = announces && !(has_value && word.contains('='));
        }
        out.push_str(between);
    }
    out
}

fn split_while(text: &str, is_in: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is_in(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
