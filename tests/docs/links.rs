//! Links between pages: each leads to a file that is there, and to a heading in it; the book's contents name every page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages for people: those of `docs/`, and those at the top.
fn pages() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|it| it == "md") {
                found.push(path);
            }
        }
    }
    let mut found: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        .map(|it| root().join(it))
        .into();
    below(&root().join("docs"), &mut found);
    found.sort();
    found
}

/// The lines of a page that are not code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            return false;
        }
        !in_code
    })
}

/// What the links of a page lead to.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        // Code within a line holds no link.
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for part in plain.split("](").skip(1) {
            found.extend(part.split(')').next().map(str::to_owned));
        }
    }
    found
}

/// The name of a heading as a link writes it, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut dead = Vec::new();
    let mut checked = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let name = page.strip_prefix(root()).unwrap().display();
            let Ok(about) = target.metadata() else {
                dead.push(format!("{name}: {link}"));
                continue;
            };
            if !heading.is_empty() && about.is_file() {
                let there = std::fs::read_to_string(&target).unwrap();
                if !anchors(&there).contains(heading) {
                    dead.push(format!("{name}: {link} (no such heading)"));
                }
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
    assert!(checked > 50, "{checked}");
}

#[test]
fn the_contents_of_the_book_name_every_page_once() {
    let docs = root().join("docs");
    let contents = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let named: Vec<String> = links(&contents);
    let mut once: Vec<&String> = named.iter().collect();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), named.len(), "a page is named twice");
    let mut missing = Vec::new();
    for page in pages() {
        let Ok(name) = page.strip_prefix(&docs) else {
            continue;
        };
        let name = name.to_str().unwrap().to_owned();
        if name != "SUMMARY.md" && !named.contains(&name) {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "docs/SUMMARY.md lacks these");
}
