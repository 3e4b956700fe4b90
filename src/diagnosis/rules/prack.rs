//! Reliable provisional answers (RFC 3262): those that no PRACK confirmed, and PRACKs that were
//! refused.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::ending::ended::side_of;
use super::{Bearing, Check, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Certainty, Hop, Method, Name, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[&MISSING_PRACK, &PRACK_REFUSED];

/// So many different reliable answers to one INVITE are looked at: each is looked for in all PRACKs.
const MOST: usize = 16;

/// Whether an INVITE lets provisional answers be reliable (RFC 3262 section 3); of a cut one nobody knows.
fn may_be_reliable(invite: &Signal) -> bool {
    let message = invite.message();
    let mut tags = [Name::Supported, Name::Require]
        .into_iter()
        .flat_map(|name| message.elements(name));
    message.is_cut() || tags.any(|tag| tag.eq_ignore_ascii_case("100rel"))
}

/// The number of a reliable provisional answer; nothing for any other answer.
fn reliable(signal: &Signal) -> Option<u32> {
    if !matches!(signal.message().code(), Some(101..=199)) {
        return None;
    }
    let number = signal.message().other_header("RSeq")?.trim().parse().ok()?;
    let tags = signal.message().elements(Name::Require);
    tags.iter()
        .any(|tag| tag.eq_ignore_ascii_case("100rel"))
        .then_some(number)
}

/// What a PRACK confirms: the RSeq of the answer and the CSeq number of the INVITE.
fn confirms(prack: &Signal) -> Option<(u32, u32)> {
    let value = prack.message().other_header("RAck")?;
    let mut words = value.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

static MISSING_PRACK: Rule = Rule {
    id: "missing-prack",
    family: "prack",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A reliable provisional answer (Require: 100rel, RSeq) that was sent three times or more \
            because no PRACK was seen on that hop, or although one was. No PRACK from the caller: \
            the caller's side. From the caller but not sent on: our settings. On the last hop and \
            still repeated, or to an INVITE that names no 100rel: the called side. An error where the called side then refused the call.",
    matters: "Who gets no PRACK gives the call up after 32 s, and may not answer it before.",
    remedy: "See whether that side supports 100rel, and where its PRACK goes: Contact and \
             Record-Route of the 18x; else take 100rel out of Supported on that route.",
    silent: "It was repeated once, or the repeating stopped long before anything else happened: then \
             the PRACK got there. Only a note where the call was answered all the same.",
    source: "RFC 3262 sections 3 and 4; catalogue T8",
    explains: &[
        "request-timeout",
        "server-failure",
        "other-refusal",
        "no-answer",
        "platform-gave-up",
        "called-unavailable",
    ],
    limits: &[],
    check: Check::Call(|rule, case| missing_prack(rule, case).into_iter().collect()),
};

/// A reliable answer on one hop of the way, with its copies and the PRACK to it.
struct Reliable<'a> {
    hop: &'a Hop,
    invite: &'a Arc<Transaction>,
    copies: Vec<&'a Arc<Signal>>,
    prack: Option<&'a Arc<Transaction>>,
}

impl<'a> Reliable<'a> {
    /// The reliable answer of a hop that was repeated most in vain; else any.
    fn of(case: &Case<'a>, hop: &'a Hop) -> Option<Reliable<'a>> {
        let invite = hop.decisive()?;
        let mut found: Vec<Reliable<'a>> = Vec::new();
        let mut known: Vec<(u32, &Option<String>)> = Vec::new();
        for answer in &invite.responses {
            let Some(number) = reliable(answer) else {
                continue;
            };
            let key = (number, &answer.to_tag);
            let at = known.iter().position(|one| *one == key);
            match at.and_then(|at| found.get_mut(at)) {
                Some(one) => one.copies.push(answer),
                None if known.len() >= MOST => break,
                None => {
                    known.push(key);
                    found.push(Reliable {
                        hop,
                        invite,
                        copies: vec![answer],
                        prack: prack_to(case, hop, invite, number),
                    });
                }
            }
        }
        found.into_iter().max_by_key(Reliable::complaints)
    }

    /// Whether the INVITE does not let its answers be reliable, and nobody confirmed this one.
    fn is_unasked(&self) -> bool {
        let invite = self.invite.request();
        self.prack.is_none() && invite.is_some_and(|invite| !may_be_reliable(invite))
    }

    /// How many copies show that no PRACK arrived: those after the first, or too long after the
    /// PRACK to have crossed it.
    fn complaints(&self) -> usize {
        const CROSSING: SignedDuration = SignedDuration::from_millis(200);
        let Some(prack) = self.prack.and_then(|prack| prack.request()) else {
            return self.copies.len().saturating_sub(1);
        };
        let late = |copy: &&&Arc<Signal>| copy.at().duration_since(prack.at()) > CROSSING;
        self.copies.iter().filter(late).count()
    }
}

