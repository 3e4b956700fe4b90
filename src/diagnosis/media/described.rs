//! The path of an answered hop as far as its session descriptions tell it. Looks at no stream.

use std::net::SocketAddr;
use std::sync::Arc;

use super::changes::changes;
use super::{End, Flow, MediaPath};
use crate::diagnosis::case::Case;
use crate::sip::sdp::{Candidate, Media, Sdp};
use crate::sip::{Described, Hop, Method, Signal};

/// The path of an answered hop, as far as messages tell it.
pub(super) fn described<'a>(case: &Case<'a>, hop: &'a Hop) -> Option<MediaPath<'a>> {
    let invite = hop.decisive()?;
    // Seen one way only, the hop shows one way of the audio only.
    hop.first_invite()?;
    let answer = invite
        .final_response()
        .filter(|answer| matches!(answer.message().code(), Some(200..=299)))?;
    let exchange = invite.offer_answer()?;
    let reply = exchange.answer?;
    let (offered, answered) = (exchange.offer.sdp.audio()?, reply.sdp.audio()?);
    let all = descriptions(case, hop);
    let end = |node: SocketAddr| {
        let mut end = End {
            node,
            announced: Vec::new(),
            payload_types: Vec::new(),
            event_types: Vec::new(),
            codecs: Vec::new(),
        };
        let own = all
            .iter()
            .filter(|described| case.call.node(described.signal.source()) == node);
        for media in own.flat_map(|described| audio(&described.sdp)) {
            end.add(media);
        }
        end
    };
    let (mut client, mut server) = (end(hop.client), end(hop.server));
    for (signal, media) in [(exchange.offer.signal, offered), (reply.signal, answered)] {
        let is_client = case.call.node(signal.source()) == hop.client;
        let end = if is_client { &mut client } else { &mut server };
        end.put_first(media.endpoint());
    }
    if client.announced.is_empty() || server.announced.is_empty() {
        return None;
    }
    let changed = all
        .iter()
        .find(|described| described.signal.number > answer.number && !is_both_ways(&described.sdp))
        .map(|described| described.signal);
    let bye = case
        .byes()
        .filter(|bye| bye.leg == hop.leg)
        .find_map(|bye| bye.request());
    let ended_by = [changed, bye]
        .into_iter()
        .flatten()
        .min_by_key(|s| s.number);
    let over = |signal: Option<&Arc<Signal>>| {
        let at = signal.map(|signal| signal.at());
        at.or(case.seen_until).or(case.call.ended())
    };
    let (until, over) = (over(ended_by)?, over(bye)?);
    let (client_to, server_to) = (client.clone(), server.clone());
    let flow = |from: End, to: End| Flow {
        from,
        to,
        streams: Vec::new(),
        strangers: Vec::new(),
        astray: Vec::new(),
    };
    Some(MediaPath {
        hop,
        offer: exchange.offer.signal,
        answer,
        watched: None,
        outlasts_recording: false,
        until,
        ended_by,
        is_held: offered.is_held() || answered.is_held() || answered.port == 0,
        may_go_elsewhere: may_go_elsewhere(case, offered, answered),
        changes: changes(case, hop, answer, over),
        to_called: flow(client, server_to),
        to_caller: flow(server, client_to),
    })
}

/// Whether both sides name addresses to try besides the announced one, at once or later (RFC 8840). Where one of them
/// has no other, all audio has to come from there or to go there.
fn may_go_elsewhere(case: &Case<'_>, offered: &Media, answered: &Media) -> bool {
    let has_others = |media: &Media| {
        let ice = &media.ice;
        let announced = media.endpoint();
        let is_other = |it: &Candidate| {
            let address = it.ip().map(|ip| SocketAddr::new(ip, it.port));
            it.component == 1 && address != announced
        };
        let names_none = ice.has_ufrag && ice.candidates.is_empty();
        names_none || ice.candidates.iter().any(is_other)
    };
    let both = |has: &dyn Fn(&Media) -> bool| has(offered) && has(answered);
    let more_came = || case.call.requests(Method::Info).next().is_some();
    both(&has_others) || both(&|media| media.ice.has_ufrag) && more_came()
}

impl End {
    /// Makes an address the one that is named first.
    pub(super) fn put_first(&mut self, address: Option<SocketAddr>) {
        let at = self.announced.iter().position(|it| Some(*it) == address);
        if let Some(before) = at.and_then(|at| self.announced.get_mut(..=at)) {
            before.rotate_right(1);
        }
    }

    fn add(&mut self, media: &Media) {
        let Some(address) = media.endpoint() else {
            return;
        };
        if !self.announced.contains(&address) {
            self.announced.push(address);
        }
        for format in &media.formats {
            let Ok(payload_type) = format.token.parse() else {
                continue;
            };
            if self.payload_types.contains(&payload_type) {
                continue;
            }
            self.payload_types.push(payload_type);
            if format.codec.as_deref() == Some("TELEPHONE-EVENT") {
                self.event_types.push(payload_type);
            }
            let named = format.codec.clone().map(|codec| (payload_type, codec));
            self.codecs.extend(named);
        }
    }
}

fn audio(sdp: &Sdp) -> impl Iterator<Item = &Media> {
    sdp.media.iter().filter(|media| media.kind == "audio")
}

pub(super) fn is_both_ways(sdp: &Sdp) -> bool {
    audio(sdp).any(|media| media.port != 0 && !media.is_held())
}

/// Every description that the two nodes of a hop exchanged, refusals aside.
fn descriptions<'a>(case: &Case<'a>, hop: &Hop) -> Vec<Described<'a>> {
    let between = |signal: &Signal| {
        let (from, to) = (
            case.call.node(signal.source()),
            case.call.node(signal.destination()),
        );
        (from, to) == (hop.client, hop.server) || (from, to) == (hop.server, hop.client)
    };
    let counts = |signal: &Signal| {
        let method = signal.method();
        let may_describe = [Method::Invite, Method::Ack, Method::Update, Method::Prack];
        method.is_some_and(|method| may_describe.contains(method))
            && signal.message().code().is_none_or(|code| code < 300)
    };
    let signals = case.call.signals.iter().filter(|(leg, _)| *leg == hop.leg);
    signals
        .filter(|(_, signal)| counts(signal) && between(signal))
        .filter_map(|(_, signal)| Described::of(signal))
        .collect()
}
