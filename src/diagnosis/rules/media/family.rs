//! The rules on addresses for audio to which nothing can be sent: the zero address outside a hold, and one of
//! another family than the other side's.

use std::net::IpAddr;

use super::{of_called, of_caller};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::{Direction, Media};
use crate::sip::{Certainty, Described, Hop};

pub(super) static ZERO_MEDIA_ADDRESS: Rule = Rule {
    id: "zero-media-address",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "The description that set up an answered call names 0.0.0.0 or :: for audio which it wants both \
            to send and to get, and no later one names an address.",
    matters: "Nothing can be sent there: the other side hears, and is not heard.",
    remedy: "Correct the media address of the side that wrote it: it did not know its own, or holds in the \
             old way.",
    silent: "It says that it holds, a later description names an address, or ICE finds one.",
    source: "RFC 3264 section 8.4; RFC 8866 section 5.7; catalogue V9",
    explains: &["one-way-audio", "no-audio"],
    limits: &[],
    check: Check::Call(|rule, case| zero_media_address(rule, case).into_iter().collect()),
};

fn zero_media_address(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    case.answer()?;
    let way = case.way();
    // The caller's description is first seen nearest to it, the called side's farthest from it.
    let calling = way.iter().find_map(|hop| zero(of_caller(hop), hop.client));
    let called = || {
        way.iter()
            .rev()
            .find_map(|hop| zero(of_called(hop), hop.server))
    };
    let (described, by) = calling.or_else(called)?;
    let leg = case
        .way()
        .into_iter()
        .find(|hop| [hop.client, hop.server].contains(&by))?
        .leg;
    let later = case
        .call
        .offers(leg)
        .flat_map(|it| [Some(it.offer), it.answer]);
    let is_named_later = later.flatten().any(|later| {
        later.signal.number > described.signal.number
            && case.call.node(later.signal.source()) == by
            && later.sdp.audio().and_then(Media::ip).is_some()
    });
    if is_named_later {
        return None;
    }
    let name = case.name(by);
    rule.finding(
        case,
        [described.signal].into_iter().chain(case.answer()),
        Conclusion {
            fact: format!(
                "{name} wants its audio at the zero address ({}), and does not say that it holds.",
                case.when(described.signal)
            ),
            fact_certainty: Certainty::Certain,
            cause: "Nothing can be sent to that address, so that this side hears nothing."
                .to_owned(),
            owner: case.roles.side(by).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(by),
            severity: None,
            next: format!("Look at the media address in the settings of {name}."),
        },
    )
}

fn zero(
    described: Option<Described<'_>>,
    by: std::net::SocketAddr,
) -> Option<(Described<'_>, std::net::SocketAddr)> {
    let described = described?;
    let audio = described.sdp.audio()?;
    let address: IpAddr = audio.address.as_deref()?.parse().ok()?;
    let is_open = audio.port != 0 && audio.direction == Direction::SendRecv && !audio.ice.has_ufrag;
    (address.is_unspecified() && is_open).then_some((described, by))
}

pub(super) static ADDRESS_FAMILY_DIFFERS: Rule = Rule {
    id: "address-family-differs",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "On one hop of an answered call one side wants its audio at an IPv6 address and the other at an \
            IPv4 one, and neither names others to try (ICE). A note where audio was seen both ways.",
    matters: "A device that has one family alone can send nothing to the other.",
    remedy: "Relay the media, let both sides speak one family, or use ICE.",
    silent: "Both addresses are of one family, or are host names.",
    source: "RFC 6157 section 4; RFC 3264; catalogue V10",
    explains: &["one-way-audio", "no-audio"],
    limits: &[],
    check: Check::Call(|rule, case| address_family_differs(rule, case).into_iter().collect()),
};

fn address_family_differs(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (hop, asked, told) = case.way().into_iter().find_map(|hop| {
        let is_answered = matches!(hop.final_code(), Some(200..=299));
        let (asked, told) = (of_caller(hop)?, of_called(hop)?);
        (is_answered && differ(&asked, &told)).then_some((hop, asked, told))
    })?;
    let family = |described: &Described<'_>| match described.audio_address() {
        Some(IpAddr::V6(_)) => "an IPv6 address",
        _ => "an IPv4 address",
    };
    let is_heard = case.media.iter().any(|path| {
        path.hop.id == hop.id
            && path.to_called.since_answer() > 0
            && path.to_caller.since_answer() > 0
    });
    let (client, server) = (case.name(hop.client), case.name(hop.server));
    rule.finding(
        case,
        [asked.signal, told.signal],
        Conclusion {
            fact: format!(
                "{client} wants its audio at {} ({}), {server} at {} ({}).",
                family(&asked),
                case.when(asked.signal),
                family(&told),
                case.when(told.signal),
            ),
            fact_certainty: Certainty::Certain,
            cause: match is_heard {
                true => "Audio was seen both ways, so that both speak both.",
                false => "Unless both speak both, neither can send to the other.",
            }
            .to_owned(),
            owner: match is_heard {
                true => Party::Nobody.into(),
                false => Party::Undecided.into(),
            },
            to_act: (!is_heard && is_ours(case, hop)).then_some(Side::Platform.into()),
            certainty: Certainty::Possible,
            by: None,
            severity: is_heard.then_some(Severity::Info),
            next: "Relay the media of this call, or let both sides use one family of addresses."
                .to_owned(),
        },
    )
}

fn is_ours(case: &Case<'_>, hop: &Hop) -> bool {
    [hop.client, hop.server]
        .iter()
        .any(|node| case.roles.side(*node) == Side::Platform)
}

fn differ(asked: &Described<'_>, told: &Described<'_>) -> bool {
    let has_ice = |one: &Described<'_>| one.sdp.audio().is_some_and(|audio| audio.ice.has_ufrag);
    let (Some(a), Some(b)) = (asked.audio_address(), told.audio_address()) else {
        return false;
    };
    a.is_ipv4() != b.is_ipv4() && !has_ice(asked) && !has_ice(told)
}