/// The PRACK to a reliable answer from the client of a hop, wherever it went: without Record-Route
/// it goes straight to the Contact.
fn prack_to<'a>(
    case: &Case<'a>,
    hop: &Hop,
    invite: &Transaction,
    number: u32,
) -> Option<&'a Arc<Transaction>> {
    case.call.with_method(Method::Prack).find(|prack| {
        prack.leg == hop.leg
            && prack.client.ip() == hop.client.ip()
            && prack
                .request()
                .and_then(|request| confirms(request))
                .is_some_and(|(rseq, cseq)| rseq == number && cseq == invite.cseq)
    })
}

fn missing_prack(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let way = case.way();
    let all: Vec<Option<Reliable<'_>>> = way.iter().map(|hop| Reliable::of(case, hop)).collect();
    let at = all
        .iter()
        .rposition(|one| one.as_ref().is_some_and(|one| one.complaints() >= 2))?;
    let one = all.get(at)?.as_ref()?;
    let (first, last) = (*one.copies.first()?, *one.copies.last()?);
    // A PRACK that was answered 2xx arrived: what is repeated still is another fault.
    let arrived = one
        .prack
        .is_some_and(|prack| matches!(prack.final_code(), Some(200..=299)));
    if !repeats_to_the_end(case, one, last) {
        return None;
    }
    let debt = debt(case, &all, at)?;
    let answered = case.answer().is_some();
    let refused = one
        .invite
        .final_response()
        .filter(|answer| answer.at() >= last.at() && answer.message().code() >= Some(400));
    let in_time = refused.is_some_and(|refused| {
        let after = refused.at().duration_since(first.at());
        (28..=40).contains(&after.as_secs())
    });
    let severity = match (answered, refused) {
        (true, _) => Severity::Info,
        (false, Some(_)) => Severity::Error,
        (false, None) => Severity::Warning,
    };
    let seen = match one.prack.and_then(|prack| prack.request()) {
        None => format!(
            "no PRACK from {} reached this capture point",
            case.name(debt.node)
        ),
        Some(prack) => format!("the PRACK ({}) did not stop that", case.when(prack)),
    };
    let then = match refused {
        Some(refused) => format!(
            "; then it answered {}, {} after the first",
            code_and_phrase(refused),
            case.lasting(refused.at().duration_since(first.at()))
        ),
        None => String::new(),
    };
    let fact = format!(
        "{} sent its reliable {} {} (from {}) to {}, and {seen}{then}.",
        case.name(one.hop.server),
        first.message().code().unwrap_or(183),
        times(one.copies.len()),
        case.when(first),
        case.name(one.hop.client),
    );
    let certainty = if in_time && !arrived {
        debt.certainty
    } else {
        Certainty::Possible
    };
    let conclusion = Conclusion {
        severity: Some(severity),
        ..Conclusion::certain(
            fact,
            one.hop.server,
            Blame {
                cause: debt.cause,
                owner: debt.owner,
                certainty,
                next: if one.is_unasked() {
                    format!(
                        "Let {} answer without Require: 100rel where the INVITE does not name it.",
                        case.name(one.hop.server)
                    )
                } else {
                    format!(
                        "Capture at {} to see whether it sends the PRACK and where to; if it cannot, \
                         take 100rel out of what is offered on this route.",
                        case.name(debt.node)
                    )
                },
            },
        )
    };
    let proof = one
        .copies
        .iter()
        .copied()
        .chain(one.prack.and_then(|prack| prack.request()))
        .chain(debt.proof)
        .chain(refused);
    let finding = rule.finding(case, proof, conclusion)?;
    // Without a refusal by who waited nothing else follows from it for sure.
    Some(match severity {
        Severity::Error => finding,
        _ => finding.explaining(&[]),
    })
}

