//! Calls as comma-separated values, a line each, for spreadsheets (RFC 4180). A cell that a
//! spreadsheet would run as a formula gets an apostrophe before it.

use crate::diagnosis::Unasked;
use crate::diagnosis::common::{Aspect, Traits, groups};
use crate::diagnosis::rules::trace::CALL_NOT_FOUND;

/// What stands in the place of a rule where an id could not be asked for, so that none judged it.
const NOT_ASKED: &str = "not-asked";

const HEADING: [&str; 12] = [
    "call_id",
    "outgoing_id",
    "started",
    "from",
    "to",
    "code",
    "rule",
    "party",
    "to_act",
    "certainty",
    "carrier",
    "group",
];

/// The table with its heading, lines ended by CR LF. `not_found` are ids under which nothing was
/// found, `not_asked` those that could not be asked for: they have a line with nothing but the id and the rule
/// `call-not-found` or `not-asked`.
#[must_use]
pub fn calls(calls: &[Traits], not_found: &[String], not_asked: &[Unasked]) -> String {
    let groups = groups(calls);
    let mut text = line(HEADING.map(str::to_owned));
    for call in calls {
        let verdict = call.verdict.as_ref();
        let group = groups.iter().find(|group| group.holds(call.call_id()));
        let carriers = || call.of(Aspect::Carrier).collect::<Vec<_>>().join("; ");
        text.push_str(&line([
            call.call_id().to_owned(),
            call.call_ids.get(1..).unwrap_or_default().join(" "),
            call.at.map(|at| at.to_string()).unwrap_or_default(),
            call.from.clone(),
            call.to.clone(),
            call.code.map(|code| code.to_string()).unwrap_or_default(),
            verdict.map(|it| it.rule.clone()).unwrap_or_default(),
            verdict.map_or("", |it| it.party.label()).to_owned(),
            verdict.map_or("", |it| it.to_act.label()).to_owned(),
            verdict.map_or("", |it| it.certainty.word()).to_owned(),
            call.carrier.clone().unwrap_or_else(carriers),
            group.map(|it| it.name.clone()).unwrap_or_default(),
        ]));
    }
    let not_found = not_found.iter().map(|id| (id, CALL_NOT_FOUND.id));
    let not_asked = not_asked.iter().map(|it| (&it.call_id, NOT_ASKED));
    for (id, why) in not_found.chain(not_asked) {
        let mut cells = HEADING.map(|_| String::new());
        let [call_id, _, _, _, _, _, rule, ..] = &mut cells;
        call_id.clone_from(id);
        why.clone_into(rule);
        text.push_str(&line(cells));
    }
    text
}

/// One line of such a table.
#[must_use]
pub fn line<const N: usize>(cells: [String; N]) -> String {
    cells.map(|cell| written(&cell)).join(",") + "\r\n"
}

/// One cell: guarded against being run, quoted where it has to be.
fn written(cell: &str) -> String {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if runs {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    // Control characters move the cursor of whoever prints the file.
    let shown: String = guarded
        .chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .collect();
    if shown.contains([',', '"', '\t']) {
        format!("\"{}\"", shown.replace('"', "\"\""))
    } else {
        shown
    }
}
