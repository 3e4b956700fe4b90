//! Who is behind an address, a number, a user or an id: the configured names first, then what each platform has in its
//! books. Asks nothing that a diagnosis does not ask too; judges no call.

use std::net::IpAddr;

use super::Investigator;
use super::platform::{Unnamed, carrier, covering, customer, rules_for};
use crate::call::{CallQuery, Number, Term, located};
use crate::diagnosis::brief::Brief;
use crate::peers::PeerKind;
use crate::platform::{Carrier, Customer, Id};
use crate::sources::{Answer, ConnexCs, Lookup};

/// More of one kind are counted, not listed.
const MOST_LISTED: usize = 10;

/// More cards of one customer are not looked into.
const MOST_CARDS: usize = 5;

impl Investigator {
    /// Who and what the terms and the scope of a query name. A number is looked up on the rate cards of the customer that
    /// stands beside it.
    pub async fn whois(&self, query: &CallQuery) -> Brief {
        let mut brief = Brief::about(query.to_string());
        for term in &query.terms {
            self.named_here(&mut brief, term);
        }
        for platform in self.platforms() {
            Books {
                platform,
                brief: &mut brief,
            }
            .look(query)
            .await;
        }
        if self.platforms().next().is_none() {
            brief
                .note("No platform is configured: nothing but the configured names was looked at.");
        } else if brief.facts.is_empty() && brief.notes.is_empty() {
            brief.note("Nobody of that name, number or address is known.");
        }
        brief
    }

    /// What the configuration says of a term.
    fn named_here(&self, brief: &mut Brief, term: &Term) {
        match term {
            Term::Address { ip, .. } => {
                if let Some(peer) = self.peers().of(*ip) {
                    brief.know(kind(peer.kind), format!("{} (configured)", peer.name));
                }
            }
            Term::Number(number) => {
                brief.know("Number", number.digits.clone());
                brief.know("Country", country(number));
                brief.know(
                    "Tech prefix",
                    number.tech_prefix.clone().unwrap_or_default(),
                );
            }
            _ => {}
        }
    }
}

/// What one platform has in its books.
struct Books<'a> {
    platform: &'a ConnexCs,
    brief: &'a mut Brief,
}

