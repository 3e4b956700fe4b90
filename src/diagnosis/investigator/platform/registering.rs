//! Asking a platform about a device that does not register: its register log, the user, the addresses that
//! it may have. Judges nothing.

use futures_util::future::{FutureExt, join_all};

use super::beside::answered;
use super::owner::covering;
use crate::call::{CallQuery, Phase, Term};
use crate::platform::{CallRecord, RegisterEntry, Registering, Words};
use crate::sources::{ConnexCs, Lookup};

/// A list of so many users may have been cut: who is not in it may be there all the same.
const MOST_USERS: usize = 1000;

/// What a query says of a device that registers; nothing where it is about something else.
pub(super) fn asked(query: &CallQuery) -> Option<Registering> {
    let is_about = query
        .symptoms
        .iter()
        .any(|it| it.phase() == Phase::Registration);
    let user = query.terms.iter().find_map(Term::user).map(str::to_owned);
    let device = query.terms.iter().find_map(|term| match term {
        Term::Address { ip, .. } => Some(*ip),
        _ => None,
    });
    (is_about && (user.is_some() || device.is_some())).then(|| Registering {
        user,
        device,
        ..Registering::default()
    })
}

/// The same with what the platform tells; and a sentence for each list that could not be asked for.
pub(super) async fn look(platform: &ConnexCs, asked: Registering) -> (Registering, Vec<String>) {
    let mut about = asked;
    let mut unavailable = Vec::new();
    let log = register_log(platform, &about).await;
    if about.device.is_none() {
        // Where its newest attempt came from, the device is.
        let newest = log.as_ref().ok().and_then(|log| log.first());
        about.device = newest.and_then(|entry| entry.from);
    }
    let (users, entries, firewall, registered) = tokio::join!(
        platform.sip_users(),
        covering(platform, about.device),
        async {
            let device = about
                .device
                .filter(|_| platform.endpoints().firewall.is_some());
            match device {
                Some(ip) => answered(platform.firewall(&ip.to_string()).await),
                None => Lookup::Empty,
            }
        },
        async {
            let is_configured = platform.endpoints().registrations.is_some();
            match about.user.as_deref().filter(|_| is_configured) {
                Some(user) => answered(platform.registrations(user).await),
                None => Lookup::Empty,
            }
        },
    );
    let mut have = |what: &str, lookup: Lookup<Words>| match lookup {
        Lookup::Found(words) => Some(words),
        Lookup::Empty => None,
        Lookup::Unavailable(why) => {
            unavailable.push(format!("{what}: {why}"));
            None
        }
    };
    about.firewall = have("firewall", firewall);
    about.registered = have("registrations", registered);
    match log {
        Ok(log) => about.log = Some(log),
        Err(why) => unavailable.push(format!("register log: {why}")),
    }
    match users {
        Lookup::Found(answer) => {
            let wanted = about.user.as_deref();
            let is_it = |name: &str| wanted.is_some_and(|it| it.eq_ignore_ascii_case(name));
            let is_whole = answer.rows.len() < MOST_USERS;
            about.account = answer.rows.into_iter().find(|it| is_it(&it.name));
            let is_known = about.account.is_some();
            about.is_user_known = wanted.filter(|_| is_known || is_whole).map(|_| is_known);
        }
        // An account without any user is not one that lacks this one: the list may be out of reach.
        Lookup::Empty => {}
        Lookup::Unavailable(why) => unavailable.push(format!("SIP users: {why}")),
    }
    match entries {
        Lookup::Found(entries) => about.entries = Some(entries),
        Lookup::Empty => about.entries = about.device.map(|_| Vec::new()),
        Lookup::Unavailable(why) => unavailable.push(format!("address entries: {why}")),
    }
    (about, unavailable)
}

/// What the register log has of the user and of the device, the newest first. One that could not be asked
/// for either is not known.
async fn register_log(
    platform: &ConnexCs,
    about: &Registering,
) -> Result<Vec<RegisterEntry>, String> {
    let device = about.device.map(|ip| ip.to_string());
    let searches: Vec<&str> = [about.user.as_deref(), device.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let found = join_all(searches.iter().map(|it| platform.register_log(it).boxed())).await;
    let mut log: Vec<RegisterEntry> = Vec::new();
    for lookup in found {
        match lookup {
            Lookup::Found(answer) => {
                let of_user = |entry: &RegisterEntry| is_of(entry, about);
                for entry in answer.rows.iter().map(entry).filter(of_user) {
                    if !log.contains(&entry) {
                        log.push(entry);
                    }
                }
            }
            Lookup::Empty => {}
            Lookup::Unavailable(why) => return Err(why),
        }
    }
    log.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    Ok(log)
}

/// Whether an entry may be of the user that is asked about: behind an address there are others too.
fn is_of(entry: &RegisterEntry, about: &Registering) -> bool {
    match (&entry.user, &about.user) {
        (Some(user), Some(wanted)) => user.eq_ignore_ascii_case(wanted),
        _ => true,
    }
}

/// The shape of these rows is not documented: they are read as those of the call log, and user and address
/// where the panel's words for them stand.
pub fn entry(row: &CallRecord) -> RegisterEntry {
    let shown = |key: &str| row.raw.get(key)?.as_str();
    let named = row.auth_user.as_deref().or(row.from.as_deref());
    RegisterEntry {
        call_id: row.call_id.clone(),
        user: named.or_else(|| shown("username")).map(str::to_owned),
        from: row.source_ip.or_else(|| shown("ip")?.parse().ok()),
        at: row.started,
        code: row.code,
    }
}
