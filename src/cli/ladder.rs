//! `calltriage ladder`: the ladder of a call, and nothing else; as text or as a picture.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::diagnose::look;
use super::{Ended, Session};
use crate::chat::answer;
use crate::diagnosis::verdict::explaining;
use crate::diagnosis::{Case, Diagnosis, Investigated, Peers};
use crate::render::ladder::{Theme, svg};
use crate::render::picture::png;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("picture").args(["svg", "png"]).multiple(true)))]
pub struct Args {
    /// A Call-ID, a number, an address, or a sentence with one of them.
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,
    /// Draw it into this SVG file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw it into this PNG file.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Light on dark instead of dark on light.
    #[arg(long, requires = "picture")]
    dark: bool,
}

pub async fn ladder(mut session: Session, args: Args) -> anyhow::Result<Ended> {
    let desk = session.desk_for_one()?;
    let Some(done) = look(&session, &desk, &args.query).await else {
        return Ok(Ended::Incomplete);
    };
    let ended = session.output.unread(&done.unread);
    if args.svg.is_some() || args.png.is_some() {
        let drawn = pictures(&session, &args, &done, desk.investigator().peers())?;
        return Ok(if drawn { ended } else { Ended::Incomplete });
    }
    let cards = answer::cards(&done, desk.investigator().peers(), desk.zone());
    let mut drawn = 0;
    for (card, call) in cards.iter().zip(&done.investigation.calls) {
        if card.ladder.is_empty() {
            continue;
        }
        drawn += 1;
        if session.output.is_json() {
            let value = serde_json::json!({ "call_ids": call.call_ids, "ladder": card.ladder });
            session.output.json(&value)?;
        } else {
            session.output.line(&card.ladder)?;
        }
    }
    if drawn == 0 {
        session.output.note(why_nothing(&done));
    }
    Ok(if drawn > 0 { ended } else { Ended::Incomplete })
}

/// Why there is no call to draw.
pub fn why_nothing(done: &Investigated) -> &str {
    let first = done.investigation.calls.first();
    first.map_or("nothing was found", |call| &call.verdict.summary)
}

/// Writes the pictures that were asked for; false where there is no call to draw. A picture shows
/// one call: the first.
fn pictures(
    session: &Session,
    args: &Args,
    done: &Investigated,
    peers: &Peers,
) -> anyhow::Result<bool> {
    let seen = done.evidence.calls(&[]);
    let mut drawable = done
        .investigation
        .calls
        .iter()
        .filter_map(|diagnosis| Some((diagnosis, diagnosis.find_in(&seen)?)));
    let Some((diagnosis, known)) = drawable.next() else {
        session.output.note(why_nothing(done));
        return Ok(false);
    };
    let others = drawable.count();
    if others > 0 {
        let drawn = diagnosis.call_ids.join(", ");
        session.output.note(&format!(
            "{} calls match; drawn is the first, {drawn}; name a Call-ID to draw another",
            others + 1
        ));
    }
    let case = Case::new(&known.call, peers, None).recorded(known.records.as_ref());
    let marked = explaining(&case, &diagnosis.findings).map_or(&[][..], |it| &it.packets);
    let theme = if args.dark { Theme::Dark } else { Theme::Light };
    let drawing = svg(&case, marked, theme);
    if let Some(path) = &args.png {
        write(session, diagnosis, path, &png(&drawing)?)?;
    }
    if let Some(path) = &args.svg {
        write(session, diagnosis, path, drawing.as_bytes())?;
    }
    Ok(true)
}

fn write(
    session: &Session,
    diagnosis: &Diagnosis,
    path: &Path,
    bytes: &[u8],
) -> anyhow::Result<()> {
    let shown = path.display();
    std::fs::write(path, bytes)
        .with_context(|| format!("{shown}: cannot be written; check the folder and the disk"))?;
    if session.output.is_json() {
        let value = serde_json::json!({ "call_ids": diagnosis.call_ids, "file": path });
        return session.output.json(&value);
    }
    session.output.line(&shown.to_string())?;
    Ok(())
}
