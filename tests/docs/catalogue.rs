//! The pages of the rules, one each, their table of contents, and the golden table: what every rule finds in
//! every example and scenario.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use calltriage::diagnosis::Diagnosis;
use calltriage::diagnosis::rules::{self, Check, Rule};

use super::{cell, check};
use crate::{examples, scenarios};

/// What one piece of evidence made the rules say.
struct Judged {
    /// What it is: the example's name, or the scenario's row and title.
    evidence: String,
    /// What was found in it, and what is told first.
    call: Diagnosis,
}

fn judged() -> Vec<Judged> {
    let mut all: Vec<Judged> = Vec::new();
    for example in examples::all() {
        let investigation = examples::investigate(&example);
        all.push(Judged {
            evidence: format!("example `{}`", example.name),
            call: investigation.calls[0].clone(),
        });
    }
    for (_, table) in scenarios::GROUPS {
        for (scenario, investigation) in scenarios::played(table) {
            all.push(Judged {
                evidence: format!("{}: {}", scenario.row, scenario.title),
                call: scenarios::diagnosis(&investigation).clone(),
            });
        }
    }
    all
}

/// Everything that was found in a call, the verdict marked, and what follows from what.
fn told(call: &Diagnosis) -> Vec<String> {
    let (verdict, findings) = (&call.verdict, &call.findings);
    let mut told: Vec<String> = Vec::new();
    // That nothing was found is a verdict without a finding.
    if findings.iter().all(|finding| finding.rule != verdict.rule) {
        let (party, to_act) = (verdict.party.label(), verdict.to_act.label());
        let (rule, certainty) = (&verdict.rule, verdict.certainty.word());
        told.push(format!("**`{rule}`** ({party}; {to_act}; {certainty})"));
    }
    for finding in findings {
        let mark = if finding.rule == verdict.rule {
            "**"
        } else {
            ""
        };
        let causes: Vec<String> = findings
            .iter()
            .filter(|other| other.explains.contains(&finding.rule))
            .map(|other| format!("`{}`", other.rule))
            .collect();
        let follows = match causes.as_slice() {
            [] => String::new(),
            causes => format!(", a consequence of {}", causes.join(" and ")),
        };
        told.push(format!(
            "{mark}`{}`{mark} ({}; {}; {}){follows}",
            finding.rule,
            finding.party.label(),
            finding.to_act.label(),
            finding.certainty.word()
        ));
    }
    told
}

/// What a good engineer would look for and no rule does, because what it takes is in nothing that is read.
const NOT_CHECKED: &[(&str, &str)] = &[
    (
        "A media zone that is farther away than another (V29)",
        "The platform lists its zones by name and short location, without coordinates, and no row says which zone a call \
         went through or how far another one would have been. poor-quality-reported names a long way and asks for a \
         nearer zone; it does not say that there is one.",
    ),
    (
        "Fax tones without a change to T.38 (V26)",
        "The tones are sound, and sound is not decoded; events are counted, and which they were is not kept, since they \
         may be digits of a card. Two offers of T.38 that cross are told by reinvite-crossed, a refused one by fax-refused.",
    ),
    (
        "Devices and versions that are known to be bad (H15)",
        "No source that this catalogue rests on names one, so that the table is empty as built in; known-bad-agent speaks \
         of what an operator adds to it.",
    ),
    (
        "A caller ID that is not the customer's (F8) on a call that nobody refused",
        "The platform tells of one number at a time who may use it, and patterns of its lists are not given: asking for \
         each call would take its API away from the rest. Where a refusal may be about the caller ID it is asked, and \
         caller-id-not-own or refused-in-log tells what it has.",
    ),
    (
        "What was usual before: the same weekday and hour of past weeks (A1 to A8)",
        "`patterns` has no memory and compares within the calls at hand, as each of its pages says. Watches have one: they \
         keep the figures of each hour for four weeks, compare with them once there is enough, and post what is unusual \
         (docs/incidents.md).",
    ),
];

