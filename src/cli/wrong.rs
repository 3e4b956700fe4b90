//! `calltriage wrong`: marks a verdict as wrong, or writes all that were as cases for the tests.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::reader::Reader;
use crate::chat::{Marked, marked};
use crate::diagnosis::Correction;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Why it is wrong, in a line.
    #[arg(value_name = "REASON", required_unless_present = "export")]
    reason: Vec<String>,
    /// The id of an investigation, or a Call-ID; else the newest investigation.
    #[arg(long)]
    call: Option<String>,
    /// Whose the cause truly is: customer, configuration, platform, carrier, far-end, network or nobody.
    #[arg(long)]
    party: Option<String>,
    /// The rule that would have been right.
    #[arg(long)]
    rule: Option<String>,
    /// Write everything that was marked as entries of examples/captures.toml, with how to get each capture.
    #[arg(long, conflicts_with_all = ["reason", "call", "party", "rule"])]
    export: bool,
}

pub async fn wrong(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(session.store(now).await)?;
    if args.export {
        let corrections = match desk.corrections(now).await {
            Ok(corrections) => corrections,
            Err(why) => {
                session.output.note(&why);
                return Ok(Ended::Incomplete);
            }
        };
        for correction in &corrections {
            if session.output.is_json() {
                session.output.json(correction)?;
            } else {
                session.output.line(&case(correction))?;
            }
        }
        return Ok(Ended::Answered);
    }
    let reason = args.reason.join(" ");
    let said = Marked {
        call: args.call.as_deref(),
        party: args.party.as_deref(),
        rule: args.rule.as_deref(),
        reason: &reason,
    };
    match desk.mark_wrong(said, &Reader::Operator, now).await {
        Ok(correction) if session.output.is_json() => session.output.json(&correction)?,
        Ok(correction) => session.output.line(&marked(&correction))?,
        Err(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}

/// A correction as a case of the example captures: a test that fails until the rules get it right.
fn case(correction: &Correction) -> String {
    let name = format!("wrong-{}", correction.investigation);
    let id = correction.call_ids.first().map_or("", String::as_str);
    let party = correction
        .true_party
        .unwrap_or(crate::diagnosis::Party::Undecided);
    let party = serde_json::to_string(&party).unwrap_or_default();
    format!(
        "# calltriage pcap {id:?} -o captures/{name}.pcap\n\
         [[capture]]\n\
         name = {name:?}\n\
         file = \"captures/{name}.pcap\"\n\
         title = \"Marked as wrong: {}\"\n\
         happened = {:?}\n\
         party = {party}\n\
         query = {id:?}\n\
         call_ids = [{:?}]\n",
        correction.rule, correction.reason, correction.call_ids
    )
}
