//! Asks the platform how many other calls around a failed one failed too: at most three requests a call,
//! after its verdict stands.

use jiff::Timestamp;

use super::Investigator;
use crate::call::Window;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::scope::{Answer, Of, ScopeLine, scope_line, windows};
use crate::platform::{Cdr, Records};
use crate::sip::Kind;
use crate::sources::{
    AggregateQuery, CdrField, CdrQuery, Columns, ConnexCs, GroupBy, Known, Lookup,
};

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
            if let Some((platform, records)) = self.scope_is_asked_of(diagnosis, found) {
                diagnosis.scope = Some(around(platform, records, now).await);
            }
        }
    }

    /// The platform that is asked about the calls around this one, with what it told of it; nothing where none is.
    pub(super) fn scope_is_asked_of<'a>(
        &'a self,
        diagnosis: &Diagnosis,
        found: &'a [Known],
    ) -> Option<(&'a ConnexCs, &'a Records)> {
        let records = diagnosis.find_in(found)?.records.as_ref()?;
        let platform = self.platforms().find(|it| it.name() == records.source)?;
        failed(records, diagnosis).then_some((platform, records))
    }
}

/// More records of the time around a call are not read.
const MOST_RECORDS: usize = 2000;

/// Whether the call was placed and not answered.
fn failed(records: &Records, diagnosis: &Diagnosis) -> bool {
    let seen = diagnosis.facts.first();
    match seen {
        Some(facts) => facts.kind == Kind::Call && !facts.answered,
        None => records
            .row
            .as_ref()
            .is_some_and(|row| row.failed() && !row.is_simulated()),
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
    let (during, before, around) = tokio::join!(
        platform.aggregates(&during_query),
        platform.aggregates(&before_query),
        Around::of(platform, records, window),
    );
    let rows = |lookup: Lookup<crate::sources::Answer<crate::platform::Aggregate>>| match lookup {
        Lookup::Found(answer) => Ok(answer.rows),
        Lookup::Empty => Ok(Vec::new()),
        Lookup::Unavailable(why) => Err(why),
    };
    let call_id = records.row.as_ref().and_then(|row| row.call_id.as_deref());
    let of = of(records, around.own(call_id).or(records.cdr.as_ref()));
    let clock = |at: Timestamp| at.strftime("%H:%M UTC").to_string();
    let line = match (rows(during), rows(before)) {
        (Ok(during), Ok(before)) => scope_line(&of, window, &during, &before, &clock),
        (Err(why), _) | (_, Err(why)) => ScopeLine {
            answer: Answer::CannotTell,
            from: window.from,
            to: window.to,
            counts: Vec::new(),
            customers_hit: 0,
            codes: Vec::new(),
            said: format!("Not checked: {why}."),
        },
    };
    line.with_codes(
        &of,
        &around.whose,
        call_id.unwrap_or_default(),
        &around.cdrs,
    )
}

/// The call detail records of the time around a call, its own among them: they name the destination as the sums
/// do, and tell with what other calls ended. Those of its customer, else of its carrier.
struct Around {
    cdrs: Vec<Cdr>,
    whose: String,
}

impl Around {
    async fn of(platform: &ConnexCs, records: &Records, window: Window) -> Around {
        let known = of(records, records.cdr.as_ref());
        let own = records.row.as_ref().and_then(|row| row.call_id.clone());
        let (field, whose) = match (known.customer, known.carrier) {
            (Some((id, name)), _) => (CdrField::Customer(id), format!("of {name}")),
            (None, Some((id, name))) => (CdrField::Carrier(id), format!("through {name}")),
            (None, None) => (CdrField::CallId(own.unwrap_or_default()), String::new()),
        };
        let query = CdrQuery {
            window,
            fields: vec![field],
            most: MOST_RECORDS,
            columns: Columns::All,
        };
        let cdrs = match platform.cdrs(&query).await {
            Lookup::Found(answer) => answer.rows,
            Lookup::Empty | Lookup::Unavailable(_) => Vec::new(),
        };
        Around { cdrs, whose }
    }

    fn own(&self, call_id: Option<&str>) -> Option<&Cdr> {
        let call_id = call_id?;
        self.cdrs
            .iter()
            .find(|it| it.call_id.as_deref() == Some(call_id))
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
