//! A call that the demo platform only simulates: let through authentication and routing, with the row
//! that this leaves in the log. The real platform's shape is not documented; this one is made up.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL;
use serde::Deserialize;
use serde_json::{Value, json};

use super::directory as file;
use super::log_row::ACCOUNT;
use super::world::World;

/// The form as it is filled in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    dialled_number: String,
    cli: String,
    switch_ip: String,
    customer_ip: String,
    registered_user: String,
    routing_engine: String,
}

/// Simulates what a form asks for, keeps the row in the log, and gives it.
pub(super) fn row(world: &World, now: i64, body: &[u8]) -> Result<Value, String> {
    let form: Form = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let needed = [
        ("dialled_number", &form.dialled_number),
        ("cli", &form.cli),
        ("switch_ip", &form.switch_ip),
        ("customer_ip", &form.customer_ip),
        ("routing_engine", &form.routing_engine),
    ];
    if let Some((name, _)) = needed.iter().find(|(_, value)| value.is_empty()) {
        return Err(format!("{name}: missing"));
    }
    let (code, reason, decided) = routed(&form);
    let row = json!({ "routing": {
        "callid": call_id(world.log().len()), "sip_code": code, "sip_reason": reason,
        "start_time": now, "end_time": now, "cli": form.cli, "ou": form.dialled_number,
        "server": form.switch_ip, "switch": form.customer_ip, "re": "fr1js3", "account_id": ACCOUNT,
        "params": {
            "si": form.customer_ip, "csIp": form.switch_ip, "oU": form.dialled_number,
            "fU": form.cli, "au": form.registered_user,
        },
        "log": [format!("Simulated in {}", form.routing_engine), decided], "attempts": [],
    }});
    world.keep_simulated(row.clone());
    Ok(row)
}

/// What authentication and routing make of a call.
fn routed(form: &Form) -> (u16, &'static str, String) {
    let address: Option<IpAddr> = form.customer_ip.parse().ok();
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_its = |row: &Value| {
        address.is_some() && text(row, "ip").and_then(|ip| ip.parse().ok()) == address
    };
    let is_user = |row: &Value| text(row, "username").as_ref() == Some(&form.registered_user);
    // Numbers are rewritten to E.164 without the plus before routing.
    let dialled = form.dialled_number.trim_start_matches('+');
    let has_rule =
        |row: &Value| text(row, "prefix").is_some_and(|prefix| dialled.starts_with(&prefix));
    if !file::ip_entries().iter().any(is_its) && !file::sip_users().iter().any(is_user) {
        let ip = &form.customer_ip;
        let decided = format!("Unable to associate call from {ip} with any customer");
        return (401, "IP Not Authorised", decided);
    }
    if file::rules().iter().any(has_rule) {
        (200, "OK", format!("Rule found for {dialled}"))
    } else {
        (503, "No Rule Available", format!("No rule for {dialled}"))
    }
}

/// `SIM-` and 32 characters, as the platform's are.
fn call_id(number: usize) -> String {
    let mut bytes = [0x5a_u8; 24];
    let number = u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes();
    for (byte, of_number) in bytes.iter_mut().rev().zip(number.iter().rev()) {
        *byte ^= of_number;
    }
    format!("SIM-{}", BASE64_URL.encode(bytes))
}
