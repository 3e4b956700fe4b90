//! The reading itself: goes through the words once and lets each kind of thing be tried in a fixed
//! order, the unmistakable first. What stays open becomes a question.

mod digits;

use std::net::IpAddr;

use super::codes::{self, code};
use super::doubt::{Answer, Doubt};
use super::keyed::{self, Key};
use super::names::{self, Known};
use super::scope::Direction;
use super::times::Expression;
use super::words::{self, Word};
use super::{
    CallQuery, Context, Destination, Expected, Reading, Term, days, destination, durations, markup,
    numbers, symptom, table, term, times, unread, vocabulary,
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
