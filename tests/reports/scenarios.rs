//! The reports of every scenario for every reader: they stand letter by letter in `tests/golden/reports`, a file a group,
//! and what support asks of a report is held of all.

use std::path::Path;

use calltriage::call::{Context, Reading, parse};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::report::attachments::{File, files};
use calltriage::report::template::{Beside, Templates, Written};
use calltriage::report::{Audience, Basis, Counted, Material, Report, Statement, Told, compose};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::scenarios::{self, GROUPS, Scenario};
use crate::support::connexcs::NOW;

/// What a report of this scenario is for each reader.
async fn reports(scenario: &Scenario) -> Vec<(Report, String)> {
    let now = Timestamp::from_second(NOW).unwrap();
    let fake = scenarios::platform(scenario).await;
    let investigator = scenarios::investigator(scenario, &fake);
    let query = match parse(scenario.ask, &Context::new(now, TimeZone::UTC)) {
        Reading::Query(query) => query,
        other => panic!("{}: {other:?}", scenario.row),
    };
    let id = "id".to_owned();
    let done = investigator.investigate(id, scenario.ask, &query, now, &unwatched);
    let done = done.await;
    let seen = done.evidence.calls(&[]);
    let calls = done.investigation.calls.iter();
    let material = Material {
        investigation: &done.investigation,
        calls: calls
            .map(|it| Told {
                diagnosis: it,
                known: it.find_in(&seen),
                is_named: false,
            })
            .collect(),
        common: None,
        counted: &Counted::default(),
        pair: None,
        lost: &[],
        observed: &done.evidence.observed,
        peers: investigator.peers(),
    };
    let templates = Templates::built_in().unwrap();
    let mut reports = Vec::new();
    for audience in Audience::ALL {
        let (report, screen) = match compose(&material, audience, None, now) {
            Ok(composed) => composed,
            // Who had no part in a call gets no report of it.
            Err(why) => {
                let is_strange = why.contains("had a part in") && audience == Audience::Carrier;
                let is_lost = why.contains("This call was not found");
                assert!(is_strange || is_lost, "{}: {why}", scenario.row);
                continue;
            }
        };
        let files = files(&material, &report, &screen, None, u64::MAX);
        let beside = Beside {
            attachments: files.iter().map(|it| it.name.clone()).collect(),
            ..Beside::default()
        };
        let text = templates
            .render(&report, Written::Text, &beside, now)
            .unwrap();
        ladder_is_its_readers(scenario, &report, &files);
        reports.push((report, text));
    }
    reports
}

/// What is drawn for somebody outside is drawn between "we" and "you", and for a customer without an address.
fn ladder_is_its_readers(scenario: &Scenario, report: &Report, files: &[File]) {
    let Some(ladder) = files.iter().find(|it| it.name == "ladder-1.txt") else {
        return;
    };
    let ladder = String::from_utf8(ladder.bytes.clone()).unwrap();
    let head = ladder.lines().next().unwrap();
    if report.audience != Audience::Platform {
        let names: Vec<&str> = head.split_whitespace().collect();
        assert!(
            names.contains(&"we") && names.contains(&"you"),
            "{}: {ladder}",
            scenario.row
        );
    }
    if report.audience == Audience::Customer {
        let is_address = |word: &str| word.parse::<std::net::IpAddr>().is_ok();
        let mut words = ladder.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        assert!(!words.any(is_address), "{}: {ladder}", scenario.row);
    }
}

fn statements(report: &Report) -> Vec<&Statement> {
    let lists = [
        &report.times,
        &report.observations,
        &report.assumptions,
        &report.steps,
        &report.not_checked,
        &report.common,
    ];
    lists
        .into_iter()
        .flatten()
        .chain([&report.symptom])
        .collect()
}