fn page_of(rule: &Rule, found_in: &[&str]) -> String {
    let mut page = format!(
        "# {}\n\nFamily: {}. Weight: {}.\n\n",
        rule.id,
        rule.family,
        rule.severity.word()
    );
    let sections = [
        ("What it finds", rule.finds),
        ("Why it matters", rule.matters),
        ("What to do", rule.remedy),
        ("When it is silent", rule.silent),
        ("Source", rule.source),
    ];
    for (name, text) in sections {
        let _ = write!(page, "## {name}\n\n{text}\n\n");
    }
    if !rule.explains.is_empty() {
        page.push_str(
            "## What it explains\n\nFindings of these rules are only consequences of it:\n\n",
        );
        for id in rule.explains {
            let _ = writeln!(page, "- [{id}]({id}.md)");
        }
        page.push('\n');
    }
    if !rule.limits.is_empty() {
        page.push_str(
            "## Limits\n\nSet otherwise under `[rules] limits` in the configuration.\n\n",
        );
        page.push_str("| Key | What it limits | Unless set |\n|---|---|---|\n");
        for limit in rule.limits {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                limit.key, limit.what, limit.default
            );
        }
        page.push('\n');
    }
    if matches!(rule.check, Check::Calls(_)) {
        page.push_str("It looks at many calls together: `calltriage patterns`.\n");
        return page;
    }
    page.push_str("## Where it speaks\n\n");
    if found_in.is_empty() {
        page.push_str("In no example capture and in no scenario; its own tests show it.\n");
    }
    for evidence in found_in {
        let _ = writeln!(page, "- {evidence}");
    }
    page
}

#[test]
fn every_rule_has_its_page_and_the_golden_table_is_fresh() {
    let judged = judged();
    let mut found_in: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut golden = String::from(
        "# The golden table\n\nEverything that the rules find in every example capture and every scenario: a change of \
         a rule shows here what it does elsewhere. The verdict is in bold; what is only a consequence of something \
         else that was found says of what. Made by `UPDATE_DOCS=1 cargo test docs::`.\n\n\
         | Evidence | Findings: rule (cause; to act; certainty) |\n|---|---|\n",
    );
    for one in &judged {
        for finding in &one.call.findings {
            let rule = rules::find(&finding.rule).unwrap();
            let places = found_in.entry(rule.id).or_default();
            if places.last() != Some(&one.evidence.as_str()) {
                places.push(&one.evidence);
            }
        }
        let told = told(&one.call);
        let _ = writeln!(golden, "| {} | {} |", cell(&one.evidence), told.join(", "));
    }
    let none = Vec::new();
    let places = |rule: &Rule| found_in.get(rule.id).unwrap_or(&none);
    let silent: Vec<String> = rules::all()
        .filter(|rule| matches!(rule.check, Check::Call(_)) && places(rule).is_empty())
        .map(|rule| format!("`{}`", rule.id))
        .collect();
    let _ = write!(
        golden,
        "\nRules that find nothing in any of these, and have only their own tests: {}.\n",
        silent.join(", ")
    );
    check("golden.md", &golden);

    let mut contents = format!(
        "# The rules\n\nThe {} rules of the catalogue, from their declarations in `src/diagnosis/rules/`; each has a \
         page. Made by `UPDATE_DOCS=1 cargo test docs::`.\n",
        rules::all().count()
    );
    let mut family = "";
    for rule in rules::all() {
        if rule.family != family {
            family = rule.family;
            let _ = write!(
                contents,
                "\n## {family}\n\n| Rule | Weight | What it finds |\n|---|---|---|\n"
            );
        }
        let _ = writeln!(
            contents,
            "| [{}](rules/{}.md) | {} | {} |",
            rule.id,
            rule.id,
            rule.severity.word(),
            cell(rule.finds)
        );
        check(
            &format!("rules/{}.md", rule.id),
            &page_of(rule, places(rule)),
        );
    }
    contents.push_str(
        "\n## Not checked, and why\n\n| What a rule would look for | Why none does |\n|---|---|\n",
    );
    for (what, why) in NOT_CHECKED {
        let _ = writeln!(contents, "| {what} | {why} |");
    }
    check("rules.md", &contents);
}

#[test]
fn no_page_is_left_of_a_rule_that_is_gone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let id = name.strip_suffix(".md").unwrap();
        assert!(rules::find(id).is_some(), "docs/rules/{name} is of no rule");
    }
}
