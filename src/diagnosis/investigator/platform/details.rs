//! Everything that a platform tells of one call, once its row is known: messages, steps through its
//! services, media quality, whose call it was and through whom it went. All asked side by side; what
//! could not be asked is said.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::owner::Owner;
use super::rows::Unknown;
use super::{Asked, Asking, Unasked, agent, beside};
use crate::call::{Phase, Symptom};
use crate::platform::{CallRecord, Carrier, Cdr, Id, Quality, Records, TraceState, packets};
use crate::sip::Packet;
use crate::sources::{Answer, ConnexCs, Lookup, say_once};

/// How long the platform keeps the messages of a call.
pub const TRACE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where packets of a platform stand among files: after all captures.
const FILES: u32 = 1 << 24;

/// More other calls to the same number are not looked at.
const MOST_SIBLINGS: usize = 20;

/// More carriers of one call are not looked up by name.
const MOST_CARRIERS: usize = 8;

/// What one platform told of one call.
#[derive(Debug, Default)]
pub struct Details {
    pub records: Option<Records>,
    pub packets: Vec<Packet>,
    pub call_ids: Vec<String>,
    /// What became of its call detail record, which belongs to the log.
    pub log: Asked,
    pub trace: Asked,
    /// The Call-ID, where it could not be asked for.
    pub unasked: Option<Unasked>,
    pub unavailable: Vec<String>,
    pub notes: Vec<String>,
}

/// How much is asked about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Nothing more: its row says what it says.
    Row,
    /// What its customer's settings have for it: a dry run has no messages.
    Settings,
    /// Its messages, and who took part.
    Trace,
    /// Everything.
    Full,
}

/// Asks, where that is wanted.
pub async fn wanted<T>(is_wanted: bool, asked: impl Future<Output = Lookup<T>>) -> Lookup<T> {
    if is_wanted {
        asked.await
    } else {
        Lookup::Empty
    }
}

impl Details {
    /// Of a call whose row is known. `number` tells it from others of the same look.
    pub async fn of_row(asking: Asking<'_>, row: CallRecord, number: u32, depth: Depth) -> Details {
        let (platform, symptoms) = (asking.platform, &asking.query.symptoms);
        let (is_full, is_traced) = (depth == Depth::Full, depth >= Depth::Trace);
        // Of many calls each would cost requests of its own.
        let asks_settings = is_full || depth == Depth::Settings;
        let call_id = row.call_id.clone().unwrap_or_default();
        let outgoing = row.outgoing_call_ids().next().map(str::to_owned);
        let id = call_id.as_str();
        let traced = async {
            let messages = wanted(is_traced, platform.messages(id, outgoing.as_deref())).await;
            let (servers, registered) = tokio::join!(
                wanted(is_full, beside::media_servers(platform, &messages)),
                wanted(is_full, beside::registered(platform, &row, &messages)),
            );
            (messages, servers, registered)
        };
        let (traced, service, quality, owner, own_carriers, others, cdr, did, dialog) = tokio::join!(
            traced,
            agent::service(platform, &row, is_full),
            wanted(is_full, heard(platform, &row)),
            Owner::of(asking, &row, asks_settings),
            carriers(platform, std::slice::from_ref(&row)),
            siblings(platform, &row, is_full),
            billed(platform, &row, symptoms),
            wanted(is_full, beside::did(platform, &row)),
            wanted(is_full, beside::dialog(platform, &row, symptoms)),
        );
        let ((messages, servers, registered), (events, agent)) = (traced, service);
        let (siblings, mut carriers) = others;
        carriers.extend(own_carriers);
        let mut details = Details {
            call_ids: [Some(call_id.clone()), outgoing]
                .into_iter()
                .flatten()
                .collect(),
            ..Details::default()
        };
        details.call_ids.retain(|id| !id.is_empty());
        if let Lookup::Unavailable(why) = &cdr {
            details
                .log
                .besides
                .push(format!("call detail record: {why}"));
        }
        let state = match details.read(messages, number, row.started) {
            _ if !is_traced => TraceState::NotAsked,
            state => state,
        };
        let records = Records {
            source: platform.name().to_owned(),
            asked_at: asking.now,
            trace: state,
            trace_kept: TRACE_KEPT,
            cdr: details.have("call detail record", cdr),
            quality: details.have("media quality", quality),
            events: details
                .have("class 5 events", events)
                .map(|it| it.rows)
                .unwrap_or_default(),
            agent: details
                .have("AI agent", agent)
                .map(|it| it.rows)
                .unwrap_or_default(),
            customer: owner.customer,
            carriers: details.named(carriers),
            source_entries: owner.entries,
            siblings,
            registering: None,
            did: details.have("DID", did),
            registered: details.have("registrations", registered),
            dialog: details.have("dialogs", dialog),
            rates: owner.allowed.rates,
            callers: owner.allowed.callers,
            servers: details.have("media servers", servers).unwrap_or_default(),
            row: Some(row),
        };
        for (what, why) in owner
            .unavailable
            .into_iter()
            .chain(owner.allowed.unavailable)
        {
            details.missing(what, &why);
        }
        details.records = Some(records);
        details
    }

