//! Whose call a row is of: by the row itself, by the user that it authenticated as, by the address that it came
//! from. Judges nothing.

use std::net::IpAddr;

use super::Asking;
use super::allowed::Allowed;
use crate::platform::{CallRecord, Customer, Id, IpEntry};
use crate::sources::{Answer, ConnexCs, Lookup};

/// Whose call it is.
#[derive(Debug, Default)]
pub struct Owner {
    pub customer: Option<Customer>,
    /// The entries that cover the source; nothing where they could not be asked for.
    pub entries: Option<Vec<IpEntry>>,
    /// What its settings have for the call.
    pub allowed: Allowed,
    pub unavailable: Vec<(&'static str, String)>,
}

impl Owner {
    /// `asks_settings`: whether what its customer's settings have for it is asked for too.
    pub async fn of(asking: Asking<'_>, row: &CallRecord, asks_settings: bool) -> Owner {
        let platform = asking.platform;
        let mut owner = Owner::default();
        let (entries, by_user) = tokio::join!(
            covering(platform, row.source_ip),
            customer_of_user(platform, row),
        );
        match entries {
            Lookup::Found(entries) => owner.entries = Some(entries),
            Lookup::Empty => owner.entries = Some(Vec::new()),
            Lookup::Unavailable(why) => owner.unavailable.push(("address entries", why)),
        }
        let by_user = match by_user {
            Lookup::Found(id) => Some(id),
            Lookup::Empty => None,
            Lookup::Unavailable(why) => {
                owner.unavailable.push(("SIP users", why));
                None
            }
        };
        let by_address = || {
            let entries = owner.entries.as_deref().unwrap_or_default();
            let mut ids: Vec<Id> = entries.iter().filter_map(|it| it.customer_id).collect();
            ids.sort_unstable();
            ids.dedup();
            // Where customers share the address, it does not say which of them called.
            match ids.as_slice() {
                [one] => Some(*one),
                _ => None,
            }
        };
        let id = row.customer_id.or(by_user).or_else(by_address);
        let customer = async {
            match id {
                Some(id) => platform.customer(id).await,
                None => Lookup::Empty,
            }
        };
        let allowed = async {
            if asks_settings {
                Allowed::of(asking, row, id).await
            } else {
                Allowed::default()
            }
        };
        let (customer, allowed) = tokio::join!(customer, allowed);
        match customer {
            Lookup::Found(customer) => owner.customer = Some(customer),
            Lookup::Empty => {}
            Lookup::Unavailable(why) => owner.unavailable.push(("customer", why)),
        }
        owner.allowed = allowed;
        owner
    }
}

/// The entries that cover an address: those for it alone, else blocks that hold it.
pub async fn covering(platform: &ConnexCs, ip: Option<IpAddr>) -> Lookup<Vec<IpEntry>> {
    let Some(ip) = ip else { return Lookup::Empty };
    let only = |answer: Answer<IpEntry>| {
        let covers = |entry: &IpEntry| entry.covers(ip) == Some(true);
        let entries: Vec<IpEntry> = answer.rows.into_iter().filter(covers).collect();
        if entries.is_empty() {
            Lookup::Empty
        } else {
            Lookup::Found(entries)
        }
    };
    match platform.ip_entries_of(ip).await {
        Lookup::Found(answer) => {
            let found = only(answer);
            if found != Lookup::Empty {
                return found;
            }
        }
        Lookup::Empty => {}
        // The same path for all entries would fail the same way, and take as long.
        Lookup::Unavailable(why) => return Lookup::Unavailable(why),
    }
    match platform.ip_entries().await {
        Lookup::Found(answer) => only(answer),
        Lookup::Empty => Lookup::Empty,
        Lookup::Unavailable(why) => Lookup::Unavailable(why),
    }
}

/// Whose user a call authenticated as. Not asked where the row names the customer.
async fn customer_of_user(platform: &ConnexCs, row: &CallRecord) -> Lookup<Id> {
    let user = row.auth_user.as_deref().filter(|user| !user.is_empty());
    let (Some(user), None) = (user, row.customer_id) else {
        return Lookup::Empty;
    };
    match platform.sip_users().await {
        Lookup::Found(answer) => {
            let is_it = |it: &&crate::platform::SipUser| it.name.eq_ignore_ascii_case(user);
            let found = answer.rows.iter().find(is_it);
            found
                .and_then(|it| it.customer_id)
                .map_or(Lookup::Empty, Lookup::Found)
        }
        Lookup::Empty => Lookup::Empty,
        Lookup::Unavailable(why) => Lookup::Unavailable(why),
    }
}
