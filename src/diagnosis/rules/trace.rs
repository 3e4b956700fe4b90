//! Rules on the trace itself: what is missing from it, and what was changed between its legs.

use std::sync::Arc;

use jiff::SignedDuration;

use super::network::{MOST, is_lost_to_the_capture};
use super::{Bearing, Check, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::sip::{Certainty, Signal};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &LOSSY_TRACE,
    &TRACE_CUT_SHORT,
    &ONE_LEG_ONLY,
    &LEGS_AMBIGUOUS,
    &CODE_REWRITTEN,
    &ANSWER_BEFORE_REQUEST,
    &CAPTURE_CLOCKS_DIFFER,
    &CALL_NOT_FOUND,
    &INCONCLUSIVE,
];

static LOSSY_TRACE: Rule = Rule {
    id: "lossy-trace",
    family: "trace",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "An answer without its request, an ACK without the answer it confirms, or a BYE in a \
            call whose 2xx was not seen: messages that must have existed are not in the trace.",
    matters: "What a rule concludes from a message not being there is less sure.",
    remedy: "Capture again on the platform itself, both directions, without a snap length.",
    silent: "A gap in CSeq numbers alone: pings in the dialog raise them too. Where messages are cut short, what seems to \
             be missing may be one of them, which is said.",
    source: "RFC 3261 sections 13, 15 and 17",
    explains: &[],
    limits: &[],
    check: Check::Call(lossy_trace),
};

fn lossy_trace(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let missing = &case.quality.missing;
    let Some(first) = missing.first() else {
        return Vec::new();
    };
    let more = match missing.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    // A message whose head is cut does not say what it is.
    let (or_cut, fact_certainty) = match case.quality.cut.is_empty() {
        true => ("", Certainty::Certain),
        false => (", or holds too little of it to tell", Certainty::Likely),
    };
    let fact = format!("The trace lacks {}{more}{or_cut}.", first.what);
    rule.finding(
        case,
        missing.iter().map(|missing| &missing.proof),
        Conclusion {
            fact,
            fact_certainty,
            cause: String::new(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: "Get a complete capture of both directions before anybody is blamed.".into(),
        },
    )
    .into_iter()
    .collect()
}

static TRACE_CUT_SHORT: Rule = Rule {
    id: "trace-cut-short",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Messages that end before their own end in the trace although who got them took them as \
            whole; whether all end at the same length, as a snap length makes them.",
    matters: "What stood behind the cut, mostly the session description, cannot be judged.",
    remedy: "Capture with full packets (tcpdump -s 0), and with all fragments.",
    silent: "A message was refused or not answered because it was cut: that is no fault of the trace.",
    source: "RFC 3261 section 18.3; catalogue Q6",
    explains: &[],
    limits: &[],
    check: Check::Call(trace_cut_short),
};

fn trace_cut_short(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let cut: Vec<&Arc<Signal>> = case
        .quality
        .cut
        .iter()
        .take(MOST)
        .filter(|signal| is_lost_to_the_capture(case, signal))
        .collect();
    let Some(first) = cut.first() else {
        return Vec::new();
    };
    let length = first.message().raw().len();
    let is_same = cut
        .iter()
        .all(|other| other.message().raw().len() == length);
    let (count, cause) = match cut.len() {
        1 => (
            "One message is".to_owned(),
            "Packets of the capture, or fragments of this one, were not kept whole; or its Content-Length says too much.",
        ),
        n if is_same => (
            format!("{n} messages are"),
            "All end at the same length: the capture kept only so much of each packet.",
        ),
        n => (
            format!("{n} messages are"),
            "Packets of the capture, or fragments of these, were not kept whole; or their Content-Length says too much.",
        ),
    };
    let fact = format!(
        "{count} cut short in the trace, the first after {length} bytes ({}).",
        case.when(first),
    );
    rule.finding(
        case,
        cut.iter().copied(),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: cause.into(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: "Capture again with full packets (tcpdump -s 0).".into(),
        },
    )
    .into_iter()
    .collect()
}

/// A node that decides by itself does so within this.
const WAITED: SignedDuration = SignedDuration::from_millis(100);

static ONE_LEG_ONLY: Rule = Rule {
    id: "one-leg-only",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Only one leg of the call is in the trace: its INVITE was answered 100 and something \
            was waited for, yet nothing shows where the called side was tried.",
    matters: "Whoever answered may only have passed on what somebody behind it said.",
    remedy: "Ask for the other Call-ID, or capture on both sides of the platform.",
    silent: "The INVITE was answered at once, or the other leg is there or may be (see legs-ambiguous).",
    source: "RFC 7989; catalogue Q5",
    explains: &[],
    limits: &[],
    check: Check::Call(one_leg_only),
};

fn one_leg_only(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let call = case.call;
    let Some(hop) = call.ingress().filter(|_| call.hops.len() == 1) else {
        return Vec::new();
    };
    if case.open_legs().next().is_some() {
        return Vec::new();
    }
    let decisive = hop.decisive();
    let trying = decisive.and_then(|invite| {
        invite
            .responses
            .iter()
            .find(|s| s.message().code() == Some(100))
    });
    let (Some(trying), Some(last)) = (trying, hop.final_response()) else {
        return Vec::new();
    };
    if last.at().duration_since(trying.at()) < WAITED {
        return Vec::new();
    }
    let fact = format!(
        "Only the leg between {} and {} was seen; what {} did with the call was not.",
        case.name(hop.client),
        case.name(hop.server),
        case.name(hop.server),
    );
    rule.finding(
        case,
        [trying, last],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: format!(
                "If {} is a platform in between, look for its other leg: same numbers, same second.",
                hop.server
            ),
        },
    )
    .into_iter()
    .collect()
}

