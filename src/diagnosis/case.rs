//! What a rule gets to see: one call with its roles and the quality of its trace, and the words
//! that all rules share. Decides nothing.

use std::cell::OnceCell;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::exchange::{Exchange, exchanges};
use super::media::{MediaPath, paths};
use super::origin::{Origin, origin};
use super::party::{Party, Side};
use super::quality::Quality;
use super::roles::Roles;
use super::signing::Signing;
use super::tuning::Tuning;
use crate::call::Expected;
use crate::knowledge::Knowledge;
use crate::peers::Peers;
use crate::platform::{Incident, Records};
use crate::sip::branch::branches;
use crate::sip::{Call, Granted, Hop, Kind, Signal, Tie, Transaction};
use crate::wire::Observations;

/// One call, ready to be judged.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The call.
    pub call: &'a Call,
    /// Which node is whose.
    pub roles: Roles,
    /// What the trace lacks.
    pub quality: Quality,
    /// Until when the evidence reaches: what comes later could not have been seen. The last
    /// packet of the capture, or the time of the query; nothing where it is not known.
    pub seen_until: Option<Timestamp>,
    /// What was seen on the wire besides SIP messages; some of it may concern other calls.
    pub observed: &'a Observations,
    /// What the platform's records say of the call, where a platform was asked.
    pub records: Option<&'a Records>,
    /// What the platform's status page says; most of it may concern other calls.
    pub incidents: &'a [Incident],
    /// Where the call should have gone, where somebody said it.
    pub expected: Option<&'a Expected>,
    /// Registrations near the call, those of its users and what they were granted.
    pub granted: &'a [Granted],
    /// The audio of the call, one path a hop of the way, the caller's first; empty where nothing
    /// besides messages was seen.
    pub media: Vec<MediaPath<'a>>,
    /// What codes, causes and texts mean.
    pub knowledge: &'a Knowledge,
    /// How the catalogue is tuned.
    pub tuning: &'a Tuning,
    exchanges: OnceCell<Vec<Exchange<'a>>>,
    signing: OnceCell<Option<Signing<'a>>>,
    beside: OnceCell<Vec<(usize, &'a str)>>,
}

