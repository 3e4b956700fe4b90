//! What the platform's address entries say of a source that it did not let in, and whether that calls
//! itself a tool of strangers. Whose the address truly is no record tells.

use super::logged;
use super::refused::Read;
use crate::diagnosis::case::Case;
use crate::diagnosis::party::Party;
use crate::platform::CallRecord;
use crate::sip::Certainty;

/// Names by which tools that scan for open platforms call themselves.
pub(in crate::diagnosis::rules) const SCANNERS: &[&str] = &[
    "friendly-scanner",
    "pplsip",
    "sipcli",
    "sipvicious",
    "sundayddr",
];

impl Read {
    /// What the platform's own entries say of an address that it did not know.
    pub(super) fn look_at_source(&mut self, case: &Case<'_>, row: &CallRecord) {
        let Some(ip) = row.source_ip else { return };
        self.fields.push(logged("si", ip));
        // Whether the address is one of ours that was never entered, or a stranger's, no record tells.
        self.certainty = self.certainty.min(Certainty::Likely);
        let entries = case.records.and_then(|it| it.source_entries.as_ref());
        match entries.map(Vec::as_slice) {
            Some([]) => {
                self.fact = format!("; no address entry covers {ip}");
                self.next = format!(
                    "If {ip} is a customer's, add it with the direction \"This endpoint sends \
                     calls\"; if it is a carrier's, add it to that carrier; if it is a stranger's, \
                     nothing has to be done."
                );
                if let Some(agent) = row.user_agent.as_deref().filter(|it| scans(it)) {
                    self.fields.push(logged("userAgent", agent));
                    self.cause =
                        format!("{agent} is a tool with which strangers look for open doors.");
                    self.party = Party::Nobody;
                    self.next = String::new();
                }
            }
            Some([entry, ..]) => {
                self.fact = format!("; the entry {} covers {ip} by now", entry.address);
                self.next = "Look at the direction of that entry, its tech prefix and the \
                             authentication by caller ID; a change takes up to 60 s."
                    .to_owned();
            }
            None => {
                self.next = format!(
                    "Compare {ip} with the address entries, blocks too. {}",
                    self.next
                );
            }
        }
    }
}

/// Whether a reason text speaks of the source.
pub(super) fn is_about_source(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    text.starts_with("ip not authoris") || text.starts_with("ip not authoriz")
}

/// Whether a device calls itself by the name of a tool that looks for open platforms.
fn scans(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    SCANNERS.iter().any(|name| agent.contains(name))
}
