//! What a new interconnect has shown so far: a check for each thing that has to work before traffic
//! is sent. Judges only what calls of the address show; what was not seen is not wrong.

mod authentication;
mod books;

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Judged;
use crate::call::Form;
use crate::diagnosis::common::{Ended, Traits};
use crate::platform::CallRecord;
use crate::sip::{Hop, Kind, Method, Transaction};

pub use books::Books;

/// What there is to say of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// It was seen, and is as it should be.
    Good,
    /// It was seen, and something is wrong with it.
    Wrong,
    /// It was not seen.
    NotSeen,
}

impl Seen {
    /// The sign for it in plain text.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Seen::Good => '✓',
            Seen::Wrong => '✗',
            Seen::NotSeen => '○',
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What is checked.
    pub what: String,
    /// How it stands.
    pub seen: Seen,
    /// What was seen, in one sentence.
    pub sentence: String,
}

/// The checks of an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnUp {
    /// The address.
    pub address: IpAddr,
    /// Its configured name.
    pub name: Option<String>,
    /// The checks, always the same ones in the same order; two more where a platform was asked.
    pub checks: Vec<Check>,
    /// What the reader should know besides. Sentences.
    pub notes: Vec<String>,
}

/// Goes through what calls, registrations and keep-alives show of an address, and what the log has of calls without
/// messages; they come in the order in which they began. `lost` is what could not be asked for, `books` what the
/// platform has of the address besides, where there is one.
#[must_use]
pub fn turn_up(
    address: IpAddr,
    name: Option<String>,
    all: &[Judged<'_>],
    lost: &[String],
    books: Option<&Books>,
) -> TurnUp {
    let mut checks = vec![
        presence(all),
        authentication::check(address, all),
        direction(address, all),
        transport(address, all),
        options(address, all),
        numbers(address, all),
        callers(address, all),
        codecs(address, all),
        first_outcome(all),
    ];
    let is_silent = all.is_empty();
    if is_silent && !lost.is_empty() {
        // Nobody knows whether there is anything: none of it was not seen.
        for check in &mut checks {
            "Could not be looked up.".clone_into(&mut check.sentence);
        }
    }
    if let Some(books) = books {
        checks.splice(1..1, books::checks(books, address, is_silent));
    }
    TurnUp {
        address,
        name,
        checks,
        notes: lost
            .iter()
            .map(|why| format!("Could not be looked up: {why}."))
            .collect(),
    }
}

fn check(what: &str, seen: Seen, sentence: String) -> Check {
    Check {
        what: what.to_owned(),
        seen,
        sentence,
    }
}

/// So many of something.
fn many(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// The row of the log, where it is all that is known of a call.
fn row_alone<'a>(judged: &Judged<'a>) -> Option<&'a CallRecord> {
    let records = judged
        .case
        .records
        .filter(|_| judged.case.call.legs.is_empty());
    records?.row.as_ref()
}

/// The rows of the log that are all that is known of calls from an address.
fn rows<'a, 'c: 'a>(all: &'a [Judged<'c>]) -> impl Iterator<Item = &'c CallRecord> + 'a {
    all.iter().filter_map(row_alone)
}

fn began(judged: &Judged<'_>) -> Option<Timestamp> {
    let of_row = || row_alone(judged)?.started;
    judged.case.call.started().or_else(of_row)
}

