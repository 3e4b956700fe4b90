//! The rule on audio that does not come back once media was agreed on anew: after a hold, or to another address.

use std::net::SocketAddr;

use jiff::Timestamp;

use super::words::{
    A_SECOND, LONG_ENOUGH, failed, is_discontinuous, is_out_of_reach, since, voices,
};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Finding, Severity};
use crate::diagnosis::media::{Change, Flow, MediaPath};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static AUDIO_LOST_AFTER_CHANGE: Rule = Rule {
    id: "audio-lost-after-change",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A direction that had carried at least a second of audio, and none in the 3 s and more after a re-INVITE \
            or UPDATE that ended a hold or named another address and that both sides accepted, though the other \
            direction went on, or though its sender goes on sending to the address that was given up.",
    matters: "Since then one side hears nothing: after a hold, a transfer, or a change of network.",
    remedy: "See whether the side that has to send took the new description over; capture there.",
    silent: "A side still was on hold, both sides name further addresses to try (ICE), the sender sends nothing in \
             silence, or what recorded the audio ends before.",
    source: "RFC 3264 section 8, RFC 6337 section 3; catalogue V12, V14",
    explains: &["hung-up", "audio-stopped"],
    limits: &[],
    check: Check::Call(lost_after_change),
};

/// What came of a direction after a change.
struct Lost<'c, 'a> {
    path: &'c MediaPath<'a>,
    flow: &'c Flow<'a>,
    change: &'c Change<'a>,
    /// Where its receiver awaits it since then.
    now: Option<SocketAddr>,
    /// Where it still goes to, which was given up.
    old: Option<SocketAddr>,
}

fn lost_after_change(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    voices(&case.media)
        .iter()
        .filter_map(|voice| {
            let mut lost = voice.iter().filter_map(|(path, flow)| lost(path, flow));
            found(rule, case, &lost.next()?)
        })
        .collect()
}

/// The first change of a path after which a direction did not come.
fn lost<'c, 'a>(path: &'c MediaPath<'a>, flow: &'c Flow<'a>) -> Option<Lost<'c, 'a>> {
    if path.is_held || path.may_go_elsewhere || flow.since_answer() < A_SECOND {
        return None;
    }
    let is_to_called = std::ptr::eq(flow, &path.to_called);
    let receiver = |change: &Change<'_>| match is_to_called {
        true => change.called,
        false => change.caller,
    };
    let mut talked = true;
    let mut place = flow.to.announced.first().copied();
    path.changes.iter().find_map(|change| {
        let now = receiver(change).or(place);
        let is_new = change.is_both_ways && (!talked || now != place);
        (talked, place) = (change.is_both_ways, now);
        is_new.then(|| after(path, flow, change, now)).flatten()
    })
}

/// What came of a direction after a change, where it did not come.
fn after<'c, 'a>(
    path: &'c MediaPath<'a>,
    flow: &'c Flow<'a>,
    change: &'c Change<'a>,
    now: Option<SocketAddr>,
) -> Option<Lost<'c, 'a>> {
    let from = change.answer.at();
    let until = path
        .watched
        .map_or(change.until, |it| it.to.min(change.until));
    if since(until, from) < LONG_ENOUGH {
        return None;
    }
    let is_given_up =
        |address: SocketAddr| Some(address) != now && flow.to.announced.contains(&address);
    let comes = |at: Timestamp, given_up: bool| {
        let mut streams = flow.streams.iter().filter(|stream| {
            let first = stream.first_after(at);
            is_given_up(stream.destination) == given_up && first.is_some_and(|it| it <= until)
        });
        streams.next()
    };
    if comes(from, false).is_some() {
        return None;
    }
    // What was on its way when the change was accepted still goes to the old address.
    let well_after = from.checked_add(LONG_ENOUGH / 2).ok()?;
    let old = comes(well_after, true).map(|stream| stream.destination);
    let other = path.back(flow);
    let other_goes_on = other
        .first_after(from)
        .zip(other.last_before(until))
        .is_some_and(|(first, last)| since(last, first) >= LONG_ENOUGH / 2);
    let is_lost = old.is_some() || (other_goes_on && !is_discontinuous(flow));
    is_lost.then_some(Lost {
        path,
        flow,
        change,
        now,
        old,
    })
}

fn found(rule: &Rule, case: &Case<'_>, lost: &Lost<'_, '_>) -> Option<Finding> {
    let Lost { flow, change, .. } = lost;
    let (from, to) = (case.end_name(&flow.from), case.end_who(&flow.to));
    let since_when = format!("{} ({})", change.name(), case.when(change.offer));
    let (sender, receiver) = (
        case.roles.side(flow.from.node),
        case.roles.side(flow.to.node),
    );
    let place = lost.now.map_or(String::new(), |now| format!(" {now}"));
    let unreachable = lost.now.filter(|now| is_out_of_reach(flow, *now));
    let (fact, cause, owner, certainty) = match (lost.old, unreachable) {
        (Some(old), _) => (
            format!(
                "Audio from {from} still goes to {old}, though {to} awaits it at{place} since the {since_when}; none \
                 goes there."
            ),
            "Its sender was told the new address and did not follow it.".to_owned(),
            sender,
            Certainty::Likely,
        ),
        (None, Some(address)) => (
            format!("Audio from {from} to {to} did not come any more after the {since_when}."),
            format!("It was told to send to {address}, a private address that it cannot reach."),
            receiver,
            Certainty::Likely,
        ),
        (None, None) => (
            format!(
                "Audio from {from} to {to}{place} did not come back after the {since_when}, since when both sides want \
                 to talk; the other direction went on."
            ),
            "Its sender did not take it up again, or it was lost before it came here.".to_owned(),
            sender,
            Certainty::Possible,
        ),
    };
    let blame = Blame {
        cause,
        owner: owner.into(),
        certainty,
        next: format!("See at {from} whether it took the new description over; capture there."),
    };
    let proof = [lost.path.answer, change.offer, change.answer];
    failed(rule, case, proof, fact, blame)
}
