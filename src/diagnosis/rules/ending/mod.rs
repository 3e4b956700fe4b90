//! How answered calls ended: by a hang-up, by the platform, by a timer, or not at all.

mod ack;
mod at_once;
mod bye;
mod bye_refused;
pub(super) mod ended;
mod hung_leg;
mod hung_up;
mod ping;
mod platform;
mod session;
mod still_up;

use jiff::SignedDuration;

use super::Rule;
use crate::diagnosis::case::Case;
use crate::sip::{Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &ack::MISSING_ACK,
    &ping::PING_TIMEOUT,
    &session::SESSION_TIMER_EXPIRED,
    &platform::PLATFORM_ENDED_CALL,
    &bye::BYE_UNANSWERED,
    &bye_refused::BYE_REFUSED,
    &bye_refused::BYES_CROSSED,
    &hung_leg::HUNG_LEG,
    &hung_up::HUNG_UP,
    &still_up::CALL_STILL_UP,
    &at_once::ANSWERED_WITHOUT_RINGING,
];

/// What the Reason headers of a message say, in one sentence; empty where there are none.
fn reason_words(signal: &Signal) -> String {
    let said: Vec<String> = signal
        .message()
        .reasons()
        .into_iter()
        .map(|reason| {
            let cause = reason
                .cause
                .map_or(String::new(), |cause| format!(" cause {cause}"));
            let text = match reason.text.as_str() {
                "" => String::new(),
                text => format!(" ({text})"),
            };
            format!("{}{cause}{text}", reason.protocol)
        })
        .collect();
    if said.is_empty() {
        return String::new();
    }
    format!("The BYE gives as its reason {}.", said.join(", "))
}

/// The texts of the Reason headers, in lower case.
fn reason_text(signal: &Signal) -> String {
    let reasons = signal.message().reasons();
    let texts: Vec<String> = reasons.into_iter().map(|reason| reason.text).collect();
    texts.join(" ").to_lowercase()
}

/// How long the call was up until a message.
fn talk(case: &Case<'_>, end: &Signal) -> SignedDuration {
    case.answer().map_or(SignedDuration::ZERO, |answer| {
        end.at().duration_since(answer.at())
    })
}

/// What became of a request that somebody had to answer.
fn answer_words(request: &Transaction) -> String {
    match request.final_code() {
        Some(code) => format!("answered it {code}"),
        None => format!("did not answer it (sent {} times)", request.requests.len()),
    }
}
