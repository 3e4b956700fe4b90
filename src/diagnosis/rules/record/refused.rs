//! Calls that the platform's log says were refused. A row alone never proves that authentication failed:
//! with digests it may show the first challenge only.

use super::settings::is_answered;
use super::source::is_about_source;
use super::{inbound, is_row_alone, log_name, logged, row, sentence, verdict_of};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party, turned};
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::{Match, Reason, ReasonKind, Refused};
use crate::platform::CallRecord;
use crate::sip::Certainty;

/// 402 Payment Required (RFC 3261 section 21.4.3).
const PAYMENT_REQUIRED: u16 = 402;

pub(super) static REFUSED_IN_LOG: Rule = Rule {
    id: "refused-in-log",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform's log gives a reason for which the call was refused, and no carrier was tried: \
            what it means, whose it is, what the platform's lists say of it by now, what to do.",
    matters: "The reason text names the setting. Nobody outside has to be asked.",
    remedy: "Correct what the reason names, simulate the call, then call again.",
    silent: "Packets show that somebody else made the answer, or bear the same reason themselves (unless \
             it speaks of the source, of rate cards or of caller numbers, of which only the platform's lists \
             tell); a carrier was tried; \
             or the row shows only a challenge.",
    source: "The platform's routing documentation; catalogue S402, S404a, S503d, B1",
    explains: &["refused-by-platform", "source-refused"],
    limits: &[],
    check: Check::Call(|rule, case| refused_in_log(rule, case).into_iter().collect()),
};

fn refused_in_log(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = refused_row(case)?;
    let (said, mut fields) = verdict_of(row)?;
    let text = row.reason.as_deref().unwrap_or_default();
    let refused = case.knowledge.refused(text, row.code);
    if matches!(&refused, Some(Refused::Text(it)) if it.entry.kind != ReasonKind::Refusal) {
        return None;
    }
    let refusal = Refusal::of(case);
    if !is_row_alone(case) {
        // The packets have to agree that the platform made the code, and must not say it themselves.
        let refusal = refusal.as_ref()?;
        let is_literal = matches!(refused, Some(Refused::Text(_)));
        let is_said = refusal.platform_reason(case).is_some();
        let asks = match &refused {
            Some(Refused::Text(it)) => it.entry.asks,
            _ => None,
        };
        let tells_more =
            (is_about_source(text) && row.source_ip.is_some()) || is_answered(case, asks);
        if !is_literal || !refusal.is_platforms_own(case) || (is_said && !tells_more) {
            return None;
        }
    }
    let told = refusal.map(|refusal| refusal.told.clone());
    let mut read = Read::of(case, row, refused);
    read.quote(row, &refused);
    if row.code == Some(PAYMENT_REQUIRED) {
        read.look_at_account(case);
    }
    fields.extend(read.fields);
    // A record of billing says how a call ended, and not who made it end so.
    let tried = if row.was_tried_nowhere() {
        ", and no carrier was tried"
    } else {
        ""
    };
    let proof = Proof::fields(fields).and(&told);
    rule.finding_of(
        case,
        proof,
        Conclusion {
            fact: if row.is_simulated() {
                format!("Routing refuses the simulated call: {said}{}.", read.fact)
            } else {
                let log = log_name(row);
                format!("The platform's {log} says {said}{tried}{}.", read.fact)
            },
            fact_certainty: Certainty::Certain,
            cause: read.cause,
            owner: read.party.into(),
            to_act: read.to_act.map(Into::into),
            certainty: read.certainty,
            by: None,
            severity: None,
            next: read.next,
        },
    )
}

/// The row, where it tells of a call that was refused before any carrier was tried.
fn refused_row<'a>(case: &Case<'a>) -> Option<&'a CallRecord> {
    let row = row(case)?;
    // A simulated call has no carriers, and its code may be missing: its text decides.
    if row.is_simulated() {
        return (row.is_routed() == Some(false)).then_some(row);
    }
    let refused = row.answered.is_none() && case.answer().is_none() && row.attempts.is_empty();
    let has_code = row.code.is_some_and(|code| code >= 300);
    let has_text = || row.code.is_none() && row.reason.is_some();
    (refused && (has_code || has_text())).then_some(row)
}

/// What a refusal in the log comes to.
pub(super) struct Read {
    pub(super) fact: String,
    pub(super) fields: Vec<Field>,
    pub(super) cause: String,
    pub(super) party: Party,
    pub(super) to_act: Option<Party>,
    pub(super) certainty: Certainty,
    pub(super) next: String,
}

impl Read {
    fn of(case: &Case<'_>, row: &CallRecord, refused: Option<Refused<'_>>) -> Read {
        let direction = case.roles.direction;
        if direction == Direction::Inbound
            && let Some(read) = inbound::read(case, row, &refused)
        {
            return read;
        }
        let mut read = match refused {
            Some(Refused::Text(found)) if row.was_tried_nowhere() || found.entry.platform_only => {
                return Read::text(case, row, &found);
            }
            _ if !row.was_tried_nowhere() => return Read::untold(row),
            Some(Refused::Text(found)) => return Read::text(case, row, &found),
            Some(Refused::Code(known)) => {
                let parties = asked(&known.parties, direction);
                Read {
                    fact: String::new(),
                    fields: Vec::new(),
                    cause: format!("{} The text is not one that is known.", sentence(&known.meaning)),
                    party: parties.first().copied().unwrap_or(Party::Undecided),
                    to_act: None,
                    certainty: Certainty::Possible,
                    next: first(&known.next),
                }
            }
            None if is_plain(case, row) => Read {
                fact: String::new(),
                fields: Vec::new(),
                cause: "The text says nothing that the code does not say.".to_owned(),
                party: Party::Undecided,
                to_act: None,
                certainty: Certainty::Possible,
                next: "Read the routing log of this call, compare it with one that works, and report it \
                       with its Call-ID."
                    .to_owned(),
            },
            None => Read {
                fact: String::new(),
                fields: Vec::new(),
                cause: "The text is not one that is known: it probably comes from a script, a time-out \
                        action, a reply replacement or a rewritten code of ours."
                    .to_owned(),
                party: Party::Configuration,
                to_act: None,
                certainty: Certainty::Possible,
                next: "Read the routing log of this call and look for the script or replacement that \
                       writes this text."
                    .to_owned(),
            },
        };
        read.look_for_a_rule(case);
        read
    }

