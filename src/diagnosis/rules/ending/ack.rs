//! Answers that nobody confirmed: the 2xx repeats, and where its ACK was lost.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::ended::{Ended, answered, ended, side_of, since};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Method, Name, Signal, Transaction};

pub(super) static MISSING_ACK: Rule = Rule {
    id: "missing-ack",
    family: "ending",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "The 2xx that answered the call was repeated until the end because no ACK was seen on \
            that hop, or although one was; likely where the call then ended 4 to 8 s or 28 to 40 s \
            after the 2xx. No ACK from the caller: the caller's side. From the caller but not sent \
            on: our settings. One whose To tag is none that the 2xx has: whoever sent it. On the last hop and still \
            repeated: the called side or the network before it, no more than possible.",
    matters: "Who answers ends the call when no ACK comes, often after 32 s, on some platforms \
              after 5 s.",
    remedy: "Check Contact and Record-Route of the 2xx and the NAT in front of the side that owes \
             the ACK; capture there.",
    silent: "The 2xx was not repeated, or the repeating stopped long before the end: then the ACK \
             got there, whether it passed this capture point or not.",
    source: "RFC 3261 sections 12.2.1.1, 13.2.2.4 and 13.3.1.4; catalogue T5, T6, H8",
    explains: &[
        "hung-up",
        "platform-ended-call",
        "bye-unanswered",
        "bye-refused",
        "hung-leg",
    ],
    limits: &[],
    check: Check::Call(|rule, case| missing_ack(rule, case).into_iter().collect()),
};

fn missing_ack(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    answered(case)?;
    let way: Vec<Answered<'_>> = case.way().into_iter().filter_map(Answered::of).collect();
    // A proxy passes the copies on, so that those nearest to who answered count.
    let at = way.iter().rposition(|answer| answer.complaints() > 0)?;
    let answer = way.get(at)?;
    let first = answer.first()?;
    let end = ended(case);
    let bye = end.as_ref().and_then(|end| end.bye().request());
    let in_time = bye.is_some_and(|bye| is_give_up(bye.at().duration_since(first.at())));
    let enough = answer.complaints() >= 2 || (answer.ack.is_none() && in_time);
    if !enough || !repeats_to_the_end(case, answer, bye) {
        return None;
    }
    let debt = debt(case, &way, at)?;
    // Who gets no ACK gives up; a BYE from who owes it has another cause.
    let by_debtor = matches!(&end, Some(Ended::BySide(side, _)) if *side == debt.owner);
    let typical = in_time && !by_debtor;
    let code = first.message().code().unwrap_or(200);
    let times = answer.copies.len();
    let seen = match (answer.ack, answer.stranger) {
        (Some(ack), _) => format!("the ACK ({}) did not stop that", case.when(ack)),
        (None, Some(ack)) => format!(
            "the ACK ({}) is of another dialog: its To tag is {}, and that of the {code} is {}",
            case.when(ack),
            ack.to_tag.as_deref().unwrap_or("missing"),
            first.to_tag.as_deref().unwrap_or("missing"),
        ),
        (None, None) => format!(
            "no ACK from {} reached this capture point",
            case.name(debt.node)
        ),
    };
    let then = match bye {
        Some(bye) => format!(
            "BYE followed {} after the first",
            case.lasting(bye.at().duration_since(first.at()))
        ),
        None => "no BYE was seen".to_owned(),
    };
    let fact = format!(
        "The answer was not acknowledged: {} sent its {code} {times} times (from {}) to {}, and \
         {seen}; {then}.",
        case.name(answer.hop.server),
        case.when(first),
        case.name(answer.hop.client),
    );
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: debt.cause,
        owner: debt.owner.into(),
        to_act: None,
        certainty: if typical {
            debt.certainty
        } else {
            Certainty::Possible
        },
        by: Some(answer.hop.server),
        severity: by_debtor.then_some(Severity::Warning),
        next: debt.next,
    };
    let proof = answer
        .copies
        .iter()
        .copied()
        .chain(answer.ack.or(answer.stranger))
        .chain(debt.proof)
        .chain(bye);
    rule.finding(case, proof, conclusion)
}

