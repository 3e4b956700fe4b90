//! Our clock against that of a chat platform: what it sends is taken within some minutes only. Asks nobody.

use jiff::{SignedDuration, Timestamp};

use super::{Check, State};

/// From here on a clock that goes wrong soon costs requests.
const APART: SignedDuration = SignedDuration::from_secs(60);

/// What a platform signs is refused when it is older:
/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>; for Discord's requests it is ours to say.
const WINDOW: SignedDuration = SignedDuration::from_secs(300);

/// How our clock is at `now`, where the platform of this name said that it is `date`, as HTTP writes it. `by_http` is
/// whether its requests come to us, signed.
pub(super) fn clock(
    chat: &str,
    name: &str,
    date: Option<&str>,
    by_http: bool,
    now: Timestamp,
) -> Check {
    const WHAT: &str = "clock";
    let there = date.and_then(|it| httpdate::parse_http_date(it).ok());
    let Some(there) = there.and_then(|it| Timestamp::try_from(it).ok()) else {
        let said = format!("{name} did not say what time it is there");
        return Check::new(chat, WHAT, State::NotChecked, said);
    };
    let ahead = now.duration_since(there);
    let apart = ahead.abs();
    if apart <= APART {
        let said = format!("ours and {name}'s are no more than a minute apart");
        return Check::new(chat, WHAT, State::Works, said);
    }
    let side = if ahead.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let state = match by_http && apart > WINDOW {
        true => State::Fails,
        false => State::Warns,
    };
    let said = format!(
        "ours is {} s {side} {name}'s: set this machine's clock (NTP), since signatures of {name}'s requests are taken \
         within 5 minutes only",
        apart.as_secs()
    );
    Check::new(chat, WHAT, state, said)
}
