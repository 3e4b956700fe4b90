//! The rows of a ladder: one a message, with its repetitions folded into it. Counts and measures;
//! draws nothing.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;

use super::label;
use super::lanes::Lanes;
use crate::sip::{Call, Method, Name, Repeat, Signal};

/// One message, however often it was sent.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number in the call; the first one's where it was repeated.
    pub number: usize,
    /// Which leg it belongs to, from 0.
    pub leg: usize,
    /// The lane it left.
    pub from: usize,
    /// The lane it went to.
    pub to: usize,
    /// When it was seen, after the call's first message.
    pub at: SignedDuration,
    /// How often it was sent.
    pub times: usize,
    /// When it was last seen.
    pub last: SignedDuration,
    /// What it says, the longest form first, with how often it was sent.
    pub forms: Vec<String>,
    /// Whether it only keeps a path open.
    pub keep_alive: bool,
    /// Whether the verdict rests on it or on one of its repetitions.
    pub marked: bool,
}

/// Makes the rows of a call. Capture duplicates make none.
#[must_use]
pub fn rows(call: &Call, lanes: &Lanes, marked: &[usize]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row_of: HashMap<_, usize> = HashMap::new();
    let in_dialog = reinvites(call);
    // Most calls repeat nothing, and nothing is looked for in them.
    let repeats = call
        .signals
        .iter()
        .any(|(_, it)| it.repeat != Repeat::First);
    for (leg, signal) in &call.signals {
        let since = call.started().map_or(SignedDuration::ZERO, |start| {
            signal.at().duration_since(start)
        });
        let is_marked = marked.contains(&signal.number);
        let key = repeats.then(|| (*leg, identity(signal)));
        let known = key.as_ref().and_then(|key| row_of.get(key));
        let known = known.and_then(|at| rows.get_mut(*at));
        if let (Some(row), true) = (known, signal.repeat != Repeat::First) {
            if signal.repeat == Repeat::Retransmission {
                row.times += 1;
                row.last = since;
            }
            row.marked |= is_marked;
            continue;
        }
        row_of.extend(key.map(|key| (key, rows.len())));
        rows.push(Row {
            number: signal.number,
            leg: *leg,
            from: lanes.place(call.node(signal.source())),
            to: lanes.place(call.node(signal.destination())),
            at: since,
            times: 1,
            last: since,
            forms: label::forms(signal, in_dialog.contains(&(*leg, exchange(signal)))),
            keep_alive: signal.is_keep_alive(),
            marked: is_marked,
        });
    }
    for row in rows.iter_mut().filter(|row| row.times > 1) {
        for form in &mut row.forms {
            form.push_str(&format!(" ×{}", row.times));
        }
    }
    rows
}

/// What copies of one message share; see [`Signal::repeat`].
fn identity(signal: &Signal) -> impl Eq + std::hash::Hash + use<> {
    let cseq = signal.message().header(Name::CSeq).map(|c| c.into_owned());
    (
        (signal.source(), signal.destination()),
        signal.message().start_text().into_owned(),
        cseq,
        signal.branch.clone(),
        signal.to_tag.clone(),
    )
}

/// What a request shares with its answers on every hop.
fn exchange(signal: &Signal) -> (Option<String>, u32) {
    (signal.from_tag.clone(), signal.cseq_number())
}

/// The exchanges whose INVITE stands in a dialog.
fn reinvites(call: &Call) -> HashSet<(usize, (Option<String>, u32))> {
    let inside = |signal: &Signal| signal.is_request(&Method::Invite) && signal.to_tag.is_some();
    call.signals
        .iter()
        .filter(|(_, signal)| inside(signal))
        .map(|(leg, signal)| (*leg, exchange(signal)))
        .collect()
}
