//! The plain figures of one Call-ID: who called whom, how it ended and how long each part took.
//! Defined by `docs/facts.md`; concludes nothing about causes.

use std::collections::HashSet;
use std::hash::Hash;
use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::branch::{Branch, branches};
use super::name::Method;
use super::signal::{Repeat, Signal, Thread};
use super::timeless::is_timeless;

/// What the messages of one Call-ID are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// There is an INVITE, or a reply to one.
    Call,
    /// There is a REGISTER and no INVITE.
    Registration,
    /// Neither.
    Other,
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedBy {
    /// That BYE bears the caller's From tag.
    Caller,
    /// That BYE bears another From tag.
    Callee,
    /// A CANCEL, and no 2xx.
    Canceled,
}

/// The facts of one Call-ID, as `calltriage calls --json` prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The Call-ID; empty for messages that have none.
    pub call_id: String,
    /// What it is about.
    pub kind: Kind,
    /// User part of From.
    pub from: String,
    /// User part of To.
    pub to: String,
    /// When its first message was seen.
    #[serde(with = "micros")]
    pub started: Timestamp,
    /// How many messages were seen, copies included.
    pub messages: usize,
    /// The final response that the caller got.
    #[serde(rename = "final")]
    pub final_code: Option<u16>,
    /// Whether any 2xx to an INVITE was seen, or an ACK that confirms one.
    pub answered: bool,
    /// First INVITE to first 180 or 183 at the caller, in milliseconds.
    pub pdd_ms: Option<i64>,
    /// First INVITE to first 2xx at the caller, in milliseconds, challenges included.
    pub setup_ms: Option<i64>,
    /// First 2xx to first BYE of the dialog that was kept, in milliseconds; at least so long where only the ACK to it
    /// was seen.
    pub talk_ms: Option<i64>,
    /// Who ended it.
    pub ended_by: Option<EndedBy>,
    /// Copies sent again, over all hops.
    pub retransmissions: usize,
    /// Copies recorded twice, over all hops.
    pub capture_duplicates: usize,
    /// INVITEs inside the dialog: distinct pairs of CSeq and From tag.
    pub reinvites: usize,
    /// The transports met, in the order of their first message: `udp`, `tcp`, `tls`, `ws`.
    pub transports: Vec<String>,
}

impl Facts {
    /// When its first message was seen; nothing where the recording has no times, and this one was made up.
    #[must_use]
    pub fn recorded(&self) -> Option<Timestamp> {
        (!is_timeless([self.started])).then_some(self.started)
    }

    /// The same as people read it, in UTC.
    #[must_use]
    pub fn when(&self, format: &str) -> String {
        let at = self.recorded().map(|at| at.strftime(format).to_string());
        at.unwrap_or_else(|| "time not recorded".to_owned())
    }
}