static LEGS_AMBIGUOUS: Rule = Rule {
    id: "legs-ambiguous",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "A leg that may come from one of several calls, this one among them: they went through the same node at the \
            same time with the same numbers, are equally like it, and nothing in the leg names one of them.",
    matters: "What was answered on that leg may have been said of this call or of another; it is told of none.",
    remedy: "Let the platform pass Session-ID on, or send the other Call-ID in a header; tell the legs apart by its log.",
    silent: "A Session-ID, a header or the platform's log names the call, or one call is more like the leg than the others.",
    source: "RFC 7989; catalogue B4",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| legs_ambiguous(rule, case).into_iter().collect()),
};

fn legs_ambiguous(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let opening = case.call.hops.first()?.invites.first()?.first()?;
    let is_own = |id: &&String| case.call.legs.iter().any(|leg| leg.call_id == **id);
    let told = case.call.ties.iter().map(|tie| {
        let others: Vec<&str> = tie
            .of
            .iter()
            .filter(|id| !is_own(id))
            .map(String::as_str)
            .collect();
        if is_own(&&tie.leg) {
            format!("{} may come from {}", tie.leg, others.join(" or "))
        } else {
            format!(
                "{} may belong to this call or to {}",
                tie.leg,
                others.join(" or ")
            )
        }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return None;
    }
    rule.finding(
        case,
        [opening],
        Conclusion {
            fact: format!("Whose leg is whose does not show: {}.", told.join("; ")),
            fact_certainty: Certainty::Certain,
            cause: "They are equally like one another in numbers, nodes and time, and none names the other.".into(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: "Look in the platform's log which of these Call-IDs belong together, then diagnose each.".into(),
        },
    )
}

static CODE_REWRITTEN: Rule = Rule {
    id: "code-rewritten",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The platform told the caller another final code than the one it got.",
    matters: "Who judges by the code at the caller looks for the wrong thing.",
    remedy: "Judge by the code where it was made.",
    silent: "The call was answered, the platform gave up by itself, or only one leg was seen.",
    source: "RFC 3261 section 16.7 (a proxy turns 503 into 500 by rule); catalogue S-mask",
    explains: &[],
    limits: &[],
    check: Check::Call(code_rewritten),
};

fn code_rewritten(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (Some(told), Some(origin)) = (case.failure(), case.origin()) else {
        return Vec::new();
    };
    let (Some(told_code), Some(made)) = (told.message().code(), origin.answer.message().code())
    else {
        return Vec::new();
    };
    if told_code == made {
        return Vec::new();
    }
    let by_rule = made == 503 && told_code == 500;
    let why = if by_rule {
        "A proxy should make 500 of a lone 503 (RFC 3261 section 16.7)."
    } else {
        ""
    };
    let fact = format!(
        "{} answered {made}; the caller was told {told_code} ({}).",
        case.name(origin.by),
        case.when(told),
    );
    let owner = if by_rule {
        Party::Nobody.into()
    } else {
        Side::Platform.into()
    };
    rule.finding(
        case,
        [origin.answer, told],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: why.into(),
            owner,
            to_act: Some(Party::Nobody.into()),
            certainty: Certainty::Certain,
            by: case.call.ingress().map(|hop| hop.server),
            severity: None,
            next: format!("Go by the {made}, not by the {told_code} that the caller reports."),
        },
    )
    .into_iter()
    .collect()
}

static ANSWER_BEFORE_REQUEST: Rule = Rule {
    id: "answer-before-request",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Answers that the trace shows before the requests they answer: how many, and by how much at \
            most.",
    matters: "Its times come from clocks that differ, or its order is wrong: delays between the two are not \
              to be trusted.",
    remedy: "Set the clocks of the capture points by NTP.",
    silent: "The source tells no times at all.",
    source: "RFC 3261 section 17; catalogue Q3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| answer_before_request(rule, case).into_iter().collect()),
};

fn answer_before_request(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.call.is_timeless() {
        return None;
    }
    let early: Vec<(&Arc<Signal>, &Arc<Signal>, SignedDuration)> = case
        .call
        .transactions
        .iter()
        .filter_map(|transaction| {
            let (request, answer) = (transaction.request()?, transaction.first_response()?);
            let by = request.at().duration_since(answer.at());
            by.is_positive().then_some((request, answer, by))
        })
        .take(MOST)
        .collect();
    let (request, answer, by) = early.iter().copied().max_by_key(|(.., by)| *by)?;
    let count = match early.len() {
        1 => "One answer stands".to_owned(),
        n => format!("{n} answers stand"),
    };
    let fact = format!(
        "{count} in the trace before what it answers, by up to {} ms ({} and {}).",
        (by.as_micros() + 999) / 1000,
        case.when(answer),
        case.when(request),
    );
    let is_merged = request.packet.place.file != answer.packet.place.file;
    rule.finding(
        case,
        early
            .iter()
            .flat_map(|(request, answer, _)| [*answer, *request]),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: match is_merged {
                true => "They come from two capture points, whose clocks differ.",
                false => "No answer comes before its request: the clocks or the order are wrong.",
            }
            .to_owned(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: String::new(),
        },
    )
}

static CAPTURE_CLOCKS_DIFFER: Rule = Rule {
    id: "capture-clocks-differ",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Captures of several places whose clocks differ by 50 ms or more. They are set by the messages that both hold; \
            where they share none, that they differ shows where one leg begins when the other is over.",
    matters: "Times across the captures are no better than the way between the places took; without it copies of a message \
              would count as sent again.",
    remedy: "Set the clocks of the capture points by NTP.",
    silent: "The captures have fewer than two messages in common of which each holds one copy, and what they hold may have \
             followed one another as it stands; or their clocks agree.",
    source: "RFC 5905; catalogue Q3",
    explains: &[],
    limits: &[],
    check: Check::Call(capture_clocks_differ),
};

fn capture_clocks_differ(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut told: Vec<u32> = Vec::new();
    let signals = case.call.signals.iter().map(|(_, signal)| signal);
    let set = signals.filter(|signal| !signal.ahead().is_zero());
    set.filter_map(|signal| {
        let file = signal.packet.place.file;
        if told.contains(&file) {
            return None;
        }
        told.push(file);
        let ahead = signal.ahead();
        let way = if ahead.is_negative() {
            "behind"
        } else {
            "ahead of"
        };
        let fact = format!(
            "The clock of the capture that holds message {} is {} {way} the other's; its times were set by the messages \
             that both hold.",
            signal.number,
            seconds(ahead.abs()),
        );
        rule.finding(
            case,
            [signal],
            Conclusion {
                fact,
                fact_certainty: Certainty::Certain,
                cause: String::new(),
                owner: Party::Nobody.into(),
                to_act: None,
                certainty: Certainty::Certain,
                by: None,
                severity: None,
                next: String::new(),
            },
        )
    })
    .chain(legs_apart(rule, case))
    .collect()
}

/// A leg of another capture that begins when the leg before it is over, or before that one begins.
fn legs_apart(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let hops = &case.call.hops;
    hops.iter().find_map(|hop| {
        let (before, _) = hop.upstream?;
        let before = hops.get(before).filter(|it| it.leg != hop.leg)?;
        let (invite, first) = (hop.first_invite()?, before.first_invite()?);
        let file = first.packet.place.file;
        let was_set = !invite.ahead().is_zero() || !first.ahead().is_zero();
        if invite.packet.place.file == file || was_set || case.call.is_timeless() {
            return None;
        }
        let of_leg = case.call.signals.iter().filter(|(leg, it)| *leg == before.leg && it.packet.place.file == file);
        let last = of_leg.map(|(_, it)| it).max_by_key(|it| it.at())?;
        let (apart, against, when) = match (invite.at() < first.at(), invite.at() > last.at()) {
            (true, _) => (first.at().duration_since(invite.at()), first, "before the call came in"),
            (_, true) => (invite.at().duration_since(last.at()), last, "after all of the leg before it"),
            (false, false) => return None,
        };
        if apart < CLOCKS_AGREE {
            return None;
        }
        let fact = format!(
            "The INVITE of message {} stands {} {when}, in another capture: the clocks of the two differ by that much or \
             more.",
            invite.number,
            seconds(apart),
        );
        rule.finding(
            case,
            [against, invite],
            Conclusion {
                fact,
                fact_certainty: Certainty::Likely,
                cause: "No time between the two captures can be trusted.".into(),
                owner: Party::Nobody.into(),
                to_act: None,
                certainty: Certainty::Likely,
                by: None,
                severity: Some(Severity::Warning),
                next: "Set the clocks of the capture points by NTP, and capture again.".into(),
            },
        )
    })
}

/// Clocks that differ by less agree as well as clocks do.
const CLOCKS_AGREE: SignedDuration = SignedDuration::from_millis(50);

/// Concluded by the flow, not from a case: there is no call to look at.
pub static CALL_NOT_FOUND: Rule = Rule {
    id: "call-not-found",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "No source holds a message of the call that was asked for.",
    matters: "Either it was asked for wrongly, or it never reached the place that records.",
    remedy: "Check the id, the number's form and the day; then ask the sender for a capture.",
    silent: "A message was found, or a source could not be asked: then it is not known.",
    source: "connexcs reference 3.2; catalogue Q1",
    explains: &[],
    limits: &[],
    check: Check::Call(|_, _| Vec::new()),
};

/// Concluded by the flow where no other rule said anything.
pub static INCONCLUSIVE: Rule = Rule {
    id: "inconclusive",
    family: "trace",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Messages were found, and no rule has anything to say of them.",
    matters: "Nothing is known to be wrong, and nothing is known to be right.",
    remedy: "Read the ladder; say what was noticed, and when.",
    silent: "Any rule spoke.",
    source: "connexcs reference 7",
    explains: &[],
    limits: &[],
    check: Check::Call(|_, _| Vec::new()),
};
