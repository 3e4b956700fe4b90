//! Legs are found from what is kept of each Call-ID as they are from all its messages, in whatever
//! order those come.

use std::collections::{BTreeMap, HashSet};

use calltriage::sip::join::{Candidate, Joined, Setup, SetupReader, joins, key, matches, named};
use calltriage::sip::{Glance, JoinBy, Packet, Place, Seen, threads};
use jiff::Timestamp;
use proptest::prelude::*;

use super::properties::script;
use crate::support::traffic::pairs;

fn seen(packet: &Packet) -> Seen<'_> {
    Seen {
        at: packet.at,
        source: packet.source,
        destination: packet.destination,
        transport: packet.transport,
        place: packet.place,
        bytes: &packet.bytes,
    }
}

/// The joins among messages read one by one, as a large capture is read: so many at a time, each
/// time by readers of their own.
fn read_singly(packets: &[Packet], at_a_time: usize) -> Joined {
    let mut readers: BTreeMap<String, SetupReader> = BTreeMap::new();
    let mut begins: BTreeMap<String, (Timestamp, Place)> = BTreeMap::new();
    for some in packets.chunks(at_a_time) {
        let mut of_some: BTreeMap<String, SetupReader> = BTreeMap::new();
        for packet in some {
            let glance = Glance::of(&packet.bytes);
            let call_id = glance.call_id().into_owned();
            let moment = (packet.at, packet.place);
            let first = begins.entry(call_id.clone()).or_insert(moment);
            *first = moment.min(*first);
            let reader = of_some.entry(call_id).or_default();
            reader.look(&seen(packet), &glance);
        }
        for (call_id, reader) in of_some {
            readers.entry(call_id).or_default().merge(reader);
        }
    }
    let mut order: Vec<((Timestamp, Place), String)> =
        begins.into_iter().map(|(id, at)| (at, id)).collect();
    order.sort();
    let setups: Vec<(usize, u64, Box<Setup>)> = order
        .iter()
        .enumerate()
        // What has no Call-ID is many calls, not one.
        .filter(|(_, (_, id))| !id.is_empty())
        .filter_map(|(place, (_, id))| Some((place, key(id), readers.remove(id)?.setup()?)))
        .collect();
    let candidates: Vec<Candidate<'_>> = setups.iter().map(Candidate::of).collect();
    let found = matches(&candidates, &HashSet::new());
    named(&threads(packets.to_vec()), &found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..Default::default() })]

    #[test]
    fn message_by_message_in_any_order((packets, shuffled) in script()) {
        let whole = joins(&threads(packets.clone()), &Joined::default());
        prop_assert_eq!(&read_singly(&packets, 3), &whole);
        prop_assert_eq!(&read_singly(&shuffled, 5), &whole);
    }

    /// Real calls through a platform, so that there is something to join.
    #[test]
    fn calls_in_any_order(packets in Just(pairs()).prop_shuffle()) {
        let found = read_singly(&packets, 3);
        prop_assert_eq!(&found, &joins(&threads(pairs()), &Joined::default()));
        let by = |wanted: &JoinBy| found.joins.iter().filter(|it| it.by == *wanted).count();
        prop_assert!(by(&JoinBy::SessionId) > 0, "{:?}", found);
        prop_assert!(by(&JoinBy::PassedOn) > 0, "{:?}", found);
        prop_assert!(by(&JoinBy::Numbers) > 0, "{:?}", found);
        prop_assert!(by(&JoinBy::Header("X-Other-Leg".to_owned())) > 0, "{:?}", found);
    }
}
