//! What digits among the words mean: a number, a destination, a code, or the end of a number. Asks where it
//! may be several.

use super::{MAX_ASKED, Reader};
use crate::call::codes::{self, code};
use crate::call::doubt::{Answer, Doubt};
use crate::call::words::{self, Word};
use crate::call::{Number, Term, countries, destination, numbers, plan, term, times};

impl Reader<'_> {
    pub(super) fn destination(&mut self, rest: &[Word], before: &str) -> Option<usize> {
        let led = ["to", "towards", "destination", "country", "calling", "into"].contains(&before);
        let home = self.context.home_country.as_deref();
        let (destination, used) = destination::read(rest, led, home)?;
        self.towards(destination);
        Some(used)
    }

    /// `+44` with nothing behind it that would make a number of it.
    pub(super) fn calling_code(&mut self, rest: &[Word]) -> Option<usize> {
        let typed = &rest.first()?.typed;
        self.towards(destination::prefix(typed).filter(|_| typed.starts_with('+'))?);
        Some(1)
    }

    /// "to 44", "calls to 353 with 503": a calling code stands for all numbers behind it, unless
    /// it counts something ("to 30 phones") or ends a stretch ("from 20 to 30").
    pub(super) fn calling_code_led(
        &mut self,
        rest: &[Word],
        before: &str,
        earlier: &str,
    ) -> Option<usize> {
        const CALLS: &[&str] = &["call", "calls", "calling", ""];
        let digits = rest.first()?.plain.as_str();
        let next = rest.get(1).map_or("", |word| word.plain.as_str());
        let figures = earlier.bytes().any(|b| b.is_ascii_digit());
        let stretch = figures || ["up", "down", "close", "next", "due"].contains(&earlier);
        let ends = [
            "", "with", "since", "from", "via", "for", "and", "or", "fail", "in", "are",
        ];
        let clear = CALLS.contains(&earlier) || ends.contains(&next) || code(next).is_some();
        let led = ["to", "towards"].contains(&before) && !stretch && clear;
        let exact = digits.len() > 1
            && plan::calling_code(digits).map(|c| c.to_string()).as_deref() == Some(digits);
        self.towards(destination::short_prefix(digits).filter(|_| led && exact)?);
        Some(1)
    }

    /// `5xx`: the scope holds single codes only.
    pub(super) fn class_of_codes(&mut self, rest: &[Word]) -> Option<usize> {
        let plain = rest.first()?.plain.as_str();
        let class = plain.rsplit([':', '=']).next().unwrap_or(plain);
        if !codes::is_class(class) {
            return None;
        }
        let note = format!(
            "{class} is a class of codes and was left out: only a single code can be searched for"
        );
        self.query.note(note);
        Some(1)
    }

    pub(super) fn number(&mut self, rest: &[Word], before: &str) -> Option<usize> {
        let home = self.context.home_country.as_deref();
        let (number, used) = numbers::read(rest, home)?;
        if number.calling_code.is_none() && is_prefix_led(rest, used, before) {
            // "to 447700", "to 4477 503": `digits` asks.
            return None;
        }
        let codes = rest.iter().take(used);
        let codes = codes.filter(|word| code(&word.plain).is_some_and(|code| code >= 300));
        if used > 1 && number.calling_code.is_none() && codes.count() == used && !is_dialled(before)
        {
            // "408 486" are two codes: `digits` takes one after the other.
            return None;
        }
        if let Some(other) = numbers::other_reading(&number, home) {
            self.doubts.push(Doubt {
                asked: format!(
                    "Is {} the number +{} or +{}?",
                    number.as_typed, number.digits, other.digits
                ),
                answers: [number, other]
                    .map(|n| (with_country(&n), Answer::Term(Term::Number(n))))
                    .into(),
                alone: None,
            });
            return Some(used);
        }
        let typed = &number.as_typed;
        if let Some(moment) = times::epoch(typed, self.context.now)
            && plan::international_fit(typed).is_none()
        {
            self.doubts.push(Doubt {
                asked: format!("Is {typed} a phone number or a time?"),
                answers: vec![
                    (
                        format!("Number {typed}"),
                        Answer::Term(Term::Number(number.clone())),
                    ),
                    (
                        format!("Around {}", moment.strftime("%F %H:%M:%S UTC")),
                        Answer::Around(moment),
                    ),
                ],
                alone: Some(Term::Number(number)),
            });
            return Some(used);
        }
        self.query.add(Term::Number(number));
        Some(used)
    }

    /// Digits that are no number: a SIP code, an extension, the end of a number, or just a count.
    pub(super) fn digits(&mut self, rest: &[Word], before: &str, alone: bool) -> Option<usize> {
        let first = rest.first()?;
        let digits = first.plain.strip_suffix('s').unwrap_or(&first.plain);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if digits.len() > numbers::MAX_DIGITS {
            if digits.len() > MAX_ASKED {
                self.too_long(first);
                return Some(1);
            }
            self.doubts.push(Doubt {
                asked: format!("Is {digits} a Call-ID, or a number with too many digits?"),
                answers: vec![
                    (
                        "Call-ID".to_owned(),
                        Answer::Term(Term::CallId(digits.to_owned())),
                    ),
                    ("Number".to_owned(), Answer::Term(ending(digits)?)),
                ],
                alone: None,
            });
            return Some(1);
        }
        let led = is_dialled(before);
        let code = code(&first.plain).filter(|code| *code >= 300);
        if let Some(code) = code.filter(|_| !led && !alone) {
            self.scope(Answer::Code(code));
            return Some(1);
        }
        // "3 calls", "12 customers": a count, unless it is long.
        let counted = rest
            .get(1)
            .is_some_and(|next| next.plain.chars().all(char::is_alphabetic));
        if alone || led || (digits.len() >= 3 && !(counted && digits.len() == 3)) {
            let mut answers = vec![
                (
                    format!("SIP user {digits}"),
                    Answer::Term(Term::SipUser(digits.to_owned())),
                ),
                (
                    format!("Number ending in {digits}"),
                    Answer::Term(ending(digits)?),
                ),
            ];
            let mut asked = format!("Is {digits} a SIP user/extension or the end of a number?");
            if let Some(code) = code {
                answers.insert(0, (format!("SIP code {code}"), Answer::Code(code)));
                asked =
                    format!("Is {digits} a SIP code, a SIP user/extension or the end of a number?");
            }
            let towards = ["to", "towards"].contains(&before);
            if let Some(prefix) = destination::short_prefix(digits)
                .filter(|_| towards && plan::calling_code(digits).is_some())
            {
                asked = asked.replace(
                    " or the end of a number?",
                    ", the end of a number or a prefix?",
                );
                answers.push((
                    format!("Numbers beginning with +{digits}"),
                    Answer::Destination(prefix),
                ));
            }
            self.doubts.push(Doubt {
                asked,
                answers,
                alone: None,
            });
        }
        Some(1)
    }

    /// `src=203.0.113.9`, `to:441632960123`: an identifier behind a key that means nothing to us.
    pub(super) fn glued(&mut self, rest: &[Word]) -> Option<usize> {
        let (key, value) = rest.first()?.typed.split_once(['=', ':'])?;
        let named = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        let value = words::cut(value);
        let word = value.first().filter(|_| named)?;
        let home = self.context.home_country.as_deref();
        let number = || numbers::read(&value, home).map(|(number, _)| Term::Number(number));
        self.query.add(term::of_word(word).or_else(number)?);
        Some(1)
    }
}

/// Whether few digits behind "to" may begin a number, with nothing but codes behind them.
fn is_prefix_led(rest: &[Word], used: usize, before: &str) -> bool {
    let mut taken = rest.iter().take(used).map(|word| word.plain.as_str());
    let begins = taken.next().is_some_and(|first| {
        first.bytes().all(|b| b.is_ascii_digit())
            && destination::short_prefix(first).is_some()
            && plan::calling_code(first).is_some()
    });
    let is_code = |plain| code(plain).is_some_and(|code| code >= 300);
    begins && ["to", "towards"].contains(&before) && taken.all(is_code)
}

/// Whether what follows a word was dialled rather than counted.
fn is_dialled(before: &str) -> bool {
    [
        "to", "from", "call", "calls", "calling", "dial", "dialled", "dialing", "number", "for",
    ]
    .contains(&before)
}

fn ending(digits: &str) -> Option<Term> {
    numbers::short(digits).map(Term::Number)
}

/// A number with the name of its country, for a button.
fn with_country(number: &Number) -> String {
    let country = plan::country(&number.digits).and_then(|iso| countries::country_of(&iso));
    let name = country.map_or(String::new(), |country| format!(" ({})", country.name()));
    format!("+{}{name}", number.digits)
}
