//! `calltriage pcap`: the messages of a call as a capture file, for Wireshark or a ticket.

use std::path::PathBuf;

use anyhow::Context as _;

use super::diagnose::look;
use super::{Ended, Session};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, an address, or a sentence with one of them.
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,
    /// The file to write; one that is there already is replaced.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub async fn pcap(mut session: Session, args: Args) -> anyhow::Result<Ended> {
    let desk = session.desk_for_one()?;
    let Some(done) = look(&session, &desk, &args.query).await else {
        return Ok(Ended::Incomplete);
    };
    let ended = session.output.unread(&done.unread);
    if done.evidence.packets.is_empty() {
        session.output.note(super::ladder::why_nothing(&done));
        return Ok(Ended::Incomplete);
    }
    let (file, exported) = done.evidence.to_pcap()?;
    let shown = args.output.display();
    std::fs::write(&args.output, file)
        .with_context(|| format!("{shown}: cannot be written; check the folder and the disk"))?;
    if session.output.is_json() {
        session.output.json(&serde_json::json!({
            "file": args.output,
            "messages": exported.messages,
            "left_out": exported.left_out,
        }))?;
    } else {
        let messages = exported.messages;
        let s = if messages == 1 { "" } else { "s" };
        session
            .output
            .line(&format!("{shown}: {messages} message{s}"))?;
    }
    match exported.left_out {
        0 => Ok(ended),
        left_out => {
            let why = "longer than a datagram, or between an IPv4 and an IPv6 address";
            session
                .output
                .note(&format!("messages left out: {left_out}; {why}"));
            Ok(Ended::Incomplete)
        }
    }
}
