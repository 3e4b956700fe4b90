//! Rules on what has to open the way before encrypted audio or audio by ICE can flow, as it was seen on the wire: checks
//! that nobody answers, handshakes of DTLS that do not come to an end. What descriptions show beforehand is judged by
//! `encryption`.

use super::agreed::agreed;
use super::words::{A_SECOND, failed, may_miss, proof, span_words};
use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Blame, Finding, Owner, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::{Media, Setup};
use crate::sip::{Certainty, Described};
use crate::wire::media::Opening;
use crate::wire::tls::{alert_name, alert_words};

/// ICE and DTLS repeat what is not answered: fewer messages than this may be on their way still.
const ENOUGH: u64 = 4;

/// The roles of both sides clash for a moment, and one of them gives way (RFC 8445 section 7.3.1.1).
const ROLE_CONFLICT: u16 = 487;

pub(super) static ICE_CHECKS_FAILED: Rule = Rule {
    id: "ice-checks-failed",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "On a hop that was answered for 3 s or more, four checks of ICE (STUN binding requests) or more between the \
            announced addresses, not one of them answered with success, and no audio. The side is the one that answers \
            none where only the other one sends any.",
    matters: "ICE sends audio only where a check succeeded: neither side hears anything.",
    remedy: "Not answered: see whether the checks come in at the other side, and what its firewall does with UDP between \
             the two; else give both a TURN relay. Refused: compare a=ice-ufrag and a=ice-pwd with what the checks bear.",
    silent: "One check succeeded, a second of audio was seen in one direction, audio was on hold, or both sides name further \
             addresses to try.",
    source: "RFC 8445 sections 7 and 12, RFC 8489; catalogue V20",
    explains: &[
        "hung-up",
        "no-audio",
        "one-way-audio",
        "dtls-handshake-failed",
    ],
    limits: &[],
    check: Check::Call(|rule, case| {
        let paths = case.media.iter().filter(|path| is_mute(path));
        paths
            .filter_map(|path| ice_checks_failed(rule, case, path))
            .collect()
    }),
};

fn ice_checks_failed(rule: &Rule, case: &Case<'_>, path: &MediaPath<'_>) -> Option<Finding> {
    let [there, back] = openings(path);
    let (checks, refusals) = (
        there.checks + back.checks,
        there.check_refusals + back.check_refusals,
    );
    if checks < ENOUGH || there.check_answers + back.check_answers > 0 {
        return None;
    }
    let code = there.check_refused_with.or(back.check_refused_with);
    let [caller, called] = ends(case, path);
    let became = match code {
        Some(code) if refusals > 0 => {
            format!(
                "{} were refused with {code} and none succeeded",
                count(refusals)
            )
        }
        _ if refusals > 0 => format!("{} were refused and none succeeded", count(refusals)),
        _ => "none was answered".to_owned(),
    };
    let fact = format!(
        "{} checks of ICE passed this capture point between {caller} and {called}, {became}, {}.",
        count(checks),
        span_words(case, path),
    );
    let (cause, owner, next): (String, Owner, String) = if refusals > 0
        && code != Some(ROLE_CONFLICT)
    {
        (
            "The one who is asked does not know the name or the password that the checks bear: they are not those of its \
             description, or a description was changed or exchanged on the way."
                .to_owned(),
            Party::Undecided.into(),
            format!(
                "Compare a=ice-ufrag and a=ice-pwd of {caller} and {called} with the USERNAME of the checks, on each leg."
            ),
        )
    } else if there.checks == 0 || back.checks == 0 {
        let (from, to) = if back.checks == 0 {
            (&path.to_called.from, &path.to_called.to)
        } else {
            (&path.to_caller.from, &path.to_caller.to)
        };
        (
            format!(
                "{} answers no check of {} and sends none itself: they do not reach it, or it does no ICE there.",
                case.end_name(to),
                case.end_name(from)
            ),
            case.roles.side(to.node).into(),
            format!(
                "Capture at {}: do the checks come in, and does an answer leave?",
                case.end_name(to)
            ),
        )
    } else {
        (
            "Both send checks and neither answers: each stops at what stands before the other, a firewall or a NAT."
                .to_owned(),
            Party::Undecided.into(),
            format!(
                "Capture at {caller} and at {called}: which checks come in? Where none does, give both a TURN relay."
            ),
        )
    };
    let blame = Blame {
        cause,
        owner,
        certainty: Certainty::Possible,
        next,
    };
    failed(rule, case, proof(path), fact, blame)
}

pub(super) static DTLS_HANDSHAKE_FAILED: Rule = Rule {
    id: "dtls-handshake-failed",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "On a hop that was answered for 3 s or more, a handshake of DTLS between the announced addresses that was ended \
            by an alert, that one side opened four times or more without an answer, that stopped half way, or that nobody \
            opened although the way was open; and no audio.",
    matters: "Without the handshake there are no keys for the audio: neither side hears anything.",
    remedy: "An alert about a certificate: compare it with a=fingerprint on each leg. No answer: see what the other side \
             gets. Nobody opens it: the side with a=setup:active has to.",
    silent: "Encrypted records went both ways, a second of audio was seen in one direction, audio was on hold, or both sides \
             name further addresses to try. That nobody opened it is said only where checks of ICE succeeded on the same addresses, and one side is active.",
    source: "RFC 5763 section 5, RFC 5764, RFC 6347; catalogue V20",
    explains: &["hung-up", "no-audio", "one-way-audio"],
    limits: &[],
    check: Check::Call(|rule, case| {
        let paths = case.media.iter().filter(|path| is_mute(path));
        paths
            .filter_map(|path| dtls_handshake_failed(rule, case, path))
            .collect()
    }),
};

