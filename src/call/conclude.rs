//! From what was understood to the answer: a query, a question, or a sentence saying what is
//! missing. Reads no words.

use super::doubt::{Answer, Doubt};
use super::read::{MAX_TERMS, Reader};
use super::reading::{Choice, Question};
use super::words::Word;
use super::{Reading, Symptom, Term, names, term, times};

impl Reader<'_> {
    /// The answer, once all words are read.
    pub(super) fn finish(mut self, words: &[Word]) -> Reading {
        self.about_registration(words);
        self.settle();
        if self.query.is_empty() {
            let alone = self.doubts.iter_mut().find_map(|doubt| doubt.alone.take());
            if let Some(term) = alone {
                self.query.add(term);
                self.doubts.clear();
            }
        }
        self.doubt_strange_words(words.len() == 1);
        if self.doubts.is_empty() && self.query.is_empty() {
            return Reading::Nothing(self.missing(words.is_empty()));
        }
        let mut doubts = self.doubts.into_iter();
        let Some(doubt) = doubts.next() else {
            return Reading::Query(self.query);
        };
        for other in doubts {
            self.query
                .note(format!("not answered yet: {}", other.asked));
        }
        let choice = |(label, answer): (String, Answer)| {
            let mut query = self.query.clone();
            answer.apply(&mut query);
            Choice { label, query }
        };
        let choices = doubt.answers.into_iter().map(choice).collect();
        Reading::Ambiguous(Question {
            asked: doubt.asked,
            choices,
        })
    }

    /// "registration 1001", "does 441632960115 register?": a text that begins so, or asks so, is about that,
    /// whatever was noticed.
    fn about_registration(&mut self, words: &[Word]) {
        let speaks = |word: &Word| {
            [
                "register",
                "registers",
                "registered",
                "registering",
                "registration",
                "registrations",
            ]
            .contains(&word.plain.as_str())
        };
        let asks = |word: &Word| {
            [
                "does", "do", "did", "is", "are", "was", "can", "why", "when",
            ]
            .contains(&word.plain.as_str())
        };
        let begins = |word: &Word| {
            ["register", "registration", "registrations"].contains(&word.plain.as_str())
        };
        let is_about = match words.split_first() {
            Some((first, rest)) => begins(first) || (asks(first) && rest.iter().any(speaks)),
            None => false,
        };
        if !is_about {
            return;
        }
        if self.query.symptoms.is_empty() {
            self.query.symptoms.push(Symptom::CannotRegister);
        }
        // What registers is a user, whatever else its name could be.
        let is_user = |answer: &Answer| matches!(answer, Answer::Term(Term::SipUser(_)));
        for doubt in std::mem::take(&mut self.doubts) {
            match doubt.answers.iter().find(|(_, answer)| is_user(answer)) {
                Some((_, user)) => user.clone().apply(&mut self.query),
                None => self.doubts.push(doubt),
            }
        }
    }

    /// Puts together what was said in several places.
    fn settle(&mut self) {
        let query = &mut self.query;
        query.window = times::resolve(std::mem::take(&mut self.times), self.context);
        if query
            .window
            .is_some_and(|window| window.from > self.context.now)
        {
            query.note("that time is still to come".to_owned());
        }
        let searched = !query.is_empty() || !self.doubts.is_empty();
        let all = match query.window {
            None if searched => "; all times were searched",
            _ => "",
        };
        for said in &self.unread {
            query.note(format!("\"{said}\" was not read as a time{all}"));
        }
        if let Some(seconds) = self.lasting {
            for symptom in &mut query.symptoms {
                *symptom = symptom.after(seconds);
            }
        }
        // "Fails" beside anything else only says that something is wrong.
        if query
            .symptoms
            .iter()
            .any(|symptom| *symptom != Symptom::DoesNotConnect)
        {
            query
                .symptoms
                .retain(|symptom| *symptom != Symptom::DoesNotConnect);
        }
        if query.terms.len() > MAX_TERMS {
            let more = query.terms.len() - MAX_TERMS;
            query.terms.truncate(MAX_TERMS);
            query.note(format!(
                "{more} more were left out: at most {MAX_TERMS} at once"
            ));
        }
    }

    /// A strange word is asked about where leaving it out would change which calls are meant.
    fn doubt_strange_words(&mut self, alone: bool) {
        let query = &self.query;
        let said_more = alone || query.window.is_some() || !query.symptoms.is_empty();
        let scope = &query.scope;
        let nobody = scope.customer.is_none() && scope.carrier.is_none() && scope.server.is_none();
        if !self.doubts.is_empty() || !query.terms.is_empty() {
            return;
        }
        let mut names = self
            .strange
            .iter()
            .filter(|word| names::is_capitalised(word));
        let word = if !query.is_empty() && nobody {
            names.next()
        } else if query.is_empty() && said_more && self.strange.len() == 1 {
            self.strange.first()
        } else {
            None
        };
        let Some(word) = word else {
            return;
        };
        let name = word.typed.clone();
        let mut answers = vec![
            (format!("Customer {name}"), Answer::Customer(name.clone())),
            (format!("Carrier {name}"), Answer::Carrier(name.clone())),
            (format!("Server {name}"), Answer::Server(name.clone())),
        ];
        let mut asked = format!("What is {name}: a customer, a carrier or a server?");
        if query.is_empty() {
            asked = format!("What is {name}: a SIP user, a customer, a carrier or a server?");
            answers.insert(
                0,
                (
                    format!("SIP user {name}"),
                    Answer::Term(Term::SipUser(name.clone())),
                ),
            );
            if let Some(id) = term::call_id(&name) {
                asked = format!(
                    "What is {name}: a SIP user, a Call-ID, a customer, a carrier or a server?"
                );
                answers.insert(1, (format!("Call-ID {name}"), Answer::Term(id)));
            }
        }
        self.doubts.push(Doubt {
            asked,
            answers,
            alone: None,
        });
    }

    /// One sentence saying what is missing, with an example.
    fn missing(&self, empty: bool) -> String {
        let notes = self
            .query
            .notes
            .iter()
            .map(|note| format!(" ({note})"))
            .collect::<String>();
        let why = if empty {
            "Say which call to look for"
        } else if self.query.window.is_some() || !self.query.symptoms.is_empty() {
            "That says what happened or when, but not to which calls: add a Call-ID, a number, an \
             address, a customer, a carrier or a destination"
        } else {
            "No Call-ID, number, address, SIP user, customer, carrier or destination was found in that"
        };
        format!("{why}, for example `70634039@192.168.0.204` or `+44 1632 960123 since 2h`.{notes}")
    }
}
