//! What a request turns out to be: which command, and what the desk is asked by it. Permits, asks and answers nothing.

use super::commands::{Command, Table, Verb};
use super::request::Request;
use super::threads::Thread;

/// What a request turned out to be.
pub(super) struct Understood<'d> {
    /// What is permitted or not.
    pub(super) command: &'d Command,
    /// Whether it changes the world outside, and does so at once.
    pub(super) acts: bool,
    pub(super) question: Question,
}

/// What is answered.
pub(super) enum Question {
    /// What the desk is asked.
    Ask(String),
    /// What the desk is asked about what the thread is about already.
    Join(String, Thread),
    /// Nothing: it is no command, and this is how to write it.
    Misspelt(String),
}

/// What a request asks, in the thread that it joins. Nothing where there are no commands.
pub(super) fn understood<'d>(
    table: &'d Table,
    request: &Request,
    thread: Option<Thread>,
) -> Option<Understood<'d>> {
    if request.said.trim().is_empty() && !request.files.is_empty() {
        // Files speak for themselves.
        let joined = thread.and_then(|it| it.joined("", true).map(|text| (text, it)));
        return Some(Understood {
            command: table.named("diagnose")?,
            acts: false,
            question: match joined {
                Some((text, thread)) => Question::Join(text, thread),
                None => Question::Ask(String::new()),
            },
        });
    }
    let parsed = match table.parse(&request.said) {
        Ok(parsed) => parsed,
        Err(usage) => {
            return Some(Understood {
                command: table.named("help")?,
                acts: false,
                question: Question::Misspelt(usage.to_string()),
            });
        }
    };
    let command = parsed.command;
    let joined = thread
        .filter(|_| command.verb == Verb::Diagnose)
        .and_then(|it| {
            let has_files = !request.files.is_empty();
            it.joined(&parsed.rest, has_files).map(|text| (text, it))
        });
    Some(Understood {
        command,
        acts: command.side_effect && parsed.options.flag("confirm"),
        question: match joined {
            Some((text, thread)) => Question::Join(text, thread),
            None => Question::Ask(request.said.clone()),
        },
    })
}
