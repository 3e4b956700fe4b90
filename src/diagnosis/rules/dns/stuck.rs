//! Where a call stood still at a node that had a name to look up: the name, who had given it, what the node learned of
//! it, and which messages show that nothing went there. Judges none of it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::case::{Case, between, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::resolution::{End, Outcome, Resolution};
use crate::diagnosis::rules::Rule;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::headers::{answer_writer, writer};
use crate::diagnosis::rules::network::given_up::{GivenUp, MAY_BE_ANOTHERS};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::header::NameAddr;
use crate::sip::{Certainty, Message, Name, Signal, host_name};

/// What was asked so long before may still be remembered.
pub(super) const REMEMBERED: SignedDuration = SignedDuration::from_secs(40);
/// Who gets no answer from DNS gives up this long after its last question, at the latest.
const GIVES_UP: SignedDuration = SignedDuration::from_secs(12);
/// Names looked at in one call.
const MOST: usize = 16;

/// What only follows where an INVITE could not be sent on, and then where an ACK could not.
pub(super) const FOLLOWS: &[&str] = &[
    "name-unresolved",
    "refused-by-platform",
    "request-timeout",
    "server-failure",
    "number-not-found",
    "called-unavailable",
    "other-refusal",
    "missing-ack",
    "hung-up",
    "hung-leg",
    "call-still-up",
    "platform-ended-call",
    "bye-unanswered",
];
/// How many of these follow where it was the INVITE.
const AT_SETUP: usize = 7;

/// A node that had a name to look up, and with which the call went no further.
pub(super) struct Stuck<'a> {
    pub(super) node: SocketAddr,
    pub(super) asked: Resolution<'a>,
    pub(super) end: End<'a>,
    /// Whose the name is: who wrote it, or who chose it by itself.
    pub(super) writer: Owner,
    /// Whether a message of the call names it.
    is_named: bool,
    /// Whether what became of the call there fits.
    fits: bool,
    /// What became of it, as the end of a sentence.
    fate: String,
    proof: Vec<&'a Arc<Signal>>,
    explains: &'static [&'static str],
}

/// What a rule says of a name that led nowhere.
pub(super) struct Verdict {
    pub(super) cause: String,
    pub(super) owner: Owner,
    pub(super) to_act: Owner,
    /// At most this sure.
    pub(super) at_most: Certainty,
    pub(super) next: String,
}

/// Where the call stood still; a name each.
pub(super) fn stuck<'a>(case: &Case<'a>) -> Vec<Stuck<'a>> {
    if case.observed.dns.is_empty() || case.call.is_timeless() {
        return Vec::new();
    }
    let mut all = at_setup(case);
    all.extend(in_dialog(case));
    all
}

/// The names that a request has to go to one after another: of its Routes, then of its Request-URI.
fn targets(message: &Message) -> Vec<String> {
    let routes = message.elements(Name::Route);
    let routes = routes.iter().map(|route| NameAddr::parse(route).uri);
    let uris = routes.chain(message.request_uri());
    uris.filter_map(|uri| host_name(&uri.host)).collect()
}

/// The one that it goes to next, where that is a name, with the port where one is written.
pub(super) fn target(message: &Message) -> Option<(String, Option<u16>)> {
    let uri = match message.header(Name::Route) {
        Some(route) => NameAddr::parse(&route).uri,
        None => message.request_uri()?,
    };
    Some((host_name(&uri.host)?, uri.port))
}

