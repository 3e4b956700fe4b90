//! What customers and carriers are called, where only their numbers stand in a row. Looks nothing up
//! but in the lists that it is given.

use crate::platform::{Carrier, Customer, Id, named};

/// The customers and carriers that are known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// The customers.
    pub customers: &'a [Customer],
    /// The carriers.
    pub carriers: &'a [Carrier],
}

impl Named<'_> {
    /// A customer in words.
    pub(super) fn customer(self, id: Id) -> String {
        let known = self.customers.iter().find(|it| it.id == id);
        named("customer", id, known.and_then(|it| it.name.as_deref()))
    }

    /// A carrier in words.
    pub(super) fn carrier(self, id: Id) -> String {
        let known = self.carriers.iter().find(|it| it.id == id);
        named("carrier", id, known.and_then(|it| it.name.as_deref()))
    }
}
