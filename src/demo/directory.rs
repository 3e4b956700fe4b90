//! What the demo platform has on file besides calls: customers, carriers, users, routes, cards, zones.

use serde_json::{Value, json};

use super::log_row::ACCOUNT;
use super::party::{CARRIERS, CUSTOMERS, Party};
use super::world::World;

/// The rate card that all customers use.
pub(super) const CARD: &str = "GjjS-E0FO";
/// Its revision in force.
pub(super) const REVISION: u64 = 3;
/// An address that the firewall blocks; no call of the recordings comes from it.
const BLOCKED: &str = "198.51.100.77";
/// A number of the customer for calls that come in.
const DID: &str = "442079460001";
/// The SIP user of the recordings.
const SIP_USER: &str = "441632960115";

pub(super) fn account() -> Value {
    json!({ "id": ACCOUNT, "name": "Example Voice Ltd" })
}

fn customer(party: &Party) -> Value {
    json!({
        "id": party.id, "name": party.name, "credit": "250.5000", "currency": "USD",
        "debit_limit": 0, "status": "Active", "last_call": null, "ips": [party.ip],
        "sip_users": if party.id == 12 { vec![SIP_USER] } else { Vec::new() },
        "cards": [CARD], "contact_name": ["Operations"], "tags": [],
    })
}

pub(super) fn customers(world: &World) -> Vec<Value> {
    let [further, _] = world.further();
    let further = further.iter().map(|(id, name)| {
        json!({ "id": id, "name": name, "credit": "250.5000", "currency": "USD", "debit_limit": 0,
            "status": "Active", "cards": [CARD] })
    });
    CUSTOMERS.iter().map(customer).chain(further).collect()
}

pub(super) fn sip_users() -> Vec<Value> {
    vec![json!({ "username": SIP_USER, "company_id": 12, "channels": 10, "ip_whitelist": [] })]
}

pub(super) fn ip_entries() -> Vec<Value> {
    let customers = CUSTOMERS.iter();
    customers
        .map(|party| json!({ "ip": party.ip, "company_id": party.id }))
        .collect()
}

pub(super) fn cli_entries() -> Vec<Value> {
    vec![json!({ "id": 1, "cli": "441632960001", "company_id": 12 })]
}

pub(super) fn carriers(world: &World) -> Vec<Value> {
    let [_, further] = world.further();
    let further = further.iter().map(|(id, name)| (*id, name.as_str()));
    let own = CARRIERS.iter().map(|party| (party.id, party.name));
    let carrier = |(id, name): (u64, &str)| json!({ "id": id, "name": name, "status": "Active", "channels": 0, "cps": 0, "currency": "USD" });
    own.chain(further).map(carrier).collect()
}

pub(super) fn routes() -> Vec<Value> {
    let route = |(party, id): (&Party, u64)| json!({ "id": id, "card_id": CARD, "name": "Standard", "company_id": party.id });
    CUSTOMERS.iter().zip(71..).map(route).collect()
}

pub(super) fn card() -> Value {
    json!({ "id": CARD, "active_rev": REVISION, "currency": "USD", "strategy": "LCR",
        "direction": "Termination", "count": rules().len() })
}

pub(super) fn rules() -> Vec<Value> {
    let rule = |(prefix, name, cost): (&str, &str, &str)| json!({ "prefix": prefix, "name": name, "cost": cost, "mcd": 1, "pulse": 1 });
    let rules = [
        ("44", "United Kingdom", "0.0120"),
        ("447", "UK Mobile", "0.0240"),
        ("4487", "UK Premium", "0.4000"),
        ("1", "North America", "0.0080"),
    ];
    rules.into_iter().map(rule).collect()
}

pub(super) fn payments() -> Vec<Value> {
    vec![json!({ "id": 5001, "amount": "250.0000", "currency": "USD",
        "payment_time": "2026-01-02 09:00:00", "method": "Card", "status": "Complete",
        "company_id": 12 })]
}

pub(super) fn packages() -> Vec<Value> {
    vec![
        json!({ "name": "UK 1000", "type": ["minutes"], "qty": 1, "retail": "9.00",
        "setup_retail": "0.00", "minutes": 1000, "minutes_used": 40, "company_id": 12 }),
    ]
}

/// The row of the firewall that is about an address, in words.
pub(super) fn firewall(address: &str) -> String {
    match address {
        BLOCKED => format!("{BLOCKED} Block (too many failed registrations)"),
        _ => String::new(),
    }
}

/// Who is registered as a user, in words.
pub(super) fn registered(user: &str) -> String {
    match user {
        SIP_USER => format!("{SIP_USER} at 198.51.100.10, UDP, no NAT, TTL 42 s, baresip"),
        _ => String::new(),
    }
}

/// Where an inbound number leads, in words.
pub(super) fn did(number: &str) -> String {
    match number {
        DID => format!("{DID}: SIP user {SIP_USER} of Acme (#12)"),
        _ => String::new(),
    }
}

pub(super) fn media_zones() -> Vec<Value> {
    vec![
        json!({ "id": 1, "name": "UK (London)", "status": 1, "alt": 2, "transcoding": 1,
            "location": "lon", "elastic": 1, "max_server_per_sip": 0 }),
        json!({ "id": 2, "name": "Europe (Amsterdam)", "status": 1, "alt": null,
            "transcoding": 0, "location": "ams", "elastic": 0, "max_server_per_sip": 2 }),
    ]
}

pub(super) fn media_servers() -> Vec<Value> {
    vec![
        json!({ "id": 41, "alias": "lon1rtp1", "zone": "UK (London)", "ipv4": "192.0.2.50",
            "ipv6": "2001:db8::50" }),
        json!({ "id": 42, "alias": "rtp-ams-1", "zone": "Europe (Amsterdam)",
            "ipv4": "192.0.2.60" }),
    ]
}

/// The pages of the documentation: where they stand, and their text.
pub(super) const PAGES: [(&str, &str); 3] = [
    (
        "guides/tshoot-signal",
        "# Signalling\n\nA made-up page of the demo platform on 503 and other codes.\n",
    ),
    (
        "logging",
        "# Logging\n\nA made-up page of the demo platform on the call log.\n",
    ),
    (
        "routing-status",
        "# Routing status\n\nA made-up page of the demo platform on what it writes: IP Not Authorised, Unknown User, \
         Blocked by Dial plan, No Routes Available (Pre), No Rule Available, CLI restriction in effect, \
         Destination Blocked, RTP IP Blocked, MI Termination, SIP Ping, SIP Session Timer, PDD Timeout.\n",
    ),
];

pub(super) fn pages(term: &str) -> Vec<Value> {
    let term = term.to_lowercase();
    let found = PAGES
        .iter()
        .filter(|(_, body)| body.to_lowercase().contains(&term));
    found
        .map(|(link, body)| {
            let url = format!("https://docs.example/{link}");
            json!({ "public_url": url, "link": link, "body": body })
        })
        .collect()
}
