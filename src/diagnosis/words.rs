//! Words for people that the facts of several rules are put together from. They say nothing of
//! their own.

use crate::sip::Signal;

/// `once`, `twice`, `3 times`.
pub fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

/// `A`, `A and B`, `A, B and C`.
pub fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

/// The code and the reason phrase, as `403 "Forbidden"`.
pub fn code_and_phrase(answer: &Signal) -> String {
    let code = answer.message().code().unwrap_or(0);
    match answer.message().reason_phrase() {
        "" => code.to_string(),
        phrase => format!("{code} \"{phrase}\""),
    }
}
