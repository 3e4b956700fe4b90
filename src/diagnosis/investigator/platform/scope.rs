//! Asking a platform about a scope (a customer, a carrier, a destination, a time) instead of single calls:
//! its call detail records and sums in that time, and a few failing calls to be diagnosed. Never the
//! search of the log, which knows neither time nor customer.

use std::cmp::Reverse;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::rows::row_of;
use crate::call::{CallQuery, Scope, Window};
use crate::diagnosis::common::{Ended, Named, Traits};
use crate::platform::{Aggregate, CallRecord, Carrier, Cdr, Customer, Id};
use crate::sources::{AggregateQuery, CdrField, CdrQuery, Columns, ConnexCs, GroupBy, Lookup};

/// What is looked at where no time was said.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// Records asked for at once.
const MOST_RECORDS: usize = 5000;

/// So many failing calls are diagnosed as examples.
const EXAMPLES: usize = 3;

/// What a platform's records hold of a scope.
#[derive(Debug, Default)]
pub(super) struct OfScope {
    /// Failing calls to be diagnosed, the newest first.
    pub rows: Vec<CallRecord>,
    /// By what all its calls are compared.
    pub traits: Vec<Traits>,
    pub found: usize,
    /// Whether its sums were told, be it without its records.
    pub is_summed: bool,
    pub unavailable: Vec<String>,
    /// Why nothing was asked for: nobody of that name is known.
    pub unnamed: Option<String>,
    pub notes: Vec<String>,
}

/// Asks for everything in a scope.
pub(super) async fn look(platform: &ConnexCs, query: &CallQuery, now: Timestamp) -> OfScope {
    let mut of = OfScope::default();
    let window = query.window.unwrap_or_else(|| {
        of.notes
            .push("No time was said: the last hour was looked at.".to_owned());
        Window::new(now.checked_sub(RECENT).unwrap_or(now), now)
    });
    let scope = &query.scope;
    let (customer, carrier) = tokio::join!(
        customer(platform, scope.customer.as_deref()),
        carrier(platform, scope.carrier.as_deref()),
    );
    let (customer, carrier) = match (customer, carrier) {
        (Ok(customer), Ok(carrier)) => (customer, carrier),
        (Err(Unnamed::Unknown(why)), _) | (_, Err(Unnamed::Unknown(why))) => {
            of.notes.push(why.clone());
            of.unnamed = Some(why);
            return of;
        }
        (Err(Unnamed::Unavailable(why)), _) | (_, Err(Unnamed::Unavailable(why))) => {
            of.unavailable.push(why);
            return of;
        }
    };
    let fields = [
        customer.as_ref().map(|it| CdrField::Customer(it.id)),
        carrier.as_ref().map(|it| CdrField::Carrier(it.id)),
        scope.code.map(CdrField::Code),
    ];
    let records = CdrQuery {
        window,
        fields: fields.into_iter().flatten().collect(),
        most: MOST_RECORDS,
        columns: Columns::All,
    };
    let sums = AggregateQuery {
        window,
        by: vec![GroupBy::Carrier, GroupBy::Customer, GroupBy::Destination],
        customer: customer.as_ref().map(|it| it.id),
    };
    let (cdrs, sums, carriers) =
        tokio::join!(platform.cdrs(&records), platform.aggregates(&sums), async {
            match &carrier {
                Some(one) => vec![one.clone()],
                // Without their names they are told by number.
                None => match platform.carriers().await {
                    Lookup::Found(answer) => answer.rows,
                    _ => Vec::new(),
                },
            }
        },);
    let cdrs = of.take_records(cdrs, scope);
    of.count(sums, &cdrs, scope, carrier.as_ref().map(|it| it.id));
    let known = Named {
        customers: customer.as_slice(),
        carriers: &carriers,
    };
    of.traits = cdrs.iter().map(|cdr| Traits::of_cdr(cdr, known)).collect();
    let examples = examples(&cdrs, &of.traits);
    of.rows = join_all(examples.into_iter().map(|cdr| logged(platform, cdr))).await;
    of.found = cdrs.len();
    of
}

