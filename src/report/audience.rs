//! Who reads a report, and what of it they may see: every text of a report passes a [`Screen`] and is [`Cleared`] by
//! it. Holds back; writes no sentence of its own.

use std::collections::BTreeSet;
use std::net::IpAddr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::part::Part;
use super::typed::{Stranger, named, priced, strangers};
use crate::diagnosis::{Case, Diagnosis, Party};
use crate::render::clean;
use crate::sip::{Kind, redact};

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The support of the platform: it knows our configuration, customers and carriers.
    Platform,
    /// A carrier: it knows nothing but what went between it and us.
    Carrier,
    /// A customer: it knows nothing but its own calls, and gets plain words.
    Customer,
}

impl Audience {
    /// All of them.
    pub const ALL: [Audience; 3] = [Audience::Platform, Audience::Carrier, Audience::Customer];

    /// The word for it, as it is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Audience::Platform => "platform",
            Audience::Carrier => "carrier",
            Audience::Customer => "customer",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Audience> {
        Audience::ALL.into_iter().find(|it| it.word() == word)
    }

    /// Who is written to where this party has to act. What we can put right ourselves, and what nobody can, goes to
    /// the support of the platform if it goes anywhere.
    #[must_use]
    pub fn of_party(to_act: Party) -> Audience {
        match to_act {
            Party::Carrier | Party::FarEnd => Audience::Carrier,
            Party::Customer => Audience::Customer,
            Party::Platform
            | Party::Configuration
            | Party::Network
            | Party::Nobody
            | Party::Undecided => Audience::Platform,
        }
    }
}

/// What stands where something was held back.
pub const WITHHELD: &str = "[withheld]";

/// A text that its reader may see. Only a [`Screen`] makes one; the store gives back what one made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cleared(String);

impl Cleared {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Cleared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What one reader must not see of these calls: names, addresses, ids and numbers that were on other legs only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    audience: Audience,
    /// The longest first, so that a name within a longer one does not leave half of it.
    hidden: Vec<String>,
    /// What it knows: never held back.
    known: Vec<String>,
    /// Names that nobody may type for it, by the configuration of the moment.
    #[serde(skip)]
    strangers: Vec<Stranger>,
}

impl Screen {
    /// The screen for one reader. `calls` are all calls that the report draws on, with the part of each that the
    /// reader saw, where that is known.
    #[must_use]
    pub fn new<'c>(
        audience: Audience,
        whom: Option<&str>,
        calls: impl IntoIterator<Item = (&'c Diagnosis, Option<&'c Case<'c>>, Option<&'c Part<'c>>)>,
    ) -> Screen {
        let mut words = Words::default();
        if audience != Audience::Platform {
            for (diagnosis, case, part) in calls {
                words.of_log(diagnosis, audience);
                if let Some(case) = case {
                    words.of_case(case, part, audience);
                }
                // A customer knows its own call by the log alone, too.
                let is_untold = part.is_none() && audience == Audience::Customer;
                if let Some(log) = diagnosis
                    .logged
                    .as_ref()
                    .filter(|_| case.is_none() || is_untold)
                {
                    words.own_of_log(log, audience);
                }
            }
        }
        let whom = whom.map(str::to_lowercase);
        let is_own = |word: &String| {
            words.own.contains(word) || whom.as_ref().is_some_and(|it| it.contains(word.as_str()))
        };
        let mut hidden: Vec<String> = words
            .others
            .iter()
            .filter(|it| !is_own(it))
            .cloned()
            .collect();
        hidden.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let known = words.own.iter().cloned().collect();
        Screen {
            audience,
            hidden,
            known,
            strangers: Vec::new(),
        }
    }

    /// For whom it is.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// The same, which holds these words back too.
    #[must_use]
    pub fn hiding<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Screen {
        if self.audience != Audience::Platform {
            let mut more = Words::default();
            words.into_iter().for_each(|word| more.hide(word));
            let known = &self.known;
            let strange = more.others.into_iter().filter(|it| !known.contains(it));
            self.hidden.extend(strange);
            self.hidden
                .sort_by_key(|word| std::cmp::Reverse(word.len()));
            self.hidden.dedup();
        }
        self
    }

