//! How long a call took to be heard of, and where that time went.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Side;
use crate::sip::{Certainty, Hop, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[&HIGH_PDD];

static HIGH_PDD: Rule = Rule {
    id: "high-pdd",
    family: "delay",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "More than 4 s (an error above 8 s) from the caller's first INVITE to the first 180 or \
            183, or to the 2xx where neither came; split into the caller's own part, the \
            platform's, each failed attempt's and that of the node that went on with the call.",
    matters: "The caller hears nothing for that long and hangs up or dials again.",
    remedy: "Act on the largest part: drop or reorder a route that fails late, shorten its timers, \
             ask the carrier about a slow destination, look at the routing script.",
    silent: "No 18x and no 2xx reached the caller: then rules on the failure speak.",
    source: "RFC 6076 section 4.3; catalogue T11 to T14",
    explains: &[],
    limits: &[&SLOW, &VERY_SLOW],
    check: Check::Call(high_pdd),
};

static SLOW: Limit = Limit {
    key: "high-pdd.slow",
    what: "the longest time to the first sign of life that is not remarked on",
    default: Figure::Time(SignedDuration::from_secs(4)),
};

static VERY_SLOW: Limit = Limit {
    key: "high-pdd.very-slow",
    what: "the longest time that is no error",
    default: Figure::Time(SignedDuration::from_secs(8)),
};

/// What a node did with a part of the delay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It had the call in hand.
    Own,
    /// It was tried and the attempt came to nothing: with a code, or without an answer.
    Failed(Option<u16>),
    /// It went on with the call.
    Won,
}

/// A part of the delay.
struct Part<'a> {
    node: SocketAddr,
    kind: Kind,
    long: SignedDuration,
    proof: Vec<&'a Arc<Signal>>,
}

/// The parts in the order in which they came; their lengths add up to the whole.
struct Split<'a> {
    parts: Vec<Part<'a>>,
    /// Up to where the time is accounted for.
    until: Timestamp,
}

impl<'a> Split<'a> {
    /// Gives the time up to `until` to a node. Own time of a node is told once.
    fn give(
        &mut self,
        until: Timestamp,
        node: SocketAddr,
        kind: Kind,
        proof: &[Option<&'a Arc<Signal>>],
    ) {
        let long = until.duration_since(self.until);
        if !long.is_positive() {
            return;
        }
        self.until = until;
        let proof = proof.iter().flatten().copied();
        let same =
            |part: &&mut Part<'a>| kind == Kind::Own && part.kind == Kind::Own && part.node == node;
        match self.parts.iter_mut().find(same) {
            Some(part) => {
                part.long += long;
                part.proof.extend(proof);
            }
            None => self.parts.push(Part {
                node,
                kind,
                long,
                proof: proof.collect(),
            }),
        }
    }
}

fn high_pdd(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    high_pdd_of(rule, case).into_iter().collect()
}

fn high_pdd_of(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let hop = case.call.ingress()?;
    let first = hop.first_invite()?;
    let heard = first_heard(hop)?;
    let total = heard.at().duration_since(first.at());
    if total <= case.tuning.time(&SLOW) {
        return None;
    }
    let mut split = Split {
        parts: Vec::new(),
        until: first.at(),
    };
    follow(case, hop, heard, &mut split, 0);
    let code = heard.message().code().unwrap_or(180);
    let (owner, to_act, cause, next) = blame(case, &split)?;
    let fact = format!(
        "PDD {}: {} (from {} to {}).",
        tenths(in_tenths(total)),
        line(case, &split, code),
        case.when(first),
        case.when(heard),
    );
    // One leg alone does not show what its server waited for.
    let is_alone = case.call.downstream(hop).next().is_none();
    let decisive = split.parts.iter().flat_map(|part| part.proof.clone());
    rule.finding(
        case,
        decisive.chain([first, heard]),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act,
            certainty: if is_alone {
                Certainty::Possible
            } else {
                Certainty::Likely
            },
            by: None,
            severity: (total > case.tuning.time(&VERY_SLOW)).then_some(Severity::Error),
            next,
        },
    )
}