/// Which calls are diagnosed: of those that failed the newest of each way in which they did, the most frequent way
/// first; calls that people ended or left unanswered only where none failed.
fn examples<'c>(cdrs: &'c [Cdr], traits: &[Traits]) -> Vec<&'c Cdr> {
    let ended_as = |wanted: Ended| {
        let unanswered = cdrs.iter().zip(traits);
        let unanswered = unanswered.filter(move |(cdr, traits)| {
            cdr.is_answered() == Some(false) && traits.ended == wanted
        });
        unanswered.map(|(cdr, _)| cdr).collect::<Vec<_>>()
    };
    let mut of = ended_as(Ended::Failed);
    if of.is_empty() {
        of = ended_as(Ended::Undecided);
    }
    let mut ways: Vec<Vec<&Cdr>> = Vec::new();
    for cdr in of {
        let is_its = |way: &&mut Vec<&Cdr>| {
            way.first()
                .is_some_and(|it| (it.carrier_id, it.code) == (cdr.carrier_id, cdr.code))
        };
        match ways.iter_mut().find(is_its) {
            Some(way) => way.push(cdr),
            None => ways.push(vec![cdr]),
        }
    }
    ways.sort_by_key(|way| Reverse(way.len()));
    let longest = ways.first().map_or(0, Vec::len);
    let in_turn = (0..longest).flat_map(|at| ways.iter().filter_map(move |way| way.get(at)));
    in_turn.copied().take(EXAMPLES).collect()
}

/// The row of the log of a call that is known by its record, as long as the log has it: that one knows the outgoing
/// Call-ID, without which the carrier's side of the call stays unseen.
async fn logged(platform: &ConnexCs, cdr: &Cdr) -> CallRecord {
    let row = row_of(cdr);
    let Some(id) = row.call_id.as_deref() else {
        return row;
    };
    let Lookup::Found(answer) = platform.calls(id).await else {
        return row;
    };
    let is_it = |it: &CallRecord| it.call_id.as_deref() == Some(id);
    answer.rows.into_iter().find(is_it).unwrap_or(row)
}

impl OfScope {
    /// The records that lie in the scope as far as the platform could not tell itself.
    fn take_records(
        &mut self,
        found: Lookup<crate::sources::Answer<Cdr>>,
        scope: &Scope,
    ) -> Vec<Cdr> {
        match found {
            Lookup::Found(answer) => {
                if answer.rows.len() >= MOST_RECORDS {
                    self.notes.push(format!(
                        "There are more than {MOST_RECORDS} call detail records in this time: the \
                         newest were looked at."
                    ));
                }
                self.notes.extend(answer.notes);
                let mut rows = answer.rows;
                rows.retain(|cdr| goes_there(cdr, scope));
                if !rows.is_empty() && rows.iter().all(|cdr| cdr.is_answered() == Some(true)) {
                    self.notes.push(
                        "The call detail records seen hold answered calls only: failures are known \
                         from the sums alone. Paste the Call-ID of one that failed."
                            .to_owned(),
                    );
                }
                rows
            }
            Lookup::Empty => Vec::new(),
            Lookup::Unavailable(why) => {
                self.unavailable.push(why);
                Vec::new()
            }
        }
    }

    /// What the platform's own sums say, in one sentence.
    fn count(
        &mut self,
        sums: Lookup<crate::sources::Answer<Aggregate>>,
        cdrs: &[Cdr],
        scope: &Scope,
        carrier: Option<Id>,
    ) {
        let rows = match sums {
            Lookup::Found(answer) => {
                self.is_summed = true;
                answer.rows
            }
            Lookup::Empty => return,
            Lookup::Unavailable(why) => {
                self.notes.push(format!(
                    "The platform's sums could not be asked for: {why}."
                ));
                return;
            }
        };
        // Sums know destinations by the names of rate cards: those that the records of the scope bear.
        let names: Vec<&str> = cdrs
            .iter()
            .filter_map(|cdr| cdr.destination.as_deref())
            .collect();
        let is_in = |row: &&Aggregate| {
            carrier.is_none_or(|id| row.carrier_id == Some(id))
                && (scope.destination.is_none()
                    || row
                        .destination
                        .as_deref()
                        .is_some_and(|it| names.contains(&it)))
        };
        let (attempts, failed) = rows.iter().filter(is_in).fold((0_u64, 0_u64), |sum, row| {
            (
                sum.0.saturating_add(row.attempts.unwrap_or(0)),
                sum.1.saturating_add(row.failed().unwrap_or(0)),
            )
        });
        if attempts > 0 {
            self.notes.push(format!(
                "By the platform's own sums {failed} of {attempts} attempts were not answered."
            ));
        }
    }
}

