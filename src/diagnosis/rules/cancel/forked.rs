//! Rules on calls that went several ways at once: where they rang, who answered twice, and a refusal for all of them
//! that was lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::CLEAN_UP;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::branch::{Branch, MOST, branches};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static CALL_FORKED: Rule = Rule {
    id: "call-forked",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Provisional responses with more than one To tag to one INVITE: the call was sent to several places.",
    matters: "Each place is a dialog of its own; who reads the trace has to keep them apart.",
    remedy: "None.",
    silent: "All of them have the same tag, or none.",
    source: "RFC 3261 sections 12.1 and 16.7; catalogue X7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        case.way()
            .into_iter()
            .find_map(|hop| forked(rule, case, hop))
            .into_iter()
            .collect()
    }),
};

/// The first response of each To tag with such a code, in order, for each INVITE: who calls again under the same
/// Call-ID does so with another From tag or CSeq.
fn by_tag(hop: &Hop, is_such: impl Fn(u16) -> bool) -> Vec<Vec<&Arc<Signal>>> {
    type Asked<'a> = (Option<&'a str>, u32);
    let mut first: BTreeMap<Asked<'_>, BTreeMap<&str, &Arc<Signal>>> = BTreeMap::new();
    let answers = hop.invites.iter().flat_map(|invite| &invite.responses);
    for answer in answers.filter(|answer| answer.code().is_some_and(&is_such)) {
        if let Some(tag) = &answer.to_tag {
            let asked = (answer.from_tag.as_deref(), answer.cseq_number());
            let places = first.entry(asked).or_default();
            places.entry(tag).or_insert(answer);
        }
    }
    let in_order = |places: BTreeMap<&str, _>| {
        let mut found: Vec<&Arc<Signal>> = places.into_values().collect();
        found.sort_by_key(|answer| answer.number);
        found
    };
    first.into_values().map(in_order).collect()
}

fn forked(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let mut invites = by_tag(hop, |code| (101..=199).contains(&code)).into_iter();
    let places = invites.find(|places| places.len() > 1)?;
    let answer = hop
        .final_response()
        .filter(|it| matches!(it.code(), Some(200..=299)));
    let each: Vec<String> = places
        .iter()
        .take(MOST)
        .map(|place| {
            let code = place.code().unwrap_or_default();
            let has_answered = answer.is_some_and(|answer| answer.to_tag == place.to_tag);
            let then = if has_answered { ", which answered" } else { "" };
            format!("{code} at {}{then}", case.when(place))
        })
        .collect();
    let fact = format!(
        "{} brought back responses of {} places to one INVITE: {}.",
        case.name(hop.server),
        places.len(),
        each.join("; "),
    );
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: "The call was sent to several places, at once or one after the other.".into(),
        owner: Party::Nobody.into(),
        to_act: None,
        certainty: Certainty::Certain,
        by: Some(hop.server),
        severity: None,
        next: String::new(),
    };
    rule.finding(
        case,
        places.into_iter().take(MOST).chain(answer),
        conclusion,
    )
}

pub(super) static TWO_ANSWERS: Rule = Rule {
    id: "two-answers",
    family: "cancel",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "Two 2xx with different To tags to one INVITE, of which all but one have to get an ACK and a BYE at once, \
            and did not within 4 s. A note where they did.",
    matters: "The other one is a leg that is up, and may be billed, with nobody at its other end.",
    remedy: "Let who sent the INVITE confirm each 2xx and hang up all but one.",
    silent: "All 2xx have the same tag.",
    source: "RFC 3261 section 13.2.2.4; catalogue X8",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let hops = case.call.hops.iter();
        let found = hops.filter_map(|hop| two_answers(rule, case, hop)).next();
        found.into_iter().collect()
    }),
};

