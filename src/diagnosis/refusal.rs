//! A call that was refused: where the final answer was made, after what, and what speaks for
//! which side. The evidence that the rules by response code share; it names no rule.

use std::sync::Arc;

use jiff::SignedDuration;

use super::case::Case;
use super::origin::{Origin, Tried};
use super::party::{Direction, Party, Side};
use super::unheard::Unheard;
use super::words::listed;
use crate::knowledge::{Knowledge, Match, Reason as PlatformReason};
use crate::sip::{Hop, Signal, header::Reason};

/// An answer this fast came from the next machine, not from a network behind it.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(100);

/// A node that decides by itself does so within this; later, something behind it was waited for.
const BY_ITSELF: SignedDuration = SignedDuration::from_secs(1);

/// Codes that refuse the message, not the call.
const MESSAGE_REFUSED: [u16; 16] = [
    400, 405, 406, 413, 414, 416, 420, 421, 422, 482, 483, 501, 505, 513, 555, 580,
];

/// What a refusal says, by its Q.850 cause where that says more than the code, else by the code.
/// Each refusal is of one kind, so that one rule speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Our platform decided alone, as far as was seen.
    Platform,
    /// 3xx: go elsewhere.
    Redirected,
    /// Not allowed.
    Forbidden,
    /// No such number, or no way to it.
    NumberNotFound,
    /// Something behind the one who answered did not react.
    Timeout,
    /// It rang, or the line was tried, and nobody took the call.
    NoAnswer,
    /// The called user cannot be reached now.
    Unavailable,
    /// The called line is in use.
    Busy,
    /// The offered media was refused.
    Media,
    /// No circuit, no capacity, or a limit.
    NoCircuit,
    /// The node that answered, or the network behind it, is broken.
    Failure,
    /// Somebody did not want this call.
    Declined,
    /// The message was refused.
    Message,
    /// Another phone took the call.
    AnsweredElsewhere,
    /// Anything else.
    Other,
}

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
    /// How long the node took from the INVITE to the answer, where the INVITE was seen and times were recorded.
    pub after: Option<SignedDuration>,
    /// How long it took at least, as far as that is known: where the INVITE was not seen, since its first response.
    at_least: SignedDuration,
    /// The first 180 on the hop where the answer was made, or on the attempt that its maker gave
    /// up.
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
        let code = origin.answer.message().code()?;
        let invite = origin.hop.decisive()?.request();
        let since = |earlier: &Arc<Signal>| {
            let is_timed = !case.call.is_timeless();
            is_timed.then(|| origin.answer.at().duration_since(earlier.at()))
        };
        let after = invite.and_then(since);
        let since_first = || origin.hop.first_response().and_then(since);
        let ingress = case.call.ingress()?;
        // What the node did not get, it did not wait for.
        let given_up = || {
            // Of several that were tried at once, the one that was waited for longest.
            let given_up = |hop: &&Hop| hop.cancel().map(|it| it.at());
            let waited_for = case.call.downstream(origin.hop).max_by_key(given_up);
            let last = waited_for.filter(|hop| hop.cancel().is_some());
            let last = last.or_else(|| case.call.downstream(origin.hop).last())?;
            let is_heard = Unheard::on(case.call, last).is_none();
            last.ringing().filter(|_| is_heard)
        };
        Some(Refusal {
            told,
            code,
            q850: origin.answer.message().q850(),
            after,
            at_least: after.or_else(since_first).unwrap_or_default(),
            ringing: origin.hop.ringing().or_else(given_up),
            attempts: case
                .call
                .downstream(ingress)
                .map(|hop| (hop, hop.final_code()))
                .collect(),
            origin,
        })
    }

    /// The Q.850 cause number, where it says more than the code does: 16, 31 and 127 do not, nor
    /// does the cause that a gateway makes of the code itself (RFC 3398 section 8.2.6.1).
    #[must_use]
    pub fn cause(&self) -> Option<u16> {
        self.stated_cause().filter(|cause| {
            !matches!(cause, 16 | 31 | 127) && gateways_cause(self.code) != Some(*cause)
        })
    }

    /// The Q.850 cause number as it stands there.
    #[must_use]
    pub fn stated_cause(&self) -> Option<u16> {
        self.q850.as_ref()?.cause
    }

    /// Whether its Q.850 cause says something else than its code: RFC 3398 pairs that cause with another code, and one
    /// who judges by the code looks for another fault. Causes that the RFC pairs with nothing contradict no code.
    #[must_use]
    pub fn contradicts_itself(&self, knowledge: &Knowledge) -> bool {
        let is_made_up = self.is_after_silence() || (300..400).contains(&self.code);
        let Some(cause) = self.cause().filter(|_| !is_made_up) else {
            return false;
        };
        let pair = u8::try_from(cause)
            .ok()
            .and_then(|cause| knowledge.q850(cause)?.sip);
        // 21 is 603 where the user rejects (RFC 3398 section 7.2.4.1).
        let fits = pair.is_none_or(|code| code == self.code) || (cause, self.code) == (21, 603);
        !fits && kind_of_cause(cause) != Some(self.kind_of_code())
    }

    /// What the refusal says.
    #[must_use]
    pub fn kind(&self, case: &Case<'_>) -> Kind {
        if (300..400).contains(&self.code) {
            return Kind::Redirected;
        }
        if self.is_platforms_own(case) {
            return Kind::Platform;
        }
        // A node that heard no final answer made up the code: its number says nothing.
        if self.is_after_silence() {
            return match self.ringing {
                Some(_) if matches!(self.code, 408 | 480) || self.gave_up(case) => Kind::NoAnswer,
                Some(_) => Kind::Failure,
                None => Kind::Timeout,
            };
        }
        if self.origin.tried == Tried::LastChallenged {
            return Kind::Other;
        }
        self.cause()
            .and_then(kind_of_cause)
            .unwrap_or_else(|| self.kind_of_code())
    }

    fn kind_of_code(&self) -> Kind {
        let rang = self.ringing.is_some();
        match self.code {
            403 => Kind::Forbidden,
            404 | 410 | 484 | 604 => Kind::NumberNotFound,
            408 if rang => Kind::NoAnswer,
            408 => Kind::Timeout,
            // After ringing a 5xx is its maker's own.
            504 if !rang => Kind::Timeout,
            480 if rang => Kind::NoAnswer,
            // At once, 18 is only what a gateway makes of the 480.
            480 if self.stated_cause() == Some(18) && !self.may_be_immediate() => Kind::NoAnswer,
            480 => Kind::Unavailable,
            486 | 600 => Kind::Busy,
            415 | 488 | 606 => Kind::Media,
            603 | 607 | 608 => Kind::Declined,
            503 if self.speaks_of_limit() => Kind::NoCircuit,
            code if MESSAGE_REFUSED.contains(&code) => Kind::Message,
            500..=599 => Kind::Failure,
            _ => Kind::Other,
        }
    }

    /// Whether the node that answered had cancelled its last attempt itself.
    fn gave_up(&self, case: &Case<'_>) -> bool {
        let last = case.call.downstream(self.origin.hop).last();
        last.is_some_and(|attempt| attempt.cancel().is_some())
    }

    /// Whether our own platform decided alone: it got the INVITE and no INVITE that it sent on was
    /// seen. Its phrases show the platform also where only one leg was seen. Ringing shows that
    /// somebody was called, though it was not seen.
    #[must_use]
    pub fn is_platforms_own(&self, case: &Case<'_>) -> bool {
        let is_platform = self.is_by_platform(case)
            || (case.roles.direction == Direction::OneLeg
                && case.roles.side(self.origin.hop.client) != Side::Platform
                && case.roles.name(self.origin.by).is_none()
                && self.platform_reason(case).is_some());
        self.origin.tried == Tried::Nothing
            && self.ringing.is_none()
            && is_platform
            && !self.tells_of_unseen_leg(case)
    }

    /// Whether it speaks of a line or a network that somebody must have tried: a busy line, or a Q.850 cause that says
    /// something, not at once and not in words that only the platform writes.
    fn tells_of_unseen_leg(&self, case: &Case<'_>) -> bool {
        let speaks = matches!(self.code, 486 | 600)
            || self
                .stated_cause()
                .is_some_and(|cause| !matches!(cause, 16 | 31 | 127));
        let own_words = self
            .platform_reason(case)
            .is_some_and(|found| found.entry.platform_only);
        speaks && !self.is_immediate() && !own_words
    }

    /// Whether our platform had called somebody of whom nothing was seen, and passed on what that one said.
    #[must_use]
    pub fn is_behind_unseen(&self, case: &Case<'_>) -> bool {
        self.origin.tried == Tried::Nothing
            && self.is_by_platform(case)
            && !self.is_platforms_own(case)
    }

    fn is_by_platform(&self, case: &Case<'_>) -> bool {
        case.roles.side(self.origin.by) == Side::Platform
    }

    /// Whether the platform's own phrase came from a node that nobody has named, behind the
    /// platform: an inner server of ours, or a carrier that runs the same software.
    #[must_use]
    pub fn has_platforms_phrase_elsewhere(&self, case: &Case<'_>) -> bool {
        self.platform_reason(case).is_some()
            && case.roles.side(self.origin.hop.client) == Side::Platform
            && !self.is_by_platform(case)
            && case.roles.name(self.origin.by).is_none()
    }

    /// Whether the answer came so late that its maker may have waited for somebody not seen.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.after.is_none_or(|after| after >= BY_ITSELF)
    }

    /// What the reason phrase means, where it is one of the platform's own.
    #[must_use]
    pub fn platform_reason<'k>(&self, case: &Case<'k>) -> Option<Match<'k, PlatformReason>> {
        let phrase = self.origin.answer.message().reason_phrase();
        case.knowledge.platform_reason(phrase)
    }

    /// Whether the node that answered had tried to pass the call on and got no final answer.
    #[must_use]
    pub fn is_after_silence(&self) -> bool {
        self.origin.tried == Tried::LastUnanswered
    }

    /// Whether no reply of any kind reached the node from that last attempt.
    #[must_use]
    pub fn is_after_no_reply(&self, case: &Case<'_>) -> bool {
        let last = case.call.downstream(self.origin.hop).last();
        let is_silent = |attempt: &Hop| {
            attempt.first_response().is_none() || Unheard::on(case.call, attempt).is_some()
        };
        self.is_after_silence() && last.is_some_and(is_silent)
    }

    /// Whether the answer came at once and nothing rang: made by the very next machine.
    #[must_use]
    pub fn is_immediate(&self) -> bool {
        self.after.is_some_and(|after| after < AT_ONCE) && self.ringing.is_none()
    }

    /// Whether nothing rules that out: how long it took may not be known.
    #[must_use]
    pub fn may_be_immediate(&self) -> bool {
        self.at_least < AT_ONCE && self.ringing.is_none()
    }

    /// By how many different nodes the call was refused with one of these codes. Addresses of one
    /// configured peer count once.
    #[must_use]
    pub fn refused_by(&self, case: &Case<'_>, codes: &[u16]) -> usize {
        let refused = |(_, code): &&(&Hop, Option<u16>)| code.is_some_and(|c| codes.contains(&c));
        let mut nodes: Vec<String> = self
            .attempts
            .iter()
            .filter(refused)
            .map(|(hop, _)| node(case, hop))
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len()
    }

    /// The other nodes that refused the call with the same code before, in order, each once.
    #[must_use]
    pub fn others_alike(&self, case: &Case<'_>) -> Vec<String> {
        let own = self.origin.hop;
        let is_attempt = self.attempts.iter().any(|(hop, _)| hop.id == own.id);
        let mut known = vec![node(case, own)];
        let mut names = Vec::new();
        for (hop, code) in self.attempts.iter().filter(|_| is_attempt) {
            if *code == Some(self.code) && !known.contains(&node(case, hop)) {
                known.push(node(case, hop));
                names.push(case.name(hop.server));
            }
        }
        names
    }

    /// Whether every attempt was refused with one of these codes.
    #[must_use]
    pub fn all_refused_with(&self, codes: &[u16]) -> bool {
        self.attempts
            .iter()
            .all(|(_, code)| code.is_some_and(|c| codes.contains(&c)))
    }

    /// The side that the ISUP location of the cause points to (RFC 8606); nothing for `BI` or
    /// where there is none. The networks between are a carrier's on the leg towards one; elsewhere
    /// it is not known whose they are.
    #[must_use]
    pub fn located(&self, case: &Case<'_>) -> Option<Side> {
        let towards_carrier = case.roles.side(self.origin.hop.client) == Side::Platform
            && case.roles.party(Side::CalledPeer) == Party::Carrier;
        match self.q850.as_ref()?.location.as_deref()? {
            "U" | "RPN" | "RLN" => Some(Side::CalledUser),
            "TN" | "INTL" | "LN" | "LPN" if towards_carrier => Some(Side::CalledPeer),
            _ => None,
        }
    }

    /// Who brought in what was refused: the platform where it changed that part of the INVITE, the
    /// caller where it had it from there. Nothing where both INVITEs cannot be compared.
    #[must_use]
    pub fn introduced(&self, case: &Case<'_>, part: impl Fn(&Signal) -> String) -> Option<Side> {
        let refused = part(self.origin.hop.first_invite()?);
        let came_in = part(case.call.ingress()?.first_invite()?);
        Some(if refused == came_in {
            Side::Caller
        } else {
            Side::Platform
        })
    }

    /// The words of [`Refusal::text`].
    fn words(&self) -> Vec<String> {
        let text = self.text();
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether the text speaks of a limit on calls.
    #[must_use]
    pub fn speaks_of_limit(&self) -> bool {
        let words = self.words();
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "channel" | "channels" | "cps" | "concurrent" | "limit" | "limits" | "capacity"
            )
        }) || has_phrase(&words, &["call", "rate"])
    }

    /// Whether the text speaks of the caller ID.
    #[must_use]
    pub fn speaks_of_caller_id(&self) -> bool {
        let words = self.words();
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "cli" | "clid" | "callerid" | "ani" | "anonymous"
            )
        }) || [["caller", "id"], ["calling", "number"], ["from", "header"]]
            .iter()
            .any(|phrase| has_phrase(&words, phrase))
    }

    /// Whether a network's analytics blocked the call: 608, or 603 in the form of ATIS-1000099, which is its phrase
    /// and a Reason.
    #[must_use]
    pub fn is_by_analytics(&self) -> bool {
        let message = self.origin.answer.message();
        let has_phrase = || {
            message
                .reason_phrase()
                .eq_ignore_ascii_case("network blocked")
        };
        self.code == 608 || (self.code == 603 && has_phrase() && !message.reasons().is_empty())
    }

    /// Whether the text speaks of the called destination: barred, or not in what was agreed.
    #[must_use]
    pub fn speaks_of_destination(&self) -> bool {
        let words = self.words();
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "destination" | "destinations" | "international" | "premium" | "barred" | "barring"
            )
        })
    }

    /// Whether it speaks of the call's signature (STIR).
    #[must_use]
    pub fn speaks_of_signature(&self) -> bool {
        let message = self.origin.answer.message();
        let stir = |reason: &Reason| reason.protocol.eq_ignore_ascii_case("STIR");
        message.reasons().iter().any(stir) || has_phrase(&self.words(), &["stale", "date"])
    }

    /// The reason phrase, or a text the answer carries, in lower case.
    #[must_use]
    pub fn text(&self) -> String {
        let message = self.origin.answer.message();
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
        let answer = self.origin.answer.message();
        let mut what = self.code.to_string();
        let registered = || Some(case.knowledge.sip_code(self.code)?.phrase.as_str());
        let said = Some(answer.reason_phrase()).filter(|phrase| !phrase.is_empty());
        if let Some(phrase) = said.or_else(registered) {
            what = format!("{what} {phrase}");
        }
        if let Some(reason) = &self.q850 {
            what = format!("{what} with {}", cause_words(reason, case.knowledge));
        }
        let ring = match (self.ringing, self.after) {
            (Some(ringing), _) => {
                let rang = self.origin.answer.at().duration_since(ringing.at());
                format!(" after {} of ringing", case.lasting(rang))
            }
            (None, Some(after)) => {
                format!(" {} after the INVITE, without ringing", case.lasting(after))
            }
            (None, None) if self.origin.hop.first_invite().is_some() => {
                " an unknown time after the INVITE, without ringing".to_owned()
            }
            (None, None) => " (the INVITE was not seen)".to_owned(),
        };
        let told = match self.told.message().code() {
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
        let by = case.name(self.origin.by);
        let mut alike = self.others_alike(case);
        if alike.is_empty() {
            return format!("{by} answered {what}{ring}{told}{routes}.");
        }
        alike.push(by);
        format!(
            "{} answered {}, the last {what}{ring}{told}{routes}.",
            listed(&alike),
            self.code
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

/// Which node a hop went to: addresses of one configured peer are one.
fn node(case: &Case<'_>, hop: &Hop) -> String {
    match case.roles.name(hop.server) {
        Some(name) => name.to_owned(),
        None => hop.server.ip().to_string(),
    }
}

/// The cause that a gateway makes of a code (RFC 3398 section 8.2.6.1).
#[must_use]
pub fn gateways_cause(code: u16) -> Option<u16> {
    Some(match code {
        404 | 485 | 604 => 1,
        486 | 600 => 17,
        480 => 18,
        401 | 402 | 403 | 407 | 603 => 21,
        410 => 22,
        482 | 483 => 25,
        484 => 28,
        502 => 38,
        400 | 481 | 500 | 503 => 41,
        405 => 63,
        406 | 415 | 501 => 79,
        408 | 504 => 102,
        _ => return None,
    })
}

/// What a Q.850 cause says; nothing for those that leave it to the code.
fn kind_of_cause(cause: u16) -> Option<Kind> {
    Some(match cause {
        1..=5 | 22 | 23 | 28 => Kind::NumberNotFound,
        17 => Kind::Busy,
        18 | 19 => Kind::NoAnswer,
        20 => Kind::Unavailable,
        21 => Kind::Declined,
        26 => Kind::AnsweredElsewhere,
        34 | 42 | 44 | 47 => Kind::NoCircuit,
        6 | 25 | 27 | 29 | 38 | 41 | 50 | 63 | 66 | 69 | 79 | 81..=86 | 89..=101 | 111 => {
            Kind::Failure
        }
        55 | 57 | 87 => Kind::Forbidden,
        58 | 65 | 70 | 88 => Kind::Media,
        102 => Kind::Timeout,
        _ => return None,
    })
}

fn has_phrase(words: &[String], phrase: &[&str]) -> bool {
    words
        .windows(phrase.len())
        .any(|window| window.iter().zip(phrase).all(|(word, want)| word == want))
}

/// A Q.850 cause in words: its number, and the text that came with it or that the standard gives.
#[must_use]
pub fn cause_words(reason: &Reason, knowledge: &Knowledge) -> String {
    let number = reason
        .cause
        .map_or("?".to_owned(), |cause| cause.to_string());
    let location = match &reason.location {
        Some(location) => format!(", location {location}"),
        None => String::new(),
    };
    let standard = || {
        let cause = u8::try_from(reason.cause?).ok()?;
        knowledge.q850(cause).map(|known| known.name.as_str())
    };
    let said = Some(reason.text.as_str()).filter(|text| !text.is_empty());
    let text = said.or_else(standard).unwrap_or("not defined by Q.850");
    let text = format!(" ({text})");
    format!("Q.850 cause {number}{text}{location}")
}
