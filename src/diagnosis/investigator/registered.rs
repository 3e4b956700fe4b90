//! Which registrations concern a call: those of its users, near it in time.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::{FutureExt, join_all};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::gathered::Gathered;
use super::platform::entry;
use super::steps::millis;
use crate::call::{CallQuery, Term, Window};
use crate::diagnosis::rules::registered_until;
use crate::peers::Peers;
use crate::platform::CallRecord;
use crate::sip::{Call, Granted, Kind, Method, Signal};
use crate::sources::{Known, Lookup, Source, say_once};

/// A registration concerns a call of the same user for so long (design, section 2).
const REGISTRATION_CONCERNS: SignedDuration = SignedDuration::from_mins(10);

/// What a registration was granted is of interest to a call for longer: registrars mostly grant an hour
/// (RFC 3261 section 10.2.1.1).
const GRANT_CONCERNS: SignedDuration = SignedDuration::from_hours(2);

/// More users and addresses of one query are not asked for.
const MOST_SEARCHES: usize = 8;

/// More time than this is not asked for at once.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(6);

/// A registration, as far as it may concern a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registered {
    /// The user that was registered.
    pub user: String,
    /// Where the device was, where that was told.
    #[serde(default)]
    pub from: Option<IpAddr>,
    /// When its first message was seen.
    pub at: Timestamp,
    /// When its last one was.
    pub until: Timestamp,
    /// The last answer.
    pub code: Option<u16>,
    /// Until when the last one that was accepted holds, where that was said.
    #[serde(default)]
    pub granted_until: Option<Timestamp>,
}

impl Registered {
    /// What a call is as a registration; nothing where it is none.
    pub fn of(call: &Call) -> Option<Registered> {
        let leg = call
            .first_leg()
            .filter(|_| call.kind() == Kind::Registration)?;
        Some(Registered {
            user: leg.facts.to.clone(),
            from: call.signals.iter().find_map(device),
            at: call.started()?,
            until: call.ended()?,
            code: leg.facts.final_code,
            granted_until: registered_until(call),
        })
    }

    /// What an entry of a platform's register log is.
    fn of_row(row: &CallRecord, asked: &str) -> Option<Registered> {
        let entry = entry(row);
        Some(Registered {
            user: entry.user.unwrap_or_else(|| asked.to_owned()),
            from: entry.from,
            at: entry.at?,
            until: row.ended.or(entry.at)?,
            code: entry.code,
            granted_until: None,
        })
    }

    /// Whether any of it was seen so near a call that it concerns it.
    pub fn is_near(&self, call: &Call) -> bool {
        let near = around(call, REGISTRATION_CONCERNS);
        near.is_some_and(|near| self.at <= near.to && self.until >= near.from)
    }

    /// Whether it was not accepted.
    pub fn failed(&self) -> bool {
        !matches!(self.code, Some(200..=299))
    }
}

