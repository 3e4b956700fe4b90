//! What is written on an arrow: enough to know the message by, in several lengths. Reads one
//! message and what it answers; knows nothing of room.

use crate::render::clean;
use crate::sip::{Method, Signal, StartLine};

/// One letter a leg, in order; more legs than letters share none.
pub const LEGS: &str = "abcdefghijklmnopqrstuvwxyz";

/// The longest method or reason phrase that is worth its room.
const LONGEST_WORD: usize = 24;

/// The label of a message, the longest form first; never empty. `in_dialog` says whether the INVITE
/// that it is, or answers, stands in a dialog.
pub fn forms(signal: &Signal, in_dialog: bool) -> Vec<String> {
    let message = signal.message();
    let cause = message.q850().and_then(|reason| reason.cause);
    let cause = cause.map(|cause| format!(" cause {cause}"));
    let method = |method: &Method| match method {
        Method::Invite if in_dialog => "re-INVITE".to_owned(),
        other => clean::cut(&clean::columns(other.as_str()), LONGEST_WORD),
    };
    match message.start() {
        StartLine::Garbled => vec!["unreadable".to_owned()],
        StartLine::Request { method: asked, .. } => {
            let mut label = method(asked);
            if !message.credentials().is_empty() {
                label.push_str(" auth");
            }
            if *asked == Method::Ack && message.sdp().is_some() {
                label.push_str(" sdp");
            }
            vec![label + cause.as_deref().unwrap_or_default()]
        }
        StartLine::Response { code, .. } => {
            let answers = signal.method();
            let is_initial = answers == Some(&Method::Invite) && !in_dialog;
            let early_media = (101..200).contains(code) && message.sdp().is_some();
            let media = if early_media { " sdp" } else { "" };
            let plain = format!("{code}{}{media}", cause.as_deref().unwrap_or_default());
            // A 200 may answer anything; a 180 or 486 in a call speaks of its INVITE.
            let is_clear = is_initial && !(200..300).contains(code);
            let mut forms = Vec::new();
            match answers {
                Some(answers) if !is_clear => {
                    forms.push(format!("{plain} ({})", method(answers)));
                    forms.push(format!("{plain} {}", method(answers)));
                }
                _ => {
                    let phrase = clean::columns(message.reason_phrase());
                    let says_more = *code >= 300 && cause.is_none() && !phrase.is_empty();
                    if says_more && phrase.chars().count() <= LONGEST_WORD {
                        forms.push(format!("{plain} {phrase}"));
                    }
                    forms.push(plain);
                }
            }
            forms
        }
    }
}
