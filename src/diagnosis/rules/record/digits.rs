//! Key presses towards a service of the platform, where the two descriptions did not agree on how to send
//! them. Only such services listen; elsewhere digits pass from end to end.

use super::row;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Signal};

pub(super) static DIGITS_NOT_AGREED: Rule = Rule {
    id: "digits-not-agreed",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The call went through a class 5 service, and the offer of the caller's side, or the \
            platform's answer to it, has no telephone-event.",
    matters: "Menus, PINs and conferences hear no key: what the device sends as sound they do not listen to.",
    remedy: "Turn telephone-event (RFC 4733) on in the device; on the platform look at the media proxy and \
             at Block DTMF of the route.",
    silent: "Both have it, the descriptions were not seen, or the call met no such service.",
    source: "The platform's documentation of DTMF; RFC 4733; catalogue V21",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| not_agreed(rule, case).into_iter().collect()),
};

fn not_agreed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let event = case.records?.events.last()?;
    let ingress = case.call.ingress()?;
    let offer = ingress.decisive()?.request()?;
    let answer = case.answer()?;
    let (offered, answered) = (takes_events(offer)?, takes_events(answer)?);
    let (side, who, next) = match (offered, answered) {
        (true, true) => return None,
        (false, _) => (
            Side::Caller,
            case.name(ingress.client),
            "Turn telephone-event (RFC 4733) on in the device that sent the offer.",
        ),
        (true, false) => (
            Side::Platform,
            case.name(ingress.server),
            "Let the media proxy take part in these calls, and look at Block DTMF of the route.",
        ),
    };
    let said = event
        .value
        .as_deref()
        .or(event.event.as_deref())
        .unwrap_or("(no text)");
    rule.finding_of(
        case,
        Proof::packets([offer, answer]).with([Field::new("class 5", "event", said)]),
        Conclusion {
            fact: format!(
                "The call went through a service of the platform, and {who} did not agree to \
                 telephone-event."
            ),
            fact_certainty: Certainty::Certain,
            cause: "Its key presses come as sound, if at all, which services do not listen to."
                .to_owned(),
            owner: side.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: next.to_owned(),
        },
    )
}

/// Whether the audio that a message describes has telephone-event; nothing where it describes none.
fn takes_events(signal: &Signal) -> Option<bool> {
    let sdp = signal.message().sdp()?;
    let audio = sdp.audio()?;
    let mut codecs = audio.formats.iter().filter_map(|it| it.codec.as_deref());
    Some(codecs.any(|codec| codec.eq_ignore_ascii_case("telephone-event")))
}
