//! `[[peers]]`: reads who is behind which address. What it means is [`crate::peers`]'.

use std::collections::BTreeMap;

use super::reader::{Choice, Refusal, Section, Setting, Value};
use crate::peers::{Network, NetworkError, Peer, PeerKind, Peers};

impl Choice for PeerKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("customer", PeerKind::Customer),
        ("carrier", PeerKind::Carrier),
        ("platform", PeerKind::Platform),
    ];
}

impl Setting for Network {
    fn allowed() -> String {
        r#"an IP address or a block of them, as in "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32""#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value.text()?.parse().map_err(|error| match error {
            NetworkError::Unreadable => Refusal::plain(),
            NetworkError::BeginsElsewhere(network) => {
                Refusal::maybe_meant(Some(format!("\"{network}\"")))
            }
        })
    }
}

/// Reads `[[peers]]`. A block that two peers claim is refused: which one is meant would be a matter of luck.
pub(super) fn read(root: &mut Section<'_>) -> Peers {
    let mut owners: BTreeMap<Network, String> = BTreeMap::new();
    let mut names = super::Names::default();
    Peers::new(root.tables("peers", |section| {
        let name: Option<String> = section.required("name");
        let kind = section.required("kind");
        let addresses: Option<Vec<Network>> = section.required_list("addresses");
        names.check(section, name.as_deref());
        for block in addresses.iter().flatten() {
            let owner = name.clone().unwrap_or_default();
            if let Some(other) = owners.insert(*block, owner) {
                section.refuse(
                    "addresses",
                    format!("found {block}, which {other:?} has too"),
                    "each block once".to_owned(),
                );
            }
        }
        Some(Peer {
            name: name?,
            kind: kind?,
            addresses: addresses?,
        })
    }))
}
