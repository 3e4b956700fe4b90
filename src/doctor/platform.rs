//! One account on a platform: its credential, its clock against ours, every path that the flow asks.
//! Where nothing answers or we are refused, the paths are not tried one by one.

use jiff::{SignedDuration, Timestamp};

use super::{Check, State};
use crate::sources::api::Blame;
use crate::sources::connexcs::{Probe, Probed, RENEWED_WITHIN, Renewal, whole_days};
use crate::sources::{ConnexCs, Lookup};

/// More than this between two clocks, and the times of captures and platform do not fit together.
const MOST_APART: SignedDuration = SignedDuration::from_secs(60);

/// Looks at one platform.
pub async fn platform(platform: &ConnexCs, now: Timestamp) -> Vec<Check> {
    let name = platform.name();
    platform.credentials().leave();
    let mut checks = Vec::new();
    let account = platform.probe(&Probe::account()).await;
    let is_dead = matches!(
        account.blame,
        Some(Blame::Credential | Blame::Platform | Blame::Rate | Blame::Queue)
    );
    checks.push(credential(platform, &account, now).await);
    for probe in Probe::documented(now) {
        checks.push(if is_dead {
            untried(name, &probe)
        } else {
            told(name, &probe, platform.probe(&probe).await)
        });
    }
    for (key, template) in undocumented(platform) {
        let check = match template {
            None => Check::new(
                name,
                key,
                State::NotChecked,
                format!(
                    "no path is configured (sources.endpoints.{key}): what it would tell is not \
                     checked"
                ),
            ),
            Some(_) if key == "simulate" => Check::new(
                name,
                key,
                State::NotChecked,
                "a path is configured, and not tried: it would leave an entry in the log",
            ),
            Some(template) => {
                let probe = Probe::configured(template);
                if is_dead {
                    untried(name, &probe)
                } else {
                    told(name, &probe, platform.probe(&probe).await)
                }
            }
        };
        checks.push(check);
    }
    checks.insert(1, clock(platform));
    checks
}

fn untried(name: &str, probe: &Probe) -> Check {
    let why = "not tried, since setup/account did not answer as it should";
    Check::new(name, probe.path(), State::NotChecked, why)
}

fn told(name: &str, probe: &Probe, probed: Probed) -> Check {
    let (state, said) = match probed.outcome {
        Ok(shape) => (State::Works, format!("answers with {shape}")),
        Err(why) => (State::Fails, why),
    };
    Check::new(name, probe.path(), state, said).within(probed.took)
}

/// The credential, by the question for its account.
async fn credential(platform: &ConnexCs, account: &Probed, now: Timestamp) -> Check {
    let (state, said) = match &account.outcome {
        Err(why) => (State::Fails, why.clone()),
        Ok(_) => {
            // Answered a moment ago, so that nothing is sent.
            let whose = match platform.account().await {
                Lookup::Found(account) => format!(" for the account of {}", account.name),
                _ => String::new(),
            };
            let credentials = platform.credentials();
            let ending = ending(credentials.expires(), credentials.renewal(), now);
            (State::Works, format!("taken{whose}{ending}"))
        }
    };
    Check::new(platform.name(), "credential", state, said).within(account.took)
}

/// When a credential ends, and what is to be done before.
fn ending(ends: Option<Timestamp>, renewal: Renewal, now: Timestamp) -> String {
    let Some(ends) = ends else {
        return "; it does not say when it ends".to_owned();
    };
    let day = ends.strftime("%F %H:%M UTC");
    if ends <= now {
        return format!(
            "; it says that it ended on {day}: put a new one into the configuration, or set the clock of \
             this machine"
        );
    }
    let days = whole_days(now, ends);
    let left = match days {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    };
    let todo = match renewal {
        _ if days >= RENEWED_WITHIN => "",
        Renewal::ByHand => {
            ": make a new one (Setup > Integrations > JWT Keys) and put it into the configuration before"
        }
        Renewal::OnlyFromFile => {
            ": it is renewed by itself only from a file (refresh_token = { file = \"...\" }); put it there, \
             or a new one into the configuration before"
        }
        Renewal::ByItself => ": it is renewed in its file when the platform is next asked",
    };
    format!("; it ends on {day}, {left}{todo}")
}

/// Our clock against the platform's, as its last good answer has it.
fn clock(platform: &ConnexCs) -> Check {
    let check = |state, said: String| Check::new(platform.name(), "clock", state, said);
    let Some(ahead) = platform.health().ahead else {
        let said = "no good answer said what time it is there".to_owned();
        return check(State::NotChecked, said);
    };
    let apart = ahead.abs();
    if apart <= MOST_APART {
        let said = "ours and the platform's are no more than a minute apart".to_owned();
        return check(State::Works, said);
    }
    let side = if ahead.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    check(
        State::Fails,
        format!(
            "ours is {} s {side} the platform's: set this machine's clock (NTP), or captures and \
             traces do not fit together",
            apart.as_secs()
        ),
    )
}

/// The paths that the platform does not document, by their keys.
fn undocumented(platform: &ConnexCs) -> [(&'static str, Option<&str>); 6] {
    let paths = platform.endpoints();
    [
        ("register_log", paths.register_log.as_deref()),
        ("firewall", paths.firewall.as_deref()),
        ("registrations", paths.registrations.as_deref()),
        ("did", paths.did.as_deref()),
        ("dialogs", paths.dialogs.as_deref()),
        ("simulate", paths.simulate.as_deref()),
    ]
}
