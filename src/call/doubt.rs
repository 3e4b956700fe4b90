//! What can be read in several ways, and what each answer adds to a query. Decides nothing.

use super::{CallQuery, Destination, Term, Window};

/// Something that can be read in several ways.
pub(super) struct Doubt {
    pub asked: String,
    pub answers: Vec<(String, Answer)>,
    /// What is taken without asking when nothing else says which calls are meant.
    pub alone: Option<Term>,
}

/// One way to read it.
#[derive(Clone)]
pub(super) enum Answer {
    Term(Term),
    Customer(String),
    Carrier(String),
    Server(String),
    Code(u16),
    Around(jiff::Timestamp),
    Destination(Destination),
}

impl Answer {
    /// Adds the answer to a query. Of two customers, carriers and so on the first one stays.
    pub(super) fn apply(self, query: &mut CallQuery) {
        let scope = &mut query.scope;
        let (what, slot, name) = match self {
            Answer::Term(term) => return query.add(term),
            Answer::Around(moment) => {
                query.window.get_or_insert(Window::around(moment));
                return;
            }
            Answer::Code(code) => {
                match scope.code.filter(|old| *old != code) {
                    Some(old) => {
                        query.note(format!(
                            "one code at a time: {code} was left out, {old} taken"
                        ));
                    }
                    None => scope.code = Some(code),
                }
                return;
            }
            Answer::Destination(destination) => {
                match scope
                    .destination
                    .as_ref()
                    .filter(|old| **old != destination)
                {
                    Some(old) => {
                        let note = format!(
                            "one destination at a time: {destination} was left out, {old} taken"
                        );
                        query.note(note);
                    }
                    None => scope.destination = Some(destination),
                }
                return;
            }
            Answer::Customer(name) => ("customer", &mut scope.customer, name),
            Answer::Carrier(name) => ("carrier", &mut scope.carrier, name),
            Answer::Server(name) => ("server", &mut scope.server, name),
        };
        match slot.clone().filter(|old| *old != name) {
            Some(old) => {
                query.note(format!(
                    "one {what} at a time: {name} was left out, {old} taken"
                ));
            }
            None => *slot = Some(name),
        }
    }
}