/// The 2xx on one hop of the way, with its copies and the first ACK.
struct Answered<'a> {
    hop: &'a Hop,
    invite: &'a Arc<Transaction>,
    copies: Vec<&'a Arc<Signal>>,
    /// The first ACK of the dialog that the 2xx set up.
    ack: Option<&'a Arc<Signal>>,
    /// The first one whose To tag is that of no answer here.
    stranger: Option<&'a Arc<Signal>>,
}

impl<'a> Answered<'a> {
    fn of(hop: &'a Hop) -> Option<Answered<'a>> {
        let invite = hop.decisive()?;
        let first = invite.final_response()?;
        let code = first
            .message()
            .code()
            .filter(|code| (200..300).contains(code))?;
        let copies = invite
            .responses
            .iter()
            .filter(|s| s.message().code() == Some(code) && s.to_tag == first.to_tag)
            .collect();
        let mut acks = invite.acks.iter().filter(|ack| ack.at() >= first.at());
        let ack = acks.clone().find(|ack| ack.to_tag == first.to_tag);
        let is_known = |ack: &Signal| {
            invite
                .responses
                .iter()
                .any(|answer| answer.to_tag == ack.to_tag)
        };
        Some(Answered {
            hop,
            invite,
            copies,
            ack,
            stranger: acks.find(|ack| !is_known(ack)),
        })
    }

    fn first(&self) -> Option<&'a Arc<Signal>> {
        self.copies.first().copied()
    }

    /// How many copies show that the ACK did not reach who answered: those after the first, or,
    /// where an ACK was seen, those too long after it to have crossed it.
    fn complaints(&self) -> usize {
        const CROSSING: SignedDuration = SignedDuration::from_millis(200);
        match self.ack {
            None => self.copies.len().saturating_sub(1),
            Some(ack) => self
                .copies
                .iter()
                .filter(|copy| copy.at().duration_since(ack.at()) > CROSSING)
                .count(),
        }
    }
}

/// Whose the missing ACK is, and how that is known.
struct Debt<'a> {
    /// The node that had to send it.
    node: SocketAddr,
    owner: Side,
    certainty: Certainty,
    cause: String,
    next: String,
    proof: Option<&'a Arc<Signal>>,
}

/// Whether a call that ends this long after its 2xx ended as one without ACK does: after 5 s on
/// some platforms, after 32 s by the RFC.
fn is_give_up(after: SignedDuration) -> bool {
    let millis = after.as_millis();
    (4_000..=8_000).contains(&millis) || (28_000..=40_000).contains(&millis)
}

/// Copies come 4 s apart at most (T2). Who stopped repeating before the end got its ACK, unless
/// it had tried for most of the 32 s.
fn repeats_to_the_end(case: &Case<'_>, answer: &Answered<'_>, bye: Option<&Arc<Signal>>) -> bool {
    const NEXT_COPY: SignedDuration = SignedDuration::from_secs(5);
    const TRIED_LONG: SignedDuration = SignedDuration::from_secs(20);
    let (Some(first), Some(last)) = (answer.first(), answer.copies.last()) else {
        return false;
    };
    let end = bye
        .map(|bye| bye.at())
        .or(case.seen_until)
        .or(case.call.ended());
    let stopped_near_end = since(end, Some(last.at())).is_some_and(|gap| gap <= NEXT_COPY);
    stopped_near_end || last.at().duration_since(first.at()) >= TRIED_LONG
}