    /// Of a Call-ID that the log does not know, or, where it could not be searched, may know: its
    /// messages, if there are any. Notes name it as `this`.
    pub async fn of_call_id(
        platform: &ConnexCs,
        (unknown, this): (Unknown, &str),
        number: u32,
        now: Timestamp,
    ) -> Details {
        let Unknown {
            call_id,
            unsearched,
        } = unknown;
        let messages = platform.messages(&call_id, None).await;
        let mut details = Details::default();
        if details.read(messages, number, None) == TraceState::Held {
            details.records = Some(Records {
                source: platform.name().to_owned(),
                asked_at: now,
                trace: TraceState::Held,
                trace_kept: TRACE_KEPT,
                row: Some(nameless(&call_id)),
                ..Records::default()
            });
            details.call_ids.push(call_id);
            let mut note = if unsearched.is_none() {
                format!(
                    "The platform holds the messages of {this} and no row of its log: customer, carrier and \
                     routing are not known."
                )
            } else {
                format!(
                    "The platform's log could not be searched: customer, carrier and routing of {this} are not \
                     known, nor is the outgoing Call-ID, so the carrier's side may be missing."
                )
            };
            if is_platforms_own(details.call_ids.last().map_or("", String::as_str)) {
                note.push_str(
                    " That is the Call-ID of the carrier's side: ask about the customer's own, or the number and \
                     the time, for the customer's side.",
                );
            }
            details.notes.push(note);
        } else if let Some(why) = unsearched.or_else(|| details.trace.unavailable.first().cloned())
        {
            details.unasked = Some(Unasked { call_id, why });
        }
        details
    }

    /// The same of a registration: it never has a row in the log of calls.
    pub fn of_registration(self) -> Details {
        Details {
            records: None,
            notes: Vec::new(),
            unasked: None,
            ..self
        }
    }

    /// Takes in the messages of a call.
    fn read(
        &mut self,
        messages: Lookup<Answer<crate::platform::TracedMessage>>,
        number: u32,
        near: Option<Timestamp>,
    ) -> TraceState {
        let state = match &messages {
            Lookup::Found(_) => TraceState::Held,
            Lookup::Empty => TraceState::None,
            Lookup::Unavailable(_) => TraceState::NotAsked,
        };
        if let Some(answer) = self.trace.take(messages, |it| it.rows.len()) {
            let file = FILES.saturating_add(number);
            let converted = packets(&answer.rows, file, near);
            self.notes.extend(answer.notes);
            self.notes.extend(converted.notes);
            self.packets = converted.packets;
        }
        state
    }

    /// What a look-up found; that it could not be made is noted.
    fn have<T>(&mut self, what: &str, lookup: Lookup<T>) -> Option<T> {
        match lookup {
            Lookup::Found(found) => Some(found),
            Lookup::Empty => None,
            Lookup::Unavailable(why) => {
                self.missing(what, &why);
                None
            }
        }
    }

    /// The carriers that could be named. One that could not keeps its number.
    fn named(&mut self, carriers: Vec<Lookup<Carrier>>) -> Vec<Carrier> {
        let named = carriers.into_iter();
        named.filter_map(|it| self.have("carrier", it)).collect()
    }

    fn missing(&mut self, what: &str, why: &str) {
        say_once(&mut self.unavailable, [format!("{what}: {why}")]);
    }
}

/// What is known of a call that has messages and no row: on which side of the platform its Call-ID is.
fn nameless(call_id: &str) -> CallRecord {
    let id = Some(call_id.to_owned());
    if is_platforms_own(call_id) {
        CallRecord {
            outgoing_call_id: id,
            ..CallRecord::default()
        }
    } else {
        CallRecord {
            call_id: id,
            ..CallRecord::default()
        }
    }
}

/// Whether a Call-ID has the form of those that the platform makes for the legs that it sends out.
pub fn is_platforms_own(call_id: &str) -> bool {
    let number = call_id
        .strip_prefix("CNX")
        .and_then(|rest| rest.split_once('_'));
    number.is_some_and(|(digits, _)| {
        !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
    })
}

/// Media quality: only an answered call has any.
async fn heard(platform: &ConnexCs, row: &CallRecord) -> Lookup<Quality> {
    match (&row.answered, &row.call_id) {
        (Some(_), Some(id)) => platform.quality(id).await,
        _ => Lookup::Empty,
    }
}

/// What was billed, where that was asked for.
async fn billed(platform: &ConnexCs, row: &CallRecord, symptoms: &[Symptom]) -> Lookup<Cdr> {
    let is_wanted = symptoms.iter().any(|it| it.phase() == Phase::TearDown);
    let (Some(id), Some(at), true) = (&row.call_id, row.started, is_wanted) else {
        return Lookup::Empty;
    };
    platform.cdr_of(id, at).await
}

/// Other calls to the number of a call that failed, and their carriers: what became of them may tell carrier and called
/// side apart. That they could not be asked for costs nothing.
async fn siblings(
    platform: &ConnexCs,
    row: &CallRecord,
    is_wanted: bool,
) -> (Vec<CallRecord>, Vec<Lookup<Carrier>>) {
    let number = row
        .to
        .as_deref()
        .filter(|_| is_wanted && row.failed() && !row.attempts.is_empty());
    let Some(number) = number else {
        return Default::default();
    };
    match platform.calls(number).await {
        Lookup::Found(answer) => {
            let is_other = |it: &CallRecord| it.to == row.to && it.call_id != row.call_id;
            let others = answer.rows.into_iter().filter(is_other);
            let others: Vec<CallRecord> = others.take(MOST_SIBLINGS).collect();
            let carriers = carriers(platform, &others).await;
            (others, carriers)
        }
        Lookup::Empty | Lookup::Unavailable(_) => Default::default(),
    }
}

/// The carriers of some rows.
async fn carriers(platform: &ConnexCs, rows: &[CallRecord]) -> Vec<Lookup<Carrier>> {
    let mut ids: Vec<Id> = Vec::new();
    for row in rows {
        ids.extend(row.carrier_ids());
        ids.extend(row.routes.iter().filter_map(|it| it.carrier_id));
    }
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MOST_CARRIERS);
    join_all(ids.into_iter().map(|id| platform.carrier(id))).await
}
