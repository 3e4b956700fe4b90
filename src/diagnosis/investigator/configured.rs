//! Whom a platform has an address configured for, where no row of its log says whose a call was. What was configured is
//! no proof of a call, and is told as what it is.

use std::net::IpAddr;

use super::Investigator;
use super::platform::covering;
use crate::peers::Peers;
use crate::sources::{ConnexCs, Known, Lookup, say_once};

/// Of more calls than this the sources are not looked up.
const MOST_CALLS: usize = 3;

/// Of more entries than this that cover one address the customers are not told.
const MOST_ENTRIES: usize = 3;

/// What is known of some addresses.
#[derive(Debug, Default)]
pub(super) struct Configured {
    /// For whom each is, a sentence each.
    pub said: Vec<String>,
    /// What could not be looked up.
    pub unavailable: Vec<String>,
}

impl Configured {
    /// Takes in what a platform has of an address.
    pub async fn look(&mut self, platform: &ConnexCs, ip: IpAddr) {
        let name = platform.name();
        let entries = match covering(platform, Some(ip)).await {
            Lookup::Found(entries) => entries,
            Lookup::Empty => return,
            Lookup::Unavailable(why) => {
                let why = format!("{name}: address entries: {why}");
                return say_once(&mut self.unavailable, [why]);
            }
        };
        let of_customers = entries
            .iter()
            .filter_map(|entry| Some((entry, entry.customer_id?)));
        for (entry, id) in of_customers.take(MOST_ENTRIES) {
            let called = match platform.customer(id).await {
                Lookup::Found(customer) => customer.name,
                Lookup::Empty => None,
                Lookup::Unavailable(why) => {
                    say_once(&mut self.unavailable, [format!("{name}: customer: {why}")]);
                    None
                }
            };
            let whose = match called {
                Some(called) => format!("{called} (#{id})"),
                None => format!("customer #{id}"),
            };
            let entry = entry.address.trim();
            say_once(
                &mut self.said,
                [format!(
                    "{name}: {ip} is configured for {whose} (IP entry {entry}); no row of the log shows that a call \
                     was theirs."
                )],
            );
        }
    }
}

impl Investigator {
    /// For whom the sources of these calls are configured, as far as no row says whose they were. Who told nothing is
    /// not asked.
    pub(super) async fn configured(
        &self,
        found: &[Known],
        silent: &[(String, String)],
    ) -> Configured {
        let mut configured = Configured::default();
        if found.len() > MOST_CALLS {
            return configured;
        }
        let mut sources: Vec<IpAddr> = Vec::new();
        for ip in found.iter().filter_map(|it| source(it, self.peers())) {
            if !sources.contains(&ip) {
                sources.push(ip);
            }
        }
        let heard = |it: &&ConnexCs| silent.iter().all(|(name, _)| name != it.name());
        for platform in self.platforms().filter(heard) {
            for ip in &sources {
                configured.look(platform, *ip).await;
            }
        }
        configured
    }
}

/// Where a call came from of which no row says whose it was, unless that is somebody whom we named ourselves.
fn source(known: &Known, peers: &Peers) -> Option<IpAddr> {
    let is_told = known.records.as_ref().is_some_and(|records| {
        let row = records.row.as_ref();
        records.customer.is_some() || row.is_some_and(|row| row.source_ip.is_some())
    });
    let ip = known.call.ingress()?.client.ip();
    (!is_told && peers.of(ip).is_none()).then_some(ip)
}