/// The registrations near some calls, and what became of asking for them.
#[derive(Debug, Default)]
pub(super) struct RegisterLook {
    /// Those that concern the calls.
    pub registrations: Vec<Registered>,
    /// Earlier ones, of which only matters what they were granted.
    pub earlier: Vec<Registered>,
    /// How many users or addresses were asked for.
    pub searched: usize,
    /// Why a platform's register log could not be asked, with what to do by hand.
    pub unavailable: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl RegisterLook {
    /// What they were granted, where that was said.
    pub fn granted(&self) -> Vec<Granted> {
        let all = self.earlier.iter().chain(&self.registrations);
        let each = all.filter_map(|it| {
            Some(Granted {
                user: it.user.clone(),
                at: it.at,
                until: it.granted_until?,
            })
        });
        each.collect()
    }

    /// What is left of a look that was cancelled.
    pub fn cancelled() -> RegisterLook {
        RegisterLook {
            unavailable: vec!["could not be checked: cancelled".to_owned()],
            ..RegisterLook::default()
        }
    }

    /// Asks captures and platforms, side by side, for the registrations of the users of these calls,
    /// near them in time. A platform that told nothing because it does not answer in time is not waited for once more:
    /// `silent` are those that told nothing, with why.
    pub async fn at(
        sources: &[Source],
        query: &CallQuery,
        found: &[Known],
        silent: &[(String, String)],
    ) -> RegisterLook {
        let began = Instant::now();
        let searches = searches(query, found);
        let (of_captures, mut look) = tokio::join!(
            in_captures(sources, found),
            in_register_logs(sources, &searches, found, silent),
        );
        look.searched = searches.len();
        let (near, earlier): (Vec<_>, Vec<_>) = of_captures
            .into_iter()
            .partition(|one| found.iter().any(|known| one.is_near(&known.call)));
        look.registrations.extend(near);
        look.earlier = earlier;
        // Behind an address there are other devices too.
        let user = query.terms.iter().find_map(Term::user);
        if let Some(user) = user.filter(|_| query.is_about_registration()) {
            let is_theirs = |it: &Registered| it.user.eq_ignore_ascii_case(user);
            look.registrations.retain(is_theirs);
            look.earlier.retain(is_theirs);
        }
        let device = query.terms.iter().find_map(|term| match term {
            Term::Address { ip, .. } => Some(*ip),
            _ => None,
        });
        if let Some(device) = device.filter(|_| user.is_some() && query.is_about_registration()) {
            let is_its = |it: &Registered| it.from.is_none_or(|from| from == device);
            look.registrations.retain(is_its);
        }
        look.took_ms = millis(began);
        look
    }
}

/// Whom a message of a registration shows as the device.
fn device((_, signal): &(usize, Arc<Signal>)) -> Option<IpAddr> {
    let is_request = signal.is_request(&Method::Register);
    is_request.then(|| signal.source().ip())
}

/// What a register log is asked for: the users of the calls, or what the query names.
fn searches(query: &CallQuery, found: &[Known]) -> Vec<String> {
    let of_terms = query.terms.iter().filter_map(|term| match term {
        Term::SipUser(user) => Some(user.clone()),
        Term::Address { ip, .. } => Some(ip.to_string()),
        Term::CallId(id) if found.is_empty() => Some(id.clone()),
        // People name devices by their number too.
        Term::Number(number) if found.is_empty() => Some(number.digits.clone()),
        _ => None,
    });
    let of_rows = found.iter().filter_map(|known| {
        let row = known.records.as_ref()?.row.as_ref()?;
        row.auth_user
            .clone()
            .or(row.source_ip.map(|ip| ip.to_string()))
    });
    let of_calls = found.iter().flat_map(|known| users(&known.call));
    let mut all: Vec<String> = of_terms.chain(of_rows).chain(of_calls).collect();
    all.retain(|it| !it.is_empty());
    let mut seen = HashSet::new();
    all.retain(|it| seen.insert(it.clone()));
    all.truncate(MOST_SEARCHES);
    all
}

/// Asks the register log of each platform.
async fn in_register_logs(
    sources: &[Source],
    searches: &[String],
    found: &[Known],
    silent: &[(String, String)],
) -> RegisterLook {
    let mut look = RegisterLook::default();
    for platform in sources.iter().filter_map(Source::platform) {
        if platform.endpoints().register_log.is_none() {
            let by_hand = match searches.first() {
                Some(search) => format!(" for {search}"),
                None => String::new(),
            };
            look.unavailable.push(format!(
                "could not be checked: no endpoint configured; look at Register Logging in the \
                 platform's panel{by_hand}"
            ));
            continue;
        }
        let told_nothing = silent.iter().find(|(name, _)| name == platform.name());
        if let Some((_, why)) = told_nothing.filter(|_| platform.health().is_too_slow()) {
            say_once(&mut look.unavailable, [why.clone()]);
            continue;
        }
        let asked = join_all(searches.iter().map(|it| platform.register_log(it).boxed())).await;
        for (search, lookup) in searches.iter().zip(asked) {
            match lookup {
                Lookup::Found(answer) => {
                    let rows = answer.rows.iter();
                    let entries = rows.filter_map(|row| Registered::of_row(row, search));
                    let concerns = |it: &Registered| {
                        found.is_empty() || found.iter().any(|known| is_near(known, it.at))
                    };
                    look.registrations.extend(entries.filter(concerns));
                }
                Lookup::Empty => {}
                Lookup::Unavailable(why) => {
                    say_once(&mut look.unavailable, [why]);
                }
            }
        }
    }
    look
}

fn is_near(known: &Known, at: Timestamp) -> bool {
    known
        .started()
        .is_none_or(|started| started.duration_since(at).abs() <= REGISTRATION_CONCERNS)
}

/// The registrations in captures of the users of these calls, near them in time or not long before.
async fn in_captures(sources: &[Source], found: &[Known]) -> Vec<Registered> {
    let calls = found.iter().map(|known| &known.call);
    let near: Vec<Near> = calls
        .filter(|call| call.kind() == Kind::Call)
        .filter_map(Near::to)
        .collect();
    let mut gathered = Gathered::default();
    for asked in together(&near) {
        let users: Vec<String> = asked.users.into_iter().collect();
        gathered.registrations(sources, &users, asked.window).await;
    }
    let mut seen = HashSet::new();
    gathered
        .evidence
        .packets
        .retain(|it| seen.insert((it.at, it.source, it.destination, it.bytes.clone())));
    // Without the neighbours that were fetched for joining.
    let all = gathered.matched_calls(&CallQuery::default(), &Peers::default());
    all.iter()
        .filter_map(|known| Registered::of(&known.call))
        .filter(|one| near.iter().any(|near| near.concerns(one)))
        .collect()
}

/// Where registrations that concern a call are to be found.
#[derive(Debug, Clone)]
struct Near {
    window: Window,
    users: BTreeSet<String>,
}

impl Near {
    /// Near one call; nothing where it names no user.
    fn to(call: &Call) -> Option<Near> {
        let users: BTreeSet<String> = users(call).into_iter().collect();
        let window = around(call, GRANT_CONCERNS).filter(|_| !users.is_empty())?;
        Some(Near { window, users })
    }

