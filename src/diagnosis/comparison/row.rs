//! The row of the platform's log, as it is compared. Absent fields were not said.

use super::profile::Entry;
use crate::diagnosis::case::Case;

/// The fields of the row; nothing where no platform was asked or it has none.
pub(super) fn of(case: &Case<'_>) -> Option<Vec<Entry>> {
    let records = case.records?;
    let row = records.row.as_ref()?;
    let attempts: Vec<String> = row
        .attempts
        .iter()
        .map(|attempt| {
            let who = records.tried(attempt).unwrap_or("a carrier".to_owned());
            let code = attempt
                .code
                .map_or(String::new(), |code| format!(" {code}"));
            format!("{who}{code}")
        })
        .collect();
    let release = row
        .answered
        .as_ref()
        .and_then(|it| it.release_reason.clone());
    let fields = [
        ("Code", row.code.map(|code| code.to_string())),
        ("Reason", row.reason.clone()),
        ("Release reason", release),
        ("Engine", row.engine.clone()),
        ("Server", row.server.clone()),
        ("Switch", row.switch.clone()),
        ("Source address", row.source_ip.map(|ip| ip.to_string())),
        ("Source port", row.source_port.map(|port| port.to_string())),
        (
            "Transport",
            row.transport.map(|it| it.name().to_uppercase()),
        ),
        ("User-Agent", row.user_agent.clone()),
        ("Authenticated as", row.auth_user.clone()),
        ("Customer", records.customer_name()),
        (
            "Attempts",
            (!attempts.is_empty()).then(|| attempts.join(", ")),
        ),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(label, text)| Some(Entry::said(label, text?)));
    Some(known.collect())
}