/// Time stamps with exactly six decimals.
mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{at:.6}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Works out the facts of one thread. Gives nothing for a thread without messages.
#[must_use]
pub fn facts(thread: &Thread) -> Option<Facts> {
    let signals = &thread.signals;
    let first = signals.first()?;
    let has = |method: &Method| signals.iter().any(|s| s.method() == Some(method));
    let (kind, method) = if has(&Method::Invite) {
        (Kind::Call, Method::Invite)
    } else if has(&Method::Register) {
        (Kind::Registration, Method::Register)
    } else {
        (
            Kind::Other,
            first.method().cloned().unwrap_or(Method::Options),
        )
    };
    let setup = Setup::find(signals, &method);
    let named = setup.opening.unwrap_or(first);
    let is_call = kind == Kind::Call;

    let asked_at = setup
        .opening
        .filter(|s| s.is_request(&method))
        .map(Signal::at);
    let is_success_seen = signals
        .iter()
        .any(|s| s.answer_to(&Method::Invite).is_some_and(is_success));
    let confirmed = (is_call && !is_success_seen)
        .then(|| confirmed(signals))
        .flatten();
    let answered = is_success_seen || confirmed.is_some();
    let success = setup.success(signals, true);
    let answer = success.or_else(|| setup.success(signals, false));
    let (up, bye) = match answer.and_then(|answer| setup.kept(signals, answer)) {
        Some(kept) => (Some(kept.answer), kept.bye),
        None => (
            answer.or(confirmed),
            signals.iter().find(|s| s.is_request(&Method::Bye)),
        ),
    };
    let ringing_at = setup
        .answers(signals, true)
        .find(|s| matches!(s.code(), Some(180 | 183)))
        .map(Signal::at);
    let is_timed = !is_timeless(signals.iter().map(Signal::at));
    let since_invite =
        |at: Option<Timestamp>| between(asked_at?, at?).filter(|_| is_call && is_timed);
    let canceled = signals.iter().any(|s| s.is_request(&Method::Cancel));
    let repeats = |kind: Repeat| signals.iter().filter(|s| s.repeat == kind).count();

    Some(Facts {
        call_id: thread.call_id.clone(),
        kind,
        from: named.message().from_user(),
        to: named.message().to_user(),
        started: first.at(),
        messages: signals.len(),
        final_code: setup
            .final_code(signals)
            .filter(|code| confirmed.is_none() || is_success(*code)),
        answered,
        pdd_ms: since_invite(ringing_at),
        setup_ms: since_invite(success.map(Signal::at)),
        talk_ms: bye.and_then(|bye| between(up?.at(), bye.at()).filter(|_| is_call && is_timed)),
        ended_by: match bye {
            Some(_) if setup.caller_tags.is_empty() => None,
            Some(bye) if setup.caller_tags.contains(&bye.from_tag.as_deref()) => {
                Some(EndedBy::Caller)
            }
            Some(_) => Some(EndedBy::Callee),
            None if canceled && !answered => Some(EndedBy::Canceled),
            None => None,
        },
        retransmissions: repeats(Repeat::Retransmission),
        capture_duplicates: repeats(Repeat::CaptureDuplicate),
        reinvites: reinvites(signals),
        transports: signals.iter().fold(Vec::new(), |mut names, signal| {
            let name = signal.packet.transport.name().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
            names
        }),
    })
}

/// A set that mostly holds one or two things, for which comparing is quicker than hashing.
enum Few<T> {
    Listed(Vec<T>),
    Hashed(HashSet<T>),
}

impl<T: Eq + Hash> Few<T> {
    /// So many are compared one by one.
    const LISTED: usize = 8;

    fn contains(&self, wanted: &T) -> bool {
        match self {
            Few::Listed(list) => list.contains(wanted),
            Few::Hashed(set) => set.contains(wanted),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Few::Listed(list) => list.is_empty(),
            Few::Hashed(set) => set.is_empty(),
        }
    }
}

impl<T: Eq + Hash> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Few<T> {
        let mut list = Vec::new();
        let mut all = all.into_iter();
        for one in all.by_ref() {
            if !list.contains(&one) {
                list.push(one);
            }
            if list.len() > Few::<T>::LISTED {
                return Few::Hashed(list.into_iter().chain(all).collect());
            }
        }
        Few::Listed(list)
    }
}

/// What a request and its answers share: CSeq number and From tag.
type Asked<'a> = (u32, Option<&'a str>);

fn asked(signal: &Signal) -> Asked<'_> {
    (signal.cseq_number(), signal.from_tag.as_deref())
}

/// The request that opens the thread, and what counts as its answer.
struct Setup<'a> {
    method: Method,
    opening: Option<&'a Signal>,
    /// Under which From tags the caller goes: a platform or a second attempt may change it. None
    /// where nothing tells who called.
    caller_tags: Few<Option<&'a str>>,
    /// Where the caller sent from; nothing if nothing was seen sent there, so that any hop counts.
    caller: Option<SocketAddr>,
    /// The opening requests, and those inside the dialog.
    initial: Few<Asked<'a>>,
    inside: Few<Asked<'a>>,
}