impl<'a> Case<'a> {
    /// Prepares a call.
    #[must_use]
    pub fn new(call: &'a Call, peers: &Peers, seen_until: Option<Timestamp>) -> Case<'a> {
        let (roles, quality) = (Roles::of(call, peers), Quality::of(call));
        Case {
            call,
            roles,
            quality,
            seen_until,
            observed: Observations::NONE,
            records: None,
            incidents: &[],
            expected: None,
            granted: &[],
            media: Vec::new(),
            knowledge: Knowledge::built_in(),
            tuning: Tuning::as_declared(),
            exchanges: OnceCell::new(),
            signing: OnceCell::new(),
            beside: OnceCell::new(),
        }
    }

    /// The same with what was seen besides the messages.
    #[must_use]
    pub fn observing(self, observed: &'a Observations) -> Case<'a> {
        let mut case = Case { observed, ..self };
        case.media = paths(&case);
        case
    }

    /// The same with what the platform's records say; before anything that was observed.
    #[must_use]
    pub fn recorded(self, records: Option<&'a Records>) -> Case<'a> {
        let roles = match records {
            Some(records) => self.roles.introduced(self.call, records),
            None => self.roles,
        };
        Case {
            records,
            roles,
            ..self
        }
    }

    /// The same with what the platform's status page says.
    #[must_use]
    pub fn hearing(self, incidents: &'a [Incident]) -> Case<'a> {
        Case { incidents, ..self }
    }

    /// The same with where the call should have gone.
    #[must_use]
    pub fn expecting(self, expected: Option<&'a Expected>) -> Case<'a> {
        Case { expected, ..self }
    }

    /// The same with the registrations near it.
    #[must_use]
    pub fn registered(self, granted: &'a [Granted]) -> Case<'a> {
        Case { granted, ..self }
    }

    /// The same, read with what an operator knows too.
    #[must_use]
    pub fn knowing(self, knowledge: &'a Knowledge) -> Case<'a> {
        Case { knowledge, ..self }
    }

    /// The same, judged by the catalogue as it is tuned.
    #[must_use]
    pub fn tuned(self, tuning: &'a Tuning) -> Case<'a> {
        Case { tuning, ..self }
    }

    /// Its digest exchanges, worked out when they are first asked for.
    pub fn exchanges(&self) -> &[Exchange<'a>] {
        self.exchanges.get_or_init(|| exchanges(self))
    }

    /// How it was signed, worked out when it is first asked for; nothing where calls like it are not signed.
    pub fn signing(&self) -> Option<&Signing<'a>> {
        self.signing.get_or_init(|| Signing::of(self)).as_ref()
    }

    /// A node in words: its name or role, and its address.
    #[must_use]
    pub fn name(&self, node: SocketAddr) -> String {
        match self.who(node) {
            who if who.is_empty() => node.to_string(),
            who => format!("{who} {node}"),
        }
    }

    /// A node without its address: its name or role, as far as there are any.
    #[must_use]
    pub fn who(&self, node: SocketAddr) -> String {
        let is_registration = self.call.kind() == Kind::Registration;
        let role = match self.roles.side(node) {
            Side::Platform => "platform",
            Side::CalledPeer if is_registration => "registrar",
            side => match self.roles.party(side) {
                Party::Customer => "customer",
                Party::Carrier => "carrier",
                Party::FarEnd => "far end",
                _ => "",
            },
        };
        self.roles.name(node).unwrap_or(role).to_owned()
    }

    /// How long after the call's first message a message was seen, as in `+0.61 s`; its number where
    /// nobody recorded times.
    #[must_use]
    pub fn when(&self, signal: &Signal) -> String {
        if self.call.is_timeless() {
            return format!("message {}", signal.number);
        }
        self.at(signal.at())
    }

    /// How long after the call's first message that was, in the same words.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> String {
        let since = self
            .call
            .started()
            .map_or(SignedDuration::ZERO, |start| at.duration_since(start));
        format!("+{}", seconds(since))
    }

    /// How long something took between two of its messages, as [`seconds`] says it; nobody knows that where no
    /// times were recorded.
    #[must_use]
    pub fn lasting(&self, duration: SignedDuration) -> String {
        if self.call.is_timeless() {
            return "an unknown time".to_owned();
        }
        seconds(duration)
    }

    /// Where the final answer that the caller got was made.
    #[must_use]
    pub fn origin(&self) -> Option<Origin<'a>> {
        origin(self.call, self.call.ingress()?)
    }

    /// The 2xx that answered the call, at the caller if it was seen there; of several to one INVITE that of the dialog
    /// that was kept. Where none was seen, the ACK that confirms it.
    #[must_use]
    pub fn answer(&self) -> Option<&'a Arc<Signal>> {
        let of = |hop: &'a Hop| {
            let first = hop.final_response().filter(|it| is_success(it))?;
            let mut all = hop.decisive()?.responses.iter();
            all.find(|it| is_success(it) && !self.is_beside(hop.leg, it))
                .or(Some(first))
        };
        let (ingress, hops) = (self.call.ingress(), || self.call.hops.iter());
        ingress
            .and_then(of)
            .or_else(|| hops().find_map(of))
            .or_else(|| ingress.and_then(Hop::confirmed))
            .or_else(|| hops().find_map(Hop::confirmed))
    }

    /// Whether a message is of a dialog beside the call's own: another answer to its INVITE, which the caller did not
    /// keep, or a later call under the same Call-ID.
    #[must_use]
    pub fn is_beside(&self, leg: usize, signal: &Signal) -> bool {
        let beside = self.beside.get_or_init(|| {
            let of = |hop: &'a Hop| beside(self.call, hop);
            self.call.hops.iter().flat_map(of).collect()
        });
        let tags = [signal.from_tag.as_deref(), signal.to_tag.as_deref()];
        let is_its = |(of, tag): &(usize, &str)| *of == leg && tags.contains(&Some(*tag));
        beside.iter().any(is_its)
    }

    /// The BYE transactions of the call's own dialogs in order.
    pub fn own_byes(&self) -> impl Iterator<Item = &'a Arc<Transaction>> {
        let is_own = |bye: &&'a Arc<Transaction>| {
            let sent = bye.request();
            sent.is_some_and(|sent| !self.is_beside(bye.leg, sent))
        };
        self.byes().filter(is_own)
    }

    /// The final answer that ended the setup without a 2xx, as the caller got it.
    #[must_use]
    pub fn failure(&self) -> Option<&'a Arc<Signal>> {
        if self.answer().is_some() {
            return None;
        }
        self.call.ingress()?.final_response()
    }