    /// Where nothing says whether the platform or a carrier refused the call.
    fn untold(row: &CallRecord) -> Read {
        let next = if row.is_of_billing {
            "Ask about a newer call that ends the same way, while the platform still has its log (14 days) and \
             messages (7 days)."
        } else {
            "Get the messages of the outgoing side, or look at the attempts of this call in the panel: who was tried, \
             and what each answered."
        };
        Read {
            fact: String::new(),
            fields: Vec::new(),
            cause: format!(
                "Whether the platform or a carrier said so the {} does not tell.",
                log_name(row)
            ),
            party: Party::Undecided,
            to_act: None,
            certainty: Certainty::Possible,
            next: next.to_owned(),
        }
    }

    /// The routing log in its own words where the text alone does not settle it, and what else of the
    /// row the text speaks of.
    fn quote(&mut self, row: &CallRecord, refused: &Option<Refused<'_>>) {
        let is_literal = matches!(refused, Some(Refused::Text(_)));
        if let Some(line) = row.log.last().filter(|_| !is_literal) {
            self.fields.push(logged("log", line));
            self.fact = format!("{}; its routing log ends with \"{line}\"", self.fact);
        }
        if let Some(Refused::Text(found)) = refused
            && found.entry.text.starts_with("RTP IP")
            && let Some(ip) = row.rtp_ip
        {
            self.fields.push(logged("rtp_ip", ip));
            self.fact = format!("{}; the caller offered {ip} for media", self.fact);
        }
    }

    fn text(case: &Case<'_>, row: &CallRecord, found: &Match<'_, Reason>) -> Read {
        let reason = found.entry;
        let parties = asked(&reason.parties, case.roles.direction);
        let party = parties.first().copied().unwrap_or(Party::Undecided);
        let certainty = match (reason.platform_only, parties.as_slice()) {
            (true, [Party::Platform]) => Certainty::Likely,
            (true, [_]) => Certainty::Certain,
            (false, [_]) => Certainty::Likely,
            _ => Certainty::Possible,
        };
        let mut read = Read {
            fact: String::new(),
            fields: Vec::new(),
            cause: sentence(&reason.meaning),
            party,
            to_act: None,
            certainty,
            next: first(&reason.next),
        };
        if is_about_source(&reason.text) {
            read.look_at_source(case, row);
        }
        if let Some(asks) = reason.asks {
            read.look_at_settings(case, row, asks);
        }
        read
    }
}

/// Who of these may own a refusal where nobody was tried: who was never asked did not say it.
fn asked(parties: &[Party], direction: Direction) -> Vec<Party> {
    let mut parties = turned(parties, direction);
    if direction != Direction::Inbound {
        parties.retain(|it| !matches!(it, Party::Carrier | Party::FarEnd));
    }
    parties
}

/// Whether the text is none, or the usual phrase of the code: then nobody wrote it on purpose.
fn is_plain(case: &Case<'_>, row: &CallRecord) -> bool {
    let text = row.reason.as_deref().unwrap_or_default().trim();
    let usual = row.code.and_then(|code| case.knowledge.sip_code(code));
    text.is_empty() || usual.is_some_and(|it| it.phrase.eq_ignore_ascii_case(text))
}

fn first(next: &[String]) -> String {
    next.first().cloned().unwrap_or_default()
}

pub(super) static CHALLENGE_IN_LOG: Rule = Rule {
    id: "challenge-in-log",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The row of the log shows a challenge (401 or 407) and nothing after it, and the messages of \
            the call are not there to tell how it went on.",
    matters: "A first challenge is normal. Whether the device answered it, and how, stands in the \
              messages alone.",
    remedy: "Get the trace, or a capture of the customer's side, before anybody is told that the \
             password is wrong.",
    silent: "Messages of the call were found: they say it.",
    source: "The platform's documentation of traces and authentication; catalogue R3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| challenge_in_log(rule, case).into_iter().collect()),
};

fn challenge_in_log(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| row.answered.is_none() && is_row_alone(case))?;
    let (said, fields) = verdict_of(row)?;
    let text = row.reason.as_deref().unwrap_or_default();
    let refused = case.knowledge.refused(text, row.code);
    let is_challenge = match &refused {
        Some(Refused::Text(it)) => it.entry.kind == ReasonKind::Challenge,
        _ => row.code == Some(407),
    };
    if !is_challenge || !row.attempts.is_empty() {
        return None;
    }
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!("The platform's log shows only the challenge: {said}."),
            fact_certainty: Certainty::Certain,
            cause: "The device did not answer it, its answer was refused, or the log kept the first of \
                    two INVITEs."
                .to_owned(),
            owner: Party::Undecided.into(),
            to_act: Some(Party::Customer.into()),
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: "Get a capture of the device's side: whether a second INVITE with credentials was \
                   sent, and what came back."
                .to_owned(),
        },
    )
}
