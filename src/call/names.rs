//! Names of customers, carriers, servers and SIP users: those that are known, and those that a word
//! such as "carrier" announces.

use super::words::Word;
use super::{Context, destination, vocabulary};

/// Most words in a name.
const LONGEST: usize = 6;

/// Whose name a known one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Customer(String),
    Carrier(String),
    /// A customer and a carrier bear the name.
    Both {
        customer: String,
        carrier: String,
    },
}

/// The known name at the beginning of the words; the longest wins.
pub(super) fn known(words: &[Word], context: &Context) -> Option<(Known, usize)> {
    let customer = longest(words, &context.customers);
    let carrier = longest(words, &context.carriers);
    let (known, used) = match (customer, carrier) {
        (Some((customer, n)), Some((carrier, m))) if n == m => {
            (Known::Both { customer, carrier }, n)
        }
        (Some((customer, n)), other) if other.as_ref().is_none_or(|(_, m)| n > *m) => {
            (Known::Customer(customer), n)
        }
        (_, Some((carrier, n))) => (Known::Carrier(carrier), n),
        (_, None) => return None,
    };
    Some((known, used + numbered(words, used)))
}

/// The name that a naming word announces, from a list if it is there, else as typed.
pub(super) fn announced(words: &[Word], list: &[String]) -> Option<(String, usize)> {
    if let Some((name, used)) = longest(words, list) {
        return Some((name, used + numbered(words, used)));
    }
    let first = words.first()?;
    if let Some(id) = id(&first.plain) {
        return Some((id, 1));
    }
    if first.raw.starts_with('"') {
        return Some((first.typed.clone(), 1));
    }
    if vocabulary::holds(&first.plain) || !first.plain.chars().any(char::is_alphanumeric) {
        return None;
    }
    // "customer Acme Telecom to UK": capitals go on with the name, a country does not.
    let more = words
        .iter()
        .enumerate()
        .skip(1)
        .take(2)
        .take_while(|(i, word)| {
            let rest = words.get(*i..).unwrap_or_default();
            is_capitalised(word)
                && is_capitalised(first)
                && !vocabulary::holds(&word.plain)
                && destination::read(rest, false, None).is_none()
        });
    let count = 1 + more.count();
    let name: Vec<&str> = words
        .iter()
        .take(count)
        .map(|word| word.typed.as_str())
        .collect();
    Some((name.join(" "), count + numbered(words, count)))
}

/// `#12`, or bare digits where a name is expected, as `#12`.
pub(super) fn id(plain: &str) -> Option<String> {
    let digits = plain.strip_prefix('#').unwrap_or(plain);
    let fits = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("#{digits}"))
}

/// Whether a word begins like a name.
pub(super) fn is_capitalised(word: &Word) -> bool {
    word.typed.chars().next().is_some_and(char::is_uppercase)
}

/// Cards show a name with its number, "Acme (#12)": the number adds nothing.
fn numbered(words: &[Word], at: usize) -> usize {
    usize::from(
        words
            .get(at)
            .is_some_and(|word| word.plain.starts_with('#') && id(&word.plain).is_some()),
    )
}

fn longest(words: &[Word], list: &[String]) -> Option<(String, usize)> {
    for count in (1..=LONGEST.min(words.len())).rev() {
        let said: Vec<&str> = words
            .iter()
            .take(count)
            .map(|word| word.typed.as_str())
            .collect();
        let said = said.join(" ").to_lowercase();
        // One ordinary word is only a name when it is announced or written like one.
        let common = count == 1
            && words
                .first()
                .is_some_and(|w| vocabulary::holds(&w.plain) && !is_capitalised(w));
        let found = list.iter().find(|name| name.to_lowercase() == said);
        if let Some(name) = found.filter(|_| !common) {
            return Some((name.clone(), count));
        }
    }
    None
}