/// Finds where the ACK was lost: at the first node, seen from the caller, that did not send it
/// although who answered waited for it.
fn debt<'a>(case: &Case<'a>, way: &[Answered<'a>], at: usize) -> Option<Debt<'a>> {
    let answer = way.get(at)?;
    let code = answer.first()?.message().code().unwrap_or(200);
    let capture = |node: SocketAddr| {
        format!(
            "Capture at {} to see whether it sends the ACK and where to; check Contact and Record-Route of the {code} \
             and the NAT on the way.",
            case.name(node)
        )
    };
    if answer.ack.is_some() {
        let server = case.name(answer.hop.server);
        let owner = match side_of(case, answer.hop.server) {
            Side::Unknown => Side::CalledPeer,
            side => side,
        };
        return Some(Debt {
            node: answer.hop.client,
            owner,
            certainty: Certainty::Possible,
            cause: format!("{server} did not take the ACK, or the network between lost it."),
            next: format!("Capture at {server} to see whether the ACK arrives there."),
            proof: None,
        });
    }
    let acked_before = way.iter().take(at).rposition(|before| before.ack.is_some());
    let debtor = way.get(acked_before.map_or(0, |before| before + 1))?;
    if let Some(stranger) = debtor.stranger {
        let client = case.name(debtor.hop.client);
        return Some(Debt {
            node: debtor.hop.client,
            owner: side_of(case, debtor.hop.client),
            certainty: Certainty::Likely,
            cause: format!(
                "{client} sends its ACK with a To tag that it was not given, so that it confirms nothing."
            ),
            next: format!(
                "Show {client} its ACK: it has to bear the To tag of the {code} that it confirms."
            ),
            proof: Some(stranger),
        });
    }
    if let Some(astray) = astray(case, way, debtor, &capture(debtor.hop.client)) {
        return Some(astray);
    }
    // The first 2xx of the way is not the caller's: it was not passed on, or not captured.
    let is_first = acked_before.is_none();
    if is_first && debtor.hop.upstream.is_some() {
        return Some(Debt {
            node: debtor.hop.client,
            owner: Side::Unknown,
            certainty: Certainty::Possible,
            cause: "The answer was not seen on its way to the caller, so nobody there could send \
                    an ACK."
                .into(),
            next: capture(debtor.hop.client),
            proof: None,
        });
    }
    let owner = side_of(case, debtor.hop.client);
    let acked = acked_before
        .and_then(|before| way.get(before))
        .and_then(|before| before.ack);
    let cause = match acked {
        Some(ack) => format!(
            "The caller's ACK reached {} ({}), which did not send it on.",
            case.name(debtor.hop.client),
            case.when(ack)
        ),
        None => format!(
            "{} owes the ACK; it sent none, or the network lost it before this capture point.",
            case.name(debtor.hop.client)
        ),
    };
    Some(Debt {
        node: debtor.hop.client,
        owner,
        certainty: Certainty::Likely,
        cause,
        next: capture(debtor.hop.client),
        proof: acked,
    })
}

/// An ACK that the debtor sent somewhere else, and who told it to.
fn astray<'a>(
    case: &Case<'a>,
    way: &[Answered<'a>],
    debtor: &Answered<'a>,
    next: &str,
) -> Option<Debt<'a>> {
    let stray = case.call.with_method(Method::Ack).find(|ack| {
        (ack.leg, ack.cseq) == (debtor.hop.leg, debtor.invite.cseq)
            && ack.client.ip() == debtor.hop.client.ip()
            && ack.server != debtor.hop.server
    })?;
    let ack = stray.request()?;
    let ok = debtor.first()?;
    let target = contact_host(ok);
    let reached = case
        .call
        .hops
        .iter()
        .any(|hop| hop.server.ip() == stray.server.ip());
    let told = target.as_deref() == Some(&stray.server.ip().to_string())
        && ok.message().header(Name::RecordRoute).is_none();
    // Whoever wrote that Contact first owns it: proxies pass it through.
    let writer = way
        .iter()
        .rev()
        .find(|answer| answer.first().and_then(|ok| contact_host(ok)) == target);
    let (owner, why) = match writer {
        Some(writer) if told => (
            side_of(case, writer.hop.server),
            "as the Contact of the answer says",
        ),
        _ => (
            side_of(case, debtor.hop.client),
            "against the Contact and Record-Route of the answer",
        ),
    };
    Some(Debt {
        node: debtor.hop.client,
        owner,
        // It may have got there by another way than the INVITE's, and was lost or not taken.
        certainty: if reached {
            Certainty::Possible
        } else {
            Certainty::Likely
        },
        cause: format!(
            "{} sent its ACK ({}) to {} instead, {why}.",
            case.name(debtor.hop.client),
            case.when(ack),
            stray.server
        ),
        next: next.to_owned(),
        proof: Some(ack),
    })
}

fn contact_host(signal: &Signal) -> Option<String> {
    Some(signal.message().contact()?.uri.host)
}
