//! Which rows of a platform's log a query describes: every form in which an id or a number may stand
//! there is tried in turn, and the first that finds something is said. Reads no trace.

use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::scope::{self, Unnamed};
use super::{AT_ONCE, Asked};
use crate::call::{CallQuery, Number, Term, Window};
use crate::platform::{Attempt, CallRecord, Cdr};
use crate::sources::{CdrField, CdrQuery, Columns, ConnexCs, Lookup, say_once};

/// How long the platform keeps its log.
pub const LOG_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Fewer digits than this end too many numbers to mean one.
const FEWEST_DIGITS: usize = 7;

/// So long ago calls may be that are looked for among call detail records: for three months the platform answers fast.
pub const RECORDS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Of more ids the records are not asked: each costs a query, of which few may be under way.
const MOST_BY_RECORD: usize = 10;

/// Records asked for where the log is full.
const MOST_CDRS: usize = 1000;

/// The rows of a query.
#[derive(Debug, Default)]
pub struct Rows {
    /// The failing ones first, then the newest.
    pub rows: Vec<CallRecord>,
    /// Call-IDs of which the log gave no row.
    pub unknown: Vec<Unknown>,
    pub asked: Asked,
    pub notes: Vec<String>,
    /// Whether the log may have more than it gave.
    pub is_full: bool,
}

/// A Call-ID of which the log gave no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub call_id: String,
    /// Why the log could not be searched for it; nothing where it was, and has none.
    pub unsearched: Option<String>,
}

impl Rows {
    /// Searches the log for each term of a query.
    pub async fn of(platform: &ConnexCs, query: &CallQuery, now: Timestamp) -> Rows {
        let searches = query.terms.iter();
        // Collected: a stream over closures that borrow cannot be sent to another thread.
        let searches: Vec<_> = searches
            .map(|term| search(platform, term, query, now).boxed())
            .collect();
        let mut found = stream::iter(searches).buffered(AT_ONCE);
        let mut all = Rows::default();
        while let Some(rows) = found.next().await {
            all.add(rows);
        }
        // The row of a call names the ids of both its sides, whichever of them the log was searched by.
        let rows = &all.rows;
        let is_of = |id: &str| rows.iter().any(|row| row.call_ids().any(|it| it == id));
        all.unknown.retain(|unknown| !is_of(&unknown.call_id));
        if let Some(name) = query
            .scope
            .customer
            .as_deref()
            .filter(|_| !all.rows.is_empty())
        {
            all.keep_of(platform, name).await;
        }
        if let Some(window) = &query.window {
            if now.duration_since(window.to) > LOG_KEPT {
                all.notes.push(format!(
                    "The platform keeps its log for {} days: it tells nothing of a time before.",
                    LOG_KEPT.as_hours() / 24
                ));
            }
            all.rows
                .retain(|row| row.started.is_none_or(|at| window.contains(at)));
        }
        // A dry run is no call, unless it is asked for or all there is.
        let is_asked = |row: &CallRecord| {
            let mut asked = query.terms.iter().filter_map(Term::call_id);
            asked.any(|id| row.call_ids().any(|it| it == id))
        };
        let is_call = |row: &CallRecord| !row.is_simulated() || is_asked(row);
        if all.rows.iter().any(|row| !row.is_simulated()) {
            let before = all.rows.len();
            all.rows.retain(is_call);
            all.asked.found = all.asked.found.saturating_sub(before - all.rows.len());
        }
        all.rows.sort_by_key(|row| {
            let newest = std::cmp::Reverse(row.started);
            (!row.failed(), is_of_stranger(row), newest)
        });
        all
    }

