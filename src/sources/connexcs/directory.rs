//! Who and what the platform knows: customers, carriers, users, addresses, routes, rates, media servers,
//! its documentation. Sources: its API's `customer`, `carrier`, `switch`, `cli`, `routing`, `card`,
//! `setup` and `docs`.

use std::net::IpAddr;

use super::read::{
    accounts, cards, carriers, cli_entries, customers, doc_links, ip_entries, media_servers,
    media_zones, rate_rules, routes, sip_users,
};
use super::{Answer, ConnexCs};
use crate::platform::{
    Account, Card, Carrier, CliEntry, Customer, DocLink, Id, IpEntry, MediaServer, MediaZone,
    RateRule, Route, SipUser,
};
use crate::sources::Lookup;
use crate::sources::api::Path;

/// Longer lists are asked for in parts, or not at all.
const MOST: &str = "1000";

impl ConnexCs {
    /// A customer by its number.
    pub async fn customer(&self, id: Id) -> Lookup<Customer> {
        let path = Path::of(&["customer", &id.to_string()]);
        self.record(path, customers).await
    }

    /// The customers with this in their name.
    pub async fn customers_named(&self, name: &str) -> Lookup<Answer<Customer>> {
        self.list("customer", &[("s", ""), ("name", name)], customers)
            .await
    }

    /// A carrier by its number.
    pub async fn carrier(&self, id: Id) -> Lookup<Carrier> {
        let path = Path::of(&["carrier", &id.to_string()]);
        self.record(path, carriers).await
    }

    /// All carriers.
    pub async fn carriers(&self) -> Lookup<Answer<Carrier>> {
        self.list("carrier", &[], carriers).await
    }

    /// All SIP users. The platform finds none by name: look through them here.
    pub async fn sip_users(&self) -> Lookup<Answer<SipUser>> {
        self.list("switch/user", &[("_limit", MOST)], sip_users)
            .await
    }

    /// The entries for this very address. Entries for blocks and host names are not among them: where
    /// there is none, the address may be known all the same.
    pub async fn ip_entries_of(&self, ip: IpAddr) -> Lookup<Answer<IpEntry>> {
        let ip = ip.to_string();
        let params = [("ip", ip.as_str()), ("_limit", MOST)];
        self.list("switch/ip", &params, ip_entries).await
    }

    /// All entries, blocks among them.
    pub async fn ip_entries(&self) -> Lookup<Answer<IpEntry>> {
        self.list("switch/ip", &[("_limit", MOST)], ip_entries)
            .await
    }

    /// The allow-list entries of a caller number.
    pub async fn cli_entries(&self, cli: &str) -> Lookup<Answer<CliEntry>> {
        self.list("cli", &[("cli", cli)], cli_entries).await
    }

    /// The routes of a customer.
    pub async fn routes(&self, customer: Id) -> Lookup<Answer<Route>> {
        let customer = customer.to_string();
        let params = [("s", ""), ("company_id", customer.as_str())];
        self.list("routing", &params, routes).await
    }

    /// A rate card by its name, as a route gives it.
    pub async fn card(&self, card: &str) -> Lookup<Card> {
        self.record(Path::of(&["card", card]), cards).await
    }

    /// The rules of a revision of a rate card.
    pub async fn rate_rules(&self, card: &str, revision: u64) -> Lookup<Answer<RateRule>> {
        let revision = revision.to_string();
        let path = Path::of(&["card", card, "rev", &revision, "rule"]);
        let params = [("limit", MOST), ("offset", "0")];
        self.list(path, &params, rate_rules).await
    }

    /// The groups of media servers.
    pub async fn media_zones(&self) -> Lookup<Answer<MediaZone>> {
        self.list("setup/server/rtp-group", &[], media_zones).await
    }

    /// The media servers.
    pub async fn media_servers(&self) -> Lookup<Answer<MediaServer>> {
        self.list("setup/rtp", &[], media_servers).await
    }

    /// Pages of the platform's documentation on a word.
    pub async fn documentation(&self, term: &str) -> Lookup<Answer<DocLink>> {
        self.list("docs", &[("s", term)], doc_links).await
    }

    /// The account that the credential belongs to: the plainest question that there is.
    pub async fn account(&self) -> Lookup<Account> {
        self.record(Path::from("setup/account"), accounts).await
    }
}
