//! Texts that everybody spells in their own way, compared word by word. Knows no text.
//!
//! Case, punctuation and blanks do not count ("Dialplan" is "Dial plan"). A long word may have one slip behind its first
//! letter; short ones and what begins otherwise must be the same, for they carry the meaning: "(Pre)" is not "(Pro)",
//! "Unavailable" not "Available".

/// A slip in a shorter word makes another word.
const LONG_WORD: usize = 5;

/// More slips in one text make another text.
const MOST_SLIPS: usize = 2;

/// No text that is looked for is longer; what comes behind is not compared.
const MOST_WORDS: usize = 256;

/// The words of a text, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    all: Vec<String>,
    /// All letters without blanks: the same for two texts that differ in nothing that counts.
    key: String,
}

/// How the words of one text fit to the beginning of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    /// How many letters of the other text they take in.
    pub letters: usize,
    /// How many slips had to be forgiven.
    pub slips: usize,
    /// Whether nothing of the other text is left.
    pub is_whole: bool,
}

impl Words {
    /// The words of a text.
    pub fn of(text: &str) -> Words {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty()).take(MOST_WORDS);
        Words::from(words.map(str::to_lowercase).collect())
    }

    fn from(all: Vec<String>) -> Words {
        let key = all.concat();
        Words { all, key }
    }

    /// The words behind a response code that a text begins with; all of them where it does not, or is only a code.
    pub fn without_code(self) -> Words {
        match self.all.split_first() {
            Some((first, rest)) if is_code(first) && !rest.is_empty() => Words::from(rest.to_vec()),
            _ => self,
        }
    }

    /// All letters without blanks: the same for two texts that differ in nothing that counts.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether one of these words stands in the text.
    pub fn name(&self, any: &[&str]) -> bool {
        self.all.iter().any(|word| any.contains(&word.as_str()))
    }

    /// How these words fit to the beginning of a phrase, if they do.
    pub fn begin(&self, phrase: &Words) -> Option<Fit> {
        // No slip is forgiven in a first letter, and most texts differ in that.
        let first = |words: &Words| words.all.first().and_then(|word| word.chars().next());
        if self.all.is_empty() || first(self) != first(phrase) {
            return None;
        }
        let (taken, slips) = match same(&self.key, &phrase.all) {
            Some(taken) => (taken, 0),
            None => nearly(&self.all, &phrase.all, MOST_SLIPS)?,
        };
        let letters = phrase
            .all
            .iter()
            .take(taken)
            .map(|word| word.chars().count());
        Some(Fit {
            letters: letters.sum(),
            slips,
            is_whole: taken == phrase.all.len(),
        })
    }

    /// How these words, spelt rightly, stand anywhere in a phrase.
    pub fn within(&self, phrase: &Words) -> Option<Fit> {
        if self.all.is_empty() {
            return None;
        }
        let found = |from: usize| Some((from, same(&self.key, phrase.all.get(from..)?)?));
        let (from, taken) = (0..phrase.all.len()).find_map(found)?;
        let words = phrase.all.iter().skip(from).take(taken);
        Some(Fit {
            letters: words.map(|word| word.chars().count()).sum(),
            slips: 0,
            is_whole: taken == phrase.all.len(),
        })
    }
}

fn is_code(word: &str) -> bool {
    word.parse().is_ok_and(|code| (100..700).contains(&code)) && word.len() == 3
}

/// How many words of a phrase, from its beginning, have just these letters.
fn same(key: &str, phrase: &[String]) -> Option<usize> {
    let mut left = key;
    for (n, word) in phrase.iter().enumerate() {
        left = left.strip_prefix(word.as_str())?;
        if left.is_empty() {
            return Some(n + 1);
        }
    }
    None
}

/// How many words of a phrase, from its beginning, are the wanted ones with a few slips, and with how many. Two words
/// may be written as one, then without a slip: else a short word at the seam could be another one.
fn nearly(wanted: &[String], phrase: &[String], most: usize) -> Option<(usize, usize)> {
    let [first, rest @ ..] = wanted else {
        return Some((0, 0));
    };
    let [word, following @ ..] = phrase else {
        return None;
    };
    if let Some(slips) = slips(first, word).filter(|slips| *slips <= most) {
        let (taken, others) = nearly(rest, following, most.checked_sub(slips)?)?;
        return Some((taken + 1, slips + others));
    }
    if let [second, rest @ ..] = rest
        && is_joined(word, first, second)
    {
        let (taken, slips) = nearly(rest, following, most)?;
        return Some((taken + 1, slips));
    }
    let [second, following @ ..] = following else {
        return None;
    };
    if !is_joined(first, word, second) {
        return None;
    }
    let (taken, slips) = nearly(rest, following, most)?;
    Some((taken + 2, slips))
}

fn is_joined(whole: &str, first: &str, second: &str) -> bool {
    whole.strip_prefix(first) == Some(second)
}

/// How many slips make one word of the other, where these can be forgiven.
fn slips(wanted: &str, found: &str) -> Option<usize> {
    if wanted == found {
        return Some(0);
    }
    let (long, other) = (wanted.chars().count(), found.chars().count());
    let is_near = long >= LONG_WORD
        && long.abs_diff(other) <= 1
        && wanted.chars().next() == found.chars().next()
        && strsim::osa_distance(wanted, found) <= 1;
    is_near.then_some(1)
}