impl Books<'_> {
    async fn look(&mut self, query: &CallQuery) {
        let scope = &query.scope;
        let named = customer(self.platform, scope.customer.as_deref()).await;
        let (owner, no_customer) = told(named);
        if let Some(owner) = &owner {
            self.customer(owner);
        }
        let named = carrier(self.platform, scope.carrier.as_deref()).await;
        let (found, no_carrier) = told(named);
        if let Some(carrier) = &found {
            self.carrier(carrier);
        }
        // One number may be asked for as both, and be either.
        if owner.is_none() && found.is_none() {
            let missing = no_customer.into_iter().chain(no_carrier);
            missing.for_each(|why| self.brief.note(sentence(&why)));
        }
        for term in &query.terms {
            match term {
                Term::Address { ip, .. } => self.address(*ip).await,
                Term::Number(number) => self.number(&number.digits, owner.as_ref()).await,
                Term::SipUser(user) => self.user(user).await,
                Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => {
                    self.call(id).await;
                }
            }
        }
    }

    /// What there is, where it could be asked.
    fn said<T>(&mut self, found: Result<T, String>) -> Option<T> {
        found.map_err(|why| self.brief.note(sentence(&why))).ok()
    }

    fn taken<T>(&mut self, found: Lookup<T>) -> Option<T> {
        match found {
            Lookup::Found(found) => Some(found),
            Lookup::Empty => None,
            Lookup::Unavailable(why) => {
                self.brief.note(sentence(&why));
                None
            }
        }
    }

    fn rows<T>(&mut self, found: Lookup<Answer<T>>) -> Vec<T> {
        let Some(answer) = self.taken(found) else {
            return Vec::new();
        };
        for note in answer.notes {
            self.brief.note(note);
        }
        answer.rows
    }

    async fn owner(&mut self, id: Option<Id>) {
        let Some(id) = id else { return };
        match self.platform.customer(id).await {
            Lookup::Found(customer) => self.customer(&customer),
            Lookup::Empty => self.brief.know("Customer", format!("#{id}")),
            Lookup::Unavailable(why) => {
                self.brief.know("Customer", format!("#{id}"));
                self.brief.note(sentence(&why));
            }
        }
    }

    fn customer(&mut self, customer: &Customer) {
        let brief = &mut *self.brief;
        brief.know("Customer", called(customer.name.as_deref(), customer.id));
        brief.know("Status", customer.status.clone().unwrap_or_default());
        if customer.can_dial() == Some(false) {
            brief.know("Credit", "used up: the platform refuses calls");
        }
        let last = customer.last_call.map(|at| at.strftime("%F %T UTC"));
        brief.know(
            "Last call",
            last.map(|it| it.to_string()).unwrap_or_default(),
        );
        brief.know("Addresses", listed(&customer.ips));
        brief.know("SIP users", listed(&customer.sip_users));
        brief.know("Rate cards", listed(&customer.cards));
    }

    fn carrier(&mut self, carrier: &Carrier) {
        let brief = &mut *self.brief;
        brief.know("Carrier", called(carrier.name.as_deref(), carrier.id));
        brief.know("Status", carrier.status.clone().unwrap_or_default());
        // Zero is how no limit is written.
        let channels = carrier.channels.filter(|it| *it > 0);
        brief.know(
            "Channels",
            channels.map(|it| it.to_string()).unwrap_or_default(),
        );
        let cps = carrier.cps.filter(|it| *it > 0.0).map(|it| it.to_string());
        brief.know("Calls per second", cps.unwrap_or_default());
    }

    async fn address(&mut self, ip: IpAddr) {
        let entries = self.taken(covering(self.platform, Some(ip)).await);
        for entry in entries.into_iter().flatten().take(MOST_LISTED) {
            self.brief.know("IP entry", entry.address.clone());
            self.owner(entry.customer_id).await;
        }
        let users = self.rows(self.platform.sip_users().await);
        let allowed = users
            .iter()
            .filter(|user| !user.ip_whitelist.is_empty() && user.may_come_from(ip) == Some(true));
        let names: Vec<String> = allowed.map(|user| user.name.clone()).collect();
        self.brief
            .know("SIP users that may come from it", listed(&names));
        let servers = self.rows(self.platform.media_servers().await);
        for server in servers.iter().filter(|it| it.addresses.contains(&ip)) {
            let name = server.alias.clone().unwrap_or_else(|| ip.to_string());
            self.brief.know("Media server of the platform", name);
        }
    }

    async fn number(&mut self, digits: &str, owner: Option<&Customer>) {
        let entries = self.rows(self.platform.cli_entries(digits).await);
        for entry in entries.iter().take(MOST_LISTED) {
            let cli = entry.cli.clone().unwrap_or_else(|| digits.to_owned());
            self.brief.know("Caller number allowed", cli);
            self.owner(entry.customer_id).await;
        }
        if self.platform.endpoints().did.is_some()
            && let Some(words) = self.taken(self.platform.did(digits).await)
        {
            self.brief.know("DID", words.shown());
        }
        match owner {
            Some(owner) => self.rates(digits, owner).await,
            None => self.brief.note(
                "Name a customer too, as in `whois 442079460018 customer #12`, for the price on its rate cards.",
            ),
        }
    }

    /// The rule of a number on the cards of a customer.
    async fn rates(&mut self, digits: &str, owner: &Customer) {
        let routes = self.rows(self.platform.routes(owner.id).await);
        let priced = routes.iter().filter(|route| route.has_rules());
        let mut cards: Vec<&str> = priced.filter_map(|it| it.card_id.as_deref()).collect();
        cards.dedup();
        for card in cards.into_iter().take(MOST_CARDS) {
            let found = rules_for(self.platform, card, digits).await;
            let Some(found) = self.said(found) else {
                continue;
            };
            let said = match &found.rule {
                Some(rule) if rule.is_blocked() => format!("{} is blocked", rule.prefix),
                Some(rule) => {
                    let name = rule.name.clone().unwrap_or_default();
                    format!("{} {name}", rule.prefix).trim().to_owned()
                }
                None if found.is_cut => "not among the rules that could be read".to_owned(),
                None => "no price for it".to_owned(),
            };
            let card = format!("Rate card {card}, revision {}", found.revision);
            self.brief.know(&card, said);
        }
    }

    async fn user(&mut self, name: &str) {
        let users = self.rows(self.platform.sip_users().await);
        let is_it = |user: &&crate::platform::SipUser| user.name.eq_ignore_ascii_case(name);
        let Some(user) = users.iter().find(is_it) else {
            return self.named(name).await;
        };
        self.brief.know("SIP user", user.name.clone());
        let channels = user.channels.map(|it| it.to_string());
        self.brief.know("Channels", channels.unwrap_or_default());
        self.brief.know("May come from", listed(&user.ip_whitelist));
        self.owner(user.customer_id).await;
    }

    /// A word that is no user: the customers and carriers whose name has it in it.
    async fn named(&mut self, name: &str) {
        let customers = self.rows(self.platform.customers_named(name).await);
        for customer in customers.iter().take(MOST_LISTED) {
            self.customer(customer);
        }
        let wanted = name.to_lowercase();
        let carriers = self.rows(self.platform.carriers().await);
        let is_it = |it: &&Carrier| {
            let own = it.name.as_deref().unwrap_or_default().to_lowercase();
            own.contains(&wanted)
        };
        for carrier in carriers.iter().filter(is_it).take(MOST_LISTED) {
            self.carrier(carrier);
        }
    }

    async fn call(&mut self, id: &str) {
        let rows = self.rows(self.platform.calls(id).await);
        let Some(row) = rows.first() else { return };
        self.owner(row.customer_id).await;
        let mut tried: Vec<Id> = row.carrier_ids().collect();
        tried.dedup();
        for id in tried.into_iter().take(MOST_LISTED) {
            match self.taken(self.platform.carrier(id).await) {
                Some(carrier) => self.carrier(&carrier),
                None => self.brief.know("Carrier", format!("#{id}")),
            }
        }
    }
}

/// A reason as a sentence of its own.
fn sentence(why: &str) -> String {
    let mut letters = why.trim_end_matches('.').chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What was found, and why not.
fn told<T>(found: Result<Option<T>, Unnamed>) -> (Option<T>, Option<String>) {
    match found {
        Ok(found) => (found, None),
        Err(why) => (None, Some(why.why())),
    }
}

fn called(name: Option<&str>, id: Id) -> String {
    match name {
        Some(name) => format!("{name} (#{id})"),
        None => format!("#{id}"),
    }
}

fn listed(all: &[String]) -> String {
    let shown: Vec<&str> = all.iter().take(MOST_LISTED).map(String::as_str).collect();
    match all.len().saturating_sub(MOST_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn kind(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::Customer => "Customer",
        PeerKind::Carrier => "Carrier",
        PeerKind::Platform => "Server of the platform",
    }
}

fn country(number: &Number) -> String {
    let is_whole = number.calling_code.is_some();
    let found = is_whole.then(|| located(&format!("+{}", number.digits)));
    let country = found
        .flatten()
        .map(|(_, country)| country.name().to_owned());
    country.unwrap_or_default()
}