    /// The way the call took: the hops from the caller's on, where a node tried several the one
    /// that was answered 2xx, else the last.
    #[must_use]
    pub fn way(&self) -> Vec<&'a Hop> {
        let answered = |hop: &&Hop| matches!(hop.final_code(), Some(200..=299));
        let mut way: Vec<&'a Hop> = Vec::new();
        let mut next = self.call.ingress();
        while let Some(hop) = next.filter(|hop| way.iter().all(|before| before.id != hop.id)) {
            way.push(hop);
            let tried = || self.call.downstream(hop);
            next = tried().find(answered).or_else(|| tried().last());
        }
        way
    }

    /// Where the platform sent the call, the last way that it tried; nothing where it was not seen to send it to
    /// anybody else.
    #[must_use]
    pub fn far_leg(&self) -> Option<&'a Hop> {
        let hop = self.way().pop()?;
        let is_sent = hop.upstream.is_some() || self.roles.side(hop.client) == Side::Platform;
        (is_sent && self.roles.side(hop.server) != Side::Platform).then_some(hop)
    }

    /// The Call-IDs of legs that may be this call's and may as well be another's.
    pub fn open_legs(&self) -> impl Iterator<Item = &'a str> {
        let call = self.call;
        let is_of_this =
            move |tie: &&Tie| call.legs.iter().any(|leg| tie.of.contains(&leg.call_id));
        call.ties
            .iter()
            .filter(is_of_this)
            .map(|tie| tie.leg.as_str())
    }

    /// The BYE transactions in order.
    pub fn byes(&self) -> impl Iterator<Item = &'a Arc<Transaction>> {
        self.call
            .with_method(crate::sip::Method::Bye)
            .filter(|bye| bye.request().is_some())
    }

    /// Whether the evidence reaches at least this long past a message, so that what was not seen
    /// by then did not come. Without a known end the call's own last message counts.
    #[must_use]
    pub fn watched_for(&self, after: &Signal, long: SignedDuration) -> bool {
        let until = self.seen_until.or(self.call.ended());
        until.is_some_and(|until| until.duration_since(after.at()) >= long)
    }
}

fn is_success(signal: &Signal) -> bool {
    matches!(signal.code(), Some(200..=299))
}

/// The To tags of those 2xx on a hop that made other dialogs than the first one kept, each with its leg.
fn beside<'a>(call: &'a Call, hop: &'a Hop) -> Vec<(usize, &'a str)> {
    let answers = || {
        let all = hop.invites.iter().flat_map(|invite| &invite.responses);
        all.filter(|it| is_success(it))
    };
    let Some(first) = answers().next() else {
        return Vec::new();
    };
    if answers().all(|it| it.to_tag == first.to_tag) {
        return Vec::new();
    }
    let is_one_call = |it: &&Arc<Signal>| {
        (&it.from_tag, it.cseq_number()) == (&first.from_tag, first.cseq_number())
    };
    let of_leg = call.signals.iter().filter(|(leg, _)| *leg == hop.leg);
    let made = branches(answers().filter(is_one_call), of_leg.map(|(_, it)| it));
    let lost = made.into_iter().skip(1).map(|branch| branch.answer);
    let later = answers().filter(|it| it.from_tag != first.from_tag);
    let tags = lost.chain(later).filter_map(|it| it.to_tag.as_deref());
    tags.map(|tag| (hop.leg, tag)).collect()
}

/// A moment so much later, or earlier: at the edge of the calendar where it would lie beyond.
#[must_use]
pub fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    let edge = if by.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    at.checked_add(by).unwrap_or(edge)
}

/// Of what was observed in order of time, that between two times.
#[must_use]
pub fn between<T>(
    all: &[T],
    at: impl Fn(&T) -> Timestamp,
    from: Timestamp,
    until: Timestamp,
) -> &[T] {
    let first = all.partition_point(|one| at(one) < from);
    let rest = all.get(first..).unwrap_or_default();
    let count = rest.partition_point(|one| at(one) <= until);
    rest.get(..count).unwrap_or_default()
}

/// A duration for people: `0.63 s`, `32.1 s`, `5 min 3 s`.
#[must_use]
pub fn seconds(duration: SignedDuration) -> String {
    let millis = duration.as_millis();
    if millis.abs() < 10_000 {
        format!("{:.2} s", duration.as_secs_f64())
    } else if millis.abs() < 120_000 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        let whole = duration.as_secs();
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// A number with its thousands set apart.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
