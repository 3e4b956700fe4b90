//! The rule on refusals that an announcement came before.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static ANNOUNCEMENT_BEFORE_REFUSAL: Rule = Rule {
    id: "announcement-before-refusal",
    family: "media",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "A 18x with a session description, and 2 s or more after it a final code of 400 or above \
            on the same hop that nobody cancelled, without a 180: time for a spoken message. How \
            much audio came meanwhile, where the capture shows any.",
    matters: "The spoken message says why the call fails; the code often says less.",
    remedy: "Call the number and listen.",
    silent: "A 180 was sent or the caller cancelled: then it was ringback.",
    source: "RFC 3960, RFC 5009; catalogue V16",
    explains: &[],
    limits: &[&LEAST],
    check: Check::Call(|rule, case| announced(rule, case).into_iter().collect()),
};

static LEAST: Limit = Limit {
    key: "announcement-before-refusal.least",
    what: "how long a spoken message lasts at least",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

fn announced(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.answer().is_some() {
        return None;
    }
    // Farthest from the caller: there it is spoken.
    let hops = case.way().into_iter().rev();
    let (hop, (early, refusal, long)) = hops
        .filter_map(|hop| Some((hop, spoken(hop)?)))
        .find(|(_, (_, _, long))| *long >= case.tuning.time(&LEAST))?;
    let offer = hop.decisive()?.described_by_client()?;
    let heard_at = offer.sdp.audio().and_then(|audio| audio.endpoint());
    let packets: u64 = case
        .observed
        .media
        .iter()
        .filter(|stream| {
            Some(stream.destination) == heard_at
                && stream.first >= offer.signal.at()
                && stream.first <= refusal.at()
        })
        .map(|stream| stream.packets)
        .sum();
    let seen = match packets {
        0 => String::new(),
        packets => format!("; {} packets of audio came meanwhile", count(packets)),
    };
    let code = |signal: &Signal| signal.message().code().unwrap_or_default();
    let fact = format!(
        "{} opened an early audio path ({} at {}) for {} before its {}{seen}.",
        case.name(hop.server),
        code(early),
        case.when(early),
        case.lasting(long),
        code(refusal),
    );
    rule.finding(
        case,
        [early, refusal],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "A spoken message may have told the caller why.".into(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: if packets > 0 {
                Certainty::Likely
            } else {
                Certainty::Possible
            },
            by: Some(hop.server),
            severity: None,
            next: "Call the number and listen to what is said.".into(),
        },
    )
}

/// The first description of the called side that did not ring, the refusal after it, and the time
/// between them.
fn spoken(hop: &Hop) -> Option<(&Arc<Signal>, &Arc<Signal>, SignedDuration)> {
    let invite = hop.decisive()?;
    let early = invite.progress().find(|s| s.message().sdp().is_some())?;
    let refusal = invite.final_response()?;
    let rang = invite.ringing().is_some() || !invite.cancels.is_empty();
    let refused = refusal.message().code().is_some_and(|code| code >= 400);
    let long = refusal.at().duration_since(early.at());
    (!rang && refused).then_some((early, refusal, long))
}
