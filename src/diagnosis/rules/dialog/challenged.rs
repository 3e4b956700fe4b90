//! Requests inside a call that were asked for credentials and did not come again with them: whose that is. Finds
//! nothing itself.

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Owner;
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::ending::ended::{goes_to_caller, side_of};
use crate::sip::{Certainty, Method, Transaction};

/// Whether a challenged request came again, whatever became of it then.
pub fn is_repeated(case: &Case<'_>, challenged: &Transaction) -> bool {
    case.call.transactions.iter().any(|other| {
        is_between_the_same(other, challenged)
            && other.method == challenged.method
            && other.in_dialog
            && other.started() > challenged.started()
    })
}

/// Whose it is that a request was not seen with the credentials that it was asked for, how sure that is, and why.
pub fn unanswered(case: &Case<'_>, challenged: &Transaction) -> (Owner, Certainty, String) {
    let (method, asker) = (&challenged.method, case.name(challenged.server));
    let mut invites = case.call.with_method(Method::Invite);
    // Who was asked by the same node before has credentials.
    let was_asked_before = invites.any(|invite| {
        !invite.in_dialog && is_between_the_same(invite, challenged) && invite.is_challenged()
    });
    if was_asked_before {
        (
            side_of(case, challenged.client).into(),
            Certainty::Likely,
            format!(
                "{asker} asked for credentials, as for the INVITE, and no {method} with them was seen."
            ),
        )
    } else if goes_to_caller(case, challenged) {
        (
            side_of(case, challenged.server).into(),
            Certainty::Likely,
            format!(
                "{asker} asked for credentials in a call that it had set up itself: whom one calls need not have an \
                 account with the caller."
            ),
        )
    } else {
        (
            Party::Undecided.into(),
            Certainty::Possible,
            format!(
                "{asker} asked for credentials, which it had not done for the INVITE, and no {method} with them was seen."
            ),
        )
    }
}

fn is_between_the_same(one: &Transaction, other: &Transaction) -> bool {
    (one.leg, one.client.ip(), one.server.ip()) == (other.leg, other.client.ip(), other.server.ip())
}
