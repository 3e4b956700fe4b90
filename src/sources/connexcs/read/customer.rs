//! Answers about customers, carriers, payments, packages and the account: lists, or the single one
//! that was asked for.

use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{Account, Carrier, Customer, Package, Payment};

/// Reads customers, or the one that was asked for.
///
/// # Errors
/// Where the answer as a whole is neither.
pub fn customers(body: &[u8]) -> Result<Rows<Customer>, Unreadable> {
    read(body, |fields| {
        Some(Customer {
            id: fields.id(&["id"])?,
            name: fields.text(&["name"]),
            credit: fields.number(&["credit"]),
            debit_limit: fields.number(&["debit_limit"]),
            currency: fields.text(&["currency"]),
            status: fields.text(&["status"]),
            last_call: fields.moment(&["last_call"]),
            ips: fields.texts("ips"),
            sip_users: fields.texts("sip_users"),
            cards: fields.texts("cards"),
            contacts: fields.texts("contact_name"),
            tags: fields.texts("tags"),
            raw: fields.raw(),
        })
    })
}

/// Reads carriers, or the one that was asked for.
///
/// # Errors
/// Where the answer as a whole is neither.
pub fn carriers(body: &[u8]) -> Result<Rows<Carrier>, Unreadable> {
    read(body, |fields| {
        Some(Carrier {
            id: fields.id(&["id"])?,
            name: fields.text(&["name"]),
            status: fields.text(&["status"]),
            channels: fields.count(&["channels"]),
            cps: fields.number(&["cps"]),
            currency: fields.text(&["currency"]),
            raw: fields.raw(),
        })
    })
}

/// Reads payments.
///
/// # Errors
/// Where the answer as a whole is no list of payments.
pub fn payments(body: &[u8]) -> Result<Rows<Payment>, Unreadable> {
    read(body, |fields| {
        let payment = Payment {
            id: fields.id(&["id"]),
            amount: fields.number(&["amount"]),
            currency: fields.text(&["currency"]),
            at: fields.moment(&["payment_time"]),
            method: fields.text(&["method"]),
            status: fields.text(&["status"]),
            raw: fields.raw(),
        };
        (payment.id.is_some() || payment.amount.is_some()).then_some(payment)
    })
}

/// Reads packages.
///
/// # Errors
/// Where the answer as a whole is no list of packages.
pub fn packages(body: &[u8]) -> Result<Rows<Package>, Unreadable> {
    read(body, |fields| {
        let package = Package {
            name: fields.text(&["name"]),
            minutes: fields.number(&["minutes"]),
            minutes_used: fields.number(&["minutes_used"]),
            raw: fields.raw(),
        };
        (package.name.is_some() || package.minutes.is_some()).then_some(package)
    })
}

/// Reads the account that the credentials belong to: one row.
///
/// # Errors
/// Where the answer as a whole is no account.
pub fn accounts(body: &[u8]) -> Result<Rows<Account>, Unreadable> {
    read(body, |fields| {
        Some(Account {
            name: fields.text(&["name"])?,
            raw: fields.raw(),
        })
    })
}
