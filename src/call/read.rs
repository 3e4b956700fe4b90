//! The reading itself: goes through the words once and lets each kind of thing be tried in a fixed
//! order, the unmistakable first. What stays open becomes a question.

use std::net::IpAddr;

use super::codes::{self, code};
use super::doubt::{Answer, Doubt};
use super::keyed::{self, Key};
use super::names::{self, Known};
use super::scope::Direction;
use super::times::Expression;
use super::words::{self, Word};
use super::{
    CallQuery, Context, Destination, Expected, Number, Reading, Term, countries, days, destination,
    durations, markup, numbers, plan, symptom, table, term, times, unread, vocabulary,
};

/// Longest text that is read, in characters.
pub const MAX_CHARS: usize = 16_000;
/// Most identifiers in one query.
pub const MAX_TERMS: usize = 100;

/// Longest word that goes into a question; a person would not recognise a longer one.
const MAX_ASKED: usize = 80;

/// Reads what somebody typed or pasted.
#[must_use]
pub fn parse(text: &str, context: &Context) -> Reading {
    let mut reader = Reader::new(context);
    let text = markup::unwrap(reader.bounded(text));
    if let Some(table) = table::call_ids(&text) {
        table.ids.into_iter().for_each(|id| reader.query.add(id));
        if table.beside {
            let note = "the other columns beside the Call-IDs were not searched for";
            reader.query.note(note.to_owned());
        }
        return reader.finish(&[]);
    }
    let words = words::cut(&text);
    if is_machine_text(&words) && reader.take_call_ids(&words) {
        return reader.finish(&[]);
    }
    let mut at = 0;
    while at < words.len() {
        at += reader.step(&words, at).unwrap_or(1).max(1);
    }
    reader.finish(&words)
}

/// What has been understood so far.
pub(super) struct Reader<'a> {
    pub context: &'a Context,
    pub query: CallQuery,
    pub times: Vec<Expression>,
    /// What looked like a time and could not be read.
    pub unread: Vec<String>,
    /// "after 30 seconds" that stood before its symptom.
    pub lasting: Option<u64>,
    pub doubts: Vec<Doubt>,
    /// Words that mean nothing to us and are not ordinary either.
    pub strange: Vec<Word>,
}

