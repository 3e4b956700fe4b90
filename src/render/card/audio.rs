//! The audio of a call in one line a path, for a card. Shows nothing where none was seen.

use super::Fact;
use crate::diagnosis::Case;
use crate::diagnosis::audio::{Audio, Reported, heard, of};
use crate::diagnosis::case::count;
use crate::diagnosis::media::{Flow, MediaPath};
use crate::render::clean;

/// More paths than this are not told.
const MOST_PATHS: usize = 3;

/// More addresses that a sender had not announced are not told.
const MOST_SOURCES: usize = 3;

/// One fact a path with audio, the caller's first.
pub(super) fn facts(case: &Case<'_>) -> Vec<Fact> {
    let heard = heard(case);
    let is_pair = |path: &MediaPath<'_>| {
        let same = heard.iter().filter(|it| it.hop.id == path.hop.id);
        same.count() > 1
    };
    let line = |path| {
        let ways = MediaPath::flows(path).map(|flow| direction(case, path, flow, is_pair(path)));
        Fact::new("Audio", clean::line(&ways.join("; ")))
    };
    heard.iter().take(MOST_PATHS).map(line).collect()
}

/// One direction in words; `whole` with the addresses, which tell the pairs of one hop apart.
fn direction<'a>(case: &Case<'a>, path: &MediaPath<'a>, flow: &Flow<'a>, whole: bool) -> String {
    let audio = of(case, path, flow);
    let short = |end: &_, long: &str| match case.end_who(end) {
        who if who.is_empty() || whole => long.to_owned(),
        who => who,
    };
    format!(
        "{} → {} {}",
        short(&flow.from, &audio.from),
        short(&flow.to, &audio.to),
        figures(case, &audio)
    )
}

/// `2 540 packets, 0.2 % lost, jitter 3 ms`
fn figures(case: &Case<'_>, audio: &Audio) -> String {
    if audio.packets == 0 {
        return "none seen".to_owned();
    }
    let mut parts = vec![format!("{} packets", count(audio.packets))];
    parts.push(match audio.lost {
        0 => "none lost".to_owned(),
        lost => {
            let share = lost as f64 * 100.0 / audio.expected.max(1) as f64;
            format!("{share:.1} % lost")
        }
    });
    let about = if audio.jitter_estimated { "about " } else { "" };
    parts.push(format!("jitter {about}{} ms", audio.jitter_ms));
    if let Some(score) = audio.mos_estimate {
        parts.push(format!("MOS about {score}"));
    }
    if audio.since_answer == 0 {
        parts.push("none since the answer".to_owned());
    }
    if let Some(pause) = audio.longest_pause {
        let long = pause.ms as f64 / 1000.0;
        parts.push(format!(
            "silent for {long:.1} s from {}",
            case.at(pause.from)
        ));
    }
    match audio.reported {
        Some(Reported { lost, .. }) if lost > 0 => {
            parts.push(format!("its receiver lacks {}", count(lost.unsigned_abs())));
        }
        _ => {}
    }
    match audio.events {
        0 => {}
        1 => parts.push("1 digit".to_owned()),
        events => parts.push(format!("{events} digits")),
    }
    if !audio.sources.is_empty() {
        let shown = audio.sources.iter().take(MOST_SOURCES);
        let shown: Vec<&str> = shown.map(String::as_str).collect();
        parts.push(format!("from {}", shown.join(" and ")));
    }
    parts.join(", ")
}
