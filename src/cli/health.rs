//! `health`: whether a running bot answers, for whoever supervises it and has no other program at hand. Asks; mends
//! nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::{Ended, Session};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask whether it can take work, not only whether it runs.
    #[arg(long)]
    ready: bool,
}

/// A program that does not answer within this hangs.
const PATIENCE: Duration = Duration::from_secs(3);

pub async fn health(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let address = on_this_machine(session.config.http.listen);
    let what = if args.ready { "ready" } else { "live" };
    // It bears the name that others know it by, and not this address; nothing secret is said to it.
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let scheme = session.config.http.tls.as_ref().map_or("http", |_| "https");
    let url = format!("{scheme}://{address}/health/{what}");
    let nobody = || {
        format!("nobody answers on {address}; see whether the bot runs, and on which [http] listen")
    };
    let answer = client.get(&url).send().await.with_context(nobody)?;
    let (status, text) = (answer.status(), answer.text().await.with_context(nobody)?);
    if !status.is_success() {
        bail!("{text}");
    }
    session.output.line(&text)?;
    Ok(Ended::Answered)
}

/// Where a program that listens on all addresses is reached from here.
fn on_this_machine(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
