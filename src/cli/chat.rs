//! `calltriage chat`: the conversation in the terminal. Without a terminal it reads lines and ends
//! with them.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Write as _};

use anyhow::Context as _;
use jiff::Timestamp;

use super::interrupt::Interrupts;
use super::output::Output;
use super::{Ended, Session};
use crate::app;
use crate::chat::{Conversation, ConversationId, Given, Reply, local};
use crate::diagnosis::investigator::cancel::Course;
use crate::store::{Store, socket};

/// What the desk calls this chat.
const CHAT: &str = "terminal";

/// Longer lines are no message of a person.
const LONGEST_LINE: usize = 64 * 1024;

pub async fn chat(session: Session) -> anyhow::Result<Ended> {
    let store = session.store(Timestamp::now()).await;
    // A chat may be open for hours: meanwhile other commands reach the store through it.
    let (_stop, stopped) = tokio::sync::oneshot::channel::<()>();
    if let (Some(store @ Store::Sled(_)), Some(dir)) = (&store, app::store_path(&session.config)) {
        match socket::Server::bind(&socket::path_in(&dir)).await {
            Ok(server) => {
                let until_end = async move {
                    // The sender is dropped when the chat ends.
                    let _ = stopped.await;
                };
                tokio::spawn(server.serve(store.clone(), until_end));
            }
            Err(error) => tracing::warn!(%error, "other commands cannot reach the store"),
        }
    }
    let desk = session.desk(store)?;
    let output = session.output;
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    if interactive {
        output.line(&local::welcome(desk.investigator().sources()).await)?;
    }
    let steps = super::progress::steps();
    let id = ConversationId {
        chat: CHAT,
        name: String::new(),
    };
    let mut conversation = Conversation::watched(id, steps.clone());
    let canceller = conversation.canceller();
    let mut interrupts = Interrupts::heard()?;
    loop {
        if interactive {
            output.show("\n> ")?;
        }
        let mut line = tokio::task::spawn_blocking(read_line);
        let line = loop {
            // Whoever waits for a platform is answered before the next question, and as soon as it is back.
            let next = async {
                tokio::select! {
                    biased;
                    () = desk.until_back(CHAT) => None,
                    line = &mut line => Some(line),
                }
            };
            match interrupts.unless(next).await {
                Err(_) => break None,
                Ok(Some(line)) => break line??,
                Ok(None) => {}
            }
            let running = canceller.begin();
            let course = Course::new(&*steps, &running);
            let late = desk.catch_up(CHAT, Timestamp::now(), course);
            let Ok(late) = interrupts.during(&canceller, late).await else {
                break None;
            };
            for late in late {
                for reply in desk.tell_late(&mut conversation, late) {
                    say(output, &reply, interactive)?;
                }
            }
            if interactive {
                output.show("\n> ")?;
            }
        };
        let Some(line) = line else {
            break;
        };
        if line.trim().is_empty() {
            continue;
        }
        let answer = desk.answer(&mut conversation, &line, Timestamp::now());
        let Ok(reply) = interrupts.during(&canceller, answer).await else {
            break;
        };
        if matches!(reply, Reply::End) {
            break;
        }
        say(output, &reply, interactive)?;
    }
    if interactive {
        output.line("")?;
    }
    Ok(Ended::Answered)
}

fn say(output: Output, reply: &Reply, interactive: bool) -> anyhow::Result<()> {
    if let Reply::Files { files, .. } = reply {
        for file in files {
            if let Err(error) = write(file) {
                output.note(&format!("{error:#}"));
                return Ok(());
            }
        }
    }
    if output.is_json() {
        return output.json(&local::json(reply));
    }
    output.line(&local::text(reply, output.style()))?;
    // A card is longer than most screens: what matters stands where the eye is.
    if let Some(headline) = local::headline(reply).filter(|_| interactive) {
        output.line(&headline)?;
    }
    Ok(())
}

/// Puts a file into the folder in which the chat was begun. One that is there already is not touched.
fn write(file: &Given) -> anyhow::Result<()> {
    match File::create_new(&file.name) {
        Ok(mut new) => Ok(new.write_all(&file.bytes)?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => anyhow::bail!(
            "{} is there already: move it away, or name another file with `calltriage pcap QUERY -o FILE`",
            file.name
        ),
        Err(error) => Err(error).with_context(|| format!("{}: cannot be written here", file.name)),
    }
}

/// One line of any bytes; nothing at the end. What is beyond the longest line is dropped.
fn read_line() -> io::Result<Option<String>> {
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        let chunk = stdin.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let (end, used) = match chunk.iter().position(|byte| *byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (false, chunk.len()),
        };
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend(chunk.iter().take(used.min(room)));
        stdin.consume(used);
        if end {
            return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        }
    }
    Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()))
}
