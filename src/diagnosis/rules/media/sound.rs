//! The rule on what people would say of the sound that came.

use super::words::{counted, proof, voices};
use crate::diagnosis::audio::heard;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::score::{self, Sound};
use crate::sip::Certainty;

pub(super) static POOR_SOUND_ESTIMATED: Rule = Rule {
    id: "poor-sound-estimated",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The E-model gives a direction of at least 250 packets a MOS below 3.5, from its codec, its loss here or by \
            the reports of its receiver, its jitter and, where RTCP tells it, its delay; on the worst hop. An \
            error below 3.1. It is an estimate: loss spread evenly, devices that conceal it.",
    matters: "It says in one figure how bad it sounds: 4 is good, 3 annoys, 2 can hardly be understood.",
    remedy: "Look at what it is made of: the loss, the jitter, the delay, a codec that gives no more.",
    silent: "ITU-T G.113 gives no figures for the codec (G.722, Opus, iLBC), or less than five seconds were seen. What \
             is not sent in silence counts as sent.",
    source: "ITU-T G.107, ITU-T G.113 appendix I; catalogue Y1",
    explains: &[],
    limits: &[&LEAST, &UNUSABLE],
    check: Check::Call(poor_sound),
};

static LEAST: Limit = Limit {
    key: "poor-sound-estimated.mos",
    what: "the lowest estimated MOS that is good",
    default: Figure::Score(3.5),
};

static UNUSABLE: Limit = Limit {
    key: "poor-sound-estimated.unusable",
    what: "the lowest estimated MOS with which people can still talk",
    default: Figure::Score(3.1),
};

fn poor_sound(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    voices(&heard(case))
        .iter()
        .filter_map(|voice| worst(rule, case, voice))
        .collect()
}

/// The worst hop of a voice, where it is bad enough.
fn worst<'a>(
    rule: &Rule,
    case: &Case<'a>,
    voice: &[(&MediaPath<'a>, &Flow<'a>)],
) -> Option<Finding> {
    let heard = voice.iter().filter_map(|(path, flow)| {
        let sound = Sound::of(path, flow, path.back(flow))?;
        Some((*path, *flow, sound.score()?, sound))
    });
    let (path, flow, score, sound) = heard.min_by_key(|(_, _, score, _)| *score)?;
    let is_below = |limit| f64::from(score) < case.tuning.number(limit);
    if !is_below(&LEAST) {
        return None;
    }
    let fact = format!(
        "The audio from {} to {} gets an estimated MOS of {score}: {}, {:.1} % lost, about {:.0} ms from mouth to \
         ear.",
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        sound.codec,
        sound.loss_percent,
        sound.delay_ms,
    );
    let cause = match score::best(&sound.codec) {
        Some(best) if best < score::PLAIN => {
            format!("Even without loss this codec gives no more than {best}.")
        }
        _ => "The codec would give more: loss and delay take it away.".to_owned(),
    };
    let blame = Blame {
        cause,
        owner: Side::Between.into(),
        certainty: Certainty::Possible,
        next: format!(
            "Test the line of {} for loss, jitter and delay.",
            case.end_name(&flow.from)
        ),
    };
    let mut finding = counted(rule, case, proof(path), fact, blame)?;
    if let (true, None) = (is_below(&UNUSABLE), case.tuning.severity(rule)) {
        finding.severity = Severity::Error;
    }
    Some(finding)
}
