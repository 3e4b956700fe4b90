//! Carriers that were tried and failed, as the log tells it where no packets of theirs were found.

use super::{is_row_alone, logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Proof, Severity};
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::listed;
use crate::knowledge::{Knowledge, Routing};
use crate::platform::{Attempt, CallRecord, Records};
use crate::sip::Certainty;

/// More attempts than these are counted, not told.
const MOST_TOLD: usize = 6;

pub(super) static CARRIERS_FAILED_IN_LOG: Rule = Rule {
    id: "carriers-failed-in-log",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform's log lists carriers that were tried and what each answered, and no messages \
            to them were found: which answer ended the routing, or which most of them share.",
    matters: "The answer that stopped the routing is the one to ask about; those before it only led to \
              the next carrier.",
    remedy: "Ask that carrier, with the outgoing Call-ID, which is the one it knows.",
    silent: "The messages to the carriers were found: they speak; or the call was answered.",
    source: "The platform's documentation of carrier fail-over; catalogue Q5, O1",
    explains: &["refused-by-platform"],
    limits: &[],
    check: Check::Call(|rule, case| failed(rule, case).into_iter().collect()),
};

fn failed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| row.answered.is_none() && case.answer().is_none())?;
    let records = case.records?;
    let out_seen = case.call.hops.iter().any(|hop| hop.upstream.is_some());
    // What a simulated call lists nobody was asked; a record of billing says less than any message.
    let is_outdone = row.is_of_billing && !is_row_alone(case);
    if row.attempts.is_empty() || out_seen || row.is_simulated() || is_outdone {
        return None;
    }
    let (headline, stopped) = headline(&row.attempts, case.knowledge);
    let carrier = name(headline, records);
    let answered = said(headline);
    let others = row.attempts.len().saturating_sub(1);
    let all: Vec<String> = row
        .attempts
        .iter()
        .take(MOST_TOLD)
        .map(|it| format!("{} {}", name(it, records), said(it)))
        .collect();
    let fact = match others {
        _ if row.is_of_billing => format!(
            "The platform's call detail record says that the call went through {carrier} and ended with {answered}."
        ),
        0 => format!("The platform's log says that {carrier} was tried and answered {answered}."),
        _ => format!(
            "The platform's log lists {} carriers tried: {}{}.",
            row.attempts.len(),
            all.join(", then "),
            if row.attempts.len() > MOST_TOLD {
                " and more"
            } else {
                ""
            }
        ),
    };
    let mut read = owner(headline.code, case.roles.direction != Direction::Inbound);
    let is_of_user = matches!(headline.code, Some(486 | 487 | 600));
    if row.is_of_billing && !is_of_user {
        read.certainty = Certainty::Possible;
        read.cause = "Whether the carrier said so or the platform the record does not tell.";
    }
    let told = headline
        .code
        .and_then(|code| case.knowledge.fail_over(code)?.told);
    let told = told.map_or_else(String::new, |code| format!("; the caller is told {code}"));
    let why = match (stopped, others) {
        _ if row.is_of_billing => String::new(),
        (true, _) => format!(
            "{answered} from {carrier} ended the routing: no further carrier is tried after it{told}. "
        ),
        (false, 0) => String::new(),
        (false, _) => format!("Most of them answered {answered}. "),
    };
    let mut action = next(row, &carrier, read.next);
    let alike = others_alike(&row.attempts, headline, records);
    if read.owner == Owner::Side(Side::CalledPeer) && !alike.is_empty() {
        action = format!("{action} The same goes for {}.", listed(&alike));
    }
    let fields = row.attempts.iter().flat_map(|it| {
        let code = it.code.map(|code| logged("attempts.sip_code", code));
        let reason = it
            .reason
            .as_ref()
            .map(|reason| logged("attempts.sip_reason", reason));
        code.into_iter().chain(reason)
    });
    let fields: Vec<_> = fields
        .chain([logged("attempts", row.attempts.len())])
        .collect();
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: format!("{why}{}", read.cause),
            owner: read.owner,
            to_act: read.to_act,
            certainty: read.certainty,
            by: None,
            severity: None,
            next: action,
        },
    )
}

/// The attempt that stopped the routing; else one that shares its code with most.
fn headline<'a>(attempts: &'a [Attempt], knowledge: &Knowledge) -> (&'a Attempt, bool) {
    let stops = |it: &&Attempt| {
        let code = it.code.and_then(|code| knowledge.fail_over(code));
        code.is_some_and(|it| it.routing == Routing::Stops)
    };
    if let Some(last) = attempts.iter().rev().find(stops) {
        return (last, true);
    }
    let shares = |it: &Attempt| {
        attempts
            .iter()
            .filter(|other| other.code == it.code)
            .count()
    };
    let most = attempts.iter().rev().max_by_key(|it| shares(it));
    // There is always one: the caller has looked.
    static NONE: std::sync::LazyLock<Attempt> = std::sync::LazyLock::new(Attempt::default);
    (most.unwrap_or(&NONE), false)
}

