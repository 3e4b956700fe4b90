//! Looks up the addresses of an API's host by the system's resolver, so that a name that is not
//! known can be told from everything else that goes wrong. Remembers nothing.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// No address is known for a name.
#[derive(Debug, thiserror::Error)]
#[error("no address is known for the host's name")]
pub(super) struct NoAddress;

/// The system's resolver.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is set by who connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<SocketAddr> = found.map_err(|_| NoAddress)?.collect();
            if addresses.is_empty() {
                return Err(NoAddress.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