fn dtls_handshake_failed(rule: &Rule, case: &Case<'_>, path: &MediaPath<'_>) -> Option<Finding> {
    let [there, back] = openings(path);
    if there.encrypted > 0 && back.encrypted > 0 {
        return None;
    }
    let [caller, called] = ends(case, path);
    let sides = [
        (&path.to_called, there, back),
        (&path.to_caller, back, there),
    ];
    let alerted = sides
        .iter()
        .find_map(|(flow, own, _)| Some((flow, own.alert?)));
    let unanswered = sides.iter().find(|(_, own, other)| {
        own.hellos >= ENOUGH && other.hello_answers == 0 && other.hellos == 0
    });
    let (what, cause, owner, certainty, next): (String, String, Owner, Certainty, String) =
        if let Some((flow, alert)) = alerted {
            let by = case.end_name(&flow.from);
            let name = alert_name(alert).map_or_else(|| alert.to_string(), str::to_owned);
            let words = alert_words(alert).unwrap_or("what no RFC names");
            (
                format!("{by} ended it with the alert {name}"),
                format!(
                    "It does so because of {words}; whether that is its own fault or the other side's the alert does \
                     not say."
                ),
                Party::Undecided.into(),
                Certainty::Likely,
                format!(
                    "Compare the certificate that each side shows with a=fingerprint in its description, on each leg, \
                     and the versions and ciphers of {caller} and {called}."
                ),
            )
        } else if let Some((flow, own, _)) = unanswered {
            let (from, to) = (case.end_name(&flow.from), case.end_name(&flow.to));
            (
                format!(
                    "{from} opened it {} times and got no answer",
                    count(own.hellos)
                ),
                format!("{to} takes no part in it: it gets nothing, or does no DTLS there."),
                case.roles.side(flow.to.node).into(),
                Certainty::Possible,
                format!("Capture at {to}: does the ClientHello come in, and does it answer?"),
            )
        } else if there.hellos + back.hellos >= ENOUGH {
            let cause = match there.hellos > 0 && back.hellos > 0 {
                true => "Both open it, and neither takes the other's.",
                false => {
                    "What the one says after its first answer does not come over, or is not taken."
                }
            };
            (
                "it stopped half way".to_owned(),
                cause.to_owned(),
                Party::Undecided.into(),
                Certainty::Possible,
                format!(
                    "Capture at {caller} and at {called}: which flight of the handshake is missing? Its largest one, with \
                     the certificate, is lost where fragments are."
                ),
            )
        } else {
            let is_open = there.check_answers + back.check_answers > 0;
            let opener = opener(path).filter(|_| is_open && there.hellos + back.hellos == 0)?;
            let flow = path
                .flows()
                .into_iter()
                .find(|flow| flow.from.node == opener)?;
            let from = case.end_name(&flow.from);
            (
                "nobody opened it, although checks of ICE succeeded there".to_owned(),
                format!(
                    "By a=setup it falls to {from} to open it, and no ClientHello came from there."
                ),
                case.roles.side(opener).into(),
                Certainty::Likely,
                format!("Look into {from}: why does it not open the handshake?"),
            )
        };
    let fact = format!(
        "The handshake of DTLS between {caller} and {called} came to nothing: {what}, {}.",
        span_words(case, path),
    );
    let blame = Blame {
        cause,
        owner,
        certainty,
        next,
    };
    failed(rule, case, proof(path), fact, blame)
}

/// Who said that it opens the handshake, of the two sides of a path.
fn opener(path: &MediaPath<'_>) -> Option<std::net::SocketAddr> {
    let agreed = agreed(path.hop)?;
    let is_active = |described: &Described<'_>| {
        let active = |media: &Media| {
            media.security.setup == Some(Setup::Active) && !media.security.fingerprints.is_empty()
        };
        described.sdp.audio().is_some_and(active)
    };
    // Of an offer of actpass the answer decides.
    if is_active(&agreed.answer) {
        return Some(agreed.by);
    }
    let answers_passive = agreed.answer.sdp.audio()?.security.setup == Some(Setup::Passive);
    answers_passive.then(|| agreed.offerer())
}

/// Whether audio was wanted for long enough, and none of a second or more was seen.
fn is_mute(path: &MediaPath<'_>) -> bool {
    let heard = |flow: &&Flow<'_>| flow.packets() >= A_SECOND;
    may_miss(path) && !path.flows().iter().any(heard)
}

/// What each side sent to open the way: the calling one, the called one.
fn openings(path: &MediaPath<'_>) -> [Opening; 2] {
    path.flows().map(Flow::opening)
}

/// The calling and the called end in words.
fn ends(case: &Case<'_>, path: &MediaPath<'_>) -> [String; 2] {
    [&path.to_called.from, &path.to_called.to].map(|end| case.end_name(end))
}
