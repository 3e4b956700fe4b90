//! The parties that the platform bills: customers with their credit, carriers, payments and packages,
//! and the account itself. Decides nothing about a call.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;

/// Whoever sends calls in and pays for them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Customer {
    /// Under which number the platform keeps it.
    pub id: Id,
    /// What the platform calls it.
    pub name: Option<String>,
    /// What is left of its money, in `currency`.
    pub credit: Option<f64>,
    /// How far below nothing the credit may go; negative keeps that much back.
    pub debit_limit: Option<f64>,
    /// The currency of both.
    pub currency: Option<String>,
    /// The state in the platform's words (`Active`, `Inactive`, `Penalty`).
    pub status: Option<String>,
    /// When it last called.
    pub last_call: Option<Timestamp>,
    /// The addresses that it sends from, as configured.
    pub ips: Vec<String>,
    /// Its SIP users.
    pub sip_users: Vec<String>,
    /// Its rate cards.
    pub cards: Vec<String>,
    /// The people to speak to.
    pub contacts: Vec<String>,
    /// Words that the operator put on it.
    pub tags: Vec<String>,
    /// The whole row as received.
    pub raw: Value,
}

impl Customer {
    /// Whether its money lets it dial: credit and debit limit together are above nothing. Nothing
    /// where either was not told.
    #[must_use]
    pub fn can_dial(&self) -> Option<bool> {
        Some(self.credit? + self.debit_limit? > 0.0)
    }

    /// Whether its state says that it may call. Nothing where none was told.
    #[must_use]
    pub fn is_active(&self) -> Option<bool> {
        let status = self.status.as_deref()?;
        Some(status.trim().eq_ignore_ascii_case("active"))
    }
}

/// Whoever takes calls from the platform, or hands calls to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Carrier {
    /// Under which number the platform keeps it.
    pub id: Id,
    /// What the platform calls it.
    pub name: Option<String>,
    /// The state in the platform's words.
    pub status: Option<String>,
    /// How many calls it takes at once; 0 is no limit.
    pub channels: Option<u64>,
    /// How many calls it takes a second; 0 is no limit.
    pub cps: Option<f64>,
    /// The currency that it bills in.
    pub currency: Option<String>,
    /// The whole row as received.
    pub raw: Value,
}

/// Money that a customer paid in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Payment {
    /// Under which number the platform keeps it.
    pub id: Option<Id>,
    /// How much.
    pub amount: Option<f64>,
    /// In which currency.
    pub currency: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// How it was paid.
    pub method: Option<String>,
    /// The state in the platform's words.
    pub status: Option<String>,
    /// The whole row as received.
    pub raw: Value,
}

/// A bundle of minutes or services.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Package {
    /// What the platform calls it.
    pub name: Option<String>,
    /// How many minutes are in it.
    pub minutes: Option<f64>,
    /// How many of them are used.
    pub minutes_used: Option<f64>,
    /// The whole row as received.
    pub raw: Value,
}

/// The account that the credentials belong to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Account {
    /// The company's name.
    pub name: String,
    /// The whole object as received.
    pub raw: Value,
}
