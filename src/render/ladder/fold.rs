//! Which rows of a ladder are shown where not all fit: the marked ones, the first and the last.
//! Leaves out whole lines only and says how many messages they held.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::Limits;
use super::draw::Drawing;
use super::rows::Row;

/// A pause this long between two rows is shown.
const LONG_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// What stands in one line of a ladder.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A message, and the how many-th it is.
    Row(usize, &'a Row),
    /// A long time between two messages.
    Pause(SignedDuration),
    /// Messages that are left out.
    Hole {
        /// How many.
        messages: usize,
        /// Whether all of them only keep a path open.
        keep_alives: bool,
    },
}

/// Puts head, rows and foot together within the limits. The foot goes before a marked row does.
pub fn fit(
    drawing: &Drawing<'_>,
    rows: &[Row],
    head: &[String],
    foot: &[String],
    limits: Limits,
) -> String {
    let drawn = Drawn::of(drawing, rows);
    let page = |kept: &BTreeSet<usize>, foot: &[String]| {
        let mut lines = head.to_vec();
        lines.extend(drawn.body(kept));
        lines.extend_from_slice(foot);
        lines
    };
    let fits = |kept: &BTreeSet<usize>, foot: &[String]| {
        length(head) + drawn.length(kept) + length(foot) <= limits.chars + 1
    };
    let all = worth_showing(rows);
    // Far too many need not be drawn to know that they do not fit.
    let least = all.len().saturating_mul(drawing.shortest());
    if least <= limits.chars && fits(&all, foot) {
        return page(&all, foot).join("\n");
    }
    let marked: Vec<usize> = all
        .iter()
        .copied()
        .filter(|at| rows.get(*at).is_some_and(|row| row.marked))
        .collect();
    let proof: BTreeSet<usize> = marked.iter().copied().collect();
    let foot = if fits(&proof, foot) { foot } else { &[] };
    let mut kept = BTreeSet::new();
    let shown: Vec<usize> = all.into_iter().collect();
    let in_turn = outside_in(shown.len()).filter_map(|at| shown.get(at).copied());
    for at in marked.into_iter().chain(in_turn) {
        let added = kept.insert(at);
        if added && !fits(&kept, foot) {
            kept.remove(&at);
            break;
        }
    }
    whole_lines(page(&kept, foot), limits.chars)
}

/// Rows that are drawn when they are first wanted, and once.
struct Drawn<'a> {
    drawing: &'a Drawing<'a>,
    rows: &'a [Row],
    /// Each with its length in characters.
    lines: Vec<OnceCell<(String, usize)>>,
}

impl<'a> Drawn<'a> {
    fn of(drawing: &'a Drawing<'a>, rows: &'a [Row]) -> Drawn<'a> {
        let lines = rows.iter().map(|_| OnceCell::new()).collect();
        Drawn {
            drawing,
            rows,
            lines,
        }
    }

    /// The kept rows in order.
    fn body(&self, kept: &BTreeSet<usize>) -> Vec<String> {
        let line = |entry| match self.row(entry) {
            Some((line, _)) => line.clone(),
            None => self.aside(entry),
        };
        entries(self.rows, kept).into_iter().map(line).collect()
    }

    /// How long they are, line breaks included.
    fn length(&self, kept: &BTreeSet<usize>) -> usize {
        let length = |entry| match self.row(entry) {
            Some((_, chars)) => chars + 1,
            None => self.aside(entry).chars().count() + 1,
        };
        entries(self.rows, kept).into_iter().map(length).sum()
    }

    fn row(&self, entry: Entry<'_>) -> Option<&(String, usize)> {
        let Entry::Row(at, row) = entry else {
            return None;
        };
        let draw = || {
            let line = self.drawing.row(row);
            let chars = line.chars().count();
            (line, chars)
        };
        Some(self.lines.get(at)?.get_or_init(draw))
    }

    /// What stands between rows.
    fn aside(&self, entry: Entry<'_>) -> String {
        match entry {
            Entry::Row(_, row) => self.drawing.row(row),
            Entry::Pause(long) => self.drawing.pause(long),
            Entry::Hole {
                messages,
                keep_alives,
            } => self.drawing.hole(messages, keep_alives),
        }
    }
}

/// The kept rows in order, with long pauses between neighbours and counts where rows are left out.
pub fn entries<'a>(rows: &'a [Row], kept: &BTreeSet<usize>) -> Vec<Entry<'a>> {
    let hole = |from: usize, to: usize| {
        let left_out = rows.iter().take(to).skip(from);
        Entry::Hole {
            messages: left_out.clone().map(|row| row.times).sum(),
            keep_alives: left_out.clone().all(|row| row.keep_alive),
        }
    };
    let mut entries = Vec::new();
    let mut next = 0;
    for &at in kept {
        let Some(row) = rows.get(at) else { continue };
        if at > next {
            entries.push(hole(next, at));
        } else if let Some(before) = at.checked_sub(1).and_then(|before| rows.get(before)) {
            let apart = row.at.checked_sub(before.at);
            let long = apart.filter(|apart| *apart >= LONG_PAUSE);
            entries.extend(long.map(Entry::Pause));
        }
        entries.push(Entry::Row(at, row));
        next = at + 1;
    }
    if next < rows.len() {
        entries.push(hole(next, rows.len()));
    }
    entries
}

/// The rows worth showing, but no more than this: the marked ones, then from both ends.
pub fn most_telling(rows: &[Row], most: usize) -> BTreeSet<usize> {
    let all = worth_showing(rows);
    if all.len() <= most {
        return all;
    }
    let is_marked = |at: &usize| rows.get(*at).is_some_and(|row| row.marked);
    let mut kept: BTreeSet<usize> = all.iter().copied().filter(is_marked).take(most).collect();
    let all: Vec<usize> = all.into_iter().collect();
    for at in outside_in(all.len()).filter_map(|at| all.get(at).copied()) {
        if kept.len() >= most {
            break;
        }
        kept.insert(at);
    }
    kept
}

/// All rows but the middle of long runs of keep-alives: one ping looks like the other, unless it
/// was repeated or is part of the proof.
fn worth_showing(rows: &[Row]) -> BTreeSet<usize> {
    const KEPT_EACH_END: usize = 2;
    let mut shown = BTreeSet::new();
    let mut first = 0;
    for run in rows.chunk_by(|a, b| a.keep_alive && b.keep_alive) {
        for (at, row) in run.iter().enumerate() {
            let near_end = at < KEPT_EACH_END || at + KEPT_EACH_END >= run.len();
            if near_end || row.marked || row.times > 1 {
                shown.insert(first + at);
            }
        }
        first += run.len();
    }
    shown
}

/// First, last, second, last but one: how a story is told when it is too long.
fn outside_in(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows).map(move |n| if n % 2 == 0 { n / 2 } else { rows - 1 - n / 2 })
}

/// How long lines are, each with its line break.
fn length(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count() + 1).sum()
}

/// The last resort where even the head is too long.
fn whole_lines(mut lines: Vec<String>, chars: usize) -> String {
    // After the last line there is no break.
    while length(&lines) > chars + 1 {
        lines.pop();
    }
    lines.join("\n")
}