impl Reader<'_> {
    fn new(context: &Context) -> Reader<'_> {
        Reader {
            context,
            query: CallQuery::default(),
            times: Vec::new(),
            unread: Vec::new(),
            lasting: None,
            doubts: Vec::new(),
            strange: Vec::new(),
        }
    }

    /// The part of the text that is read, cut between words: half a Call-ID finds nothing.
    fn bounded<'t>(&mut self, text: &'t str) -> &'t str {
        let Some((end, _)) = text.char_indices().nth(MAX_CHARS) else {
            return text;
        };
        self.query
            .note(format!("only the first {MAX_CHARS} characters were read"));
        let head = text.get(..end).unwrap_or("");
        head.rfind(char::is_whitespace)
            .and_then(|gap| head.get(..gap))
            .unwrap_or("")
    }

    /// Takes what begins at a word; how many words that was, `None` when it was nothing.
    fn step(&mut self, words: &[Word], at: usize) -> Option<usize> {
        let rest = words.get(at..)?;
        let behind = |back: usize| {
            let word = at.checked_sub(back).and_then(|i| words.get(i));
            word.map_or("", |w| w.plain.as_str())
        };
        let before = behind(1);
        let alone = words.len() == 1;
        self.keyed(rest)
            .or_else(|| self.identified(rest))
            .or_else(|| self.class_of_codes(rest))
            .or_else(|| self.announced(rest))
            .or_else(|| self.known_name(rest))
            .or_else(|| self.symptom(rest))
            .or_else(|| self.time(rest))
            .or_else(|| self.destination(rest, before))
            .or_else(|| self.number(rest, before))
            .or_else(|| self.calling_code(rest))
            .or_else(|| self.calling_code_led(rest, before, behind(2)))
            .or_else(|| self.digits(rest, before, alone))
            .or_else(|| self.glued(rest))
            .or_else(|| self.word(rest))
    }

    /// `key:value`, with the value in the next word perhaps.
    fn keyed(&mut self, rest: &[Word]) -> Option<usize> {
        let first = rest.first()?;
        let (key, value) = keyed::split(&first.raw)?;
        let (value, used) = if value.is_empty() {
            if let Some(used) = self.named(key, rest.get(1..)?) {
                return Some(used + 1);
            }
            (rest.get(1)?.raw.as_str(), 2)
        } else {
            (value, 1)
        };
        let quoted = keyed::unquote(value);
        let value = quoted.as_deref().unwrap_or_else(|| words::bare(value));
        if value.is_empty() || !self.pair(key, value) {
            return None;
        }
        Some(used)
    }

    /// Takes the value of a key; whether it fits.
    fn pair(&mut self, key: Key, value: &str) -> bool {
        let lower = value.to_lowercase();
        match key {
            Key::CallId => {
                let end = value
                    .find(|c| !term::is_call_id_char(c))
                    .unwrap_or(value.len());
                let Some(term) = value.get(..end).and_then(term::call_id) else {
                    return false;
                };
                self.query.add(term);
            }
            Key::User => self.query.add(Term::SipUser(value.to_owned())),
            Key::Digits => match numbers::short(value) {
                Some(number) => self.query.add(Term::Number(number)),
                None => return false,
            },
            Key::Customer => {
                let name = names::id(&lower).unwrap_or_else(|| value.to_owned());
                self.scope(Answer::Customer(name));
            }
            Key::Carrier => {
                let name = names::id(&lower).unwrap_or_else(|| value.to_owned());
                self.scope(Answer::Carrier(name));
            }
            Key::Server => self.scope(Answer::Server(value.to_owned())),
            Key::Prefix => match destination::prefix(value) {
                Some(prefix) => self.towards(prefix),
                None => return false,
            },
            Key::Destination => {
                match destination::named(value).or_else(|| destination::short_prefix(value)) {
                    Some(destination) => self.towards(destination),
                    None => return false,
                }
            }
            Key::Code => match code(&lower) {
                Some(code) => self.scope(Answer::Code(code)),
                None => return false,
            },
            Key::Direction => match Direction::named(&lower) {
                Some(direction) => self.direct(direction),
                None => return false,
            },
            Key::Symptom => match symptom::named(&lower) {
                Some(symptom) => self.query.symptoms.push(symptom),
                None => return false,
            },
            Key::Expect => match Expected::read(value) {
                Some(expected) => self.query.expect(expected),
                None => return false,
            },
        }
        true
    }

    /// A Call-ID, address or URI by its shape.
    fn identified(&mut self, rest: &[Word]) -> Option<usize> {
        let term = term::of_word(rest.first()?)?;
        self.query.add(term);
        Some(1)
    }

    /// What a naming word announces: "customer Acme", "ext 1001", "code 503", "via ExampleTel".
    fn announced(&mut self, rest: &[Word]) -> Option<usize> {
        let plain = |i: usize| rest.get(i).map_or("", |word| word.plain.as_str());
        if let Some(direction) = Direction::named(plain(0)) {
            self.direct(direction);
            return Some(1);
        }
        let (key, lead) = match (plain(0), plain(1)) {
            ("sip", "user") => (Key::User, 2),
            ("sip" | "status" | "error", "code") => (Key::Code, 2),
            ("call", "id") => (Key::CallId, 2),
            ("code" | "codes" | "sip" | "status", _) => (Key::Code, 1),
            ("call-id" | "callid", _) => (Key::CallId, 1),
            ("user" | "ext" | "extension", _) => (Key::User, 1),
            ("customer" | "client", _) => (Key::Customer, 1),
            ("carrier" | "provider" | "vendor" | "via", _) => (Key::Carrier, 1),
            ("server", _) => (Key::Server, 1),
            ("prefix", _) => (Key::Prefix, 1),
            ("country" | "calling", "code") => (Key::Destination, 2),
            ("destination" | "country", _) => (Key::Destination, 1),
            _ => return None,
        };
        Some(lead + self.named(key, rest.get(lead..)?)?)
    }

    /// Takes the words that follow a naming word; how many there are.
    fn named(&mut self, key: Key, rest: &[Word]) -> Option<usize> {
        let first = rest.first()?;
        if codes::is_class(&first.plain) {
            return None;
        }
        match key {
            Key::Customer => {
                let (name, used) = names::announced(rest, &self.context.customers)?;
                self.scope(Answer::Customer(name));
                Some(used)
            }
            Key::Carrier => {
                let (name, used) = names::announced(rest, &self.context.carriers)?;
                self.scope(Answer::Carrier(name));
                Some(used)
            }
            Key::Server => {
                let alias = first.raw.starts_with('"') || !vocabulary::holds(&first.plain);
                let used = alias.then(|| self.scope(Answer::Server(first.typed.clone())));
                used.map(|()| 1)
            }
            Key::User => {
                let user = first
                    .typed
                    .split('@')
                    .next()
                    .filter(|user| !user.is_empty())?;
                let ordinary = vocabulary::holds(&first.plain)
                    || symptom::read(rest).is_some()
                    || Direction::named(&first.plain).is_some();
                if ordinary && !first.raw.starts_with('"') {
                    return None;
                }
                self.query.add(Term::SipUser(user.to_owned()));
                Some(1)
            }
            Key::CallId => {
                let skip = usize::from(first.plain == "is");
                let word = rest.get(skip)?;
                let odd = !vocabulary::holds(&word.plain)
                    && (word.typed.len() >= 8 || word.typed.bytes().any(|b| b.is_ascii_digit()));
                let term = term::of_word(word).or_else(|| term::call_id(&word.typed));
                self.query.add(term.filter(|_| odd)?);
                Some(skip + 1)
            }
            Key::Destination => {
                if let Some(prefix) = destination::short_prefix(&first.plain) {
                    self.towards(prefix);
                    return Some(1);
                }
                let home = self.context.home_country.as_deref();
                let read = destination::read(rest, true, home);
                let iso = || destination::named(&first.typed).map(|named| (named, 1));
                let (destination, used) =
                    read.or_else(|| iso().filter(|_| !vocabulary::holds(&first.plain)))?;
                self.towards(destination);
                Some(used)
            }
            // Others are one word, which need not be behind a colon.
            _ => self.pair(key, &first.typed).then_some(1),
        }
    }

    fn known_name(&mut self, rest: &[Word]) -> Option<usize> {
        if let Some((known, used)) = names::known(rest, self.context) {
            match known {
                Known::Customer(name) => self.scope(Answer::Customer(name)),
                Known::Carrier(name) => self.scope(Answer::Carrier(name)),
                Known::Both { customer, carrier } => self.doubts.push(Doubt {
                    asked: format!("Is {customer} meant as the customer or as the carrier?"),
                    answers: vec![
                        (format!("Customer {customer}"), Answer::Customer(customer)),
                        (format!("Carrier {carrier}"), Answer::Carrier(carrier)),
                    ],
                    alone: None,
                }),
            }
            return Some(used);
        }
        let plain = &rest.first()?.plain;
        let id = names::id(plain).filter(|_| plain.starts_with('#'))?;
        self.doubts.push(Doubt {
            asked: format!("Is {id} a customer or a carrier?"),
            answers: vec![
                (format!("Customer {id}"), Answer::Customer(id.clone())),
                (format!("Carrier {id}"), Answer::Carrier(id)),
            ],
            alone: None,
        });
        Some(1)
    }

    fn symptom(&mut self, rest: &[Word]) -> Option<usize> {
        if let Some((symptom, used)) = symptom::read(rest) {
            if !self.query.symptoms.contains(&symptom) {
                self.query.symptoms.push(symptom);
            }
            let said = rest
                .iter()
                .take(used)
                .find_map(|word| Direction::named(&word.plain));
            if let Some(direction) = said {
                self.direct(direction);
            }
            return Some(used);
        }
        if let Some(used) = symptom::unknown(rest) {
            let said: Vec<&str> = rest.iter().take(used).map(|w| w.typed.as_str()).collect();
            let said = said.join(" ");
            self.query.note(format!(
                "\"{said}\" is no complaint that is looked for, so it was left out"
            ));
            return Some(used);
        }
        let first = rest.first()?.plain.as_str();
        if !["after", "lasts", "lasted", "within"].contains(&first) {
            // "a 30-second drop"
            let (seconds, used) = durations::read(rest)?;
            let (symptom, more) = symptom::read(rest.get(used..)?)?;
            self.query.symptoms.push(symptom.after(seconds));
            return Some(used + more);
        }
        let (seconds, used) = symptom::duration(rest)?;
        self.lasting = Some(seconds);
        Some(used)
    }

    fn time(&mut self, rest: &[Word]) -> Option<usize> {
        let Some((expression, used)) = times::read(rest, self.context) else {
            let used = unread::read(rest)?;
            let said: Vec<&str> = rest.iter().take(used).map(|w| w.typed.as_str()).collect();
            self.unread.push(said.join(" "));
            return Some(used);
        };
        for word in rest.iter().take(used) {
            if let Some(note) = days::assumed(&word.typed, self.context) {
                self.query.note(note);
            }
        }
        self.times.push(expression);
        Some(used)
    }

    fn destination(&mut self, rest: &[Word], before: &str) -> Option<usize> {
        let led = ["to", "towards", "destination", "country", "calling", "into"].contains(&before);
        let home = self.context.home_country.as_deref();
        let (destination, used) = destination::read(rest, led, home)?;
        self.towards(destination);
        Some(used)
    }

    /// `+44` with nothing behind it that would make a number of it.
    fn calling_code(&mut self, rest: &[Word]) -> Option<usize> {
        let typed = &rest.first()?.typed;
        self.towards(destination::prefix(typed).filter(|_| typed.starts_with('+'))?);
        Some(1)
    }

    /// "to 44", "calls to 353 with 503": a calling code stands for all numbers behind it, unless
    /// it counts something ("to 30 phones") or ends a stretch ("from 20 to 30").
    fn calling_code_led(&mut self, rest: &[Word], before: &str, earlier: &str) -> Option<usize> {
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
    fn class_of_codes(&mut self, rest: &[Word]) -> Option<usize> {
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

    fn number(&mut self, rest: &[Word], before: &str) -> Option<usize> {
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
    fn digits(&mut self, rest: &[Word], before: &str, alone: bool) -> Option<usize> {
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
    fn glued(&mut self, rest: &[Word]) -> Option<usize> {
        let (key, value) = rest.first()?.typed.split_once(['=', ':'])?;
        let named = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        let value = words::cut(value);
        let word = value.first().filter(|_| named)?;
        let home = self.context.home_country.as_deref();
        let number = || numbers::read(&value, home).map(|(number, _)| Term::Number(number));
        self.query.add(term::of_word(word).or_else(number)?);
        Some(1)
    }

    /// A word that is nothing by itself; kept if it may be a name.
    fn word(&mut self, rest: &[Word]) -> Option<usize> {
        let word = rest.first()?;
        let ordinary = vocabulary::holds(&word.plain) || symptom::duration(rest).is_some();
        let capture = term::is_capture_file(&word.typed);
        let range = word
            .typed
            .split_once('/')
            .filter(|(ip, _)| ip.parse::<IpAddr>().is_ok());
        if word.typed.len() > MAX_ASKED {
            self.too_long(word);
        } else if capture {
            self.query.note(format!(
                "{} is a capture file: pass it with --capture",
                word.typed
            ));
        } else if range.is_some() {
            self.query.note(format!(
                "{} is a range; only single addresses are found",
                word.typed
            ));
        } else if !ordinary && word.plain.chars().any(char::is_alphanumeric) {
            self.strange.push(word.clone());
        }
        Some(1)
    }

    fn too_long(&mut self, word: &Word) {
        let length = word.typed.chars().count();
        self.query
            .note(format!("a word of {length} characters could not be read"));
    }

    fn towards(&mut self, destination: Destination) {
        self.scope(Answer::Destination(destination));
    }

    fn direct(&mut self, direction: Direction) {
        let slot = &mut self.query.scope.direction;
        if slot.is_some_and(|old| old != direction) {
            // Both ways are no restriction.
            *slot = None;
            self.query
                .note("both directions were said, so neither is left out".to_owned());
        } else {
            *slot = Some(direction);
        }
    }

    fn scope(&mut self, answer: Answer) {
        answer.apply(&mut self.query);
    }

    /// Only the Call-IDs of a pasted message or log line; whether there were any.
    fn take_call_ids(&mut self, words: &[Word]) -> bool {
        for (word, next) in words
            .iter()
            .zip(words.iter().skip(1).map(Some).chain([None]))
        {
            let Some((Key::CallId, value)) = keyed::split(&word.raw) else {
                continue;
            };
            // A header's value is exact to its last dot.
            let header = next
                .map(|next| next.raw.trim_matches('`'))
                .filter(|_| value.is_empty());
            let exact = header
                .filter(|value| !value.starts_with('"'))
                .and_then(term::call_id);
            match exact {
                Some(term) => self.query.add(term),
                None => {
                    self.keyed(std::slice::from_ref(word))
                        .or_else(|| self.keyed(&[word.clone(), next?.clone()]));
                }
            }
        }
        !self.query.terms.is_empty()
    }
}

/// Whether a program wrote the text: then everything but the Call-ID is noise.
fn is_machine_text(words: &[Word]) -> bool {
    const HEADERS: &[&str] = &["Via:", "CSeq:", "Max-Forwards:", "Contact:", "User-Agent:"];
    let sure = |word: &Word| {
        word.raw.contains("SIP/2.0")
            || word.raw.ends_with("]:")
            || word.raw.starts_with("{\"")
            || HEADERS.contains(&word.raw.as_str())
    };
    words.iter().any(sure) || words.iter().filter(|word| word.raw.contains('=')).count() > 2
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