fn goes_there(cdr: &Cdr, scope: &Scope) -> bool {
    let Some(destination) = &scope.destination else {
        return true;
    };
    [&cdr.to_sent, &cdr.to_received]
        .into_iter()
        .flatten()
        .any(|number| {
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            destination.covers(&digits)
        })
}

/// Why nobody stands behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unnamed {
    /// The platform answered, and has none or several of that name: a sentence for who asked.
    Unknown(String),
    /// The platform could not be asked.
    Unavailable(String),
}

impl Unnamed {
    /// The sentence, whatever it is.
    pub fn why(self) -> String {
        match self {
            Unnamed::Unknown(why) | Unnamed::Unavailable(why) => why,
        }
    }
}

/// The customer that a scope names, by number or by name.
pub async fn customer(
    platform: &ConnexCs,
    name: Option<&str>,
) -> Result<Option<Customer>, Unnamed> {
    let Some(name) = name else { return Ok(None) };
    let found = match number(name) {
        Some(id) => match platform.customer(id).await {
            Lookup::Found(customer) => vec![customer],
            Lookup::Empty => Vec::new(),
            Lookup::Unavailable(why) => return Err(Unnamed::Unavailable(why)),
        },
        None => match platform.customers_named(name).await {
            Lookup::Found(answer) => answer.rows,
            Lookup::Empty => Vec::new(),
            Lookup::Unavailable(why) => return Err(Unnamed::Unavailable(why)),
        },
    };
    let is_it = |it: &&Customer| is_called(it.name.as_deref(), name);
    match (found.iter().find(is_it), found.as_slice()) {
        (Some(one), _) | (None, [one]) => Ok(Some(one.clone())),
        (None, []) => Err(unknown("customer", name)),
        (None, several) => Err(Unnamed::Unknown(format!(
            "The platform knows {} customers whose name has {name} in it: give the number of one as #12.",
            several.len()
        ))),
    }
}

/// The carrier that a scope names, by number or by name.
pub async fn carrier(platform: &ConnexCs, name: Option<&str>) -> Result<Option<Carrier>, Unnamed> {
    let Some(name) = name else { return Ok(None) };
    if let Some(id) = number(name) {
        // Its number is enough to look for its calls.
        return Ok(Some(match platform.carrier(id).await {
            Lookup::Found(carrier) => carrier,
            _ => Carrier {
                id,
                ..Carrier::default()
            },
        }));
    }
    match platform.carriers().await {
        Lookup::Found(answer) => {
            let mut rows = answer.rows.into_iter();
            rows.find(|it| is_called(it.name.as_deref(), name))
                .map(Some)
                .ok_or_else(|| unknown("carrier", name))
        }
        Lookup::Empty => Err(unknown("carrier", name)),
        Lookup::Unavailable(why) => Err(Unnamed::Unavailable(why)),
    }
}

fn unknown(kind: &str, name: &str) -> Unnamed {
    Unnamed::Unknown(match number(name) {
        Some(_) => format!("The platform knows no {kind} {name}: check its number."),
        None => format!(
            "The platform knows no {kind} {name}: check the name, or give its number as #12."
        ),
    })
}

/// The number in `#12`.
fn number(name: &str) -> Option<Id> {
    name.trim().strip_prefix('#')?.parse().ok()
}

fn is_called(known: Option<&str>, name: &str) -> bool {
    known.is_some_and(|known| known.trim().eq_ignore_ascii_case(name.trim()))
}
