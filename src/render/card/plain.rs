//! Why, and what to do, in the words of somebody who knows no protocol. Names no one but "you" and "we", and guesses
//! nothing that the verdict does not say.

use crate::diagnosis::{Diagnosis, Logged, rules};

/// What a customer is told who has to act.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// Why, as one sentence; empty where nothing can be said so.
    pub(super) why: &'static str,
    /// What to do.
    pub(super) next: &'static str,
}

const fn plain(why: &'static str, next: &'static str) -> Plain {
    Plain { why, next }
}

const NUMBER: Plain = plain(
    "The number, as it was dialled, does not exist or is not complete.",
    "Please check the number, with its country and area code.",
);
const OWN_NUMBER: Plain = plain(
    "Your phone system does not know the number that was called.",
    "Please have the numbers that are set up in your phone system checked.",
);
const LOGIN: Plain = plain(
    "Your phone system is not logged in with us as it should be.",
    "Please have its user name and password checked, and that it is logged in. We can set a new password with you.",
);
const NEVER_CAME: Plain = plain(
    "We have seen no attempt of this device to log in.",
    "Please have the name, port and transport of the server checked that the device logs in to, and your firewall.",
);
const MOVED: Plain = plain(
    "Your device logged in from another address before.",
    "Please let the device log in again; if it is lost again, tell us which internet line it is behind.",
);
const CREDENTIALS: Plain = plain(
    "We could not tell from the call that it was yours.",
    "Please have the user name and password in your phone system checked.",
);
const UNREACHED: Plain = plain(
    "Your phone system could not be reached, or did not answer.",
    "Please have it checked that your phone system is logged in, and that your firewall lets our calls in.",
);
const SOUND: Plain = plain(
    "The sound did not get through between your side and ours.",
    "Please have the sound settings of your phone system and your firewall checked by whoever looks after them.",
);
const KEYS: Plain = plain(
    "The keys that were pressed did not get through: your phone system does not send them as we read them.",
    "Please have your phone system send key presses as \"telephone-event\".",
);
const SILENT: Plain = plain(
    "Your phone system could not be reached during the call, or did not answer.",
    "Please have your phone system, your network and your firewall checked by whoever looks after them.",
);
const OTHER: Plain = plain(
    "",
    "Please show this to whoever looks after your phone system; we help with what we saw of the call.",
);

/// What a customer is told of this call. A rule's own words are for who reads traces and sets up routes.
pub(super) fn of(call: &Diagnosis) -> Plain {
    let log = call.logged.as_ref();
    let code = call.facts.first().and_then(|it| it.final_code);
    let code = code.or(log.and_then(|it| it.code));
    let comes_in = log.is_some_and(|it| it.comes_in);
    let rule = call.verdict.rule.as_str();
    match (rule, code) {
        ("number-not-found" | "carriers-failed-in-log", Some(404 | 410 | 484 | 604))
            if !comes_in =>
        {
            NUMBER
        }
        (_, Some(404 | 410 | 484)) if comes_in => OWN_NUMBER,
        ("number-not-found", _) => NUMBER,
        ("registration-not-logged", _) => NEVER_CAME,
        ("registration-lost", _) => MOVED,
        ("challenge-in-log", _) | ("refused-in-log", Some(401 | 407)) => CREDENTIALS,
        ("refused-in-log", _) if names_user(log) => CREDENTIALS,
        ("no-response", _) | ("refused-by-platform" | "inbound-delivery", Some(408 | 480)) => {
            UNREACHED
        }
        ("digits-not-agreed", _) => KEYS,
        ("released-in-log", _) => SILENT,
        _ => match rules::find(rule).map_or("", |it| it.family) {
            "authentication" | "registration" => LOGIN,
            "media" => SOUND,
            "ending" | "dialog" | "network" => SILENT,
            _ => OTHER,
        },
    }
}

/// Whether the platform's words are of a user that it does not know.
fn names_user(log: Option<&Logged>) -> bool {
    let reason = log.and_then(|it| it.reason.as_deref());
    reason.is_some_and(|it| it.to_lowercase().contains("user"))
}

/// Whether a rule finds that the account does not allow the call: its credit, its limits, a block.
pub(super) fn is_of_account(rule: &str) -> bool {
    matches!(rule, "customer-cannot-dial" | "balance-ran-out")
}