fn presence(all: &[Judged<'_>]) -> Check {
    let of = |kind: Kind| {
        let seen = all.iter().filter(|it| row_alone(it).is_none());
        seen.filter(|it| it.case.call.kind() == kind).count()
    };
    let logged = rows(all).count();
    let began: Vec<Timestamp> = all.iter().filter_map(began).collect();
    let (Some(first), Some(last)) = (began.iter().min(), began.iter().max()) else {
        let why = "No message to or from it was seen: a firewall, a wrong address or port, or nothing was sent yet.";
        return check("Seen", Seen::NotSeen, why.to_owned());
    };
    let of_log = match logged {
        0 => String::new(),
        logged => format!(" ({logged} in the log alone, without messages)"),
    };
    let sentence = format!(
        "{}{of_log}, {} and {}, from {} to {} UTC.",
        many(of(Kind::Call) + logged, "call"),
        many(of(Kind::Registration), "registration"),
        many(of(Kind::Other), "other exchange"),
        first.strftime("%F %T"),
        last.strftime("%F %T"),
    );
    check("Seen", Seen::Good, sentence)
}

/// The hops on which the address is the client, or the server.
fn hops<'a>(address: IpAddr, all: &'a [Judged<'_>], sends: bool) -> impl Iterator<Item = &'a Hop> {
    let hops = all.iter().flat_map(|it| it.case.call.hops.iter());
    hops.filter(move |hop| {
        if sends {
            hop.client.ip() == address
        } else {
            hop.server.ip() == address
        }
    })
}

fn direction(address: IpAddr, all: &[Judged<'_>]) -> Check {
    let (from, to) = (
        hops(address, all, true).count() + rows(all).count(),
        hops(address, all, false).count(),
    );
    match (from, to) {
        (0, 0) => check(
            "Direction",
            Seen::NotSeen,
            "No call went to it or came from it.".to_owned(),
        ),
        (from, to) => {
            let sentence = format!("{} came from it, {to} went to it.", many(from, "call"));
            check("Direction", Seen::Good, sentence)
        }
    }
}

fn transport(address: IpAddr, all: &[Judged<'_>]) -> Check {
    let signals = all.iter().flat_map(|it| it.case.call.signals.iter());
    let names = signals
        .filter(|(_, it)| it.source().ip() == address || it.destination().ip() == address)
        .map(|(_, it)| it.packet.transport.name().to_uppercase());
    let of_rows = rows(all).filter_map(|row| Some(row.transport?.name().to_uppercase()));
    let names = names.chain(of_rows).collect();
    listed("Transport", names, "No message shows it.", "")
}

/// Values that were seen, in one sentence.
fn listed(what: &str, values: BTreeSet<String>, none: &str, before: &str) -> Check {
    if values.is_empty() {
        return check(what, Seen::NotSeen, none.to_owned());
    }
    let values: Vec<String> = values.into_iter().collect();
    check(what, Seen::Good, format!("{before}{}.", values.join("; ")))
}

fn options(address: IpAddr, all: &[Judged<'_>]) -> Check {
    const WHAT: &str = "OPTIONS";
    let pings = || {
        let transactions = all.iter().flat_map(|it| it.case.call.transactions.iter());
        transactions.filter(|it| it.method == Method::Options && !it.in_dialog)
    };
    let answered = |one: &&std::sync::Arc<Transaction>| one.final_response().is_some();
    let to: Vec<_> = pings().filter(|it| it.server.ip() == address).collect();
    let from: Vec<_> = pings().filter(|it| it.client.ip() == address).collect();
    let (to_answered, from_answered) = (
        to.iter().filter(|it| answered(it)).count(),
        from.iter().filter(|it| answered(it)).count(),
    );
    if to.is_empty() && from.is_empty() {
        return check(
            WHAT,
            Seen::NotSeen,
            "No OPTIONS went to it or came from it.".to_owned(),
        );
    }
    let told = [
        (
            to.len(),
            format!("it answered {to_answered} of {} sent to it", to.len()),
        ),
        (
            from.len(),
            format!(
                "{from_answered} of {} that it sent were answered",
                from.len()
            ),
        ),
    ];
    let seen = told.into_iter().filter(|(many, _)| *many > 0);
    let parts: Vec<String> = seen.map(|(_, text)| text).collect();
    let sentence = format!("Of OPTIONS {}.", parts.join(", "));
    let silent = (!to.is_empty() && to_answered == 0) || (!from.is_empty() && from_answered == 0);
    check(
        WHAT,
        if silent { Seen::Wrong } else { Seen::Good },
        sentence,
    )
}

/// The forms of the numbers that it calls, or that it is called with.
fn numbers(address: IpAddr, all: &[Judged<'_>]) -> Check {
    let called = |hop: &Hop, way: &str| {
        let invite = hop.first_invite()?;
        let uri = invite.message().request_uri()?;
        let form = Form::of(&uri.user.unwrap_or(uri.host));
        Some(format!("{} ({way})", form.label()))
    };
    let from = hops(address, all, true).filter_map(|hop| called(hop, "from it"));
    let to = hops(address, all, false).filter_map(|hop| called(hop, "to it"));
    let of_rows = rows(all).filter_map(|row| row.to.as_deref());
    let of_rows = of_rows.map(|to| format!("{} (from it)", Form::of(to).label()));
    listed(
        "Called numbers",
        from.chain(to).chain(of_rows).collect(),
        "No INVITE shows them.",
        "",
    )
}

fn callers(address: IpAddr, all: &[Judged<'_>]) -> Check {
    let forms = |hop: &Hop| -> Option<Vec<String>> {
        let message = hop.first_invite()?.message();
        let from = format!("From {}", Form::of(&message.from_user()).label());
        let asserted = message.asserted().into_iter().map(|it| {
            let user = it.uri.user.unwrap_or(it.uri.host);
            format!("P-Asserted-Identity {}", Form::of(&user).label())
        });
        Some([from].into_iter().chain(asserted).collect())
    };
    let of_rows = rows(all).filter_map(|row| row.from.as_deref());
    let of_rows = of_rows.map(|from| format!("From {}", Form::of(from).label()));
    let values: BTreeSet<String> = hops(address, all, true)
        .filter_map(forms)
        .flatten()
        .chain(of_rows)
        .collect();
    listed("Caller numbers", values, "It sent no INVITE.", "")
}

fn codecs(address: IpAddr, all: &[Judged<'_>]) -> Check {
    let offered = hops(address, all, true).filter_map(|hop| hop.decisive()?.described_by_client());
    let answered =
        hops(address, all, false).filter_map(|hop| hop.decisive()?.described_by_server());
    let values: BTreeSet<String> = offered
        .chain(answered)
        .filter_map(|described| Some(described.sdp.audio()?.codecs().join(", ")))
        .filter(|codecs| !codecs.is_empty())
        .collect();
    listed("Codecs", values, "It described no audio.", "")
}

fn first_outcome(all: &[Judged<'_>]) -> Check {
    const WHAT: &str = "First call";
    let is_call = |it: &&Judged<'_>| it.case.call.kind() == Kind::Call || row_alone(it).is_some();
    let Some(first) = all.iter().filter(is_call).min_by_key(|it| began(it)) else {
        return check(WHAT, Seen::NotSeen, "There was no call yet.".to_owned());
    };
    let traits = Traits::of_diagnosed(first.case, first.diagnosis);
    let verdict = &first.diagnosis.verdict;
    let seen = if traits.ended == Ended::Failed {
        Seen::Wrong
    } else {
        Seen::Good
    };
    check(
        WHAT,
        seen,
        format!("{} ({})", verdict.summary, verdict.rule),
    )
}
