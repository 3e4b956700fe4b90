//! Pages that are made from the program: fresh, or the test says how to make them anew.

use std::fmt::Write as _;
use std::path::Path;

use calltriage::diagnosis::rules;

use crate::{examples, scenarios};

mod book;
mod catalogue;
mod configuration;
mod dashboard;
pub mod dialogue;
mod first;
mod formats;
mod knowledge;
mod links;
mod metrics;
mod parity;

/// Compares a page with what it should be; with `UPDATE_DOCS` set, writes it instead.
pub fn check(page: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{page} is stale: run `UPDATE_DOCS=1 cargo test docs::`"
    );
}

/// A cell of a table: on one line, and no bar ends it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn the_page_of_examples_is_fresh() {
    let mut page = String::from(
        "# The example captures\n\nReal recordings of calls between SIPp and baresip through a \
         Kamailio that hides topology (`examples/README.md` says how they were made). What truly \
         happened is known from how each was made; what calltriage said was said of the capture \
         alone, without any configuration. Made by `UPDATE_DOCS=1 cargo test docs::`.\n\n\
         | Capture | What truly happened | What calltriage said |\n|---|---|---|\n",
    );
    for example in examples::all() {
        let investigation = examples::investigate(&example);
        let call = &investigation.calls[0];
        let verdict = &call.verdict;
        let others: Vec<String> = call
            .findings
            .iter()
            .filter(|finding| finding.rule != verdict.rule)
            .map(|finding| format!("`{}`", finding.rule))
            .collect();
        let also = if others.is_empty() {
            String::new()
        } else {
            format!(" Also: {}.", others.join(", "))
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | **{}**, to act: {}; fact {}, cause {}. `{}`: {}{} |",
            example.name,
            cell(&format!("{}: {}", example.title, example.happened)),
            verdict.party.label(),
            verdict.to_act.label(),
            verdict.fact_certainty.word(),
            verdict.certainty.word(),
            verdict.rule,
            cell(&verdict.summary),
            also,
        );
    }
    check("examples.md", &page);
}

#[test]
fn the_page_of_scenarios_is_fresh() {
    let mut page = String::from(
        "# Scenarios\n\nCalls that go wrong, each on a platform that serves its log, its messages and its \
         lists over HTTP, and what calltriage says of them. The letters are those of the symptoms \
         (`calltriage explain`). Made by `UPDATE_DOCS=1 cargo test docs::`.\n",
    );
    for (group, table) in scenarios::GROUPS {
        let _ = writeln!(
            page,
            "\n## {group}\n\n| Row | What is the matter | Verdict | Cause | To act | Certainty | First next \
             action |\n|---|---|---|---|---|---|---|"
        );
        for (scenario, investigation) in scenarios::played(table) {
            let verdict = &scenarios::diagnosis(&investigation).verdict;
            let _ = writeln!(
                page,
                "| {} | {} | `{}` | {} | {} | {} | {} |",
                cell(scenario.row),
                cell(scenario.title),
                verdict.rule,
                verdict.party.label(),
                verdict.to_act.label(),
                verdict.certainty.word(),
                cell(verdict.next.first().map_or("", String::as_str)),
            );
        }
    }
    check("scenarios.md", &page);
}

#[test]
fn every_rule_is_whole_and_explains_rules_that_there_are() {
    let mut ids: Vec<&str> = Vec::new();
    for rule in rules::all() {
        let is_kebab = rule
            .id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit());
        assert!(is_kebab, "{} is not in kebab-case", rule.id);
        assert!(!ids.contains(&rule.id), "{} stands twice", rule.id);
        ids.push(rule.id);
        for text in [rule.finds, rule.matters, rule.remedy, rule.silent] {
            assert!(text.ends_with('.'), "{}: {text:?} is no sentence", rule.id);
        }
        assert!(!rule.source.is_empty(), "{} has no source", rule.id);
        for limit in rule.limits {
            let name = limit
                .key
                .strip_prefix(rule.id)
                .and_then(|it| it.strip_prefix('.'));
            assert!(name.is_some(), "{} is no limit of {}", limit.key, rule.id);
        }
        for other in rule.explains {
            assert!(
                rules::find(other).is_some(),
                "{} explains {other}, which is no rule",
                rule.id
            );
        }
    }
    let declared = declarations(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/diagnosis/rules")
            .as_path(),
    );
    assert_eq!(declared, ids.len(), "a declared rule is not registered");
}

/// Findings that explained each other would leave no verdict.
#[test]
fn no_rules_explain_each_other_in_a_circle() {
    fn leads_to(from: &str, to: &str, seen: &mut Vec<&'static str>) -> bool {
        let explains = rules::find(from).map_or(&[][..], |rule| rule.explains);
        explains.iter().any(|id| {
            let is_new = !seen.contains(id);
            seen.push(id);
            *id == to || (is_new && leads_to(id, to, seen))
        })
    }
    for rule in rules::all() {
        let in_a_circle = leads_to(rule.id, rule.id, &mut Vec::new());
        assert!(!in_a_circle, "{} explains itself in the end", rule.id);
    }
}

/// How many rules the sources declare.
fn declarations(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| match path.is_dir() {
            true => declarations(&path),
            false => {
                let text = std::fs::read_to_string(&path).unwrap();
                text.lines()
                    .filter(|line| line.contains("static ") && line.ends_with(": Rule = Rule {"))
                    .count()
            }
        })
        .sum()
}
