//! The traits of a call that was diagnosed: out of its messages, its verdict, and the platform's
//! records where there are any. Judges nothing anew.

use super::traits::{Aspect, Ended, Traits};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::party::{Direction, Party};
use crate::sip::{Hop, Kind};

impl Traits {
    /// The traits of a diagnosed call. Of one without messages, those that its records tell.
    #[must_use]
    pub fn of_diagnosed(case: &Case<'_>, diagnosis: &Diagnosis) -> Traits {
        let told = case.records.map(Traits::of_records);
        let mut traits = told.unwrap_or_else(|| Traits::blank(case.call.kind()));
        let verdict = &diagnosis.verdict;
        if let Some(leg) = case.call.first_leg() {
            traits.kind = case.call.kind();
            traits.from.clone_from(&leg.facts.from);
            traits.to.clone_from(&leg.facts.to);
            traits.code = leg.facts.final_code.or(traits.code);
            traits.at = case.call.started().filter(|_| !case.call.is_timeless());
            traits.answered = case.answer().is_some();
            traits.legs_traced = case.call.legs.len();
            let refusal = case.origin().map(|origin| origin.answer).or(case.failure());
            let refusal = refusal.and_then(|answer| answer.message().code());
            traits.refusal = refusal
                .or(traits.code)
                .filter(|code| *code >= 300 && !traits.answered);
            traits.values.remove(&Aspect::Code);
            traits.values.remove(&Aspect::Hour);
            note_messages(&mut traits, case);
        }
        traits.call_ids.clone_from(&diagnosis.call_ids);
        traits.ended = ended(&traits, case, diagnosis);
        traits.note(Aspect::Rule, verdict.rule.clone());
        traits.note(Aspect::Party, verdict.party.label());
        traits.verdict = Some(verdict.clone());
        traits.note_own();
        traits
    }
}

fn note_messages(traits: &mut Traits, case: &Case<'_>) {
    let call = case.call;
    for hop in &call.hops {
        for node in [hop.client, hop.server] {
            let name = || node_name(case, node);
            match case.roles.party(case.roles.side(node)) {
                Party::Carrier => traits.note(Aspect::Carrier, name()),
                Party::Customer => traits.note(Aspect::Customer, name()),
                Party::Configuration => traits.note(Aspect::Server, name()),
                _ => {}
            }
        }
    }
    // Of what is no call only the sender can be a customer, and only one that is named.
    let sender = call.transactions.first().map(|it| it.client);
    let sender = sender.filter(|_| call.hops.is_empty());
    if let Some(name) = sender.and_then(|it| case.roles.customer_at(it)) {
        traits.note(Aspect::Customer, name.to_owned());
    }
    match case.roles.direction {
        Direction::Outbound => traits.note(Aspect::Direction, "outbound"),
        Direction::Inbound => traits.note(Aspect::Direction, "inbound"),
        Direction::AssumedOutbound | Direction::OneLeg => {}
    }
    let deciding = case.origin().map(|origin| origin.hop);
    let last = case.way().into_iter().next_back();
    let carrier = [deciding, last]
        .into_iter()
        .flatten()
        .find_map(|hop| carrier_of(case, hop));
    traits.carrier = carrier.or(traits.carrier.take());
    if call.hops.iter().any(|hop| hop.upstream.is_some()) {
        traits.alike = alike(traits, case);
    }
    let first = call.ingress().and_then(Hop::first_invite);
    if let Some(invite) = first {
        traits.note(
            Aspect::Transport,
            invite.packet.transport.name().to_uppercase(),
        );
        traits.note(
            Aspect::UserAgent,
            invite.message().agent().unwrap_or_default(),
        );
        let sdp = invite.message().sdp();
        let audio = sdp.as_ref().and_then(|sdp| sdp.audio());
        for codec in audio.map(|audio| audio.codecs()).unwrap_or_default() {
            traits.note(Aspect::Codec, codec);
        }
    }
    let refusal = case.origin().map(|origin| origin.answer).or(case.failure());
    let cause = refusal.and_then(|answer| answer.message().q850()?.cause);
    if let Some(cause) = cause {
        traits.note(Aspect::Cause, cause.to_string());
    }
}

/// The other carriers that refused the call with the code that it failed with.
fn alike(traits: &Traits, case: &Case<'_>) -> Vec<String> {
    let refusal = traits.refusal;
    let attempts = case.call.ingress().map(|hop| case.call.downstream(hop));
    let failed = attempts
        .into_iter()
        .flatten()
        .filter(|hop| refusal.is_some() && hop.final_code() == refusal);
    let mut names: Vec<String> = Vec::new();
    for name in failed.filter_map(|hop| carrier_of(case, hop)) {
        if traits.carrier.as_ref() != Some(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The carrier at one of the two ends of a hop.
fn carrier_of(case: &Case<'_>, hop: &Hop) -> Option<String> {
    let is_carrier =
        |node: &std::net::SocketAddr| case.roles.party(case.roles.side(*node)) == Party::Carrier;
    let node = [hop.server, hop.client].into_iter().find(is_carrier)?;
    Some(node_name(case, node))
}

fn node_name(case: &Case<'_>, node: std::net::SocketAddr) -> String {
    let name = case.roles.name(node);
    name.map_or_else(|| node.ip().to_string(), str::to_owned)
}

fn ended(traits: &Traits, case: &Case<'_>, diagnosis: &Diagnosis) -> Ended {
    let verdict = &diagnosis.verdict;
    let of_verdict = diagnosis
        .findings
        .iter()
        .filter(|it| it.rule == verdict.rule);
    let severity = of_verdict.map(|finding| finding.severity).max();
    let accepted = match traits.kind {
        Kind::Registration => matches!(traits.code, Some(200..=299)),
        Kind::Call => traits.answered,
        Kind::Other => false,
    };
    // Of a call without messages its row alone tells that people ended it (RFC 3261 section 21).
    let by_people = case.call.legs.is_empty() && matches!(traits.code, Some(486 | 487 | 600));
    match severity {
        Some(Severity::Error) if by_people => Ended::Undecided,
        Some(Severity::Error) => Ended::Failed,
        Some(Severity::Info) if accepted && verdict.party == Party::Nobody => Ended::Good,
        // No rule spoke, and there is a row that tells more than the messages do.
        None if case.call.legs.is_empty() => traits.ended,
        _ => Ended::Undecided,
    }
}
