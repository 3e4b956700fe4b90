//! Rules on how keys are sent that are pressed: twice over, in a way that is refused, or on another clock than the sound. Never learns which
//! keys they were.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::agreed::agreed;
use super::words::{proof, voices};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::ending::ended::{furthest, side_of};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Certainty, Method, Name, Signal, Transaction};

pub(super) static DIGITS_SENT_TWICE: Rule = Rule {
    id: "digits-sent-twice",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A telephone event (RFC 4733) and an INFO with a digit from the same side that begin within 100 ms of \
            each other.",
    matters: "The other side may take one key for two: wrong menus, wrong PINs.",
    remedy: "Turn one of the two off at the sender.",
    silent: "Events or INFO alone, or further apart. Tones within the sound are not looked for.",
    source: "RFC 4733, RFC 6086; catalogue V22",
    explains: &[],
    limits: &[&APART],
    check: Check::Call(digits_sent_twice),
};

static APART: Limit = Limit {
    key: "digits-sent-twice.apart",
    what: "the longest time between an event and an INFO that are one key",
    default: Figure::Time(SignedDuration::from_millis(100)),
};

/// More INFOs than this in one call are not compared.
const MOST: usize = 64;

fn digits_sent_twice(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let presses: Vec<&Arc<Signal>> = case
        .call
        .requests(Method::Info)
        .filter(|info| carries_digit(info))
        .take(MOST)
        .collect();
    if presses.is_empty() {
        return Vec::new();
    }
    // On the first hop in the order of the voice: there they are made.
    let twice = |voice: &Vec<(&MediaPath<'_>, &Flow<'_>)>| {
        let mut voice = voice.iter();
        voice.find_map(|(path, flow)| sent_twice(rule, case, path, flow, &presses))
    };
    voices(&case.media).iter().filter_map(twice).collect()
}

pub(super) static DIGITS_REFUSED: Rule = Rule {
    id: "digits-refused",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "An INFO with a digit (application/dtmf-relay or application/dtmf) that was refused, on the last hop that it \
            reached.",
    matters: "The key does nothing: menus, PINs and conferences do not work.",
    remedy: "Agree on one way for digits: telephone events (RFC 4733) on both sides, or INFO where both take it.",
    silent: "It was challenged, or the one who got it no longer knew the call (481).",
    source: "RFC 6086 section 4.2.2; catalogue V21",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| digits_refused(rule, case).into_iter().collect()),
};

fn digits_refused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let is_refused = |info: &&Arc<Transaction>| {
        let code = info.final_code().unwrap_or(0);
        code >= 300
            && !matches!(code, 401 | 407 | 481)
            && info.request().is_some_and(|it| carries_digit(it))
    };
    let refused: Vec<&Arc<Transaction>> = case
        .call
        .with_method(Method::Info)
        .filter(is_refused)
        .take(MOST)
        .collect();
    let last = furthest(case, &refused);
    let info = last.first()?;
    let (request, answer) = (info.request()?, info.final_response()?);
    let (sender, refuser) = (case.name(info.client), case.name(info.server));
    let fact = format!(
        "{refuser} refused the digit that {sender} sent by INFO ({}) with {}; {} of its kind in this call.",
        case.when(request),
        code_and_phrase(answer),
        last.len(),
    );
    let blame = Blame {
        cause: "The two sides have not agreed on how digits are sent: who takes no INFO, or who sends it, is a matter \
                of settings on either side."
            .into(),
        owner: Party::Undecided.into(),
        certainty: Certainty::Possible,
        next: format!("Let {sender} send digits as telephone events, or have {refuser} take them by INFO."),
    };
    let conclusion = Conclusion {
        to_act: Some(side_of(case, info.server).into()),
        ..Conclusion::certain(fact, info.server, blame)
    };
    rule.finding(case, [request, answer], conclusion)
}

/// A digit in the body of an INFO, by the types that carry nothing else.
fn carries_digit(info: &Signal) -> bool {
    let kind = info.message().header(Name::ContentType);
    kind.is_some_and(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ["application/dtmf-relay", "application/dtmf"]
            .iter()
            .any(|it| kind.eq_ignore_ascii_case(it))
    })
}