/// The first 180, 183 or 2xx on a hop, whichever came first.
fn first_heard(hop: &Hop) -> Option<&Arc<Signal>> {
    hop.invites
        .iter()
        .flat_map(|invite| &invite.responses)
        .filter(|s| matches!(s.message().code(), Some(180 | 183 | 200..=299)))
        .min_by_key(|signal| signal.number)
}

/// Splits the time on a hop from its first INVITE to `end` among the nodes from its client on.
fn follow<'a>(
    case: &Case<'a>,
    hop: &'a Hop,
    end: &'a Arc<Signal>,
    split: &mut Split<'a>,
    depth: usize,
) {
    challenges(hop, end, split);
    let attempts: Vec<&'a Hop> = case
        .call
        .downstream(hop)
        .filter(|attempt| attempt.started().is_some_and(|at| at < end.at()))
        .collect();
    let Some((winner, progress)) = winner(&attempts, end).filter(|_| depth < case.call.hops.len())
    else {
        give_up_all(case, hop, &attempts, split);
        let kind = if attempts.is_empty() {
            Kind::Won
        } else {
            Kind::Own
        };
        split.give(end.at(), hop.server, kind, &[]);
        return;
    };
    let before: Vec<&'a Hop> = attempts
        .into_iter()
        .filter(|attempt| attempt.id != winner.id && attempt.started() <= winner.started())
        .collect();
    give_up_all(case, hop, &before, split);
    if let Some(at) = winner.started() {
        split.give(at, hop.server, Kind::Own, &[winner.first_invite()]);
    }
    follow(case, winner, progress, split, depth + 1);
    split.give(end.at(), hop.server, Kind::Own, &[]);
}

/// The rounds that were only asked for credentials: the server's time to ask, the client's to
/// come back.
fn challenges<'a>(hop: &'a Hop, end: &Signal, split: &mut Split<'a>) {
    let rounds = hop.invites.iter().zip(hop.invites.iter().skip(1));
    for (asked, next) in rounds {
        let (Some(challenge), Some(again)) = (asked.final_response(), next.request()) else {
            continue;
        };
        if !asked.is_challenged() || again.at() > end.at() {
            continue;
        }
        split.give(challenge.at(), hop.server, Kind::Own, &[Some(challenge)]);
        split.give(again.at(), hop.client, Kind::Own, &[Some(again)]);
    }
}

/// Attempts that came to nothing, each up to its answer, to its CANCEL or to the next attempt.
fn give_up_all<'a>(case: &Case<'a>, hop: &Hop, attempts: &[&'a Hop], split: &mut Split<'a>) {
    for attempt in attempts {
        let (Some(start), Some(invite)) = (attempt.started(), attempt.decisive()) else {
            continue;
        };
        split.give(start, hop.server, Kind::Own, &[attempt.first_invite()]);
        let refusal = refusal(invite);
        let next = case
            .call
            .downstream(hop)
            .filter(|other| other.id != attempt.id)
            .filter_map(|other| other.started())
            .filter(|at| *at > start)
            .min();
        let cancel = attempt.cancel().map(|cancel| cancel.at());
        let Some(end) = [refusal.map(|s| s.at()), cancel, next]
            .into_iter()
            .flatten()
            .min()
        else {
            continue;
        };
        let in_time = refusal.filter(|refusal| refusal.at() <= end);
        let code = in_time.and_then(|refusal| refusal.message().code());
        split.give(
            end,
            attempt.server,
            Kind::Failed(code),
            &[attempt.first_invite(), in_time],
        );
    }
}

fn refusal(invite: &Transaction) -> Option<&Arc<Signal>> {
    invite
        .final_response()
        .filter(|s| s.message().code().is_some_and(|code| code >= 300))
}

/// The attempt whose progress the node passed on: the last one heard before it did so.
fn winner<'a>(attempts: &[&'a Hop], end: &Signal) -> Option<(&'a Hop, &'a Arc<Signal>)> {
    const SKEW: SignedDuration = SignedDuration::from_millis(50);
    let in_time = |signal: &&Arc<Signal>| signal.at().duration_since(end.at()) <= SKEW;
    attempts
        .iter()
        .filter_map(|attempt| {
            let heard = attempt
                .invites
                .iter()
                .flat_map(|invite| &invite.responses)
                .filter(|s| matches!(s.message().code(), Some(180 | 183 | 200..=299)))
                .filter(in_time)
                .max_by_key(|signal| signal.number)?;
            Some((*attempt, heard))
        })
        .max_by_key(|(_, heard)| heard.number)
}

