//! What a person types into a report and its reader must not be told: names of others, and prices. Says which word it is
//! and why; changes no text.

use super::audience::find;
use crate::peers::{bare, is_same};
use crate::render::clean;

/// Names that are shorter are in too many sentences to be anybody's.
const SHORTEST: usize = 3;

/// So long a first word of a name stands for the whole.
const SHORTEST_FIRST: usize = 4;

/// First words of many names that reports cannot do without.
const EVERYDAY: [&str; 12] = [
    "audio", "call", "calls", "carrier", "customer", "line", "network", "number", "phone",
    "telecom", "test", "voice",
];

/// Codes of currencies, without those that are English words.
const CODES: [&str; 30] = [
    "aed", "aud", "bdt", "brl", "cad", "chf", "cny", "czk", "dkk", "egp", "eur", "gbp", "hkd",
    "huf", "idr", "ils", "inr", "jpy", "kes", "mxn", "ngn", "nok", "nzd", "pkr", "pln", "ron",
    "sek", "sgd", "usd", "zar",
];

/// Other words for money.
const MONEY: [&str; 10] = [
    "cent", "cents", "ct", "cts", "dollar", "dollars", "euro", "euros", "pence", "pounds",
];

/// Signs of currencies.
const SIGNS: [char; 9] = ['$', '€', '£', '¥', '¢', '₹', '₽', '₺', '₩'];

/// A name that a reader must not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stranger {
    /// What may not be typed, in lower case.
    word: String,
    /// Whose it is, as we call them.
    name: String,
}

/// What may not be typed of these names; `own` are those of the reader.
pub(super) fn strangers<'n>(
    own: &[&str],
    names: impl IntoIterator<Item = &'n str>,
) -> Vec<Stranger> {
    let own_words: Vec<String> = own.iter().flat_map(|it| words_of(it)).collect();
    let others = names
        .into_iter()
        .filter(|name| !own.iter().any(|own| is_same(own, name)));
    let mut strangers: Vec<Stranger> = Vec::new();
    for name in others {
        for word in words_of(name) {
            if !own_words.contains(&word) && !strangers.iter().any(|it| it.word == word) {
                let name = clean::line(name);
                strangers.push(Stranger { word, name });
            }
        }
    }
    strangers
}

/// A name without its number, and its first word where that is long enough to stand for it.
fn words_of(name: &str) -> impl Iterator<Item = String> {
    let whole = clean::line(bare(name)).to_lowercase();
    let first = whole
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let is_told = first.chars().filter(|c| c.is_alphabetic()).count() >= SHORTEST_FIRST
        && !EVERYDAY.contains(&first.as_str());
    let is_name = whole.chars().count() >= SHORTEST;
    Some(whole)
        .filter(|_| is_name)
        .into_iter()
        .chain(Some(first).filter(|_| is_told))
}

/// The first of these names in a text, with why it must not stand there.
pub(super) fn named(text: &str, strangers: &[Stranger]) -> Option<String> {
    let lowered = text.to_lowercase();
    let found = strangers
        .iter()
        .find(|it| find(&lowered, &it.word, 0).is_some())?;
    Some(format!(
        "{:?}: it names {}, who is somebody else",
        found.word, found.name
    ))
}

/// The first amount of money in a text, with why it must not stand there.
pub(super) fn priced(text: &str) -> Option<String> {
    let tokens = tokens(text);
    let amount = tokens.windows(2).find_map(|pair| match pair {
        [(Kind::Number, start, _), (Kind::Money, _, end)]
        | [(Kind::Money, start, _), (Kind::Number, _, end)] => text.get(*start..*end),
        _ => None,
    })?;
    Some(format!(
        "{amount:?}: prices are nobody's but ours and theirs who agreed on them"
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Money,
    Other,
}

/// The words, numbers and signs of a text, with where each begins and ends; blanks are none.
fn tokens(text: &str) -> Vec<(Kind, usize, usize)> {
    let mut tokens: Vec<(Kind, usize, usize)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let is_part = |c: char| match first {
            '0'..='9' => c.is_ascii_digit() || matches!(c, '.' | ','),
            c0 if c0.is_alphabetic() => c.is_alphabetic(),
            _ => false,
        };
        let whole = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let long = whole.max(first.len_utf8());
        let (token, after) = rest.split_at_checked(long).unwrap_or((rest, ""));
        let word = token.to_lowercase();
        let kind = match first {
            '0'..='9' => Kind::Number,
            sign if SIGNS.contains(&sign) => Kind::Money,
            _ if CODES.contains(&word.as_str()) || MONEY.contains(&word.as_str()) => Kind::Money,
            _ => Kind::Other,
        };
        if !first.is_whitespace() {
            let end = start + token.trim_end_matches(['.', ',']).len();
            tokens.push((kind, start, end));
        }
        rest = after;
    }
    tokens
}
