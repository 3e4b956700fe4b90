//! Joined Call-IDs put together, each call's in the order of its way.

use std::collections::HashMap;

use super::Join;
use crate::sip::signal::Thread;

/// Groups threads into calls: the places in `threads` of those that belong together, each after
/// the one that it was joined to, otherwise in order.
#[must_use]
pub fn groups(threads: &[Thread], joins: &[Join]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> = threads
        .iter()
        .enumerate()
        .map(|(at, t)| (t.call_id.as_str(), at))
        .collect();
    let mut parent: Vec<usize> = (0..threads.len()).collect();
    fn root(parent: &[usize], mut at: usize) -> usize {
        while let Some(up) = parent.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    }
    for join in joins {
        let ends = (index.get(join.a.as_str()), index.get(join.b.as_str()));
        let (Some(a), Some(b)) = ends else { continue };
        let (a, b) = (root(&parent, *a), root(&parent, *b));
        if let Some(slot) = parent.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    for at in upstream_first(threads.len(), joins, &index) {
        let group = *group_of.entry(root(&parent, at)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        if let Some(members) = groups.get_mut(group) {
            members.push(at);
        }
    }
    groups
}

/// All places, each after the one it was joined to: a clock that is late may have recorded the far
/// side of a call before the caller's.
fn upstream_first(count: usize, joins: &[Join], index: &HashMap<&str, usize>) -> Vec<usize> {
    let mut upstream: HashMap<usize, usize> = HashMap::new();
    for join in joins {
        if let (Some(a), Some(b)) = (index.get(join.a.as_str()), index.get(join.b.as_str())) {
            upstream.entry(*b).or_insert(*a);
        }
    }
    let mut placed = vec![false; count];
    let mut order = Vec::with_capacity(count);
    for at in 0..count {
        let mut way = Vec::new();
        let mut next = Some(at);
        while let Some(here) = next {
            match placed.get_mut(here) {
                Some(done) if !*done => *done = true,
                _ => break,
            }
            way.push(here);
            next = upstream.get(&here).copied();
        }
        order.extend(way.into_iter().rev());
    }
    order
}
