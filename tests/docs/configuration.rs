//! The page of all settings, made from the annotated file: its words are the page's, its keys the page's tables.

use std::fmt::Write as _;

use calltriage::config::EMBEDDED;

use super::check;

/// What a line of the file is.
enum Line<'a> {
    /// A section begins; its header.
    Header(&'a str),
    /// A key with its default or an example, and whether it is switched on.
    Key(&'a str, bool),
    /// Words for people; what is set in stands on a line of its own.
    Words(String),
    /// The end of a paragraph.
    Empty,
}

fn line(line: &str) -> Line<'_> {
    let off = line.strip_prefix('#').filter(|it| !it.starts_with(' '));
    let text = off.unwrap_or(line);
    match text {
        "" => Line::Empty,
        _ if text.starts_with('[') => Line::Header(text),
        _ if text.starts_with('#') => {
            let said = text.trim_start_matches('#').trim();
            // Set in by a little: one of several; by much: the rest of the line before.
            let is_item = text.starts_with("#  ") && !text.starts_with("#        ");
            Line::Words(match is_item {
                true => format!("\n  - {said}"),
                false => said.to_owned(),
            })
        }
        _ => Line::Key(text, off.is_none()),
    }
}

fn joined(words: &[String]) -> String {
    let said = words.join(" ").replace(" \n", "\n");
    said.replace('<', "&lt;")
}

#[test]
fn the_page_of_settings_is_fresh() {
    let mut page = String::from(
        "# Configuration\n\nEvery key there is, made from `config/calltriage.toml` by `UPDATE_DOCS=1 cargo test docs::`. \
         `calltriage init` writes a first file, `calltriage check-config --config FILE` says what is wrong in one. A \
         value that is marked \"example\" is no default: the key is off until it is written.\n\n",
    );
    let mut words: Vec<String> = Vec::new();
    let told = |page: &mut String, words: &mut Vec<String>| {
        if !words.is_empty() {
            writeln!(page, "{}\n", joined(words)).unwrap();
            words.clear();
        }
    };
    let mut headers: Vec<&str> = Vec::new();
    for text in EMBEDDED.lines() {
        match line(text) {
            Line::Words(more) => words.push(more),
            Line::Empty => told(&mut page, &mut words),
            Line::Header(header) => {
                let nth = headers.iter().filter(|it| **it == header).count();
                headers.push(header);
                let again = if nth > 0 {
                    format!(" ({})", nth + 1)
                } else {
                    String::new()
                };
                writeln!(page, "## {header}{again}\n").unwrap();
                told(&mut page, &mut words);
            }
            Line::Key(key, is_on) => {
                let (name, value) = key.split_once(" = ").unwrap();
                let said = joined(&words);
                words.clear();
                let is = if is_on { "default" } else { "example" };
                let gap = if said.is_empty() { "" } else { " " };
                writeln!(page, "- **`{name}`**, {is} `{value}`.{gap}{said}\n").unwrap();
            }
        }
    }
    told(&mut page, &mut words);
    check(
        "configuration.md",
        page.trim_end_matches('\n').to_owned().as_str(),
    );
}