    /// A text as this reader may see it: on one line, without credentials and without what is hidden.
    #[must_use]
    pub fn clear(&self, text: &str) -> Cleared {
        Cleared(self.without_hidden(&clean::line(&without_credentials(text))))
    }

    /// The same of a text of several lines.
    #[must_use]
    pub fn clear_lines(&self, text: &str) -> Cleared {
        let plain = without_credentials(text);
        let lines = plain
            .lines()
            .map(|line| self.without_hidden(&clean::drawn(line)));
        Cleared(lines.collect::<Vec<_>>().join("\n"))
    }

    /// The same, which lets nobody type these names: all that are not its reader's own.
    #[must_use]
    pub fn refusing<'n>(
        mut self,
        own: &[&str],
        names: impl IntoIterator<Item = &'n str>,
    ) -> Screen {
        if self.audience != Audience::Platform {
            self.strangers = strangers(own, names);
        }
        self
    }

    /// Why a text that a person typed must not go to this reader, in one sentence: the first word in it that is not
    /// theirs to see, and why. Nothing where it may.
    #[must_use]
    pub fn refusal(&self, text: &str) -> Option<String> {
        if self.audience == Audience::Platform {
            return None;
        }
        let lowered = text.to_lowercase();
        let is_in = |word: &&String| find(&lowered, word, 0).is_some();
        let of_call = || {
            let word = self.hidden.iter().find(is_in)?;
            Some(format!(
                "{word:?}: it was on another leg of a call and not on theirs"
            ))
        };
        let why = named(text, &self.strangers)
            .or_else(of_call)
            .or_else(|| priced(text))?;
        let reader = self.audience.word();
        Some(format!("The {reader} must not see {why}; take it out."))
    }

    fn without_hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for word in &self.hidden {
            let mut from = 0;
            loop {
                // Lower case may be longer or shorter than what it is made of: only where it is not, places agree.
                let lowered = text.to_lowercase();
                let lowered = if lowered.len() == text.len() {
                    lowered
                } else {
                    text.clone()
                };
                let Some(at) = find(&lowered, word, from) else {
                    break;
                };
                text.replace_range(at..at + word.len(), WITHHELD);
                from = at + WITHHELD.len();
            }
        }
        text
    }
}

/// Where a word stands in a text as a word of its own, from a place on.
pub(super) fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(found) = text.get(from..)?.find(word) {
        let at = from + found;
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let mut after = text.get(at + word.len()..).unwrap_or_default().chars();
        let next = after.next();
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_number = word.ends_with(|c: char| c.is_ascii_digit());
        let goes_on =
            is_number && next == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit());
        if !joins(before) && !joins(next) && !goes_on {
            return Some(at);
        }
        from = at + word.chars().next().map_or(1, char::len_utf8);
    }
    None
}

fn without_credentials(text: &str) -> String {
    let blanked = redact::without_credentials(&Bytes::copy_from_slice(text.as_bytes()));
    String::from_utf8_lossy(&blanked).into_owned()
}

/// Words that the reader knows, and words that only others know.
#[derive(Debug, Default)]
struct Words {
    own: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// Shorter words are in too many sentences to be anybody's.
const SHORTEST: usize = 3;

impl Words {
    fn hide(&mut self, word: &str) {
        let lowered = clean::line(word).to_lowercase();
        // `ExampleTel (#105)` is known by its bare name too.
        let bare = lowered.split(" (#").next().unwrap_or_default().to_owned();
        for word in [lowered, bare] {
            let is_placeholder = word.starts_with("customer #") || word.starts_with("carrier #");
            if word.chars().count() >= SHORTEST && !is_placeholder {
                self.others.insert(word);
            }
        }
    }

    fn know(&mut self, word: &str) {
        self.own.insert(clean::line(word).to_lowercase());
    }

