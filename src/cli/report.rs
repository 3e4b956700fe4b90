//! `calltriage report`: a problem report for one reader, as text, Markdown, a mail or data. Keeps and sends nothing.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::{Conversation, Made};
use crate::report::Audience;
use crate::report::draft::Draft;

/// Who reads it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum For {
    Platform,
    Carrier,
    Customer,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Md,
    Eml,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, or the id of an investigation; else the newest investigation.
    #[arg(value_name = "CALL")]
    call: Vec<String>,
    /// Who reads it; else who has to act.
    #[arg(long = "for")]
    audience: Option<For>,
    /// How it is written.
    #[arg(long, default_value = "text")]
    format: Format,
    /// Write its files into this folder too.
    #[arg(long, value_name = "FOLDER")]
    files: Option<PathBuf>,
}

pub async fn report(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(session.store(now).await)?;
    let audience = args.audience.map(|it| match it {
        For::Platform => Audience::Platform,
        For::Carrier => Audience::Carrier,
        For::Customer => Audience::Customer,
    });
    let (about, mut conversation) = (args.call.join(" "), Conversation::default());
    let made = desk
        .made(&mut conversation, &about, audience, None, now)
        .await;
    let made = match made {
        Ok(made) => made,
        Err(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    };
    if let Some(why) = made.needless() {
        session.output.note(&why);
        return Ok(Ended::Incomplete);
    }
    if let Some(folder) = &args.files {
        write(folder, &made)?;
    }
    let format = if session.output.is_json() {
        Format::Json
    } else {
        args.format
    };
    let Made {
        report,
        screen,
        files,
        contact,
        ..
    } = made;
    if format == Format::Json {
        session.output.json(&report.public())?;
        return Ok(Ended::Answered);
    }
    // As in a chat, but without a contact nothing stands before the subject.
    let draft = Draft::new(report.investigation.clone(), report, screen, contact);
    let reporting = desk.reports_with().context("reports are not set up")?;
    let written = reporting
        .written(&draft, files, now)
        .map_err(anyhow::Error::msg)?;
    match format {
        Format::Text => session.output.show(&written.text)?,
        Format::Md => session.output.show(&written.markdown)?,
        Format::Eml => std::io::stdout().lock().write_all(&written.mail)?,
        Format::Json => {}
    }
    Ok(Ended::Answered)
}

fn write(folder: &std::path::Path, made: &Made) -> anyhow::Result<()> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).with_context(|| format!("{shown}: cannot be made"))?;
    for file in &made.files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.bytes)
            .with_context(|| format!("{}: cannot be written; check the disk", path.display()))?;
    }
    Ok(())
}
