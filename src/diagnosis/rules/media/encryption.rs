//! Rules on encrypted audio and its way through NATs: keys that anybody on the way can read, sides that both
//! wait for the other's handshake, addresses of which no two can meet.

use std::net::IpAddr;

use super::agreed::{Agreed, agreed};
use super::words::A_SECOND;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::{Ice, Media, Setup};
use crate::sip::{Certainty, Method, Signal, Transport};

pub(super) static SRTP_KEYS_IN_CLEAR: Rule = Rule {
    id: "srtp-keys-in-clear",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "An answered call whose audio is encrypted with keys that its descriptions carry (a=crypto), in \
            messages that went over UDP or TCP without TLS.",
    matters: "Who can read the messages has the keys and can listen in: the encryption protects nothing. The \
              call itself does not suffer.",
    remedy: "Carry SIP over TLS on that leg, or use DTLS-SRTP.",
    silent: "The messages went over TLS or WebSocket, also by what their Via says of a trace that was taken behind \
             it; within one machine; or the encrypted stream was not taken.",
    source: "RFC 4568 section 9; catalogue V19",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| srtp_keys_in_clear(rule, case).into_iter().collect()),
};

fn srtp_keys_in_clear(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let way = case.way().into_iter();
    let agreed = way.filter_map(agreed).find(|agreed| {
        let keyed = |media: &Media| media.is_srtp() && !media.security.crypto.is_empty();
        let mut streams = agreed.audio();
        streams.any(|(offer, answer)| keyed(offer) && keyed(answer))
            && is_clear(agreed.offer.signal)
            && is_clear(agreed.answer.signal)
    })?;
    let (offerer, offer) = (agreed.offerer(), agreed.offer.signal);
    let fact = format!(
        "{} and {} agreed on keys for their audio in messages over {}, which is not encrypted (from {}).",
        case.name(offerer),
        case.name(agreed.by),
        offer.packet.transport.name().to_uppercase(),
        case.when(offer),
    );
    let blame = Blame {
        cause: "Whoever sees these messages can decrypt the audio.".into(),
        owner: case.roles.side(offerer).into(),
        certainty: Certainty::Possible,
        next: format!(
            "Let {} and {} speak SIP over TLS where they want encrypted audio.",
            case.name(offerer),
            case.name(agreed.by)
        ),
    };
    let conclusion = Conclusion::certain(fact, offerer, blame);
    rule.finding(case, [offer, agreed.answer.signal], conclusion)
}

/// Whether a message could be read on its way.
fn is_clear(signal: &Signal) -> bool {
    let is_plain = matches!(signal.packet.transport, Transport::Udp | Transport::Tcp);
    let via = signal.message().top_via();
    let says_plain = via.is_none_or(|via| matches!(via.transport.as_str(), "UDP" | "TCP"));
    is_plain && says_plain && signal.source().ip() != signal.destination().ip()
}

pub(super) static DTLS_ROLES_CLASH: Rule = Rule {
    id: "dtls-roles-clash",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An answered call with DTLS-SRTP in which both sides say that they open the handshake (a=setup:active), \
            or that they wait for it (passive), or the answer leaves it open (actpass, holdconn).",
    matters: "The handshake does not come about, and without it neither side hears anything.",
    remedy: "Let the answer take the other role: active to an offer of actpass or passive, passive to one of \
             active.",
    silent: "Audio was seen to go both ways, one of them names no role, or the stream was refused.",
    source: "RFC 5763 section 5, RFC 4145 section 4; catalogue V20",
    explains: &["hung-up", "no-audio", "one-way-audio"],
    limits: &[],
    check: Check::Call(|rule, case| dtls_roles_clash(rule, case).into_iter().collect()),
};

fn dtls_roles_clash(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let clash = |agreed: &Agreed<'_>| {
        let mut streams = agreed.audio();
        streams.find_map(|(offer, answer)| {
            let is_dtls = |media: &Media| !media.security.fingerprints.is_empty();
            let roles = (offer.security.setup?, answer.security.setup?);
            (is_dtls(offer) && is_dtls(answer) && is_clash(roles)).then_some(roles)
        })
    };
    // Farthest from the caller: there it was answered first.
    let hops = case.way().into_iter().rev();
    let (agreed, (asked, got)) = hops
        .filter_map(agreed)
        .filter(|agreed| !is_heard(case, agreed))
        .find_map(|agreed| clash(&agreed).map(|roles| (agreed, roles)))?;
    let fact = format!(
        "{} answered a=setup:{} ({}) to an offer of a=setup:{}.",
        case.name(agreed.by),
        role(got),
        case.when(agreed.answer.signal),
        role(asked),
    );
    let cause = match (asked, got) {
        (Setup::Passive, Setup::Passive) => "Both wait for the other to open the handshake.",
        (Setup::Active, Setup::Active) => "Both open the handshake and none takes it.",
        _ => "An answer has to take one of the two roles (RFC 5763 section 5).",
    };
    let blame = Blame {
        cause: cause.to_owned(),
        owner: case.roles.side(agreed.by).into(),
        certainty: Certainty::Likely,
        next: format!(
            "Have {} take the other role in its answer.",
            case.name(agreed.by)
        ),
    };
    let conclusion = Conclusion::certain(fact, agreed.by, blame);
    rule.finding(
        case,
        [agreed.offer.signal, agreed.answer.signal],
        conclusion,
    )
}

