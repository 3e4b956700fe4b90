//! The addresses that calls went through, each list kept once: very many calls share a few. Knows no
//! calls.

use crate::sip::map::Map;
use std::net::SocketAddr;

/// More addresses under one Call-ID are not kept: no call goes through so many nodes.
const MOST_ADDRESSES: usize = 256;

/// A list of addresses, by its number; 0 is the empty one.
pub(super) type Way = u32;

/// Lists of addresses, each of which is another one and one address more.
#[derive(Debug, Clone)]
pub(super) struct Ways {
    addresses: Vec<SocketAddr>,
    /// What each list goes on from, and the address that it adds.
    steps: Vec<(Way, u32)>,
    /// How they are found while they are made.
    by_address: Map<SocketAddr, u32>,
    by_step: Map<(Way, u32), Way>,
}

impl Default for Ways {
    fn default() -> Ways {
        Ways {
            addresses: Vec::new(),
            // The empty list, which adds nothing.
            steps: vec![(0, u32::MAX)],
            by_address: Map::default(),
            by_step: Map::default(),
        }
    }
}

impl Ways {
    /// The list with this address at its end, or as it is where it has that already.
    pub(super) fn reach(&mut self, way: Way, address: SocketAddr) -> Way {
        let mut length = 0;
        for known in self.back(way) {
            length += 1;
            if known == address {
                return way;
            }
        }
        if length >= MOST_ADDRESSES {
            return way;
        }
        let next = number(self.addresses.len());
        let address = *self.by_address.entry(address).or_insert_with(|| {
            self.addresses.push(address);
            next
        });
        let next = number(self.steps.len());
        *self.by_step.entry((way, address)).or_insert_with(|| {
            self.steps.push((way, address));
            next
        })
    }

    /// The addresses of a list in the order in which they were met.
    pub(super) fn of(&self, way: Way) -> Vec<SocketAddr> {
        let mut addresses: Vec<SocketAddr> = self.back(way).collect();
        addresses.reverse();
        addresses
    }

    /// The addresses of a list, the last one first.
    pub(super) fn back(&self, way: Way) -> impl Iterator<Item = SocketAddr> {
        let mut at = way;
        std::iter::from_fn(move || {
            let (before, address) = *self.steps.get(at as usize)?;
            at = before;
            self.addresses.get(address as usize).copied()
        })
    }

    /// Keeps no more than is needed to tell what is there.
    pub(super) fn finish(&mut self) {
        (self.by_address, self.by_step) = (Map::default(), Map::default());
        self.addresses.shrink_to_fit();
        self.steps.shrink_to_fit();
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
