//! `calltriage demo-platform`: serves the API of a platform over the built-in captures until it is told
//! to stop, and prints the settings with which the bot uses it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::run::stop_asked;
use super::{Ended, Session};
use crate::demo::{Credentials, Platform, Server, World};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

pub async fn serve(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    anyhow::ensure!(
        session.evidence.captures.is_empty(),
        "the demo platform serves the built-in captures alone: leave --capture out here, and give it to `calltriage chat` or `diagnose`"
    );
    let stop_asked = stop_asked()?;
    let credentials = Credentials::default();
    let token = credentials.token.clone();
    let world = World::of_examples(Timestamp::now());
    let platform = Arc::new(Platform::new(world, credentials));
    let server = Server::bind(args.listen, platform).await.with_context(|| {
        format!(
            "cannot listen on {}; give a free address with --listen",
            args.listen
        )
    })?;
    let (base_url, status_url) = (server.base_url(), server.status_url());
    if session.output.is_json() {
        let settings = json!({ "base_url": base_url, "status_url": status_url, "token": token });
        session.output.json(&settings)?;
    } else {
        session
            .output
            .show(&settings(&base_url, &status_url, &token))?;
    }
    session
        .output
        .note(&format!("demo platform on {base_url}; Ctrl-C stops it"));
    server
        .serve(async {
            stop_asked.await;
        })
        .await?;
    Ok(Ended::Answered)
}

/// The settings of a bot that asks this platform.
fn settings(base_url: &str, status_url: &str, token: &str) -> String {
    format!(
        r#"# Paste this into calltriage.toml.
[[sources]]
name = "demo"
kind = "connexcs"
base_url = "{base_url}"
token = {{ value = "{token}" }}

[sources.endpoints]
register_log = "demo/register-log?s={{search}}"
simulate = "demo/simulate"
firewall = "demo/firewall?s={{search}}"
registrations = "demo/registrations?s={{search}}"
did = "demo/did?s={{search}}"
dialogs = "demo/dialogs"

[status_page]
kind = "statuspage"
url = "{status_url}"
"#
    )
}
