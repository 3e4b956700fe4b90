//! Who bears a name that somebody has begun to type: those that are configured, and those in the books of each platform.
//! Asks nothing that `whois` does not ask too.

use futures_util::future::join_all;

use super::Investigator;
use crate::peers::{Peer, PeerKind};
use crate::platform::Id;
use crate::sources::{Answer, ConnexCs, Lookup};

/// A customer or a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: PeerKind,
    /// What it is called.
    pub name: String,
    /// Under which number a platform keeps it; nothing where only the configuration knows it.
    pub id: Option<Id>,
}

impl Investigator {
    /// The customers and carriers with this in their name; without it no platform is asked for its customers. A platform
    /// that does not answer leaves out its own.
    pub async fn named_like(&self, part: &str) -> Vec<Named> {
        let part = part.trim();
        let books = self.platforms().map(|it| in_books(it, part));
        let booked: Vec<Named> = join_all(books).await.into_iter().flatten().collect();
        let is_booked = |peer: &Peer| {
            let mut same = booked.iter().filter(|it| it.kind == peer.kind);
            same.any(|it| it.name.eq_ignore_ascii_case(&peer.name))
        };
        let configured = self
            .peers()
            .iter()
            .filter(|it| it.kind != PeerKind::Platform);
        let configured = configured.filter(|it| !is_booked(it)).map(|it| Named {
            kind: it.kind,
            name: it.name.clone(),
            id: None,
        });
        let mut found: Vec<Named> = configured.collect();
        found.extend(booked);
        let wanted = part.to_lowercase();
        found.retain(|it| it.name.to_lowercase().contains(&wanted));
        found
    }
}

async fn in_books(platform: &ConnexCs, part: &str) -> Vec<Named> {
    let customers = async {
        match part {
            "" => Vec::new(),
            part => rows(platform.customers_named(part).await),
        }
    };
    let (customers, carriers) = tokio::join!(customers, platform.carriers());
    let of = |kind| {
        move |(id, name): (Id, Option<String>)| {
            let id = Some(id);
            name.map(|name| Named { kind, name, id })
        }
    };
    let customers = customers.into_iter().map(|it| (it.id, it.name));
    let carriers = rows(carriers).into_iter().map(|it| (it.id, it.name));
    let customers = customers.filter_map(of(PeerKind::Customer));
    customers
        .chain(carriers.filter_map(of(PeerKind::Carrier)))
        .collect()
}

fn rows<T>(found: Lookup<Answer<T>>) -> Vec<T> {
    match found {
        Lookup::Found(answer) => answer.rows,
        Lookup::Empty | Lookup::Unavailable(_) => Vec::new(),
    }
}
