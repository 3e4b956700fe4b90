//! The rule on codecs that are changed on the way through the platform.

use std::net::SocketAddr;

use super::agreed::{Agreed, agreed};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::score;
use crate::sip::Certainty;

pub(super) static CODEC_CHANGED: Rule = Rule {
    id: "codec-changed",
    family: "media",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "An answered call whose two legs agreed on codecs of which none is the same, so that the node between \
            has to change one into the other.",
    matters: "Changing codecs costs a channel of the platform, adds delay, and sound is never better than the \
              poorer codec lets it be.",
    remedy: "Allow one codec on both legs where quality or cost matters.",
    silent: "The legs have a codec in common, or a payload type has no name.",
    source: "RFC 3264 section 6.1, ITU-T G.113 appendix I; catalogue V28",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| codec_changed(rule, case).into_iter().collect()),
};

fn codec_changed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let way = case.way();
    let legs: Vec<Agreed<'_>> = way.into_iter().filter_map(agreed).collect();
    let (before, after, one, other) = legs.windows(2).find_map(|pair| {
        let [before, after] = pair else { return None };
        let (one, other) = (codecs(before)?, codecs(after)?);
        let apart =
            before.hop.server == after.hop.client && !one.iter().any(|codec| other.contains(codec));
        apart.then_some((before, after, one, other))
    })?;
    let node: SocketAddr = before.hop.server;
    let fact = format!(
        "{} changes the codec: {} towards {}, {} towards {}.",
        case.name(node),
        one.join(", "),
        case.name(before.hop.client),
        other.join(", "),
        case.name(after.hop.server),
    );
    let best = |codecs: &[String]| score::best(codecs.first()?);
    let cause = match [best(&one), best(&other)].into_iter().flatten().min() {
        Some(best) if best < score::PLAIN => format!(
            "With these codecs the E-model gives a MOS of {best} at most (an estimate), even without loss."
        ),
        _ => String::new(),
    };
    rule.finding(
        case,
        [before.answer.signal, after.answer.signal],
        Conclusion {
            fact,
            fact_certainty: Certainty::Likely,
            cause,
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(node),
            severity: None,
            next: "Only where sound or cost matters: allow one codec on both legs.".into(),
        },
    )
}

/// The codecs on which a hop agreed, the preferred one first; nothing where one of them has no name.
fn codecs(agreed: &Agreed<'_>) -> Option<Vec<String>> {
    let (_, answer) = agreed.audio().next()?;
    let is_named = answer.formats.iter().all(|format| format.codec.is_some());
    let codecs: Vec<String> = answer.codecs().into_iter().map(str::to_owned).collect();
    (is_named && !codecs.is_empty()).then_some(codecs)
}