    /// Keeps the rows of one customer. A row that does not say whose it is may be another's.
    async fn keep_of(&mut self, platform: &ConnexCs, name: &str) {
        let customer = match scope::customer(platform, Some(name)).await {
            Ok(customer) => customer.map(|it| it.id),
            Err(Unnamed::Unknown(why)) => {
                self.notes.push(why);
                None
            }
            Err(Unnamed::Unavailable(why)) => {
                self.asked.unavailable.push(why);
                None
            }
        };
        let all = self.rows.len();
        let unsaid = self
            .rows
            .iter()
            .filter(|row| row.customer_id.is_none())
            .count();
        self.rows
            .retain(|row| customer.is_some() && row.customer_id == customer);
        let dropped = all.saturating_sub(self.rows.len());
        self.asked.found = self.asked.found.saturating_sub(dropped);
        if unsaid > 0 {
            let note = format!(
                "{unsaid} rows of the log do not say whose call they are, and were left out."
            );
            self.notes.push(note);
        }
    }

    fn add(&mut self, other: Rows) {
        for row in other.rows {
            let is_it = |known: &CallRecord| {
                known.call_id.is_some()
                    && known.call_id == row.call_id
                    && known.started == row.started
            };
            if !self.rows.iter().any(is_it) {
                self.rows.push(row);
            }
        }
        self.unknown.extend(other.unknown);
        self.asked.add(other.asked);
        say_once(&mut self.notes, other.notes);
    }

    /// Notes that the call detail records, which complete the log, could not be asked for.
    fn no_records(&mut self, why: &str) {
        let why = format!("call detail records: {why}");
        say_once(&mut self.asked.besides, [why]);
    }

    /// One search of the log. Gives whether it found rows that are meant.
    async fn try_form(
        &mut self,
        platform: &ConnexCs,
        form: &str,
        is_meant: &(dyn Fn(&CallRecord) -> bool + Sync),
    ) -> bool {
        let looked = platform.calls(form).await;
        let Some(answer) = self.asked.take(looked, |_| 0) else {
            return false;
        };
        let meant: Vec<CallRecord> = answer.rows.into_iter().filter(is_meant).collect();
        if meant.is_empty() {
            return false;
        }
        self.notes.extend(answer.notes);
        self.is_full |= answer.is_full;
        self.asked.found = self.asked.found.saturating_add(meant.len());
        self.rows.extend(meant);
        true
    }
}

async fn search(platform: &ConnexCs, term: &Term, query: &CallQuery, now: Timestamp) -> Rows {
    let mut rows = Rows::default();
    match term {
        Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => {
            let is_it = |row: &CallRecord| row.call_ids().any(|it| it == id);
            let is_incoming = matches!(term, Term::CallId(_));
            let may_have_record = is_incoming && query.terms.len() <= MOST_BY_RECORD;
            let is_found = rows.try_form(platform, id, &is_it).await
                || (may_have_record && by_record(&mut rows, platform, (id, query), now).await);
            if !is_found {
                rows.unknown.push(Unknown {
                    call_id: id.clone(),
                    unsearched: rows.asked.unavailable.first().cloned(),
                });
            }
        }
        Term::Number(number) => {
            number_rows(&mut rows, platform, number, query, now).await;
        }
        Term::Address { ip, port } => {
            let is_it = |row: &CallRecord| {
                row.source_ip.is_none_or(|source| source == *ip)
                    && port.is_none_or(|port| row.source_port.is_none_or(|it| it == port))
            };
            rows.try_form(platform, &ip.to_string(), &is_it).await;
        }
        Term::SipUser(user) => {
            let is_it = |row: &CallRecord| {
                let named = [&row.from, &row.to, &row.auth_user];
                named
                    .into_iter()
                    .flatten()
                    .any(|it| it.eq_ignore_ascii_case(user))
            };
            rows.try_form(platform, user, &is_it).await;
        }
    }
    rows
}

/// How a note calls a call: by its Call-ID where several were asked about.
pub(super) fn called(id: &str, query: &CallQuery) -> String {
    match query.terms.len() {
        0 | 1 => "this Call-ID".to_owned(),
        _ => id.to_owned(),
    }
}

