//! Foreign text fit to be shown: in an error without numbers, digests, tokens and control characters, in an
//! answer without secrets. Hides rather too much than too little.

/// So many characters are enough to recognise an answer by.
const LONGEST: usize = 200;

/// So many characters of an answer whose shape nobody knows are kept.
const LONGEST_WORDS: usize = 16 * 1024;

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
    let mut out = without_tokens(&without_numbers(&start), is_token);
    if is_cut {
        out.push('…');
    }
    out
}

/// The first 16 KB of a text on one line with every secret hidden; addresses, numbers and names stay, as they
/// are what is asked for. And whether the text went on.
#[must_use]
pub fn without_secrets(text: &str) -> (String, bool) {
    let text = text.trim();
    let start: String = text
        .chars()
        .take(LONGEST_WORDS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let is_cut = text.chars().nth(LONGEST_WORDS).is_some();
    (without_tokens(&start, is_long), is_cut)
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

/// Whether a word is a token whatever it is made of.
fn is_long(word: &str) -> bool {
    word.chars().count() >= LONGEST_WORD
}

/// Whether a word may be an id or a token.
fn is_token(word: &str) -> bool {
    let has_digit = || word.chars().any(|c| c.is_numeric() || c == '#');
    is_long(word) || (word.chars().count() >= SHORTEST_TOKEN && has_digit())
}

fn without_tokens(text: &str, is_token: fn(&str) -> bool) -> String {
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
            if hide_next || is_token(word) || (announces && has_value) {
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
