//! A path whose sides awaited audio at several addresses, taken apart: one path each pair of addresses. What came to one
//! address is no part of what came to another.

use std::net::SocketAddr;

use super::{End, Flow, MediaPath};
use crate::wire::MediaStream;

impl<'a> MediaPath<'a> {
    /// The path, one for each pair of addresses between which anything was seen, in the order in which it began; the
    /// path as it is where there is one pair.
    #[must_use]
    pub fn pairs(&self) -> Vec<MediaPath<'a>> {
        let (caller, called) = (&self.to_called.from, &self.to_called.to);
        if caller.announced.len() < 2 && called.announced.len() < 2 {
            return vec![self.clone()];
        }
        let mut pairs: Vec<((usize, usize), Vec<&'a MediaStream>)> = Vec::new();
        let to_called = self.to_called.streams.iter().map(|stream| {
            let pair = (
                place(caller, stream.source),
                place(called, stream.destination),
            );
            (pair, *stream)
        });
        let to_caller = self.to_caller.streams.iter().map(|stream| {
            let pair = (
                place(caller, stream.destination),
                place(called, stream.source),
            );
            (pair, *stream)
        });
        let mut all: Vec<_> = to_called.chain(to_caller).collect();
        all.sort_by_key(|(_, stream)| stream.first);
        for (pair, stream) in all {
            match pairs.iter_mut().find(|(known, _)| *known == pair) {
                Some((_, streams)) => streams.push(stream),
                None => pairs.push((pair, vec![stream])),
            }
        }
        if pairs.len() < 2 {
            return vec![self.clone()];
        }
        let one = |((caller, called), streams): ((usize, usize), Vec<&'a MediaStream>)| {
            let mut path = self.clone();
            let is_own = |flow: &mut Flow<'a>, from: usize, to: usize| {
                flow.from.put_first(flow.from.announced.get(from).copied());
                flow.to.put_first(flow.to.announced.get(to).copied());
                flow.streams
                    .retain(|it| streams.iter().any(|own| std::ptr::eq(*own, *it)));
            };
            is_own(&mut path.to_called, caller, called);
            is_own(&mut path.to_caller, called, caller);
            path
        };
        pairs.into_iter().map(one).collect()
    }
}

/// Which of its addresses one side used: the first where it used one that it had not announced.
fn place(end: &End, address: SocketAddr) -> usize {
    let at = end.announced.iter().position(|it| *it == address);
    at.unwrap_or(0)
}
