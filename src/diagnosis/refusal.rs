//! A call that was refused: where the final answer was made, after what, and what speaks for
//! which side. The evidence that the rules by response code share; it names no rule.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::case::{Case, seconds};
use super::origin::{Origin, Tried};
use super::party::{Direction, Side};
use crate::knowledge::{self, PlatformReason};
use crate::sip::{Hop, Signal, header::Reason};

/// An answer this fast came from the next machine, not from a network behind it.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(100);

/// A refused call.
#[derive(Debug, Clone)]
pub struct Refusal<'a> {
    /// Where the answer was made.
    pub origin: Origin<'a>,
    /// The answer as the caller got it.
    pub told: &'a Arc<Signal>,
    /// The code where it was made.
    pub code: u16,
    /// Its Q.850 cause, where it has one.
    pub q850: Option<Reason>,
    /// How long the node took from the INVITE to the answer.
    pub after: SignedDuration,
    /// The first 180 on the hop where the answer was made.
    pub ringing: Option<&'a Arc<Signal>>,
    /// Every hop that the call was sent out on, in order, with its final code.
    pub attempts: Vec<(&'a Hop, Option<u16>)>,
}

impl<'a> Refusal<'a> {
    /// The refusal of a call; nothing where it was answered, challenged last or never settled.
    #[must_use]
    pub fn of(case: &Case<'a>) -> Option<Refusal<'a>> {
        let told = case.failure()?;
        let origin = case.origin()?;
        let code = origin.answer.message.code()?;
        let invite = origin.hop.decisive()?.request();
        let after = invite.map(|invite| origin.answer.at().duration_since(invite.at()));
        let ingress = case.call.ingress()?;
        Some(Refusal {
            told,
            code,
            q850: origin.answer.message.q850(),
            after: after.unwrap_or(SignedDuration::ZERO),
            ringing: origin.hop.ringing(),
            attempts: case
                .call
                .downstream(ingress)
                .map(|hop| (hop, hop.final_code()))
                .collect(),
            origin,
        })
    }

    /// The Q.850 cause number, where it says more than the code does: 16, 31 and 127 do not
    /// (RFC 3398 section 7.2.4.1 maps them to codes by default).
    #[must_use]
    pub fn cause(&self) -> Option<u16> {
        let adds_nothing = |cause: u16| match cause {
            16 | 31 | 127 => true,
            // A gateway makes 21 of every 403 (RFC 3398 section 8.2.6.1).
            21 => self.code == 403,
            _ => false,
        };
        self.q850
            .as_ref()?
            .cause
            .filter(|cause| !adds_nothing(*cause))
    }

    /// Whether our own platform decided alone: it got the INVITE and sent none on. Its phrases
    /// show the platform also where only one leg was seen.
    #[must_use]
    pub fn is_platforms_own(&self, case: &Case<'_>) -> bool {
        let is_platform = case.roles.side(self.origin.by) == Side::Platform
            || (case.roles.direction == Direction::OneLeg && self.platform_reason().is_some());
        self.origin.tried == Tried::Nothing && is_platform
    }

    /// What the reason phrase means, where it is one of the platform's own.
    #[must_use]
    pub fn platform_reason(&self) -> Option<&'static PlatformReason> {
        knowledge::platform_reason(self.origin.answer.message.reason_phrase())
    }

    /// Whether the node that answered had tried to pass the call on and got nothing back.
    #[must_use]
    pub fn is_after_silence(&self) -> bool {
        self.origin.tried == Tried::LastUnanswered
    }

    /// Whether the answer came at once and nothing rang: made by the very next machine.
    #[must_use]
    pub fn is_immediate(&self) -> bool {
        self.after < AT_ONCE && self.ringing.is_none()
    }

    /// On how many different nodes the call was refused with one of these codes.
    #[must_use]
    pub fn refused_by(&self, codes: &[u16]) -> usize {
        let refused = |(_, code): &&(&Hop, Option<u16>)| code.is_some_and(|c| codes.contains(&c));
        let mut nodes: Vec<SocketAddr> = self
            .attempts
            .iter()
            .filter(refused)
            .map(|(hop, _)| hop.server)
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len()
    }

