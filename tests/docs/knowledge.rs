//! The page of what is known: every table, as the program has it.

use std::fmt::Write as _;

use calltriage::diagnosis::party::{Direction, Party, of_release};
use calltriage::knowledge::{Knowledge, Lifetime, Match, Matched, Reason, Released, Routing};

use super::{cell, check};

const HEAD: &str = r#"# What is known

The tables that verdicts, rules and `explain` read: `config/knowledge/`, whose files say what each key means. Made by
`UPDATE_DOCS=1 cargo test docs::`.

A text is compared without case, punctuation and blanks. A word of five letters and more may have one slip behind its
first letter, a text two; shorter words must be the same. Where several entries fit, the one that takes in most of the
text counts. A text that no table has is shown as it is.

Parties are said for an outbound call, the likeliest first: the customer sends the call in, the carrier takes it. On an
inbound call they change places. Only symptoms have a direction of their own.

## Entries of your own

```toml
# calltriage.toml
[knowledge]
files = ["knowledge.toml"]
```

```toml
# knowledge.toml: any of the sections of config/knowledge, as often as needed
[[reasons]]
text = "Tenant suspended"
codes = [503]
platform_only = true        # only our platform writes it, so an answer with it is the platform's
parties = ["configuration"]
meaning = "The tenant is suspended."
next = ["Look at its open invoices."]
```

An entry about the same thing (text, code, id, name) as an earlier one replaces it whole. What is wrong with a file is
said with line and key, and nothing starts until it is right.
"#;

#[test]
fn the_page_of_what_is_known_is_fresh() {
    let known = Knowledge::built_in();
    let mut page = HEAD.to_owned();
    reasons(&mut page, known);
    releases(&mut page, known);
    fail_over(&mut page, known);
    timers(&mut page, known);
    lifetimes(&mut page, known);
    symptoms(&mut page, known);
    agents(&mut page, known);
    standards(&mut page, known);
    check("knowledge.md", &page);
}

/// The example on the page is one that is read, and does what the page says.
#[test]
fn the_example_on_the_page_is_read() {
    let start = HEAD.find("# knowledge.toml").unwrap();
    let end = HEAD[start..].find("```").unwrap() + start;
    let known = Knowledge::built_in()
        .clone()
        .with(&HEAD[start..end])
        .unwrap();
    let found: Match<'_, Reason> = known.platform_reason("Tenant Suspended").unwrap();
    assert_eq!(found.matched, Matched::Exact);
    assert_eq!(found.entry.next, ["Look at its open invoices."]);
}