/// At the node that gave the call up: what the INVITE names that it got, and the SIP services that it asked for
/// meanwhile by itself.
fn at_setup<'a>(case: &Case<'a>) -> Vec<Stuck<'a>> {
    let Some(given_up) = GivenUp::of(case) else {
        return Vec::new();
    };
    let node = given_up.node;
    let Some(answer) = case
        .origin()
        .map(|origin| origin.answer)
        .or(given_up.answer)
    else {
        return Vec::new();
    };
    let hops = case.call.hops.iter().filter(|hop| hop.server == node);
    let got = hops.filter_map(|hop| Some((hop, hop.first_invite()?)));
    let got: Vec<_> = got.collect();
    // Its own name may stand in the first Route: then that of the next one counts, which only DNS tells.
    let named: Vec<(String, SocketAddr)> = got
        .iter()
        .flat_map(|&(hop, invite)| {
            let names = targets(invite.message()).into_iter();
            names.map(move |name| {
                let by = writer(case, hop, |invite| targets(invite).contains(&name));
                (name, by)
            })
        })
        .collect();
    let began = got
        .first()
        .map_or(given_up.invite.at(), |(_, invite)| invite.at());
    // Nobody asks for the service of a domain but to send SIP there.
    let meanwhile = between(&case.observed.dns, |it| it.at, began, given_up.until);
    let services: BTreeSet<&str> = meanwhile.iter().filter_map(|it| it.service_of()).collect();
    let chosen = services
        .into_iter()
        .filter(|name| named.iter().all(|(named, _)| named != name))
        .map(|name| (name.to_owned(), began, side_of(case, node).into(), false));
    let given = named.iter().map(|(name, writer)| {
        let from = shifted(began, -REMEMBERED);
        (name.clone(), from, side_of(case, *writer).into(), true)
    });
    let all = given.chain(chosen).take(MOST);
    let all: Vec<Stuck<'_>> = all
        .filter_map(|(name, from, writer, is_named)| {
            let asked = Resolution::of(case, node, &name, (from, given_up.until))?;
            // What nothing of the call names, and another machine asked, has nothing to do with it.
            if !is_named && !asked.is_own {
                return None;
            }
            let end = asked.end();
            Some(Stuck {
                node,
                fits: fits(case, &given_up, answer, &asked, is_named),
                asked,
                end,
                writer,
                is_named,
                fate: format!(
                    "it refused the INVITE with {} ({})",
                    code_and_phrase(answer),
                    case.when(answer)
                ),
                proof: got
                    .iter()
                    .map(|(_, invite)| *invite)
                    .take(1)
                    .chain([answer])
                    .collect(),
                explains: FOLLOWS.split_at(AT_SETUP).0,
            })
        })
        .collect();
    // Where one of them has an address, there was somewhere to go.
    let has_way = |it: &Stuck<'_>| it.is_named && matches!(it.end, End::Found(_));
    match all.iter().any(has_way) {
        true => Vec::new(),
        false => all,
    }
}

/// Whether the refusal reads as if the name were why, and came when the node knew.
fn fits(
    case: &Case<'_>,
    given_up: &GivenUp<'_>,
    answer: &Signal,
    asked: &Resolution<'_>,
    is_named: bool,
) -> bool {
    let Some(knew) = asked.ended_before(answer.at()) else {
        return false;
    };
    let since = answer.at().duration_since(knew);
    let is_timely = since >= SignedDuration::ZERO && (since <= GIVES_UP || is_named);
    // A name that the caller gave and that is not there reads as a number that is not.
    let is_unknown = is_named && matches!(answer.code(), Some(404 | 604));
    is_timely && (is_unknown || given_up.fits(case, answer.at()))
}

/// At the node that had to acknowledge a 2xx and did not.
fn in_dialog<'a>(case: &Case<'a>) -> Vec<Stuck<'a>> {
    const COPIES: usize = 2;
    let mut all = Vec::new();
    for hop in case.call.hops.iter().take(MOST) {
        let Some(invite) = hop.decisive() else {
            continue;
        };
        let is_answer = |it: &&Arc<Signal>| matches!(it.code(), Some(200..=299));
        let answers: Vec<&Arc<Signal>> = invite.responses.iter().filter(is_answer).collect();
        let [first, .., last] = answers.as_slice() else {
            continue;
        };
        let Some(name) = contact(first.message()).filter(|_| invite.acks.is_empty()) else {
            continue;
        };
        let until = shifted(case.call.ended().unwrap_or(last.at()), GIVES_UP);
        let from = shifted(first.at(), -REMEMBERED);
        if answers.len() < COPIES {
            continue;
        }
        let Some(asked) = Resolution::of(case, hop.client, &name, (from, until)) else {
            continue;
        };
        let has_it = |answer: &Message| contact(answer).as_ref() == Some(&name);
        let by = answer_writer(case, hop, has_it);
        all.push(Stuck {
            node: hop.client,
            end: asked.end(),
            asked,
            writer: side_of(case, by).into(),
            is_named: true,
            fits: true,
            fate: format!(
                "it sent no ACK to the {} ({}), which {} repeated {}",
                first.code().unwrap_or(200),
                case.when(first),
                case.name(hop.server),
                times(answers.len() - 1)
            ),
            proof: answers,
            explains: FOLLOWS.split_at(AT_SETUP).1,
        });
    }
    all
}

