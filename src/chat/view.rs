//! What may be seen of an answer, by those who read it. Takes away; adds nothing and asks nobody.

use super::commands::Verb;
use crate::diagnosis::{Diagnosis, Investigated, Investigation};
use crate::platform::Records;
use crate::sources::Known;

/// What may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Every call, in our own words.
    Everything,
    /// The calls of these customers only, in our own words.
    Customers(Vec<u64>),
    /// The calls of this customer only, in words for the customer: no carrier, no address, no packet.
    OfCustomer(u64),
    /// Nothing.
    Nothing,
}

impl View {
    /// Whether calls of this customer are in it. What is nobody's call is nobody's to see but ours.
    #[must_use]
    pub fn holds(&self, customer: Option<u64>) -> bool {
        match self {
            View::Everything => true,
            View::Customers(ids) => customer.is_some_and(|id| ids.contains(&id)),
            View::OfCustomer(own) => customer == Some(*own),
            View::Nothing => false,
        }
    }

    /// Whether a command tells of nothing but single calls, each of which can be looked at, or of no call at all.
    #[must_use]
    pub fn allows(&self, verb: Verb) -> bool {
        match self {
            View::Everything => true,
            View::Nothing => false,
            View::Customers(_) | View::OfCustomer(_) => matches!(
                verb,
                Verb::Diagnose
                    | Verb::Again
                    | Verb::Explain
                    | Verb::Rules
                    | Verb::Help
                    | Verb::Quit
            ),
        }
    }

    /// Whether the words are for a customer.
    #[must_use]
    pub fn is_for_a_customer(&self) -> bool {
        matches!(self, View::OfCustomer(_))
    }

    /// Leaves of an investigation what is in this view. Whether there was more is not told.
    #[must_use]
    pub fn of(&self, mut done: Investigated) -> Investigated {
        if *self == View::Everything {
            return done;
        }
        let known = done.evidence.calls(&[]);
        let seen = |call: &Diagnosis| self.holds(call.find_in(&known).and_then(customer));
        let calls: Vec<Diagnosis> = done.investigation.calls.into_iter().filter(seen).collect();
        done.investigation = Investigation {
            calls,
            // Sums, notes and steps tell of calls that are not shown.
            groups: Vec::new(),
            common: None,
            not_found: Vec::new(),
            not_asked: Vec::new(),
            notes: Vec::new(),
            steps: Vec::new(),
            lead: None,
            ..done.investigation
        };
        done
    }
}

/// Whose call it is, as the platform's records say.
fn customer(known: &Known) -> Option<u64> {
    known.records.as_ref().and_then(Records::customer_id)
}