    /// What the platform's log says of the call.
    fn of_log(&mut self, diagnosis: &Diagnosis, audience: Audience) {
        diagnosis.call_ids.iter().for_each(|id| self.hide(id));
        let Some(log) = &diagnosis.logged else { return };
        let ids = [&log.call_id, &log.outgoing_call_id];
        let inside = [&log.server, &log.engine];
        let whose = [&log.user, &log.customer, &log.source_address];
        ids.into_iter()
            .chain(inside)
            .flatten()
            .for_each(|it| self.hide(it));
        let carriers = log.attempts.iter().filter_map(|it| it.carrier.as_ref());
        carriers.for_each(|it| self.hide(it));
        if audience == Audience::Carrier {
            whose.into_iter().flatten().for_each(|it| self.hide(it));
            let address = log
                .source_address
                .as_ref()
                .and_then(|it| it.rsplit_once(':'));
            address.into_iter().for_each(|(ip, _)| self.hide(ip));
        }
    }

    /// What a reader knows of a call of which no message was found.
    fn own_of_log(&mut self, log: &crate::diagnosis::Logged, audience: Audience) {
        let own = match audience {
            Audience::Carrier => &log.outgoing_call_id,
            Audience::Customer | Audience::Platform => &log.call_id,
        };
        own.iter()
            .chain(&log.from)
            .chain(&log.to)
            .for_each(|it| self.know(it));
    }

    /// What the messages say: all that was on the reader's own leg is known to it.
    fn of_case(&mut self, case: &Case<'_>, part: Option<&Part<'_>>, audience: Audience) {
        case.call.legs.iter().for_each(|leg| {
            [&leg.call_id, &leg.facts.from, &leg.facts.to]
                .into_iter()
                .for_each(|it| self.hide(it));
        });
        for hop in &case.call.hops {
            for node in [hop.client, hop.server] {
                self.hide(&node.ip().to_string());
                if let Some(name) = case.roles.name(node) {
                    self.hide(name);
                }
            }
        }
        if let Some(records) = case.records {
            records
                .carriers
                .iter()
                .filter_map(|it| it.name.as_deref())
                .for_each(|it| self.hide(it));
            if audience == Audience::Carrier {
                let name = records.customer.as_ref().and_then(|it| it.name.as_deref());
                name.into_iter().for_each(|it| self.hide(it));
            }
        }
        // What we asked of DNS went to nobody of the call.
        for asked in &case.observed.dns {
            let names = asked.service_of().into_iter().chain(asked.leads_to());
            names.for_each(|it| self.hide(it));
            self.hide(&asked.name);
            self.hide(&asked.client().ip().to_string());
        }
        // A registration has no INVITE, and so no part: it is the customer's where its device registers.
        let is_customers = |node| case.roles.party(case.roles.side(node)) == Party::Customer;
        let registers = audience == Audience::Customer
            && part.is_none()
            && case
                .call
                .legs
                .iter()
                .all(|it| it.facts.kind == Kind::Registration);
        for (_, signal) in &case.call.signals {
            let message = signal.message();
            let is_own = part.is_some_and(|part| part.holds(signal))
                || (registers
                    && (is_customers(signal.source()) || is_customers(signal.destination())));
            let text = String::from_utf8_lossy(message.raw());
            let addresses = text
                .split(|c: char| !(c.is_ascii_digit() || c == '.'))
                .filter(|word| word.len() >= 7 && word.parse::<IpAddr>().is_ok());
            for address in addresses {
                if is_own {
                    self.know(address)
                } else {
                    self.hide(address)
                }
            }
            let [agent, from, to, id] = [
                message
                    .agent()
                    .map(|it| it.into_owned())
                    .unwrap_or_default(),
                message.from_user(),
                message.to_user(),
                message.call_id().into_owned(),
            ];
            if is_own {
                crate::sip::named(message)
                    .iter()
                    .for_each(|it| self.know(it));
            }
            for word in [agent, from, to, id] {
                if is_own {
                    self.know(&word)
                } else {
                    self.hide(&word)
                }
            }
        }
        if let Some(part) = part {
            for node in [part.us, part.them] {
                self.know(&node.ip().to_string());
                self.know(&node.to_string());
            }
            self.know(&part.call_id);
            if audience == Audience::Carrier || part.is_customers {
                part.name.iter().for_each(|it| self.know(it));
                part.name.iter().for_each(|it| {
                    self.know(it.split(" (#").next().unwrap_or_default());
                });
            }
        }
    }
}
