//! Calls that failed in a network: no reply in time, no circuit, a server that failed.

use super::{Reading, at_once, by_location, leaves_open, over_limit, refused};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Name};

pub(super) static REQUEST_TIMEOUT: Rule = Rule {
    id: "request-timeout",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "408, 504 or Q.850 cause 102 to the INVITE without any ringing, or any code of a node \
            whose own last attempt got no final answer.",
    matters: "Something behind the node that answered does not react.",
    remedy: "Find the hop that is silent; fail over sooner.",
    silent: "It rang before: then nobody answered the phone.",
    source: "RFC 3261 sections 16.8, 21.4.9, 21.5.5; catalogue S408b, S504, I102",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Timeout, |refusal| {
            if refusal.is_after_silence() {
                let (side, to_act) = if refusal.is_after_no_reply(case) {
                    let asked = case.roles.asked_for_silence(Side::CalledPeer);
                    (Side::Between, asked)
                } else {
                    (Side::CalledPeer, Side::CalledPeer.into())
                };
                return Reading::new(
                    side,
                    Certainty::Likely,
                    "Its own last attempt had got no final answer, so the code is its own.",
                    "See which of its attempts stayed silent.",
                )
                .acts(to_act);
            }
            let sure = if case.roles.direction == Direction::OneLeg {
                Certainty::Possible
            } else {
                Certainty::Likely
            };
            Reading::new(
                Side::CalledPeer,
                sure,
                "It says that something behind it did not answer in time.",
                "Ask it which of its own hops was silent at that time; use another route meanwhile.",
            )
        })
    }),
};

pub(super) static CARRIER_NO_CIRCUIT: Rule = Rule {
    id: "carrier-no-circuit",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A refusal with Q.850 cause 34, 42, 44 or 47 (no circuit, congestion, no resource), or a \
            503 whose text speaks of a limit.",
    matters: "Capacity is used up, there or in what was agreed for us.",
    remedy: "Move traffic to another route; report it with examples; compare our channel limit.",
    silent: "The same code without such a cause or text.",
    source: "RFC 3398 section 7.2.4.1; catalogue S403c, S503b, I34",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::NoCircuit, |refusal| {
            if refusal.cause().is_none() {
                return over_limit(case, refusal);
            }
            let side = refusal.located(case).unwrap_or(Side::CalledPeer);
            let cause = if side == Side::CalledUser {
                "No free circuit on the called side, by the location of the cause."
            } else {
                "No free circuit there; some carriers say the same when our own channel or \
                 call-rate limit at them is reached."
            };
            Reading::new(
                side,
                Certainty::Likely,
                cause,
                "Report it to the one who answered with this call as example, and compare our \
                 calls at that time with the channels agreed.",
            )
            .acts(Side::CalledPeer)
        })
    }),
};

pub(super) static SERVER_FAILURE: Rule = Rule {
    id: "server-failure",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "5xx to the INVITE without a Q.850 cause that says something else, or any code with a \
            cause that says that the network or the service there is broken.",
    matters: "The node that made it, or the network behind it, could not do its work.",
    remedy: "Use another route; report it where it was made.",
    silent: "The platform refused it by itself; 504 without ringing is request-timeout; 501, 505, \
             513, 555 and 580 refuse the message.",
    source: "RFC 3261 section 21.5; RFC 7339; catalogue S500, S502, S503, I25 to I111",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Failure, |refusal| failure(case, refusal))
    }),
};

fn failure(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    let report = if case.roles.calls_a_customer() {
        "Report it to the one who answered, with its Call-ID and the time."
    } else {
        "Use another route; report it to the one who answered, with its Call-ID and the time."
    };
    if refusal.is_after_silence() {
        return Reading::new(
            case.roles.side(refusal.origin.by),
            Certainty::Possible,
            "The called side was still ringing: the code was made by the one who answered, and \
             does not say why.",
            "Look in its log for this Call-ID at that time.",
        );
    }
    if let Some(cause) = refusal.cause() {
        let (side, words) = match cause {
            27 => (
                Side::CalledUser,
                "The cause says that the called line or exchange is out of order.",
            ),
            29 | 50 | 63 | 69 | 79 => (
                Side::CalledPeer,
                "The cause says that a service this call asks for is not provided there.",
            ),
            81..=101 | 111 => (
                Side::CalledPeer,
                "The cause says that a network there got a message that it could not use.",
            ),
            25 => (
                Side::CalledPeer,
                "The cause says that the network there routes the call in a circle.",
            ),
            38 | 41 | 6 | 66 => (
                Side::CalledPeer,
                "The cause says that the network there failed.",
            ),
            _ => (Side::CalledPeer, ""),
        };
        let side = refusal.located(case).unwrap_or(side);
        let known = u8::try_from(cause)
            .ok()
            .and_then(|cause| case.knowledge.q850(cause));
        let (words, sure) = match (words, known) {
            ("", Some(known)) => (known.meaning.as_str(), Certainty::Likely),
            ("", None) => ("The cause is none that Q.850 defines.", Certainty::Possible),
            (words, _) => (words, Certainty::Likely),
        };
        return Reading::new(side, sure, words, report).acts(Side::CalledPeer);
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    let retry = refusal.origin.answer.message().seconds(Name::RetryAfter);
    let asks = retry.map_or(String::new(), |retry| {
        format!(" It asks to be left alone for {retry} s.")
    });
    if refusal.code == 503 && leaves_open(case, refusal) {
        let mut reading = at_once(
            case,
            refusal,
            "See whether every call to it is refused so; compare our limit and address list there; \
             then report it.",
        );
        reading.cause.push_str(&asks);
        return reading;
    }
    if retry.is_some() {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            &format!("Overload or maintenance there.{asks}"),
            "Send calls by another route until then.",
        );
    }
    if case.roles.direction == Direction::OneLeg {
        return Reading::new(
            Party::Undecided,
            Certainty::Possible,
            "The one who answered made it, or passed on what another leg had brought: this leg alone does not tell.",
            "Ask the owner of the address that answered for this call's other leg (same numbers, same second), or for \
             the reason in its log.",
        );
    }
    Reading::new(
        Side::CalledPeer,
        Certainty::Likely,
        "It does not say what failed there.",
        report,
    )
}