fn two_answers(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let mut invites = by_tag(hop, |code| (200..300).contains(&code)).into_iter();
    let answers = invites.find(|answers| answers.len() > 1)?;
    let signals = case.call.signals.iter();
    let of_leg = signals.filter(|(leg, _)| *leg == hop.leg);
    // The one that is kept comes first.
    let mut dialogs = branches(answers.into_iter(), of_leg.map(|(_, it)| it)).into_iter();
    let kept = dialogs.next()?;
    let dialogs: Vec<Branch<'_, Arc<Signal>>> = dialogs.collect();
    let is_left = |it: &&Branch<'_, Arc<Signal>>| {
        let in_time = |bye: &Arc<Signal>| {
            bye.at().duration_since(it.answer.at()) <= case.tuning.time(&CLEAN_UP)
        };
        !it.is_acked || !it.bye.is_some_and(in_time)
    };
    let left: Vec<&Branch<'_, Arc<Signal>>> = dialogs.iter().filter(is_left).collect();
    let is_seen = left
        .iter()
        .all(|it| case.watched_for(it.answer, case.tuning.time(&CLEAN_UP)));
    let each: Vec<String> = dialogs
        .iter()
        .map(|it| {
            let ack = if it.is_acked { "seen" } else { "not seen" };
            let bye = it.bye.map_or("not seen".to_owned(), |bye| {
                format!("at {}", case.when(bye))
            });
            format!("{} (ACK {ack}, BYE {bye})", case.when(it.answer))
        })
        .collect();
    let fact = format!(
        "{} answered one INVITE of {} from {} places: the one that was kept at {}, and {}.",
        case.name(hop.server),
        case.name(hop.client),
        dialogs.len() + 1,
        case.when(kept.answer),
        each.join("; "),
    );
    let (owner, severity, certainty, cause): (Owner, _, _, _) = if left.is_empty() {
        let cause = "Two phones answered at once, and the call to one was ended as it should be.";
        (
            Party::Nobody.into(),
            Severity::Info,
            Certainty::Certain,
            cause,
        )
    } else if is_seen {
        let cause = "Who sent the INVITE has to confirm each answer and hang up all but one at once: that leg may be \
                     up and billed.";
        let side = case.roles.side(hop.client);
        (side.into(), Severity::Error, Certainty::Likely, cause)
    } else {
        let cause = "The trace ends before it can be told whether the other one was closed.";
        (
            Party::Undecided.into(),
            Severity::Warning,
            Certainty::Possible,
            cause,
        )
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.into(),
        owner,
        to_act: None,
        certainty,
        by: Some(hop.server),
        severity: Some(severity),
        next: match severity {
            Severity::Info => String::new(),
            _ => "See when the other leg ended, and whether it was billed.".into(),
        },
    };
    let others = dialogs.iter().flat_map(|it| [Some(it.answer), it.bye]);
    let proof = others.flatten().chain([kept.answer]);
    rule.finding(case, proof, conclusion)
}

pub(super) static GLOBAL_REFUSAL_LOST: Rule = Rule {
    id: "global-refusal-lost",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "One of several attempts was refused with 6xx, which speaks for the called user everywhere, and the \
            caller's side was told another code.",
    matters: "The caller takes it for another fault, and may call again somebody who does not want the call.",
    remedy: "Let the platform answer with the 6xx that it got, and try no further route after it.",
    silent: "The call was answered or cancelled, the 6xx came later than the answer, or there was one attempt alone \
             (code-rewritten).",
    source: "RFC 3261 section 16.7 steps 5 and 6; catalogue X9",
    explains: &[
        "no-answer",
        "called-unavailable",
        "called-busy",
        "request-timeout",
        "server-failure",
        "platform-gave-up",
    ],
    limits: &[],
    check: Check::Call(|rule, case| {
        let hops = case.call.hops.iter();
        let found = hops
            .filter_map(|hop| global_refusal_lost(rule, case, hop))
            .next();
        found.into_iter().collect()
    }),
};

fn global_refusal_lost(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let told = hop.final_response()?;
    let code = told.code().filter(|code| (300..600).contains(code))?;
    if hop.cancel().is_some() || case.call.downstream(hop).nth(1).is_none() {
        return None;
    }
    let (attempt, refusal) = case.call.downstream(hop).find_map(|attempt| {
        let refusal = attempt.final_response()?;
        let is_global = matches!(refusal.code(), Some(600..=699));
        (is_global && refusal.at() <= told.at()).then_some((attempt, refusal))
    })?;
    let (server, global) = (case.name(hop.server), refusal.code()?);
    let fact = format!(
        "{} answered {global} ({}), and {server} told {} {code} ({}).",
        case.name(attempt.server),
        case.when(refusal),
        case.name(hop.client),
        case.when(told),
    );
    // A person spoke for all places; before ringing a 6xx may as well be a carrier's own.
    let rang = attempt.ringing().is_some();
    let meant = match global {
        600 => "The called user is busy everywhere.",
        604 => "The called user exists nowhere.",
        _ => "The called user declined.",
    };
    let cause = "A 6xx speaks for all places: it has to be passed on before any other code.";
    let blame = Blame {
        cause: if rang {
            format!("{meant} {cause}")
        } else {
            cause.into()
        },
        owner: case.roles.side(hop.server).into(),
        certainty: Certainty::Likely,
        next: format!("Have {server} pass on a 6xx, and stop at it."),
    };
    let conclusion = Conclusion::certain(fact, hop.server, blame);
    let finding = rule.finding(case, [refusal, told], conclusion)?;
    Some(if rang {
        finding
    } else {
        finding.explaining(&[])
    })
}