/// What is wrong with a report, as who gets it would say.
fn wrong(scenario: &Scenario, report: &Report, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut hold = |is_so: bool, what: &str| {
        if !is_so {
            wrong.push(format!(
                "{} for {}: {what}",
                scenario.row,
                report.audience.word()
            ));
        }
    };
    let subject = report.full_subject();
    hold(
        !subject.contains("please check"),
        "the subject says nothing",
    );
    hold(subject.len() > 15, "the subject says nothing");
    hold(!subject.contains("  "), "the subject has a hole in it");
    hold(report.calls.len() <= 5, "too many examples");
    hold(!report.symptom.text.is_empty(), "no symptom");
    hold(!text.contains("\n\n\n\n"), "the text has holes in it");
    for statement in statements(report) {
        hold(!statement.text.is_empty(), "an empty sentence");
        hold(
            statement.rests_on != Basis::Words,
            "a sentence that rests on nothing",
        );
        hold(
            statement.rests_on != Basis::Reporter,
            "a sentence of a reporter who said nothing",
        );
    }
    match report.audience {
        Audience::Platform => {
            hold(
                report.severity().level.word() >= "P3",
                "critical without anybody's word",
            );
            hold(!report.observations.is_empty(), "nothing was observed");
            for heading in [
                "Category:",
                "Severity:",
                "SYMPTOM",
                "WHEN",
                "OBSERVATIONS",
                "ASSUMPTIONS",
                "STEPS TAKEN",
                "NOT CHECKED",
                "FAILING AND GOOD CALL",
                "COMMON TO FAILING CALLS",
                "REPLICATION",
                "ATTACHMENTS",
                "Contact:",
            ] {
                hold(text.contains(heading), heading);
            }
            let assumed: Vec<&str> = report
                .assumptions
                .iter()
                .map(|it| it.text.as_str())
                .collect();
            let observed = report.observations.iter().map(|it| it.text.as_str());
            hold(
                observed.clone().all(|it| !assumed.contains(&it)),
                "an assumption among the facts",
            );
        }
        Audience::Carrier => {
            hold(
                report.assumptions.is_empty(),
                "a carrier is told what we assume",
            );
            let lower = text.to_lowercase();
            for word in [
                "certain",
                "likely",
                "possibly",
                "probably",
                "acme",
                "customer",
                "our configuration",
            ] {
                hold(!lower.contains(word), word);
            }
        }
        Audience::Customer => {
            let lower = text.to_lowercase();
            for word in ["exampletel", "muster telecom", "203.0.113.9"] {
                hold(!lower.contains(word), word);
            }
            // Words of who reads traces and sets up routes.
            for word in [
                "ACK",
                "BYE",
                "INVITE",
                "REGISTER",
                "OPTIONS",
                "Record-Route",
                "2xx",
                "NAT",
                "RFC",
                "route",
                "imulate",
                "another carrier",
                "capture",
            ] {
                hold(!text.contains(word), word);
            }
            hold(
                !(text.contains("not known") && text.contains("Nothing to do")),
                "nothing to do about what is not known",
            );
        }
    }
    wrong
}

/// A text without the ports of fakes, which differ from run to run.
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        kept.push_str("127.0.0.1");
        kept.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    kept
}

/// The name of a group's file.
fn file_of(group: &str) -> String {
    let plain: String = group
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<String> = plain.split_whitespace().map(str::to_lowercase).collect();
    format!("{}.txt", words.join("-"))
}

#[test]
fn every_report_letter_by_letter_and_with_all_that_its_reader_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/reports");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut found, mut different, mut count) = (Vec::new(), Vec::new(), 0);
    for (group, scenarios) in GROUPS {
        let mut page = String::new();
        for scenario in *scenarios {
            for (report, text) in runtime.block_on(reports(scenario)) {
                found.extend(wrong(scenario, &report, &text));
                let (row, title, reader) = (scenario.row, scenario.title, report.audience.word());
                page.push_str(&format!(
                    "######## {row}: {title} | for {reader}\n{}\n\n",
                    without_ports(text.trim_end())
                ));
                count += 1;
            }
        }
        let path = folder.join(file_of(group));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &page).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != page {
            different.push(path.display().to_string());
        }
    }
    found.sort();
    found.dedup();
    let many = found.len();
    assert!(found.is_empty(), "{many} things:\n{}", found.join("\n"));
    assert!(count > 400, "{count} reports");
    let hint = "run with UPDATE_GOLDEN=1 and read";
    assert!(different.is_empty(), "{hint}: {different:?}");
}
