//! One clear sentence for what failing calls share: how many of how many, and how many good ones.
//! Counts nothing itself and never says why.

use super::shared::Shared;
use super::traits::Aspect;

/// The sentence, given how many failing and good calls there are in all.
pub(super) fn of(shared: &Shared, failing: usize, good: usize) -> String {
    let (did, words) = words(shared.aspect, &shared.value);
    let text = format!(
        "{} {did} {words}{}{}.",
        those(shared, failing),
        if shared.aspect.is_outcome() {
            String::new()
        } else {
            against(shared, good, did)
        },
        if shared.may_be_chance && !shared.aspect.is_outcome() && shared.good_known > 0 {
            "; so few calls may agree by chance"
        } else {
            ""
        },
    );
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Which failing calls: "all 12 failing calls", "9 of 12 failing calls".
fn those(shared: &Shared, failing: usize) -> String {
    let known = if shared.failing_known < failing {
        format!(" (it is not known of {})", failing - shared.failing_known)
    } else {
        String::new()
    };
    let which = if shared.failing < failing {
        format!("{} of {failing} failing calls", shared.failing)
    } else if failing == 2 {
        "both failing calls".to_owned()
    } else {
        format!("all {failing} failing calls")
    };
    which + &known
}

/// What good calls did: "; none of the 40 good ones did".
fn against(shared: &Shared, good: usize, did: &str) -> String {
    let again = if did == "were" { "were" } else { "did" };
    let known = match (good, shared.good_known) {
        (0, _) => return "; there is no good call to compare with".to_owned(),
        (_, 0) => return "; of the good ones it is not known".to_owned(),
        (good, known) if known < good => format!("{known} good ones of which it is known"),
        (1, _) => "only good one".to_owned(),
        (good, _) => format!("{good} good ones"),
    };
    match (shared.good, shared.good_known) {
        (0, 1) if good == 1 && again == "were" => format!("; the {known} was not"),
        (0, 1) if good == 1 => format!("; the {known} did not"),
        (0, _) => format!("; none of the {known} {again}"),
        (some, _) => format!("; {some} of the {known} {again} too"),
    }
}

/// The verb, and what follows it.
fn words(aspect: Aspect, value: &str) -> (&'static str, String) {
    match aspect {
        Aspect::Carrier => ("went", format!("through {value}")),
        Aspect::Customer => ("were", format!("calls of {value}")),
        Aspect::Called => ("were", format!("to {value}")),
        Aspect::Prefix => ("were", format!("to numbers that begin with {value}")),
        Aspect::Destination => ("were", format!("to {value}")),
        Aspect::Server => ("went", format!("through the platform's server {value}")),
        Aspect::Direction => ("were", value.to_owned()),
        Aspect::Caller => ("were", format!("from {value}")),
        Aspect::UserAgent => ("came", format!("from a device that calls itself {value}")),
        Aspect::Codec => ("offered", value.to_owned()),
        Aspect::Transport => ("came", format!("over {value}")),
        Aspect::Hour => ("began", format!("in the hour from {value}")),
        Aspect::Code => ("ended", format!("with {value}")),
        Aspect::Cause => ("bore", format!("Q.850 cause {value}")),
        Aspect::Rule => ("were", format!("judged {value}")),
        Aspect::Party => ("were", format!("put down to: {value}")),
    }
}
