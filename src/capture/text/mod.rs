//! Text traces: SIP messages as sniffers, PBXes and proxies print them, or as a person pastes them.
//! Says what the text does not say (times, dates, zones, addresses) and claims nothing about it.
//!
//! A line goes through one file a step: `lines` (bounded, UTF-16 turned) → `clean` (colours, escaped
//! line ends) → `markup` (entities, a chat's links) → `assembler`, which asks the dialects (`arrows` for sniffers, `asterisk`, `freeswitch`,
//! `pjsip`, `sipdump`) whether the line announces a message, `start` whether one begins in it, and leads its
//! lines through `prefix` (quoting, log prefixes) to `message` and `body` → `resolver`, which gives
//! each message a moment (`date`, `time`, `days`, `timed`, `clock`) and ends (`envelope`, `addresses`).
//!
//! A message's `place.frame` is its number in the text, counted from 1.

mod addresses;
mod arrows;
mod assembler;
mod asterisk;
mod body;
mod clean;
mod clock;
mod date;
mod days;
mod envelope;
mod freeswitch;
mod lines;
mod markup;
mod message;
mod notes;
mod pjsip;
mod prefix;
mod resolver;
mod sipdump;
mod start;
mod time;
mod timed;

use std::io::Read;

use bytes::Bytes;

use super::item::Item;
use super::read::FileReport;
use super::warnings::Warning;
use super::window::Window;
use crate::sip::{Message, Name};
use assembler::Assembler;
use lines::{Endian, LONGEST, Lines};
use markup::Markup;
pub(super) use notes::Note;
use resolver::Resolver;

/// Bytes in which the first message must begin, so that a file counts as a trace. A log may run for
/// a while before anybody turns SIP debugging on.
pub(super) const GLANCE: usize = 256 * 1024;
/// The same of what looks like text: a debug log of hours may come before. No more of it is kept at once.
pub(super) const LONG_GLANCE: usize = 8 * 1024 * 1024;
/// Bytes that must look like text.
const LOOKS: usize = 4096;

/// Whether a file that begins so is text with a SIP message in it: a start line at a place where one
/// may stand, followed by the headers that a message needs.
pub(super) fn holds_message(beginning: &[u8]) -> bool {
    let decoded = decoded(beginning);
    let text = decoded.as_deref().unwrap_or(beginning);
    if memchr::memmem::find(text, b"SIP/2.0").is_none() || !looks_like_text(text) {
        return false;
    }
    let mut assembler = Assembler::new(Markup::of(text));
    let mut found = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        assembler.line(line.get(..LONGEST).unwrap_or(line), &mut found);
        if found.drain(..).any(|it| is_sound(it.bytes)) {
            return true;
        }
    }
    assembler.finish(&mut found);
    found.drain(..).any(|it| is_sound(it.bytes))
}

/// Whether a file that begins so may be a log.
pub(super) fn may_be_log(beginning: &[u8]) -> bool {
    let beginning = beginning.get(..LOOKS).unwrap_or(beginning);
    let decoded = decoded(beginning);
    looks_like_text(decoded.as_deref().unwrap_or(beginning))
}

fn decoded(beginning: &[u8]) -> Option<Vec<u8>> {
    Endian::of(beginning).map(|endian| endian.decode(beginning))
}

/// Whether a message was really sent, by its headers: programs and their manuals are full of
/// templates, as `Call-ID: [call_id]` and `CSeq: {} INVITE`.
fn is_sound(bytes: Vec<u8>) -> bool {
    let message = Message::parse(Bytes::from(bytes));
    let call_id = message.call_id();
    !call_id.is_empty()
        && !call_id.starts_with(['[', '{', '<', '$', '%'])
        && message.cseq().is_some()
        && message.header(Name::From).is_some()
        && message.header(Name::To).is_some()
}

/// Damaged captures and programs have SIP in them, too, and so have web pages and SIPp's scenarios.
fn looks_like_text(text: &[u8]) -> bool {
    let beginning = text.get(..LOOKS).unwrap_or(text);
    let is_odd = |byte: &u8| matches!(byte, 0..=6 | 14..=26 | 28..=31);
    let is_markup = match beginning.trim_ascii_start() {
        [b'<', next, ..] => next.is_ascii_alphabetic() || matches!(next, b'?' | b'!'),
        _ => false,
    };
    !is_markup && !beginning.iter().any(is_odd)
}

/// Reads a text trace and hands out its messages in the order of the text.
pub(super) fn read<'a>(
    mut window: Window<Box<dyn Read + 'a>>,
    file: u32,
    sink: &mut dyn FnMut(Item<'_>),
) -> FileReport {
    let mut resolver = Resolver::new(file, sink);
    // What cannot be read is met again below.
    let beginning = window.peek(GLANCE).unwrap_or_default();
    let markup = Markup::of(decoded(beginning).as_deref().unwrap_or(beginning));
    let mut assembler = Assembler::new(markup);
    let mut found = Vec::new();
    let mut each = |line: &[u8], cut: bool| {
        if cut {
            let next = resolver.count.saturating_add(1);
            resolver.warnings.add(Warning::Text(Note::LongLine), next);
        }
        assembler.line(line, &mut found);
        found.drain(..).for_each(|it| resolver.push(it));
    };
    let stopped = Lines::new(window).and_then(|mut lines| {
        while let Some((line, cut)) = lines.next()? {
            each(line, cut);
        }
        Ok(())
    });
    assembler.finish(&mut found);
    found.drain(..).for_each(|it| resolver.push(it));
    let count = resolver.count;
    if stopped.is_err() {
        resolver.warnings.add(Warning::Text(Note::Stopped), count);
    }
    FileReport {
        frames: count,
        sip_messages: count.into(),
        warnings: resolver.finish(),
    }
}
