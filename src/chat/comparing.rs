//! What `compare` is asked: which calls, of whom, or an address. Reads the text and hands it on;
//! compares nothing.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{Conversation, Desk, Reply};
use crate::call::{CallQuery, Reading, Term};
use crate::diagnosis::{PeerKind, Wanted};

/// Words that only join what is compared.
const JOINERS: &[&str] = &[
    "and", "with", "to", "against", "vs", "vs.", "versus", "from", "of", "for",
];

/// How it is asked.
const USAGE: &str = "Name one call (its good twin is looked for), two calls, a number and two \
                     customers, or an address: `compare CALL`, `compare CALL OTHER`, `compare \
                     NUMBER CUSTOMER CUSTOMER`, `compare 203.0.113.9`.";

/// What is to be compared.
enum Asked {
    /// A call and its good twin.
    Twin(Box<Wanted>),
    /// Two calls.
    Two(Box<[Wanted; 2]>),
    /// All that an address has shown.
    TurnUp(IpAddr),
}

impl Desk {
    /// Compares what a text names.
    pub async fn compare(&self, conversation: &Conversation, text: &str, now: Timestamp) -> Reply {
        let asked = match self.asked(text, now).await {
            Ok(asked) => asked,
            Err(why) => return Reply::Text(why),
        };
        let investigator = self.asked_of(conversation);
        let compared = match asked {
            Asked::Twin(a) => investigator.compare_with_twin(&a, now).await,
            Asked::Two(two) => {
                let [a, b] = &*two;
                investigator.compare(a, b, now).await
            }
            Asked::TurnUp(address) => {
                let (mut checks, unread) = investigator.turn_up(address, now).await;
                checks.notes.extend(unread.sentences().cloned());
                return Reply::TurnUp(Box::new(checks));
            }
        };
        match compared {
            Ok((mut comparison, unread)) => {
                comparison.notes.extend(unread.sentences().cloned());
                Reply::Comparison(Box::new(comparison))
            }
            Err(why) => Reply::Text(why),
        }
    }

    async fn asked(&self, text: &str, now: Timestamp) -> Result<Asked, String> {
        let named = self
            .two_customers(text)
            .or_else(|| self.two_of_platform(text));
        if let Some((rest, [a, b])) = named {
            let query = self.one(&rest, now).await?;
            let of = |customer: String| {
                let mut query = query.clone();
                let typed = format!("{} from {customer}", rest.trim());
                query.scope.customer = Some(customer);
                Wanted { query, typed }
            };
            return Ok(two(of(a), of(b)));
        }
        let words = words_of(text);
        if let [a, b] = words.as_slice()
            && let (Ok(first), Ok(second)) = (self.one(a, now).await, self.one(b, now).await)
        {
            return Ok(two(wanted(first, a), wanted(second, b)));
        }
        if words.is_empty() {
            return Err(USAGE.to_owned());
        }
        let whole = words.join(" ");
        let query = self.one_or_two(&whole, now).await?;
        match query.terms.as_slice() {
            [Term::Address { ip, port: None }] => Ok(Asked::TurnUp(*ip)),
            [_] => Ok(Asked::Twin(Box::new(wanted(query, &whole)))),
            [a, b] => {
                let of = |term: &Term| {
                    let mut query = query.clone();
                    query.terms = vec![term.clone()];
                    wanted(query, &term.to_string())
                };
                Ok(two(of(a), of(b)))
            }
            _ => Err(USAGE.to_owned()),
        }
    }

    /// The query of a text that names one thing.
    async fn one(&self, text: &str, now: Timestamp) -> Result<CallQuery, String> {
        let query = self.one_or_two(text, now).await?;
        match query.terms.len() {
            1 => Ok(query),
            _ => Err(USAGE.to_owned()),
        }
    }

    /// The query of a text. Of several readings the first is taken under which there is a call.
    pub(super) async fn one_or_two(&self, text: &str, now: Timestamp) -> Result<CallQuery, String> {
        let question = match self.read(text, now).await {
            Reading::Query(query) => return Ok(query),
            Reading::Nothing(why) => return Err(why),
            Reading::Ambiguous(question) => question,
        };
        let mut chosen = None;
        for choice in question.choices {
            let found = !self
                .investigator()
                .matching(&choice.query, now)
                .await
                .0
                .is_empty();
            if found || chosen.is_none() {
                chosen = Some(choice.query);
            }
            if found {
                break;
            }
        }
        chosen.ok_or_else(|| USAGE.to_owned())
    }

    /// The two configured customers that a text names, in its order, and the rest of it.
    fn two_customers(&self, text: &str) -> Option<(String, [String; 2])> {
        let peers = self.investigator().peers().iter();
        let mut names: Vec<&str> = peers
            .filter(|peer| peer.kind == PeerKind::Customer)
            .map(|peer| peer.name.as_str())
            .collect();
        // The longest first: a name may be the beginning of another.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        let mut rest = text.to_owned();
        let mut found: Vec<(usize, String)> = Vec::new();
        for name in names {
            let Some(at) = word_in(&rest, name) else {
                continue;
            };
            let blank = " ".repeat(name.len());
            rest.replace_range(at..at + name.len(), &blank);
            found.push((at, name.to_owned()));
        }
        found.sort();
        let mut names = found.into_iter().map(|(_, name)| name);
        let customers = [names.next()?, names.next()?];
        let words = words_of(&rest);
        names.next().is_none().then(|| (words.join(" "), customers))
    }

    /// A number and two customers that a platform may know: by number, as in `#12`, or by a name of one
    /// word. Whether it does, its answer says.
    fn two_of_platform(&self, text: &str) -> Option<(String, [String; 2])> {
        self.investigator().platforms().next()?;
        let words = words_of(text);
        let mut words = words
            .iter()
            .filter(|word| !word.eq_ignore_ascii_case("customer"));
        let (number, a, b) = (words.next()?, words.next()?, words.next()?);
        let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '+');
        let is_name = |word: &str| match word.strip_prefix('#') {
            Some(id) => id.parse::<u64>().is_ok(),
            None => word.chars().all(char::is_alphabetic),
        };
        let is_it = words.next().is_none() && is_number && is_name(a) && is_name(b);
        is_it.then(|| ((*number).to_owned(), [(*a).to_owned(), (*b).to_owned()]))
    }
}

/// The words of a text that say what is compared.
fn words_of(text: &str) -> Vec<&str> {
    let is_joiner = |word: &&str| JOINERS.contains(&word.to_lowercase().as_str());
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty() && !is_joiner(word))
        .collect()
}

fn two(a: Wanted, b: Wanted) -> Asked {
    Asked::Two(Box::new([a, b]))
}

fn wanted(query: CallQuery, typed: &str) -> Wanted {
    Wanted {
        query,
        typed: typed.to_owned(),
    }
}

/// Where a name stands in a text as words of its own, whatever its case.
fn word_in(text: &str, name: &str) -> Option<usize> {
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.char_indices().map(|(at, _)| at).find(|at| {
        let (before, after) = text.split_at_checked(*at).unwrap_or_default();
        let is_name = after
            .get(..name.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(name));
        let behind = after.get(name.len()..).unwrap_or_default();
        is_name && ends(before.chars().next_back()) && ends(behind.chars().next())
    })
}