fn section(page: &mut String, title: &str, intro: &str, columns: &[&str]) {
    let rule = vec!["---"; columns.len()].join("|");
    let _ = writeln!(page, "\n## {title}\n");
    if !intro.is_empty() {
        let _ = writeln!(page, "{intro}\n");
    }
    let _ = writeln!(page, "| {} |\n|{rule}|", columns.join(" | "));
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn labels(parties: &[Party]) -> String {
    let labels: Vec<&str> = parties.iter().map(|party| party.label()).collect();
    labels.join(", ")
}

fn codes(codes: &[u16]) -> String {
    let codes: Vec<String> = codes.iter().map(u16::to_string).collect();
    codes.join(", ")
}

fn reasons(page: &mut String, known: &Knowledge) {
    section(
        page,
        "Reason texts of the platform",
        "Text first, code second: the codes only inform. A text in bold is written by no other software: an answer \
         with it was made by the platform.",
        &["Text", "Codes", "Parties", "Meaning", "What to do"],
    );
    for reason in known.reasons() {
        let text = match reason.platform_only {
            true => format!("**{}**", reason.text),
            false => reason.text.clone(),
        };
        let next = reason.next.join(" ");
        let parties = labels(&reason.parties);
        row(
            page,
            &[
                &text,
                &codes(&reason.codes),
                &parties,
                &reason.meaning,
                &next,
            ],
        );
    }
    section(
        page,
        "Codes of the platform without a known text",
        "",
        &["Code", "Parties", "Meaning", "What to do"],
    );
    for code in known.platform_codes() {
        let (number, next) = (code.code.to_string(), code.next.join(" "));
        row(
            page,
            &[&number, &labels(&code.parties), &code.meaning, &next],
        );
    }
}

fn releases(page: &mut String, known: &Knowledge) {
    section(
        page,
        "Release reasons",
        "How the platform says an answered call ended. Found anywhere in what it writes. Upstream is the side that \
         is called, downstream the one that calls: on an inbound call the carrier is downstream.",
        &[
            "Reason",
            "Parties, outbound",
            "Parties, inbound",
            "Meaning",
            "What to do",
        ],
    );
    for entry in known.releases() {
        let released: Released<'_> = known.release(&entry.text).unwrap();
        let parties = |direction| labels(&of_release(&released, direction));
        let (outbound, inbound) = (parties(Direction::Outbound), parties(Direction::Inbound));
        let next = entry.next.join(" ");
        row(
            page,
            &[&entry.text, &outbound, &inbound, &entry.meaning, &next],
        );
    }
}

fn fail_over(page: &mut String, known: &Knowledge) {
    section(
        page,
        "Fail-over",
        "What the platform does with a carrier's answer, unless somebody set it otherwise.",
        &[
            "Codes",
            "Routing",
            "The caller is told",
            "Meaning",
            "What to do",
        ],
    );
    for entry in known.fail_overs() {
        let codes = match entry.first == entry.last {
            true => entry.first.to_string(),
            false => format!("{} to {}", entry.first, entry.last),
        };
        let routing = match entry.routing {
            Routing::Stops => "stops",
            Routing::GoesOn => "goes on",
        };
        let told = entry.told.map_or(String::new(), |code| code.to_string());
        row(
            page,
            &[
                &codes,
                routing,
                &told,
                &entry.meaning,
                &entry.next.join(" "),
            ],
        );
    }
    section(
        page,
        "Fail-over to another address of the same carrier",
        "",
        &["After", "Tried"],
    );
    for entry in known.gateway_fail_overs() {
        row(
            page,
            &[&entry.event, if entry.tried { "yes" } else { "no" }],
        );
    }
}

fn timers(page: &mut String, known: &Knowledge) {
    section(
        page,
        "Timers",
        "",
        &["Timer", "Default", "Recommended", "Note", "Source"],
    );
    for timer in known.timers() {
        let names = [vec![timer.name.clone()], timer.also.clone()]
            .concat()
            .join(", ");
        let default = timer.default.map_or(String::new(), |it| format!("{it} s"));
        let recommended = timer.recommended.clone().unwrap_or_default();
        row(
            page,
            &[&names, &default, &recommended, &timer.note, &timer.source],
        );
    }
    section(
        page,
        "Waits",
        "How long a change takes until it counts.",
        &["Change", "Seconds"],
    );
    for wait in known.waits() {
        row(page, &[&wait.change, &wait.seconds.to_string()]);
    }
}

fn lifetimes(page: &mut String, known: &Knowledge) {
    section(
        page,
        "How long an answered call lasted",
        "Within 2 s for lives below 60 s, within 5 s from there on. A life that fits is a guess until the trace shows \
         the proof.",
        &["Life", "Cause", "Proof", "Parties", "What to do", "Source"],
    );
    for entry in known.lifetimes() {
        let (parties, next) = (labels(&entry.parties), entry.next.join(" "));
        let cells = [
            &life(entry),
            &entry.cause,
            &entry.proof,
            &parties,
            &next,
            &entry.source,
        ];
        row(page, &cells.map(String::as_str));
    }
}

fn life(entry: &Lifetime) -> String {
    let at: Vec<String> = entry.at.iter().map(u32::to_string).collect();
    match (entry.least, entry.most, entry.every) {
        (Some(least), Some(most), _) if least == most => format!("{least} s"),
        (Some(least), Some(most), _) => format!("{least} to {most} s"),
        (_, _, Some(every)) => format!("every multiple of {every} s"),
        _ if !at.is_empty() => format!("{} s", at.join(" or ")),
        _ => "any".to_owned(),
    }
}

fn symptoms(page: &mut String, known: &Knowledge) {
    section(
        page,
        "What a trace with both legs looks like",
        "C is the customer's side, X the platform, P the carrier's side.",
        &["What is seen", "Where it failed", "Parties"],
    );
    for picture in known.pictures() {
        row(
            page,
            &[&picture.picture, &picture.stage, &labels(&picture.parties)],
        );
    }
    let mut title = "";
    for symptom in known.symptoms() {
        if symptom.symptom != title {
            title = &symptom.symptom;
            let heading = format!("Symptom: {title}");
            section(
                page,
                &heading,
                "",
                &["Id", "What is seen", "Parties", "What to do"],
            );
        }
        let (parties, next) = (labels(&symptom.parties), symptom.next.join(" "));
        row(page, &[&symptom.id, &symptom.evidence, &parties, &next]);
    }
}

fn agents(page: &mut String, known: &Knowledge) {
    section(
        page,
        "Devices with known faults",
        "None is built in: no source that this program rests on names one. Entries are added as above, headed \
         `[[agents]]`, with `agent` (how its User-Agent or Server begins), `meaning`, `next` and `source`.",
        &["Agent", "Meaning", "What to do", "Source"],
    );
    for it in known.agents() {
        row(
            page,
            &[&it.agent, &it.meaning, &it.next.join(" "), &it.source],
        );
    }
}

fn standards(page: &mut String, known: &Knowledge) {
    section(
        page,
        "SIP response codes",
        "",
        &["Code", "Phrase", "Meaning", "What to do", "Source"],
    );
    for code in known.sip_codes() {
        row(
            page,
            &[
                &code.code.to_string(),
                &code.phrase,
                &code.meaning,
                &code.next,
                &code.reference,
            ],
        );
    }
    section(
        page,
        "Q.850 causes",
        "",
        &[
            "Cause",
            "Name",
            "Meaning",
            "SIP code",
            "Where to look first",
        ],
    );
    for cause in known.causes() {
        let sip = cause.sip.map_or(String::new(), |code| code.to_string());
        let number = cause.cause.to_string();
        row(
            page,
            &[&number, &cause.name, &cause.meaning, &sip, &cause.side],
        );
    }
}
