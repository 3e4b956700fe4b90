//! Phone numbers in any writing, over one word or several. Short digits (an extension? the end of
//! a number?) are left to the caller to ask about.

use jiff::civil::Date;

use super::plan::{self, Fit};
use super::term::{self, Number};
use super::words::Word;

/// Fewer digits than this are an extension or the end of a number: ask.
pub(super) const MIN_DIGITS: usize = 6;
/// E.164: a number has at most fifteen digits.
pub(super) const MAX_DIGITS: usize = 15;

/// A number at the beginning of the words, and how many of them it takes: as many as still fit the
/// numbering plan, else as many as look like one number.
pub(super) fn read(words: &[Word], home: Option<&str>) -> Option<(Number, usize)> {
    let mut best: Option<(Number, usize, Option<Fit>)> = None;
    let mut typed = String::new();
    for (count, word) in (1..).zip(words) {
        let group = layout(word);
        if !is_group(group) {
            break;
        }
        if count > 1 {
            let other = term::of_word(word).is_some() || group.parse::<Date>().is_ok();
            if other || starts_number(group) || digits_of(&typed).len() >= 10 {
                break;
            }
            typed.push(' ');
        }
        let two_tails =
            digits_of(&typed).len() >= MIN_DIGITS && digits_of(group).len() >= MIN_DIGITS;
        typed.push_str(group);
        let Some((number, fit)) = understand(&typed, home) else {
            continue;
        };
        let better = match &best {
            None => true,
            Some((_, _, had)) => fit.is_some() || (had.is_none() && !two_tails),
        };
        if better {
            best = Some((number, count, fit));
        }
    }
    best.map(|(number, count, _)| (number, count))
}

/// A word as people lay numbers out: unlike elsewhere, brackets around all of it belong to it.
fn layout(word: &Word) -> &str {
    let outside = |c: char| !c.is_alphanumeric() && !"+()#*".contains(c);
    let kept = word.raw.trim_matches(outside);
    if kept.matches('(').count() == kept.matches(')').count() {
        kept
    } else {
        &word.typed
    }
}

/// One word or URI part as a number, without a home country.
pub(super) fn digits_only(typed: &str) -> Option<Number> {
    understand(typed, None)
        .map(|(number, _)| number)
        .or_else(|| short(typed))
}

/// Digits of any length as the end of a number.
pub(super) fn short(typed: &str) -> Option<Number> {
    let (tech_prefix, rest) = split_tech_prefix(typed);
    let digits = digits_of(rest);
    (!digits.is_empty() && is_group(typed)).then(|| Number {
        digits,
        calling_code: None,
        tech_prefix,
        as_typed: typed.to_owned(),
    })
}

/// Digits that read as a foreign and as a national number alike, both existing.
pub(super) fn other_reading(number: &Number, home: Option<&str>) -> Option<Number> {
    let typed = &number.as_typed;
    let bare = number.tech_prefix.is_none() && typed.bytes().all(|b| b.is_ascii_digit());
    if !bare || typed.starts_with('0') {
        return None;
    }
    let abroad = plan::international_fit(typed) == Some(Fit::Valid);
    (home.is_some() && abroad && number.digits != *typed).then(|| Number {
        digits: typed.clone(),
        calling_code: plan::calling_code(typed),
        tech_prefix: None,
        as_typed: typed.clone(),
    })
}

/// Whether a word can be part of a number: digits and the characters people lay them out with.
fn is_group(typed: &str) -> bool {
    typed.bytes().any(|b| b.is_ascii_digit())
        && typed
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.()#*".contains(&b))
        && !typed.get(1..).unwrap_or("").contains('+')
        || plus_inside(typed)
}

/// A tech prefix may stand before a `+`, as in `#9+441632960123`.
fn plus_inside(typed: &str) -> bool {
    let (prefix, digits) = typed.split_once('+').unwrap_or_default();
    !prefix.is_empty()
        && !digits.is_empty()
        && prefix
            .bytes()
            .all(|b| b.is_ascii_digit() || b"#*".contains(&b))
        && digits.bytes().all(|b| b.is_ascii_digit())
}

fn starts_number(typed: &str) -> bool {
    typed.contains(['+', '#', '*'])
}

