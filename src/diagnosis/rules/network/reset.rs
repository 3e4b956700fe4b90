//! TCP connections that were reset under a message of the call, so that it was lost with them.

use std::sync::Arc;

use jiff::SignedDuration;

use super::undelivered::{FOLLOWS, Undelivered};
use super::{MOST, between};
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Repeat, Signal, Transport};
use crate::wire::TcpReset;

pub(super) static CONNECTION_RESET: Rule = Rule {
    id: "connection-reset",
    family: "network",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A TCP connection, also one that carries TLS or WebSocket, that was reset within 32 s after a message of the \
            call had gone over it, by the end that should have got the message; and the message was not answered. An \
            error where the call came to nothing for it.",
    matters: "On TCP no message is sent again: what the connection lost is lost, and with it a BYE, an ACK or an answer.",
    remedy: "After a long silence: let the device keep the connection alive, more often than the shortest idle time of \
             the NATs and firewalls on the way. Else look in the log of the end that reset it for a restart at that time.",
    silent: "The message was answered all the same, also over another connection; the sender itself reset it, who had \
             given up by then; or the connection was closed with FIN.",
    source: "RFC 9293 section 3.5.2; RFC 3261 section 18.4; RFC 5626 sections 3.5.1 and 4.4.1; catalogue H14",
    explains: FOLLOWS,
    limits: &[&IDLE],
    check: Check::Call(connection_reset),
};

static IDLE: Limit = Limit {
    key: "connection-reset.idle",
    what: "after how long without a message on the connection a NAT or firewall may have forgotten it; RFC 5626 section \
           4.4.1 has a keep-alive sent at least every 120 s",
    default: Figure::Time(SignedDuration::from_secs(120)),
};

/// Who waits for an answer waits that long (64 times T1).
const LATEST: SignedDuration = SignedDuration::from_secs(32);
/// What was sent this shortly after the reset crossed it on the way.
const CROSSING: SignedDuration = SignedDuration::from_millis(200);

fn connection_reset(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (Some(started), Some(ended)) = (case.call.started(), case.call.ended()) else {
        return Vec::new();
    };
    let resets = &case.observed.resets;
    let near = between(resets, |it| it.at, started, shifted(ended, LATEST)).iter();
    let mut told: Vec<usize> = Vec::new();
    near.filter(|reset| !reset.refuses)
        .take(MOST)
        .filter_map(|reset| {
            let lost = lost_with(case, reset)?;
            if told.contains(&lost.signal.number) {
                return None;
            }
            told.push(lost.signal.number);
            finding(rule, case, reset, &lost)
        })
        .collect()
}

/// The last message towards who reset the connection that it took with it.
fn lost_with<'a>(case: &Case<'a>, reset: &TcpReset) -> Option<Undelivered<'a>> {
    let signals = &case.call.signals;
    let latest = shifted(reset.at, CROSSING);
    let until = signals.partition_point(|(_, signal)| signal.at() <= latest);
    signals
        .get(..until)?
        .iter()
        .rev()
        .map(|(_, signal)| signal)
        .take_while(|signal| reset.at.duration_since(signal.at()) <= LATEST)
        .filter(|signal| {
            signal.repeat != Repeat::CaptureDuplicate
                && signal.packet.transport != Transport::Udp
                && (signal.destination(), signal.source()) == (reset.source, reset.destination)
        })
        .find_map(|signal| Undelivered::of(case, signal))
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    reset: &TcpReset,
    lost: &Undelivered<'_>,
) -> Option<Finding> {
    let signal = lost.signal;
    let (sender, receiver) = (
        case.call.node(reset.destination),
        case.call.node(reset.source),
    );
    let (name, by) = (case.name(sender), case.name(receiver));
    let idle = idle_before(case, signal, reset);
    let is_idle = idle.is_some_and(|idle| idle >= case.tuning.time(&IDLE));
    let since = reset.at.duration_since(signal.at());
    let when = if since.is_negative() {
        format!("{} before", case.lasting(since.abs()))
    } else {
        format!("{} after", case.lasting(since))
    };
    let silence = match idle {
        Some(idle) if is_idle => format!(
            " Before that no message of this call had gone over it for {}.",
            case.lasting(idle)
        ),
        _ => String::new(),
    };
    let fact = format!(
        "The TCP connection between {name} and {by} was reset by {by}, or in its name, {when} {} ({}) from {name}, which \
         was not {}.{silence}",
        lost.what(),
        case.when(signal),
        lost.fate(),
    );
    let to = side_of(case, receiver);
    let (owner, cause, next) = if is_idle {
        (
            Side::Between,
            format!(
                "A NAT or firewall that has forgotten a connection resets it at the next message; {by} may have restarted \
                 as well."
            ),
            format!(
                "Have the connection between {name} and {by} kept alive more often than it was idle here; see which idle \
                 time the firewalls on the way have."
            ),
        )
    } else {
        (
            to,
            "The program there ended or restarted, or a machine in front of it cut the connection."
                .to_owned(),
            format!(
                "Look in the log of {by} for that time: a restart, a crash, a limit of connections."
            ),
        )
    };
    let (severity, explains) = lost.bearing(case);
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause,
        owner: owner.into(),
        to_act: Some(to.into()),
        certainty: Certainty::Possible,
        by: Some(receiver),
        severity: Some(severity),
        next,
    };
    let finding = rule.finding(case, lost.proof(), conclusion)?;
    Some(finding.explaining(explains))
}

/// How long no message of the call had gone over a connection before this one; nothing where it is the first.
fn idle_before(case: &Case<'_>, signal: &Arc<Signal>, reset: &TcpReset) -> Option<SignedDuration> {
    let before = case
        .call
        .signals
        .iter()
        .map(|(_, earlier)| earlier)
        .take_while(|earlier| earlier.at() < signal.at())
        .filter(|earlier| reset.is_between(earlier.source(), earlier.destination()));
    Some(signal.at().duration_since(before.last()?.at()))
}