/// Copies come at growing distances up to 16 s apart in 32 s; who stopped before the INVITE was
/// settled got its PRACK.
fn repeats_to_the_end(case: &Case<'_>, one: &Reliable<'_>, last: &Signal) -> bool {
    let mut copies = one.copies.iter().rev().map(|copy| copy.at());
    let gap = match (copies.next(), copies.next()) {
        (Some(last), Some(before)) => last.duration_since(before),
        _ => SignedDuration::ZERO,
    };
    let end = one
        .invite
        .final_response()
        .map(|answer| answer.at())
        .or(one.invite.cancels.first().map(|cancel| cancel.at()))
        .or(case.seen_until)
        .or(case.call.ended());
    end.is_some_and(|end| end.duration_since(last.at()) <= gap * 2 + SignedDuration::from_secs(1))
}

/// Whose the missing PRACK is, and how that is known.
struct Debt<'a> {
    node: SocketAddr,
    owner: Owner,
    certainty: Certainty,
    cause: String,
    proof: Option<&'a Arc<Signal>>,
}

fn debt<'a>(case: &Case<'a>, all: &[Option<Reliable<'a>>], at: usize) -> Option<Debt<'a>> {
    let one = all.get(at)?.as_ref()?;
    if let Some(prack) = one.prack {
        return Some(Debt {
            node: one.hop.client,
            owner: side_of(case, one.hop.server).into(),
            certainty: Certainty::Possible,
            cause: match prack.final_code() {
                Some(200..=299) => format!(
                    "{} accepted the PRACK and repeated its answer all the same.",
                    case.name(one.hop.server)
                ),
                _ => format!(
                    "{} did not take the PRACK, or the network between lost it.",
                    case.name(one.hop.server)
                ),
            },
            proof: None,
        });
    }
    let invite = one.invite.request();
    if one.is_unasked() {
        return Some(Debt {
            node: one.hop.client,
            owner: side_of(case, one.hop.server).into(),
            certainty: Certainty::Likely,
            cause: format!(
                "The INVITE names no 100rel, neither in Supported nor in Require: {} must not answer so (RFC 3262 section 3).",
                case.name(one.hop.server)
            ),
            proof: invite,
        });
    }
    // Towards the caller, as long as the same answer was passed on and nobody confirmed it.
    let mut debtor = one;
    for before in all.iter().take(at).rev() {
        let Some(before) = before else { break };
        if let Some(prack) = before.prack.and_then(|prack| prack.request()) {
            return Some(Debt {
                node: debtor.hop.client,
                owner: side_of(case, debtor.hop.client).into(),
                certainty: Certainty::Likely,
                cause: format!(
                    "The caller's PRACK reached {} ({}), which did not send one on.",
                    case.name(debtor.hop.client),
                    case.when(prack)
                ),
                proof: Some(prack),
            });
        }
        debtor = before;
    }
    // Within one dialog the PRACK is the caller's; a node that passes the answer on in another
    // form, or not at all, owes its own.
    let before = case.call.upstream(debtor.hop);
    if before.is_some_and(|before| before.leg == debtor.hop.leg) {
        return Some(Debt {
            node: debtor.hop.client,
            owner: Side::Unknown.into(),
            certainty: Certainty::Possible,
            cause: "The answer was not seen on its way to the caller, so nobody there could \
                    confirm it."
                .into(),
            proof: None,
        });
    }
    Some(Debt {
        node: debtor.hop.client,
        owner: side_of(case, debtor.hop.client).into(),
        certainty: Certainty::Likely,
        cause: format!(
            "{} owes the PRACK; it sent none, or the network lost it before this capture point, or \
             the answer did not reach it.",
            case.name(debtor.hop.client)
        ),
        proof: None,
    })
}

static PRACK_REFUSED: Rule = Rule {
    id: "prack-refused",
    family: "prack",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A PRACK that was answered with another final code than 2xx; and whether its RAck names \
            an answer that was sent. An error where the INVITE failed after it.",
    matters: "The reliable answer counts as not confirmed, and the call is given up after 32 s.",
    remedy: "RAck names no answer that was sent: look at the sender of the PRACK. It does: look at \
             who refused it.",
    silent: "A challenge that a second PRACK answered; or the call had been cancelled or settled \
             before.",
    source: "RFC 3262 section 3; catalogue T8, S481",
    explains: &[
        "missing-prack",
        "request-timeout",
        "server-failure",
        "other-refusal",
    ],
    limits: &[],
    check: Check::Call(|rule, case| prack_refused(rule, case).into_iter().collect()),
};

fn prack_refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let pracks: Vec<&Arc<Transaction>> = case.call.with_method(Method::Prack).collect();
    let is_refused = |prack: &&&Arc<Transaction>| {
        let confirmed = |other: &&Arc<Transaction>| {
            (other.leg, other.client, other.server) == (prack.leg, prack.client, prack.server)
                && matches!(other.final_code(), Some(200..=299))
                && other.started() > prack.started()
        };
        let challenged = prack.is_challenged() && pracks.iter().any(confirmed);
        prack.final_code().is_some_and(|code| code >= 300) && !challenged
    };
    // Farthest from the caller: there it was made.
    let prack = pracks.iter().rfind(is_refused)?;
    let (request, answer) = (prack.request()?, prack.final_response()?);
    let invite = case.call.with_method(Method::Invite).find(|invite| {
        (invite.leg, invite.client, invite.server) == (prack.leg, prack.client, prack.server)
            && confirms(request).is_none_or(|(_, cseq)| cseq == invite.cseq)
    });
    let settled = invite.and_then(|invite| invite.final_response());
    let ended = invite.and_then(|invite| invite.cancels.first()).or(settled);
    if ended.is_some_and(|ended| ended.at() <= request.at()) {
        return None;
    }
    let matches = confirms(request).is_some_and(|(rseq, _)| {
        invite.is_some_and(|invite| invite.responses.iter().any(|it| reliable(it) == Some(rseq)))
    });
    let (side, who) = if matches {
        (side_of(case, prack.server), prack.server)
    } else {
        (side_of(case, prack.client), prack.client)
    };
    let failed = case.answer().is_none()
        && settled.is_some_and(|settled| settled.message().code() >= Some(400));
    let fact = format!(
        "{} answered the PRACK of {} ({}) with {}.",
        case.name(prack.server),
        case.name(prack.client),
        case.when(request),
        code_and_phrase(answer),
    );
    let blame = Blame {
        cause: if matches {
            "The PRACK names an answer that was sent to it, so it should have been taken.".into()
        } else {
            "The PRACK names no answer that was seen on this hop.".into()
        },
        owner: side.into(),
        certainty: if (matches && !failed) || case.quality.is_lossy() {
            Certainty::Possible
        } else {
            Certainty::Likely
        },
        next: format!(
            "Show the owner of {} the reliable answer and its PRACK (RSeq and RAck), or take \
             100rel out of what is offered on this route.",
            case.name(who)
        ),
    };
    let conclusion = Conclusion {
        severity: failed.then_some(Severity::Error),
        ..Conclusion::certain(fact, prack.server, blame)
    };
    let finding = rule.finding(
        case,
        [request, answer].into_iter().chain(settled),
        conclusion,
    )?;
    Some(if failed {
        finding
    } else {
        finding.explaining(&["missing-prack"])
    })
}