/// What the log does not know any more may still have its call detail record. Gives whether it has.
async fn by_record(
    rows: &mut Rows,
    platform: &ConnexCs,
    (id, query): (&str, &CallQuery),
    now: Timestamp,
) -> bool {
    let this = called(id, query);
    // A log that could not be searched may still know it.
    if !rows.asked.unavailable.is_empty() {
        return false;
    }
    let days = RECORDS_KEPT.as_hours() / 24;
    let asked = CdrQuery {
        window: Window::new(now.checked_sub(RECORDS_KEPT).unwrap_or(now), now),
        fields: vec![CdrField::CallId(id.to_owned())],
        most: 1,
        columns: Columns::All,
    };
    let is_it = |cdr: &&Cdr| cdr.call_id.as_deref() == Some(id);
    let found = match platform.cdrs(&asked).await {
        Lookup::Found(answer) => answer.rows.iter().find(is_it).map(row_of),
        Lookup::Empty => None,
        Lookup::Unavailable(why) => {
            rows.notes.push(format!(
                "Call detail records could not be searched for {this}: {why}."
            ));
            rows.no_records(&why);
            return false;
        }
    };
    rows.notes.push(match found {
        Some(_) => format!(
            "The platform holds a call detail record of {this} and no row of its log: the carriers that were \
             tried and what routing decided are not known."
        ),
        None => format!("No call detail record of the last {days} days has {this} either."),
    });
    let is_found = found.is_some();
    rows.asked.found = rows.asked.found.saturating_add(usize::from(is_found));
    rows.rows.extend(found);
    is_found
}

/// Rows of a number in each form in which it may have been dialled, until one finds some.
async fn number_rows(
    rows: &mut Rows,
    platform: &ConnexCs,
    number: &Number,
    query: &CallQuery,
    now: Timestamp,
) {
    let digits = number.digits.as_str();
    let is_it = |row: &CallRecord| {
        let is_same = |it: &str| is_same_number(it, digits);
        [&row.from, &row.to]
            .into_iter()
            .flatten()
            .any(|it| is_same(it))
    };
    let forms = forms(number);
    for form in &forms {
        if rows.try_form(platform, form, &is_it).await {
            if Some(form) != forms.first() {
                rows.notes
                    .push(format!("The log has this number as {form}."));
            }
            break;
        }
        // The other forms would fail the same way, and each take as long.
        if !rows.asked.unavailable.is_empty() {
            break;
        }
    }
    let is_in_time = |row: &CallRecord| {
        let window = query.window.as_ref();
        window.is_none_or(|window| row.started.is_none_or(|at| window.contains(at)))
    };
    if rows.is_full {
        from_records(rows, platform, digits, query, now).await;
    } else if rows.asked.unavailable.is_empty() && !rows.rows.iter().any(is_in_time) {
        let before = rows.rows.len();
        from_records(rows, platform, digits, query, now).await;
        if rows.rows.len() > before {
            rows.notes.push(
                "The platform's log has no such call; its call detail records have: which carriers were tried and \
                 what routing decided is not known."
                    .to_owned(),
            );
        }
    }
}

/// Whether a call was turned away at the door and nobody is known whose it is: so scanners are, by the hundred.
fn is_of_stranger(row: &CallRecord) -> bool {
    let is_unknown = row.customer_id.is_none() && row.auth_user.is_none();
    let is_at_door = row.attempts.is_empty() && matches!(row.code, Some(401 | 403 | 407));
    is_unknown && is_at_door
}