fn sent_twice(
    rule: &Rule,
    case: &Case<'_>,
    path: &MediaPath<'_>,
    flow: &Flow<'_>,
    presses: &[&Arc<Signal>],
) -> Option<Finding> {
    let apart = case.tuning.time(&APART);
    let events = || flow.streams.iter().flat_map(|stream| &stream.event_starts);
    let is_both = |info: &Signal| {
        case.call.node(info.source()) == flow.from.node
            && events().any(|event| event.duration_since(info.at()).abs() <= apart)
    };
    let both: Vec<&Arc<Signal>> = presses.iter().copied().filter(|it| is_both(it)).collect();
    let first = both.first()?;
    let sender = flow.from.node;
    let fact = format!(
        "{} sent a key as a telephone event and as an INFO within {} of each other, {} (first at {}).",
        case.name(sender),
        case.lasting(apart),
        times(both.len()),
        case.when(first),
    );
    let blame = Blame {
        cause: "A receiver that listens to both takes one key for two.".into(),
        owner: case.roles.side(sender).into(),
        certainty: Certainty::Possible,
        next: format!(
            "Turn one of the two ways of sending keys off at {}.",
            case.name(sender)
        ),
    };
    let conclusion = Conclusion::certain(fact, sender, blame);
    rule.finding(case, both.into_iter().chain(proof(path)), conclusion)
}

pub(super) static DIGIT_CLOCK_DIFFERS: Rule = Rule {
    id: "digit-clock-differs",
    family: "media",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "An answer whose preferred codec counts time by another clock than each of its telephone events, as Opus \
            (48000 Hz) with telephone-event/8000 alone.",
    matters: "Events and sound share one timestamp: some receivers misjudge how long a key was held, and drop it or \
              take it twice.",
    remedy: "Offer telephone-event at the clock of each codec, 8000 and 48000.",
    silent: "An event with the codec's clock is agreed, there are none at all, or a clock is not known. G.722 counts \
             8000 Hz by its definition.",
    source: "RFC 4733 section 2.1, RFC 7587 section 4.1; catalogue V23",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| digit_clock_differs(rule, case).into_iter().collect()),
};

fn digit_clock_differs(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Farthest from the caller: there it was answered first.
    let hops = case.way().into_iter().rev();
    let (agreed, codec, clock, events) = hops.filter_map(agreed).find_map(|agreed| {
        let (codec, clock, events) = agreed.audio().find_map(|(_, answer)| clocks(answer))?;
        Some((agreed, codec, clock, events))
    })?;
    let offers_it = agreed.audio().any(|(offer, _)| {
        let mut events = offer.telephone_events();
        events.any(|(_, rate)| rate == Some(clock))
    });
    let owner: SocketAddr = if offers_it {
        agreed.by
    } else {
        agreed.offerer()
    };
    let fact = format!(
        "{} answered with {codec} at {clock} Hz ({}) and telephone events at {events} Hz.",
        case.name(agreed.by),
        case.when(agreed.answer.signal),
    );
    let blame = Blame {
        cause: if offers_it {
            "Events at the codec's clock were offered and not taken.".to_owned()
        } else {
            format!("Events at {clock} Hz were not offered.")
        },
        owner: case.roles.side(owner).into(),
        certainty: Certainty::Possible,
        next: format!(
            "Only if keys are not recognised: have {} name telephone-event/{clock} too.",
            case.name(owner)
        ),
    };
    let conclusion = Conclusion::certain(fact, agreed.by, blame);
    rule.finding(
        case,
        [agreed.offer.signal, agreed.answer.signal],
        conclusion,
    )
}

/// The preferred codec of an answer with its clock, and the clock of its events, where none of them has the same.
fn clocks(answer: &crate::sip::sdp::Media) -> Option<(String, u32, u32)> {
    let is_sound = |codec: &str| !matches!(codec, "TELEPHONE-EVENT" | "CN");
    let sound = answer
        .formats
        .iter()
        .find(|it| it.codec.as_deref().is_some_and(is_sound))?;
    let (codec, clock) = (sound.codec.clone()?, sound.clock?);
    let events: Option<Vec<u32>> = answer.telephone_events().map(|(_, rate)| rate).collect();
    let events = events?;
    let first = *events.first()?;
    (!events.contains(&clock)).then_some((codec, clock, first))
}