/// Whose the largest part is: the caller's, the platform's, the failed attempts' together, or
/// that of the node that went on with the call.
fn blame(case: &Case<'_>, split: &Split<'_>) -> Option<(Owner, Option<Owner>, String, String)> {
    let is_failed = |part: &&Part<'_>| matches!(part.kind, Kind::Failed(_));
    let failed = || split.parts.iter().filter(is_failed);
    let lost = failed().fold(SignedDuration::ZERO, |sum, part| sum + part.long);
    let largest = split
        .parts
        .iter()
        .filter(|part| !is_failed(part))
        .max_by_key(|part| part.long);
    if largest.is_none_or(|part| part.long < lost) {
        let worst = failed().max_by_key(|part| part.long)?;
        let name = case.name(worst.node);
        // Where nothing came back, nobody knows whether the node got it.
        let is_silent = |hop: &Hop| hop.server == worst.node && hop.first_response().is_none();
        let owner = if case.call.hops.iter().any(is_silent) {
            Side::Between
        } else {
            case.roles.side(worst.node)
        };
        return Some((
            owner.into(),
            Some(Side::Platform.into()),
            format!(
                "Most of it went into attempts that failed, the longest at {name}: the next route \
                 was tried late."
            ),
            format!(
                "Move the route over {name} back or shorten its timers, and ask it why it fails."
            ),
        ));
    }
    let part = largest?;
    let name = case.name(part.node);
    let side = case.roles.side(part.node);
    let (cause, next) = match (side, part.kind) {
        (Side::Platform, _) => (
            format!("Most of it passed inside {name}."),
            "Look at what the platform does before it routes: scripts, number look-ups, signing."
                .to_owned(),
        ),
        (Side::Caller, _) => (
            format!("Most of it passed before {name} sent its credentials."),
            format!("Find out why {name} is slow to answer the challenge."),
        ),
        _ => (
            format!("Most of it passed at {name} or behind it."),
            format!("Ask {name} about the delay to this destination; try another route."),
        ),
    };
    Some((side.into(), None, cause, next))
}

/// The parts in words, rounded so that they add up to the whole.
fn line(case: &Case<'_>, split: &Split<'_>, code: u16) -> String {
    let exact: SignedDuration = split
        .parts
        .iter()
        .fold(SignedDuration::ZERO, |sum, part| sum + part.long);
    let mut rounded: Vec<i128> = split.parts.iter().map(|p| in_tenths(p.long)).collect();
    let missing = in_tenths(exact) - rounded.iter().sum::<i128>();
    if let Some(largest) = rounded.iter_mut().max() {
        *largest += missing;
    }
    let words = split.parts.iter().zip(rounded).map(|(part, long)| {
        let (who, long) = (who(case, part.node), tenths(long));
        match part.kind {
            Kind::Own => format!("{who} {long}"),
            Kind::Failed(Some(code)) => format!("{who} {code} after {long}"),
            Kind::Failed(None) => format!("{who} no answer for {long}"),
            Kind::Won => format!("{who} {long} to {code}"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A node in few words: the platform and the caller by role, others by name or address.
fn who(case: &Case<'_>, node: SocketAddr) -> String {
    let word = match case.roles.side(node) {
        Side::Platform => Some("platform"),
        Side::Caller => Some("caller"),
        _ => case.roles.name(node),
    };
    match word {
        Some(word) => word.to_owned(),
        None if node.port() == 5060 => node.ip().to_string(),
        None => node.to_string(),
    }
}

fn in_tenths(duration: SignedDuration) -> i128 {
    (duration.as_millis() + 50).div_euclid(100)
}

fn tenths(tenths: i128) -> String {
    format!("{}.{} s", tenths / 10, tenths % 10)
}