/// Where the log is full or has nothing, the call detail records say which calls there were in the time that matters.
async fn from_records(
    rows: &mut Rows,
    platform: &ConnexCs,
    digits: &str,
    query: &CallQuery,
    now: Timestamp,
) {
    let back = if rows.is_full {
        SignedDuration::from_hours(24)
    } else {
        RECORDS_KEPT
    };
    let recent = || Window::new(now.checked_sub(back).unwrap_or(now), now);
    let asked = CdrQuery {
        window: query.window.unwrap_or_else(recent),
        fields: vec![CdrField::To(digits.to_owned())],
        most: MOST_CDRS,
        columns: Columns::All,
    };
    match platform.cdrs(&asked).await {
        Lookup::Found(answer) => {
            rows.notes.extend(answer.notes);
            let known: Vec<Option<String>> =
                rows.rows.iter().map(|it| it.call_id.clone()).collect();
            let new = answer.rows.iter().filter(|cdr| cdr.call_id.is_some());
            let new: Vec<CallRecord> = new
                .filter(|cdr| !known.contains(&cdr.call_id))
                .map(row_of)
                .collect();
            rows.asked.found = rows.asked.found.saturating_add(new.len());
            rows.rows.extend(new);
        }
        Lookup::Empty => {}
        Lookup::Unavailable(why) => {
            rows.notes.push(format!(
                "Call detail records could not be searched for older calls: {why}."
            ));
            rows.no_records(&why);
        }
    }
}

/// What a call detail record says that a row of the log would.
pub fn row_of(cdr: &Cdr) -> CallRecord {
    CallRecord {
        call_id: cdr.call_id.clone(),
        code: cdr.code,
        reason: cdr.reason.clone(),
        started: cdr.at,
        from: cdr.from_received.clone().or_else(|| cdr.from_sent.clone()),
        to: cdr.to_received.clone().or_else(|| cdr.to_sent.clone()),
        customer_id: cdr.customer_id,
        answered: (cdr.is_answered() == Some(true)).then(|| crate::platform::Answered {
            duration_ms: cdr.duration_ms,
            release_reason: cdr.release_reason.clone(),
            carrier_id: cdr.carrier_id,
            outgoing_call_id: None,
        }),
        attempts: carried(cdr).into_iter().collect(),
        is_of_billing: true,
        raw: cdr.raw.clone(),
        ..CallRecord::default()
    }
}

/// Who carried a call that was not answered: it was tried there, and it ended with the record's code.
fn carried(cdr: &Cdr) -> Option<Attempt> {
    let carrier = cdr.carrier_id.filter(|_| cdr.is_answered() != Some(true))?;
    Some(Attempt {
        carrier_id: Some(carrier),
        code: cdr.code,
        reason: cdr.reason.clone(),
        ..Attempt::default()
    })
}

/// The forms in which a number may stand in the log: digits, with a plus or 00, without the country
/// code.
fn forms(number: &Number) -> Vec<String> {
    let digits = number.digits.clone();
    let mut forms = vec![digits.clone()];
    // Behind a trunk zero there is no country code to be dialled with.
    if !digits.starts_with('0') {
        forms.extend([format!("+{digits}"), format!("00{digits}")]);
    }
    if let Some(code) = number.calling_code {
        let national = digits.strip_prefix(&code.to_string()).unwrap_or_default();
        if national.len() >= FEWEST_DIGITS {
            forms.push(format!("0{national}"));
            forms.push(national.to_owned());
        }
    }
    if let Some(prefix) = &number.tech_prefix {
        forms.push(format!("{prefix}{digits}"));
    }
    forms
}

/// Whether two writings of a number are the same: equal digits, or one ends with the other.
fn is_same_number(written: &str, digits: &str) -> bool {
    let there: String = written.chars().filter(char::is_ascii_digit).collect();
    let shorter = there.len().min(digits.len());
    there == digits
        || (shorter >= FEWEST_DIGITS && (there.ends_with(digits) || digits.ends_with(&there)))
        || (shorter >= FEWEST_DIGITS && national(&there) == national(digits))
}

/// A number without a trunk zero.
fn national(digits: &str) -> &str {
    let digits = digits.trim_start_matches('0');
    let from = digits.len().saturating_sub(9);
    digits.get(from..).unwrap_or(digits)
}