fn is_clash((offer, answer): (Setup, Setup)) -> bool {
    match answer {
        Setup::Active | Setup::Passive => offer == answer,
        Setup::ActPass | Setup::HoldConn => true,
    }
}

fn role(setup: Setup) -> &'static str {
    match setup {
        Setup::Active => "active",
        Setup::Passive => "passive",
        Setup::ActPass => "actpass",
        Setup::HoldConn => "holdconn",
    }
}

pub(super) static ICE_WITHOUT_PAIR: Rule = Rule {
    id: "ice-without-pair",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An answered call in which both sides do ICE and no candidate of the one can meet one of the other for \
            RTP: all of the one are of another address family or transport.",
    matters: "ICE finds no way, and devices that rely on it send no audio.",
    remedy: "Let both sides gather candidates of one address family over UDP, or put a TURN relay between.",
    silent: "A candidate is a name that is not an address, candidates may have followed by INFO, audio was seen to \
             go both ways, or one side does no ICE.",
    source: "RFC 8445 section 6.1.2.2, RFC 8839; catalogue V20",
    explains: &["hung-up", "no-audio", "one-way-audio"],
    limits: &[],
    check: Check::Call(|rule, case| ice_without_pair(rule, case).into_iter().collect()),
};

fn ice_without_pair(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Later candidates come by INFO (RFC 8840).
    if case.call.requests(Method::Info).next().is_some() {
        return None;
    }
    let apart = |agreed: &Agreed<'_>| {
        let mut streams = agreed.audio();
        streams.find_map(|(offer, answer)| {
            let (offered, answered) = (reach(&offer.ice)?, reach(&answer.ice)?);
            let meet = offered.iter().any(|one| answered.contains(one));
            (!meet).then(|| (words(&offered), words(&answered)))
        })
    };
    let hops = case.way().into_iter().rev();
    let (agreed, (offered, answered)) = hops
        .filter_map(agreed)
        .filter(|agreed| !agreed.is_cut() && !is_heard(case, agreed))
        .find_map(|agreed| apart(&agreed).map(|words| (agreed, words)))?;
    let fact = format!(
        "{} offers candidates for {offered} alone, {} answered ({}) with candidates for {answered} alone.",
        case.name(agreed.offerer()),
        case.name(agreed.by),
        case.when(agreed.answer.signal),
    );
    let blame = Blame {
        cause: "No two of them can meet, so that ICE fails; which side should have others the packets do not say."
            .into(),
        owner: Side::Unknown.into(),
        certainty: Certainty::Likely,
        next: format!(
            "See which addresses {} and {} can use, and give both a candidate of one family or a TURN relay.",
            case.name(agreed.offerer()),
            case.name(agreed.by)
        ),
    };
    let conclusion = Conclusion::certain(fact, agreed.by, blame);
    rule.finding(
        case,
        [agreed.offer.signal, agreed.answer.signal],
        conclusion,
    )
}

/// How the candidates of a side can be reached for RTP; nothing where it does no ICE or that is not known of
/// all of them.
fn reach(ice: &Ice) -> Option<Vec<(String, bool)>> {
    let mut reach: Vec<(String, bool)> = Vec::new();
    for candidate in ice.candidates.iter().filter(|it| it.component == 1) {
        let one = (candidate.transport.clone(), candidate.ip()?.is_ipv6());
        if !reach.contains(&one) {
            reach.push(one);
        }
    }
    (ice.has_ufrag && !reach.is_empty()).then_some(reach)
}

fn words(reach: &[(String, bool)]) -> String {
    let word = |(transport, is_v6): &(String, bool)| {
        format!("IPv{} over {transport}", if *is_v6 { 6 } else { 4 })
    };
    reach.iter().map(word).collect::<Vec<_>>().join(" and ")
}

/// Whether audio was seen to go both ways between the two sides of a hop: then whatever they say, it works.
fn is_heard(case: &Case<'_>, agreed: &Agreed<'_>) -> bool {
    let ends = |sdp: &crate::sip::sdp::Sdp| -> Option<IpAddr> { sdp.audio()?.ip() };
    let (offered, answered) = (ends(&agreed.offer.sdp), ends(&agreed.answer.sdp));
    case.media.iter().any(|path| {
        let mut flows = path.flows().into_iter();
        let is_of = |ip: Option<IpAddr>| {
            let mut told = path.flows().into_iter().flat_map(|flow| &flow.to.announced);
            ip.is_some_and(|ip| told.any(|it| it.ip() == ip))
        };
        is_of(offered) && is_of(answered) && flows.all(|flow| flow.since_answer() >= A_SECOND)
    })
}