impl<'a> Setup<'a> {
    fn find(signals: &'a [Signal], method: &Method) -> Setup<'a> {
        let request = |to_tag: bool| {
            signals
                .iter()
                .filter(move |s| s.is_request(method) && s.to_tag.is_some() == to_tag)
        };
        let initial: Few<Asked<'a>> = request(false).map(asked).collect();
        let inside: Few<Asked<'a>> = request(true).map(asked).collect();
        let opens = |s: &&Signal| s.answer_to(method).is_some() && !inside.contains(&asked(s));
        let sent = request(false).next();
        let answered = || signals.iter().find(opens);
        let called = sent.or_else(answered);
        let caller = sent
            .map(Signal::source)
            .or_else(|| answered().map(Signal::destination))
            .filter(|caller| signals.iter().any(|s| s.destination() == *caller));
        let tags = request(false).chain(called).map(|s| s.from_tag.as_deref());
        let caller_tags: Few<Option<&str>> = tags.collect();
        Setup {
            method: method.clone(),
            opening: called.or_else(|| request(true).next()),
            caller_tags,
            caller,
            initial,
            inside,
        }
    }

    /// The responses to opening requests, at the caller or anywhere, in time order. One whose
    /// request was not seen counts if it goes to a caller.
    fn answers<'b, 's>(
        &'b self,
        signals: &'s [Signal],
        at_caller: bool,
    ) -> impl Iterator<Item = &'s Signal> + use<'a, 'b, 's> {
        signals.iter().filter(move |s| {
            let asked = asked(s);
            let unseen = !self.inside.contains(&asked) && self.caller_tags.contains(&asked.1);
            s.answer_to(&self.method).is_some()
                && (self.initial.contains(&asked) || unseen)
                && (!at_caller || self.caller.is_none_or(|caller| s.destination() == caller))
        })
    }

    /// The first 2xx to an opening request.
    fn success(&self, signals: &'a [Signal], at_caller: bool) -> Option<&'a Signal> {
        self.answers(signals, at_caller)
            .find(|s| s.code().is_some_and(is_success))
    }

    /// The dialog that was kept, where 2xx with several To tags came to the same place (RFC 3261 section 13.2.2.4).
    fn kept(&self, signals: &'a [Signal], first: &'a Signal) -> Option<Branch<'a, Signal>> {
        let successes = || {
            let answers = self.answers(signals, false);
            answers.filter(|s| {
                s.code().is_some_and(is_success) && s.destination() == first.destination()
            })
        };
        if !successes().any(|s| s.to_tag != first.to_tag) {
            return None;
        }
        let to_one = successes().filter(|s| asked(s) == asked(first));
        branches(to_one, signals.iter()).into_iter().next()
    }

    /// What the caller was told; where nothing was captured there, what any hop was told.
    fn final_code(&self, signals: &[Signal]) -> Option<u16> {
        let at_caller = || self.answers(signals, true).filter_map(|s| s.code());
        at_caller()
            .find(|code| is_success(*code))
            .or_else(|| self.last_final(signals, true))
            .or_else(|| self.last_final(signals, false))
    }

    /// The last final response to the highest CSeq that has one.
    fn last_final(&self, signals: &[Signal], at_caller: bool) -> Option<u16> {
        let finals: Vec<(u32, u16)> = self
            .answers(signals, at_caller)
            .filter_map(|s| Some((s.cseq_number(), s.code()?)))
            .filter(|(_, code)| *code >= 200)
            .collect();
        let highest = finals.iter().map(|(number, _)| *number).max()?;
        finals
            .iter()
            .rfind(|(number, _)| *number == highest)
            .map(|(_, code)| *code)
    }
}

/// The ACK that shows that an opening INVITE was answered 2xx, where no final response to it was seen.
fn confirmed(signals: &[Signal]) -> Option<&Signal> {
    /// More ACKs than these are not looked into.
    const MOST: usize = 64;
    let shows = |ack: &&Signal| {
        let invites = |s: &&Signal| s.method() == Some(&Method::Invite) && asked(s) == asked(ack);
        let mut of_it = signals.iter().filter(invites);
        let may_be = |s: &Signal| {
            s.code().is_none_or(|code| code < 200)
                && ack.confirms_success(s)
                && (s.code().is_some() || s.to_tag.is_none())
        };
        let is_sent = |s: &Signal| s.code().is_none() && s.source().ip() == ack.source().ip();
        of_it.clone().any(is_sent) && of_it.all(may_be)
    };
    let acks = signals.iter().filter(|s| s.is_request(&Method::Ack));
    acks.take(MOST).find(shows)
}

/// How many distinct INVITEs inside the dialog there are, by CSeq number and From tag.
fn reinvites(signals: &[Signal]) -> usize {
    signals
        .iter()
        .filter(|signal| signal.is_request(&Method::Invite) && signal.to_tag.is_some())
        .map(|signal| (signal.cseq_number(), signal.from_tag.as_deref()))
        .collect::<HashSet<_>>()
        .len()
}

fn is_success(code: u16) -> bool {
    (200..300).contains(&code)
}

/// Whole milliseconds, rounded to the nearest; nothing where the second comes first.
fn between(from: Timestamp, to: Timestamp) -> Option<i64> {
    let micros = to.as_microsecond() - from.as_microsecond();
    (micros >= 0).then(|| (micros + 500) / 1000)
}
