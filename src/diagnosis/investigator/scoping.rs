//! Asks the platform how many other calls around a failed one failed too: at most three requests a call,
//! after its verdict stands.

use jiff::Timestamp;

use super::Investigator;
use crate::call::Window;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::scope::{Answer, Of, ScopeLine, scope_line, windows};
use crate::platform::{Cdr, Records};
use crate::sources::{AggregateQuery, ConnexCs, GroupBy, Known, Lookup};

/// More calls of one answer are not asked about: who asks for many gets what they have in common.
pub(super) const MOST_ASKED: usize = 3;

impl Investigator {
    /// Adds to each failed call whether others suffer too.
    pub(super) async fn add_scope(
        &self,
        diagnoses: &mut [Diagnosis],
        found: &[Known],
        now: Timestamp,
    ) {
        if diagnoses.len() > MOST_ASKED {
            return;
        }
        for diagnosis in diagnoses {
            let records = diagnosis
                .find_in(found)
                .and_then(|known| known.records.as_ref());
            let Some(records) = records.filter(|records| failed(records, diagnosis)) else {
                continue;
            };
            let platform = self.platforms().find(|it| it.name() == records.source);
            if let Some(platform) = platform {
                diagnosis.scope = Some(around(platform, records, now).await);
            }
        }
    }
}

/// Whether the call was placed and not answered.
fn failed(records: &Records, diagnosis: &Diagnosis) -> bool {
    let seen = diagnosis.facts.first();
    match seen {
        Some(facts) => !facts.answered,
        None => records
            .row
            .as_ref()
            .is_some_and(|row| row.answered.is_none() && !row.is_simulated()),
    }
}

async fn around(platform: &ConnexCs, records: &Records, now: Timestamp) -> ScopeLine {
    let at = records.row.as_ref().and_then(|row| row.started);
    let (window, before) = windows(at.unwrap_or(now), now);
    let sums = |window: Window| AggregateQuery {
        window,
        by: vec![GroupBy::Carrier, GroupBy::Customer, GroupBy::Destination],
        customer: None,
    };
    let (during_query, before_query) = (sums(window), sums(before));
    let (during, before, cdr) = tokio::join!(
        platform.aggregates(&during_query),
        platform.aggregates(&before_query),
        own_record(platform, records),
    );
    let rows = |lookup: Lookup<crate::sources::Answer<crate::platform::Aggregate>>| match lookup {
        Lookup::Found(answer) => Ok(answer.rows),
        Lookup::Empty => Ok(Vec::new()),
        Lookup::Unavailable(why) => Err(why),
    };
    let of = of(records, cdr.as_ref());
    let clock = |at: Timestamp| at.strftime("%H:%M UTC").to_string();
    match (rows(during), rows(before)) {
        (Ok(during), Ok(before)) => scope_line(&of, window, &during, &before, &clock),
        (Err(why), _) | (_, Err(why)) => ScopeLine {
            answer: Answer::CannotTell,
            from: window.from,
            to: window.to,
            counts: Vec::new(),
            customers_hit: 0,
            said: format!("Not checked: {why}."),
        },
    }
}

/// The call detail record of the call: it names the destination as the sums do.
async fn own_record(platform: &ConnexCs, records: &Records) -> Option<Cdr> {
    if records.cdr.is_some() {
        return records.cdr.clone();
    }
    let row = records.row.as_ref()?;
    match platform.cdr_of(row.call_id.as_deref()?, row.started?).await {
        Lookup::Found(cdr) => Some(cdr),
        Lookup::Empty | Lookup::Unavailable(_) => None,
    }
}

/// What others are compared with: the carrier that was tried last, the destination, the customer.
fn of(records: &Records, cdr: Option<&Cdr>) -> Of {
    let row = records.row.as_ref();
    let last = row.and_then(|row| row.carrier_ids().next_back());
    let carrier = last.or(cdr.and_then(|it| it.carrier_id));
    let customer = records
        .customer
        .as_ref()
        .map(|it| it.id)
        .or(row.and_then(|row| row.customer_id));
    Of {
        carrier: carrier.map(|id| (id, records.carrier_name(id))),
        destination: cdr.and_then(|it| it.destination.clone()),
        customer: customer.zip(records.customer_name()),
    }
}
