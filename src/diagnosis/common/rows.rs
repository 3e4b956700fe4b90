//! The traits of calls that were not diagnosed, out of rows of a platform's log and of billing. A row
//! tells less than messages do: what it leaves open stays undecided.

use super::named::Named;
use super::traits::{Aspect, Ended, Traits};
use crate::platform::{Attempt, CallRecord, Cdr, Records};
use crate::sip::Kind;

impl Traits {
    /// The traits of a row of the call log.
    #[must_use]
    pub fn of_row(row: &CallRecord, known: Named<'_>) -> Traits {
        let mut traits = Traits::blank(Kind::Call);
        let answered = row.answered.as_ref();
        traits.call_ids = call_ids(row);
        traits.at = row.started;
        traits.from = row.from.clone().unwrap_or_default();
        traits.to = row.to.clone().unwrap_or_default();
        traits.code = row.code;
        traits.answered = answered.is_some();
        traits.refusal = row.code.filter(|code| *code >= 300 && answered.is_none());
        traits.ended = match answered {
            Some(answered) => answered_well(answered.release_reason.as_deref()),
            None if row.may_be_live() => Ended::Undecided,
            None => refused(row.code),
        };
        let name = |attempt: &Attempt| {
            let named = attempt
                .carrier
                .clone()
                .filter(|name| !name.trim().is_empty());
            attempt.carrier_id.map(|id| known.carrier(id)).or(named)
        };
        let of_attempts = row.attempts.iter().filter_map(name);
        let of_answer = answered
            .and_then(|it| it.carrier_id)
            .map(|id| known.carrier(id));
        let carriers: Vec<String> = of_attempts.chain(of_answer).collect();
        traits.carrier = carriers.last().cloned();
        let code = row.attempts.last().and_then(|last| last.code);
        let failed = row
            .attempts
            .iter()
            .filter(|it| code.is_some() && it.code == code);
        for name in failed.filter_map(name) {
            if traits.carrier.as_ref() != Some(&name) && !traits.alike.contains(&name) {
                traits.alike.push(name);
            }
        }
        carriers
            .into_iter()
            .for_each(|name| traits.note(Aspect::Carrier, name));
        if let Some(id) = row.customer_id {
            traits.note(Aspect::Customer, known.customer(id));
        }
        traits.note(Aspect::Server, row.server.clone().unwrap_or_default());
        traits.note(
            Aspect::UserAgent,
            row.user_agent.clone().unwrap_or_default(),
        );
        if let Some(transport) = row.transport {
            traits.note(Aspect::Transport, transport.name().to_uppercase());
        }
        traits.note_own();
        traits
    }

    /// The traits of what was billed.
    #[must_use]
    pub fn of_cdr(cdr: &Cdr, known: Named<'_>) -> Traits {
        let mut traits = Traits::blank(Kind::Call);
        traits.call_ids = cdr.call_id.clone().into_iter().collect();
        traits.at = cdr.at;
        traits.from = cdr.from_received.clone().unwrap_or_default();
        let to = cdr.to_received.as_ref().or(cdr.to_sent.as_ref());
        traits.to = to.cloned().unwrap_or_default();
        traits.code = cdr.code;
        traits.answered = cdr.is_answered().unwrap_or(false);
        traits.refusal = cdr.code.filter(|code| *code >= 300 && !traits.answered);
        traits.ended = Ended::of_cdr(cdr);
        traits.carrier = cdr.carrier_id.map(|id| known.carrier(id));
        traits.note(Aspect::Carrier, traits.carrier.clone().unwrap_or_default());
        if let Some(id) = cdr.customer_id {
            traits.note(Aspect::Customer, known.customer(id));
        }
        traits.note_own();
        traits
    }

    /// The traits that the records of one call tell: its row of the log, else what was billed.
    #[must_use]
    pub fn of_records(records: &Records) -> Traits {
        let known = Named {
            customers: records.customer.as_slice(),
            carriers: &records.carriers,
        };
        match (&records.row, &records.cdr) {
            (Some(row), _) => Traits::of_row(row, known),
            (None, Some(cdr)) => Traits::of_cdr(cdr, known),
            (None, None) => Traits::blank(Kind::Call),
        }
    }
}

impl Ended {
    /// How a call ended, as far as what was billed tells.
    #[must_use]
    pub fn of_cdr(cdr: &Cdr) -> Ended {
        match cdr.is_answered() {
            Some(true) => answered_well(cdr.release_reason.as_deref()),
            _ => refused(cdr.code),
        }
    }
}

/// The ids of a row, the caller's first, each once.
fn call_ids(row: &CallRecord) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in row.call_ids() {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// Of an answered call: good where a BYE ended it, or nothing says how it ended. Other words (a
/// timeout, crossing messages) leave open whether it was of use.
fn answered_well(release_reason: Option<&str>) -> Ended {
    match release_reason.map(str::trim) {
        None | Some("") => Ended::Good,
        Some(reason) if reason.to_ascii_lowercase().ends_with("bye") => Ended::Good,
        Some(_) => Ended::Undecided,
    }
}

/// Of a call that was not answered: people end calls with these codes (RFC 3261 section 21), and a
/// challenge is no end at all. 480 and 603 are used for both.
fn refused(code: Option<u16>) -> Ended {
    match code {
        Some(401 | 407 | 480 | 486 | 487 | 600 | 603) => Ended::Undecided,
        Some(300..) => Ended::Failed,
        _ => Ended::Undecided,
    }
}
