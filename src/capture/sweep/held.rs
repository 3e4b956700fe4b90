//! The messages of calls that are not whole yet, within a bound of memory: where they are too many,
//! calls are put off to a later pass.

use std::collections::HashSet;

use super::plan::{Plan, Which};
use crate::sip::Packet;
use crate::sip::map::Map;

/// What a packet takes besides its message.
const COST: usize = 160;

/// A call: its group, or its only Call-ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Call {
    Group(u32),
    Single(u64),
}

/// The messages of one call so far.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) packets: Vec<Packet>,
    /// Messages met, held or not.
    met: u32,
    bytes: usize,
}

impl Part {
    /// Whether messages of it were left out since they are too many.
    pub(super) fn is_cut(&self) -> bool {
        (self.packets.len() as u64) < u64::from(self.met)
    }
}

/// What one pass holds.
pub(super) struct Held<'a> {
    plan: &'a Plan,
    which: Which,
    /// The calls of this pass, where it is a later one.
    only: Option<HashSet<Call>>,
    parts: Map<Call, Part>,
    bytes: usize,
    later: HashSet<Call>,
}

impl<'a> Held<'a> {
    pub(super) fn new(plan: &'a Plan, which: Which, only: Option<HashSet<Call>>) -> Held<'a> {
        Held {
            plan,
            which,
            only,
            parts: Map::default(),
            bytes: 0,
            later: HashSet::new(),
        }
    }

    /// Takes in a message of the Call-ID with this key; gives the call that it makes whole.
    pub(super) fn add(&mut self, key: u64, packet: Packet) -> Option<(Call, Part)> {
        let planned = self.plan.calls.get(&key)?;
        if self.which == Which::Registrations && !planned.registers {
            return None;
        }
        let call = planned.group.map_or(Call::Single(key), Call::Group);
        if self.only.as_ref().is_some_and(|only| !only.contains(&call))
            || self.later.contains(&call)
        {
            return None;
        }
        let expected = self.expected(call);
        let part = self.parts.entry(call).or_default();
        part.met = part.met.saturating_add(1);
        if part.bytes < self.plan.limits.of_one {
            let cost = packet.bytes.len() + COST;
            part.bytes += cost;
            self.bytes += cost;
            part.packets.push(packet);
        }
        if part.met >= expected {
            let part = self.parts.remove(&call)?;
            self.bytes -= part.bytes;
            return Some((call, part));
        }
        if self.bytes > self.plan.limits.held {
            self.put_off();
        }
        None
    }

    /// What is not whole at the end of a pass, because a file has changed since it was counted; and
    /// the calls that were put off.
    pub(super) fn finish(self) -> (Vec<(Call, Part)>, HashSet<Call>) {
        let mut rest: Vec<(Call, Part)> = self.parts.into_iter().collect();
        rest.sort_unstable_by_key(|(call, _)| *call);
        (rest, self.later)
    }

    /// How many messages a call has in this pass.
    fn expected(&self, call: Call) -> u32 {
        let of = |key: &u64| {
            let planned = self.plan.calls.get(key);
            let counts = |registers: bool| self.which == Which::All || registers;
            planned
                .filter(|it| counts(it.registers))
                .map_or(0, |it| it.messages)
        };
        match call {
            Call::Single(key) => of(&key),
            Call::Group(group) => {
                let group = self.plan.groups.get(group as usize);
                group.map_or(0, |it| it.members.iter().map(of).sum())
            }
        }
    }

    /// Lets the largest calls go until half of the room is free. One always stays, so that every
    /// pass makes some whole.
    fn put_off(&mut self) {
        let mut sizes: Vec<(usize, Call)> = self
            .parts
            .iter()
            .map(|(call, part)| (part.bytes, *call))
            .collect();
        sizes.sort_unstable();
        while self.bytes > self.plan.limits.held / 2 && sizes.len() > 1 {
            let Some((bytes, call)) = sizes.pop() else {
                return;
            };
            self.parts.remove(&call);
            self.bytes -= bytes;
            self.later.insert(call);
        }
    }
}
