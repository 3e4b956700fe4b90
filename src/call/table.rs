//! A pasted table or list of Call-IDs. Takes the ids out of it and nothing else: the other columns
//! say something about these calls and ask for no others.

use super::keyed::{self, Key};
use super::term::{self, Term};

/// What separates the cells of a line.
const SEPARATORS: &[char] = &[',', ';', '\t'];

/// The ids of a list or table.
pub(super) struct Ids {
    /// The ids in their order.
    pub ids: Vec<Term>,
    /// Whether something else stood beside them.
    pub beside: bool,
}

/// The ids of a text that is a list of ids, or a table with an id in each line; nothing where it is
/// neither.
pub(super) fn call_ids(text: &str) -> Option<Ids> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    listed(&lines).or_else(|| {
        let of_separator = SEPARATORS
            .iter()
            .map(|separator| tabled(&lines, *separator));
        of_separator.flatten().next()
    })
}

/// Every cell of every line is an id, and there are several: one id is a question like any other.
fn listed(lines: &[&str]) -> Option<Ids> {
    let all = lines.iter().flat_map(|line| line.split(SEPARATORS));
    let written = all.map(bare).filter(|cell| !cell.is_empty());
    let ids = written.map(id).collect::<Option<Vec<Term>>>()?;
    let beside = false;
    (ids.len() > 1).then_some(Ids { ids, beside })
}

/// Several lines with as many cells each, and an id in each line but the heading.
fn tabled(lines: &[&str], separator: char) -> Option<Ids> {
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| cells(line, separator)).collect();
    let (first, others) = rows.split_first()?;
    let is_even = others.iter().all(|row| row.len() == first.len());
    if first.len() < 2 || others.is_empty() || !is_even {
        return None;
    }
    // A heading may say where the ids are, whatever they look like.
    let headed: Vec<usize> = (0..)
        .zip(first)
        .filter(|(_, cell)| is_heading(cell))
        .map(|(at, _)| at)
        .collect();
    let of_row = |row: &Vec<&str>| -> Vec<Term> {
        let cells = (0..).zip(row);
        if headed.is_empty() {
            cells.filter_map(|(_, cell)| id(cell)).collect()
        } else {
            let under = cells.filter(|(at, _)| headed.contains(at));
            under.filter_map(|(_, cell)| term::call_id(cell)).collect()
        }
    };
    let found: Vec<Vec<Term>> = others.iter().map(of_row).collect();
    if found.iter().any(Vec::is_empty) {
        return None;
    }
    let of_first = if headed.is_empty() {
        of_row(first)
    } else {
        Vec::new()
    };
    let written = others.iter().flatten().filter(|cell| !cell.is_empty());
    let ids: Vec<Term> = found.into_iter().flatten().collect();
    let beside = ids.len() < written.count();
    let ids: Vec<Term> = of_first.into_iter().chain(ids).collect();
    (ids.len() > 1 || !headed.is_empty()).then_some(Ids { ids, beside })
}

fn is_heading(cell: &str) -> bool {
    let named = cell.trim().to_lowercase().replace(' ', "_");
    matches!(keyed::split(&format!("{named}:")), Some((Key::CallId, "")))
}

fn id(cell: &str) -> Option<Term> {
    let found = term::identify(cell)?;
    matches!(
        found,
        Term::CallId(_) | Term::OutgoingCallId(_) | Term::Simulated(_)
    )
    .then_some(found)
}

/// The cells of a line; a separator within quotes is none.
fn cells(line: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let ends = |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    };
    line.split(ends).map(bare).collect()
}

fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(cell).trim()
}
