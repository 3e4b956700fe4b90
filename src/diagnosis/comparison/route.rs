//! Which way a call went, as it is compared: how many hops, over whom, by what.

use super::profile::Entry;
use crate::diagnosis::case::Case;
use crate::diagnosis::party::Side;
use crate::sip::Hop;

/// The values; nothing where no INVITE was seen.
pub(super) fn of(case: &Case<'_>) -> Option<Vec<Entry>> {
    let (call, way) = (case.call, case.way());
    let first = way.first()?;
    let name = |node: std::net::SocketAddr| {
        let name = case.roles.name(node).map(str::to_owned);
        name.unwrap_or_else(|| node.ip().to_string())
    };
    let transport = |hop: &Hop| {
        let invite = hop.first_invite().map(|it| it.packet.transport);
        invite.map_or("not seen".to_owned(), |it| it.name().to_uppercase())
    };
    let mut entries = vec![
        Entry::said("Hops", way.len().to_string()),
        Entry::said("Caller's node", name(first.client)),
        Entry::said("Caller's port", first.client.port().to_string()),
        Entry::said("Transport in", transport(first)),
    ];
    let inner: Vec<String> = way.iter().skip(1).map(|hop| name(hop.client)).collect();
    if !inner.is_empty() {
        entries.push(Entry::said("Platform", inner.join(", ")));
    }
    let ends = call
        .hops
        .iter()
        .filter(|hop| call.downstream(hop).next().is_none());
    let tried: Vec<String> = ends
        .filter(|hop| case.roles.side(hop.server) == Side::CalledPeer)
        .map(|hop| name(hop.server))
        .collect();
    if !tried.is_empty() {
        entries.push(Entry::said("Called peers tried", tried.join(", ")));
    }
    if let Some(last) = way.last().filter(|_| way.len() > 1) {
        entries.push(Entry::said("Transport out", transport(last)));
    }
    Some(entries)
}
