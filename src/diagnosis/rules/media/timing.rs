//! Rules on audio that came late or stopped before the call did.

use jiff::{SignedDuration, Timestamp};

use super::words::{A_SECOND, end_words, failed, is_discontinuous, may_miss, proof, since, voices};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::Certainty;

pub(super) static LATE_AUDIO: Rule = Rule {
    id: "late-audio",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The first packet of audio in a direction more than 2 s after the 2xx, on the first hop \
            where it is late.",
    matters: "The other side says hello into silence and may hang up.",
    remedy: "See what the sender waits for: the ACK, audio from the other side, an ICE or DTLS \
             handshake.",
    silent: "Audio came before the answer, what recorded it begins later than that, one side was on hold, its \
             sender sends nothing in silence, or less than a second of it came at all.",
    source: "RFC 3264 section 5.1; catalogue V14",
    explains: &[],
    limits: &[&LATE],
    check: Check::Call(late_audio),
};

static LATE: Limit = Limit {
    key: "late-audio.after",
    what: "the longest silence after the answer that nobody notices",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

/// So soon after something else, audio waited for it.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(500);

fn late_audio(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    voices(&case.media)
        .iter()
        .filter_map(|voice| {
            voice
                .iter()
                .find_map(|(path, flow)| late(rule, case, path, flow))
        })
        .collect()
}

fn late<'a>(
    rule: &Rule,
    case: &Case<'a>,
    path: &MediaPath<'a>,
    flow: &Flow<'a>,
) -> Option<Finding> {
    let is_early = flow.packets() > flow.since_answer();
    if !may_miss(path) || flow.since_answer() < A_SECOND || is_early || is_discontinuous(flow) {
        return None;
    }
    let answered = path.answer.at();
    // What came before the recording began nobody saw.
    if path.from() > answered {
        return None;
    }
    let first = flow.first_after(answered)?;
    let late = since(first, answered);
    let unnoticed = case.tuning.time(&LATE);
    if late <= unnoticed {
        return None;
    }
    let follows = |at: Timestamp| {
        let after = since(first, at);
        !after.is_negative() && after <= AT_ONCE && since(at, answered) > unnoticed
    };
    let ack = path.hop.decisive().and_then(|invite| invite.acks.first());
    let waited_for_ack = ack.filter(|ack| follows(ack.at()));
    let other = path.back(flow).first_after(answered);
    let (cause, owner, certainty) = if let Some(ack) = waited_for_ack {
        (
            format!(
                "It came with the ACK, which was as late ({}).",
                case.when(ack)
            ),
            case.roles.side(path.hop.client),
            Certainty::Likely,
        )
    } else if other.is_some_and(|other| follows(other) && other < first) {
        (
            "It came as soon as audio from the other side did: it waits to learn where to send."
                .to_owned(),
            case.roles.side(flow.from.node),
            Certainty::Possible,
        )
    } else {
        (
            "What it waited for the packets do not say.".to_owned(),
            Side::Unknown,
            Certainty::Possible,
        )
    };
    let fact = format!(
        "Late audio: the first packet from {} to {} passed this capture point {} after the {} ({}).",
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        case.lasting(late),
        path.answer.message().code().unwrap_or(200),
        case.at(first),
    );
    rule.finding(
        case,
        [path.offer, path.answer].into_iter().chain(waited_for_ack),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner: owner.into(),
            to_act: None,
            certainty,
            by: None,
            severity: None,
            next: format!(
                "See at {} what it waits for before it sends audio.",
                case.end_name(&flow.from)
            ),
        },
    )
}

pub(super) static AUDIO_STOPPED: Rule = Rule {
    id: "audio-stopped",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A direction that had carried at least a second of audio, and whose last packet came more \
            than 5 s before the BYE, a hold or the end of the capture; on the first hop where it \
            stopped, and whether the other direction stopped with it.",
    matters: "A side hears nothing any more; that is why people hang up and why platforms end calls \
              for missing media.",
    remedy: "See what changed then: a NAT binding that ran out, a network that was changed, a \
             machine that was gone.",
    silent: "The stream had stood still for a second or more before, or carried comfort noise: its \
             sender sends nothing in silence. One side was on hold, or what recorded the audio ends there too.",
    source: "RFC 3389, RFC 6263; catalogue V14",
    explains: &["hung-up"],
    limits: &[&STOPPED],
    check: Check::Call(audio_stopped),
};

