//! `calltriage simulate`: shows what a call would be simulated with; with --confirm it is.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::commands::Options;
use crate::chat::{Conversation, Reply, local};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, or the id of an investigation: its newest call gives the values.
    #[arg(value_name = "CALL")]
    call: Vec<String>,
    /// Dialled Number.
    #[arg(long)]
    dialled: Option<String>,
    /// CLI/ANI: the caller's number.
    #[arg(long)]
    cli: Option<String>,
    /// Switch IP: the platform's server that the call enters.
    #[arg(long)]
    switch: Option<String>,
    /// Customer IP: where the call comes from.
    #[arg(long)]
    ip: Option<String>,
    /// Registered User, where the call authenticates as one.
    #[arg(long)]
    user: Option<String>,
    /// Routing Engine: its zone, as in Europe.
    #[arg(long)]
    engine: Option<String>,
    /// The account, by its name in the configuration, where there are several.
    #[arg(long)]
    source: Option<String>,
    /// Run it. It leaves an entry in the platform's log.
    #[arg(long)]
    confirm: bool,
}

pub async fn simulate(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(session.store(now).await)?;
    let given = [
        ("dialled", args.dialled),
        ("cli", args.cli),
        ("switch", args.switch),
        ("ip", args.ip),
        ("user", args.user),
        ("engine", args.engine),
        ("source", args.source),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let options = Options::given(given, args.confirm.then_some("confirm"));
    let mut conversation = Conversation::default();
    let about = args.call.join(" ");
    let reply = desk
        .simulate(&mut conversation, &about, &options, now)
        .await;
    let output = session.output;
    match &reply {
        Reply::Investigation(..) | Reply::Offer(_) if output.is_json() => {
            output.json(&local::json(&reply))?;
        }
        Reply::Offer(offer) => output.line(&format!(
            "{}\nRun it with: calltriage {}",
            local::offered(offer),
            offer.command
        ))?,
        Reply::Investigation(..) => output.line(&local::text(&reply, output.style()))?,
        other => {
            output.note(&local::text(other, output.style()));
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}
