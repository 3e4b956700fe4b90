//! Cuts a text into words, each kept as typed and in a plain form to compare with. Recognises nothing.

use super::keyed;

/// One word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it stands in the text.
    pub raw: String,
    /// Without the punctuation, quotes and emphasis around it; the case is kept.
    pub typed: String,
    /// Lower case, letters and digits and what belongs to times and numbers: for comparing.
    pub plain: String,
}

impl Word {
    fn new(raw: &str) -> Self {
        let typed = bare(raw);
        let plain = typed
            .trim_matches(|c: char| !c.is_alphanumeric() && !"+#*-~".contains(c))
            .chars()
            .filter(|c| *c != '\'')
            .flat_map(char::to_lowercase)
            .collect();
        Self {
            raw: raw.to_owned(),
            typed: typed.to_owned(),
            plain,
        }
    }
}

/// All words of a text. A quoted value after a key or a naming word is one word.
pub(super) fn cut(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut rest = text.trim_start_matches(is_gap);
    while !rest.is_empty() {
        let after_name = words.last().is_some_and(|word: &Word| {
            word.raw.ends_with([':', '=']) || keyed::names_next(&word.plain)
        });
        let end = end_of_word(rest, after_name);
        let (raw, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        match clock_range(raw) {
            Some((from, to)) => words.extend([from, "-", to].map(Word::new)),
            None => words.push(Word::new(raw)),
        }
        rest = tail.trim_start_matches(is_gap);
    }
    words
}

/// No identifier holds a comma.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn end_of_word(text: &str, after_name: bool) -> usize {
    let mut previous = if after_name { ':' } else { ' ' };
    let mut quoted_until = 0;
    for (at, c) in text.char_indices() {
        if at < quoted_until {
            continue;
        }
        if is_gap(c) {
            return at;
        }
        if c == '"' && (previous == ':' || previous == '=') {
            quoted_until = text
                .get(at..)
                .and_then(closing_quote)
                .map_or(0, |end| at + end);
        }
        previous = c;
    }
    text.len()
}

/// Where the string that begins a text ends, behind its closing quote.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = true; // so that the opening quote does not close
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// `09:00-10:30` is two times, not one word.
fn clock_range(word: &str) -> Option<(&str, &str)> {
    let (from, to) = word.split_once('-')?;
    let clock = |part: &str| {
        part.contains(':')
            && part
                .bytes()
                .all(|b| b.is_ascii_digit() || b":Z".contains(&b))
    };
    (clock(from) && clock(to)).then_some((from, to))
}

/// A word without the punctuation of the sentence, quotes and emphasis around it. All of these may
/// stand in a Call-ID, so brackets go only when they have no partner inside.
pub(super) fn bare(word: &str) -> &str {
    let mut word = word;
    loop {
        let before = word;
        for mark in ["```", "`", "\"", "'", "**", "__", "~~", "||", "*", "_", "~"] {
            let inner = word
                .strip_prefix(mark)
                .and_then(|rest| rest.strip_suffix(mark));
            word = inner.filter(|inner| !inner.is_empty()).unwrap_or(word);
        }
        word = word.trim_start_matches(['`', '"', '\'', ',', ';', '|', '>']);
        word = word.trim_end_matches(['`', '"', '\'', ',', ';', '|', '<', '.', '!', '?', ':', '…']);
        for (open, close) in [('<', '>'), ('(', ')'), ('[', ']'), ('{', '}')] {
            // An IPv6 address in brackets keeps them until it is read.
            let both = word
                .strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close));
            word = both
                .filter(|inner| !inner.contains(open) || open == '<')
                .unwrap_or(word);
            if !word.contains(close) {
                word = word.strip_prefix(open).unwrap_or(word);
            }
            if !word.contains(open) {
                word = word.strip_suffix(close).unwrap_or(word);
            }
        }
        if word == before {
            return word;
        }
    }
}