static STOPPED: Limit = Limit {
    key: "audio-stopped.before-end",
    what: "the longest silence before the end that nobody takes for an end",
    default: Figure::Time(SignedDuration::from_secs(5)),
};

fn audio_stopped(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let stops: Vec<Stop<'_, '_>> = voices(&case.media)
        .iter()
        .filter_map(|voice| {
            let mut before = None;
            voice.iter().find_map(|(path, flow)| {
                let stop = stop(case, path, flow, before);
                before = Some(*flow);
                stop
            })
        })
        .collect();
    if let [one, other] = stops.as_slice()
        && std::ptr::eq(one.path, other.path)
        && since(one.last, other.last).abs() <= SignedDuration::from_secs(1)
    {
        return stopped(rule, case, one, true).into_iter().collect();
    }
    stops
        .iter()
        .filter_map(|stop| stopped(rule, case, stop, false))
        .collect()
}

/// A direction that came to an end.
struct Stop<'c, 'a> {
    path: &'c MediaPath<'a>,
    flow: &'c Flow<'a>,
    last: Timestamp,
    /// Whether the same voice went on on the hop before.
    went_on_before: bool,
}

fn stop<'c, 'a>(
    case: &Case<'a>,
    path: &'c MediaPath<'a>,
    flow: &'c Flow<'a>,
    before: Option<&Flow<'a>>,
) -> Option<Stop<'c, 'a>> {
    if !may_miss(path) || flow.since_answer() < A_SECOND {
        return None;
    }
    let last = flow.last_before(path.until)?;
    let shortest = case.tuning.time(&STOPPED);
    if since(path.until, last) <= shortest || last < path.answer.at() {
        return None;
    }
    let went_on_before = before
        .and_then(|before| before.last_before(path.until))
        .is_some_and(|before| since(before, last) > shortest);
    (!is_discontinuous(flow)).then_some(Stop {
        path,
        flow,
        last,
        went_on_before,
    })
}

fn stopped(rule: &Rule, case: &Case<'_>, stop: &Stop<'_, '_>, both: bool) -> Option<Finding> {
    let Stop { path, flow, .. } = stop;
    let (from, to) = (case.end_name(&flow.from), case.end_name(&flow.to));
    let when = format!(
        "{}, {} before {}",
        case.at(stop.last),
        case.lasting(since(path.until, stop.last)),
        end_words(case, path),
    );
    let goes_on = path
        .back(flow)
        .last_before(path.until)
        .is_some_and(|last| since(path.until, last) <= case.tuning.time(&STOPPED));
    let fact = if both {
        format!("Audio between {from} and {to} stopped in both directions at {when}.")
    } else {
        let other = if goes_on {
            "; the other direction went on"
        } else {
            ""
        };
        format!("Audio from {from} to {to} stopped at {when}{other}.")
    };
    let (cause, owner, certainty) = if both {
        (
            "What stops both directions at once lies between the two, or the call was over for \
             one of them and its BYE did not come.",
            Side::Unknown,
            Certainty::Possible,
        )
    } else if stop.went_on_before {
        (
            "It went on coming in from the other side and was not sent on.",
            case.roles.side(flow.from.node),
            Certainty::Likely,
        )
    } else {
        (
            "Its sender stopped, or it no longer came through: a NAT binding or a network that \
             changed.",
            case.roles.side(flow.from.node),
            Certainty::Possible,
        )
    };
    let blame = Blame {
        cause: cause.to_owned(),
        owner: owner.into(),
        certainty,
        next: format!("Ask what changed at {from} at that time; capture there."),
    };
    failed(rule, case, proof(path), fact, blame)
}
