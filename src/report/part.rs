//! What one party saw of a call: the messages between it and us, told without a judgement. Reads messages; knows
//! nothing of what the other side did.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::audience::Audience;
use crate::diagnosis::case::seconds;
use crate::diagnosis::{Case, Diagnosis, Party};
use crate::peers::is_same;
use crate::render::clean;
use crate::sip::Repeat;
use crate::sip::{Hop, Method, Packet, Signal};

/// More messages of one call than this are not told one by one.
const MOST_TOLD: usize = 24;

/// The part of a call that one party saw.
#[derive(Debug, Clone)]
pub struct Part<'c> {
    /// The Call-ID under which it knows the call.
    pub call_id: String,
    /// Our address towards it.
    pub us: SocketAddr,
    /// Its address.
    pub them: SocketAddr,
    /// How we call it.
    pub name: Option<String>,
    /// Whether it is a customer.
    pub is_customers: bool,
    /// The INVITE's way between us and it.
    pub hop: &'c Hop,
    signals: Vec<&'c Arc<Signal>>,
}

/// A moment as reports write it: UTC, with milliseconds.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.strftime("%F %T%.3f UTC").to_string()
}

impl<'c> Part<'c> {
    /// What this reader saw of a call; of several carriers the one that is called `whom`, else the one that the
    /// verdict is about, else the last. Nothing where no message was seen there.
    #[must_use]
    pub fn of(case: &Case<'c>, audience: Audience, whom: Option<&str>) -> Option<Part<'c>> {
        let wanted = match audience {
            Audience::Carrier => Party::Carrier,
            Audience::Customer => Party::Customer,
            Audience::Platform => return None,
        };
        let is_theirs = |node: SocketAddr| {
            let party = case.roles.party(case.roles.side(node));
            // Where nothing says who is who, whoever we sent the call to is taken for the carrier.
            party == wanted || (wanted == Party::Carrier && party == Party::FarEnd)
        };
        let hops: Vec<(&'c Hop, bool)> = case
            .call
            .hops
            .iter()
            .filter_map(|hop| match (is_theirs(hop.client), is_theirs(hop.server)) {
                (true, _) => Some((hop, true)),
                (false, true) => Some((hop, false)),
                (false, false) => None,
            })
            .collect();
        let them = |(hop, calls): (&'c Hop, bool)| if calls { hop.client } else { hop.server };
        let is_called = |it: &&(&'c Hop, bool)| {
            let name = case.name(them(**it));
            whom.is_some_and(|whom| name.contains(whom))
        };
        let is_whom = |it: &&(&'c Hop, bool)| {
            let name = case.roles.name(them(**it)).unwrap_or_default();
            whom.is_some_and(|whom| is_same(name, whom))
        };
        let chosen = hops.iter().rfind(is_whom).or(hops.iter().rfind(is_called));
        let (hop, calls) = *chosen.or(hops.last())?;
        let (us, them) = if calls {
            (hop.server, hop.client)
        } else {
            (hop.client, hop.server)
        };
        let leg = case.call.legs.get(hop.leg)?;
        let part = Part {
            call_id: leg.call_id.clone(),
            us,
            them,
            name: case.roles.name(them).map(str::to_owned),
            is_customers: wanted == Party::Customer,
            hop,
            signals: Vec::new(),
        };
        let signals = case.call.signals.iter().filter(|(at, _)| *at == hop.leg);
        let signals = signals
            .map(|(_, signal)| signal)
            .filter(|it| part.is_between(it));
        let signals = signals.collect();
        Some(Part { signals, ..part })
    }

    /// The same of a call as it was diagnosed: nothing where the log alone knows of the carrier that is called `whom`,
    /// so that it is not told what went to another one.
    #[must_use]
    pub fn told_to(
        case: &Case<'c>,
        diagnosis: &Diagnosis,
        audience: Audience,
        whom: Option<&str>,
    ) -> Option<Part<'c>> {
        let is_logged = |whom: &str| {
            let attempts = diagnosis.logged.iter().flat_map(|it| &it.attempts);
            let mut carriers = attempts.filter_map(|it| it.carrier.as_deref());
            carriers.any(|it| is_same(it, whom))
        };
        Part::of(case, audience, whom).filter(|part| {
            let name = part.name.as_deref();
            let is_other = name
                .zip(whom)
                .is_some_and(|(name, whom)| !is_same(name, whom));
            !(audience == Audience::Carrier && is_other && whom.is_some_and(is_logged))
        })
    }

    fn is_between(&self, signal: &Signal) -> bool {
        let ends = [signal.source().ip(), signal.destination().ip()];
        ends.contains(&self.them.ip()) && ends.contains(&self.us.ip())
    }

    /// Whether it saw this message.
    #[must_use]
    pub fn holds(&self, signal: &Signal) -> bool {
        self.signals.iter().any(|it| it.number == signal.number)
    }

    /// Its messages as they were recorded.
    pub fn packets(&self) -> impl Iterator<Item = &'c Packet> {
        self.signals.iter().map(|signal| &signal.packet)
    }

    /// The numbers of the INVITE as it went between us.
    #[must_use]
    pub fn numbers(&self) -> (String, String) {
        let invite = self.hop.first_invite().or(self.signals.first().copied());
        invite.map_or_else(Default::default, |it| {
            (it.message().from_user(), it.message().to_user())
        })
    }

    fn is_ours(&self, signal: &Signal) -> bool {
        signal.source().ip() == self.us.ip() && signal.source() != self.them
    }

    /// What refused the call between us: code, words, and a Q.850 cause where one came along.
    #[must_use]
    pub fn refusal(&self) -> Option<(u16, String, Option<u16>)> {
        let answer = self.hop.final_response()?;
        let message = answer.message();
        let code = message.code().filter(|code| *code >= 300)?;
        let cause = message.q850().and_then(|it| it.cause);
        Some((code, clean::line(message.reason_phrase()), cause))
    }

    /// Whether the INVITE was theirs.
    #[must_use]
    pub fn they_called(&self) -> bool {
        self.hop.client == self.them
    }

    /// In one sentence what happened between us, without saying why.
    #[must_use]
    pub fn symptom(&self) -> String {
        let (_, to) = self.numbers();
        let to = clean::line(&to);
        let invite = self.hop.first_invite().is_some();
        match (self.refusal(), self.they_called()) {
            (Some((code, reason, _)), false) if self.is_cancelled_by_us() => {
                format!(
                    "We sent CANCEL for a call to {to} before it was answered; you returned {code} {reason}."
                )
            }
            (Some((code, reason, cause)), false) => {
                let cause = cause.map_or_else(String::new, |it| format!(" with Q.850 cause {it}"));
                format!("For a call to {to} you returned {code} {reason}{cause}.")
            }
            (Some((code, reason, _)), true) => {
                format!("We answered your call to {to} with {code} {reason}.")
            }
            (None, false) if invite && self.hop.final_response().is_none() => {
                match self.hop.first_response() {
                    None => {
                        format!("For a call to {to} we did not receive any reply to our INVITE.")
                    }
                    Some(_) => {
                        format!(
                            "For a call to {to} we did not receive a final reply to our INVITE."
                        )
                    }
                }
            }
            _ => match self.bye() {
                Some((by_us, after)) => {
                    let who = if by_us { "we sent" } else { "you sent" };
                    format!("A call to {to} was answered, and {who} BYE {after} later.")
                }
                None => format!(
                    "A call to {to} was answered; neither of us sent BYE in what we recorded."
                ),
            },
        }
    }

    /// The same in a few words, where nothing refused the call.
    #[must_use]
    pub fn in_short(&self) -> String {
        let is_ours = self.hop.client == self.us && self.hop.first_invite().is_some();
        match (self.hop.final_response(), self.hop.first_response()) {
            (None, None) if is_ours => "no reply to our INVITE".to_owned(),
            (None, Some(_)) if is_ours => "no final reply to our INVITE".to_owned(),
            _ => self.answered_in_short(),
        }
    }

    fn answered_in_short(&self) -> String {
        let first = self.not_received().into_iter().next();
        let after = first.and_then(|(_, numbers)| self.not_followed(*numbers.first()?));
        match (after, self.bye()) {
            (Some(what), _) => what,
            (None, Some((true, after))) => format!("answered, ended by our BYE after {after}"),
            (None, Some((false, after))) => format!("answered, ended by your BYE after {after}"),
            (None, None) => "answered, no BYE seen".to_owned(),
        }
    }

    /// What should have followed a message of ours and did not come, in a few words.
    fn not_followed(&self, number: usize) -> Option<String> {
        let signal = self.signals.iter().find(|it| it.number == number)?;
        match (signal.code(), signal.method()) {
            (Some(code), _) => Some(format!("no ACK of our {code}")),
            (None, Some(method)) => Some(format!("no final reply to our {method}")),
            (None, None) => None,
        }
    }

    /// Whether we took the INVITE back before it was answered.
    #[must_use]
    pub fn is_cancelled_by_us(&self) -> bool {
        let mut cancels = self
            .signals
            .iter()
            .filter(|it| it.is_request(&Method::Cancel));
        let refused = matches!(self.hop.final_code(), None | Some(487));
        refused && cancels.any(|it| self.is_ours(it))
    }

    /// Who ended an answered call, and how long after the answer.
    fn bye(&self) -> Option<(bool, String)> {
        let answer = self.hop.final_response()?;
        let bye = self.signals.iter().find(|it| it.is_request(&Method::Bye))?;
        Some((
            self.is_ours(bye),
            seconds(bye.at().duration_since(answer.at())),
        ))
    }

    /// How long the call was up between us, in milliseconds, where both ends of that were seen.
    #[must_use]
    pub fn talk_ms(&self) -> Option<i64> {
        let answer = self
            .hop
            .final_response()
            .filter(|it| matches!(it.code(), Some(200..=299)))?;
        let bye = self.signals.iter().find(|it| it.is_request(&Method::Bye))?;
        i64::try_from(bye.at().duration_since(answer.at()).as_millis()).ok()
    }

    /// Each message between us in a sentence with its number, repeated ones once.
    #[must_use]
    pub fn told(&self) -> Vec<(String, Vec<usize>)> {
        let mut told: Vec<(String, Vec<usize>)> = Vec::new();
        let shown = self.signals.iter().filter(|it| it.repeat == Repeat::First);
        let mut left_out = 0_usize;
        for signal in shown {
            if told.len() >= MOST_TOLD {
                left_out += 1;
                continue;
            }
            let copies: Vec<&&Arc<Signal>> = self
                .signals
                .iter()
                .filter(|it| it.repeat == Repeat::Retransmission && is_copy(it, signal))
                .collect();
            let again = match copies.last() {
                None => String::new(),
                Some(last) => format!(
                    ", and again {} times until {}",
                    copies.len(),
                    moment(last.at())
                ),
            };
            let message = signal.message();
            let what = clean::line(&match (signal.code(), message.request_method()) {
                (Some(code), _) => format!("{code} {}", message.reason_phrase()),
                (None, Some(method)) => method.to_string(),
                (None, None) => "a message that cannot be read".to_owned(),
            });
            let to_what = signal.method().filter(|_| signal.code().is_some());
            let to_what = to_what.map_or_else(String::new, |it| format!(" to {it}"));
            let cause = message.q850().and_then(|it| it.cause);
            let cause = cause.map_or_else(String::new, |it| format!(", Q.850 cause {it}"));
            let who = match (self.is_ours(signal), signal.code().is_some()) {
                (true, true) => "we returned",
                (true, false) => "we sent",
                (false, true) => "you returned",
                (false, false) => "you sent",
            };
            let (from, to) = (signal.source(), signal.destination());
            let text = format!(
                "{} {who} {what}{to_what}{cause} ({from} → {to}){again}.",
                moment(signal.at())
            );
            let numbers = std::iter::once(signal.number).chain(copies.iter().map(|it| it.number));
            told.push((text, numbers.collect()));
        }
        if left_out > 0 {
            told.push((
                format!("{left_out} further messages are in the trace."),
                Vec::new(),
            ));
        }
        told
    }

    /// What we did not receive, a sentence each, with what it should have followed.
    #[must_use]
    pub fn not_received(&self) -> Vec<(String, Vec<usize>)> {
        let mut missing = Vec::new();
        let requests = self.signals.iter().filter(|it| {
            it.repeat == Repeat::First
                && self.is_ours(it)
                && it.message().request_method().is_some()
        });
        for request in requests.filter(|it| !it.is_request(&Method::Ack)) {
            let is_answer = |it: &&&Arc<Signal>| {
                it.code().is_some()
                    && it.cseq_number() == request.cseq_number()
                    && it.method() == request.method()
                    && !self.is_ours(it)
            };
            let method = request
                .method()
                .map(ToString::to_string)
                .unwrap_or_default();
            let at = moment(request.at());
            match self.signals.iter().filter(is_answer).filter_map(|it| it.code()).max() {
                None => missing.push((
                    format!("We did not receive any reply to the {method} of {at}."),
                    vec![request.number],
                )),
                Some(code) if code < 200 => missing.push((
                    format!("We did not receive a final reply to the {method} of {at}; the last one was {code}."),
                    vec![request.number],
                )),
                Some(_) => {}
            }
        }
        let answers = self.signals.iter().filter(|it| {
            self.is_ours(it)
                && it.repeat == Repeat::First
                && it
                    .answer_to(&Method::Invite)
                    .is_some_and(|code| code >= 200)
        });
        for answer in answers {
            let is_ack = |it: &Arc<Signal>| {
                it.is_request(&Method::Ack) && it.cseq_number() == answer.cseq_number()
            };
            if !self.signals.iter().any(|it| is_ack(it)) {
                let code = answer.code().unwrap_or_default();
                missing.push((
                    format!(
                        "We did not receive the ACK of our {code} of {}.",
                        moment(answer.at())
                    ),
                    vec![answer.number],
                ));
            }
        }
        missing
    }
}

fn is_copy(copy: &Signal, of: &Signal) -> bool {
    copy.cseq_number() == of.cseq_number()
        && copy.method() == of.method()
        && copy.code() == of.code()
        && copy.source() == of.source()
}
