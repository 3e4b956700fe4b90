//! What the tests show of each rule: that it fires, on calls out and in where it names a party, and that it is silent
//! at its edge. The helpers of the tests note what they see while another process runs them; the walk over the
//! catalogue reads those notes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use calltriage::diagnosis::party::Direction;
use calltriage::diagnosis::rules::{self, Check};
use calltriage::diagnosis::{Case, Finding, Party};
use calltriage::sip::Kind;

/// Where notes go; unless it is set, none are taken.
const NOTES: &str = "CALLTRIAGE_SHOWN";

/// Rules that the flow concludes by itself: there is no call to look at. Its own tests show them.
const OF_THE_FLOW: [&str; 2] = ["call-not-found", "inconclusive"];

/// Rules on calls that go one way alone, and why.
const ONE_WAY: [(&str, &str); 4] = [
    (
        "caller-id-not-own",
        "what a carrier hands in bears the number of a stranger",
    ),
    (
        "reached-through-another-carrier",
        "carriers are chosen for calls out",
    ),
    (
        "fails-through-every-carrier",
        "carriers are chosen for calls out",
    ),
    (
        "carriers-failed-in-log",
        "carriers are chosen for calls out",
    ),
];

/// Where notes go, and those that stand there already.
type Notebook = Mutex<(File, BTreeSet<String>)>;

fn note(line: String) {
    static OPEN: OnceLock<Option<Notebook>> = OnceLock::new();
    let open = OPEN.get_or_init(|| {
        let path = std::env::var_os(NOTES)?;
        let file = File::options().append(true).open(path).unwrap();
        Some(Mutex::new((file, BTreeSet::new())))
    });
    let Some(open) = open else { return };
    let (file, known) = &mut *open.lock().unwrap();
    if !known.contains(&line) {
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
        known.insert(line);
    }
}

/// Everything that is found in a call; which rules fired is noted.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let findings = rules::findings(case);
    let way = match (case.call.kind(), case.roles.direction) {
        // A registration, a keep-alive, a device: no call that goes one way or the other.
        (Kind::Registration, _) | (Kind::Other, Direction::AssumedOutbound | Direction::OneLeg) => {
            "alone"
        }
        (_, Direction::Outbound) => "outbound",
        (_, Direction::Inbound) => "inbound",
        (_, Direction::AssumedOutbound | Direction::OneLeg) => "assumed",
    };
    for found in &findings {
        note(format!("{} fires {way} {:?}", found.rule, found.party));
    }
    findings
}

/// A rule was asked for by its id, and whether it said anything: nothing at the edge, where a test looks for that.
pub fn asked(rule: &str, is_silent: bool) {
    assert!(rules::find(rule).is_some(), "no rule is called {rule}");
    note(match is_silent {
        true => format!("{rule} silent"),
        // Rules on many calls have no direction.
        false => format!("{rule} fires many"),
    });
}

/// The notes of all tests of this folder, by rule.
fn notes() -> BTreeMap<String, Vec<String>> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let ran = Command::new(std::env::current_exe().unwrap())
        .arg("rules::")
        .args(
            ["shown", "invariance", "codes::every_", "timeless"]
                .map(|it| format!("--skip=rules::{it}")),
        )
        .env(NOTES, file.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{told}");
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(file.path()).unwrap().lines() {
        let (rule, shown) = line.split_once(' ').unwrap();
        notes
            .entry(rule.to_owned())
            .or_default()
            .push(shown.to_owned());
    }
    notes
}

#[test]
fn every_rule_fires_and_is_silent_at_its_edge_whichever_way_the_call_goes() {
    let notes = notes();
    let mut lacks = String::new();
    for rule in rules::all().filter(|rule| !OF_THE_FLOW.contains(&rule.id)) {
        let shown = notes.get(rule.id).map_or(&[][..], Vec::as_slice);
        let is_shown = |what: &str| shown.iter().any(|it| it.starts_with(what));
        let mut must = vec!["fires", "silent"];
        let nobody = [Party::Nobody, Party::Undecided].map(|party| format!("{party:?}"));
        let of_calls = shown.iter().filter(|it| {
            ["fires outbound", "fires inbound", "fires assumed"]
                .iter()
                .any(|way| it.starts_with(way))
        });
        let names = of_calls
            .filter(|it| !nobody.iter().any(|party| it.ends_with(party)))
            .count();
        if matches!(rule.check, Check::Call(_)) && names > 0 {
            must.push("fires outbound");
            if ONE_WAY.iter().all(|(one, _)| *one != rule.id) {
                must.push("fires inbound");
            }
        }
        for what in must.into_iter().filter(|what| !is_shown(what)) {
            lacks.push_str(&format!("{}: no test in which it {what}\n", rule.id));
        }
    }
    assert!(lacks.is_empty(), "\n{lacks}");
}