    fn concerns(&self, one: &Registered) -> bool {
        let in_time = one.at <= self.window.to && one.until >= self.window.from;
        in_time && self.users.contains(&one.user)
    }
}

/// Calls that follow close on one another are asked for together: their users' messages would be
/// fetched again for each of them.
fn together(near: &[Near]) -> Vec<Near> {
    let mut asked: Vec<Near> = Vec::new();
    for one in near {
        match asked.last_mut() {
            Some(last) if joined(last.window, one.window).is_some_and(|it| it <= LONGEST_ASKED) => {
                let (from, to) = (last.window.from, last.window.to);
                last.window = Window::new(from.min(one.window.from), to.max(one.window.to));
                last.users.extend(one.users.iter().cloned());
            }
            _ => asked.push(one.clone()),
        }
    }
    asked
}

/// How long two windows that touch are together.
fn joined(one: Window, two: Window) -> Option<SignedDuration> {
    let touch = one.from <= two.to && two.from <= one.to;
    touch.then(|| one.to.max(two.to).duration_since(one.from.min(two.from)))
}

/// All registrations of a set of captures, by user.
#[derive(Debug, Default)]
pub(super) struct Registrations(HashMap<String, Vec<Registered>>);

impl Registrations {
    pub fn add(&mut self, one: Registered) {
        self.0.entry(one.user.clone()).or_default().push(one);
    }

    /// Those of a call's users near it in time or not long before, in order.
    pub fn concerning(&self, call: &Call) -> RegisterLook {
        let window = around(call, GRANT_CONCERNS).filter(|_| !self.0.is_empty());
        let Some(window) = window else {
            return RegisterLook::default();
        };
        let of_users = users(call).into_iter().filter_map(|it| self.0.get(&it));
        let mut found: Vec<Registered> = of_users
            .flatten()
            .filter(|it| it.at <= window.to && it.until >= window.from)
            .cloned()
            .collect();
        found.sort_by(|a, b| (a.at, &a.user).cmp(&(b.at, &b.user)));
        let (registrations, earlier) = found.into_iter().partition(|one| one.is_near(call));
        RegisterLook {
            registrations,
            earlier,
            ..RegisterLook::default()
        }
    }
}

/// The users whose registration may matter to a call: as they call themselves, as they are
/// called, and as they authenticate.
fn users(call: &Call) -> Vec<String> {
    let mut users: Vec<String> = Vec::new();
    for hop in &call.hops {
        let Some(invite) = hop.decisive().and_then(|invite| invite.request()) else {
            continue;
        };
        users.extend(
            invite
                .message()
                .credentials()
                .into_iter()
                .map(|c| c.username),
        );
        users.push(invite.message().from_user());
        users.push(invite.message().to_user());
    }
    users.retain(|user| !user.is_empty());
    users.sort();
    users.dedup();
    users
}

/// From so long before the beginning of a call on, until a registration after it concerns it no more.
fn around(call: &Call, before: SignedDuration) -> Option<Window> {
    let at = call.started()?;
    let from = at.checked_sub(before).ok()?;
    Some(Window::new(
        from,
        at.checked_add(REGISTRATION_CONCERNS).ok()?,
    ))
}