/// The other carriers that answered with the same code, in order, each once.
fn others_alike(attempts: &[Attempt], headline: &Attempt, records: &Records) -> Vec<String> {
    let own = name(headline, records);
    let mut names = Vec::new();
    for attempt in attempts.iter().filter(|it| it.code == headline.code) {
        let name = name(attempt, records);
        if name != own && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

pub(super) fn name(attempt: &Attempt, records: &Records) -> String {
    let tried = records.tried(attempt);
    tried.unwrap_or_else(|| "a carrier that is not named".to_owned())
}

fn said(attempt: &Attempt) -> String {
    match (attempt.code, attempt.reason.as_deref()) {
        (Some(code), Some(reason)) => format!("{code} {reason}"),
        (Some(code), None) => code.to_string(),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => "nothing".to_owned(),
    }
}

/// What an answer of a carrier comes to, where only the log tells of it.
struct Answered {
    owner: Owner,
    to_act: Option<Owner>,
    certainty: Certainty,
    cause: &'static str,
    next: &'static str,
}

fn owner(code: Option<u16>, is_outward: bool) -> Answered {
    let side =
        |side: Side, certainty: Certainty, cause: &'static str, next: &'static str| Answered {
            owner: side.into(),
            to_act: None,
            certainty,
            cause,
            next,
        };
    match code {
        Some(487) => Answered {
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Likely,
            cause: "The caller gave up.",
            next: "",
        },
        Some(403) => Answered {
            owner: Side::CalledPeer.into(),
            to_act: Some(Party::Configuration.into()),
            certainty: Certainty::Possible,
            cause: "It does not let this call through: caller number, prefix, our credit or our limits \
                    there.",
            next: "Check caller number, prefix, and our credit and limits with that carrier first.",
        },
        Some(404 | 410 | 484 | 604) => Answered {
            // Whom nobody can reach cannot repair it: who dialled can.
            to_act: is_outward.then_some(Side::Caller.into()),
            ..side(
                Side::CalledUser,
                Certainty::Possible,
                "It says that the number does not exist; some carriers say so of numbers that do.",
                "Check the number, and try it through another carrier.",
            )
        },
        Some(486 | 600) => Answered {
            owner: Side::CalledUser.into(),
            to_act: Some(Party::Nobody.into()),
            certainty: Certainty::Likely,
            cause: "The called line is busy.",
            next: "Nothing to repair; call again later.",
        },
        Some(480) => side(
            Side::CalledUser,
            Certainty::Possible,
            "The called user cannot be reached; some carriers say so of other failures too.",
            "Ask the called party, and try the number through another carrier.",
        ),
        Some(603 | 607 | 608) => side(
            Side::CalledUser,
            Certainty::Possible,
            "Somebody or something on the called side did not want the call.",
            "Ask the called party; where many calls end so, look at the reputation of the caller ID.",
        ),
        Some(300..=399) => side(
            Side::CalledPeer,
            Certainty::Likely,
            "It sends the call elsewhere, and redirections are not followed.",
            "Ask the carrier not to redirect.",
        ),
        Some(408) => side(
            Side::CalledPeer,
            Certainty::Possible,
            "It, or what is behind it, did not react.",
            "Get the messages of the outgoing side: whether the carrier reacted at all.",
        ),
        Some(400..=499) => side(
            Side::CalledPeer,
            Certainty::Possible,
            "It refused the request; the messages would show what in it.",
            "Get the messages of the outgoing side, then ask that carrier.",
        ),
        Some(500..=599) => side(
            Side::CalledPeer,
            Certainty::Likely,
            "It failed, or the network behind it.",
            "Report it to that carrier; if it goes on, take the carrier out of the route.",
        ),
        _ => side(
            Side::CalledPeer,
            Certainty::Possible,
            "It gave no final answer that the log has.",
            "Get the messages of the outgoing side: whether the carrier reacted at all.",
        ),
    }
}

fn next(row: &CallRecord, carrier: &str, next: &str) -> String {
    match row.outgoing_call_ids().next() {
        Some(id) if !next.is_empty() => format!("{next} {carrier} knows the call as {id}."),
        _ => next.to_owned(),
    }
}