    /// Whether every attempt was refused with one of these codes.
    #[must_use]
    pub fn all_refused_with(&self, codes: &[u16]) -> bool {
        self.attempts
            .iter()
            .all(|(_, code)| code.is_some_and(|c| codes.contains(&c)))
    }

    /// The side that the ISUP location of the cause points to (RFC 8606); nothing for `BI` or
    /// where there is none.
    #[must_use]
    pub fn located(&self) -> Option<Side> {
        match self.q850.as_ref()?.location.as_deref()? {
            "U" | "RPN" | "RLN" => Some(Side::CalledUser),
            "TN" | "INTL" | "LN" | "LPN" => Some(Side::CalledPeer),
            _ => None,
        }
    }

    /// The reason phrase, or a text the answer carries, in lower case.
    #[must_use]
    pub fn text(&self) -> String {
        let message = &self.origin.answer.message;
        let mut text = message.reason_phrase().to_ascii_lowercase();
        for reason in message.reasons() {
            text.push(' ');
            text.push_str(&reason.text.to_ascii_lowercase());
        }
        if let Some(warning) = message.header(crate::sip::Name::Warning) {
            text.push(' ');
            text.push_str(&warning.to_ascii_lowercase());
        }
        text
    }

    /// What was answered, by whom, when, and what the caller was told, in one sentence.
    #[must_use]
    pub fn sentence(&self, case: &Case<'_>) -> String {
        let answer = &self.origin.answer.message;
        let mut what = self.code.to_string();
        if !answer.reason_phrase().is_empty() {
            what = format!("{what} {}", answer.reason_phrase());
        }
        if let Some(reason) = &self.q850 {
            what = format!("{what} with {}", cause_words(reason));
        }
        let ring = match self.ringing {
            Some(ringing) => {
                let rang = self.origin.answer.at().duration_since(ringing.at());
                format!(" after {} of ringing", seconds(rang))
            }
            None => format!(" {} after the INVITE, without ringing", seconds(self.after)),
        };
        let told = match self.told.message.code() {
            Some(told) if told != self.code => format!("; the caller was told {told}"),
            _ => String::new(),
        };
        let routes = match self.attempts.len() {
            0 | 1 => String::new(),
            n => {
                let each: Vec<String> = self
                    .attempts
                    .iter()
                    .map(|(hop, code)| match code {
                        Some(code) => format!("{} {code}", hop.server.ip()),
                        None => format!("{} nothing", hop.server.ip()),
                    })
                    .collect();
                format!("; {n} routes tried: {}", each.join(", "))
            }
        };
        format!(
            "{} answered {what}{ring}{told}{routes}.",
            case.name(self.origin.by)
        )
    }

    /// The packets that prove it: the INVITE, the answer, and what the caller got.
    #[must_use]
    pub fn proof(&self) -> Vec<&'a Arc<Signal>> {
        let invite = self
            .origin
            .hop
            .decisive()
            .and_then(|invite| invite.request());
        let mut proof: Vec<&Arc<Signal>> = invite.into_iter().collect();
        proof.extend(self.ringing);
        proof.extend(
            self.attempts
                .iter()
                .filter_map(|(hop, _)| hop.final_response()),
        );
        proof.extend([self.origin.answer, self.told]);
        proof
    }
}

/// A Q.850 cause in words: its number, and the text that came with it or that the standard gives.
#[must_use]
pub fn cause_words(reason: &Reason) -> String {
    let number = reason
        .cause
        .map_or("?".to_owned(), |cause| cause.to_string());
    let location = match &reason.location {
        Some(location) => format!(", location {location}"),
        None => String::new(),
    };
    let standard = || {
        let cause = u8::try_from(reason.cause?).ok()?;
        knowledge::q850(cause).map(|known| known.name.as_str())
    };
    let said = Some(reason.text.as_str()).filter(|text| !text.is_empty());
    let text = said
        .or_else(standard)
        .map_or(String::new(), |text| format!(" ({text})"));
    format!("Q.850 cause {number}{text}{location}")
}
