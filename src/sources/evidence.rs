//! Everything that was fetched, put together call by call: messages, what was seen besides them, and
//! what a platform's records say. Fetches nothing and judges nothing.

use std::collections::HashSet;
use std::io;

use jiff::Timestamp;

use crate::call::Expected;
use crate::capture::export::{self, Exported};
use crate::platform::{CallRecord, Incident, Records, Registering};
use crate::sip::call::calls_knowing;
use crate::sip::{Call, Granted, Join, Joined, Packet, Tie, threads};
use crate::wire::Observations;

/// What was recorded: SIP messages, what was seen on the wire besides them, and what a platform's
/// records say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// The messages.
    pub packets: Vec<Packet>,
    /// What was seen besides.
    pub observed: Observations,
    /// What the platform's records say, call by call.
    pub records: Vec<Records>,
    /// What the platform's status page says, whichever call it concerns.
    pub incidents: Vec<Incident>,
    /// Where the calls should have gone, where somebody said it.
    pub expected: Option<Expected>,
    /// What registrations near the calls were granted.
    pub granted: Vec<Granted>,
    /// Legs of which it is open to which of several calls they belong.
    pub ties: Vec<Tie>,
}

/// One call as it was seen and as the platform's records have it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its messages; none where only the records speak of it.
    pub call: Call,
    /// What the records say, where there are any.
    pub records: Option<Records>,
}

impl Known {
    /// Its Call-IDs, the caller's first.
    #[must_use]
    pub fn call_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self
            .call
            .legs
            .iter()
            .map(|leg| leg.call_id.clone())
            .collect();
        let row = self.records.as_ref().and_then(|it| it.row.as_ref());
        for id in row.into_iter().flat_map(CallRecord::call_ids) {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        let of_row = || self.records.as_ref()?.row.as_ref()?.started;
        self.call.started().or_else(of_row)
    }
}

impl Evidence {
    /// Its messages in the order of time as a capture file that Wireshark opens, without credentials: the bytes and what
    /// found its place in them.
    ///
    /// # Errors
    /// Where a message is longer than a capture can tell.
    pub fn to_pcap(&self) -> io::Result<(Vec<u8>, Exported)> {
        let mut packets: Vec<&Packet> = self.packets.iter().collect();
        packets.sort_by_key(|packet| (packet.at, packet.place));
        let mut file = Vec::new();
        let exported = export::pcap(packets, &mut file)?;
        Ok((file, exported))
    }

    /// The calls in it, in the order in which they begin. `joins` are what the sources besides the
    /// records know of which Call-IDs are one call.
    #[must_use]
    pub fn calls(&self, joins: &[Join]) -> Vec<Known> {
        let rows = || self.records.iter().filter_map(|it| it.row.as_ref());
        let of_rows = rows().flat_map(row_joins);
        let known = Joined {
            joins: joins.iter().cloned().chain(of_rows).collect(),
            ties: self.ties.clone(),
        };
        let mut left: Vec<Option<&Records>> = self.records.iter().map(Some).collect();
        let mut found: Vec<Known> = calls_knowing(threads(self.packets.clone()), &known)
            .into_iter()
            .map(|call| {
                let records = left
                    .iter_mut()
                    .find_map(|it| it.take_if(|it| is_about(it, &call)));
                let records = records.cloned();
                Known { call, records }
            })
            .collect();
        // Rows of which no message was found are calls all the same.
        let speaks = |it: &&Records| it.row.is_some() || it.registering.is_some();
        let mut unseen: Vec<Known> = Vec::new();
        for records in left.into_iter().flatten().filter(speaks) {
            // One call may have been asked for by the ids of both its sides.
            let is_its = |known: &Known| is_about(records, &known.call);
            if !found.iter().any(is_its) {
                unseen.push(Known {
                    call: Call::unseen(),
                    records: Some(records.clone()),
                });
            }
        }
        found.extend(unseen);
        found.sort_by_key(Known::started);
        found
    }
}

fn is_about(records: &Records, call: &Call) -> bool {
    let legs: HashSet<&str> = call.legs.iter().map(|leg| leg.call_id.as_str()).collect();
    let is_registered = |it: &Registering| it.call_ids().any(|id| legs.contains(id));
    records
        .row
        .as_ref()
        .is_some_and(|row| row.call_ids().any(|id| legs.contains(id)))
        || records.registering.as_ref().is_some_and(is_registered)
}

/// A row says which Call-IDs go out for the one that came in.
fn row_joins(row: &CallRecord) -> Vec<Join> {
    let Some(incoming) = row.call_id.as_deref().filter(|id| !id.is_empty()) else {
        return Vec::new();
    };
    let outgoing = row.outgoing_call_ids().filter(|id| *id != incoming);
    outgoing.map(|id| Join::known(incoming, id)).collect()
}
