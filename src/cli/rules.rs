//! `calltriage rules`: the catalogue.

use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::chat::{Reply, accuracy_lines, list_rules, local};
use crate::diagnosis::Tuning;
use crate::diagnosis::rules::{Limit, Rule};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only rules that have to do with this word.
    #[arg(value_name = "WORD")]
    word: Option<String>,
    /// How often the verdicts of each rule were marked as wrong.
    #[arg(long, conflicts_with = "word")]
    accuracy: bool,
}

/// How often each rule's verdicts were marked as wrong.
async fn accuracy(session: &Session) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(session.store(now).await)?;
    match desk.accuracy(now).await {
        Ok(counted) if session.output.is_json() => {
            for rule in &counted {
                session.output.json(rule)?;
            }
        }
        Ok(counted) => session.output.line(&accuracy_lines(&counted).join("\n"))?,
        Err(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}

pub async fn rules(session: Session, args: Args) -> anyhow::Result<Ended> {
    if args.accuracy {
        return accuracy(&session).await;
    }
    let reply = list_rules(args.word.as_deref().unwrap_or_default());
    match &reply {
        Reply::Rules(rules) if session.output.is_json() => {
            for rule in rules {
                session.output.json(&as_json(rule, &session.tuning))?;
            }
        }
        Reply::Rules(_) => session
            .output
            .line(&local::text(&reply, session.output.style()))?,
        other => {
            session
                .output
                .note(&local::text(other, session.output.style()));
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}

/// A rule with all that its declaration says, and how it is tuned in this run.
pub fn as_json(rule: &Rule, tuning: &Tuning) -> serde_json::Value {
    let limit = |limit: &&Limit| {
        json!({
            "key": limit.key,
            "what": limit.what,
            "declared": limit.default.to_string(),
            "in_force": tuning.figure(limit).to_string(),
        })
    };
    let limits: Vec<serde_json::Value> = rule.limits.iter().map(limit).collect();
    json!({
        "id": rule.id,
        "family": rule.family,
        "severity": rule.severity,
        "finds": rule.finds,
        "matters": rule.matters,
        "remedy": rule.remedy,
        "silent": rule.silent,
        "source": rule.source,
        "explains": rule.explains,
        "limits": limits,
        "off": tuning.is_off(rule),
        "severity_here": tuning.severity(rule).unwrap_or(rule.severity),
    })
}