/// The name that the ACK to a 2xx has to go to: of the last Record-Route, else of the Contact (RFC 3261 section
/// 12.1.2).
fn contact(answer: &Message) -> Option<String> {
    let routes = answer.elements(Name::RecordRoute);
    let uri = match routes.last() {
        Some(route) => NameAddr::parse(route).uri,
        None => answer.contact()?.uri,
    };
    host_name(&uri.host)
}

impl Stuck<'_> {
    /// Makes the finding, as sure and as bad as the circumstances are.
    pub(super) fn finding(
        &self,
        rule: &Rule,
        case: &Case<'_>,
        verdict: Verdict,
    ) -> Option<Finding> {
        let is_sure = self.fits && self.is_named && self.asked.is_own;
        let sure = match is_sure {
            true => Certainty::Likely,
            false => Certainty::Possible,
        };
        let doubt = match self.is_named {
            true => String::new(),
            false => format!(" {MAY_BE_ANOTHERS}"),
        };
        let conclusion = Conclusion {
            fact: self.fact(case),
            fact_certainty: Certainty::Certain,
            cause: format!("{}{doubt}", verdict.cause),
            owner: verdict.owner,
            to_act: Some(verdict.to_act),
            certainty: sure.min(verdict.at_most),
            by: Some(self.node),
            severity: (!self.fits).then_some(Severity::Warning),
            next: verdict.next,
        };
        let finding = rule.finding(case, self.proof.iter().copied(), conclusion)?;
        Some(finding.explaining(if self.fits { self.explains } else { &[] }))
    }

    /// What was asked, what was answered, and what became of the call.
    fn fact(&self, case: &Case<'_>) -> String {
        format!(
            "{} looked up {} in DNS{}: {}; {}.",
            self.who(case),
            self.asked.name,
            self.asked
                .began()
                .map_or(String::new(), |at| format!(" at {}", case.at(at))),
            words(case, &self.asked),
            self.fate,
        )
    }

    fn who(&self, case: &Case<'_>) -> String {
        match self.asked.is_own {
            true => case.name(self.node),
            false => format!(
                "{}, which sends no SIP of this call and may have asked for {},",
                self.asked.client,
                case.name(self.node)
            ),
        }
    }
}

/// What came of each question, in order: `NAPTR none, A no such name`.
pub(super) fn words(case: &Case<'_>, asked: &Resolution<'_>) -> String {
    /// More of them say no more.
    const MOST_SHOWN: usize = 6;
    let mut shown: Vec<String> = Vec::new();
    for lookup in &asked.lookups {
        let of = match lookup.first.name == asked.name {
            true => String::new(),
            false => format!(" of {}", lookup.first.name),
        };
        let came = outcome_words(asked.outcome(lookup));
        let took = lookup
            .answer
            .filter(|it| it.at > lookup.first.at)
            .map(|it| {
                let took = it.at.duration_since(lookup.first.at);
                format!(" after {}", case.lasting(took))
            });
        let text = format!(
            "{}{of} {came}{}",
            lookup.first.kind.name(),
            took.unwrap_or_default()
        );
        shown.push(text);
    }
    let left = shown.len().saturating_sub(MOST_SHOWN);
    shown.truncate(MOST_SHOWN);
    if left > 0 {
        shown.push(format!("and {left} more"));
    }
    shown.join(", ")
}

/// An outcome as it is told.
fn outcome_words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Found => "found".to_owned(),
        Outcome::NoName => "no such name (NXDOMAIN)".to_owned(),
        Outcome::NoRecord => "no such record".to_owned(),
        Outcome::Failed(code) => format!("refused with {}", code_name(code)),
        Outcome::Unanswered => "not answered though asked again".to_owned(),
        Outcome::Unknown => "open".to_owned(),
    }
}

/// The name of a response code (RFC 1035 section 4.1.1, RFC 6891 section 9).
fn code_name(code: u16) -> String {
    match code {
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        code => format!("code {code}"),
    }
}

/// The time in which what a node asked bears on an INVITE.
pub(super) fn around(invite: &Signal) -> (Timestamp, Timestamp) {
    (shifted(invite.at(), -REMEMBERED), invite.at())
}