/// What the digits mean, and how well that fits the numbering plan.
fn understand(typed: &str, home: Option<&str>) -> Option<(Number, Option<Fit>)> {
    let (tech_prefix, rest) = split_tech_prefix(typed);
    // "+44 (0)1632": the zero is for callers inside the country.
    let marked = rest.trim_start_matches('(').starts_with('+');
    let rest = if marked {
        rest.replace("(0)", "")
    } else {
        rest.to_owned()
    };
    let digits = digits_of(&rest);
    if digits.len() < MIN_DIGITS {
        return None;
    }
    let number = |digits: String, calling_code, tech_prefix| Number {
        digits,
        calling_code,
        tech_prefix,
        as_typed: typed.to_owned(),
    };
    // Behind a tech prefix a country's own way of dialling shows only by its zero.
    let home = home.filter(|_| tech_prefix.is_none() || digits.starts_with('0'));
    if let Some((digits, fit)) = e164(&digits, marked, home) {
        let code = plan::calling_code(&digits);
        return Some((number(digits, code, tech_prefix), fit));
    }
    if let Some((prefix, digits, fit)) = glued_tech_prefix(tech_prefix.as_deref(), &digits) {
        let code = plan::calling_code(digits);
        return Some((number(digits.to_owned(), code, Some(prefix)), Some(fit)));
    }
    (digits.len() <= MAX_DIGITS).then(|| (number(digits, None, tech_prefix), None))
}

/// The digits in E.164 when the country is known; a `+` settles that by itself.
fn e164(digits: &str, marked: bool, home: Option<&str>) -> Option<(String, Option<Fit>)> {
    let dialled = digits
        .strip_prefix("00")
        .map(|rest| rest.trim_start_matches('0'));
    if marked || dialled.is_some() {
        let digits = dialled.unwrap_or(digits);
        let known = plan::calling_code(digits).is_some();
        let sized = (MIN_DIGITS + 1..=MAX_DIGITS).contains(&digits.len());
        return (known && sized).then(|| (digits.to_owned(), plan::international_fit(digits)));
    }
    let national = home.and_then(|home| plan::national(digits, home));
    let abroad = plan::international_fit(digits).filter(|_| digits.len() >= 10);
    match (national, abroad) {
        (Some((digits, Fit::Valid)), _) => Some((digits, Some(Fit::Valid))),
        (Some((full, fit)), _) if digits.starts_with('0') => Some((full, Some(fit))),
        (_, Some(Fit::Valid)) => Some((digits.to_owned(), Some(Fit::Valid))),
        // Possible is a weak word for ten digits, which many countries write without a prefix.
        (_, Some(Fit::Possible)) if digits.len() > 10 => {
            Some((digits.to_owned(), Some(Fit::Possible)))
        }
        // 011 is how North America dials abroad; elsewhere it may begin an area code.
        _ => {
            let abroad = digits.strip_prefix("011")?;
            let fit = plan::international_fit(abroad).filter(|_| abroad.len() > 7)?;
            Some((abroad.to_owned(), Some(fit)))
        }
    }
}

/// `#9441632960123`: nothing shows where the prefix ends but the number that is left.
fn glued_tech_prefix<'a>(prefix: Option<&str>, digits: &'a str) -> Option<(String, &'a str, Fit)> {
    let prefix = prefix?;
    (1..=4).find_map(|length| {
        let (more, rest) = digits.split_at_checked(length)?;
        let fit = plan::international_fit(rest).filter(|_| rest.len() > 9)?;
        Some((format!("{prefix}{more}"), rest, fit))
    })
}

/// What stands before the last `#` or `*`, or before an inner `+`.
fn split_tech_prefix(typed: &str) -> (Option<String>, &str) {
    let end = typed.rfind(['#', '*']).map(|at| at + 1);
    let end = typed
        .rfind('+')
        .filter(|at| *at > 0 && plus_inside(typed))
        .or(end);
    match end.and_then(|end| typed.split_at_checked(end)) {
        Some((prefix, rest)) if !rest.is_empty() => {
            let dialled = |c: &char| c.is_ascii_digit() || "#*".contains(*c);
            (Some(prefix.chars().filter(dialled).collect()), rest)
        }
        _ => (None, typed),
    }
}

fn digits_of(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_digit).collect()
}
